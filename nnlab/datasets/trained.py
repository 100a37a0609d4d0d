"""Small networks and forecasts that were made beforehand, so that an explorer need not train them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import pick

from ..scratch.models import CNN
from .files import _arrays, _weights, find

Array = NDArray[Any]
# the networks of chapter 15, as data/train_pictures.py made them
DIGITS_CNN: dict[str, Any] = dict(channels=(16, 32), hidden=64, kernel_size=5, dropout=0.3)
# how data/train_transfer.py tuned the network of chapter 18; "head": epochs and rate
TUNING: dict[str, Any] = dict(
    head=(15, 3e-3),
    layers=(1, 3, 6),
    rates=(3e-4, 1e-3, 1e-2),
    sizes=(10, 20, 40, None),
    variants=(
        *("all parameters", "one rate", "batch statistics, 64", "batch statistics, 8", "kept statistics, 8"),
        *("rank 4", "rank 16"),
    ),
)
PICTURES_VGG: dict[str, Any] = dict(classes=9, channels=(8, 16, 32), hidden=64, dropout=(0.0, 0.1, 0.1, 0.2))


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


class SearchTable(NamedTuple):
    """What `search_table` returns; its docstring has shapes and units."""

    lr: Array
    width: Array
    dropout: Array
    batch: Array
    loss: Array
    validation: Array
    test: Array
    blocks: Array


def search_table() -> SearchTable:
    """A small network trained with every combination of four hyperparameters, three seeds each: 1,404 training runs.

    lr: (13,), 1e-4 to 1 by equal factors; width: (4,), units of the hidden layer, 8 to 64; dropout: (3,), 0 to 0.5;
    batch: (3,), 16 to 256. loss, validation, test: (13, 4, 3, 3, 3, 27) float64, after each of 27 epochs the loss in
    nats and the accuracy on 500 validation digits, and the accuracy on 2,000 test digits; the axes are lr, width,
    dropout, batch, seed, epoch. blocks: (13, 4, 3, 3, 3, 5), the last accuracy on each hundred of the 500.

    A run that diverged has a loss of at most 10. Trained by data/train_search.py, which has the settings; MIT."""
    with np.load(find("search.npz"), allow_pickle=False) as found:
        sizes = {"loss": 1, "validation": 500, "test": 2000, "blocks": 100}
        axes = [found[name] for name in SearchTable._fields[:4]]
        return SearchTable(*axes, *(found[name].astype(np.float64) / size for name, size in sizes.items()))


def digits_weights() -> dict[str, Array]:
    """The parameters of a convolutional network that classifies more than 99.3% of MNIST's test digits correctly.

    float32, by the names that `nnlab.scratch.CNN(**DIGITS_CNN)` and `nnlab.pytorch.CNN(**DIGITS_CNN)` share.

    x: (N, 1, 28, 28) from 0 paper to 1 ink -> logits (N, 10). Trained by data/train_pictures.py, MIT."""
    return _weights("digits.npz", "")


def trained_digits() -> CNN:
    """`nnlab.scratch.CNN` in float32 with `digits_weights`, in evaluation mode."""
    net = CNN(**DIGITS_CNN, rng=np.random.default_rng(0), dtype=np.float32)
    net.load_state_dict(digits_weights())
    net.eval()
    return net


class Ladder(NamedTuple):
    """What `picture_ladder` returns; its docstring has shapes."""

    steps: list[str]
    validation: Array
    test: Array
    fitted: Array
    moved: Array


def picture_ladder() -> Ladder:
    """What eight classifiers answered on the emoji that they were not trained on, from a linear one to an ensemble.

    steps: the names of the S = 8 steps, each added to the one before. validation: (S, R, 238, 9), test: (S, R, 478, 9),
    float32, the probability of each category for the pictures of `emoji_split()`, R = 3 seeds. fitted, moved: (S, R),
    accuracy on the training pictures, and on the test pictures moved by 3 pixels. Every network was kept after its best
    epoch by the validation loss. Trained by data/train_pictures.py."""
    with np.load(find("pictures.npz"), allow_pickle=False) as found:
        p = (np.exp(found[part].astype(np.float32)) for part in ("validation", "test"))
        return Ladder(found["steps"].tolist(), *p, *found["shares"].transpose(2, 0, 1))


def pictures_weights() -> dict[str, Array]:
    """The parameters and buffers of the ladder's step "convolution", seed 0, float32, as nnlab.pytorch.VGG names them.

    x: (N, 3, 32, 32), normalised by the training part -> logits (N, 9), of `nnlab.pytorch.VGG(**PICTURES_VGG)`."""
    return _weights("pictures.npz", "net_")


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


def picture_features() -> Array:
    """What EfficientNet-Lite0, trained on ImageNet and not changed, makes of the emoji at 160 x 160 pixels.

    (1906, 1280) float32 from 0 to 6, in the order of `emoji()`; each feature is kept in 31 steps of its greatest value.
    Made by data/train_transfer.py."""
    with np.load(find("transfer.npz"), allow_pickle=False) as found:
        return found["features"] * found["scale"]


class TuningRuns(NamedTuple):
    """What `tuning_runs` returns; its docstring has shapes."""

    prepared: Array
    head_curve: Array
    head_kept: Array
    head_test: Array
    grid_curve: Array
    grid_kept: Array
    grid_test: Array
    variants: Array
    sizes: Array


def tuning_runs() -> TuningRuns:
    """EfficientNet-Lite0 tuned to the emoji in many ways, three seeds S each: accuracies from 0 to 1, float64.

    prepared: (4, 2, S), test accuracy of a head on features of pictures at 96 pixels that were prepared as the backbone
    was trained, from 0 to 1, by ImageNet's mean and std, and not at all; first of a head that was trained with them,
    then of the one that was trained with the right ones.
    head_curve: (S, 15) on validation by epoch; head_kept, head_test: (S,), of the kept epoch on validation and test: at
    64 pixels, only the head trained. grid_curve: (3, 3, S, 5), grid_kept, grid_test: (3, 3, S): then the last 1, 3 or 6
    layers (`TUNING["layers"]`) with three rates (`TUNING["rates"]`). variants: (7, S, 2), on validation and test, of
    the last 3 layers tuned in the ways that `TUNING["variants"]` names.
    sizes: (3, 4, S), test accuracy with 10, 20, 40 and all pictures of each category, at 160 pixels: a small network
    from random weights at 32 pixels, only a new head, and the last 3 layers as well.

    Every network was kept after its best epoch by the validation loss. Trained by data/train_transfer.py."""
    with np.load(find("transfer.npz"), allow_pickle=False) as found:
        return TuningRuns(*(found[name].astype(np.float64) for name in TuningRuns._fields))
