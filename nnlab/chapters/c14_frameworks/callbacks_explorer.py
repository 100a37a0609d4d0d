"""Explorer of chapter 14: early stopping and a falling learning rate on a recorded validation curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.chapters.c14_frameworks.records import curves
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[np.float64]
RATE, MIN_RATE = 0.002, 1e-6  # of the recorded run; ReduceLROnPlateau's min_lr
GOAL_EPOCHS = 20


def early_stopping(losses: Array, patience: int, min_delta: float = 0.0) -> tuple[int, int]:
    """(the epoch after which Keras's EarlyStopping ends the run, the best one until then), counted from 1.

    An epoch is better if its loss is below the best so far by more than min_delta; the run ends when `patience` epochs
    in a row were not better. Without that, it ends with the last epoch."""
    best, kept, wait = np.inf, 1, 0
    for epoch, loss in enumerate(losses, 1):
        wait += 1
        if loss < best - min_delta:
            best, kept, wait = loss, epoch, 0
        elif wait >= patience:
            return epoch, kept
    return len(losses), kept


def plateau(losses: Array, patience: int, factor: float, min_delta: float = 1e-4) -> Array:
    """The learning rate in each epoch, from 1 at the start, as Keras's ReduceLROnPlateau sets it after an epoch: it is
    multiplied by `factor` when `patience` epochs in a row were not better by more than min_delta."""
    best, wait, rate, rates = np.inf, 0, 1.0, []
    for loss in losses:
        rates.append(rate)
        wait += 1
        if loss < best - min_delta:
            best, wait = loss, 0
        elif wait >= patience:
            rate, wait = rate * factor, 0
    return np.array(rates)


@dataclass
class CallbackRun:
    """The recorded losses (60,) of training and validation, the epoch that ends the run and the one whose weights are
    kept (from 1), the losses of the latter and of the whole record's best, and the rate (60,) in each epoch."""

    training: Array
    validation: Array
    end: int
    kept: int
    loss: float
    least: float
    rates: Array


def callbacks(patience: int, min_delta: float, plateau_patience: int, factor: float) -> CallbackRun:
    """Where both callbacks act on the recorded curve."""
    record = curves()
    validation = record["val_loss"].copy()
    end, kept = early_stopping(validation, patience, min_delta)
    rates = np.maximum(RATE * plateau(validation, plateau_patience, factor), MIN_RATE)
    return CallbackRun(
        record["loss"].copy(), validation, end, kept, float(validation[kept - 1]), float(validation.min()), rates
    )


class CallbacksView:
    """Above the losses, grey where the run would have ended; below the learning rate."""

    def __init__(self, figure: Figure):
        upper, lower = figure.subplots(2, 1, height_ratios=[1.7, 1], sharex=True)
        count = len(curves()["loss"])
        upper.set(xlim=(0.5, count + 0.5), ylim=(0, 2.2), ylabel="loss")
        upper.set_title("What is kept is the best epoch so far, not the last one")
        (self.unseen,) = upper.plot([], [], color=plots.GREY, lw=1, ls=plots.VALIDATION, alpha=0.6, animated=True)
        (self.training,) = upper.plot([], [], color=plots.BLUE, ls=plots.TRAIN, lw=1.5, label="training", animated=True)
        (self.validation,) = upper.plot(
            [], [], color=plots.VERMILLION, ls=plots.VALIDATION, label="validation", animated=True
        )
        (self.kept,) = upper.plot([], [], "o", color=plots.BLACK, ms=8, label="weights kept", animated=True)
        lower.set(yscale="log", ylim=(5e-7, 0.01), xlabel="epoch", ylabel="learning rate")
        lower.set_yticks([1e-6, 1e-4, 1e-2])
        lower.minorticks_off()
        (self.rates,) = lower.step([], [], where="mid", color=plots.PURPLE, animated=True)
        self.ends = [ax.axvline(1, color=plots.BLACK, ls=":", lw=1.2, animated=True) for ax in (upper, lower)]
        paper = dict(facecolor=plots.PAPER, edgecolor="none", pad=2)
        self.text = upper.text(
            count, 0.6, "", ha="right", va="center", fontsize=9, linespacing=1.5, bbox=paper, animated=True
        )
        figure.legend(
            handles=[self.training, self.validation, self.kept], loc="outside lower center", ncols=3, fontsize=9
        )

    def update(self, d: CallbackRun) -> None:
        epochs = np.arange(1, len(d.validation) + 1)
        self.unseen.set_data(epochs[d.end - 1 :], d.validation[d.end - 1 :])
        self.training.set_data(epochs[: d.end], d.training[: d.end])
        self.validation.set_data(epochs[: d.end], d.validation[: d.end])
        self.kept.set_data([d.kept], [d.loss])
        self.rates.set_data(epochs[: d.end], d.rates[: d.end])
        for line in self.ends:
            line.set_xdata([d.end, d.end])
        self.text.set_text(
            f"ends after epoch {d.end}, keeps epoch {d.kept}\n"
            f"its loss {d.loss:.3f}, least of all {d.least:.3f}\n"
            f"times the rate fell: {np.count_nonzero(np.diff(d.rates[: d.end]))}"
        )


def callbacks_explorer() -> Explorer:
    """Early stopping and a rate that falls on a plateau, on a curve that was recorded with neither."""
    return Explorer(
        compute=callbacks,
        draw=CallbacksView,
        controls={
            "patience": Slider(1, 30, 1, 12, label="patience to stop", unit="epochs"),
            "min_delta": Slider(0.0, 0.05, 0.005, 0.0, label="min_delta"),
            "plateau_patience": Slider(1, 10, 1, 3, label="plateau patience", unit="epochs"),
            "factor": Slider(0.1, 0.9, 0.1, 0.5, label="factor"),
        },
        goal=Goal(
            f"Keep the best weights of the whole record, and end after at most {GOAL_EPOCHS} epochs.",
            lambda d: d.loss == d.least and d.end <= GOAL_EPOCHS,
            solution=dict(patience=3),
        ),
        size=(7.0, 4.2),
        alt="Training and validation loss by epoch, where early stopping ends the run, and the learning rate.",
    )
