"""Explorer of chapter 11: five batch sizes race from the same start, by examples, by steps and by the clock."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets.digits import small_digits
from nnlab.explore.controls import Choice, Levels, Slider
from nnlab.explore.drawing.words import Words
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.scratch import MLP, CrossEntropyLoss

Array = NDArray[Any]
SIZES = (8, 32, 128, 512, 2048)
EXAMPLES, LENGTH = 512, 80  # of each size between two evaluations (the largest waits for four), evaluations
TARGET = 0.85  # of the validation digits right
SLACK = 1.15  # of the goal; one evaluation more is up to 1.125
RULES = ("the same for all", "grows like the batch", "grows like its root")
AXES = ("examples", "steps", "seconds")
MAX_LOSS = 20.0  # a run whose loss exceeds this has diverged


def rate(lr: float, size: int, rule: str) -> float:
    """The learning rate of a batch size, where a batch of 8 gets lr."""
    times = size / SIZES[0]
    return lr * {RULES[0]: 1.0, RULES[1]: times, RULES[2]: math.sqrt(times)}[rule]


@dataclass
class BatchSizeRun:
    """One batch size in training. At each evaluation: progress, the examples, steps and seconds so far; accuracy."""

    size: int
    lr: float
    net: MLP
    rng: np.random.Generator
    evaluations: int = 0
    steps: int = 0
    seconds: float = 0.0
    diverged: bool = False
    progress: list[tuple[float, float, float]] = field(default_factory=list)  # examples, steps, seconds
    accuracy: list[float] = field(default_factory=list)


def begin(lr: float, rule: str, seed: int, **_: Any) -> list[BatchSizeRun]:
    """A run of each size, with the same first weights and the same seed for its batches."""
    runs = []
    for size in SIZES:
        rng = np.random.default_rng(seed)
        net = MLP([196, 32, 10], rng=rng, dtype=np.float32)
        runs.append(BatchSizeRun(size, rate(lr, size, rule), net, rng))
    return runs


def advance(runs: list[BatchSizeRun], **_: Any) -> None:
    """512 more examples for each, in batches of its size. Only the training is timed, not the evaluation."""
    for r in runs:
        r.evaluations += 1
        before, start = r.steps, time.perf_counter()
        while not r.diverged and (r.steps + 1) * r.size <= r.evaluations * EXAMPLES:
            train_step(r)
        r.seconds += time.perf_counter() - start
        if not r.diverged and r.steps > before:
            x, y = small_digits()[2:]
            r.accuracy.append(float((r.net(x).argmax(axis=1) == y).mean()))
            r.progress.append((r.steps * r.size, r.steps, r.seconds))


def train_step(r: BatchSizeRun) -> None:
    """One step of gradient descent on a batch drawn at random."""
    x, y, _, _ = small_digits()
    rows = r.rng.integers(len(x), size=r.size)
    loss = CrossEntropyLoss()
    with np.errstate(over="ignore", invalid="ignore"):
        value = loss(r.net(x[rows]), y[rows])
        r.diverged = not value <= MAX_LOSS  # true for NaN as well
        r.net.backward_params(loss.backward())
        for name, weight in r.net.params.items():
            weight -= np.float32(r.lr) * r.net.grads[name]
    r.steps += 1


@cache
def noise() -> dict[int, float]:
    """By batch size: the distance of its gradient from that of all 20,000 digits, divided by the length of the latter.

    Root mean square over 20 batches, in a network trained for 320 steps of 32."""
    (r,) = (r for r in begin(0.1, RULES[0], 0) if r.size == 32)
    for _ in range(320):
        train_step(r)
    x, y, _, _ = small_digits()

    def gradient(rows: Any) -> Array:
        loss = CrossEntropyLoss()
        loss(r.net(x[rows]), y[rows])
        r.net.backward_params(loss.backward())
        return np.concatenate([g.ravel() for g in r.net.grads.values()])

    full_gradient, rng, noise_by_size = gradient(slice(None)), np.random.default_rng(1), {}
    for size in SIZES:
        errors = [gradient(rng.integers(len(x), size=size)) - full_gradient for _ in range(20)]
        noise_by_size[size] = float(np.sqrt(np.mean(np.sum(np.square(errors), axis=1))) / np.linalg.norm(full_gradient))
    return noise_by_size


@dataclass
class BatchSizeResult:
    """One batch size: places (looks, 3), the examples, steps and seconds so far at each look; right (looks,)."""

    lr: float
    progress: Array
    accuracy: Array
    diverged: bool

    @property
    def reached_at(self) -> tuple[float, float, float] | None:
        """Examples, steps and seconds at the first evaluation that reached the target; None if none has yet."""
        reached = np.flatnonzero(self.accuracy >= TARGET)
        if not len(reached):
            return None
        examples, steps, seconds = self.progress[reached[0]]
        return float(examples), float(steps), float(seconds)


@dataclass
class BatchSizeComparison:
    """The results of all batch sizes so far, the noise of their gradients, and which of AXES they are drawn over."""

    results: dict[int, BatchSizeResult]
    noise: dict[int, float]
    axis: str

    @property
    def scaled_well(self) -> bool:
        """Whether a batch of 128 reached the target with at most SLACK times the examples of a batch of 8."""
        small, large = self.results[8].reached_at, self.results[128].reached_at
        return small is not None and large is not None and large[0] <= SLACK * small[0]


def compare(runs: list[BatchSizeRun], axis: str, **_: Any) -> BatchSizeComparison:
    """The results so far."""
    results = {
        r.size: BatchSizeResult(r.lr, np.array(r.progress, float).reshape(-1, 3), np.array(r.accuracy), r.diverged)
        for r in runs
    }
    return BatchSizeComparison(results, noise(), axis)


_COLOURS = dict(zip(SIZES, (plots.ORANGE, plots.VERMILLION, plots.GREEN, plots.BLUE, plots.BLACK), strict=True))
_LIMITS = {"examples": (400, 6e4), "steps": (0.8, 7e3), "seconds": (3e-4, 10)}


class BatchSizeView:
    """Left accuracy over examples, steps or seconds; right a table of what it took to reach the target.

    Seconds are shown only when drawn over: they differ from run to run, and the stored picture must not."""

    COLUMNS = (35, 80, 126, 200, 252, 318)  # right ends, pixels

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        self.ax = figure.add_axes((0.085, 0.135, 0.415, 0.775))
        self.ax.set(ylim=(0, 1), xscale="log", ylabel="right, new digits", title="The same start, five batch sizes")
        self.axis = ""
        self.ax.axhline(TARGET, color=plots.GREY, lw=1, ls=":")
        self.lines = {}
        for size, marker in zip(SIZES, plots.CLASS_MARKERS, strict=False):
            style: dict[str, Any] = dict(color=_COLOURS[size], marker=marker, markevery=[-1], ms=7, mec="white", lw=1.6)
            (self.lines[size],) = self.ax.plot([], [], animated=True, **style)
        table = figure.add_axes((0.525, 0, 0.475, 1))
        table.set(xlim=(0, 332), ylim=(0, 380))
        table.set_axis_off()
        table.text(321, 334, f"until {TARGET:.0%} are right", ha="right", weight="bold")
        heads = ("batch", "rate", "noise", "examples", "steps", "seconds")
        for x, head in zip(self.COLUMNS, heads, strict=True):
            text = table.text(x + 3, 308, head, ha="right", fontsize=9, color="#4a4a4a")
        self.seconds = text  # the last head
        for k, (size, marker) in enumerate(zip(SIZES, plots.CLASS_MARKERS, strict=False)):
            table.plot([-8], [278 - 32 * k + 5], marker=marker, ms=8, color=_COLOURS[size], clip_on=False)
        explained = "noise: how far a batch's gradient lies from\nthat of all digits, as a share of its length\n"
        explained += "(in one network that has learned for a while).\n"
        table.text(0, 54, explained + "green: the fewest in its column.", fontsize=9, color="#4a4a4a", va="center")
        self.words = Words(figure, 360, 0, 340, 380)

    def update(self, d: BatchSizeComparison) -> None:
        if self.axis != d.axis:
            self.axis = d.axis
            label = "seconds of training (measured here)" if d.axis == "seconds" else d.axis
            self.ax.set(xlim=_LIMITS[d.axis], xlabel=label)
            self.seconds.set_visible(d.axis == "seconds")
        self.words.wipe()
        reached = [a for c in d.results.values() if (a := c.reached_at)]
        best = np.min(reached, axis=0) if reached else np.zeros(3)
        for k, (size, result) in enumerate(d.results.items()):
            self.lines[size].set_data(result.progress[:, AXES.index(d.axis)], result.accuracy)
            self._row(278 - 32 * k, (str(size), short_rate(result.lr), f"{d.noise[size]:.2f}"), result, best)

    def _row(self, y: float, first: tuple[str, ...], result: BatchSizeResult, best: Array) -> None:
        write = self.words.write
        for x, text in zip(self.COLUMNS, first, strict=False):
            write(text, x + 10, y, align="right", points=9.5)
        if result.reached_at is None:
            reason = "blew up" if result.diverged else f"at {result.accuracy[-1]:.0%}" if len(result.accuracy) else ""
            write(
                reason, self.COLUMNS[3] + 10, y, "#9a3d00" if result.diverged else plots.GREY, align="right", points=9.5
            )
            return
        texts = [f"{result.reached_at[0]:.0f}", f"{result.reached_at[1]:.0f}"]
        if self.axis == "seconds":
            texts.append(f"{result.reached_at[2]:.3f}")
        for x, text, value, least in zip(self.COLUMNS[3:], texts, result.reached_at, best, strict=False):
            best_of_all = value <= least
            write(
                text, x + 10, y, "#00664b" if best_of_all else plots.BLACK, align="right", points=9.5, bold=best_of_all
            )


def short_rate(value: float) -> str:
    """Three digits at most: 0.0452, 1.28, 25.6."""
    return f"{value:.3g}"


def batch_size_explorer() -> Explorer:
    """What a batch size costs and gains: five of them learn the same digits from the same start."""
    noise()  # a fifth of a second now, and not at the first evaluation
    return Explorer(
        compute=compare,
        draw=BatchSizeView,
        controls={
            "lr": Levels((0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0), 0.1, label=f"rate of a batch of {SIZES[0]}"),
            "rule": Choice(RULES, label="learning rate"),
            "axis": Choice(AXES, label="drawn over"),
            "seed": Slider(0, 9, 1, 0, label="seed"),
        },
        run=Run(begin, advance, length=LENGTH, unit="evaluation", live=["axis"], shown=16, per_frame=2),
        goal=Goal(
            f"Find a rule and a rate with which a batch of 128 classifies {TARGET:.0%} correctly after as many "
            "examples as a batch of 8 (15% more will do), and so in about a sixteenth of its steps. Press Play to see.",
            lambda d: d.scaled_well,
            solution=dict(rule=RULES[1], lr=0.02),
            steps=LENGTH,
        ),
        size=(7.0, 3.8),
        alt="The accuracy of five batch sizes over examples, steps or seconds, and a table of what each needed to "
        "reach the target.",
    )
