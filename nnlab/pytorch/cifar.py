"""CIFAR-10, which is not shipped: 60,000 colour pictures of ten classes, read from a folder or downloaded once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import pick
from nnlab.datasets.files import FOLDER
from nnlab.files import expand

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
VALIDATION = 5000  # of the 50,000 official training pictures, the last ones; they are in no order
SPLITS = ("train", "validation", "test")
_ROW = 1 + 3 * 32 * 32  # bytes a picture in the binary version: its label, then red, green and blue


def cifar10(
    split: str = "train", folder: str | os.PathLike[str] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures (N, 3, 32, 32) uint8, red, green and blue, 0 to 255, and labels (N,) int64, the place in `CLASSES`.

    split: "train" (N = 45,000), "validation" (the other 5,000 of the official training pictures) or "test" (10,000).
    folder: one that holds the unpacked data, "cifar-10-batches-py" or "cifar-10-batches-bin"; without it data/cache,
    into which torchvision downloads 170 MB if nothing is there.

    Raises FileNotFoundError if the folder does not hold it, ConnectionError if it cannot be downloaded, ValueError for
    a damaged file and an unknown split. Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
    """
    pick(dict.fromkeys(SPLITS), split, "split")
    where = FOLDER / "cache" if folder is None else expand(folder)
    binary = where / "cifar-10-batches-bin"
    if binary.is_dir():
        x, y = _binary(binary, train=split != "test")
    else:
        x, y = _python(where, train=split != "test", download=folder is None)
    cut = max(len(x) - VALIDATION, len(x) * 9 // 10)  # the same share of a smaller copy
    rows = {"train": slice(cut), "validation": slice(cut, None), "test": slice(None)}[split]
    return x[rows], y[rows]


def _python(where: Path, train: bool, download: bool) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The pickles as torchvision reads them: only files with their published md5 are opened."""
    from torchvision.datasets import CIFAR10  # here, not above: it takes a second to import

    try:
        found: Any = CIFAR10(str(where), train=train, download=download)
    except OSError as error:
        raise ConnectionError(
            f"CIFAR-10 could not be downloaded ({error}): unpack it yourself, and name the folder that holds "
            'cifar-10-batches-py or cifar-10-batches-bin, as in folder = "/data".'
        ) from error
    except RuntimeError as error:
        raise FileNotFoundError(
            f"{where} holds no whole CIFAR-10: it should have a folder cifar-10-batches-py or cifar-10-batches-bin "
            "with the unpacked files."
        ) from error
    return found.data.transpose(0, 3, 1, 2), np.array(found.targets, np.int64)


def _binary(folder: Path, train: bool) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The binary version: rows of 3,073 bytes."""
    files = [f"data_batch_{k}.bin" for k in range(1, 6)] if train else ["test_batch.bin"]
    parts = []
    for name in files:
        path = folder / name
        if not path.is_file():
            raise FileNotFoundError(f"{folder} should hold {', '.join(files)}; there is no {name}.")
        raw = np.fromfile(path, np.uint8)
        if not len(raw) or len(raw) % _ROW or raw[::_ROW].max() >= len(CLASSES):
            raise ValueError(f"{path} is damaged: it should hold rows of a label from 0 to 9 and 3,072 bytes.")
        parts.append(raw.reshape(-1, _ROW))
    rows = np.concatenate(parts)
    return rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0].astype(np.int64)
