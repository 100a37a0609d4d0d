"""Texts that are drawn again are Matplotlib's own, to the pixel, and cost it nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure

from nnlab.explore.drawing import letters
from nnlab.explore.drawing.letters import Agg

TEXTS = ["plain words", "two\nlines, gjpq", r"a formula: $\frac{\partial L}{\partial w}$ and $x_1^2$", "1.5", "1.5"]


def scene() -> Figure:
    figure = Figure(figsize=(4, 3), dpi=100)
    for k, text in enumerate(TEXTS):
        figure.text(0.1 + 0.013 * k, 0.9 - 0.17 * k, text, rotation=7 * k, fontsize=9 + k, color=f"C{k}")
    return figure


def pixels(canvas: FigureCanvasAgg) -> np.ndarray:
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that Matplotlib draws."""
    seen: list[str] = []
    theirs = RendererAgg.draw_text

    def draw_text(self: Any, gc: Any, x: float, y: float, s: str, *rest: Any, **named: Any) -> None:
        seen.append(s)
        theirs(self, gc, x, y, s, *rest, **named)

    monkeypatch.setattr(RendererAgg, "draw_text", draw_text)
    return seen


def test_the_pixels_are_matplotlibs_the_first_time_and_again(drawn: list[str]) -> None:
    theirs = pixels(FigureCanvasAgg(scene()))
    assert len(drawn) == len(TEXTS) + 1  # each line is a text
    canvas = Agg(scene())
    assert (pixels(canvas) == theirs).all()
    drawn.clear()
    assert (pixels(canvas) == theirs).all()
    assert all("$" in text for text in drawn), "only a formula with a bar is drawn again"


def test_what_changes_is_drawn_as_it_is_now(drawn: list[str]) -> None:
    for change in ({"text": "other"}, {"x": 0.3}, {"rotation": 40}, {"fontsize": 15}, {"weight": "bold"}):
        figure = scene()
        canvas = Agg(figure)
        before = pixels(canvas)
        drawn.clear()
        figure.texts[0].set(**change)
        after = pixels(canvas)
        assert [text for text in drawn if "$" not in text] == [figure.texts[0].get_text()]
        assert (after != before).any() and (after == pixels(FigureCanvasAgg(figure))).all(), change


def test_colour_opacity_and_resolution_are_those_of_now() -> None:
    figure = scene()
    canvas = Agg(figure)
    pixels(canvas)
    figure.texts[0].set(color="red", alpha=0.4)
    assert (pixels(canvas) == pixels(FigureCanvasAgg(figure))).all()
    plain, sharp = {}, {}
    for made in (Agg(scene()), FigureCanvasAgg(scene())):
        plain[type(made)] = pixels(made)
        made.figure.set_dpi(200)
        sharp[type(made)] = pixels(made)
        made.figure.set_dpi(100)
        assert (pixels(made) == plain[type(made)]).all()
    assert (sharp[Agg] == sharp[FigureCanvasAgg]).all() and sharp[Agg].shape == (600, 800, 4)


def test_it_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_MOST", 10)
    figure = scene()
    canvas = Agg(figure)
    for k in range(40):
        figure.texts[0].set_text(f"number {k}")
        canvas.draw()
        assert 0 < len(canvas.texts) <= 10
