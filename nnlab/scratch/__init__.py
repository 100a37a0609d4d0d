"""Every building block from scratch in NumPy, with PyTorch's names, layouts and defaults. Imports NumPy alone."""

from .activations import (
    ACTIVATIONS,
    ELU,
    GELU,
    Activation,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    elu,
    elu_grad,
    gelu,
    gelu_grad,
    identity,
    identity_grad,
    leaky_relu,
    leaky_relu_grad,
    relu,
    relu_grad,
    sigmoid,
    sigmoid_grad,
    silu,
    silu_grad,
    softmax,
    softmax_grad,
    swish,
    swish_grad,
    tanh,
    tanh_grad,
)
from .gradcheck import check_gradients, numeric_gradient
from .init import (
    INITIALISERS,
    calculate_gain,
    kaiming_normal,
    kaiming_uniform,
    xavier_normal,
    xavier_uniform,
)
from .linear import Linear
from .losses import BCEWithLogitsLoss, CrossEntropyLoss
from .models import MLP
from .module import Layer, Sequential
from .optim import SGD, Adam
