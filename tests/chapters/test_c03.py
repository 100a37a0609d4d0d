"""Chapter 03, Loss functions: what its explorers compute is true."""

import numpy as np

from nnlab.chapters.c03_losses.confidence_explorer import confidence
from nnlab.chapters.c03_losses.outlier_explorer import CLEAN, X, fit_huber, fit_l1, fit_mse
from nnlab.scratch.losses import huber, l1


def test_no_line_beats_the_best_lines():
    y = np.append(CLEAN[:-1], 30.0)
    rng = np.random.default_rng(0)
    costs = {
        "mse": (fit_mse(X, y), lambda e: e**2),
        "l1": (fit_l1(X, y), lambda e: l1(e, 0 * e)),
        "huber": (fit_huber(X, y, 0.7), lambda e: huber(e, 0 * e, 0.7)),
    }
    for name, (line, cost) in costs.items():
        best = cost(line[0] * X + line[1] - y).mean()
        for slope, start in line + rng.normal(0, 0.05, (300, 2)):
            assert cost(slope * X + start - y).mean() >= best - 1e-9, name


def test_the_best_answer_is_the_truth():
    for truth in (0.0, 0.3, 0.7, 1.0):
        curve = confidence(0.5, truth)
        assert curve.best <= curve.curve.min() + 1e-9
