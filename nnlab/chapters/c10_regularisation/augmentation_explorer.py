"""Explorer of chapter 10: what torchvision's random transforms make of a picture, and whether its label survives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab.datasets import emoji, mnist, trained_cnn
from nnlab.datasets.pictures import NAMES
from nnlab.explore.controls import Choice, Slider, Toggle
from nnlab.explore.explorer import Action, Explorer, Goal
from nnlab.scratch import CNN

Array = NDArray[Any]
COUNT, COLUMNS = 12, 6  # samples, in rows of six
GOAL_MISREAD = 3
DIGITS = {"6": 11, "9": 7, "2": 1, "0": 3}  # places among the test digits
EMOJI = {"face": "grinning face", "arrow": "black rightwards arrow"}


@cache
def _original(subject: str) -> Array:
    """A picture (C, H, W) float32 from 0 to 1: a digit (1, 28, 28), an emoji (3, 32, 32), a photograph (3, 64, 64)."""
    if subject in DIGITS:
        return (mnist("test")[0][DIGITS[subject]][None] / 255).astype(np.float32)
    if subject in EMOJI:
        found = emoji()
        return (found.images[found.names.index(EMOJI[subject])].transpose(2, 0, 1) / 255).astype(np.float32)
    from PIL import Image, ImageOps
    from sklearn.datasets import load_sample_image  # here, not above: it takes a second

    small = ImageOps.fit(Image.fromarray(load_sample_image(NAMES[subject])), (64, 64))  # the middle square
    return (np.asarray(small).transpose(2, 0, 1) / 255).astype(np.float32)


@cache
def _cnn() -> CNN:
    return trained_cnn()


def recipe(
    size: int, fill: float, rotation: int, shift: int, crop: int, flip: bool, erase: int, jitter: float, noise: float
) -> list[tuple[str, dict[str, Any]]]:
    """Names and arguments of the transforms that do something, in the order in which they act.

    rotation in degrees; shift, crop and erase in percent of the side, the area and the area."""
    from torchvision.transforms.v2 import InterpolationMode  # here, not above: torch takes two seconds

    steps: list[tuple[str, dict[str, Any]]] = []
    if rotation or shift:
        moved: dict[str, Any] = {"translate": (shift / 100, shift / 100)} if shift else {}
        smooth = {"interpolation": InterpolationMode.BILINEAR}  # its default, the nearest pixel, frays every line
        steps.append(("RandomAffine", {"degrees": rotation, **moved, **smooth, "fill": fill}))
    if crop:
        steps.append(("RandomResizedCrop", {"size": size, "scale": (1 - crop / 100, 1.0), "antialias": True}))
    if flip:
        steps.append(("RandomHorizontalFlip", {"p": 0.5}))
    if jitter:
        steps.append(("ColorJitter", {"brightness": jitter, "contrast": jitter, "saturation": jitter}))
    if noise:
        steps.append(("GaussianNoise", {"sigma": noise}))
    if erase:
        steps.append(("RandomErasing", {"p": 1.0, "scale": (0.02, erase / 100)}))
    return steps


def samples(picture: Array, steps: list[tuple[str, dict[str, Any]]], seed: int) -> Array:
    """Twelve random versions of a picture (C, H, W), as (12, C, H, W).

    torchvision draws from torch's own generator: it is seeded for each version, and afterwards put back as it was."""
    import torch
    from torchvision.transforms import v2

    chain = v2.Compose([getattr(v2, name)(**options) for name, options in steps] or [v2.Identity()])
    x, made = torch.from_numpy(picture), []
    with torch.random.fork_rng(devices=[]):
        for k in range(COUNT):
            torch.default_generator.manual_seed(COUNT * seed + k)  # only the CPU's; manual_seed seeds all devices
            made.append(chain(x).numpy())
    return np.clip(np.stack(made), 0, 1)


def warning(subject: str, rotation: int, crop: int, flip: bool, erase: int) -> str:
    """One sentence where the label would not be true of every sample, else ""."""
    if subject in ("6", "9") and rotation > 90:
        return f"Half a turn makes a 6 a 9: some of these would be taught as {subject} and are none."
    if subject == "arrow" and (flip or rotation >= 45):
        return "An arrow's label is its direction: some of these point elsewhere."
    if subject in DIGITS and subject != "0" and flip:
        return f"A mirrored {subject} is no digit: flip what may be seen from either side."
    if subject in DIGITS and subject != "0" and rotation > 90:
        return f"Nobody writes a {subject} upside down: the network would learn what it never meets."
    if crop > 60 or erase > 40:
        return "So much is gone that what the label names may be gone too."
    return ""


@dataclass
class AugmentedSamples:
    """A picture (C, H, W), twelve random versions of it, samples (12, C, H, W), the digits that a network predicts for
    them (digits only), and a warning where the label is not safe."""

    subject: str
    picture: Array
    samples: Array
    predicted: list[int]
    warning: str

    @property
    def misread(self) -> int:
        """How many samples the network takes for another digit."""
        return sum(str(digit) != self.subject for digit in self.predicted)


def augmented(
    subject: str, rotation: int, shift: int, crop: int, flip: bool, seed: int, **more: Any
) -> AugmentedSamples:
    """Make twelve samples, and let a network that was trained without any of this read the digits."""
    picture = _original(subject)
    fill = 1.0 if subject in EMOJI else 0.0  # what comes in from outside: the emoji's white paper, the digit's, black
    steps = recipe(picture.shape[-1], fill, rotation, shift, crop, flip, **more)
    made = samples(picture, steps, seed)
    predicted = [int(n) for n in _cnn()(made).argmax(axis=1)] if subject in DIGITS else []
    return AugmentedSamples(
        subject, picture.copy(), made, predicted, warning(subject, rotation, crop, flip, more["erase"])
    )


