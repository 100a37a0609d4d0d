"""Explorer of chapter 10: a small network on few digits, with every remedy for overfitting on a switch, four seeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import mnist
from nnlab.explore.controls import Levels, Slider, Toggle
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.scratch import SGD, BatchNorm1d, CrossEntropyLoss, Dropout, Layer, Linear, ReLU, Sequential, kaiming_normal

Array = NDArray[Any]
Metrics = tuple[float, float, float]  # training accuracy, validation accuracy, validation loss
SEEDS, EPOCHS, BATCH, IMAGE_SIZE = 4, 60, 50, 14
EVALUATED = 1000  # validation digits, and test digits
MORE_DATA = 4  # "more data" multiplies the digits by this
LR, MOMENTUM = 0.05, 0.9
L2, L1, DROP, PATIENCE = 0.01, 0.001, 0.5, 10
GOAL_DIGITS, GOAL_NOISE, GOAL_GAP, GOAL_ACCURACY = 200, 0.2, 0.05, 0.69
REMEDIES = ("l2", "l1", "dropout", "batch_norm", "early", "augment", "more_data")


@cache
def digits(split: str) -> tuple[Array, Array]:
    """Pictures (N, 14, 14), float32 from 0 (paper) to 1 (ink), and labels (N,): MNIST at half its resolution."""
    x, labels = mnist(split)
    count = SEEDS * MORE_DATA * 300 if split == "train" else EVALUATED
    return (x[:count].reshape(-1, IMAGE_SIZE, 2, IMAGE_SIZE, 2).mean(axis=(2, 4)) / 255).astype(np.float32), labels[
        :count
    ]


def shifts(x: Array) -> Array:
    """(N, 14, 14) -> (N, 3, 3, 14, 14): each picture moved by -1, 0, 1 pixels down and to the right."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    return np.lib.stride_tricks.sliding_window_view(padded, (IMAGE_SIZE, IMAGE_SIZE), axis=(1, 2))


def wrong_labels(labels: Array, share: float, rng: np.random.Generator) -> Array:
    """A copy of labels (N,) in which this share is replaced by a different digit."""
    out, count = labels.copy(), round(share * len(labels))
    which = rng.permutation(len(labels))[:count]
    out[which] = (out[which] + rng.integers(1, 10, count)) % 10
    return out


def make_net(hidden: int, dropout: bool, batch_norm: bool, rng: np.random.Generator) -> Sequential:
    """196 - hidden - 10 with ReLU; after the hidden Linear a BatchNorm1d, after the ReLU a Dropout, if asked for."""
    first, last = (Linear(a, b, rng=rng, dtype=np.float32) for a, b in ((IMAGE_SIZE**2, hidden), (hidden, 10)))
    first.params["weight"][...] = kaiming_normal((hidden, IMAGE_SIZE**2), rng=rng)
    layers: list[Layer] = [first]
    if batch_norm:
        layers.append(BatchNorm1d(hidden))
    layers.append(ReLU())
    if dropout:
        layers.append(Dropout(DROP, rng=rng))
    return Sequential(*layers, last)


@dataclass
class TrainedNetwork:
    """One network with digits of its own: x (N, 14, 14), y (N,). train, validation: its accuracy after each epoch."""

    x: Array
    y: Array
    net: Sequential
    opt: SGD
    rng: np.random.Generator
    train: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    metrics: Metrics = (0.0, 0.0, np.inf)
    best: Metrics = (0.0, 0.0, np.inf)  # at the epoch with the least validation loss, see keep_best
    best_epoch: int = 0
    best_state: dict[str, Array] = field(default_factory=dict)
    stopped: bool = False


def begin(
    hidden: float, count: float, noise: float, more_data: bool, dropout: bool, batch_norm: bool, l2: bool, **_: Any
) -> list[TrainedNetwork]:
    """An untrained network for each seed. No two of them share a digit."""
    x, labels = digits("train")
    size = int(count) * (MORE_DATA if more_data else 1)
    networks = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        mine = slice(seed * size, (seed + 1) * size)
        net = make_net(int(hidden), dropout, batch_norm, rng)
        opt = SGD(net.params, lr=LR, momentum=MOMENTUM, weight_decay=L2 if l2 else 0.0)
        networks.append(TrainedNetwork(x[mine], wrong_labels(labels[mine], noise, rng), net, opt, rng))
    return networks


def advance(networks: list[TrainedNetwork], l1: bool, augment: bool, early: bool, **_: Any) -> None:
    """One epoch for each network. One that has stopped early keeps its best weights and repeats their metrics."""
    for n in networks:
        if not n.stopped:
            train_epoch(n, l1, augment)
            n.metrics = (*evaluate(n.net, n.x, n.y)[:1], *evaluate(n.net, *digits("validation")))
        if early and not n.stopped:
            keep_best(n)
        n.train.append(n.metrics[0])
        n.validation.append(n.metrics[1])


