"""The chapter's second subject: EfficientNet-Lite0 with ImageNet's classes, and two photographs."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_sample_image
from torch import nn

from nnlab.pytorch.backbone import FEATURES, efficientnet_lite0, imagenet_weights

NAMES = {309: "bee", 442: "bell cote", 663: "monastery", 698: "palace", 947: "mushroom", 954: "banana", 985: "daisy"}
# those of ImageNet's 1,000 classes that the chapter meets
SIDE = 224


class FromUnit(nn.Module):
    """Pixels from 0 to 1 as the network was trained on them: (255 x - 127) / 128. An attack then stays in 0 to 1."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (255 * x - 127) / 128


def imagenet_network() -> nn.Sequential:
    """FromUnit, the 18 layers of `efficientnet_lite0`, and the classifier that was trained with them.

    x: (N, 3, H, W) from 0 to 1 -> logits (N, 1000). In evaluation mode; parameters ask for no gradient."""
    weights, head = imagenet_weights(), nn.Linear(FEATURES, 1000)
    head.load_state_dict({"weight": weights["_fc.weight"], "bias": weights["_fc.bias"]})
    return nn.Sequential(FromUnit(), efficientnet_lite0(), head).eval().requires_grad_(False)


def photographs() -> torch.Tensor:
    """A palace in China and a flower, the middle squares, (2, 3, 224, 224) from 0 to 1. scikit-learn, CC BY 2.0."""
    found = []
    for name in ("china.jpg", "flower.jpg"):
        image = Image.fromarray(load_sample_image(name))
        width, height = image.size
        side = min(image.size)
        left, top = (width - side) // 2, (height - side) // 2
        square = image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        found.append(torch.tensor(np.asarray(square), dtype=torch.float32).permute(2, 0, 1) / 255)
    return torch.stack(found)
