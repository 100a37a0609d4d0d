"""What a practitioner writes: the same things in PyTorch, on the CPU, CUDA or Apple's MPS."""

from .convolutional import CNN, ResidualBlock, ResNet
from .device import device
from .feedforward import MLP
from .recurrent import SequenceClassifier
from .train import evaluate, tensors, train
