"""What cannot be measured is refused in one sentence; what is not defined warns and says what was taken."""

import numpy as np
import pytest

from nnlab.scratch import metrics

PAIRS = ["confusion_matrix", "accuracy_score", "precision_score", "recall_score", "f1_score"]
SCORES = ["roc_curve", "roc_auc_score", "precision_recall_curve", "average_precision_score"]
CHANCES = ["log_loss", "brier_score_loss", "calibration_curve", "expected_calibration_error"]
NUMBERS = [
    *("mean_squared_error", "root_mean_squared_error", "mean_absolute_error"),
    *("mean_absolute_percentage_error", "mean_pinball_loss", "r2_score"),
]
each = pytest.mark.parametrize("name", [*PAIRS, *SCORES, *CHANCES, *NUMBERS])


def refused(name, *args, error=ValueError, **keywords):
    with pytest.raises(error) as caught:
        getattr(metrics, name)(*args, **keywords)
    text = str(caught.value)
    assert text.endswith((".", "?", "...")) and "\n" not in text and len(text) < 200, text
    return text


@each
def test_empty_input(name):
    assert "empty" in refused(name, [], [])


@each
def test_unequal_lengths(name):
    text = refused(name, [0, 1, 1], [0.0, 1.0])
    assert "3" in text and "2" in text


@each
def test_nan(name):
    assert "NaN" in refused(name, [0, 1, 1], [0.0, np.nan, 1.0])
    assert "NaN" in refused(name, [0.0, np.nan, 1.0], [0, 1, 1])


@each
def test_what_is_no_number_and_masked_arrays(name):
    refused(name, [0, 1], [object(), object()], error=TypeError)
    refused(name, np.ma.masked_array([0, 1], [0, 1]), [0, 1], error=TypeError)


@pytest.mark.parametrize("name", [name for name in [*PAIRS, *SCORES, *NUMBERS, "log_loss", "brier_score_loss"]])
def test_weights(name):
    for w in ([1.0], [1, -1], [0, 0], [np.nan, 1]):
        assert "sample_weight" in refused(name, [0, 1], [0, 1], sample_weight=w)


@pytest.mark.parametrize("name", CHANCES)
def test_probabilities(name):
    assert "sigmoid or softmax" in refused(name, [0, 1], [0.2, 1.2])


@pytest.mark.parametrize("name", PAIRS)
def test_probabilities_are_no_labels(name):
    assert "threshold" in refused(name, [0, 1], [0.2, 0.9])
    assert "class names" in refused(name, [0, 1], ["no", "yes"], error=TypeError)


def test_shapes_that_broadcast():
    assert "(3,) and (3, 1)" in refused("mean_squared_error", np.zeros(3), np.zeros((3, 1)))
    assert "(N,)" in refused("accuracy_score", np.zeros((3, 1), int), np.zeros(3, int))


def test_options_that_there_are_not():
    assert "Did you mean 'macro'?" in refused("f1_score", [0, 1], [0, 1], average="makro")
    assert "zero_division" in refused("f1_score", [0, 1], [0, 1], zero_division=0.5)
    assert "ovr" in refused("roc_auc_score", [0, 1, 2], np.full((3, 3), 1 / 3), multi_class="ovo")
    assert "two classes" in refused("f1_score", [0, 1, 2], [0, 1, 1])
    assert "positive" in refused("roc_curve", ["no", "yes"], [0.1, 0.2])
    assert "add up to 1" in refused("log_loss", [0, 1], [[0.5, 0.4], [0.5, 0.5]])
    assert "name all classes" in refused("log_loss", [0, 0], [0.1, 0.2])


def test_what_is_not_defined_warns():
    with pytest.warns(metrics.UndefinedMetricWarning, match="Precision is 0 / 0"):
        assert metrics.precision_score([0, 1], [0, 0]) == 0
    with pytest.warns(metrics.UndefinedMetricWarning, match="only one class"):
        assert np.isnan(metrics.roc_auc_score([1, 1], [0.1, 0.2]))
    with pytest.warns(metrics.UndefinedMetricWarning, match="one row"):
        assert np.isnan(metrics.r2_score([1.0], [1.0]))


def test_input_is_not_written_into():
    t, p, w = np.array([0, 1, 1, 0]), np.array([0.3, 0.3, 0.9, 0.1]), np.array([1.0, 0, 2, 1])
    kept = [a.copy() for a in (t, p, w)]
    for name in [*SCORES, "log_loss", "brier_score_loss"]:
        getattr(metrics, name)(t, p, sample_weight=w)
    for now, before in zip((t, p, w), kept, strict=True):
        np.testing.assert_array_equal(now, before)


def test_expected_calibration_error_by_hand():
    """Two bins: 4 rows said 0.25, of which 2 happened; 2 rows said 1, both happened. (4 * 0.25 + 2 * 0) / 6."""
    t, p = [0, 1, 0, 1, 1, 1], [0.25, 0.25, 0.25, 0.25, 1, 1]
    assert metrics.expected_calibration_error(t, p, n_bins=2) == pytest.approx(1 / 6)
    several = np.array([[0.7, 0.2, 0.1], [0.1, 0.7, 0.2], [0.1, 0.2, 0.7], [0.7, 0.2, 0.1]])  # right twice of 4
    assert metrics.expected_calibration_error([0, 1, 0, 1], several) == pytest.approx(0.2)


def test_area_under_roc_is_a_probability():
    """That a positive scores above a negative, ties one half: counted over all pairs."""
    rng = np.random.default_rng(0)
    t, score = rng.integers(2, size=60), rng.integers(8, size=60)
    a, b = score[t == 1][:, None], score[t == 0]
    assert metrics.roc_auc_score(t, score) == pytest.approx(((a > b) + 0.5 * (a == b)).mean())
