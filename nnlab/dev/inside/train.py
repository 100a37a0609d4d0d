"""Train what a TOML file describes: `python -m nnlab train CONFIG`, or on several processes
`torchrun --standalone --nproc-per-node 2 -m nnlab.dev.inside.train CONFIG`."""

from __future__ import annotations

import difflib
import os
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import TensorDataset

from nnlab import datasets
from nnlab.files import expand, replacing
from nnlab.pytorch import CNN, MLP, History, ResNet, evaluate, tensors, train
from nnlab.pytorch.tensor_checks import need_positive
from nnlab.pytorch.training.processes import processes

MODELS: dict[str, Callable[..., torch.nn.Module]] = {
    "MLP": MLP,
    "CNN": CNN,
    "ResNet": ResNet,
}
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "SGD": torch.optim.SGD,
    "RMSprop": torch.optim.RMSprop,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
}
SPLITS = ("train", "validation", "test")
MNIST_MEAN, MNIST_STD = 0.1310, 0.3085  # of the 50,000 training digits, from 0 to 1
PIXELS = ("unit", "standard", "raw")


@dataclass
class Config:
    """What a configuration may say, and the default of each key.

    The keys from `clip` on are those of `nnlab.pytorch.TrainingOptions`."""

    out: str  # the folder for checkpoint, best weights, history and TensorBoard's log
    data: str = "mnist"
    pixels: str = "standard"  # mean 0, std 1 over the training split; "unit": from 0 to 1; "raw": from 0 to 255
    examples: int | None = None  # of the training split; None: all
    model: str = "CNN"
    model_options: dict[str, Any] = field(default_factory=dict)
    optimizer: str = "AdamW"
    optimizer_options: dict[str, Any] = field(default_factory=lambda: {"lr": 0.001})
    schedule: str | None = None
    epochs: int = 3
    batch_size: int = 128
    clip: float | None = None
    amp: str | None = None
    patience: int | None = None
    every: int | None = None
    seed: int = 0
    workers: int = 0
    drop_last: bool = False


def read(path: str | Path) -> Config:
    """Read a TOML file. Raises ValueError with a sentence for a missing file, bad TOML, and unknown keys."""
    found = load(path)
    if "search" in found:
        raise ValueError(f"{path} has a table [search]: `python -m nnlab search {path}` runs it.")
    return checked(found, path)


def load(path: str | Path) -> dict[str, Any]:
    """What a TOML file says, unchecked. Raises ValueError for a missing file and for bad TOML."""
    path = expand(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"There is no configuration {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no valid TOML: {error}.") from None


def checked(found: dict[str, Any], path: str | Path) -> Config:
    """A configuration from what `path` says. Raises ValueError for an unknown key, a missing `out`, a bad count."""
    known = [f.name for f in fields(Config)]
    for key in found:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise ValueError(f"{path}: there is no key {key}; {_meant(near, known)}")
    if "out" not in found:
        raise ValueError(f'{path} doesn\'t say where to put the results: add a line like out = "runs/mnist".')
    for key in ("epochs", "batch_size", "examples"):
        if key in found:
            need_positive(found[key], key)
    return Config(**found)


def run(config: Config, *, progress: bool | None = None) -> tuple[History, float]:
    """Train what the configuration describes. Returns the history and the best weights' accuracy on the test split, a
    share from 0 to 1 (nan after Ctrl-C).

    Training continues from `out`/checkpoint.pt if it exists. Raises ValueError, with a sentence, for an unknown name.
    """
    with processes() as (rank, count):
        torch.manual_seed(config.seed)
        splits = [data_split(config, split) for split in SPLITS]
        model, optimizer, schedule = parts(config, len(splits[0]), count)
        out = expand(config.out)
        history = train(
            model,
            splits[0],
            splits[1],
            optimizer,
            epochs=config.epochs,
            batch_size=config.batch_size,
            schedule=schedule,
            clip=config.clip,
            amp=config.amp,
            patience=config.patience,
            checkpoint=out / "checkpoint.pt",
            every=config.every,
            log=out / "log",
            seed=config.seed,
            workers=config.workers,
            drop_last=config.drop_last,
            progress=progress,
        )
        if history.stopped == "Ctrl-C":
            return history, float("nan")
        accuracy = evaluate(model, splits[2], amp=config.amp)[1]  # once, at the very end
        if rank == 0:
            with replacing(out / "best.pt") as file:
                torch.save(model.state_dict(), file)
        return history, accuracy


