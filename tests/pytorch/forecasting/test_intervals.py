"""The pinball loss equals the metric; a conformal margin keeps its promise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnlab.pytorch.forecasting import QuantileLoss, conformal_margin, coverage
from nnlab.scratch.metrics import mean_pinball_loss

LEVELS = (0.1, 0.5, 0.9)


def test_the_loss_is_the_metric():
    rng = np.random.default_rng(0)
    t, y = rng.normal(size=(7, 4)), rng.normal(size=(7, 4, 3))
    loss = QuantileLoss(LEVELS)(torch.tensor(y.reshape(7, 12)), torch.tensor(t))
    wanted = np.mean([mean_pinball_loss(t, y[:, :, k], alpha=q) for k, q in enumerate(LEVELS)])
    assert float(loss) == pytest.approx(wanted, rel=1e-6)


def test_its_minimum_is_the_quantile():
    t = torch.randn(4001, generator=torch.Generator().manual_seed(0), dtype=torch.float64)[:, None]
    y = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.Adam([y], lr=0.02)
    for _ in range(400):
        opt.zero_grad()
        QuantileLoss(LEVELS)(y.expand(4001, 3), t).backward()
        opt.step()
    np.testing.assert_allclose(y.detach()[0], np.quantile(t, LEVELS), atol=0.05)


@pytest.mark.parametrize("levels", [(), (0.9, 0.1), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0)])
def test_levels(levels):
    with pytest.raises(ValueError):
        QuantileLoss(levels)


def test_shapes():
    with pytest.raises(ValueError, match=r"\(5, 6\)"):
        QuantileLoss(LEVELS)(torch.zeros(5, 2), torch.zeros(5, 2))


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_the_margin_covers_what_is_exchangeable(share):
    rng, found = np.random.default_rng(1), []
    for _ in range(200):
        y = rng.standard_t(3, size=300)  # the intervals below know nothing of it
        margin = conformal_margin(y[:100], np.full(100, -0.2), np.full(100, 0.4), share)
        found.append(coverage(y[100:], np.full(200, -0.2 - margin), np.full(200, 0.4 + margin)))
    assert share - 0.01 < np.mean(found) < share + 0.025


def test_a_margin_may_narrow():
    y = np.linspace(-1, 1, 99)
    assert conformal_margin(y, np.full(99, -5.0), np.full(99, 5.0), 0.8) < -3.9


def test_refusals():
    with pytest.raises(ValueError, match="more than 3 values"):
        conformal_margin(np.zeros(3), np.zeros(3), np.zeros(3), 0.9)
    with pytest.raises(ValueError, match="one shape"):
        coverage(np.zeros(3), np.zeros(2), np.zeros(3))
    with pytest.raises(ValueError, match="NaN"):
        coverage(np.array([np.nan]), np.zeros(1), np.zeros(1))
    with pytest.raises(ValueError, match="share"):
        conformal_margin(np.zeros(9), np.zeros(9), np.zeros(9), 1.0)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.55, 0.57, 0.58, 0.9])
def test_the_rank_is_not_moved_by_rounding(share):
    y = np.arange(1.0, 100.0)  # 99 values, so that 100 * share is a whole number
    assert conformal_margin(y, np.zeros(99), np.zeros(99), share) == round(100 * share)
