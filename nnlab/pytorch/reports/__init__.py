"""How good a trained model is: a report that a person reads and a program uses, and cross-validation.

The metrics are scikit-learn's; `nnlab.scratch.metrics` has them written out."""

from .classifier import ClassifierReport, evaluate_classifier
from .cross_validation import CrossValidation, Fold, cross_validate
from .regressor import RegressorReport, evaluate_regressor
