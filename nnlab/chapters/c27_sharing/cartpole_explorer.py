"""Explorer of chapter 27: a pole on a cart, balanced by chance, by a rule or by an agent that is still learning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import sharing_records
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run

from . import cartpole
from .agent import BATCHES, KEPT, greedy

Array = NDArray[Any]
WHO = ("chance", "rule", "agent")
SHOWN = 40


@cache
def _policy(seed: int, batches: int) -> cartpole.Policy:
    kept = sharing_records().policies
    return greedy({name: values[seed, batches].astype(float) for name, values in kept.items()})


@cache
def _curve(seed: int) -> Array:
    return np.asarray(sharing_records().returns[seed].mean(axis=1))


@dataclass
class Episode:
    """Where an episode stands. state: (1, 4); angles: in degrees so far; fallen: whether it is over."""

    state: Array
    rng: np.random.Generator
    angles: list[float]
    fallen: bool = False


def _begin(who: str, batches: int, seed: int, start: int) -> Episode:
    rng = np.random.default_rng((start, 27))
    state = cartpole.start(1, rng)
    return Episode(state, rng, [float(np.degrees(state[0, 2]))])


def _advance(e: Episode, who: str, batches: int, seed: int, start: int) -> None:
    """One step of 0.02 seconds; nothing more once the pole has fallen."""
    if e.fallen:
        return
    if who == "chance":
        action = e.rng.integers(2, size=1)
    else:
        action = cartpole.rule(e.state) if who == "rule" else _policy(seed, batches)(e.state)
    e.state = cartpole.step(e.state, action)
    e.angles.append(float(np.degrees(e.state[0, 2])))
    e.fallen = bool(cartpole.fallen(e.state)[0])


@dataclass
class Pole:
    """cart: metres; angle: degrees; angles: (T,) so far; steps: survived; curve: (40,) mean steps in each batch of
    training; batches: trained."""

    who: str
    cart: float
    angle: float
    angles: Array
    steps: int
    fallen: bool
    curve: Array
    batches: int


def balanced(e: Episode, who: str, batches: int, seed: int, start: int) -> Pole:
    """What there is to see of the episode now."""
    cart, angle = float(e.state[0, 0]), float(np.degrees(e.state[0, 2]))
    return Pole(who, cart, angle, np.array(e.angles), len(e.angles) - 1, e.fallen, _curve(seed).copy(), batches)


class PoleView:
    """The cart above, its angle over time below, and right how training went."""

    def __init__(self, figure: Figure):
        axes = figure.subplot_mosaic([["cart", "curve"], ["angle", "curve"]], width_ratios=[1.5, 1])
        ax = axes["cart"]
        ax.set(xlim=(-2.6, 2.6), ylim=(-0.35, 1.3), yticks=[], xticks=[-2.4, 0, 2.4], xlabel="place (m)")
        ax.grid(False)
        ax.axhline(0, color=plots.GREY, lw=1)
        self.cart = Rectangle((-0.25, -0.12), 0.5, 0.24, color=plots.BLUE, animated=True)
        ax.add_patch(self.cart)
        (self.pole,) = ax.plot([], [], color=plots.ORANGE, lw=6, solid_capstyle="round", animated=True)
        self.title = ax.set_title(" ", animated=True)
        angle = axes["angle"]
        angle.set(
            xlim=(0, cartpole.LONGEST), ylim=(-13, 13), yticks=[-12, 0, 12], xlabel="step", ylabel="angle (degrees)"
        )
        (self.angles,) = angle.plot([], [], color=plots.ORANGE, lw=1.4, animated=True)
        curve = axes["curve"]
        curve.set(xlim=(-1, BATCHES + 1), ylim=(0, 520), title="Training")
        curve.set(xlabel="batches of 16 episodes", ylabel="mean steps in training")
        (self.curve,) = curve.plot(np.arange(1, BATCHES + 1), np.zeros(BATCHES), color=plots.BLUE, animated=True)
        (self.here,) = curve.plot([], [], "o", color=plots.VERMILLION, ms=8, animated=True)

    def update(self, d: Pole) -> None:
        self.cart.set_x(d.cart - 0.25)
        tip = np.radians(d.angle)
        self.pole.set_data([d.cart, d.cart + np.sin(tip)], [0.1, 0.1 + np.cos(tip)])
        self.angles.set_data(np.arange(len(d.angles)), d.angles)
        self.curve.set_ydata(d.curve)
        agent = d.who == "agent"
        self.here.set_data([d.batches] if agent else [], [d.curve[max(d.batches - 1, 0)]] if agent else [])
        name = f"agent after {d.batches} batches" if agent else d.who
        self.title.set_text(f"{name.capitalize()}: {'fallen after' if d.fallen else 'up for'} {d.steps} steps")


def cartpole_explorer() -> Explorer:
    """Press Play: the agent of three training runs, after each batch of episodes."""
    return Explorer(
        compute=balanced,
        draw=PoleView,
        controls={
            "who": Choice(WHO, "agent", label="who pushes"),
            "batches": Slider(0, BATCHES, 1, 4, label="batches of training"),
            "seed": Slider(0, KEPT - 1, 1, 0, label="seed of the training"),
            "start": Slider(0, 9, 1, 0, label="seed of the start"),
        },
        run=Run(
            begin=_begin,
            advance=_advance,
            length=cartpole.LONGEST,
            shown=SHOWN,
            over=lambda d: d.fallen,
        ),
        goal=Goal(
            "Find an agent that keeps the pole up for all 500 steps.",
            lambda d: d.who == "agent" and d.steps == cartpole.LONGEST and not d.fallen,
            solution=dict(who="agent", batches=40, seed=2, start=0),
            steps=cartpole.LONGEST,
        ),
        size=(7.4, 3.7),
        alt="A pole on a cart, its angle over the steps, and how long it stood in training.",
    )
