"""Explorer of chapter 08: all optimizers start at one point of a surface and run at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from nnlab import plots
from nnlab.chapters.c08_optimizers.looks import is_adaptive
from nnlab.chapters.c08_optimizers.race_run import MAX_STEPS, Race, is_over, see_race, start_race, step_race
from nnlab.chapters.c08_optimizers.race_view import HEIGHT, MAP, WIDTH, RaceView
from nnlab.chapters.c08_optimizers.surfaces import SURFACES, Point, Surface, own_surface
from nnlab.checks import describe, pick
from nnlab.explore.controls import Choice, Control, Levels, Slider, Toggle
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.explore.widgets.spot import Spot
from nnlab.scratch import OPTIMIZERS

RATES = [float(f"{m}e{k}") for k in range(-5, 1) for m in (1, 1.5, 2, 3, 5, 7)]


class RaceExplorer(Explorer):
    """An explorer in which choosing another surface also sets its own start and rates."""

    def __init__(self, surfaces: Mapping[str, Surface], **options: Any):
        self.surfaces = dict(surfaces)
        super().__init__(**options)

    def set(self, **values: Any) -> None:
        name = values.get("surface")
        if name in self.surfaces and name != self.values["surface"]:
            values = {**own_values(self.surfaces[name]), **values}
        super().set(**values)


def to_map(spot: tuple[float, ...]) -> Point:
    """A point (u, v) of the whole picture, each from 0 to 1, as percent of the map in it."""
    left, bottom, side = MAP
    return round(100 * (spot[0] * WIDTH - left) / side, 1), round(100 * (spot[1] * HEIGHT - bottom) / side, 1)


def start_at(spot: tuple[float, ...], values: Mapping[str, Any]) -> dict[str, float]:
    """The start at a place (u, v) of the whole picture; {} outside of the map."""
    across, up = to_map(spot)
    return {"across": across, "up": up} if 0 <= across <= 100 and 0 <= up <= 100 else {}


def own_values(surface: Surface) -> dict[str, float]:
    """The controls that a surface sets: where the race begins, in percent of the map, and its learning rates."""
    across, up = surface.to_percent(*surface.start)
    lr, adaptive_lr = (_level_below(rate) for rate in surface.rates)
    return {"across": round(across, 6), "up": round(up, 6), "lr": lr, "adaptive_lr": adaptive_lr}


def _level_below(rate: float) -> float:
    """The largest rate of the slider that is not above `rate`."""
    return max([level for level in RATES if level <= rate * (1 + 1e-9)], default=RATES[0])


def race_explorer(
    surface: str | Callable[[Any, Any], Any] | None = None,
    start: Point | None = None,
    window: tuple[float, float, float, float] = (-3, 3, -3, 3),
) -> Explorer:
    """All rows of OPTIMIZERS at once on a surface. Choose the start with a click or the sliders.

    surface: the name of a row of SURFACES, or a function f(x, y) of your own that returns one number, shown over
    `window` = (x low, x high, y low, y high). start: (x, y) inside the window; the sliders move in half percents of
    it, so Reset goes to the nearest of these.
    Raises ValueError or TypeError for an unknown surface, a function that is not one of two numbers, or a start outside
    the window."""
    surfaces, names = dict(SURFACES), tuple(OPTIMIZERS)
    name: str = "ravine"
    if isinstance(surface, str):
        name = pick(SURFACES, surface, "surface").name
    elif surface is not None:
        surfaces = {"yours": own_surface(surface, None, window), **surfaces}
        name = "yours"
    if start is not None:
        surfaces[name] = surfaces[name]._replace(start=_inside(start, surfaces[name]))
    return RaceExplorer(
        surfaces,
        compute=see_race,
        draw=partial(RaceView, names=names),
        controls=_controls(surfaces, name, names),
        goal=Goal(
            "On the ravine, find a learning rate with which momentum arrives in fewer than 100 steps, while plain SGD "
            "leaves the picture.",
            _is_reached,
            solution=dict(surface="ravine", lr=1.5),
            steps=150,
        ),
        run=Run(
            partial(start_race, surfaces, names),
            step_race,
            length=MAX_STEPS,
            live=[f"show_{name}" for name in names],
            per_frame=2,
            work=0.02,
            over=is_over,
        ),
        groups={
            "Surface and start": ["surface", "click", "across", "up"],
            "Learning rates": ["lr", "adaptive_lr", "momentum", "weight_decay"],
            "Optimizers shown": [f"show_{name}" for name in names],
        },
        size=(WIDTH / plots.DPI, HEIGHT / plots.DPI),
        alt="A surface from above with the trail of each optimizer, their heights by step, and a table of when each "
        "arrived and how steep it is where it stands.",
    )


def _controls(surfaces: Mapping[str, Surface], surface: str, names: Collection[str]) -> dict[str, Control]:
    values = own_values(surfaces[surface])
    plain = [plots.look(name).label for name in names if not is_adaptive(name)]
    adaptive = [plots.look(name).label for name in names if is_adaptive(name)]
    return {
        "surface": Choice(list(surfaces), surface, label="surface"),
        "click": Spot(label="Click the map to start there.", leads_to=start_at),
        "across": Slider(0.0, 100.0, 0.5, values["across"], label="start, across", unit="%"),
        "up": Slider(0.0, 100.0, 0.5, values["up"], label="start, up", unit="%"),
        "lr": Levels(RATES, values["lr"], label=_list(plain), help=f"lr of {', '.join(plain)}"),
        "adaptive_lr": Levels(RATES, values["adaptive_lr"], label=_list(adaptive), help=f"lr of {', '.join(adaptive)}"),
        "momentum": Slider(0.05, 0.99, 0.01, 0.9, label="momentum μ", help="of momentum and Nesterov"),
        "weight_decay": Levels([0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1], 0.01, label="weight decay of AdamW"),
        **{f"show_{name}": Toggle(True, label=plots.look(name).label) for name in names},
    }


def _list(labels: list[str]) -> str:
    """All of them, or the first and how many more where a label next to a slider has no room for all."""
    every = ", ".join(labels)
    return every if len(every) <= 30 else f"{labels[0]} and {len(labels) - 1} more"


def _inside(start: Any, surface: Surface) -> Point:
    try:
        x, y = (float(part) for part in start)
        inside = all(-1e-9 <= part <= 100 + 1e-9 for part in surface.to_percent(x, y))
    except (TypeError, ValueError):
        raise ValueError(f"start should be a pair (x, y), got {describe(start)}.") from None
    if not inside:
        left, right, bottom, top = surface.window
        raise ValueError(
            f"start should lie in the window, x from {left:g} to {right:g} and y from {bottom:g} to {top:g}; "
            f"got ({x:g}, {y:g})."
        )
    return x, y


def _is_reached(race: Race) -> bool:
    converged_at = race.tracks["momentum"].converged_at
    fast = converged_at is not None and converged_at < 100
    return race.surface.name == "ravine" and fast and race.tracks["sgd"].diverged_at is not None
