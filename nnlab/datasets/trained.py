"""Small networks and forecasts that were made beforehand, so that an explorer need not train them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import pick

from .files import _arrays, find

Array = NDArray[Any]


def recurrent_weights(which: str) -> dict[str, Array]:
    """The parameters of a recurrent network, by the names they have in `nnlab.scratch`; "out_" begins its Linear's.

    which: "names", a GRU with 32 units that reads a surname letter by letter and answers with one of 14 countries
    (`names_by_country`), with its alphabet in "letters": an array of 67 characters, the input's places. It classifies
    64% of 1,120 names correctly that it was not trained on.
    "memory", an LSTM with one unit that stores a number at one mark and returns it at another.

    Raises ValueError for another name. Trained by data/train_recurrent.py, which has the settings.
    """
    pick({"names": 0, "memory": 0}, which, "network")
    with np.load(find("recurrent.npz"), allow_pickle=False) as found:
        mine = {name.removeprefix(f"{which}_"): found[name] for name in found.files if name.startswith(f"{which}_")}
        return mine | ({"letters": found["letters"]} if which == "names" else {})


class Forecasts(NamedTuple):
    """What `forecasts` returns; its docstring has shapes and units."""

    models: list[str]
    cells: list[str]
    year: Array
    ablation: Array
    folds: Array
    one_step: dict[str, float]
    recursive: Array
    levels: Array
    quantiles: Array


def forecasts() -> Forecasts:
    """Forecasts of `electricity`, all in kW, by models that were fitted on 2012 and 2013 only.

    models: 8 names, baselines first; cells: the last four of them, the networks. year: (8, 365, 24) float64, 2014 from
    each midnight. ablation: (4, 2, 2, 3), MAE of 2014 by network, residual (0 or 1), calendar (0 or 1) and seed.
    folds: (8, 5), MAE of five successive stretches of 91 days, each by models fitted on all that lies before it; the
    first one ends with 2013, and settings were chosen in it. one_step: MAE of 2014 one hour ahead, by model.
    recursive: (3, 2, 24), MAE by hour ahead of the linear model, boosting and the MLP, recursive first, then direct.
    levels: 7 quantile levels; quantiles: (457, 24, 7) by a network fitted on all but the last 92 days of 2013, for
    these 92 days and 2014.

    Made by data/train_forecasts.py, which has the settings."""
    names = [name for name in Forecasts._fields if name not in ("cells", "one_step")]
    found = dict(zip(names, _arrays("forecasts.npz", *names), strict=True))
    steps = dict(zip(*(a.tolist() for a in _arrays("forecasts.npz", "one_step_names", "one_step")), strict=True))
    models = found.pop("models").tolist()
    return Forecasts(
        models=models, cells=models[4:], one_step=steps, **{name: a.astype(np.float64) for name, a in found.items()}
    )


def forecaster_weights(which: str) -> dict[str, Array]:
    """The parameters of a fitted network, by PyTorch's names, and "scale", for `NetworkForecaster.restore`.

    which: "lstm", with hidden=32 and by=24, fitted on 2012 and 2013; "quantile", an MLP with 64 units and the levels of
    `forecasts`, fitted on all but the last 92 days of these. Raises ValueError for another name."""
    pick({"lstm": 0, "quantile": 0}, which, "network")
    with np.load(find("forecasts.npz"), allow_pickle=False) as found:
        names = [name for name in found.files if name.startswith(f"{which}_")]
        return {name.removeprefix(f"{which}_"): found[name] for name in names}
