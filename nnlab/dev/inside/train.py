"""Train what a TOML file describes: `python -m nnlab train CONFIG`, or on several processes
`torchrun --standalone --nproc-per-node 2 -m nnlab.dev.inside.train CONFIG`."""

from __future__ import annotations

import difflib
import os
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, TensorDataset

from nnlab import datasets
from nnlab.checks import need_number
from nnlab.files import expand, replacing
from nnlab.pytorch import CNN, MLP, VGG, History, ResNet, device, evaluate, evaluate_classifier, tensors, train
from nnlab.pytorch.cifar import CLASSES, cifar10
from nnlab.pytorch.pictures import Augmented, Mixed, channel_statistics, predict
from nnlab.pytorch.tensor_checks import need_positive
from nnlab.pytorch.training.processes import processes

MODELS: dict[str, Callable[..., torch.nn.Module]] = {
    "MLP": MLP,
    "CNN": CNN,
    "ResNet": ResNet,
    "VGG": VGG,
}
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "SGD": torch.optim.SGD,
    "RMSprop": torch.optim.RMSprop,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
}
DATA = ("mnist", "cifar10")
MNIST_MEAN, MNIST_STD = 0.1310, 0.3085  # of the 50,000 training digits, from 0 to 1
PIXELS = ("unit", "standard", "raw")


@dataclass
class Config:
    """What a configuration may say, and the default of each key.

    The keys from `clip` on are those of `nnlab.pytorch.TrainingOptions`."""

    out: str  # the folder for checkpoint, best weights, history and TensorBoard's log
    data: str = "mnist"  # or "cifar10"
    folder: str | None = None  # that holds CIFAR-10 unpacked; None: data/cache, downloaded if it is not there
    pixels: str = "standard"  # mean 0, std 1 over the training split; "unit": from 0 to 1; "raw": from 0 to 255
    examples: int | None = None  # of the training split; None: all
    model: str = "CNN"
    model_options: dict[str, Any] = field(default_factory=dict)
    augment: bool = False  # shift (by up to 4 pixels of 32), and of colour pictures also mirror and change the light
    label_smoothing: float = 0.0
    mixup: float = 0.0  # alpha; 0: none
    cuda_fast: bool = False  # on CUDA bfloat16 mixed precision and channels_last
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
        train_part, validation, test = (data_split(config, split) for split in ("train", "validation", "test"))
        model, optimizer, schedule = parts(config, len(train_part), count)
        amp = precision(config)
        out = expand(config.out)
        history = train(
            model,
            augmented(config, train_part),
            validation,
            optimizer,
            epochs=config.epochs,
            batch_size=config.batch_size,
            schedule=schedule,
            loss=criterion(config),
            clip=config.clip,
            amp=amp,
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
        accuracy = evaluate(model, test, amp=amp)[1]  # once, at the very end
        if rank == 0:
            if config.data == "cifar10":
                _report(config, model, test)
            with replacing(out / "best.pt") as file:
                torch.save(model.state_dict(), file)
        return history, accuracy


def parts(config: Config, rows: int, count: int = 1) -> tuple[torch.nn.Module, torch.optim.Optimizer, Any]:
    """A new model, its optimizer and schedule (None without one), for `rows` training rows on `count` processes.

    Raises ValueError for a name that there is not, TypeError for an option that one of them does not take."""
    model = _pick(MODELS, config.model, "model")(**config.model_options)
    if _fast(config):
        model = model.to(memory_format=torch.channels_last)
    optimizer = _pick(OPTIMIZERS, config.optimizer, "optimizer")(model.parameters(), **config.optimizer_options)
    batches, rest = divmod(rows, config.batch_size)
    steps = (batches + (rest >= count and not config.drop_last)) * config.epochs
    schedule = _pick(SCHEDULES, config.schedule, "schedule")(optimizer, steps) if config.schedule else None
    return model, optimizer, schedule


def criterion(config: Config) -> Callable[..., torch.Tensor]:
    """The loss that the configuration asks for: cross-entropy, smoothed or not."""
    need_number(config.label_smoothing, "label_smoothing", 0, 1)
    return partial(torch.nn.functional.cross_entropy, label_smoothing=config.label_smoothing)


def precision(config: Config) -> str | None:
    """What `amp` of `train` is to be."""
    return config.amp or ("bfloat16" if _fast(config) else None)


def _fast(config: Config) -> bool:
    return config.cuda_fast and device().type == "cuda"


SCHEDULES: dict[str, Callable[[torch.optim.Optimizer, int], Any]] = {
    "cosine": lambda optimizer, steps: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
    "one_cycle": lambda optimizer, steps: torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=optimizer.param_groups[0]["lr"], total_steps=steps
    ),
    "plateau": lambda optimizer, steps: torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1),
}


