"""Chapter 17, Time series: what its explorers compute is true, and what was recorded can be made again."""

from __future__ import annotations

import numpy as np
import pytest

from nnlab.chapters.c17_time_series import day_explorer as day
from nnlab.chapters.c17_time_series import fan_explorer as fan
from nnlab.chapters.c17_time_series import last_year
from nnlab.chapters.c17_time_series import windows_explorer as designer
from nnlab.datasets import electricity, forecaster_weights, forecasts, refuse_leak, windows
from nnlab.pytorch.forecasting import (
    BoostedForecaster,
    LinearForecaster,
    NetworkForecaster,
    Recursive,
    SeasonalNaive,
    backtest,
    conformal_margin,
)
from tests.data_scripts import DATA, load_script

FIRST = 17_544

# ------------------------------------------------------------------------------------------------- window designer


@pytest.mark.parametrize("split", designer.SPLITS)
@pytest.mark.parametrize("horizon", [1, 3, 6, 12])
def test_red_is_what_the_package_refuses(split, horizon):
    d = designer.design(12, horizon, split, designer.SCALERS[1])
    w = windows(np.arange(float(designer.HOURS)), 12, horizon, step=designer.STEP)
    if split == "random":
        tested = np.random.default_rng(2).random(designer.ROWS)[: len(w.start)] < 0.3
        trained = ~tested
    else:
        tested = w.start >= designer.CUT
        trained = ~tested if split == "by the first target" else w.start + horizon <= designer.CUT
    assert (d.train, d.test) == (trained.sum(), tested.sum()) and d.train + d.test + d.left_out == len(w.start)
    assert ((d.state != 0).sum(axis=1)[: len(w.start)] == 12 + horizon).all()
    red = bool((d.state == designer.LEAK).any())
    shared = np.isin(w.take(tested).targets(), [*w.take(trained).targets(), *w.take(trained).inputs()]).any()
    assert red == shared
    if red:
        with pytest.raises(ValueError, match="tested values"):
            refuse_leak(w.take(trained), w.take(tested))
    else:
        refuse_leak(w.take(trained), w.take(tested))


def test_the_scaler_leaks_too():
    honest, leaky = (designer.design(12, 3, "by all targets", scaler) for scaler in reversed(designer.SCALERS))
    assert honest.leaks == 0 < leaky.leaks and (honest.scaler[designer.CUT :] == 0).all()


# ------------------------------------------------------------------------------------------------- what was recorded


def test_the_record_has_the_stated_shapes():
    r = forecasts()
    assert r.models == list(day.MODELS) and r.cells == r.models[4:]
    assert r.year.shape == (8, 365, 24) and r.ablation.shape == (4, 2, 2, 3) and r.folds.shape == (8, 5)
    assert r.recursive.shape == (3, 2, 24) and r.quantiles.shape == (457, 24, 7) and len(r.levels) == 7
    assert (np.diff(r.quantiles, axis=2) >= 0).all()


def test_the_baselines_were_recorded_as_they_run():
    hours, load = electricity()
    r = forecasts()
    for k, model in enumerate([SeasonalNaive(24), SeasonalNaive(168), LinearForecaster(), BoostedForecaster()]):
        found = backtest(model, load, hours, first=FIRST)
        assert abs(found.mae - np.abs(found.y_true - r.year[k]).mean()) < 0.5, r.models[k]
    recursive = backtest(Recursive(LinearForecaster(horizon=1, step=1)), load, hours, first=FIRST)
    assert abs(recursive.mae - r.recursive[0, 0].mean()) < 0.5
    assert backtest(SeasonalNaive(24), load, hours, first=FIRST).mae == pytest.approx(84.47, abs=0.01)


