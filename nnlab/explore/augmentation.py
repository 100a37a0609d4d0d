"""Explorer of chapter 10: one picture, and twelve that torchvision's transforms make of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .. import plots
from ..datasets import emoji, mnist, trained_cnn
from .controls import Choice, Slider, Toggle
from .explorer import Explorer, Goal
from .numbers import Raster

Array = NDArray[Any]
ROWS, COLUMNS, GAP = 3, 4, 2
DIGITS = {"six": 6, "two": 2, "eight": 8}
FACES = {"face": "grinning face", "rocket": "rocket"}


@cache
def _picture(name: str) -> Array:
    """(C, H, W) uint8: a test digit as ink on black, or an emoji. Turned by 180 degrees, this six is read as a nine."""
    if name in DIGITS:
        images, labels = mnist("test")
        return images[labels == DIGITS[name]][28][None]
    pictures = emoji()
    return pictures.images[list(pictures.names).index(FACES[name])].transpose(2, 0, 1)


@dataclass
class Augmented:
    """The picture and its twelve variants, (12, C, H, W) from 0 to 1. For digits: what a trained network reads."""

    name: str
    picture: Array
    variants: Array
    reads: list[int]

    @property
    def label(self) -> int | None:
        return DIGITS.get(self.name)


def augment(
    picture: str, rotation: int, shift: int, zoom: int, flip: bool, erase: bool, noise: float, seed: int
) -> Augmented:
    """Twelve draws of torchvision.transforms.v2: rotation by up to +-`rotation` degrees, a shift by up to `shift` %, a
    zoom by up to `zoom` %, a flip of every second one, a patch erased, Gaussian noise of that standard deviation."""
    import torch  # here: it takes a second to import
    from torchvision.transforms import v2

    move = v2.RandomAffine(rotation, (shift / 100, shift / 100), (1 - zoom / 100, 1 + zoom / 100), fill=_paper(picture))
    steps: list[Any] = [v2.ToDtype(torch.float32, scale=True)]
    steps += [move] if rotation or shift or zoom else []
    steps += [v2.RandomHorizontalFlip(0.5)] if flip else []
    steps += [v2.RandomErasing(1.0, scale=(0.05, 0.2))] if erase else []
    steps += [v2.GaussianNoise(sigma=noise)] if noise else []
    original = torch.from_numpy(_picture(picture))
    with torch.random.fork_rng(devices=[]):  # nothing global is disturbed
        torch.manual_seed(seed)
        change = v2.Compose(steps)
        variants = torch.stack([change(original) for _ in range(ROWS * COLUMNS)]).numpy()
    reads = trained_cnn_reads(variants) if picture in DIGITS else []
    return Augmented(picture, _picture(picture) / 255, variants, reads)


def _paper(picture: str) -> float:
    """What lies outside: black round a digit, white round an emoji."""
    return 0.0 if picture in DIGITS else 1.0


@cache
def _network() -> Any:
    return trained_cnn()


def trained_cnn_reads(pictures: Array) -> list[int]:
    """The digits that the network of chapter 06 reads. It was trained without any augmentation."""
    return _network()(pictures.astype(np.float32)).argmax(axis=1).tolist()


def _tiles(d: Augmented) -> Array:
    """All twelve in one picture, (H, W, 3) from 0 to 1, digits as ink on paper."""
    pictures = np.repeat(d.variants, 3, axis=1) if d.variants.shape[1] == 1 else d.variants
    pictures = 1 - pictures if d.label is not None else pictures
    n = pictures.shape[-1] + GAP
    sheet = np.full((ROWS * n, COLUMNS * n, 3), 0.85)
    for k, one in enumerate(pictures.transpose(0, 2, 3, 1)):
        i, j = divmod(k, COLUMNS)
        sheet[i * n + 1 : (i + 1) * n - 1, j * n + 1 : (j + 1) * n - 1] = one
    return sheet


def _colours(picture: Array) -> Array:
    """(H, W, 3) from 0 to 1 as (H, W, 4) uint8."""
    opaque = np.ones((*picture.shape[:2], 1))
    return (255 * np.clip(np.concatenate([picture, opaque], axis=2), 0, 1)).astype(np.uint8)


class AugmentedView:
    """Left the picture, right its twelve variants; for digits, what a network reads in each."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 2.6])
        for ax in (left, right):
            ax.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
            ax.grid(False)
            ax.spines[:].set_visible(False)
        left.set(title="One picture", aspect="equal")
        right.set(title="Twelve that say the same, or do they?", aspect=ROWS / COLUMNS)
        self.one, self.twelve = Raster(left), Raster(right)
        self.reads = [
            right.text(
                (j + 0.06) / COLUMNS, 1 - (i + 0.06) / ROWS, "", va="top", weight="bold", fontsize=11, animated=True
            )
            for i in range(ROWS)
            for j in range(COLUMNS)
        ]
        self.note = left.text(0.5, -0.06, "", ha="center", va="top", fontsize=9.5, wrap=False, animated=True)

    def update(self, d: Augmented) -> None:
        one = np.repeat(d.picture, 3, axis=0) if len(d.picture) == 1 else d.picture
        self.one.show(_colours((1 - one if d.label is not None else one).transpose(1, 2, 0)), (0, 1, 0, 1))
        self.twelve.show(_colours(_tiles(d)), (0, 1, 0, 1))
        for k, text in enumerate(self.reads):
            text.set_text(str(d.reads[k]) if d.reads else "")
            text.set_color(plots.BLUE if d.reads and d.reads[k] == d.label else plots.VERMILLION)
        if d.reads:
            wrong = sum(read != d.label for read in d.reads)
            self.note.set_text(f"In the corners: what a trained\nnetwork reads. Wrong: {wrong} of {len(d.reads)}")
        else:
            self.note.set_text("A small change of place, size\nor light keeps the name.")


def augmentation_explorer() -> Explorer:
    """What random changes keep a picture's label, and which destroy it."""
    return Explorer(
        compute=augment,
        draw=AugmentedView,
        controls={
            "picture": Choice([*DIGITS, *FACES], label="picture"),
            "rotation": Slider(0, 180, 5, 15, label="rotation up to", unit="°"),
            "shift": Slider(0, 40, 2, 10, label="shift up to", unit="%"),
            "zoom": Slider(0, 50, 5, 0, label="zoom up to", unit="%"),
            "flip": Toggle(False, label="flip left and right"),
            "erase": Toggle(False, label="erase a patch"),
            "noise": Slider(0, 0.5, 0.05, 0, label="noise"),
            "seed": Slider(0, 9, 1, 0, label="seed"),
        },
        goal=Goal(
            "Go too far: rotate the six, and nothing else, until the network reads a nine in one of the twelve.",
            lambda d: d.label == 6 and 9 in d.reads,
            solution=dict(picture="six", rotation=180, shift=0),
        ),
        alt="One picture, and twelve random variants of it; above digits, what a trained network reads.",
    )
