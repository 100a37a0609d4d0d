"""The Playground's picture: features, neurons and links on the left, the answer and the losses on the right.

Everything is placed in pixels, counted from the lower left corner, as Matplotlib does."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.drawing.paint import Painter, colours, pale
from nnlab.explore.drawing.pixel_text import Writer
from nnlab.explore.drawing.words import Sheet
from nnlab.playground.data import EDGE, FEATURES, features
from nnlab.playground.layout import HEAD, HEIGHT, MAP, TILE_SIDE, WIDTH, Layout
from nnlab.playground.links import curves, links_of, widths_and_colours
from nnlab.playground.model import GRID, TILE, Snapshot
from nnlab.playground.target import name_of

LOSS = (1e-3, 3.0)  # the ends of the loss axis
TRAIN, TEST = plots.BLUE, plots.BLACK


class PlaygroundView:
    """Makes every artist once; what does not move is drawn once, the rest on a copy of it."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")  # every place is given below
        self.painter = Painter(WIDTH, HEIGHT)
        self.writer = Writer(self.painter.pixels)
        self.net = figure.add_axes((0, 0, 1, 1))
        self.net.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
        self.net.set_axis_off()
        self.links = LineCollection([], capstyle="round", animated=True, zorder=1)
        self.net.add_collection(self.links, autolim=False)
        self.maps = Sheet(figure, self.writer, zorder=2, under=self.painter.enlarged)
        self.layout: Layout | None = None
        self._names: list[str] = []
        maps = features(GRID[: TILE**2], list(FEATURES)).T.reshape(-1, TILE, TILE)
        scaled = maps / np.abs(maps).max(axis=(1, 2), keepdims=True)
        self.features = [
            tuple(colours(one[None], TILE_SIDE, False, steps)[0] for steps in (False, True)) for one in scaled
        ]
        self._static_texts()
        self._answer(figure)
        self._losses(figure)

    # ------------------------------------------------------------------------------------------ made once

    def _static_texts(self) -> None:
        first = Layout(1, ())
        self.net.text(first.feature_left + TILE_SIDE / 2, HEAD, "inputs", ha="center", weight="bold", fontsize=12)
        for (name, _), (x, y) in zip(FEATURES.values(), first.feature_places, strict=True):
            self.net.text(x - 8, y + TILE_SIDE / 2, name, ha="right", va="center", fontsize=12)
        self.heads = [self.net.text(0, HEAD, "", ha="center", fontsize=11) for _ in range(6)]
        self.net.text(8, 30, "gradient size", fontsize=10.5, color=plots.GRADIENT)
        self.trouble = self.net.text(
            400,
            HEIGHT / 2,
            "",
            ha="center",
            va="center",
            weight="bold",
            fontsize=11,
            animated=True,
            zorder=9,
        )
        self.trouble.set_bbox(dict(facecolor=plots.PAPER, edgecolor=plots.VERMILLION, pad=8))

    def _answer(self, figure: Figure) -> None:
        left, bottom, side = MAP
        ax = figure.add_axes((left / WIDTH, bottom / HEIGHT, side / WIDTH, side / HEIGHT), facecolor="none")
        ax.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xticks=(-6, -3, 0, 3, 6), yticks=(-6, -3, 0, 3, 6))
        ax.set_xlabel("input x₁", labelpad=1)
        ax.set_ylabel("input x₂", labelpad=1)
        ax.yaxis.tick_right()
        ax.yaxis.set_label_position("right")
        ax.grid(False)
        ax.tick_params(labelsize=10, length=3)
        for spine in ax.spines.values():
            spine.set_visible(False)
        look: dict[str, Any] = dict(ls="", ms=5.5, mew=0.6, animated=True)
        self.train_points = [
            ax.plot([], [], marker=plots.CLASS_MARKERS[k], color=plots.CLASSES[k], mec="white", zorder=3, **look)[0]
            for k in (0, 1)
        ]
        self.test_points = [
            ax.plot([], [], marker=plots.CLASS_MARKERS[k], mfc="none", mec=plots.CLASSES[k], zorder=3, **look)[0]
            for k in (0, 1)
        ]
        for dots in self.test_points:
            dots.set_markeredgewidth(1.2)
        self.numbers = ax.scatter(
            [], [], c=[], s=26, linewidths=0.7, cmap=plots.DIVERGING, vmin=-1, vmax=1, zorder=3, animated=True
        )

    def _losses(self, figure: Figure) -> None:
        left, _, side = MAP
        ax = figure.add_axes((left / WIDTH, 54 / HEIGHT, side / WIDTH, 116 / HEIGHT))
        ax.set(xlim=(0, 1), ylim=LOSS, yscale="log", xticks=[], yticks=[0.001, 0.01, 0.1, 1])
        ax.set_yticklabels(["0.001", "0.01", "0.1", "1"])
        ax.minorticks_off()
        ax.yaxis.tick_right()
        ax.tick_params(labelsize=10, length=3)
        ax.spines["left"].set_visible(False)
        ax.set_title("Loss", fontsize=12)
        (self.train_curve,) = ax.plot([], [], plots.TRAIN, color=TRAIN, animated=True)
        (self.test_curve,) = ax.plot([], [], plots.TEST, color=TEST, animated=True, zorder=4)
        self.net.text(left, 34, "epoch 0", fontsize=10.5)

    # ------------------------------------------------------------------------------------------ each frame

    def update(self, d: Snapshot) -> None:
        """Move the artists to show `d`."""
        layout = Layout(len(FEATURES), tuple(len(m) for m in d.maps))
        if self.layout is None or self.layout != layout or self._names != d.names:
            self.painter.clear()
            self.links.set_segments(list(curves(layout, tuple(d.names))))
            self.layout, self._names = layout, d.names
        self._heads(d, layout)
        self.writer.wipe()
        self._paint(d, layout)
        self._links(d, layout)
        self._write(d, layout)
        self._points(d)
        self._curves(d)
        self.trouble.set_text(d.trouble)

    def _heads(self, d: Snapshot, layout: Layout) -> None:
        """Names of the layers: they do not change until the network does."""
        for k, text in enumerate(self.heads):
            shown = d.activations[k].replace("_", " ") if k < len(d.maps) else ""
            x = layout.lefts[k] + TILE_SIDE / 2 if shown else 0.0
            if (shown, x) != (
                text.get_text(),
                text.get_position()[0],
            ):  # set() redraws everything
                text.set(text=shown, x=x)

    def _write(self, d: Snapshot, layout: Layout) -> None:
        """The texts that change: losses, epoch and rate; below each layer its gradient and its dead units."""
        (left, _, side), write = MAP, self.writer.write
        write(
            name_of(d.shown) if d.shown else "What the network answers", left, MAP[1] + side + 9, bold=True, points=12
        )
        centres = [x + TILE_SIDE / 2 for x in [*layout.lefts, MAP[0] - 74]]
        for size, x in zip(d.sizes, centres, strict=False):
            write(f"{size:.1g}", x, 30, plots.GRADIENT, align="centre")
        for dead, x in zip(d.dead, centres, strict=False):
            write(f"{dead.sum()} dead" if dead.any() else "", x, 12, align="centre")
        if d.train_loss is not None and d.test_loss is not None:
            write(f"train {d.train_loss:.3f}", left + 52, 178, TRAIN, bold=True)
            write(f"test {d.test_loss:.3f}", left + side, 178, TEST, bold=True, align="right")
        write(f"epoch {d.epoch}", left + side, 34, align="right")
        right = "" if d.accuracy is None else f", {d.accuracy:.0%} of test points right"
        write(f"rate {d.lr:.2g}{right}", left, 12)

    def _paint(self, d: Snapshot, layout: Layout) -> None:
        steps, painter = d.values["discretise"], self.painter
        unit = d.shown and d.shown.neuron
        for name, box, (plain, stepped) in zip(FEATURES, layout.feature_boxes, self.features, strict=True):
            picture = stepped if steps else plain
            painter.tile(picture if name in d.names else pale(picture), box)
        for i, maps in enumerate(d.maps):
            for j, picture in enumerate(colours(maps, TILE_SIDE, True, steps)):
                marks = ("dead" if d.dead[i][j] else "") + ("marked" if unit == (i, j) else "")
                painter.tile(picture, layout.boxes[i][j], marks)
        painter.tile(colours(d.large[None], MAP[2], d.shown is not None, steps)[0], layout.map_box)

    def _links(self, d: Snapshot, layout: Layout) -> None:
        of = d.gradients if d.values["links"] == "gradients" else d.weights
        unit = d.shown and d.shown.neuron
        target = unit or (len(d.maps), 0)
        matrices = [w for w, _ in of] if of else [np.zeros_like(w) for w, _ in d.weights]
        widths, rgba = widths_and_colours(matrices, d.values["links"], target if d.values["values"] or unit else None)
        if d.pointed and d.pointed.kind == "link":
            k = links_of(layout, tuple(d.names)).index(d.pointed)
            widths[k], rgba[k, 3] = widths[k] + 3, 1.0
        self.links.set(linewidths=widths, colors=rgba)
        numbers: list[tuple[float, float, str]] = []
        if d.values["values"]:
            row = matrices[target[0]][target[1]]
            numbers = [(*layout.number_place(d.names, *target, i), f"{w:z.2g}") for i, w in enumerate(row)]
            bias = (of or d.weights)[target[0]][1][target[1]] if of else 0.0
            numbers.append((*layout.bias_place(*target), f"bias {bias:z.2g}"))
        for x, y, shown in numbers:
            self.writer.write(shown, x, y - 4, align="centre", points=9, paper=True)

    def _points(self, d: Snapshot) -> None:
        x, empty, test = d.points.x, np.empty(0, int), d.test if d.values["show_test"] else np.empty(0, int)
        classes = d.problem == "classification"
        for k in (0, 1):
            for dots, rows in ((self.train_points[k], d.train), (self.test_points[k], test)):
                mine = rows[d.y[rows] == k] if classes else empty
                dots.set_data(x[mine, 0], x[mine, 1])
        rows = empty if classes else np.concatenate([d.train, test])
        self.numbers.set_offsets(x[rows])
        self.numbers.set_array(d.y[rows] / max(1.0, float(np.abs(d.y).max(initial=0))))
        edges = ["white"] * (0 if classes else len(d.train)) + [plots.BLACK] * (0 if classes else len(test))
        self.numbers.set_edgecolor(edges)

    def _curves(self, d: Snapshot) -> None:
        table = np.array(d.history or [(0, np.nan, np.nan)])
        if len(table) > 400:  # more than there are pixels
            table = table[np.linspace(0, len(table) - 1, 400).astype(int)]
        at = table[:, 0] / max(1.0, table[-1, 0])
        for curve, losses in ((self.train_curve, table[:, 1]), (self.test_curve, table[:, 2])):
            curve.set_data(at, np.clip(losses, *LOSS))
