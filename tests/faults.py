"""What is wrong with a figure as it was drawn last: text that is cut or overlaps, a legend over a curve, minus zero."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase

from nnlab import plots
from nnlab.explore.drawing.words import Sheet

MINUS_ZERO = re.compile(r"(?<![\w.)])[-\N{MINUS SIGN}]0(\.0*)?(?![\d.]|e)")
SLACK = 1.5  # pixels of a page: letters have soft edges, and their boxes a margin
NOTHING = ("None", "none", " ", "", None)  # how Matplotlib names no line and no marker


class Written(NamedTuple):
    """A text and the box of its letters in the picture, in pixels from below."""

    text: str
    box: Bbox


def faults(figure: Figure, renderer: Any) -> list[str]:
    """A sentence for each fault; [] for a figure that can be read. Looking at it is no reason to draw it again."""
    stale = figure.stale
    try:
        return _faults(figure, renderer)
    finally:
        figure.stale = stale  # asking an axis for its ticks sets it


def _faults(figure: Figure, renderer: Any) -> list[str]:
    texts = list(written(figure, renderer))
    slack = SLACK * figure.dpi / plots.DPI
    found = [f"{t.text!r} is minus zero" for t in texts if MINUS_ZERO.search(t.text)]
    found += [f"{t.text!r} is cut by the picture's edge" for t in texts if not inside(t.box, figure.bbox, slack)]
    for one, other in combinations(texts, 2):
        if overlap(one.box, other.box, slack):
            found.append(f"{one.text!r} and {other.text!r} overlap")
    for legend in filter(shown, figure.findobj(Legend)):
        assert isinstance(legend, Legend)
        found += [f"the legend covers {covered}" for covered in covered_by(legend, renderer, slack)]
    return found


def shown(artist: Any) -> bool:
    """Whether it and its axes are visible."""
    axes = getattr(artist, "axes", None)
    return bool(artist.get_visible() and (axes is None or axes.get_visible()))


def inside(box: Bbox, outer: BboxBase, slack: float) -> bool:
    low, high = np.subtract(box.min, outer.min), np.subtract(outer.max, box.max)
    return bool((low >= -slack).all() and (high >= -slack).all())


def overlap(one: Bbox, other: Bbox, slack: float) -> bool:
    return bool((np.minimum(one.max, other.max) - np.maximum(one.min, other.min) > slack).all())


def written(figure: Figure, renderer: Any) -> Iterator[Written]:
    """Every text that can be seen."""
    unseen = {id(text) for ax in figure.axes for text in undrawn(ax)}
    unseen |= {id(text) for legend in figure.findobj(Legend) if not shown(legend) for text in legend.findobj(Text)}
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if not text.get_text().strip() or not shown(text) or id(text) in unseen:
            continue
        box = Text.get_window_extent(text, renderer)  # of an annotation, the letters without the arrow
        clip = text.get_clip_box() if text.get_clip_on() else None
        if clip is None or box.overlaps(clip):
            yield Written(text.get_text(), box)
    scale = figure.dpi / plots.DPI
    for sheet in figure.findobj(Sheet):
        assert isinstance(sheet, Sheet)
        for word, *ends in sheet.writer.boxes():
            corner = np.array([sheet.left, sheet.bottom])
            yield Written(word, Bbox(scale * (np.reshape(ends, (2, 2)) + corner)))


def undrawn(ax: Axes) -> Iterator[Text]:
    """Texts of an axis that Matplotlib keeps but does not draw: labels of ticks outside the limits, or of no axis."""
    axes: list[Any] = [ax.xaxis, ax.yaxis]
    for axis in axes:
        drawn = ax.axison and ax.get_visible() and axis.get_visible()
        ticks = {id(tick) for tick in axis._update_ticks()} if drawn else set()
        for tick in (*axis.majorTicks, *axis.minorTicks):
            if id(tick) not in ticks:
                yield from (tick.label1, tick.label2)
        if not drawn:
            yield from (axis.label, axis.offsetText)


def covered_by(legend: Legend, renderer: Any, slack: float) -> Iterator[str]:
    """The curves and points of the legend's axes (of all, for a legend of the figure) that lie under it."""
    box = legend.get_window_extent(renderer).padded(-2 * slack)
    figure = legend.get_figure(root=True)
    assert figure is not None
    for ax in [legend.axes] if legend.axes is not None else figure.axes:
        for line in ax.lines:
            across = line.get_transform() != ax.transData  # a reference line from edge to edge is no curve
            if shown(line) and not across and is_in(line, box):
                yield f"the curve {line.get_label()!r}"
        for points in ax.collections:
            if isinstance(points, PathCollection) and shown(points):
                offsets: np.ndarray = np.ma.filled(np.ma.asarray(points.get_offsets(), float), np.nan)
                places = points.get_offset_transform().transform(offsets)
                if any(box.contains(*place) for place in places):
                    yield f"the points {points.get_label()!r}"


def is_in(line: Line2D, box: Bbox) -> bool:
    """Whether a curve or one of its markers can be seen inside a box."""
    assert line.axes is not None
    common = Bbox.intersection(box, line.axes.bbox) if line.get_clip_on() else box
    path = line.get_transform().transform_path(line.get_path())
    places = np.asarray(path.vertices)
    if common is None or not len(places):
        return False
    if line.get_linestyle() not in NOTHING and path.intersects_bbox(common, filled=False):
        return True
    return line.get_marker() not in NOTHING and any(common.contains(*place) for place in places)
