"""Transfer learning: what a network learned from many pictures, used for few.

prepare = Preparation(size=96)
found = transfer(efficientnet_lite0(), nn.Linear(1280, 9), (x, y), (x_val, y_val), prepare=prepare,
                 stages=[Stage(0, 20, 1e-2), Stage(4, 8, 1e-3)], folder="runs/emoji")
found.net(prepare(x_new))
"""

from __future__ import annotations

import copy
import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import TensorDataset

from nnlab.checks import as_array, need_integers, need_number, need_shape, need_size
from nnlab.files import expand, replacing

from .device import device
from .evaluating import evaluating
from .training import History, train

Array = NDArray[Any]
Part = tuple[Array, Array]  # pictures and their labels


@dataclass(frozen=True)
class Preparation:
    """Pictures as the backbone saw them when it was trained.

        x = (scaled to size x size - mean) / std         by channel, in units from 0 to 255

    The default is that of EfficientNet-Lite; torchvision's networks were trained with mean (123.7, 116.3, 103.5) and
    std (58.4, 57.1, 57.4). Its text is part of the cache's key, so another preparation never meets an old cache."""

    size: int = 224
    mean: tuple[float, float, float] = (127.0, 127.0, 127.0)
    std: tuple[float, float, float] = (128.0, 128.0, 128.0)

    def __post_init__(self) -> None:
        need_size(self.size, "size")
        if len(self.mean) != 3 or len(self.std) != 3 or not min(self.std) > 0:
            raise ValueError(f"mean and std should be three numbers each, std above 0; got {self.mean} and {self.std}.")

    def __call__(self, images: Array) -> torch.Tensor:
        """images: (N, H, W, 3) uint8 -> (N, 3, size, size) float32 on `device()`, bilinear."""
        images = as_array(images, "images")
        if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
            raise ValueError(f"images should be (N, H, W, 3) uint8; got {images.dtype} of shape {images.shape}.")
        x = torch.from_numpy(np.ascontiguousarray(images)).to(device()).permute(0, 3, 1, 2).float()
        x = nn.functional.interpolate(x, size=(self.size, self.size), mode="bilinear", align_corners=False)
        mean, std = (torch.tensor(each, device=x.device).reshape(3, 1, 1) for each in (self.mean, self.std))
        return (x - mean) / std


class FrozenStatistics(nn.Sequential):
    """Layers whose batch normalisations stay in evaluation mode, also while everything else trains.

    So they divide by the source's mean and variance and never replace them; their gain and bias still train."""

    def train(self, mode: bool = True) -> FrozenStatistics:
        super().train(mode)
        for module in self.modules():
            if isinstance(module, _BatchNorm):
                module.eval()
        return self


def frozen(
    layers: nn.Sequential,
    images: Array,
    prepare: Callable[[Array], torch.Tensor],
    folder: str | os.PathLike[str] | None = None,
    batch_size: int = 64,
) -> torch.Tensor:
    """What layers that are not trained make of pictures, in evaluation mode: (N, ...) float32 on the CPU.

    With a folder it is computed once and read from there afterwards. The file's name is a sha256 over the layers, their
    weights, the pictures' bytes and `repr(prepare)`, so that a change of any of them is another file."""
    images = np.ascontiguousarray(images)
    need_size(batch_size, "batch_size")
    if not len(images):
        raise ValueError("images should have at least one picture, got none.")
    file = None if folder is None else expand(folder) / f"{_key(layers, images, prepare)[:16]}.npy"
    if file is not None and file.is_file():
        return torch.from_numpy(np.load(file, allow_pickle=False))
    layers.to(device())
    with evaluating(layers), torch.no_grad():
        parts = [layers(prepare(images[i : i + batch_size])).cpu() for i in range(0, len(images), batch_size)]
    found = torch.cat(parts).contiguous()  # as it is when it is read again: rounding depends on the layout
    if file is not None:
        with replacing(file) as out:
            np.save(out, found.numpy())
    return found


def _key(layers: nn.Sequential, images: Array, *more: Any) -> str:
    digest = hashlib.sha256(f"{layers!r} {images.dtype} {images.shape} {more!r}".encode())
    for name, value in layers.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    digest.update(np.ascontiguousarray(images).tobytes())
    return digest.hexdigest()


