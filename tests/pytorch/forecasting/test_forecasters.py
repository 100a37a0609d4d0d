"""Every forecaster keeps one contract: it learns from a history, and answers from the values before each start."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnlab.pytorch.forecasting import (
    CELLS,
    BoostedForecaster,
    ForecastNetwork,
    LinearForecaster,
    NetworkForecaster,
    Recursive,
    SeasonalNaive,
    backtest,
    calendar,
)

DAYS = 40
HOURS = np.datetime64("2013-04-01T00") + np.arange(24 * DAYS)
RNG = np.random.default_rng(0)
WEEK = 200 * np.isin((np.arange(24 * DAYS) // 24) % 7, (5, 6))
LOAD = 1000 + 300 * np.sin(2 * np.pi * np.arange(24 * DAYS) / 24) - WEEK + 10 * RNG.normal(size=24 * DAYS)

MAKERS = {
    "naive": lambda: SeasonalNaive(24),
    "weekly": lambda: SeasonalNaive(168),
    "linear": LinearForecaster,
    "boosted": lambda: BoostedForecaster(max_iter=10),
    "recursive": lambda: Recursive(LinearForecaster(horizon=1, step=1)),
    **{cell: (lambda cell=cell: NetworkForecaster(cell, by=24 if cell != "mlp" else 1, epochs=2)) for cell in CELLS},
    "by the hour": lambda: NetworkForecaster("gru", hidden=4, epochs=1),
    "plain": lambda: NetworkForecaster("mlp", residual=False, calendar=False, epochs=2),
    "quantiles": lambda: NetworkForecaster("mlp", levels=(0.1, 0.5, 0.9), epochs=2),
}
each = pytest.mark.parametrize("name", MAKERS)


def question(model, at):
    at = np.asarray(at)
    return LOAD[at[:, None] - model.length + np.arange(model.length)], HOURS[at]


@each
def test_contract(name):
    model = MAKERS[name]()
    past, start = question(model, [700, 724, 800])
    with pytest.raises(ValueError, match=r"call fit\(load, hours\) first"):
        model.forecast(past, start)
    kept = LOAD.copy(), past.copy()
    assert model.fit(LOAD[:672], HOURS[:672]) is model
    y = model.forecast(past, start)
    assert y.shape == (3, model.horizon) and np.isfinite(y).all()
    np.testing.assert_allclose(model.forecast(past[1:2], start[1:2])[0], y[1], rtol=1e-5)  # rows are apart
    assert np.array_equal(kept[0], LOAD) and np.array_equal(kept[1], past)
    model.fit(LOAD[:672], HOURS[:672])
    np.testing.assert_allclose(model.forecast(past, start), y, rtol=1e-6)  # fitted again, it is the same
    with pytest.raises(ValueError, match=rf"shape \(N, {model.length}\)"):
        model.forecast(past[:, 1:], start)
    with pytest.raises(ValueError, match="3 dates"):
        model.forecast(past, start[:2])
    with pytest.raises(ValueError, match="NaN"):
        model.forecast(np.where(past == past[0, 0], np.nan, past), start)


@each
def test_what_fit_refuses(name):
    model = MAKERS[name]()
    with pytest.raises(ValueError, match="constant"):
        model.fit(np.full(600, 3.0), HOURS[:600])
    with pytest.raises(ValueError, match="need a series of at least"):
        model.fit(LOAD[: model.length], HOURS[: model.length])
    with pytest.raises(ValueError, match="missing"):
        model.fit(LOAD[:600], np.delete(HOURS, 100)[:600])
    with pytest.raises(ValueError, match="NaN"):
        model.fit(np.where(np.arange(960) == 9, np.nan, LOAD), HOURS)


@each
def test_a_forecast_knows_nothing_of_what_comes(name):
    """Change all that comes after the origin: neither the fit nor the forecast may change."""
    model, other = MAKERS[name](), LOAD.copy()
    other[672:] = RNG.permutation(other[672:])
    one, two = (backtest(model, load, HOURS, first=672, last=672 + 24).y_pred for load in (LOAD, other))
    np.testing.assert_array_equal(one, two)


def test_naive_copies():
    model = SeasonalNaive(24, 30).fit(LOAD, HOURS)
    past = np.arange(24.0)[None]
    assert model.forecast(past, HOURS[:1])[0].tolist() == [*range(24), *range(6)]
    assert SeasonalNaive(1, 3).fit(LOAD, HOURS).forecast([[7.0]], HOURS[:1]).tolist() == [[7.0] * 3]


def test_linear_and_boosting_learn_the_week():
    found = {n: backtest(MAKERS[n](), LOAD, HOURS, first=24 * 33).mae for n in ("naive", "linear")}
    found["boosted"] = backtest(BoostedForecaster(), LOAD, HOURS, first=24 * 33).mae
    assert found["linear"] < 0.6 * found["naive"] and found["boosted"] < 0.9 * found["naive"]


def test_recursive_feeds_its_forecasts_back():
    single = LinearForecaster(horizon=1, step=1).fit(LOAD, HOURS)
    model = Recursive(LinearForecaster(horizon=1, step=1), 3).fit(LOAD, HOURS)
    past, start = question(model, [500])
    y = model.forecast(past, start)[0]
    first = single.forecast(past, start)[0, 0]
    second = single.forecast(np.append(past[0, 1:], first)[None], start + 1)[0, 0]
    assert y[0] == pytest.approx(first) and y[1] == pytest.approx(second)
    with pytest.raises(ValueError, match="this one has 24"):
        Recursive(LinearForecaster())


def test_calendar():
    c = calendar(np.array(["2014-01-06T05", "2014-07-06T23"], "datetime64[h]"))  # a Monday, a Sunday
    assert c.shape == (2, 33) and c[:, :24].argmax(axis=1).tolist() == [5, 23]
    assert c[:, 24:31].argmax(axis=1).tolist() == [0, 6] and (c[:, :31].sum(axis=1) == 2).all()
    np.testing.assert_allclose((c[:, 31:] ** 2).sum(axis=1), 1)


@pytest.mark.parametrize("cell", CELLS)
def test_networks_have_one_face(cell):
    net = ForecastNetwork(cell, 48, 6, hidden=4, by=1, extra=3)
    assert net(torch.zeros(5, 51)).shape == (5, 6)
    with pytest.raises(ValueError, match="should divide"):
        ForecastNetwork(cell, 48, 6, by=5)
    with pytest.raises(ValueError, match="cell"):
        ForecastNetwork("lstmm", 48, 6)


def test_the_convolution_is_causal_and_reaches_back_to_the_first_step():
    torch.manual_seed(0)
    reader = ForecastNetwork("conv", 40, 2, hidden=6, extra=0).reader
    x = torch.randn(1, 40, 1, requires_grad=True)
    states = reader.steps(x)
    for t in (0, 7, 39):
        (grad,) = torch.autograd.grad(states[0, t].sum(), x, retain_graph=True)
        read = grad[0, :, 0] != 0
        assert not read[t + 1 :].any() and read[t]
    assert read[0]


def test_quantiles_rise_and_the_middle_is_the_forecast():
    model = NetworkForecaster("mlp", levels=(0.1, 0.5, 0.9), epochs=8).fit(LOAD, HOURS)
    past, start = question(model, np.arange(400, 900, 24))
    q = model.quantiles(past, start)
    assert q.shape == (len(start), 24, 3) and (np.diff(q, axis=2) >= 0).all()
    np.testing.assert_array_equal(q[:, :, 1], model.forecast(past, start))
    with pytest.raises(ValueError, match="no levels"):
        NetworkForecaster("mlp").fit(LOAD, HOURS).quantiles(past, start)


def test_backtest_rolls_and_refits():
    seen = []

    class Spy(SeasonalNaive):
        def fit(self, load, hours):
            seen.append(len(load))
            return super().fit(load, hours)

    b = backtest(Spy(24), LOAD, HOURS, first=480, last=480 + 24 * 7, refit=3)
    assert seen == [480, 480 + 72, 480 + 144] and b.start.tolist() == list(range(480, 480 + 168, 24))
    np.testing.assert_array_equal(b.y_true.ravel(), LOAD[480 : 480 + 168])
    np.testing.assert_array_equal(b.y_pred.ravel(), LOAD[456 : 456 + 168])
    assert b.mae == pytest.approx(np.abs(LOAD[480:648] - LOAD[456:624]).mean())
    seen.clear()
    backtest(Spy(24), LOAD, HOURS, first=480)
    assert seen == [480]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (dict(first=24 * DAYS - 10), "does not fit before"),
        (dict(first=100), "first should be at least 192"),
        (dict(first=480, last=10**6), "the series has 960 values"),
    ],
)
def test_backtest_refuses(words, said):
    with pytest.raises(ValueError, match=said):
        backtest(LinearForecaster(), LOAD, HOURS, **words)


@pytest.mark.parametrize("name", ["naive", "linear", "boosted", "recursive", "mlp", "quantiles"])
def test_no_question_gets_no_answer(name):
    model = MAKERS[name]().fit(LOAD, HOURS)
    none = np.zeros((0, model.length)), HOURS[:0]
    assert model.forecast(*none).shape == (0, 24)
    if name == "quantiles":
        assert model.quantiles(*none).shape == (0, 24, 3)


def test_the_callers_generator_stays_where_it_is():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    NetworkForecaster("mlp")
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("change", [{"epochs": 0}, {"batch_size": 0}, {"hidden": 0}, {"lr": -1.0}])
def test_a_network_refuses_what_it_cannot_be_trained_with(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        NetworkForecaster("mlp", **change)


def test_a_fitted_model_can_be_repeated():
    one = LinearForecaster(24, 1).fit(LOAD, HOURS)
    assert Recursive(one).forecast(LOAD[None, :24], HOURS[24:25]).shape == (1, 24)


def test_dates_that_are_none_are_refused():
    for start in (np.array(["NaT"], "datetime64[h]"), np.array([1.5])):
        with pytest.raises(TypeError, match="dates"):
            calendar(start)
