"""Explorer of chapter 19: does a network that is 80% sure come true 8 times of 10? Temperature and reliability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import mnist, names_by_country, recurrent_weights, trained_cnn
from nnlab.datasets.digits import shifted
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import GRU, Linear
from nnlab.scratch.activations import softmax
from nnlab.scratch.metrics import expected_calibration_error

Array = NDArray[np.float64]
MODELS = ("digits", "moved digits", "surnames")
DIGITS, SHIFT, NAMES = 600, 3, 1120  # test digits; pixels; the surnames that data/train_recurrent.py kept back
TEMPERATURES = np.logspace(-0.6, 0.6, 49)
GOAL_ERROR = 0.04


@cache
def logits_and_labels(model: str) -> tuple[Array, NDArray[np.int64]]:
    """Logits (N, C) and labels (N,) on data that the network was not trained on: chapter 06's CNN on 600 test digits,
    on the same digits moved by 3 pixels, or chapter 07's GRU on 1,120 surnames. They are cached: do not write into
    them."""
    if model == "surnames":
        return _surnames()
    images, labels = mnist("test")
    digits = images[:DIGITS] / 255
    if model == "moved digits":
        digits = np.stack([shifted(digit, SHIFT, 0) for digit in digits])
    return trained_cnn()(digits[:, None].astype(np.float32)).astype(np.float64), labels[:DIGITS]


def _surnames() -> tuple[Array, NDArray[np.int64]]:
    weights = recurrent_weights("names")
    names, labels, countries = names_by_country()
    kept_back = np.random.default_rng(0).permutation(len(names))[:NAMES]
    places = {letter: k for k, letter in enumerate(weights["letters"].tolist())}
    rng = np.random.default_rng(0)  # what it draws is overwritten
    hidden = weights["weight_hh_l0"].shape[1]
    cell, out = GRU(len(places), hidden, rng=rng), Linear(hidden, len(countries), rng=rng)
    for layer, prefix in ((cell, ""), (out, "out_")):
        for name, value in layer.params.items():
            value[...] = weights[prefix + name]
    lengths = np.array([len(names[i]) for i in kept_back])
    x = np.zeros((NAMES, lengths.max(), len(places)))
    for row, i in zip(x, kept_back, strict=True):
        for t, letter in enumerate(names[i].lower()):
            if letter in places:
                row[t, places[letter]] = 1
    return out(cell(x))[np.arange(NAMES), lengths - 1], labels[kept_back]


@cache
def _by_temperature(model: str) -> tuple[Array, Array, Array]:
    """Over TEMPERATURES the log loss (49,) and the probability of the predicted class (49, N); and which predictions
    are correct, (N,), at every temperature the same."""
    z, y = logits_and_labels(model)
    p = softmax(z / TEMPERATURES[:, None, None])
    losses = -np.log(p[:, np.arange(len(y)), y]).mean(axis=1)
    return losses, p.max(axis=2), (z.argmax(axis=1) == y).astype(float)


def _errors(model: str, bins: int) -> Array:
    """The expected calibration error over TEMPERATURES, all at once: each temperature has bins of its own."""
    _, said, right = _by_temperature(model)
    at = np.minimum((said * bins).astype(int), bins - 1) + bins * np.arange(len(said))[:, None]
    gaps = np.bincount(at.ravel(), (right - said).ravel(), minlength=bins * len(said)).reshape(-1, bins)
    return np.asarray(np.abs(gaps).sum(axis=1) / len(right))


@dataclass
class Calibration:
    """Reliability at one temperature. said, right: (B,) mean probability of the predicted class and share of correct
    predictions in each bin that has rows; count (B,). losses, errors: (49,) log loss in nats and expected calibration
    error over TEMPERATURES, and the values here."""

    model: str
    temperature: float
    said: Array
    right: Array
    count: Array
    accuracy: float
    confidence: float
    loss: float
    error: float
    losses: Array
    errors: Array


def calibration(model: str, temperature: float, bins: int) -> Calibration:
    """Divide the logits by the temperature, and compare what the network says with how often it is right."""
    z, y = logits_and_labels(model)
    p = softmax(z / temperature)
    said, right = p.max(axis=1), (p.argmax(axis=1) == y).astype(float)
    at = np.minimum((said * bins).astype(int), bins - 1)
    count, total, hits = (np.bincount(at, weights, minlength=bins) for weights in (None, said, right))
    there = count > 0
    return Calibration(
        model,
        temperature,
        total[there] / count[there],
        hits[there] / count[there],
        count[there].astype(np.float64),
        float(right.mean()),
        float(said.mean()),
        float(-np.log(p[np.arange(len(y)), y]).mean()),
        expected_calibration_error(y, p, n_bins=bins),
        _by_temperature(model)[0].copy(),
        _errors(model, bins),
    )


class CalibrationView:
    """Left the reliability diagram, right log loss and calibration error over the temperature."""

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2)
        left.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="probability it states", ylabel="share that comes true")
        left.set_title("Below the line: too sure")
        left.plot([0, 1], [0, 1], color=plots.GREY, lw=1.2, ls="-.")
        (self.gaps,) = left.plot([], [], color=plots.VERMILLION, lw=3, alpha=0.5, animated=True)
        (self.line,) = left.plot([], [], "o-", color=plots.BLUE, ms=5, animated=True)
        self.mass = left.bar(np.zeros(20), np.zeros(20), 0.04, color=plots.SKY, alpha=0.6, animated=True)
        right.set(xscale="log", xlim=(0.235, 4.25), ylim=(0, 2.8), xlabel="temperature", ylabel="log loss (nats)")
        right.set_xticks([0.25, 0.5, 1, 2, 4], ["0.25", "0.5", "1", "2", "4"])
        right.minorticks_off()
        place: dict[str, Any] = dict(va="top", ha="right", transform=right.transAxes)
        self.text = right.text(0.98, 0.98, "", fontsize=9, linespacing=1.5, animated=True, **place)
        right.set_title("One number sets the confidence")
        (self.losses,) = right.plot([], [], color=plots.BLUE, label="log loss", animated=True)
        (self.errors,) = right.plot([], [], color=plots.VERMILLION, ls="--", label="calibration error", animated=True)
        (self.here,) = right.plot([], [], "o", color=plots.BLACK, ms=8, ls="", animated=True)
        figure.legend(handles=[self.losses, self.errors], loc="outside lower right", ncols=2, fontsize=9)

    def update(self, d: Calibration) -> None:
        gaps = np.full((3 * len(d.said), 2), np.nan)
        gaps[0::3, 0] = gaps[1::3, 0] = gaps[0::3, 1] = d.said
        gaps[1::3, 1] = d.right
        self.gaps.set_data(*gaps.T)
        self.line.set_data(d.said, d.right)
        shares = np.zeros((20, 2))
        shares[: len(d.said)] = np.column_stack([d.said, 0.3 * d.count / d.count.sum()])
        for bar, (place, height) in zip(self.mass, shares, strict=True):
            bar.set_x(place - 0.02)
            bar.set_height(height)
        self.text.set_text(
            f"correct {d.accuracy:.3f}\nstated {d.confidence:.3f}\n"
            f"log loss {d.loss:.3f}\ncalibration error {d.error:.3f}"
        )
        self.losses.set_data(TEMPERATURES, d.losses)
        self.errors.set_data(TEMPERATURES, d.errors)
        self.here.set_data([d.temperature] * 2, [d.loss, d.error])


def calibration_explorer() -> Explorer:
    """Temperature scaling of two networks of earlier chapters, on data that they were not trained on."""
    for model in MODELS:  # the networks read their data now, so that no move of a control has to wait for it
        _by_temperature(model)
    return Explorer(
        compute=calibration,
        draw=CalibrationView,
        controls={
            "model": Choice(MODELS, "moved digits", label="what it reads"),
            "temperature": Slider(0.25, 4.0, 0.05, 1.0, label="temperature"),
            "bins": Slider(5, 20, 1, 10, label="bins"),
        },
        goal=Goal(
            f"Moved digits, 10 bins: find a temperature with a calibration error below {GOAL_ERROR}. "
            "What happens to the share that is right?",
            lambda d: d.model == "moved digits" and d.error < GOAL_ERROR,
            solution=dict(model="moved digits", temperature=1.9, bins=10),
        ),
        size=(7.0, 3.9),
        alt="Reliability diagram of a network, and its log loss and calibration error over the temperature.",
    )
