"""Explorer of chapter 25: cover a square of a digit, by a click or by sliders, and see what the answer loses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import grey_colours, signed_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.spot import Spot

from .subjects import COUNT, digits, network, pictures, probabilities

Array = NDArray[Any]
SHADES = {"paper": 0.0, "grey": 0.5, "ink": 1.0}
PICTURE = (0.015, 0.2, 0.283, 0.6)  # left, bottom, width, height of the digit, as shares of the whole picture
STRIDE, LARGEST, GOAL_SIZE = 2, 14, 7


@dataclass
class Cover:
    """x: (28, 28) with its square covered; p: (10,) of it, p_before of the digit. place: (left, top, size) in pixels.
    fall: (H, W), how much of the label's probability each place of the square costs. label: the digit."""

    x: Array
    p: Array
    p_before: Array
    place: tuple[int, int, int]
    fall: Array
    label: int


@lru_cache(maxsize=64)
def falls(digit: int, size: int, shade: str) -> Array:
    """How far the label's probability falls for squares STRIDE pixels apart, (H, W). Cached: do not write into it."""
    x, labels = digits()
    stops = range(0, 28 - size + 1, STRIDE)
    covered = np.repeat(x[digit : digit + 1], len(stops) ** 2, axis=0)
    for k, (top, left) in enumerate((i, j) for i in stops for j in stops):
        covered[k, 0, top : top + size, left : left + size] = SHADES[shade]
    p = probabilities(network(), np.concatenate([x[digit : digit + 1], covered]))[:, labels[digit]]
    return (p[0] - p[1:]).reshape(len(stops), len(stops))


def cover(digit: int, click: tuple[float, ...], across: int, down: int, size: int, shade: str) -> Cover:
    """Cover a square of `size` pixels around (across, down). The explorer itself reads `click`."""
    x, labels = digits()
    left, top = (int(np.clip(middle - size // 2, 0, 28 - size)) for middle in (across, down))
    covered = x[digit].copy()
    covered[0, top : top + size, left : left + size] = SHADES[shade]
    p_before, p = probabilities(network(), np.stack([x[digit], covered]))
    return Cover(covered[0], p, p_before, (left, top, size), falls(digit, size, shade).copy(), int(labels[digit]))


def pixel_at(spot: tuple[float, ...], values: Mapping[str, Any]) -> dict[str, int]:
    """The pixel at a place (u, v) of the whole picture; {} outside of the digit."""
    left, bottom, width, height = PICTURE
    u, v = (spot[0] - left) / width, 1 - (spot[1] - bottom) / height
    return {"across": int(28 * u), "down": int(28 * v)} if 0 <= u < 1 and 0 <= v < 1 else {}


class CoverView:
    """The covered digit, the map of what each place costs, and the probabilities."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        places = [PICTURE, (0.345, 0.2, 0.283, 0.6)]
        self.digit, self.map = pictures(figure, places, ["click to cover", "what each place costs"])
        ax = figure.axes[0]
        (self.frame,) = ax.plot([], [], color=plots.VERMILLION, lw=2, animated=True, clip_on=False)
        (self.mark,) = figure.axes[1].plot([], [], "o", color=plots.BLACK, mfc="none", ms=8, animated=True)
        right = figure.add_axes((0.7, 0.2, 0.28, 0.6))
        right.set(xlim=(0, 1.02), ylim=(9.6, -0.6), yticks=range(10), xticks=[0, 0.5, 1])
        right.set_xlabel("probability", fontsize=9)
        self.before = right.barh(range(10), [0] * 10, 0.8, fill=False, ec=plots.GREY, animated=True)
        self.after = right.barh(range(10), [0] * 10, 0.55, color=plots.SKY, animated=True)
        self.title = figure.text(0.015, 0.93, "", weight="bold", va="center", animated=True)
        self.note = figure.text(0.015, 0.08, "", va="center", fontsize=9.5, animated=True)

    def update(self, d: Cover) -> None:
        self.digit.show(grey_colours(1 - d.x), (0, 1, 0, 1))
        self.map.show(signed_colours(d.fall, 1.0), (0, 1, 0, 1))
        left, top, size = d.place
        x0, x1, y0, y1 = left / 28, (left + size) / 28, 1 - top / 28, 1 - (top + size) / 28
        self.frame.set_data([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0])
        n = len(d.fall)
        self.mark.set_data([(left / STRIDE + 0.5) / n], [1 - (top / STRIDE + 0.5) / n])
        said = int(d.p.argmax())
        for k in range(10):
            self.before[k].set_width(float(d.p_before[k]))
            self.after[k].set_width(float(d.p[k]))
            self.after[k].set_color(plots.SKY if k != said else plots.BLUE if k == d.label else plots.VERMILLION)
        self.title.set_text(f"A {d.label}, covered: the network answers {said}, with probability {d.p[said]:.0%}")
        worst = float(d.fall.max())
        self.note.set_text(
            f"blue: the {d.label} loses, orange: it gains.  At the worst place it loses {max(worst, 0.0):.2f}."
        )


def is_fooled(d: Cover) -> bool:
    """Whether a small square changes a right answer."""
    return bool(d.p_before.argmax() == d.label != d.p.argmax() and d.place[2] <= GOAL_SIZE)


def _solution() -> dict[str, Any]:
    size = GOAL_SIZE
    for digit in range(COUNT):
        fall = falls(digit, size, "paper")
        i, j = np.unravel_index(int(fall.argmax()), fall.shape)
        setting = dict(across=STRIDE * int(j) + size // 2, down=STRIDE * int(i) + size // 2, size=size)
        if is_fooled(cover(digit, (), shade="paper", **setting)):
            return dict(digit=digit, **setting)
    raise LookupError("no square of this size changes an answer")


def cover_explorer() -> Explorer:
    """60 test digits and a square that covers a part of one."""
    return Explorer(
        compute=cover,
        draw=CoverView,
        controls={
            "digit": Slider(0, COUNT - 1, 1, 4, label="test digit"),
            "click": Spot(label="Click the digit to cover it.", leads_to=pixel_at),
            "across": Slider(0, 27, 1, 12, label="square from the left"),
            "down": Slider(0, 27, 1, 14, label="square from the top"),
            "size": Slider(2, LARGEST, 1, 8, label="its size", unit="pixels"),
            "shade": Choice(list(SHADES), "paper", label="covered with"),
        },
        goal=Goal(
            f"Cover at most {GOAL_SIZE} × {GOAL_SIZE} pixels so that the network changes its right answer.",
            is_fooled,
            solution=_solution(),
        ),
        size=(7.2, 3.4),
        alt="A digit with a covered square, a map of what each place of the square costs, and the network's answer.",
    )
