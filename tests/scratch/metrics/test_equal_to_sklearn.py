"""Every metric equals scikit-learn's, on drawn input: ties, absent classes, one class, weights, texts as labels."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import calibration as theirs_calibration
from sklearn import metrics as theirs

from nnlab.scratch import metrics as ours

SETTINGS = settings(max_examples=120, deadline=None)
TEXTS = np.array(["ant", "bee", "cow", "dog"])


@st.composite
def labelled(draw: Any, most: int = 4) -> tuple[Any, ...]:
    """(y_true, y_pred, weights or None): up to `most` classes of which some may be absent from one or both."""
    n = draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    classes = draw(st.integers(1, most))
    t, p = rng.integers(classes, size=n), rng.integers(draw(st.integers(1, most)), size=n)
    weights = draw(st.sampled_from([None, "whole", "fractions"]))
    w = {None: None, "whole": rng.integers(0, 3, n) + (np.arange(n) == 0), "fractions": rng.random(n) + 0.01}[weights]
    kind = draw(st.sampled_from(["int", "text", "list", "float", "bool"]))
    if kind == "text":
        t, p = TEXTS[t], TEXTS[p]
    elif kind == "list":
        t, p = t.tolist(), p.tolist()
    elif kind == "float":
        t, p = t.astype(float), p.astype(float)
    elif kind == "bool":
        t, p = t > 0, p > 0
    return t, p, w


@st.composite
def scored(draw: Any) -> tuple[Any, ...]:
    """(y_true of 0 and 1, scores with many ties, weights or None). One class only may come."""
    n = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    levels = draw(st.sampled_from([1, 2, 5, 1000]))
    t = (rng.random(n) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))).astype(int)
    w = draw(st.sampled_from([None, rng.integers(0, 3, n) + (np.arange(n) == 0), rng.random(n) + 0.01]))
    return t, rng.integers(levels, size=n) / levels, w


def both(name: str, *args: Any, their_home: Any = theirs, **keywords: Any) -> None:
    """Call the function of this name on both sides: the same value, or an error on both."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wanted = getattr(their_home, name)(*args, **keywords)
        except ValueError:
            with pytest.raises(ValueError):
                getattr(ours, name)(*args, **keywords)
            return
        got = getattr(ours, name)(*args, **keywords)
    same(got, wanted)


def same(got: Any, wanted: Any) -> None:
    if isinstance(wanted, tuple):
        assert len(got) == len(wanted)
        for one, other in zip(got, wanted, strict=True):
            same(one, other)
        return
    assert np.shape(got) == np.shape(wanted)
    np.testing.assert_allclose(np.asarray(got, float), np.asarray(wanted, float), rtol=1e-9, atol=1e-12)


@SETTINGS
@given(labelled(), st.sampled_from([None, "true", "pred", "all"]))
def test_confusion_matrix_and_accuracy(rows, normalize):
    t, p, w = rows
    both("confusion_matrix", t, p, sample_weight=w, normalize=normalize)
    both("accuracy_score", t, p, sample_weight=w)
    both("accuracy_score", t, p, sample_weight=w, normalize=False)


def test_confusion_matrix_with_named_labels():
    t, p = [0, 1, 2, 2, 1], [0, 2, 2, 1, 5]
    for labels in ([2, 1, 0], [1, 2], [0, 7], [3, 4]):
        both("confusion_matrix", t, p, labels=labels)
    assert ours.confusion_matrix(t, p).dtype == np.int64
    assert ours.confusion_matrix(t, p, sample_weight=[1.0, 2, 3, 4, 5]).dtype == np.float64


@SETTINGS
@given(
    labelled(),
    st.sampled_from(["precision_score", "recall_score", "f1_score"]),
    st.sampled_from(["binary", "micro", "macro", "weighted", None]),
    st.sampled_from([0, 1, np.nan, "warn"]),
)
def test_precision_recall_f1(rows, name, average, zero_division):
    t, p, w = rows
    pos_label = "bee" if np.asarray(t).dtype.kind == "U" and average == "binary" else 1
    keywords = dict(average=average, zero_division=zero_division, sample_weight=w, pos_label=pos_label)
    both(name, t, p, **keywords)


