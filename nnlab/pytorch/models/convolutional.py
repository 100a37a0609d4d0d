"""Convolutional and residual networks. The NumPy original of `CNN` is `nnlab.scratch.CNN`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from ..tensor_checks import need_floating, need_positive, need_tensor_shape


class CNN(nn.Sequential):
    """For each entry of `channels`: Conv2d that keeps the size, BatchNorm2d, ReLU, MaxPool2d(2); then Flatten, Linear,
    ReLU, Dropout, Linear.

    x: (N, in_channels, size, size) -> logits (N, classes); no softmax, because CrossEntropyLoss takes logits. A
    convolution before a BatchNorm2d has no bias, since the normalisation would subtract it again.

    Raises ValueError for an even kernel_size, for more poolings than `size` allows, and for x of a different shape;
    TypeError for x of whole numbers.
    """

    def __init__(
        self,
        in_channels: int = 1,
        classes: int = 10,
        channels: Sequence[int] = (8, 16),
        hidden: int = 32,
        size: int = 28,
        kernel_size: int = 3,
        batch_norm: bool = True,
        dropout: float = 0.0,
    ):
        for value, name in ((in_channels, "in_channels"), (classes, "classes"), (hidden, "hidden"), (size, "size")):
            need_positive(value, name)
        if need_positive(kernel_size, "kernel_size") % 2 == 0:
            raise ValueError(f"kernel_size should be odd, so that the picture keeps its size; got {kernel_size}.")
        side = size // 2 ** len(channels)
        if side < 1:
            raise ValueError(f"{len(channels)} poolings leave nothing of {size} pixels: use fewer channels.")
        layers: list[nn.Module] = []
        for n_in, n_out in pairwise((in_channels, *channels)):
            layers.append(nn.Conv2d(n_in, n_out, kernel_size, padding=kernel_size // 2, bias=not batch_norm))
            layers += [nn.BatchNorm2d(n_out)] if batch_norm else []
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
        width = (in_channels, *channels)[-1] * side * side
        layers += [nn.Flatten(), nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, classes)]
        super().__init__(*layers)
        self.in_channels, self.size = in_channels, size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(x, self, "N C H W", C=self.in_channels, H=self.size, W=self.size)
        need_floating(x, self)
        return super().forward(x)


class VGG(nn.Sequential):
    """For each entry of `channels` a block: twice Conv2d 3x3, BatchNorm2d and ReLU, then MaxPool2d(2) and Dropout; at
    the end Flatten, Linear, ReLU, Dropout, Linear. The default is the usual small network for CIFAR-10: 3.2 million
    parameters.

    x: (N, in_channels, size, size) -> logits (N, classes). dropout: one rate for each block and one for the hidden
    layer. Convolutions have no bias, which the normalisation would subtract again. Raises ValueError for sizes below 1,
    for more poolings than `size` allows, for another number of rates and for x of a different shape; TypeError for x of
    whole numbers. Source: blocks as in Simonyan and Zisserman 2015, "Very Deep Convolutional Networks".
    """

    def __init__(
        self,
        in_channels: int = 3,
        classes: int = 10,
        channels: Sequence[int] = (64, 128, 256),
        hidden: int = 512,
        size: int = 32,
        dropout: Sequence[float] = (0.2, 0.3, 0.4, 0.5),
    ):
        for value, name in ((in_channels, "in_channels"), (classes, "classes"), (hidden, "hidden"), (size, "size")):
            need_positive(value, name)
        if len(dropout) != len(channels) + 1:
            raise ValueError(f"dropout should have {len(channels) + 1} rates, one more than channels; got {dropout}.")
        side = size // 2 ** len(channels)
        if side < 1:
            raise ValueError(f"{len(channels)} poolings leave nothing of {size} pixels: use fewer channels.")
        layers: list[nn.Module] = []
        for (n_in, n_out), rate in zip(pairwise((in_channels, *channels)), dropout[:-1], strict=True):
            for n in (n_in, n_out):
                layers += [nn.Conv2d(n, n_out, 3, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()]
            layers += [nn.MaxPool2d(2), nn.Dropout(rate)]
        width = (in_channels, *channels)[-1] * side * side
        head = [nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout[-1]), nn.Linear(hidden, classes)]
        super().__init__(*layers, nn.Flatten(), *head)
        self.in_channels, self.size = in_channels, size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(x, self, "N C H W", C=self.in_channels, H=self.size, W=self.size)
        need_floating(x, self)
        return super().forward(x)


class ResidualBlock(nn.Module):
    """y = relu(f(x) + shortcut(x)), where f is two 3x3 convolutions with batch normalisation and a ReLU between them.

    x: (N, in_channels, H, W) -> (N, out_channels, ceil(H / stride), ceil(W / stride)). The
    shortcut is x itself if the shape stays the same, else a projection: a 1x1 convolution with the same stride and a
    normalisation. residual=False leaves the shortcut out: the plain twin. Raises ValueError for x of a different shape.
    Source: He et al. 2015, "Deep Residual Learning", figure 2 and section 3.3.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1, residual: bool = True):
        super().__init__()
        self.in_channels, self.residual = need_positive(in_channels, "in_channels"), residual
        need_positive(out_channels, "out_channels")
        need_positive(stride, "stride")
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.shortcut: nn.Module = nn.Identity()
        if residual and (stride != 1 or in_channels != out_channels):
            projection = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(out_channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(x, self, "N C H W", C=self.in_channels)
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.shortcut(x) if self.residual else y)


class ResNet(nn.Module):
    """Residual network for small pictures: a 3x3 convolution, `blocks` ResidualBlocks for each entry of `channels`, the
    mean over height and width, Linear.

    x: (N, in_channels, H, W) of any size -> logits (N, classes). Every stage but the first halves height and
    width. Layers with weights along the path: 2 * blocks * len(channels) + 2, so the default has 20. residual=False is
    the plain twin with as many. Convolutions are initialised by He's rule (fan_out). Raises ValueError or TypeError for
    sizes below 1 and for x of a different shape or type. Source: He et al. 2015, "Deep Residual Learning", 4.2, with
    projections where a shape changes.
    """

    def __init__(
        self,
        in_channels: int = 1,
        classes: int = 10,
        channels: Sequence[int] = (16, 32, 64),
        blocks: int = 3,
        residual: bool = True,
    ):
        super().__init__()
        self.in_channels = need_positive(in_channels, "in_channels")
        need_positive(blocks, "blocks")
        if not channels:
            raise ValueError("channels needs at least one entry, like (16, 32, 64).")
        stem = nn.Conv2d(in_channels, channels[0], 3, padding=1, bias=False)
        self.stem = nn.Sequential(stem, nn.BatchNorm2d(channels[0]), nn.ReLU())
        stages: list[nn.Module] = []
        for n_in, n_out in pairwise((channels[0], *channels)):
            stride = 2 if stages else 1
            stages.append(ResidualBlock(n_in, n_out, stride, residual))
            stages += [ResidualBlock(n_out, n_out, 1, residual) for _ in range(blocks - 1)]
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(channels[-1], need_positive(classes, "classes"))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        need_tensor_shape(x, self, "N C H W", C=self.in_channels)
        need_floating(x, self)
        return self.head(self.stages(self.stem(x)).mean(dim=(2, 3)))
