"""Every building block from scratch in NumPy, with PyTorch's names, layouts and defaults. Imports only NumPy."""

from . import metrics
from .activations import (
    ACTIVATIONS,
    Activation,
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
from .attacks import fgsm, pgd
from .attribution import (
    grad_cam,
    integrated_gradients,
    logit_gradient,
    occlusion,
    sampled_shapley,
    shapley_values,
    smooth_grad,
)
from .autograd import Value
from .clip import clip_grad_norm_, clip_grad_value_
from .compression.quantize import dequantize, quantize
from .generative.vae import vae_loss
from .gradcheck import check_gradients, check_loss_gradient, numeric_gradient
from .graphs import (
    add_self_loops,
    batch_graphs,
    both_directions,
    gcn_coefficients,
    normalised_adjacency,
    propagate,
    segment_sum,
)
from .init import (
    INITIALISERS,
    calculate_gain,
    kaiming_normal,
    kaiming_uniform,
    xavier_normal,
    xavier_uniform,
)
from .language.bpe import BytePairs
from .language.gpt import GPT
from .language.sampling import next_probabilities
from .layers.attention import MultiheadAttention
from .layers.cells import GRU, LSTM, RNN
from .layers.conv import Conv2d
from .layers.dropout import Dropout, Flatten
from .layers.elementwise import ELU, GELU, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Tanh
from .layers.embedding import Embedding
from .layers.graph import GCNConv
from .layers.linear import Linear
from .layers.norm import BatchNorm1d, BatchNorm2d, LayerNorm
from .layers.pool import AvgPool2d, MaxPool2d
from .layers.positions import rotary, sinusoidal_positions
from .layers.transformer import TransformerBlock
from .losses import (
    LOSSES,
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
)
from .models import CNN, MLP
from .module import Layer, Residual, Sequential
from .optim import OPTIMIZERS, SGD, Adam, AdamW, RMSprop
from .plateau import ReduceLROnPlateau, reduce_on_plateau
from .saving import load_checkpoint, save_checkpoint
from .schedule_rules import cosine_annealing_lr, cyclic_lr, exponential_lr, linear_warmup, one_cycle_lr, step_lr
from .schedules import (
    SCHEDULES,
    CosineAnnealingLR,
    CyclicLR,
    ExponentialLR,
    LinearWarmup,
    OneCycleLR,
    StepLR,
)
from .sequential_lr import SequentialLR
from .sharing.federated import fedavg
from .splits import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit
from .train import Step, fit, predict