def data_split(config: Config, split: str) -> TensorDataset:
    """One part, scaled by the training part's statistics."""
    if config.pixels not in PIXELS:
        raise ValueError(f"pixels should be one of {', '.join(PIXELS)}; got {config.pixels!r}.")
    x, y = _bytes(config, split)
    scaled = x.astype(np.float32)
    if config.pixels != "raw":
        scaled /= 255
    if config.pixels == "standard":
        mean, std = _statistics(config)
        scaled = (scaled - mean[:, None, None]) / std[:, None, None]
    return tensors(scaled, y)


def augmented(config: Config, data: Dataset) -> Dataset:
    """The training part `data` as it is read: changed each time, and mixed, if the configuration asks for it. It stays
    in bytes until a picture is read, since a change of light is defined on pixels from 0 to 1."""
    need_number(config.mixup, "mixup", 0, 1)
    if config.augment:
        from torchvision.transforms import v2  # here, not above: it takes two seconds to import

        x, y = _bytes(config, "train")
        steps: list[Any] = [v2.RandomCrop(x.shape[-1], padding=x.shape[-1] // 8)]
        if x.shape[1] == 3:
            steps += [v2.RandomHorizontalFlip(), v2.ColorJitter(brightness=0.2, contrast=0.2, saturation=0.2)]
        steps.append(v2.ToDtype(torch.float32, scale=config.pixels != "raw"))
        if config.pixels == "standard":
            mean, std = _statistics(config)
            steps.append(v2.Normalize(mean.tolist(), std.tolist()))
        data = Augmented(TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), v2.Compose(steps))
    return Mixed(data, 10, config.mixup) if config.mixup else data


def _bytes(config: Config, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, C, H, W) uint8 and labels (N,) int64."""
    if config.data not in DATA:
        raise ValueError(f'data should be "mnist" or "cifar10"; got {config.data!r}.')
    if config.data == "cifar10":
        x, y = cifar10(split, config.folder)
    else:
        x, y = datasets.mnist(split)
        x = x[:, None]
    n = config.examples if split == "train" else None
    return x[:n], y[:n]


def _statistics(config: Config) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation by channel, (C,) each, of the training part's pixels from 0 to 1."""
    if config.data == "mnist":
        return np.array([MNIST_MEAN], np.float32), np.array([MNIST_STD], np.float32)
    return _cifar10_statistics(config.folder)


@cache
def _cifar10_statistics(folder: str | None) -> tuple[np.ndarray, np.ndarray]:
    mean, std = channel_statistics(cifar10("train", folder)[0])
    return mean / 255, std / 255


def _report(config: Config, model: torch.nn.Module, test: TensorDataset) -> None:
    """By class, and one picture with its name."""
    print(evaluate_classifier(model, test, classes=CLASSES))
    x, y = _bytes(config, "test")
    mean, std = _statistics(config)
    if config.pixels == "standard":
        name, confidence = predict(model, x[0].transpose(1, 2, 0), CLASSES, mean=mean, std=std)[0]
        print(f"The first test picture is predicted as {name} ({confidence:.0%}); its label is {CLASSES[y[0]]}.")


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
    status = main(sys.argv[1:])
    if "RANK" in os.environ:
        # a thread of gloo's that wants the interpreter while it shuts down would abort the process
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)
