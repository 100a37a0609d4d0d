"""Reports of any model and loader: scikit-learn's numbers, on any device, and a sentence for what does not fit."""

import numpy as np
import pytest
import torch
from sklearn import metrics
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from nnlab.pytorch import evaluate, evaluate_classifier, evaluate_regressor, tensors


def logits_and_targets(n=200, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(classes, size=n)
    return (rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[y]).astype(np.float32), y


def test_numbers_are_scikit_learns():
    z, y = logits_and_targets()
    report = evaluate_classifier(nn.Identity(), tensors(z, y), batch_size=7)
    predicted = z.argmax(1)
    p = torch.tensor(z).double().softmax(1).numpy()
    np.testing.assert_array_equal(report.confusion, metrics.confusion_matrix(y, predicted))
    assert report.accuracy == metrics.accuracy_score(y, predicted)
    assert report.macro_f1 == pytest.approx(metrics.f1_score(y, predicted, average="macro"))
    assert report.log_loss == pytest.approx(metrics.log_loss(y, p))
    np.testing.assert_allclose(report.recall, metrics.recall_score(y, predicted, average=None))
    assert (report.log_loss, report.accuracy) == pytest.approx(evaluate(nn.Identity(), tensors(z, y)), rel=1e-5)
    assert report.roc_auc is None and "roc_auc" not in report.as_dict()


@pytest.mark.parametrize("shape", [(60,), (60, 1)])
def test_one_logit_is_two_classes(shape):
    z, y = logits_and_targets(60, 2)
    one = z[:, 1] - z[:, 0]
    two = evaluate_classifier(nn.Identity(), tensors(z, y))
    for target in (y, y.astype(np.float32)):  # BCEWithLogitsLoss wants floats
        report = evaluate_classifier(nn.Identity(), tensors(one.reshape(shape), target.reshape(shape)))
        np.testing.assert_allclose(report.probabilities, two.probabilities, atol=1e-6)
        assert report.as_dict() == pytest.approx(two.as_dict(), rel=1e-5)
    assert two.roc_auc == pytest.approx(metrics.roc_auc_score(y, one))
    assert two.average_precision == pytest.approx(metrics.average_precision_score(y, one))


def test_the_threshold_moves_decisions_only():
    z, y = logits_and_targets(200, 2)
    strict, lax = (evaluate_classifier(nn.Identity(), tensors(z, y), threshold=t) for t in (0.9, 0.1))
    assert strict.recall[1] < lax.recall[1] and strict.precision[1] > lax.precision[1]
    assert strict.roc_auc == lax.roc_auc and strict.log_loss == lax.log_loss
    np.testing.assert_array_equal(strict.y_pred, strict.probabilities[:, 1] >= 0.9)


def test_absent_classes_and_one_class_only():
    z = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 2]] * 9
    report = evaluate_classifier(nn.Identity(), tensors(z, np.array([0, 0, 1, 0, 1])))
    assert np.isnan(report.f1[3]) and report.precision[2] == 0 and report.support.tolist() == [3, 2, 0, 0]
    assert report.macro_recall == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert "-" in repr(report)
    one = evaluate_classifier(nn.Identity(), tensors(z[:, :2], np.zeros(5, int)))
    assert np.isnan(one.roc_auc) and "roc_auc" not in one.as_dict()


def test_dense_targets_and_ignored_ones():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(6, 3, 4)).astype(np.float32)
    y = z.argmax(1)
    y[:2] = -100
    report = evaluate_classifier(nn.Identity(), tensors(z, y))
    assert report.accuracy == 1 and len(report.y_true) == 16


class OnMeta(nn.Module):
    """Lives on the meta device, where nothing can be computed and other devices are refused; answers on the CPU."""

    def __init__(self, answers):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 1, device="meta"))
        self.answers, self.place = answers, 0

    def forward(self, x):
        assert (x @ self.weight).is_meta  # the batch came to where the model is
        self.place += len(x)
        return self.answers[self.place - len(x) : self.place]


def test_the_batch_goes_to_the_models_device():
    z, y = logits_and_targets(50)
    report = evaluate_classifier(OnMeta(torch.tensor(z)), tensors(np.zeros((50, 1)), y), batch_size=16)
    assert report.accuracy == (z.argmax(1) == y).mean()
    t = z[:, 0]
    assert evaluate_regressor(OnMeta(torch.tensor(t)), tensors(np.zeros((50, 1)), t), batch_size=16).mse == 0


class Two(nn.Module):
    def forward(self, x, more):
        return x + more["y"][0]