def parts(config: Config, rows: int, count: int = 1) -> tuple[torch.nn.Module, torch.optim.Optimizer, Any]:
    """A new model, its optimizer and schedule (None without one), for `rows` training rows on `count` processes.

    Raises ValueError for a name that there is not, TypeError for an option that one of them does not take."""
    model = _pick(MODELS, config.model, "model")(**config.model_options)
    optimizer = _pick(OPTIMIZERS, config.optimizer, "optimizer")(model.parameters(), **config.optimizer_options)
    batches, rest = divmod(rows, config.batch_size)
    steps = (batches + (rest >= count and not config.drop_last)) * config.epochs
    schedule = _pick(SCHEDULES, config.schedule, "schedule")(optimizer, steps) if config.schedule else None
    return model, optimizer, schedule


SCHEDULES: dict[str, Callable[[torch.optim.Optimizer, int], Any]] = {
    "cosine": lambda optimizer, steps: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
    "one_cycle": lambda optimizer, steps: torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=optimizer.param_groups[0]["lr"], total_steps=steps
    ),
    "plateau": lambda optimizer, steps: torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1),
}


def data_split(config: Config, split: str) -> TensorDataset:
    if config.data != "mnist":
        raise ValueError(
            f'data should be "mnist", the one set of pictures with three splits here; got {config.data!r}.'
        )
    if config.pixels not in PIXELS:
        raise ValueError(f"pixels should be one of {', '.join(PIXELS)}; got {config.pixels!r}.")
    x, y = datasets.mnist(split)
    n = config.examples if split == "train" else None
    return tensors(_scaled(x[:n], config.pixels).reshape(-1, 1, 28, 28), y[:n])


def _scaled(x: np.ndarray, pixels: str) -> np.ndarray:
    """Bytes as float32, by the rule that `pixels` names. The training split's statistics serve for every split."""
    scaled = x.astype(np.float32)
    if pixels == "raw":
        return scaled
    scaled /= 255
    if pixels == "standard":
        scaled = (scaled - MNIST_MEAN) / MNIST_STD
    return scaled


def _pick(rows: dict[str, Any], name: str, kind: str) -> Any:
    if name not in rows:
        raise ValueError(
            f"There is no {kind} {name!r}; {_meant(difflib.get_close_matches(name, rows, n=1, cutoff=0.5), list(rows))}"
        )
    return rows[name]


def _meant(near: list[str], known: list[str]) -> str:
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."


def main(argv: list[str]) -> int:
    """The command: 0 if training ended, 1 for a mistake, 2 without a configuration, 130 after Ctrl-C."""
    if len(argv) != 1 or argv[0].startswith("-"):
        print("Give one configuration: python -m nnlab train configs/mnist.toml", file=sys.stderr)
        return 2
    try:
        config = read(argv[0])
        history, accuracy = run(config)
    except (ValueError, FileNotFoundError, OSError, FloatingPointError, TypeError) as error:
        print(error, file=sys.stderr)
        return 1
    if int(os.environ.get("RANK", 0)) > 0:
        return 0  # one voice is enough
    for row in history:
        print(
            f"epoch {row.epoch}: loss {row.train_loss:.4f}, validation {row.validation_loss:.4f}, "
            f"accuracy {row.accuracy:.4f}, {row.seconds:.1f} s"
        )
    if history.stopped == "Ctrl-C":
        print(f"Stopped. The same command goes on from {config.out}/checkpoint.pt.")
        return 130
    print(f"The best weights read {accuracy:.4f} of the test split. They lie in {config.out}/best.pt.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
