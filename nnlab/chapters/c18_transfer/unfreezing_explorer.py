"""Explorer of chapter 18: how many layers to unfreeze, and at which rate: what it costs and what it brings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import tuning_runs
from nnlab.datasets.trained import TUNING, TuningRuns
from nnlab.explore.controls import Choice
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[Any]
LAYERS = ("none", *(str(n) for n in TUNING["layers"]))
RATES = tuple(f"{rate:g}" for rate in TUNING["rates"])
# parameters that train and million multiplications for a picture of 64 x 64, by layers; a test counts them again
PARAMETERS = {"none": 11_529, "1": 423_689, "3": 1_505_289, "6": 2_681_769}
FORWARD, TRAINED = 31.3, {"none": 0.0, "1": 1.6, "3": 5.9, "6": 11.5}  # all layers once; the layers that train
FLOOR, CEILING = 0.66, 0.78  # accuracies between which settings are drawn in their place
MARKERS = dict(zip(LAYERS, ("X", "o", "s", "D"), strict=True))
COLOURS = dict(zip(LAYERS, (plots.BLACK, plots.ORANGE, plots.BLUE, plots.GREEN), strict=True))


@cache
def runs() -> TuningRuns:
    """All runs. Cached: do not write into it."""
    return tuning_runs()


@dataclass
class Unfreezing:
    """before: (S,) validation accuracy of the head on its own; curves: (S, E) by epoch after that, for
    "none" the head's last epochs. test: (S,). validation, std: over seeds, of the epoch that was kept, by
    (layers, rate)."""

    layers: str
    rate: str
    before: Array
    curves: Array
    test: Array
    validation: dict[tuple[str, str], float]
    std: dict[tuple[str, str], float]

    @property
    def here(self) -> tuple[str, str]:
        """The setting as a key of `validation`."""
        return self.layers, "" if self.layers == "none" else self.rate


def unfreezing(layers: str, rate: str) -> Unfreezing:
    """Look up one setting among the recorded runs."""
    found = runs()
    best = {("none", ""): found.head_kept}
    for i, n in enumerate(LAYERS[1:]):
        best |= {(n, r): found.grid_kept[i, j] for j, r in enumerate(RATES)}
    if layers == "none":
        curves, test = found.head_curve[:, -found.grid_curve.shape[-1] :], found.head_test
    else:
        place = LAYERS.index(layers) - 1, RATES.index(rate)
        curves, test = found.grid_curve[place], found.grid_test[place]
    means, stds = ({key: float(f(a)) for key, a in best.items()} for f in (np.mean, lambda a: np.std(a, ddof=1)))
    return Unfreezing(layers, rate, best["none", ""], curves.copy(), test.copy(), means, stds)


class UnfreezingView:
    """Left validation accuracy by epoch, right all settings over what trains in them."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[1, 1.25])
        found = runs()
        epochs = found.grid_curve.shape[-1]
        left.set(xlim=(0.8, epochs + 0.2), ylim=(0, 0.85), xlabel="epoch", ylabel="validation accuracy")
        left.set_xticks(range(1, epochs + 1))
        left.set_title("Three seeds")
        (self.before,) = left.plot([], [], color=plots.GREY, lw=1.2, ls="-.", label="head only, mean", animated=True)
        self.lines = [left.plot([], [], ls=plots.VALIDATION, animated=True)[0] for _ in found.grid_curve[0, 0]]
        right.set(xscale="log", xlim=(7e3, 6e6), xlabel="parameters that train", ylabel="")
        right.set_title("All settings: mean and std of validation")
        self.dots, handles = {}, []
        d = unfreezing("none", RATES[0])
        shift = dict(zip(("", *RATES), (1.0, 0.78, 1.0, 1.28), strict=True))  # so that no two bars lie on each other
        for (n, rate), mean in d.validation.items():
            x, std, low = PARAMETERS[n] * shift[rate], d.std[n, rate], mean < FLOOR
            if not low:
                right.plot([x, x], [mean - std, mean + std], color=COLOURS[n], lw=1.2)
            y = FLOOR + 0.004 if low else mean
            (dot,) = right.plot([x], [y], "v" if low else MARKERS[n], color=COLOURS[n], ms=6, label=n)
            self.dots[n, rate] = (x, y)
            if rate in ("", RATES[0]):
                handles.append(dot)
        right.set_ylim(FLOOR, CEILING)
        right.text(8e3, CEILING - 0.005, "in each colour, rates rise to the right", fontsize=8.5, va="center")
        right.text(8e3, FLOOR + 0.004, "▼ below", fontsize=8.5, va="center", color=plots.GREY)
        (self.ring,) = right.plot([], [], "o", ms=15, mfc="none", mec=plots.VERMILLION, mew=2, animated=True)
        self.text = figure.text(0.02, 0.055, "", fontsize=9.5, va="center", animated=True)
        figure.legend(handles=handles, title="layers", loc="outside right center", fontsize=9, title_fontsize=9)
        figure.get_layout_engine().set(rect=(0, 0.11, 1, 0.89))  # type: ignore[union-attr, call-arg]

    def update(self, d: Unfreezing) -> None:
        self.before.set_data([0.8, d.curves.shape[1] + 0.2], [d.before.mean()] * 2)
        for line, curve in zip(self.lines, d.curves, strict=True):
            line.set_data(np.arange(1, len(curve) + 1), curve)
            line.set_color(COLOURS[d.layers])
        x, y = self.dots[d.here]
        self.ring.set_data([x], [y])
        cost = 1 + 2 * TRAINED[d.layers] / FORWARD  # a backward pass costs about two forward ones
        self.text.set_text(
            f"{PARAMETERS[d.layers]:,} parameters train; a step costs {cost:.1f} predictions.   "
            f"Validation {d.validation[d.here]:.3f}, test {d.test.mean():.3f} ± {d.test.std(ddof=1):.3f}"
        )


def best_setting() -> tuple[str, str]:
    """The setting with the greatest mean validation accuracy."""
    means = unfreezing("none", RATES[0]).validation
    return max(means, key=lambda key: means[key])


def _solution() -> dict[str, Any]:
    layers, rate = best_setting()
    return dict(layers=layers, rate=rate or RATES[0])


def unfreezing_explorer() -> Explorer:
    """Thirty recorded runs at 64 x 64 pixels."""
    best = best_setting()
    return Explorer(
        compute=unfreezing,
        draw=UnfreezingView,
        controls={
            "layers": Choice(LAYERS, "none", label="layers to unfreeze"),
            "rate": Choice(RATES, RATES[2], label="learning rate"),
        },
        idle=lambda values: ("rate",) if values["layers"] == "none" else (),
        goal=Goal(
            "Choose layers and rate by validation. What does that setting get on the test part?",
            lambda d: d.here == best,
            solution=_solution(),
        ),
        size=(7.4, 3.7),
        alt="Validation accuracy by epoch for one setting, and of all settings over the number of trained parameters.",
    )