def parameter_groups(layers: Iterable[nn.Module], lr: float, fall: float = 0.5) -> list[dict[str, Any]]:
    """Groups for an optimizer, one a layer: the last layer's rate is lr, and each layer before it has `fall` times the
    rate of the one behind it.

        lr_k = lr * fall ** (K - 1 - k),   k = 0 ... K - 1

    Parameters with requires_grad=False stay out, and so do layers without any others. Source: discriminative
    fine-tuning, Howard and Ruder 2018, "Universal Language Model Fine-tuning for Text Classification"."""
    if not 0 < need_number(fall, "fall") <= 1:
        raise ValueError(
            f"fall should be above 0 and at most 1, the factor on the rate from layer to layer; got {fall}."
        )
    groups = []
    for depth, layer in enumerate(reversed(list(layers))):
        if params := [p for p in layer.parameters() if p.requires_grad]:
            groups.append({"params": params, "lr": lr * fall**depth})
    return groups[::-1]


class Stage(NamedTuple):
    """One stage of `transfer`: how many of the backbone's last layers are trained along with the head (0: the head on
    its own), for how many epochs, and the head's greatest learning rate."""

    layers: int
    epochs: int
    lr: float


class Transferred(NamedTuple):
    """net: backbone and head, which take what `prepare` makes; histories: one a stage, as `train` returns them."""

    net: nn.Sequential
    histories: list[History]


def transfer(
    backbone: nn.Sequential,
    head: nn.Module,
    data: Part,
    validation: Part,
    stages: Sequence[Stage],
    *,
    prepare: Callable[[Array], torch.Tensor],
    fall: float = 0.5,
    weight_decay: float = 0.01,
    batch_size: int = 64,
    folder: str | os.PathLike[str] | None = None,
    keep_statistics: bool = True,
    seed: int = 0,
    **options: Any,
) -> Transferred:
    """Train a new head on a trained backbone, then more and more of its last layers: gradual unfreezing.

    data, validation: (pictures (N, H, W, 3) uint8, labels (N,)). prepare: makes of pictures what the backbone takes.
    In each stage the head and the backbone's last `layers` layers train with AdamW, a cosine schedule and rates that
    fall with depth (`parameter_groups`); parameters with requires_grad=False stay as they are. Layers in front of the
    deepest trained one are computed once (`frozen`), so pictures cannot be augmented. keep_statistics: batch
    normalisations stay in evaluation mode; with False they train as usual.

    folder: for the frozen layers' cache and the checkpoints; the same call continues where it was interrupted. options:
    as for `train` (amp, patience ...). Backbone and head are copied, so yours stay as they are.

    Raises ValueError for stages whose layers decrease: what was trained first would be thrown away; and for labels that
    are not one a picture."""
    need_number(fall, "fall")
    need_size(batch_size, "batch_size")
    for (x, y), name in ((data, "labels"), (validation, "validation labels")):
        need_shape(need_integers(y, name, 2**31), (len(x),), f"{name}, one a picture,")
    stages = [Stage(*stage) for stage in stages]
    depths = [need_size(stage.layers, "layers", 0) for stage in stages]
    if not depths or depths != sorted(depths) or depths[-1] > len(backbone):
        raise ValueError(
            f"stages should train more and more layers, at most {len(backbone)}; got {', '.join(map(str, depths))}."
        )
    backbone, head = copy.deepcopy(backbone), copy.deepcopy(head)
    layers: OrderedDict[str, nn.Module] = OrderedDict([*backbone.named_children(), ("head", head)])
    net = FrozenStatistics(layers) if keep_statistics else nn.Sequential(layers)
    net.to(device()).eval()
    cut = len(backbone) - depths[-1]
    parts = [
        (frozen(net[:cut], x, prepare, folder), torch.as_tensor(y, dtype=torch.long)) for x, y in (data, validation)
    ]
    history = []
    for k, stage in enumerate(stages):
        first = len(backbone) - stage.layers
        ready = [TensorDataset(_through(net[cut:first], x), y) for x, y in parts]
        tail = net[first:]
        opt = torch.optim.AdamW(parameter_groups(tail, stage.lr, fall), weight_decay=weight_decay)
        steps = stage.epochs * -(-len(ready[0]) // batch_size)
        file = None
        if folder is not None:
            about = (prepare, data[1].tolist(), list(stages[: k + 1]), fall, weight_decay, keep_statistics, seed)
            file = expand(folder) / f"stage{k + 1}-{_key(backbone[:cut], data[0], about)[:16]}.pt"
        how = dict(epochs=stage.epochs, batch_size=batch_size, seed=seed, checkpoint=file, progress=False) | options
        history.append(train(tail, ready[0], ready[1], opt, schedule=CosineAnnealingLR(opt, steps), **how))
    return Transferred(net.eval(), history)


def _through(layers: nn.Sequential, x: torch.Tensor, batch_size: int = 256) -> torch.Tensor:
    """x after layers that are not trained now, on the CPU."""
    layers.eval()
    with torch.no_grad():
        return torch.cat([layers(part.to(device())).cpu() for part in x.split(batch_size)])
