"""What a classifier of pictures needs besides a network: augmentation by the row, mixup, averages over views and
networks, the mean and standard deviation by channel, and the prediction of one picture from a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import Dataset, default_collate

from nnlab.checks import as_array, need_number, need_size
from nnlab.datasets.pictures import square

from .device import device
from .evaluating import evaluating
from .tensor_checks import need_positive, whole_numbers

View = Callable[[torch.Tensor], torch.Tensor]


def channel_statistics(x: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each channel over all pictures and pixels: (C,) each, in the units of x.

    x: (N, C, H, W). Give it the training part only, and use what it returns for every part. Raises ValueError for
    another number of axes, no pictures, numbers that are not finite, or a channel that is the same everywhere, which
    cannot be divided by its standard deviation."""
    x = as_array(x)
    if x.ndim != 4 or not x.size:
        raise ValueError(f"x should be pictures (N, C, H, W), at least one; got shape {x.shape}.")
    mean, std = (np.asarray(f(x, axis=(0, 2, 3), dtype=np.float64), np.float32) for f in (np.mean, np.std))
    if not np.isfinite(mean).all():
        raise ValueError(f"Channel {int(np.isfinite(mean).argmin())} holds NaN or infinity: look at the pictures.")
    if (flat := (x == x[:1, :, :1, :1]).all(axis=(0, 2, 3))).any():  # rounding leaves std 1e-17, not 0, of all 0.1
        raise ValueError(f"Channel {int(flat.argmax())} is {mean[flat.argmax()]:g} everywhere: leave it out.")
    return mean, std


class Augmented(Dataset):
    """A data set of pairs (x, target) whose x passes through `transform` each time it is read, each row on its own.

    transform: of torchvision.transforms.v2, say. It draws from PyTorch's global generator, so that an interrupted
    training run resumes bit for bit."""

    def __init__(self, data: Dataset, transform: Callable[[torch.Tensor], torch.Tensor]):
        self.data, self.transform = data, transform

    def __len__(self) -> int:
        return len(self.data)  # type: ignore[arg-type]

    def __getitem__(self, i: int) -> tuple[torch.Tensor, Any]:
        x, target = self.data[i]
        return self.transform(x), target


def mixup(x: torch.Tensor, target: torch.Tensor, classes: int, alpha: float = 0.2) -> tuple[torch.Tensor, torch.Tensor]:
    """Mix each row of a batch with another one of it, pictures and targets alike.

        x' = l x + (1 - l) x[p],   y' = l y + (1 - l) y[p],   l from Beta(alpha, alpha), p a permutation

    x: (N, ...), target: (N,) class numbers -> x' like x, y' (N, classes) probabilities, which cross_entropy takes.
    One l for the batch. Draws from PyTorch's global generator. Raises ValueError for an alpha that is not above 0,
    another number of targets and classes that are not there, TypeError for targets that are no whole numbers.
    Source: Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization"."""
    if need_number(alpha, "alpha") <= 0:
        raise ValueError(f"alpha should be above 0, got {alpha}: leave mixup out instead.")
    target = whole_numbers(target, "target", need_size(classes, "classes", 2))
    if target.shape != x.shape[:1]:
        raise ValueError(f"target should be ({len(x)},) class numbers, one for each row; got {tuple(target.shape)}.")
    # a Beta draw out of two Gamma draws, which torch.distributions makes from the global generator
    share = float(torch.distributions.Beta(alpha, alpha).sample())
    other = torch.randperm(len(x)).to(x.device)
    x = x if x.is_floating_point() else x.float()
    y = nn.functional.one_hot(target, classes).to(x.dtype)
    return share * x + (1 - share) * x[other], share * y + (1 - share) * y[other]


