"""Metrics from scratch, under scikit-learn's names, argument order and conventions; scikit-learn is the twin.

The truth comes first: `metric(y_true, y_pred)`. Labels may be numbers or texts, `sample_weight` (N,) counts each row
that many times. Empty input, NaN, unequal lengths and negative weights raise ValueError or TypeError in one sentence.
What is not defined (a precision without a single prediction, an area under ROC with one class) is what scikit-learn
gives, with an `UndefinedMetricWarning`.
"""

from .classification import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score
from .curves import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve
from .drift import ks_statistic, population_stability
from .frechet import frechet_distance
from .inputs import UndefinedMetricWarning
from .probabilities import brier_score_loss, calibration_curve, expected_calibration_error, log_loss
from .regression import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_pinball_loss,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
)
from .resampling import Interval, bootstrap_interval, mcnemar_test, permutation_test
