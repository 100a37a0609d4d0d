"""Tune, train and backtest the forecasters of chapter 17, and write what came out to data/forecasts.npz.

    python data/train_forecasts.py            train and backtest, and write the file (about 4 minutes on one core)
    python data/train_forecasts.py --tune     try all settings of the networks, print what each gives, write nothing
    python data/train_forecasts.py --small    a few weeks and one epoch, to see that it runs; writes nothing

Everything is chosen on the last quarter of 2013, by models fitted on what lies before it. 2014 is forecast once, by
models fitted on 2012 and 2013. Another processor rounds differently, so training again gives figures like these.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from build import npz, write

from nnlab.datasets import electricity
from nnlab.pytorch.forecasting import (
    CELLS,
    BoostedForecaster,
    Forecaster,
    LinearForecaster,
    NetworkForecaster,
    Recursive,
    SeasonalNaive,
    backtest,
)

Array = np.ndarray[Any, Any]
FILE = "forecasts.npz"
DAY = 24
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
MODELS = ("naive 24 h", "naive 168 h", "linear", "boosted", *CELLS)
PLAIN = ("naive 24 h", "naive 168 h", "linear", "boosted")


# The least MAE of `--tune` for each network, and next to it that MAE, in kW: the mean of two seeds. By the hour (by=1)
# no network came below 73.
SETTINGS: dict[str, dict[str, Any]] = {
    "mlp": dict(hidden=64, epochs=30, lr=0.003),  # 66.6
    "lstm": dict(by=24, hidden=32, epochs=60, lr=0.01),  # 60.7
    "gru": dict(by=24, hidden=64, epochs=30, lr=0.01),  # 61.6
    "conv": dict(by=24, hidden=64, epochs=60, lr=0.003),  # 60.7
}


def grid(cell: str) -> list[dict[str, Any]]:
    """The settings that are tried for a network."""
    days = [dict(hidden=h, epochs=e, lr=r) for h, e, r in itertools.product((32, 64), (30, 60), (0.003, 0.01))]
    if cell == "mlp":
        return days
    return [dict(by=24, **one) for one in days] + [dict(by=1, hidden=32, epochs=e, lr=0.003) for e in (15, 30)]


@dataclass
class Plan:
    """How much to do. cut: the place where the last year begins; validation, quarter: hours; folds: tested quarters."""

    cut: int = 17_544
    last: int = 26_304
    validation: int = 92 * DAY
    quarter: int = 91 * DAY
    folds: int = 5
    seeds: int = 3
    tuning_seeds: int = 2
    quantile_epochs: int = 30
    settings: dict[str, dict[str, Any]] = field(default_factory=lambda: SETTINGS)
    step_epochs: int = 5


SMALL = Plan(
    cut=80 * DAY,
    last=100 * DAY,
    validation=14 * DAY,
    quarter=7 * DAY,
    folds=2,
    seeds=1,
    tuning_seeds=1,
    quantile_epochs=1,
    settings={cell: dict(hidden=4, epochs=1, by=1 if cell == "mlp" else 24) for cell in CELLS},
    step_epochs=1,
)


def plain(name: str, horizon: int = DAY, step: int = DAY) -> Forecaster:
    """A baseline by its name."""
    if name.startswith("naive"):
        return SeasonalNaive(int(name.split()[1]), horizon)
    return LinearForecaster(horizon=horizon, step=step) if name == "linear" else BoostedForecaster(horizon, step=step)


def tune(plan: Plan) -> None:
    """Print for every setting the MAE in the last quarter before the cut."""
    hours, load = electricity()
    for cell in CELLS:
        for one in grid(cell):
            seeds = range(plan.tuning_seeds)
            found = [run(NetworkForecaster(cell, seed=s, **one), plan, load, hours, validate=True) for s in seeds]
            print(f"{cell} {one}: {np.mean(found):.1f}", flush=True)


def run(model: Forecaster, plan: Plan, load: Array, hours: Array, validate: bool = False, step: int = DAY) -> float:
    """MAE in the validation quarter or, once all is chosen, in the last year."""
    first, last = (plan.cut - plan.validation, plan.cut) if validate else (plan.cut, plan.last)
    return backtest(model, load, hours, first=first, last=last, step=step).mae


def last_year(plan: Plan, load: Array, hours: Array) -> dict[str, Array]:
    """Every model's forecasts of the last year by seed 0; MAE (cell, residual, calendar, seed); the rolling folds."""
    ablation = np.zeros((len(CELLS), 2, 2, plan.seeds))
    for (i, cell), residual, days, seed in itertools.product(enumerate(CELLS), (0, 1), (0, 1), range(plan.seeds)):
        model = NetworkForecaster(cell, residual=bool(residual), calendar=bool(days), seed=seed, **plan.settings[cell])
        ablation[i, residual, days, seed] = run(model, plan, load, hours)
    print(ablation.mean(axis=3).round(1), ablation.std(axis=3).round(1), sep="\n", flush=True)
    year, folds = [], np.zeros((len(MODELS), plan.folds))
    for i, name in enumerate(MODELS):
        chosen = plain(name) if name in PLAIN else NetworkForecaster(name, **plan.settings[name])
        year.append(backtest(chosen, load, hours, first=plan.cut, last=plan.last).y_pred)
        for k in range(plan.folds):
            first = plan.cut + (k - 1) * plan.quarter
            folds[i, k] = backtest(chosen, load, hours, first=first, last=first + plan.quarter).mae
        print(name, folds[i].round(1), flush=True)
    return {"year": np.stack(year).round().astype(np.int16), "ablation": ablation, "folds": folds}


