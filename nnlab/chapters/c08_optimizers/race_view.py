"""How the race of the optimizers is drawn: the surface with the trajectories, the heights, and a table."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from nnlab import plots
from nnlab.chapters.c08_optimizers.looks import line_style
from nnlab.chapters.c08_optimizers.race_run import MAX_STEPS, Race, Track
from nnlab.chapters.c08_optimizers.surfaces import Surface, mesh
from nnlab.explore.drawing.words import Words, short

WIDTH, HEIGHT = 700, 470  # pixels
MAP = (44, 76, 350)  # left, bottom, side of the surface
PANEL = (MAP[0] + MAP[2] + 12, WIDTH - 6)  # left and right edge of the table
TABLE, FIRST_ROW, ROW = 224, 178, 23  # heights: of the table, of its first row above the bottom, of a row
COLUMNS = (84, 196, 284)  # right edges of the names and of the two columns of numbers


class RaceView:
    """Left the surface with the trajectories; right the height by step, and when each optimizer converged.

    names: the rows of OPTIMIZERS that race, in the order of the table."""

    def __init__(self, figure: Figure, names: Collection[str]):
        self.names = list(names)
        self.row_height = min(ROW, 140 / max(len(self.names) - 1, 1))  # more than seven stand closer together
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
        self.height.set(xlim=(0, MAX_STEPS), ylim=(1e-6, 1e4), yscale="log", yticks=[1e-6, 1e-3, 1, 1e3])
        self.height.set_xlabel("step", labelpad=0)
        self.height.yaxis.set_minor_formatter(NullFormatter())
        self.height.set_title("Height above the lowest point", fontsize=9.5)
        self.trajectories, self.marks, self.curves = {}, {}, {}
        for name in self.names:
            _, color, marker = plots.look(name)
            style: dict[str, Any] = dict(color=color, animated=True)
            (self.trajectories[name],) = self.map.plot([], [], lw=1.4, zorder=3, ls=line_style(name), **style)
            (self.marks[name],) = self.map.plot([], [], marker=marker, ms=8, mec="white", zorder=4, **style)
            (self.curves[name],) = self.height.plot([], [], lw=1.3, ls=line_style(name), **style)
        (self.start,) = self.map.plot([], [], "x", color=plots.GREY, ms=9, mew=2, zorder=3, animated=True)
        self._table(figure)
        self.words = Words(figure, PANEL[0], 0, PANEL[1] - PANEL[0], TABLE)
        self.foot = Words(figure, 0, 0, WIDTH, 34)
        self._surface: Surface | None = None
        self._background: list[Any] = []

    def _table(self, figure: Figure) -> None:
        """The part of the table that never changes: its head, names and markers."""
        table = figure.add_axes((PANEL[0] / WIDTH, 0, (PANEL[1] - PANEL[0]) / WIDTH, TABLE / HEIGHT))
        table.set(xlim=(0, PANEL[1] - PANEL[0]), ylim=(0, TABLE))
        table.set_axis_off()
        for x, text in zip(COLUMNS[1:], ("arrived", "slope"), strict=True):
            table.text(x, self._bottom(-1), text, ha="right", weight="bold")
        for k, name in enumerate(self.names):
            label, color, marker = plots.look(name)
            table.plot([8], [self._bottom(k) + 5], marker=marker, ms=8, color=color)
            table.text(20, self._bottom(k), label, fontsize=10.5)

    def update(self, d: Race) -> None:
        if self._surface is not d.surface:
            self._show_surface(d.surface)
        self.start.set_data([d.start[0]], [d.start[1]])
        self.words.wipe()
        self.foot.wipe()
        for k, name in enumerate(self.names):
            track, visible = d.tracks[name], name in d.shown
            rows = slice(None) if visible else slice(0)
            self.trajectories[name].set_data(*track.trajectory[rows].T)
            self.marks[name].set_data(*track.trajectory[-1:][rows].T)
            heights = track.height[rows]
            self.curves[name].set_data(np.arange(len(heights)), np.clip(heights, 1e-6, 1e4))
            if visible:
                self._row(k, track)
        x, y = d.start
        self.foot.write(f"× start: x = {x:z.2f}, y = {y:z.2f}", MAP[0], 22, points=9.5)
        self.foot.write(textwrap.shorten(d.sentence, 92, placeholder=" ..."), MAP[0], 6, "#9a3d00", points=9.5)

    def _row(self, k: int, track: Track) -> None:
        if track.diverged_at is not None:
            state, color = f"left at {track.diverged_at}", "#9a3d00"
        elif track.converged_at is None:
            state, color = "not yet", plots.GREY
        else:
            state, color = f"after {track.converged_at}", plots.BLACK
        y = int(self._bottom(k))
        self.words.write(state, COLUMNS[1], y, color, align="right", bold=track.converged_at is not None)
        self.words.write(short(float(track.slope[-1])), COLUMNS[2], y, align="right")

    def _bottom(self, k: int) -> float:
        """The bottom of row k of the table, in pixels above the bottom of the picture; row -1 is its head."""
        return FIRST_ROW - k * (ROW if k < 0 else self.row_height)

    def _show_surface(self, surface: Surface) -> None:
        """Draw another surface: the one change that costs a full redraw."""
        for artist in self._background:
            artist.remove()
        x, y = mesh(surface.window, 201)
        z = surface.fn(x, y)
        height = np.log10(z - min(float(z.min()), surface.lowest) + 1e-3 * max(float(np.ptp(z)), 1e-12))
        image = self.map.imshow(
            height, extent=surface.window, origin="lower", cmap="Greys", aspect="auto", interpolation="bilinear",
            vmin=height.min() - 0.1, vmax=height.max() + 2.5 * float(np.ptp(height)) + 0.1,
        )  # fmt: skip
        self._background = [image]
        if np.ptp(height) > 0:
            lines = np.linspace(height.min(), height.max(), 14)[1:-1]
            self._background.append(
                self.map.contour(x, y, height, lines, colors=plots.GREY, linewidths=0.5, linestyles="-")
            )
        (stars,) = self.map.plot(*np.array(surface.minima).T, "*", color=plots.GREEN, ms=15, mec="white", zorder=2)
        self._background.append(stars)
        self.map.set(xlim=surface.window[:2], ylim=surface.window[2:])
        formula = surface.formula if surface.name == "yours" else f"${surface.formula}$"
        between = "\n" if len(formula) > 60 else " "
        self.map.set_title(f"{surface.name.capitalize()}:{between}{formula}", fontsize=10)
        self._surface = surface
