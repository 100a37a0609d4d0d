"""Tune EfficientNet-Lite0 to the emoji in many ways, and write data/transfer.npz.

    python data/train_transfer.py            everything that is missing (about 15 minutes on one quiet core)
    python data/train_transfer.py grid       one part: features, preparation, grid, variants or sizes
    python data/train_transfer.py --check    compare the features that are here with new ones, train nothing

Parts that are done lie in data/cache/transfer, and the file is written when all of them are there. Every network keeps
its best epoch by the loss on the validation part; the test part is read once, at the end. Another processor rounds in a
different order: accuracies come out about equal, the bytes need not.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from build import npz, write
from torch import nn
from torch.nn.functional import cross_entropy

from nnlab.datasets import emoji, picture_features, picture_ladder
from nnlab.datasets.files import FOLDER
from nnlab.datasets.pictures import emoji_split, few
from nnlab.datasets.trained import PICTURES_VGG, TUNING
from nnlab.pytorch import VGG, evaluate, tensors, train
from nnlab.pytorch.backbone import FEATURES, efficientnet_lite0
from nnlab.pytorch.low_rank import add_low_rank
from nnlab.pytorch.pictures import channel_statistics
from nnlab.pytorch.tuning import Preparation, Stage, frozen, transfer

Array = np.ndarray[Any, Any]
CACHE = FOLDER / "cache" / "transfer"
LOSS = partial(cross_entropy, label_smoothing=0.1)
LEVELS = 31  # a feature is kept as a whole number up to it
PREPARATIONS = {
    "as trained": Preparation(96),
    "0 to 1": Preparation(96, (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)),
    "ImageNet's": Preparation(96, (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    "0 to 255": Preparation(96, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
}


class Pictures:
    """The emoji's parts. `examples` takes so few of each for a trial."""

    def __init__(self, examples: int | None = None):
        self.images, self.labels = emoji().images, emoji().labels
        self.rows, self.val, self.test = (np.random.default_rng(0).permutation(p)[:examples] for p in emoji_split())

    def part(self, rows: Array) -> tuple[Array, Array]:
        """Pictures and labels of some rows."""
        return self.images[rows], self.labels[rows]


def as_tensor(x: Array) -> torch.Tensor:
    """The preparation of what is prepared."""
    return torch.from_numpy(x)


class Ready:
    """What the layers in front of the last `layers` ones make of all pictures at a size: nothing before them trains."""

    def __init__(self, pictures: Pictures, size: int, layers: int):
        self.pictures, self.layers = pictures, layers
        used = np.concatenate([pictures.rows, pictures.val, pictures.test])
        found = frozen(efficientnet_lite0()[:-layers], pictures.images[used], Preparation(size)).numpy()
        self.x = np.zeros((len(pictures.images), *found.shape[1:]), np.float32)
        self.x[used] = found

    def part(self, rows: Array) -> tuple[Array, Array]:
        """Rows of it with their labels."""
        return self.x[rows], self.pictures.labels[rows]

    def tuned(
        self,
        rows: Array,
        seed: int,
        stages: list[Stage],
        change: Callable[[nn.Sequential], Any] = lambda net: None,
        **how: Any,
    ) -> tuple[list[float], float, float]:
        """Validation accuracy after each epoch of the last stage, that of the kept epoch, and its test accuracy.

        change: what is done to the layers beforehand."""
        layers = efficientnet_lite0()[-self.layers :]
        torch.manual_seed(seed)
        change(layers)
        head = nn.Linear(FEATURES, 9)
        options = dict(fall=0.7, loss=LOSS, seed=seed) | how
        parts = self.part(rows), self.part(self.pictures.val)
        net, histories = transfer(layers, head, *parts, stages, prepare=as_tensor, **options)
        right = evaluate(net, tensors(*self.part(self.pictures.test)))[1]
        best, curve = histories[-1].best.accuracy, [row.accuracy for row in histories[-1]]
        print(f"  seed {seed}, {stages[-1]}: {best:.3f} of validation", flush=True)
        return curve, best, right


# ---- parts -----------------------------------------------------------------------------------------------------------