def torchvision_lines(values: dict[str, Any]) -> str:
    """The same transforms as lines of torchvision."""
    options = {name: value for name, value in values.items() if name not in ("subject", "seed")}
    fill = 1.0 if values["subject"] in EMOJI else 0.0
    steps = recipe(_original(values["subject"]).shape[-1], fill, **options)
    lines = [f"    v2.{name}({', '.join(f'{k}={_code(v)}' for k, v in given.items())})," for name, given in steps]
    return "\n".join(["from torchvision.transforms import v2", "", "augment = v2.Compose([", *lines, "])"])


def _code(value: Any) -> str:
    return f"v2.{value}" if str(value).startswith("Interpolation") else str(value)


def _pixels(picture: Array) -> Array:
    """(..., C, H, W) of 0 to 1 -> (..., H, W, 3) uint8; digits as dark ink on light paper."""
    values = 1 - picture if picture.shape[-3] == 1 else picture
    colours = np.repeat((255 * values + 0.5).astype(np.uint8), 3 // picture.shape[-3], axis=-3)
    return np.moveaxis(colours, -3, -1)


class AugmentedView:
    """Left the picture, right twelve samples with what the network reads in each; below, the warning."""

    LABEL_HEIGHT = 0.3  # below each sample, for what is read; in sides of a sample

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 4.2])
        for ax in (left, right):
            ax.set(xticks=[], yticks=[], aspect="equal")
            ax.grid(False)
            ax.spines[:].set_visible(False)
        left.set_title("One picture")
        right.set_title("Twelve for the price of one: is the label still true?")
        blank: Any = np.zeros((1, 1, 3), np.uint8)
        style: dict[str, Any] = dict(interpolation="nearest", animated=True)
        self.picture = left.imshow(blank, extent=(0, 1, 1, 0), **style)
        rows = COUNT // COLUMNS
        self.grid = right.imshow(blank, extent=(0, COLUMNS, rows * (1 + self.LABEL_HEIGHT), 0), **style)
        left.set_anchor("N")
        right.set_anchor("N")
        self.predicted = [
            right.text(k % COLUMNS + 0.45, (k // COLUMNS) * (1 + self.LABEL_HEIGHT) + 1.13, "", ha="center",
                       va="center", fontsize=9.5, weight="bold", animated=True)
            for k in range(COUNT)
        ]  # fmt: skip
        self.count = left.text(0, 1.2, "", va="top", fontsize=9, linespacing=1.5, animated=True)
        self.warning = figure.text(0.01, 0.03, "", color="#a34600", weight="bold", fontsize=9, animated=True)

    def update(self, d: AugmentedSamples) -> None:
        self.picture.set_data(_pixels(d.picture))
        side = d.picture.shape[-1]
        gap = round(side / 10)
        cell = np.full(
            (COUNT, round(side * (1 + self.LABEL_HEIGHT)), side + gap, 3), (253, 253, 251), np.uint8
        )  # plots.PAPER
        cell[:, :side, :side] = _pixels(d.samples)
        rows = cell.reshape(COUNT // COLUMNS, COLUMNS, *cell.shape[1:])
        self.grid.set_data(rows.swapaxes(1, 2).reshape(-1, COLUMNS * (side + gap), 3))
        for k, text in enumerate(self.predicted):
            label = str(d.predicted[k]) if d.predicted else ""
            text.set_text(label)
            text.set_color("#00664b" if label == d.subject else "#a34600")
        self.count.set_text(f"misread: {d.misread}" if d.predicted else "")
        self.warning.set_text(d.warning)


def augmentation_explorer() -> Explorer:
    """Twelve random versions of a digit, an emoji or a photograph, by torchvision.transforms.v2."""
    return Explorer(
        compute=augmented,
        draw=AugmentedView,
        controls={
            "subject": Choice([*DIGITS, *EMOJI, *NAMES], label="picture"),
            "rotation": Slider(0, 180, 5, 15, label="rotate by up to", unit="degrees"),
            "shift": Slider(0, 40, 5, 10, label="shift by up to", unit="% of side"),
            "crop": Slider(0, 80, 5, 0, label="crop away up to", unit="% of area"),
            "flip": Toggle(False, label="mirror half of them"),
            "erase": Slider(0, 60, 5, 0, label="erase up to", unit="% of area"),
            "jitter": Slider(0.0, 1.0, 0.1, 0.0, label="change colours by up to"),
            "noise": Slider(0.0, 0.5, 0.05, 0.0, label="noise"),
            "seed": Slider(0, 99, 1, 9, label="seed"),
        },
        presets={
            "for digits": dict(rotation=15, shift=10, crop=0, flip=False, erase=0, jitter=0.0, noise=0.0),
            "for photographs": dict(rotation=10, shift=0, crop=60, flip=True, erase=20, jitter=0.3, noise=0.0),
            "none": dict(rotation=0, shift=0, crop=0, flip=False, erase=0, jitter=0.0, noise=0.0),
        },
        goal=Goal(
            f"Rotate the 6 until the network reads at least {GOAL_MISREAD} of the twelve as a 9. "
            "Would you teach it that they are sixes?",
            lambda d: d.subject == "6" and d.predicted.count(9) >= GOAL_MISREAD,
            solution=dict(subject="6", rotation=180),
        ),
        actions={"PyTorch lines": Action(lambda e: torchvision_lines(e.values), "these transforms in torchvision")},
        size=(7.0, 2.9),
        alt="A picture and twelve random versions of it, with what a network reads in each, and a warning where the "
        "label is not safe.",
    )
