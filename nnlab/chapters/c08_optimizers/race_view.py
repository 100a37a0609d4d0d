"""How the race of the optimizers is drawn: the surface with the trails, the heights, and a table."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from nnlab import plots
from nnlab.chapters.c08_optimizers.race_run import LENGTH, LOOKS, Race, Track
from nnlab.chapters.c08_optimizers.surfaces import Surface, mesh
from nnlab.explore.drawing.words import Words, short

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
