"""Explorer of chapter 07: the three gates of a trained LSTM over time, each of which can be forced open or shut."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from nnlab import plots
from nnlab.datasets import recurrent_weights
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import LSTM, Linear

STEPS = 24
GATES = {"input": 0, "forget": 1, "output": 3}  # the place of each gate's row; 2 is the candidate g
FORCE = ["learned", "forced open", "forced shut"]
NOISE = np.random.default_rng(3).uniform(-1, 1, STEPS).round(1)  # the values at the other steps


@dataclass
class GateTrace:
    """A sequence of 24 steps and what the LSTM with one unit does at each.

    x: (24, 3), the value, the mark "store", the mark "ask"; gates: (24, 3), input, forget, output; c, h, answer: (24,),
    cell state, hidden state and output; target: (24,), the output it was trained for; forced: for each gate, whether
    it is forced; since: from this step on, counted from 1."""

    x: np.ndarray
    gates: np.ndarray
    c: np.ndarray
    h: np.ndarray
    answer: np.ndarray
    target: np.ndarray
    forced: list[bool]
    since: int

    @property
    def stored(self) -> list[float]:
        """The values that were to be stored, in order."""
        return [float(value) for value in self.x[self.x[:, 1] == 1, 0]]


@cache
def _network() -> tuple[LSTM, Linear]:
    weights = recurrent_weights("memory")
    rng = np.random.default_rng(0)  # what it draws is overwritten
    cell, out = LSTM(3, 1, rng=rng), Linear(1, 1, rng=rng)
    for layer, prefix in ((cell, ""), (out, "out_")):
        for name, value in layer.params.items():
            value[...] = weights[prefix + name]
    return cell, out


def sequence(value: float, step: int, again: int) -> np.ndarray:
    """x: (24, 3). `value` is marked "store" at `step`, and the value at step `again` too (0: not again); the last step
    asks."""
    x = np.zeros((STEPS, 3))
    x[:, 0] = NOISE
    x[step - 1, 0] = value
    x[step - 1, 1] = 1
    if again:
        x[again - 1, 1] = 1
    x[-1, 2] = 1
    return x


def _forced(how: list[str]) -> dict[str, np.ndarray]:
    """The LSTM's parameters with gates forced: no weights, and a bias at which the sigmoid is 1 or 0."""
    w = {name.removesuffix("_l0"): value.copy() for name, value in _network()[0].params.items()}
    for row, word in zip(GATES.values(), how, strict=True):
        if word != "learned":
            for name in w:
                w[name][row] = 0
            w["bias_ih"][row] = 50 if word == "forced open" else -50
    return w


def remember(value: float, step: int, again: int, input: str, forget: str, output: str, since: int) -> GateTrace:
    """Run the trained LSTM; from step `since` on with gates forced open or shut."""
    cell, out = _network()
    x, how = sequence(value, step, again), [input, forget, output]
    state: tuple[np.ndarray, ...] = (np.zeros((1, 1)), np.zeros((1, 1)))
    found: list[tuple[np.ndarray, ...]] = []
    parts = ((x[: since - 1], _forced(["learned"] * 3)), (x[since - 1 :], _forced(how)))
    for part, weights in parts:
        if len(part):
            _, state, (_, gates, h, c, _) = cell.run(part[:, None], weights, state)
            found.append((gates[:, :, 0, 0], h[1:, 0, 0], c[1:, 0, 0]))
    gates, h, c = (np.concatenate(pieces) for pieces in zip(*found, strict=True))
    marks = np.flatnonzero(x[:, 1])
    target = np.zeros(STEPS)
    target[-1] = x[marks[-1], 0]
    answer = out(h[:, None])[:, 0]
    return GateTrace(x, gates[:, list(GATES.values())], c, h, answer, target, [w != "learned" for w in how], since)


def keeps_the_first(d: GateTrace) -> bool:
    """Whether two values that differ were to be stored, and the answer at the end is the first."""
    first, *more = d.stored
    return bool(more) and abs(more[0] - first) > 0.5 and abs(d.answer[-1] - first) < 0.1