def features(pictures: Pictures, size: int = 160) -> dict[str, Array]:
    """What the frozen backbone makes of all pictures, from 0 to the greatest of each feature in 31 steps."""
    found = frozen(efficientnet_lite0(), pictures.images, Preparation(size)).numpy()
    scale = np.maximum(found.max(axis=0), 1e-6) / LEVELS
    return {"features": np.rint(found / scale).astype(np.uint8), "scale": scale.astype(np.float32)}


def linear(x: Array, labels: Array, x_val: Array, labels_val: Array, seed: int = 0) -> nn.Module:
    """A head trained on features."""
    torch.manual_seed(seed)
    head = nn.Linear(x.shape[1], 9)
    opt = torch.optim.AdamW(head.parameters(), lr=3e-3, weight_decay=0.01)
    options = dict(epochs=40, batch_size=64, loss=LOSS, seed=seed, progress=False)
    train(head, tensors(x, labels), tensors(x_val, labels_val), opt, **options)
    return head


def preparation(pictures: Pictures, seeds: int) -> dict[str, Array]:
    """Test accuracy by preparation: of a head trained with it, and of one that was trained with the right one.

    prepared: (4, 2, seeds)."""
    found = np.zeros((len(PREPARATIONS), 2, seeds))
    right: list[nn.Module] = []
    for k, prepare in enumerate(PREPARATIONS.values()):
        parts = (pictures.rows, pictures.val, pictures.test)
        x, x_val, x_test = (frozen(efficientnet_lite0(), pictures.images[p], prepare).numpy() for p in parts)
        y, y_val, y_test = (pictures.labels[p] for p in parts)
        for seed in range(seeds):
            head = linear(x, y, x_val, y_val, seed)
            right += [head] if k == 0 else []
            found[k, :, seed] = [evaluate(net, tensors(x_test, y_test))[1] for net in (head, right[seed])]
    return {"prepared": found}


def grid(pictures: Pictures, seeds: int, epochs: int = 5, size: int = 64) -> dict[str, Array]:
    """Every number of layers with every rate: grid_curve (layers, rates, seeds, epochs), on validation; of the kept
    epoch grid_kept, on validation, and grid_test, (layers, rates, seeds). head_...: the same with nothing unfrozen."""
    ready, head = Ready(pictures, size, max(TUNING["layers"])), Stage(0, *TUNING["head"])

    def run(seed: int, *more: Stage) -> tuple[list[float], float, float]:
        return ready.tuned(pictures.rows, seed, [head, *more])

    runs = [[[run(s, Stage(n, epochs, lr)) for s in range(seeds)] for lr in TUNING["rates"]] for n in TUNING["layers"]]
    found = {}
    for name, nested in (("head", [run(s) for s in range(seeds)]), ("grid", runs)):
        table = np.array(nested, object)  # (..., 3): curve, kept, test
        found[f"{name}_curve"] = np.array(table[..., 0].tolist())
        found |= {f"{name}_{part}": table[..., k].astype(float) for k, part in ((1, "kept"), (2, "test"))}
    return found


def variants(pictures: Pictures, seeds: int, epochs: int = 5, size: int = 64) -> dict[str, Array]:
    """The last three layers tuned differently: (variants, seeds, 2), accuracy on validation and test."""
    ways: dict[str, dict[str, Any]] = {
        "all parameters": {},
        "one rate": {"fall": 1.0},
        "batch statistics, 64": {"keep_statistics": False},
        "batch statistics, 8": {"keep_statistics": False, "batch_size": 8},
        "kept statistics, 8": {"batch_size": 8},
        "rank 4": {"change": partial(add_low_rank, rank=4), "lr": 3e-3, "fall": 1.0},
        "rank 16": {"change": partial(add_low_rank, rank=16), "lr": 3e-3, "fall": 1.0},
    }
    assert tuple(ways) == TUNING["variants"]
    ready, found = Ready(pictures, size, 3), np.zeros((len(ways), seeds, 2))
    for k, way in enumerate(ways.values()):
        stages = [Stage(0, *TUNING["head"]), Stage(3, epochs, way.pop("lr", 1e-3))]
        for s in range(seeds):
            found[k, s] = ready.tuned(pictures.rows, s, stages, **way)[1:]
    return {"variants": found}


