"""The order in which a data set is read: fixed by seed and epoch, the same for any number of processes and after any
interruption."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler, TensorDataset, default_collate, get_worker_info


def tensors(x: np.ndarray, target: np.ndarray) -> TensorDataset:
    """Arrays as a data set of pairs: x as float32, whole-number targets as int64 classes, other targets as float32.

    x: (N, ...), target: (N, ...). Raises AssertionError (PyTorch's) if they have different lengths."""
    kind = torch.long if np.asarray(target).dtype.kind in "iub" else torch.float32
    return TensorDataset(torch.tensor(x, dtype=torch.float32), torch.tensor(target, dtype=kind))


class Batches(Sampler[list[int]]):
    """Batches of row numbers of a data set of `n` rows: shuffled by (seed, epoch), cut, each shared by the processes.

    `batch_size` is the batch of all processes together, so one process and several see the same batches. `start` skips
    batches that were already read. A last batch with fewer rows than processes is left out, with
    drop_last one with fewer than batch_size. Raises ValueError for an
    empty data set, and for batches that cannot be shared.
    """

    def __init__(
        self,
        n: int,
        batch_size: int,
        *,
        seed: int,
        shuffle: bool = True,
        rank: int = 0,
        count: int = 1,
        drop_last: bool = False,
    ):
        if n < 1:
            raise ValueError("There is nothing to read: the data set is empty.")
        if batch_size < count:
            raise ValueError(f"batch_size={batch_size} can't be dealt to {count} processes: take at least {count}.")
        if drop_last and batch_size > n:
            raise ValueError(
                f"drop_last=True leaves nothing of {n} rows in batches of {batch_size}: take a smaller batch."
            )
        self.drop_last = drop_last
        self.n, self.batch_size, self.seed, self.shuffle = n, batch_size, seed, shuffle
        self.rank, self.count = rank, count
        self.epoch = self.start = 0

    def sizes(self) -> list[int]:
        """The number of rows in each batch of an epoch, in all processes together."""
        sizes = [min(self.batch_size, self.n - i) for i in range(0, self.n, self.batch_size)]
        return [size for size in sizes if size >= (self.batch_size if self.drop_last else self.count)]

    def __iter__(self) -> Iterator[list[int]]:
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.epoch)
        order = torch.randperm(self.n, generator=generator) if self.shuffle else torch.arange(self.n)
        for i in range(self.start, len(self)):
            batch = order[i * self.batch_size : (i + 1) * self.batch_size]
            yield batch[self.rank :: self.count].tolist()

    def __len__(self) -> int:
        return len(self.sizes())


def loader(data: Dataset, batches: Batches, *, workers: int = 0) -> DataLoader:
    """A DataLoader that reads these batches. Tensors are indexed by the whole batch, anything else row by row.

    What a data set draws from the global generators of PyTorch, NumPy or Python is in a worker determined by seed,
    epoch, batch and rank, so that it does not depend on the number of workers, nor on interruptions."""
    return DataLoader(
        WholeBatches(data, batches.seed),
        batch_size=None,
        sampler=Keys(batches),
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),  # page-locked memory is copied to a CUDA card while it computes
        generator=torch.Generator().manual_seed(batches.seed),  # else each pass draws from the global one
    )


class Keys(Sampler[tuple[int, int, int, list[int]]]):
    """Epoch, number and rank of each batch, and its row numbers."""

    def __init__(self, batches: Batches):
        self.batches = batches

    def __iter__(self) -> Iterator[tuple[int, int, int, list[int]]]:
        for number, indices in enumerate(self.batches, self.batches.start):
            yield self.batches.epoch, number, self.batches.rank, indices

    def __len__(self) -> int:
        return len(self.batches)


class WholeBatches(Dataset):
    """A data set of batches, read by the keys of `Keys`."""

    def __init__(self, data: Dataset, seed: int):
        self.data, self.seed = data, seed

    def __getitem__(self, key: tuple[int, int, int, list[int]]) -> Any:
        *place, indices = key
        if get_worker_info() is not None:  # in the training process the generators are part of the checkpoint instead
            words = np.random.SeedSequence([self.seed % 2**64, *place]).generate_state(3)
            torch.manual_seed(int(words[0]))
            np.random.seed(int(words[1]))  # noqa: NPY002
            random.seed(int(words[2]))
        if isinstance(self.data, TensorDataset):
            return self.data[indices]
        if hasattr(self.data, "__getitems__"):
            return default_collate(self.data.__getitems__(indices))
        return default_collate([self.data[i] for i in indices])
