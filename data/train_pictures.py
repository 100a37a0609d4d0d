"""Train the networks of chapter 15, and write data/digits.npz and data/pictures.npz.

    python data/train_pictures.py digits     a CNN that reads more than 99.3% of MNIST's test digits (5 minutes, 1 core)
    python data/train_pictures.py ladder     eight steps on the emoji, three seeds each (6 minutes on one core)
    python data/train_pictures.py --check    measure the files that are here, train nothing

Every network keeps its best epoch by the loss on the validation part; the test part is read once, at the end. Another
processor rounds in a different order: accuracies come out about equal, the bytes need not.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from build import npz, write
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR
from torch.utils.data import Dataset
from torchvision.transforms import v2

from nnlab.datasets import digits_weights, emoji, mnist, picture_ladder
from nnlab.datasets.pictures import emoji_split
from nnlab.datasets.trained import DIGITS_CNN, PICTURES_VGG
from nnlab.pytorch import CNN, MLP, VGG, evaluate, tensors, train
from nnlab.pytorch.pictures import Augmented, Mixed, channel_statistics, mean_probabilities

Array = np.ndarray[Any, Any]
SEEDS = 3  # runs of each step
STEPS = ("linear", "normalised", "convolution", "augmentation", "smoothing, mixup", "schedule", "views", "ensemble")


def half(net: torch.nn.Module, prefix: str = "") -> dict[str, Array]:
    """Parameters and buffers in float16, which changes hardly any prediction, without the counts of batches."""
    return {prefix + name: t.numpy().astype(np.float16) for name, t in net.cpu().state_dict().items() if t.ndim}


# ---- digits ----------------------------------------------------------------------------------------------------------


def digits(split: str, examples: int | None = None) -> Dataset:
    """A split of MNIST from 0 to 1, (N, 1, 28, 28)."""
    x, labels = mnist(split)
    return tensors(x[:examples, None] / np.float32(255), labels[:examples])


def train_digits(epochs: int = 8, examples: int | None = None) -> dict[str, Array]:
    """The CNN's weights after the best epoch. Every digit is turned, moved and scaled a little each time it is read."""
    torch.manual_seed(0)
    bilinear = v2.InterpolationMode.BILINEAR
    data = Augmented(
        digits("train", examples), v2.RandomAffine(10, translate=(0.08, 0.08), scale=(0.9, 1.1), interpolation=bilinear)
    )
    net = CNN(**DIGITS_CNN)
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.01)
    schedule = OneCycleLR(opt, 5e-3, total_steps=epochs * -(-len(data) // 128))
    history = train(net, data, digits("validation", examples), opt, epochs=epochs, schedule=schedule, progress=False)
    for row in history:
        print(f"digits, epoch {row.epoch}: {row.accuracy:.2%} of the validation digits", flush=True)
    print(
        f"kept epoch {history.best.epoch}: {evaluate(net, digits('test', examples))[1]:.2%} of the test digits",
        flush=True,
    )
    return half(net)


# ---- emoji -----------------------------------------------------------------------------------------------------------


def moved(white: list[float]) -> Callable[[torch.Tensor], torch.Tensor]:
    """Mirror, turn by up to 10 degrees, move by up to a tenth, scale by up to 15%; `white` comes in at the edges."""
    affine = v2.RandomAffine(10, translate=(0.1, 0.1), scale=(0.85, 1.15), fill=white)
    return v2.Compose([v2.RandomHorizontalFlip(), affine])


def views(white: list[float]) -> list[Callable[[torch.Tensor], torch.Tensor]]:
    """The picture, its mirror image, and both moved by 2 pixels each way: what is averaged at test time."""

    def shifted(x: torch.Tensor, right: int, down: int) -> torch.Tensor:
        return v2.functional.affine(x, 0.0, [right, down], 1.0, [0.0, 0.0], fill=white)

    moves = [partial(shifted, right=right, down=down) for right, down in ((0, 0), (2, 0), (-2, 0), (0, 2), (0, -2))]
    return [*moves, *(lambda x, move=move: move(x.flip(-1)) for move in moves)]


def fit(
    net: torch.nn.Module, data: Dataset, validation: Dataset, seed: int, epochs: int, **how: Any
) -> torch.nn.Module:
    """Train with AdamW; the best epoch stays in the network. lr, decay: as AdamW takes them; cosine: the schedule."""
    opt = torch.optim.AdamW(net.parameters(), lr=how["lr"], weight_decay=0.05)
    steps = epochs * -(-len(data) // 64)  # type: ignore[arg-type]
    schedule = CosineAnnealingLR(opt, steps) if how.get("cosine") else None
    loss = partial(cross_entropy, label_smoothing=how.get("smoothing", 0.0))
    options = dict(epochs=epochs, batch_size=64, loss=loss, schedule=schedule, seed=seed, progress=False)
    best = train(net, data, validation, opt, **options).best
    print(f"  seed {seed}, epoch {best.epoch} of {epochs}: {best.accuracy:.3f} of validation", flush=True)
    return net


class Parts:
    """The emoji as arrays (N, 3, 32, 32): `plain` from 0 to 1, `scaled` by the training part; and their labels."""

    def __init__(self, examples: int | None = None):
        self.plain = emoji().images.transpose(0, 3, 1, 2).astype(np.float32) / 255
        self.labels = emoji().labels
        rows, self.val, self.test = emoji_split()
        self.rows = np.random.default_rng(0).permutation(rows)[:examples]
        mean, std = channel_statistics(self.plain[self.rows])
        self.scaled = (self.plain - mean[:, None, None]) / std[:, None, None]
        self.white = ((1 - mean) / std).tolist()

    def data(self, x: Array, rows: Array) -> Dataset:
        """Some rows as a data set."""
        return tensors(x[rows], self.labels[rows])


def ladder(parts: Parts, seed: int, epochs: int) -> Iterator[tuple[str, list[torch.nn.Module], Any, Array]]:
    """Of each step its name, its networks, the views that they are asked by, and the pictures that they read."""
    data, validation = parts.data(parts.scaled, parts.rows), parts.data(parts.scaled, parts.val)
    for name, x in (("linear", parts.plain), ("normalised", parts.scaled)):
        torch.manual_seed(seed)
        net = fit(MLP([3072, 9]), parts.data(x, parts.rows), parts.data(x, parts.val), seed, epochs, lr=1e-3)
        yield name, [net], (), x
    augmented = Augmented(data, moved(parts.white))
    mixed = Mixed(augmented, 9, 0.2)
    nets: list[torch.nn.Module] = []
    for name, given, how in (
        ("convolution", data, {}),
        ("augmentation", augmented, {}),
        ("smoothing, mixup", mixed, dict(smoothing=0.1)),
        ("schedule", mixed, dict(smoothing=0.1, cosine=True)),
    ):
        torch.manual_seed(seed)
        nets.append(fit(VGG(**PICTURES_VGG), given, validation, seed, epochs, lr=3e-3, **how))
        yield name, nets[-1:], (), parts.scaled
    yield "views", nets[-1:], views(parts.white), parts.scaled
    yield "ensemble", nets[-3:], views(parts.white), parts.scaled


def measured(parts: Parts, nets: list[torch.nn.Module], by: Any, x: Array) -> tuple[Array, Array, list[float]]:
    """Probabilities of validation and test pictures; accuracy on training pictures, and on test pictures moved by 3."""
    pictures = torch.tensor(x)
    p = [mean_probabilities(nets, pictures[rows], by).numpy() for rows in (parts.val, parts.test)]
    others = ((parts.rows, pictures[parts.rows]), (parts.test, pictures[parts.test].roll(3, -1)))
    shares = [np.mean(mean_probabilities(nets, z, by).argmax(1).numpy() == parts.labels[rows]) for rows, z in others]
    return p[0], p[1], [float(share) for share in shares]


def train_ladder(epochs: int = 30, examples: int | None = None, seeds: int = SEEDS) -> dict[str, Array]:
    """All that data/pictures.npz holds: logarithms of probabilities in float16, and one network."""
    parts = Parts(examples)
    found: list[list[tuple[Array, Array, list[float]]]] = []
    kept: dict[str, Array] = {}
    for seed in range(seeds):
        found.append([])
        for name, nets, by, x in ladder(parts, seed, epochs):
            found[-1].append(measured(parts, nets, by, x))
            right = np.mean(found[-1][-1][0].argmax(axis=1) == parts.labels[parts.val])
            print(f"{name}: {right:.3f} of validation", flush=True)
            if seed == 0 and name == "convolution":
                kept = half(nets[0], "net_")
    return packed(found, kept)


def packed(found: list[list[tuple[Array, Array, list[float]]]], kept: dict[str, Array]) -> dict[str, Array]:
    """Seeds of steps as arrays, steps first."""
    val, test = (np.array([[run[k][part] for run in found] for k in range(len(STEPS))], np.float32) for part in (0, 1))
    shares = np.array([[run[k][2] for run in found] for k in range(len(STEPS))])
    logs = (np.log(np.maximum(p, 1e-7)).astype(np.float16) for p in (val, test))
    return dict(zip(("steps", "validation", "test"), (np.array(STEPS), *logs), strict=True), shares=shares, **kept)


def check() -> None:
    """Print what the files that are here get right."""
    net = CNN(**DIGITS_CNN)
    net.load_state_dict({name: torch.tensor(value) for name, value in digits_weights().items()}, strict=False)
    print(f"data/digits.npz: {evaluate(net, digits('test'))[1]:.2%} of the test digits")
    labels = emoji().labels[emoji_split()[2]]
    for name, runs in zip(STEPS, picture_ladder().test, strict=True):
        right = np.mean(runs.argmax(axis=2) == labels, axis=1)
        print(f"data/pictures.npz, {name}: {right.mean():.3f}, std {right.std(ddof=1):.3f}, of the test pictures")


def main() -> None:
    """Train and write, or measure the files that are here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("digits", "ladder"), help="the file to make")
    parser.add_argument("--check", action="store_true", help="measure the files that are here, train nothing")
    options = parser.parse_args()
    if options.check:
        check()
    elif options.what == "digits":
        write("digits.npz", npz(**train_digits()))
    elif options.what == "ladder":
        write("pictures.npz", npz(**train_ladder()))
    else:
        parser.error("say digits, ladder or --check")


if __name__ == "__main__":
    main()