def test_any_loader():
    """A DataLoader, a generator, a data set row by row, several inputs, an input in a dictionary."""
    z, y = logits_and_targets(40)
    data = tensors(z, y)
    wanted = evaluate_classifier(nn.Identity(), data).as_dict()
    rows = [(torch.tensor(a), int(b)) for a, b in zip(z, y, strict=True)]
    for loader in (DataLoader(data, 7), (batch for batch in DataLoader(data, 7)), DataLoader(rows, 9)):
        assert evaluate_classifier(nn.Identity(), loader).as_dict() == pytest.approx(wanted)
    half = torch.tensor(z) / 2
    batches = [(half[i : i + 9], {"y": [half[i : i + 9]]}, torch.tensor(y[i : i + 9])) for i in range(0, 40, 9)]
    assert evaluate_classifier(Two(), batches).as_dict() == pytest.approx(wanted)


def test_half_precision_outputs():
    z, y = logits_and_targets(40)
    report = evaluate_classifier(nn.Identity(), TensorDataset(torch.tensor(z).bfloat16(), torch.tensor(y)))
    assert report.probabilities.dtype == np.float64 and report.accuracy > 0.5


def test_the_mode_is_left_as_it_was_also_after_an_error():
    z, y = logits_and_targets(40)
    model = nn.Sequential(nn.Dropout(0.9), nn.BatchNorm1d(3).eval())
    seen = evaluate_classifier(model, tensors(z, y)).accuracy
    assert seen > 0.5  # without dropout
    assert model.training and model[0].training and not model[1].training
    with pytest.raises(ValueError):
        evaluate_classifier(model, tensors(z * np.nan, y))
    assert model.training and not model[1].training


def test_the_report_reads_well():
    z, y = logits_and_targets()
    text = repr(evaluate_classifier(nn.Identity(), tensors(z, y), classes=["cat", "dog", "owl"]))
    assert text.startswith("200 rows, 3 classes\naccuracy 0.")
    table = text.split("\n\n")[1].splitlines()
    assert (
        table[0].split() == ["class", "precision", "recall", "F1", "rows"] and len({len(line) for line in table}) == 1
    )
    assert "rows are the truth" in text and "owl" in text
    many = evaluate_classifier(nn.Identity(), tensors(np.eye(30)[[0, 0, 1, 1, 2]] * 9.0, np.array([0, 1, 2, 2, 2])))
    assert many.confusions() == [("2", "1", 2), ("1", "0", 1)]
    assert "most frequent mistakes" in repr(many)


def test_regression_is_scikit_learns_and_columns_are_no_broadcast():
    rng = np.random.default_rng(0)
    p, t = rng.normal(size=(50, 1)), rng.normal(size=50)
    report = evaluate_regressor(nn.Identity(), tensors(p, t), batch_size=7)
    p, t = p.astype(np.float32).astype(float)[:, 0], t.astype(np.float32).astype(float)
    assert report.mse == pytest.approx(((p - t) ** 2).mean())  # not that of a 50 x 50 table
    assert report.r2 == pytest.approx(metrics.r2_score(t, p)) and report.mape > 0
    two = rng.normal(size=(50, 2))
    assert evaluate_regressor(nn.Identity(), tensors(two, two)).r2 == 1
    assert "rmse" in repr(report) and report.as_dict()["mae"] == pytest.approx(np.abs(p - t).mean())
    assert "r2" not in evaluate_regressor(nn.Identity(), tensors(np.ones((1, 1)), np.ones(1))).as_dict()


def test_what_does_not_fit_is_told_in_a_sentence():
    z, y = logits_and_targets(20)
    same = nn.Identity()
    softmax = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    for call, error, words in [
        (lambda: evaluate_classifier(same, tensors(z * np.nan, y)), ValueError, "20 of 20 rows are NaN"),
        (lambda: evaluate_classifier(same, tensors(softmax, y)), ValueError, "without a softmax"),
        (lambda: evaluate_classifier(same, tensors(z, y + 1)), ValueError, "from 0 to 2, got 1 to 3"),
        (lambda: evaluate_classifier(same, tensors(z, y + 0.5)), TypeError, "class numbers"),
        (lambda: evaluate_classifier(same, tensors(z, np.full(20, -100))), ValueError, "all targets are ignored"),
        (lambda: evaluate_classifier(same, tensors(z, y), classes=["a"]), ValueError, "1 names"),
        (lambda: evaluate_classifier(same, tensors(z, np.zeros((20, 2), int))), ValueError, "do not fit"),
        (lambda: evaluate_classifier(same, []), ValueError, "no rows"),
        (lambda: evaluate_classifier(same, tensors(z[:0], y[:0])), ValueError, "empty"),
        (lambda: evaluate_classifier(same, [torch.tensor(z)]), TypeError, "pair"),
        (lambda: evaluate_regressor(same, tensors(z, z[:, 0])), ValueError, "do not fit"),
        (lambda: evaluate_regressor(same, tensors(z[:, 0], z[:, 0] * np.nan)), ValueError, "NaN"),
    ]:
        with pytest.raises(error, match=words):
            call()