class GatesView:
    """Over time, from above: inputs, gates, states, answer."""

    def __init__(self, figure: Figure):
        axes = figure.subplots(4, 1, sharex=True, height_ratios=[1, 1.15, 1.1, 1])
        steps = np.arange(1, STEPS + 1)
        for ax in axes:
            ax.set(xlim=(0.4, STEPS + 0.6), xticks=[1, 4, 8, 12, 16, 20, 24])
        first, gates, states, last = axes
        first.set(ylim=(-1.25, 1.25), yticks=[-1, 0, 1], ylabel="value")
        first.set_title("What comes in: store the filled ones, ignore the rest")
        first.axhline(0, color=plots.GREY, lw=0.8)
        self.stems = first.vlines(steps, 0, 0, color=plots.GREY, lw=1, animated=True)
        (self.noise,) = first.plot([], [], "o", ms=5, mfc=plots.PAPER, mec=plots.GREY, animated=True)
        (self.stored,) = first.plot([], [], "o", ms=9, color=plots.PURPLE, animated=True)
        gates.set(ylim=(2.5, -0.5), yticks=range(3))
        gates.set_yticklabels(["input: write", "forget: keep", "output: read"])
        gates.grid(False)
        gates.set_title("Its gates: dark is open, white is shut")
        gates.spines[:].set_visible(False)
        edges = np.arange(STEPS + 1) + 0.5
        self.gates = gates.pcolormesh(
            edges, np.arange(4) - 0.5, np.zeros((3, STEPS)), cmap="Blues", vmin=0, vmax=1.15, animated=True
        )
        gates.hlines([0.5, 1.5], 0.5, STEPS + 0.5, color=plots.PAPER, lw=3, animated=True)
        self.boxes = [
            gates.add_patch(Rectangle((0, row - 0.44), 1, 0.88, fill=False, ec=plots.VERMILLION, lw=2.5, animated=True))
            for row in range(3)
        ]
        states.set(ylim=(-0.85, 0.85), yticks=[-0.5, 0, 0.5], ylabel="state")
        states.set_title("Its two states: the cell keeps, the hidden state shows")
        (self.c,) = states.plot([], [], "o-", ms=4, color=plots.GREEN, label="cell state c", animated=True)
        (self.h,) = states.plot([], [], "s-", ms=3, color=plots.FORWARD, lw=1.2, label="hidden state h", animated=True)
        states.legend(loc="upper left", ncols=2, fontsize=8, borderaxespad=0.1).set_zorder(10)
        last.set(ylim=(-1.25, 1.25), yticks=[-1, 0, 1], ylabel="answer", xlabel="step; the last one asks")
        last.set_title("Its answer, and (rings) the answer it was trained for")
        (self.answer,) = last.plot([], [], "o-", ms=4, color=plots.FORWARD, animated=True)
        (self.target,) = last.plot([], [], "o", ms=9, mfc="none", mec=plots.BLACK, mew=1.2, animated=True)
        self.words = last.text(STEPS - 1, 0.62, "", ha="right", weight="bold", animated=True)

    def update(self, d: GateTrace) -> None:
        steps = np.arange(1, STEPS + 1)
        self.stems.set_segments([[(t, 0), (t, v)] for t, v in zip(steps, d.x[:, 0], strict=True)])
        store = d.x[:, 1] == 1
        self.noise.set_data(steps[~store], d.x[~store, 0])
        self.stored.set_data(steps[store], d.x[store, 0])
        self.gates.set_array(d.gates.T)
        for box, forced in zip(self.boxes, d.forced, strict=True):
            box.set_bounds(d.since - 0.44, box.get_y(), STEPS - d.since + 0.88, 0.88)
            box.set_visible(forced)
        self.c.set_data(steps, d.c)
        self.h.set_data(steps, d.h)
        self.answer.set_data(steps, d.answer)
        self.target.set_data(steps, d.target)
        self.words.set_text(f"asked, it answers {d.answer[-1]:z.1f}; stored last: {d.target[-1]:z.1f}")


def gates_explorer() -> Explorer:
    """An LSTM with one unit, trained to store a value when told and output it when asked. Force its gates."""
    return Explorer(
        compute=remember,
        draw=GatesView,
        controls={
            "value": Slider(-1.0, 1.0, 0.1, 0.8, label="value to store"),
            "step": Slider(1, STEPS - 1, 1, 4, label="store it at step"),
            "again": Slider(0, STEPS - 1, 1, 10, label="store again at step", help="0: nothing is stored again"),
            "input": Choice(FORCE, label="input gate"),
            "forget": Choice(FORCE, label="forget gate"),
            "output": Choice(FORCE, label="output gate"),
            "since": Slider(1, STEPS, 1, 1, label="forced from step"),
        },
        goal=Goal(
            "Two values are to be stored, and at the end it answers the second. Force gates so that it answers "
            "the first.",
            keeps_the_first,
            solution=dict(input="forced shut", forget="forced open", since=8),
        ),
        size=(7.0, 5.8),
        alt="Over 24 steps: the values that come in, with the ones to store marked; the input, forget and output gate; "
        "cell state and hidden state; and the answer.",
    )
