"""Cross-validation: every row is tested once, by a model that never saw it, nor anything computed from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import TensorDataset

from ..device import device
from ..training.batches import tensors
from .classifier import evaluate_classifier
from .outputs import aligned
from .regressor import evaluate_regressor

Array = NDArray[Any]


@dataclass(frozen=True)
class Fold:
    """One fold: the row numbers trained on and tested on, the score, and the whole report of the tested rows."""

    train: Array
    test: Array
    score: float
    report: Any


@dataclass(frozen=True)
class CrossValidation:
    """The folds, and mean and standard deviation (n - 1) of their scores in `metric`. Printed it is a table.

    The scores are not independent, for their training parts overlap: the standard deviation says how much a score
    varies from fold to fold, and divided by the root of their number it is too small an error of the mean."""

    metric: str
    folds: list[Fold]

    @property
    def scores(self) -> Array:
        """The score of each fold, (n_folds,)."""
        return np.array([fold.score for fold in self.folds])

    @property
    def mean(self) -> float:
        """The mean score."""
        return float(self.scores.mean())

    @property
    def std(self) -> float:
        """The standard deviation of the scores."""
        return float(self.scores.std(ddof=1))

    def __repr__(self) -> str:
        rows = [
            (f"fold {k}", f"{len(f.train):,}", f"{len(f.test):,}", f"{f.score:.3f}")
            for k, f in enumerate(self.folds, 1)
        ]
        table = aligned(("", "trained on", "tested on", self.metric), *rows)
        return "\n".join([*table, f"{self.metric} {self.mean:.3f}, standard deviation {self.std:.3f}"])


def cross_validate(
    make_model: Callable[[], nn.Module],
    x: Array,
    y: Array,
    *,
    fit: Callable[[nn.Module, TensorDataset], Any],
    splits: Any = 5,
    groups: Array | None = None,
    scaler: Callable[[], Any] | None = None,
    evaluate: Callable[[nn.Module, TensorDataset], Any] | None = None,
    metric: str | None = None,
    seed: int = 0,
) -> CrossValidation:
    """Train a new model in each fold, and measure it on the rows that were kept back.

        def fit(model, data):
            train(model, data, data, torch.optim.Adam(model.parameters()), epochs=20)

        found = cross_validate(lambda: MLP([4, 8, 3]), x, y, fit=fit, scaler=StandardScaler)
        found.mean, found.std, found.folds[0].report

    x: (N, ...); y: (N,) whole numbers for a classifier, floats for a regressor. make_model: makes a new model at each
    call; the weights that it draws and what `fit` draws depend on `seed` and the fold, and the caller's generator is
    left alone. fit(model, data): trains on the fold's training rows, all that it is given, so whatever it chooses
    (epochs, say) it has to choose with a part of these. splits: a number of folds, stratified by class for a
    classifier and shuffled, with `groups` (N,) whole groups; or any object with split(x, y, groups), as scikit-learn
    and `nnlab.scratch` have them, TimeSeriesSplit(5) for rows in the order of time. scaler: a class with fit and
    transform, such as scikit-learn's StandardScaler; each fold fits one of its own, on its training rows. evaluate:
    `evaluate_classifier` or `evaluate_regressor` by the type of y, or any function that gives a report with
    `as_dict()`. metric: a name in it, by default "accuracy" or "rmse".

    Raises ValueError for unequal lengths, for a model or scaler that is used twice, for rows or a group on both sides
    of a split and for an unknown metric; TypeError for a model or scaler instead of what makes one.
    """
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y) or len(x) == 0 or (groups is not None and len(groups) != len(x)):
        raise ValueError(f"x, y and groups should have equally many rows, at least one; got {len(x)} and {len(y)}.")
    for what, name in ((make_model, "make_model"), (scaler, "scaler")):
        if isinstance(what, nn.Module) or (what is not None and not callable(what)):
            raise TypeError(
                f"{name} should make a new one in each fold, such as lambda: MLP([4, 8, 3]); got an object."
            )
    if y.dtype.kind not in "iubf":
        raise TypeError(f"y should be whole numbers or floats, got {y.dtype}: number the classes from 0.")
    whole = y.dtype.kind in "iub"
    evaluate = evaluate or (evaluate_classifier if whole else evaluate_regressor)
    metric = metric or ("accuracy" if whole else "rmse")
    folds: list[Fold] = []
    made: WeakValueDictionary[int, Any] = WeakValueDictionary()  # models, scalers and weights that are still there
    for k, (train, test) in enumerate(_pairs(splits, x, y, groups, whole, seed)):
        with torch.random.fork_rng():
            torch.manual_seed(seed * 1_000_003 + k)
            model = _new(make_model, made, "make_model")
            x_train, x_test = x[train], x[test]
            if scaler is not None:
                fitted = _new(scaler, made, "scaler").fit(_flat(x_train))
                x_train, x_test = (fitted.transform(_flat(part)).reshape(part.shape) for part in (x_train, x_test))
            fit(model.to(device()), tensors(x_train, y[train]))
            report = evaluate(model, tensors(x_test, y[test]))
        known = report.as_dict()
        if metric not in known:
            raise ValueError(f"The report of fold {k + 1} has no {metric!r}; it has {', '.join(known)}.")
        folds.append(Fold(train, test, known[metric], report))
    if len(folds) < 2:
        raise ValueError(f"Cross-validation needs at least 2 folds, got {len(folds)}.")
    return CrossValidation(metric, folds)


def _new(make: Callable[[], Any], made: WeakValueDictionary[int, Any], name: str) -> Any:
    """What `make` makes, if it is a new one: a model that goes on in the next fold knows its test rows."""
    one = make()
    parts = [one, *(one.parameters() if isinstance(one, nn.Module) else [])]
    if any(made.get(id(part)) is part for part in parts):
        raise ValueError(f"{name} gave the same object or weights in two folds: make a new one at each call.")
    made.update({id(part): part for part in parts})
    return one


def _flat(x: Array) -> Array:
    return x.reshape(len(x), -1)


def _pairs(
    splits: Any, x: Array, y: Array, groups: Array | None, whole: bool, seed: int
) -> Iterator[tuple[Array, Array]]:
    """Training and test rows of each fold, checked."""
    from sklearn import model_selection  # here, not above: it takes a second, and training does without it

    if isinstance(splits, (int, np.integer)):
        if groups is not None:
            splits = model_selection.GroupKFold(int(splits))
        else:
            kind = model_selection.StratifiedKFold if whole else model_selection.KFold
            splits = kind(int(splits), shuffle=True, random_state=seed)
    for k, (train, test) in enumerate(splits.split(_flat(x), y, groups), 1):
        train, test = np.asarray(train), np.asarray(test)
        if not len(train) or not len(test):
            raise ValueError(f"Fold {k} has no rows to {'test' if len(train) else 'train'} on.")
        if both := np.intersect1d(train, test).tolist():
            raise ValueError(f"Fold {k} trains and tests on row {both[0]}: the score would be too good.")
        of = np.arange(len(x)) if groups is None else np.asarray(groups)
        if shared := np.intersect1d(of[train], of[test]).tolist():
            raise ValueError(f"Fold {k} has group {shared[0]!r} on both sides: take a split by groups, as GroupKFold.")
        yield train, test
