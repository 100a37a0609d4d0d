"""What a practitioner writes: the same models and training loop in PyTorch, on the CPU, CUDA or Apple's MPS.

`models/` holds the networks, `training/` the loop and all that it needs, `reports/` measures what came out, `device.py`
decides where tensors live, `tuning.py` transfers what a network has learned, and `checkpoint.py` writes and reads the
files from which training continues.
"""

from .device import device
from .models import (
    CNN,
    GPT,
    MLP,
    VGG,
    Cache,
    MaskedLM,
    ResidualBlock,
    ResNet,
    SequenceClassifier,
    TransformerBlock,
    ViT,
)
from .reports import (
    ClassifierReport,
    CrossValidation,
    Fold,
    RegressorReport,
    cross_validate,
    evaluate_classifier,
    evaluate_regressor,
)
from .training import Epoch, History, TrainingOptions, evaluate, tensors, train
from .tuning import Preparation, Stage, Transferred, transfer