class Mixed(Dataset):
    """A data set whose batches are mixed by `mixup`: for training, where targets become probabilities (classes,).

    It is read a batch at a time, as `train` does."""

    def __init__(self, data: Dataset, classes: int, alpha: float = 0.2):
        self.data, self.classes, self.alpha = data, classes, alpha

    def __len__(self) -> int:
        return len(self.data)  # type: ignore[arg-type]

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        return self.__getitems__([i])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        x, target = default_collate([self.data[i] for i in indices])
        return list(zip(*mixup(x, target, self.classes, self.alpha), strict=True))


def mean_probabilities(
    nets: nn.Module | Iterable[nn.Module], x: torch.Tensor, views: Sequence[View] = (), batch_size: int = 512
) -> torch.Tensor:
    """Probabilities (N, C) on the CPU, averaged over networks (an ensemble) and views (test-time augmentation).

        p(k | x) = mean over networks f and views v of softmax(f(v(x)))_k

    x: (N, ...), which goes where each network is. views: functions of a batch, like torch.fliplr's; none means x as it
    is. Every network runs in evaluation mode, and is afterwards in the mode that it was in. Raises ValueError without
    networks."""
    need_positive(batch_size, "batch_size")
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"x should be a tensor of pictures; got {type(x).__name__}: write torch.as_tensor(x).")
    found: list[torch.Tensor] = []
    for net in [nets] if isinstance(nets, nn.Module) else list(nets):
        where = next((t.device for t in chain(net.parameters(), net.buffers())), device())
        with evaluating(net), torch.inference_mode():
            for view in views or (lambda batch: batch,):
                parts = [net(view(part.to(where))).float().softmax(dim=1).cpu() for part in x.split(batch_size)]
                found.append(torch.cat(parts))
    if not found:
        raise ValueError("There is no network to ask: give one, or a list of them.")
    return torch.stack(found).mean(dim=0)


class PicturePrediction(NamedTuple):
    """A class's name, and the probability that the network gives it."""

    name: str
    confidence: float


def predict(
    net: nn.Module,
    picture: str | os.PathLike[str] | NDArray[Any],
    classes: Sequence[str],
    *,
    mean: Sequence[float] | NDArray[Any],
    std: Sequence[float] | NDArray[Any],
    size: int = 32,
    top: int = 1,
    views: Sequence[View] = (),
) -> list[PicturePrediction]:
    """The `top` most probable classes of one picture, the most probable first.

        predict(net, "cat.png", classes, mean=mean, std=std)[0]    # PicturePrediction(name="cat", confidence=0.93)

    picture: a file of any size and mode, or an array, as `nnlab.datasets.pictures.square` reads them: laid on a white
    square and scaled to size x size. mean, std: of the training part by channel, in units from 0 to 1; one each for a
    network that reads grey, three for colour. views: as in `mean_probabilities`.

    Raises FileNotFoundError for a file that is not there; ValueError for one that is no picture, for names that do not
    fit the network and for a `top` above their number."""
    average, deviation = (np.asarray(each, np.float32).reshape(-1, 1, 1) for each in (mean, std))
    if len(average) not in (1, 3) or len(average) != len(deviation):
        raise ValueError(f"mean and std should have 1 entry each, or 3; got {len(average)} and {len(deviation)}.")
    if not (np.isfinite(average).all() and np.isfinite(deviation).all() and (deviation > 0).all()):
        raise ValueError(f"mean and std should be finite, and std above 0; got {average.ravel()}, {deviation.ravel()}.")
    if not 1 <= need_size(top, "top") <= len(classes):
        raise ValueError(f"top should be from 1 to {len(classes)}, the number of classes; got {top}.")
    pixels = square(picture, size, grey=len(average) == 1).astype(np.float32) / 255
    x = torch.tensor((pixels.transpose(2, 0, 1) - average) / deviation)[None]
    p = mean_probabilities(net, x, views)[0]
    if len(p) != len(classes):
        raise ValueError(f"classes has {len(classes)} names, but the network tells {len(p)} classes apart.")
    found = p.topk(top)
    return [
        PicturePrediction(str(classes[k]), value)
        for value, k in zip(found.values.tolist(), found.indices.tolist(), strict=True)
    ]