def scratch(pictures: Pictures, rows: Array, seed: int, epochs: int) -> float:
    """Test accuracy of chapter 15's network from random weights."""
    x = pictures.images.transpose(0, 3, 1, 2).astype(np.float32) / 255
    mean, std = channel_statistics(x[rows])
    x = (x - mean[:, None, None]) / std[:, None, None]
    torch.manual_seed(seed)
    net = VGG(**PICTURES_VGG)
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    data, validation, test = (tensors(x[p], pictures.labels[p]) for p in (rows, pictures.val, pictures.test))
    train(net, data, validation, opt, epochs=epochs, batch_size=64, seed=seed, progress=False)
    return evaluate(net, test)[1]


def sizes(pictures: Pictures, seeds: int, epochs: int = 4, size: int = 160, fresh: int = 50) -> dict[str, Array]:
    """Test accuracy by pictures of each category: (3 starts, sizes, seeds): scratch, frozen, tuned (three layers).

    All pictures from scratch is chapter 15's step "convolution". With few pictures an epoch has few steps, so there are
    more of them: fresh epochs from scratch, twice the epochs of tuning, five times those of the head."""
    ready, found = Ready(pictures, size, 3), np.zeros((3, len(TUNING["sizes"]), seeds))
    ladder, labels = picture_ladder(), emoji().labels[emoji_split()[2]]
    known = (ladder.test[ladder.steps.index("convolution")].argmax(axis=2) == labels).mean(axis=1)
    head_epochs, head_lr = TUNING["head"]
    for k, n in enumerate(TUNING["sizes"]):
        for s in range(seeds):
            rows = few(pictures.rows, pictures.labels, n, s)
            head = Stage(0, head_epochs * (1 if n is None else 5), head_lr)
            last = Stage(3, epochs * (1 if n is None else 2), 3e-4)
            found[0, k, s] = known[s] if n is None else scratch(pictures, rows, s, fresh)
            found[1, k, s] = ready.tuned(rows, s, [head])[2]
            found[2, k, s] = ready.tuned(rows, s, [head, last])[2]
            print(f"sizes, {n} of each, seed {s}: {found[:, k, s].round(3)}", flush=True)
    return {"sizes": found}


PARTS: dict[str, Callable[..., dict[str, Array]]] = {
    "preparation": preparation,
    "grid": grid,
    "variants": variants,
    "sizes": sizes,
}


def make(name: str, examples: int | None = None, seeds: int = 3, **how: Any) -> dict[str, Array]:
    """One part. examples, seeds and the parts' own options: smaller for a trial."""
    if name == "features":
        return features(Pictures(examples), **how)
    return PARTS[name](Pictures(examples), seeds, **how)


def check(n: int = 64) -> float:
    """Print how far new features of n pictures are from those that are here, in steps."""
    with np.load(FOLDER / "transfer.npz", allow_pickle=False) as found:
        scale = found["scale"]
    rows = np.random.default_rng(0).choice(1906, n, replace=False)
    new = frozen(efficientnet_lite0(), emoji().images[rows], Preparation(160)).numpy()
    far = float(np.abs((new - picture_features()[rows]) / scale).max())
    print(f"data/transfer.npz: features differ by at most {far:.2f} of a step; rounding is 0.50")
    return far


def main() -> None:
    """Make the parts that are missing, and the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=("features", *PARTS), help="only this one, again if it is there")
    parser.add_argument("--check", action="store_true", help="compare the features that are here, train nothing")
    options = parser.parse_args()
    if options.check:
        check()
        return
    names = ("features", *PARTS)
    files = {name: CACHE / f"{name}.npz" for name in names}
    for name in [options.part] if options.part else [name for name in names if not files[name].is_file()]:
        made = make(name)
        CACHE.mkdir(parents=True, exist_ok=True)
        np.savez(files[name], **made)
    if all(path.is_file() for path in files.values()):
        write("transfer.npz", npz(**joined(files)))


def joined(files: dict[str, Path]) -> dict[str, Array]:
    """All parts in one."""
    whole: dict[str, Array] = {}
    for path in files.values():
        with np.load(path, allow_pickle=False) as found:
            whole |= {name: found[name] for name in found.files}
    return whole


if __name__ == "__main__":
    main()
