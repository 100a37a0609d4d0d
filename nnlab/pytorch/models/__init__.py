"""The networks. Those that exist in `nnlab.scratch` too have the same arguments and parameter names there."""

from .convolutional import CNN, VGG, ResidualBlock, ResNet
from .feedforward import MLP
from .recurrent import SequenceClassifier
from .transformer import GPT, Cache, MaskedLM, TransformerBlock, ViT