def test_the_weights_give_what_was_recorded():
    hours, load = electricity()
    r = forecasts()
    start = np.arange(FIRST - 92 * 24, len(load), 24)
    past = load[start[:, None] - 168 + np.arange(168)]
    net = NetworkForecaster("mlp", levels=tuple(r.levels.tolist())).restore(forecaster_weights("quantile"))
    assert np.abs(net.quantiles(past, hours[start]) - r.quantiles).max() < 2
    lstm = NetworkForecaster("lstm", hidden=32, by=24).restore(forecaster_weights("lstm"))
    assert np.abs(lstm.forecast(past[92:], hours[start[92:]]) - load[FIRST:].reshape(-1, 24)).mean() < 80
    with pytest.raises(ValueError, match="network"):
        forecaster_weights("gru")


def test_residual_and_calendar_matter_more_than_the_cell():
    means = forecasts().ablation.mean(axis=3)
    assert (means[:, 1, 1] < means[:, 0, 0] - 6).all() and (means[:, 1, 1] < 75).all()
    assert np.ptp(means.mean(axis=0)) > 2 * np.ptp(means[:, 1, 1])


def test_the_script_runs_on_a_few_weeks(monkeypatch):
    module = load_script("train_forecasts", monkeypatch)
    found = module.make(module.SMALL)
    shipped = np.load(DATA / "forecasts.npz", allow_pickle=False)
    assert set(found) == set(shipped.files)
    assert all(np.isfinite(a).all() for a in found.values() if a.dtype.kind == "f")
    assert found["year"].shape == (8, 20, 24) and found["folds"].shape == (8, 2)
    assert found["models"].tolist() == shipped["models"].tolist()


# ------------------------------------------------------------------------------------------------- fan and day


@pytest.mark.parametrize("share", list(last_year.SHARES))
@pytest.mark.parametrize("correction", fan.CORRECTIONS)
def test_margins_are_the_packages(share, correction):
    wanted, (low, high) = float(share[:-1]) / 100, last_year.SHARES[share]
    y = electricity().load[-24 * 457 :].reshape(-1, 24)
    q = last_year.quantiles()
    for number in (1, 200, 365):
        days = slice(0, 92) if correction == "late 2013" else slice(number - 1, number + 91)
        margin = 0.0 if correction == "none" else conformal_margin(y[days], q[days, :, low], q[days, :, high], wanted)
        d = fan.fan(number, share, 24, correction)
        assert fan.margins(share, correction)[number - 1] == pytest.approx(margin)
        inside = (d.low <= d.truth) & (d.truth <= d.high)
        assert d.held[number - 1] == inside.sum()
        np.testing.assert_allclose(d.truth, y[91 + number] - y[90 + number])


def test_no_margin_of_a_day_knows_that_day():
    before = fan.margins("80%", "last 92 days")
    e = fan.missed("80%")
    assert before[0] == fan.margins("80%", "late 2013")[0]
    assert np.sort(e[100:192], axis=None)[int(np.ceil((24 * 92 + 1) * 0.8)) - 1] == before[100]


def test_the_goal_of_the_fan_is_rare():
    explorer = fan.fan_explorer()
    for correction in fan.CORRECTIONS:
        met = [n for n in range(1, 366) if explorer.goal.reached(fan.fan(n, "90%", 24, correction))]
        assert 1 <= len(met) <= 12, (correction, met)


def test_a_shorter_horizon_counts_its_hours_only():
    d = fan.fan(10, "80%", 5, "none")
    assert d.low.shape == (5,) and d.held.max() <= 5


def test_the_goal_of_the_day_is_found_now_and_then():
    explorer = day.day_explorer()
    met = [n for n in range(1, 366) if explorer.goal.reached(day.one_day(n, "linear"))]
    assert 5 <= len(met) <= 140, len(met)
    d = day.one_day(1, "naive 24 h")
    assert d.day_mae[0] == pytest.approx(np.abs(d.yesterday - d.truth).mean(), abs=0.5)
    assert d.year_mae[0] == pytest.approx(84.5, abs=0.2)


def test_dates():
    assert (
        last_year.date(1) == "Wed 1 Jan" and last_year.date(365) == "Wed 31 Dec" and last_year.date(60) == "Sat 1 Mar"
    )