def train_epoch(n: TrainedNetwork, l1: bool, augment: bool) -> None:
    """Each of the network's digits once, in batches; `augment` shifts each at random by at most a pixel."""
    loss, shifted = CrossEntropyLoss(), shifts(n.x)
    n.net.train()
    for rows in np.array_split(n.rng.permutation(len(n.x)), max(1, len(n.x) // BATCH)):
        by = n.rng.integers(0, 3, (2, len(rows))) if augment else np.ones((2, len(rows)), int)
        loss(n.net(shifted[rows, *by].reshape(len(rows), -1)), n.y[rows])
        n.net.backward_params(loss.backward())
        n.opt.step(n.net.grads)
        if l1:
            for w in n.net.params.values():
                if w.ndim == 2:  # shrunk to 0 at most; with momentum a gradient moves a weight lr / (1 - mu)
                    w[...] = np.sign(w) * np.maximum(np.abs(w) - LR / (1 - MOMENTUM) * L1, 0)


def evaluate(net: Sequential, x: Array, labels: Array) -> tuple[float, float]:
    """Accuracy and mean loss in evaluation mode; x: (N, 14, 14), labels: (N,)."""
    net.eval()
    logits = net(x.reshape(len(x), -1))
    return float((logits.argmax(axis=1) == labels).mean()), float(CrossEntropyLoss()(logits, labels))


def keep_best(n: TrainedNetwork) -> None:
    """Early stopping: keep a copy of the network with the least validation loss; go back to it after `PATIENCE` epochs
    without a better one, or at the end."""
    now = len(n.train) + 1
    if n.metrics[2] < n.best[2]:
        n.best, n.best_epoch, n.best_state = n.metrics, now, n.net.state_dict()
    if now - n.best_epoch >= PATIENCE or now == EPOCHS:
        n.net.load_state_dict(n.best_state)
        n.metrics, n.stopped = n.best, True


@dataclass
class OverfitCurves:
    """Accuracies of each seed's network after each epoch, (SEEDS, epochs). train: on its own digits, with the labels
    that it was given; validation: on 1,000 others. test: (SEEDS,) on 1,000 more, at the end only.
    best_epochs: of the weights that early stopping kept; empty without it. zeros: share of weights that are exactly
    zero. is_goal_task: whether the goal's digits are used."""

    train: Array
    validation: Array
    test: Array
    best_epochs: list[int]
    zeros: float
    is_goal_task: bool

    @property
    def gap(self) -> float:
        """Training less validation accuracy now, mean over the seeds."""
        return float(np.mean(self.train[:, -1] - self.validation[:, -1])) if self.train.size else 0.0


def curves(networks: list[TrainedNetwork], count: float, noise: float, more_data: bool, **_: Any) -> OverfitCurves:
    """The curves so far. The test digits are used only once, when all epochs are over."""
    finished = len(networks[0].train) == EPOCHS
    test = np.array([evaluate(n.net, *digits("test"))[0] for n in networks] if finished else [])
    weights = np.concatenate([w.ravel() for n in networks for w in n.net.params.values() if w.ndim == 2])
    best = [n.best_epoch for n in networks if n.stopped]
    train, validation = np.array([n.train for n in networks]), np.array([n.validation for n in networks])
    is_goal_task = (count, noise, more_data) == (GOAL_DIGITS, GOAL_NOISE, False)
    return OverfitCurves(train, validation, test, best, float((weights == 0).mean()), is_goal_task)


class OverfitView:
    """Left accuracy over epochs, thin for each seed and thick for their mean; right the same seeds now, as dots."""

    LOOKS = (("training", plots.BLUE, plots.TRAIN), ("validation", plots.VERMILLION, plots.VALIDATION))

    def __init__(self, figure: Figure):
        left, right = figure.subplots(1, 2, width_ratios=[2.1, 1], sharey=True)
        left.set(xlim=(0, EPOCHS), ylim=(0, 1.03), xlabel="epoch", ylabel="accuracy")
        left.set_title("The gap is what was learned by heart")
        right.set(xlim=(-0.5, 2.5), xticks=range(3))
        right.set_xticklabels(["training", "validation", "test"], fontsize=9)
        right.set_title(f"{SEEDS} seeds now")
        right.grid(axis="x", visible=False)
        self.thin = [
            [left.plot([], [], ls=style, color=c, lw=0.8, alpha=0.45, animated=True)[0] for _ in range(SEEDS)]
            for _, c, style in self.LOOKS
        ]
        self.thick = [left.plot([], [], ls=style, color=c, lw=2.5, animated=True)[0] for _, c, style in self.LOOKS]
        for name, c, style in self.LOOKS:
            left.plot([], [], ls=style, color=c, lw=2.5, label=name)
        left.plot([], [], ls=plots.TEST, color=plots.BLACK, lw=2.5, label="test, at the end")
        left.plot([], [], "*", color=plots.GREEN, ms=10, label="kept by early stopping")
        left.legend(loc="lower right", fontsize=9, ncols=2, columnspacing=1)
        (self.test,) = left.plot([], [], ls=plots.TEST, color=plots.BLACK, lw=2.5, animated=True)
        (self.best,) = left.plot([], [], "*", color=plots.GREEN, ms=10, animated=True)
        self.dots = [
            right.plot([], [], "o", color=c, ms=6, alpha=0.8, animated=True)[0]
            for c in (plots.BLUE, plots.VERMILLION, plots.BLACK)
        ]
        self.means = [right.text(k, 0, "", ha="center", fontsize=9, weight="bold", animated=True) for k in range(3)]
        below: dict[str, Any] = dict(transform=right.transAxes, ha="center", va="top", fontsize=9)
        self.text = right.text(0.5, -0.12, "", animated=True, **below)

    def update(self, d: OverfitCurves) -> None:
        epochs = range(1, d.train.shape[1] + 1)
        now = []
        for curves, thin, thick in zip((d.train, d.validation), self.thin, self.thick, strict=True):
            for line, curve in zip(thin, curves, strict=True):
                line.set_data(epochs, curve)
            thick.set_data(epochs, curves.mean(axis=0))
            now.append(curves[:, -1] if len(epochs) else np.array([]))
        for k, (dots, text, values) in enumerate(zip(self.dots, self.means, [*now, d.test], strict=True)):
            dots.set_data([k] * len(values), values)
            text.set_y(float(values.min()) - 0.08 if len(values) else 0)
            text.set_text(f"{values.mean():.0%}" if len(values) else "")
        self.test.set_data([0.8 * EPOCHS, EPOCHS] if len(d.test) else [], [d.test.mean()] * 2 if len(d.test) else [])
        kept = [(at, d.validation[k, at - 1]) for k, at in enumerate(d.best_epochs)]
        self.best.set_data(*zip(*kept, strict=True)) if kept else self.best.set_data([], [])
        self.text.set_text(f"gap {100 * d.gap:z.0f} points, {d.zeros:.0%} zeros" if len(epochs) else "")


def overfit_explorer() -> Explorer:
    """A small network on few digits with some wrong labels: what each remedy does, by itself and together."""
    return Explorer(
        compute=curves,
        draw=OverfitView,
        controls={
            "hidden": Levels((4, 8, 16, 32, 64, 128, 256), 128, label="capacity: hidden neurons"),
            "count": Levels((100, 200, 300), GOAL_DIGITS, label="training digits"),
            "noise": Slider(0.0, 0.4, 0.1, GOAL_NOISE, label="share of wrong labels"),
            "l2": Toggle(False, label="L2", help=f"weight decay {L2}"),
            "l1": Toggle(False, label="L1", help=f"strength {L1}"),
            "dropout": Toggle(False, label="dropout", help=f"each hidden neuron with probability {DROP}"),
            "batch_norm": Toggle(False, label="batch normalisation"),
            "early": Toggle(False, label="early stopping", help=f"patience {PATIENCE} epochs, on the validation loss"),
            "augment": Toggle(False, label="augmentation", help="each epoch shifts each digit by at most a pixel"),
            "more_data": Toggle(
                False, label=f"more data: {MORE_DATA} times", help="the remedy that the others replace"
            ),
        },
        run=Run(begin, advance, length=EPOCHS, unit="epoch", shown=25, per_frame=1),
        presets={
            "no remedy": dict.fromkeys(REMEDIES, False),
            "all but more data": {name: name != "more_data" for name in REMEDIES},
        },
        goal=Goal(
            f"With {GOAL_DIGITS} digits, a share of {GOAL_NOISE} wrong labels and no more data: train to the end with "
            f"a gap below {100 * GOAL_GAP:.0f} points and a validation accuracy of {GOAL_ACCURACY:.0%}. "
            "A single remedy is not enough.",
            lambda d: (
                len(d.test) > 0 and d.is_goal_task and d.gap < GOAL_GAP and d.validation[:, -1].mean() >= GOAL_ACCURACY
            ),
            solution=dict(augment=True, dropout=True),
            steps=EPOCHS,
        ),
        alt="Training and validation accuracy of four small networks over epochs, their means, and the gap.",
    )
