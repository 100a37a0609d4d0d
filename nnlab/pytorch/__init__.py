"""What a practitioner writes: the same things in PyTorch, on the CPU, CUDA or Apple's MPS."""

from .device import device
