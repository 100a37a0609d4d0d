"""The race of the optimizers down a surface, step by step: what `race_explorer` computes and `race_view` draws."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab import plots
from nnlab.chapters.c08_optimizers.looks import is_adaptive
from nnlab.chapters.c08_optimizers.surfaces import Point, Surface
from nnlab.scratch import OPTIMIZERS
from nnlab.scratch.optim import Optimizer

Array = NDArray[Any]
MAX_STEPS = 600
TOLERANCE = 0.01  # of the window's width: this close to a minimum counts as converged
DIVERGENCE = 2.0  # of the window's width: this far from its middle counts as diverged
REST = 30  # steps for which all must have stayed converged before the race is over


class Descent:
    """One optimizer of `nnlab.scratch` on its way down. Rows 0 to `steps` of each array are filled."""

    def __init__(self, name: str, surface: Surface, start: Point, lr: float, **options: float):
        self.name, self.surface = name, surface
        self.position = np.array(start, float)
        self.opt: Optimizer = OPTIMIZERS[name].make({"position": self.position}, lr, **options)
        self.trajectory = np.zeros((MAX_STEPS + 1, 2))
        self.height, self.slope = np.zeros(MAX_STEPS + 1), np.zeros(MAX_STEPS + 1)
        self.steps = 0
        self.diverged_at: int | None = None
        self.error = ""  # what a learner's function raised
        self.gradient = np.zeros(2)
        self._record()

    def step(self) -> None:
        """One step, unless it has diverged."""
        if self.diverged_at is not None:
            return
        self.opt.step({"position": self.gradient})
        self.steps += 1
        k, (x, y) = self.steps, self.position
        left, right, bottom, top = self.surface.window
        if max(abs(x - (left + right) / 2), abs(y - (bottom + top) / 2)) > DIVERGENCE * self.surface.width:
            self.diverged_at = k  # further steps would only overflow
            self.trajectory[k] = np.clip(self.position, *(np.array([-1, 1]) * 1e6 * self.surface.width))
            self.height[k], self.slope[k] = self.height[k - 1], self.slope[k - 1]
        else:
            self._record()

    def _record(self) -> None:
        """Note the position, its height and its slope."""
        k = self.steps
        self.trajectory[k] = self.position
        x, y = float(self.position[0]), float(self.position[1])
        try:
            self.height[k] = self.surface.fn(x, y)
            self.gradient = np.array(self.surface.gradient(x, y))
        except ValueError as error:  # a learner's function has no value there
            self.diverged_at, self.error = max(k, 1), str(error)
            self.height[k] = self.height[max(k - 1, 0)]
            return
        self.slope[k] = np.hypot(*self.gradient)


@dataclass
class Track:
    """What is shown of one descent of n steps.

    trajectory: (n + 1, 2), x and y. height: (n + 1,), above the lowest point of the window, 0 outside it where the
    surface is lower still. slope: (n + 1,), the length of the gradient. converged_at: the step from which on it has
    stayed near a minimum; None if it is not there. diverged_at: the step at which it was out; None if it is not."""

    trajectory: Array
    height: Array
    slope: Array
    converged_at: int | None
    diverged_at: int | None


@dataclass
class Race:
    """The race at one moment: a track for each optimizer, and the names of those that are shown."""

    surface: Surface
    start: Point
    tracks: dict[str, Track]
    shown: list[str]
    steps: int
    sentence: str


def start_race(surfaces: Mapping[str, Surface], names: Collection[str], **values: Any) -> list[Descent]:
    """A descent for each of these rows of OPTIMIZERS, all at the start."""
    surface = surfaces[values["surface"]]
    start = surface.from_percent(values["across"], values["up"])
    options: dict[str, dict[str, float]] = {
        "momentum": {"momentum": values["momentum"]},
        "nesterov": {"momentum": values["momentum"]},
        "adamw": {"weight_decay": values["weight_decay"]},
    }
    return [
        Descent(name, surface, start, values["adaptive_lr" if is_adaptive(name) else "lr"], **options.get(name, {}))
        for name in names
    ]


def step_race(descents: list[Descent], **values: Any) -> None:
    """Each optimizer takes one step."""
    for descent in descents:
        descent.step()


def convergence_step(trajectory: Array, surface: Surface) -> int | None:
    """The first step from which on a trajectory (n + 1, 2) stays within 1% of the window's width of a minimum.

    None if it is not there at the end: passing by is not enough."""
    distances = np.linalg.norm(trajectory[:, None] - np.array(surface.minima), axis=2).min(axis=1)
    outside = np.flatnonzero(distances > TOLERANCE * surface.width)
    first = int(outside[-1]) + 1 if len(outside) else 0
    return first if first < len(trajectory) else None


def see_race(descents: list[Descent], **values: Any) -> Race:
    """The present moment, copied."""
    surface = descents[0].surface
    lowest = _lowest(surface)
    tracks = {}
    for d in descents:
        rows = slice(d.steps + 1)
        trajectory = d.trajectory[rows].copy()
        converged_at = convergence_step(trajectory, surface) if d.diverged_at is None else None
        height, slope = np.maximum(d.height[rows] - lowest, 0.0), d.slope[rows].copy()
        tracks[d.name] = Track(trajectory, height, slope, converged_at, d.diverged_at)
    shown = [name for name in tracks if values[f"show_{name}"]]
    start = surface.from_percent(values["across"], values["up"])
    return Race(surface, start, tracks, shown, max(d.steps for d in descents), _sentence(descents, shown))


@cache
def _lowest(surface: Surface) -> float:
    return surface.lowest


def _sentence(descents: list[Descent], shown: list[str]) -> str:
    """Which of those shown have diverged, and why."""
    for d in descents:
        if d.error and d.name in shown:
            return f"{plots.look(d.name).label}: {d.error}"
    diverged = [plots.look(d.name).label for d in descents if d.diverged_at is not None and d.name in shown]
    if not diverged:
        return ""
    names = ", ".join(diverged) if len(diverged) < 4 else f"{', '.join(diverged[:2])} and {len(diverged) - 2} more"
    return f"{names}: out of the picture. That learning rate is too high here."


def is_over(race: Race) -> bool:
    """Whether each optimizer shown has been at a minimum for REST steps, or has diverged."""
    tracks = [race.tracks[name] for name in race.shown]
    return bool(tracks) and all(
        t.diverged_at is not None or (t.converged_at is not None and race.steps - t.converged_at >= REST)
        for t in tracks
    )
