"""Explorer of chapter 08: all optimizers start at one place of a surface and run at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter
from numpy.typing import NDArray

from .. import plots
from ..scratch import OPTIMIZERS
from ..scratch.checks import describe, pick
from ..scratch.optim import Optimizer
from .controls import Choice, Control, Levels, Slider, Toggle
from .explorer import Explorer, Goal
from .run import Run
from .spot import Spot
from .surfaces import SURFACES, Point, Surface, mesh, own_surface
from .words import Words, short

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
RATES = [float(f"{m}e{k}") for k in range(-5, 1) for m in (1, 1.5, 2, 3, 5, 7)]


# ---------------------------------------------------------------------------------------------- the race


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
    """What is seen of one runner. trail: (n + 1, 2); height above the lowest point and slope, the length of the
    gradient: (n + 1,). arrived: the step from which on it has stayed near a lowest point, None if it is not there.
    left: the step at which it was out, 0 if it is not."""

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
        tracks[r.name] = Track(trail, np.abs(r.height[rows] - lowest), r.slope[rows].copy(), arrived, r.left)
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


# ---------------------------------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 700, 470  # pixels
MAP = (44, 76, 350)  # left, bottom, side of the surface
PANEL = (MAP[0] + MAP[2] + 12, WIDTH - 6)  # from where to where the table goes
ROW = 21
COLUMNS = (84, 196, 284)  # left edge of names ends, right edges of the two columns of numbers


class RaceView:
    """Left the surface with the trails; right the height by step, and for each runner its arrival and slope."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")  # a click is read from where the map stands: every place is given
        left, bottom, side = MAP
        self.map = figure.add_axes((left / WIDTH, bottom / HEIGHT, side / WIDTH, side / HEIGHT))
        self.map.set_title(" ")
        self.map.set_xlabel("x", loc="right")
        self.map.set_ylabel("y", loc="top", rotation=0)
        for axis in (self.map.xaxis, self.map.yaxis):
            axis.labelpad = 0
            axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
            axis.set_major_formatter("{x:g}")
        self.map.grid(False)
        self.height = figure.add_axes(((PANEL[0] + 40) / WIDTH, 0.6, (PANEL[1] - PANEL[0] - 58) / WIDTH, 0.305))
        self.height.set(xlim=(0, LENGTH), ylim=(1e-6, 1e4), yscale="log", yticks=[1e-6, 1e-3, 1, 1e3])
        self.height.set_xlabel("step", labelpad=0)
        self.height.yaxis.set_minor_formatter(NullFormatter())
        self.height.set_title("Height above the lowest point", fontsize=9.5)
        self.trails, self.marks, self.curves = {}, {}, {}
        for name, (_, colour, marker) in LOOKS.items():
            look: dict[str, Any] = dict(color=colour, animated=True)
            (self.trails[name],) = self.map.plot([], [], lw=1.4, zorder=3, ls="--" if name == "adamw" else "-", **look)
            (self.marks[name],) = self.map.plot([], [], marker=marker, ms=8, mec="white", zorder=4, **look)
            (self.curves[name],) = self.height.plot([], [], lw=1.3, ls="--" if name == "adamw" else "-", **look)
        (self.start,) = self.map.plot([], [], "x", color=plots.GREY, ms=9, mew=2, zorder=3, animated=True)
        self._table(figure)
        self.words = Words(figure, PANEL[0], 0, PANEL[1] - PANEL[0], 224)
        self.foot = Words(figure, 0, 0, WIDTH, 34)
        self._surface: Surface | None = None
        self._ground: list[Any] = []

    def _table(self, figure: Figure) -> None:
        """What stands still of the table: its head, names and markers."""
        table = figure.add_axes((PANEL[0] / WIDTH, 0, (PANEL[1] - PANEL[0]) / WIDTH, 224 / HEIGHT))
        table.set(xlim=(0, PANEL[1] - PANEL[0]), ylim=(0, 224))
        table.set_axis_off()
        for x, text in zip(COLUMNS[1:], ("arrived", "slope"), strict=True):
            table.text(x, _row(-1), text, ha="right", weight="bold")
        for k, (name, colour, marker) in enumerate(LOOKS.values()):
            table.plot([8], [_row(k) + 5], marker=marker, ms=8, color=colour)
            table.text(20, _row(k), name, fontsize=10.5)

    def update(self, d: Race) -> None:
        if self._surface is not d.surface:
            self._show_surface(d.surface)
        self.start.set_data([d.start[0]], [d.start[1]])
        self.words.wipe()
        self.foot.wipe()
        for k, name in enumerate(LOOKS):
            track, on = d.tracks[name], name in d.shown
            rows = slice(None) if on else slice(0)
            self.trails[name].set_data(*track.trail[rows].T)
            self.marks[name].set_data(*track.trail[-1:][rows].T)
            heights = track.height[rows]
            self.curves[name].set_data(np.arange(len(heights)), np.clip(heights, 1e-6, 1e4))
            if on:
                self._row(k, track)
        x, y = d.start
        self.foot.write(f"× start: x = {x:.2f}, y = {y:.2f}", MAP[0], 22, points=9.5)
        words = d.sentence if len(d.sentence) < 100 else d.sentence[:97] + "..."
        self.foot.write(words, MAP[0], 6, "#9a3d00", points=9.5)

    def _row(self, k: int, track: Track) -> None:
        if track.left:
            state, colour = f"left at {track.left}", "#9a3d00"
        elif track.arrived is None:
            state, colour = "not yet", plots.GREY
        else:
            state, colour = f"after {track.arrived}", plots.BLACK
        self.words.write(state, COLUMNS[1], _row(k), colour, align="right", bold=track.arrived is not None)
        self.words.write(short(float(track.slope[-1])), COLUMNS[2], _row(k), align="right")

    def _show_surface(self, surface: Surface) -> None:
        """Draw another ground: the one change that costs a full redraw."""
        for artist in self._ground:
            artist.remove()
        x, y = mesh(surface.window, 201)
        z = surface.fn(x, y)
        height = np.log10(z - min(float(z.min()), surface.lowest) + 1e-3 * max(float(np.ptp(z)), 1e-12))
        image = self.map.imshow(
            height, extent=surface.window, origin="lower", cmap="Greys", aspect="auto", interpolation="bilinear",
            vmin=height.min() - 0.1, vmax=height.max() + 2.5 * float(np.ptp(height)) + 0.1,
        )  # fmt: skip
        self._ground = [image]
        if np.ptp(height) > 0:
            lines = np.linspace(height.min(), height.max(), 14)[1:-1]
            self._ground.append(
                self.map.contour(x, y, height, lines, colors=plots.GREY, linewidths=0.5, linestyles="-")
            )
        (stars,) = self.map.plot(*np.array(surface.minima).T, "*", color=plots.GREEN, ms=15, mec="white", zorder=2)
        self._ground.append(stars)
        self.map.set(xlim=surface.window[:2], ylim=surface.window[2:])
        formula = surface.formula if surface.name == "yours" else f"${surface.formula}$"
        between = "\n" if len(formula) > 60 else " "
        self.map.set_title(f"{surface.name.capitalize()}:{between}{formula}", fontsize=10)
        self._surface = surface


def _row(k: int) -> float:
    """The foot of row k of the table, in pixels from below."""
    return 224 - 46 - (ROW + 2) * k


# ---------------------------------------------------------------------------------------------- the explorer


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
    `window` = (x low, x high, y low, y high). start: (x, y) inside the window.
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
