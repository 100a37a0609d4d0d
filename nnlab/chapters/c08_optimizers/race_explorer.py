"""Explorer of chapter 08: all optimizers start at one place of a surface and run at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nnlab import plots
from nnlab.chapters.c08_optimizers.race_run import LENGTH, LOOKS, PLAIN, Race, is_over, see_race, start_race, step_race
from nnlab.chapters.c08_optimizers.race_view import HEIGHT, MAP, WIDTH, RaceView
from nnlab.chapters.c08_optimizers.surfaces import SURFACES, Point, Surface, own_surface
from nnlab.checks import describe, pick
from nnlab.explore.controls import Choice, Control, Levels, Slider, Toggle
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.run import Run
from nnlab.explore.widgets.spot import Spot

RATES = [float(f"{m}e{k}") for k in range(-5, 1) for m in (1, 1.5, 2, 3, 5, 7)]


class RaceExplorer(Explorer):
    """An explorer whose start follows a click, and which takes another surface's own start and rates with it."""

    def __init__(self, surfaces: Mapping[str, Surface], **options: Any):
        self.surfaces = dict(surfaces)
        super().__init__(**options)

    def set(self, **values: Any) -> None:
        name = values.get("surface")
        if name in self.surfaces and name != self.values["surface"]:
            values = {**own_values(self.surfaces[name]), **values}
        if spot := values.get("click"):
            across, up = to_map(self.controls["click"].check(spot))
            values["click"] = ()  # so that a second click on the same place is heard as well
            if 0 <= across <= 100 and 0 <= up <= 100:
                values |= {"across": across, "up": up}
        super().set(**values)


def to_map(spot: tuple[float, ...]) -> Point:
    """A place in the whole picture, (u, v), as percent of the map in it."""
    left, bottom, side = MAP
    return round(100 * (spot[0] * WIDTH - left) / side, 1), round(100 * (spot[1] * HEIGHT - bottom) / side, 1)


def own_values(surface: Surface) -> dict[str, float]:
    """Where the race on a surface begins, and its learning rates."""
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
    """All optimizers of nnlab at once on a surface. Start them with a click or the sliders.

    surface: the name of a row of SURFACES, or a function f(x, y) of your own that returns one number, shown over
    `window` = (x low, x high, y low, y high). start: (x, y) inside the window;
    the sliders stand at half percents of it, so Reset goes to the nearest of these.
    Raises ValueError or TypeError with a sentence for what cannot be."""
    surfaces = dict(SURFACES)
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
        draw=RaceView,
        controls=_controls(surfaces, name),
        goal=Goal(
            "On the ravine, find a learning rate with which momentum arrives in fewer than 100 steps, while plain SGD "
            "leaves the picture.",
            _is_reached,
            solution=dict(surface="ravine", lr=1.5),
            steps=150,
        ),
        run=Run(
            partial(start_race, surfaces),
            step_race,
            length=LENGTH,
            live=[f"show_{name}" for name in LOOKS],
            per_frame=2,
            work=0.02,
            over=is_over,
        ),
        groups={
            "Surface and start": ["surface", "click", "across", "up"],
            "Learning rates": ["lr", "adaptive_lr", "momentum", "weight_decay"],
            "Who is shown": [f"show_{name}" for name in LOOKS],
        },
        size=(WIDTH / plots.DPI, HEIGHT / plots.DPI),
        alt="A surface from above with the trails of six optimizers, their heights by step, and a table of when each "
        "arrived and how steep it is where it stands.",
    )


def _controls(surfaces: Mapping[str, Surface], name: str) -> dict[str, Control]:
    values = own_values(surfaces[name])
    about = {row: f"lr of {', '.join(LOOKS[n][0] for n in LOOKS if (n in PLAIN) == plain)}" for row, plain in _FAMILIES}
    return {
        "surface": Choice(list(surfaces), name, label="surface"),
        "click": Spot(label="Click the map to start there."),
        "across": Slider(0.0, 100.0, 0.5, values["across"], label="start, across", unit="%"),
        "up": Slider(0.0, 100.0, 0.5, values["up"], label="start, up", unit="%"),
        "lr": Levels(RATES, values["lr"], label="SGD, momentum, Nesterov", help=about["lr"]),
        "adaptive_lr": Levels(RATES, values["adaptive_lr"], label="RMSprop, Adam, AdamW", help=about["adaptive_lr"]),
        "momentum": Slider(0.05, 0.99, 0.01, 0.9, label="momentum μ", help="of momentum and Nesterov"),
        "weight_decay": Levels([0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1], 0.01, label="weight decay of AdamW"),
        **{f"show_{name}": Toggle(True, label=shown) for name, (shown, _, _) in LOOKS.items()},
    }


_FAMILIES = (("lr", True), ("adaptive_lr", False))


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
    arrived = race.tracks["momentum"].arrived
    return race.surface.name == "ravine" and arrived is not None and arrived < 100 and bool(race.tracks["sgd"].left)