@pytest.mark.parametrize("name", ["precision_score", "recall_score", "f1_score"])
def test_some_labels_only(name):
    t, p = [0, 1, 2, 2, 1, 0], [0, 2, 2, 1, 0, 0]
    for average in ("micro", "macro", "weighted", None):
        both(name, t, p, labels=[1, 2], average=average)
        both(name, t, p, labels=[1, 2, 3], average=average, zero_division=1)


@SETTINGS
@given(scored(), st.booleans())
def test_roc_and_precision_recall_curves(rows, drop):
    t, score, w = rows
    both("roc_curve", t, score, sample_weight=w, drop_intermediate=drop)
    both("precision_recall_curve", t, score, sample_weight=w, drop_intermediate=drop)


@SETTINGS
@given(scored(), st.sampled_from([(0, 1), (-1, 1), ("no", "yes")]))
def test_areas(rows, names):
    t, score, w = rows
    t = np.array(names)[t]
    both("roc_auc_score", t, score, sample_weight=w)
    both("average_precision_score", t, score, sample_weight=w, pos_label=names[1])
    both("roc_curve", t, score, sample_weight=w, pos_label=names[1])


@SETTINGS
@given(st.integers(0, 2**32), st.sampled_from(["macro", "weighted", None]), st.booleans())
def test_area_of_several_classes(seed, average, weighted):
    rng = np.random.default_rng(seed)
    t = np.append([0, 1, 2], rng.integers(3, size=20))
    p = rng.integers(1, 5, (23, 3)) / 1.0
    p /= p.sum(axis=1, keepdims=True)
    w = rng.random(23) + 0.1 if weighted else None
    both("roc_auc_score", TEXTS[t], p, average=average, sample_weight=w, multi_class="ovr")


@SETTINGS
@given(scored())
def test_log_loss_brier_and_calibration_of_two_classes(rows):
    t, p, w = rows
    both("log_loss", t, p, sample_weight=w)
    both("log_loss", t, p, sample_weight=w, labels=[0, 1], normalize=False)
    both("brier_score_loss", t, p, sample_weight=w)
    for n_bins, strategy in ((5, "uniform"), (3, "quantile"), (10, "uniform")):
        both("calibration_curve", t, p, n_bins=n_bins, strategy=strategy, their_home=theirs_calibration)


@SETTINGS
@given(st.integers(0, 2**32), st.booleans(), st.integers(1, 30))
def test_log_loss_and_brier_of_several_classes(seed, weighted, n):
    """Probabilities of exactly 0 and 1 come, and classes that do not."""
    rng = np.random.default_rng(seed)
    t = rng.integers(4, size=n)
    p = rng.integers(0, 3, (n, 4)) + np.eye(4)[rng.integers(4, size=n)]
    p /= p.sum(axis=1, keepdims=True)
    w = rng.random(n) + 0.1 if weighted else None
    both("log_loss", TEXTS[t], p, sample_weight=w, labels=TEXTS)
    both("brier_score_loss", t, p, sample_weight=w, labels=[0, 1, 2, 3])
    two = p[:, :2] + [0.5, 0]
    both("brier_score_loss", t % 2, two / two.sum(axis=1, keepdims=True), sample_weight=w, labels=[0, 1])


@SETTINGS
@given(
    st.integers(0, 2**32),
    st.sampled_from([(1,), (2,), (30,), (30, 1), (30, 3)]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["uniform_average", "raw_values"]),
)
def test_regression(seed, shape, constant, weighted, multioutput):
    rng = np.random.default_rng(seed)
    t = np.full(shape, 2.0) if constant else rng.integers(-3, 4, shape).astype(float)  # zeros among them
    p = t.copy() if rng.random() < 0.2 else t + rng.normal(size=shape)
    w = rng.integers(1, 4, shape[0]) if weighted else None
    for name in ("mean_squared_error", "root_mean_squared_error", "mean_absolute_error", "r2_score"):
        both(name, t, p, sample_weight=w, multioutput=multioutput)
    both("mean_absolute_percentage_error", t, p, sample_weight=w, multioutput=multioutput)
    for alpha in (0.0, 0.1, 0.5, 1.0):
        both("mean_pinball_loss", t, p, sample_weight=w, alpha=alpha, multioutput=multioutput)