def one_step(plan: Plan, load: Array, hours: Array) -> dict[str, Array]:
    """One hour ahead, every hour of the last year: MAE by model. And 24 hours, recursive or direct: MAE by hour."""
    words: dict[str, Any] = dict(horizon=1, step=1, epochs=plan.step_epochs, batch_size=64)
    single = {
        "last hour": SeasonalNaive(1, 1),
        **{name: plain(name, 1, 1) for name in PLAIN if name != "naive 168 h"},
        "mlp": NetworkForecaster("mlp", **words),
        "lstm": NetworkForecaster("lstm", by=24, **words),
    }
    found = {name: run(model, plan, load, hours, step=1) for name, model in single.items()}
    print("one step", found, flush=True)
    pairs = []
    for name in ("linear", "boosted", "mlp"):
        direct = NetworkForecaster("mlp") if name == "mlp" else plain(name)
        for model in (Recursive(single[name]), direct):
            b = backtest(model, load, hours, first=plan.cut, last=plan.last)
            pairs.append(np.abs(b.y_true - b.y_pred).mean(axis=0))
        print(name, "recursive, direct", pairs[-2].mean().round(1), pairs[-1].mean().round(1), flush=True)
    return {
        "one_step_names": np.array(list(found)),
        "one_step": np.array(list(found.values())),
        "recursive": np.array(pairs).reshape(3, 2, DAY),
    }


def weights(model: NetworkForecaster, prefix: str) -> dict[str, Array]:
    """A fitted network's parameters as float32, and what it scales by."""
    state = {f"{prefix}_{name}": value.cpu().numpy() for name, value in model.net.state_dict().items()}
    return state | {f"{prefix}_scale": np.array(model.scale)}


def make(plan: Plan) -> dict[str, Array]:
    """Everything that the file holds."""
    hours, load = electricity()
    hours, load = hours[: plan.last], load[: plan.last]
    found = last_year(plan, load, hours)
    found |= one_step(plan, load, hours)

    small = NetworkForecaster("lstm", hidden=32, by=24, epochs=plan.quantile_epochs)
    found |= weights(small.fit(load[: plan.cut], hours[: plan.cut]), "lstm")  # type: ignore[arg-type]
    known = plan.cut - plan.validation  # the quarter after it is kept for the conformal correction
    levels = NetworkForecaster("mlp", hidden=64, levels=LEVELS, epochs=plan.quantile_epochs)
    found |= weights(levels.fit(load[:known], hours[:known]), "quantile")  # type: ignore[arg-type]
    start = np.arange(known, plan.last - DAY + 1, DAY)
    past = load[start[:, None] - levels.length + np.arange(levels.length)]
    found["quantiles"] = levels.quantiles(past, hours[start]).round().astype(np.int16)
    return found | {"models": np.array(MODELS), "levels": np.array(LEVELS)}


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="a few weeks, one epoch, nothing written")
    parser.add_argument("--tune", action="store_true", help="try the networks' settings, nothing written")
    options = parser.parse_args()
    if options.tune:
        tune(Plan())
        return 0
    found = make(SMALL if options.small else Plan())
    packed = npz(**{name: a.astype(np.float32) if a.dtype == np.float64 else a for name, a in found.items()})
    print(f"{len(packed):,} bytes")
    if not options.small:
        write(FILE, packed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
