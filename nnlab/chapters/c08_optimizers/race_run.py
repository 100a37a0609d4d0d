"""The race of all optimizers down a surface, step by step: what `race.py` shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab import plots
from nnlab.chapters.c08_optimizers.surfaces import Point, Surface
from nnlab.scratch import OPTIMIZERS
from nnlab.scratch.optim import Optimizer

Array = NDArray[Any]
LENGTH = 600
NEAR = 0.01  # of the window's width: as close to a lowest point counts as arrived
FAR = 2.0  # of the window's width: who is so far from its middle is out of the race

# Row of OPTIMIZERS: how it is written, its colour and its marker. The same in all explorers of the chapter.
LOOKS: dict[str, tuple[str, str, str]] = {
    "sgd": ("SGD", plots.BLACK, "o"),
    "momentum": ("momentum", plots.BLUE, "^"),
    "nesterov": ("Nesterov", plots.SKY, "v"),
    "rmsprop": ("RMSprop", plots.ORANGE, "s"),
    "adam": ("Adam", plots.VERMILLION, "D"),
    "adamw": ("AdamW", plots.PURPLE, "P"),
}
PLAIN = ("sgd", "momentum", "nesterov")  # their step is as long as the gradient says; the others divide by its size


class Runner:
    """One optimizer of `nnlab.scratch` on its way. Rows 0 to `steps` of each array are filled."""

    def __init__(self, name: str, surface: Surface, start: Point, lr: float, **options: float):
        self.name, self.surface = name, surface
        self.at = np.array(start, float)
        self.opt: Optimizer = OPTIMIZERS[name].make({"at": self.at}, lr, **options)
        self.trail, self.height, self.slope = np.zeros((LENGTH + 1, 2)), np.zeros(LENGTH + 1), np.zeros(LENGTH + 1)
        self.steps, self.left, self.trouble = 0, 0, ""
        self.gradient = np.zeros(2)
        self._look()

    def step(self) -> None:
        """One step, unless it is out."""
        if self.left:
            return
        self.opt.step({"at": self.gradient})
        self.steps += 1
        left, right, bottom, top = self.surface.window
        if max(abs(self.at[0] - (left + right) / 2), abs(self.at[1] - (bottom + top) / 2)) > FAR * self.surface.width:
            self.left = self.steps  # out of the picture; further on its numbers would only overflow
            self.trail[self.steps] = np.clip(self.at, *(np.array([-1, 1]) * 1e6 * self.surface.width))
            self.height[self.steps], self.slope[self.steps] = self.height[self.steps - 1], self.slope[self.steps - 1]
        else:
            self._look()

    def _look(self) -> None:
        """Take down where it is, how high and how steep that is."""
        k = self.steps
        self.trail[k] = self.at
        x, y = float(self.at[0]), float(self.at[1])
        try:
            self.height[k] = self.surface.fn(x, y)
            self.gradient = np.array(self.surface.gradient(x, y))
        except ValueError as error:  # a learner's function has no value there
            self.left, self.trouble = max(k, 1), str(error)
            self.height[k] = self.height[max(k - 1, 0)]
            return
        self.slope[k] = np.hypot(*self.gradient)


@dataclass
class Track:
    """What is seen of one runner. trail: (n + 1, 2); height above the lowest point of the window (0 for who is outside
    and still lower) and slope, the length of the gradient: (n + 1,). arrived: the step from which on it has stayed near
    a lowest point, None if it is not there. left: the step at which it was out, 0 if it is not."""

    trail: Array
    height: Array
    slope: Array
    arrived: int | None
    left: int


@dataclass
class Race:
    """The race at one moment: a track for each row of OPTIMIZERS, and the names of those that are shown."""

    surface: Surface
    start: Point
    tracks: dict[str, Track]
    shown: list[str]
    steps: int
    sentence: str


def start_race(surfaces: Mapping[str, Surface], **values: Any) -> list[Runner]:
    """Everybody at the start."""
    surface = surfaces[values["surface"]]
    start = surface.from_percent(values["across"], values["up"])
    options: dict[str, dict[str, float]] = {
        "momentum": {"momentum": values["momentum"]},
        "nesterov": {"momentum": values["momentum"]},
        "adamw": {"weight_decay": values["weight_decay"]},
    }
    return [
        Runner(name, surface, start, values["lr" if name in PLAIN else "adaptive_lr"], **options.get(name, {}))
        for name in LOOKS
    ]


def step_race(runners: list[Runner], **values: Any) -> None:
    """Each runner takes one step."""
    for runner in runners:
        runner.step()


def arrival(trail: Array, surface: Surface) -> int | None:
    """The first step from which on a trail has stayed within 1 % of the window's width of a lowest point.

    Whoever only flies past has not arrived."""
    distances = np.linalg.norm(trail[:, None] - np.array(surface.minima), axis=2).min(axis=1)
    outside = np.flatnonzero(distances > NEAR * surface.width)
    first = int(outside[-1]) + 1 if len(outside) else 0
    return first if first < len(trail) else None


def see_race(runners: list[Runner], **values: Any) -> Race:
    """The present moment."""
    surface = runners[0].surface
    lowest = _lowest(surface)
    tracks = {}
    for r in runners:
        rows = slice(r.steps + 1)
        trail = r.trail[rows].copy()
        arrived = None if r.left else arrival(trail, surface)
        tracks[r.name] = Track(trail, np.maximum(r.height[rows] - lowest, 0.0), r.slope[rows].copy(), arrived, r.left)
    shown = [name for name in LOOKS if values[f"show_{name}"]]
    start = surface.from_percent(values["across"], values["up"])
    return Race(surface, start, tracks, shown, max(r.steps for r in runners), _sentence(runners, shown))


@cache
def _lowest(surface: Surface) -> float:
    return surface.lowest


def _sentence(runners: list[Runner], shown: list[str]) -> str:
    """What there is to say of those that are out of the race."""
    for r in runners:
        if r.trouble and r.name in shown:
            return f"{LOOKS[r.name][0]}: {r.trouble}"
    out = [LOOKS[r.name][0] for r in runners if r.left and r.name in shown]
    if not out:
        return ""
    return f"{', '.join(out)}: out of the picture. That learning rate is too high here."


def is_over(race: Race) -> bool:
    """Whether everybody has been there for 30 steps, or is out."""
    tracks = [race.tracks[name] for name in race.shown]
    return bool(tracks) and all(t.left or (t.arrived is not None and race.steps - t.arrived >= 30) for t in tracks)
