"""The look at pictures finds what a reader would: each fault by itself, and none where there is none."""

from __future__ import annotations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from nnlab import plots
from nnlab.explore.drawing.words import Words
from tests.faults import MINUS_ZERO, faults


def look(change, dpi=plots.DPI):
    """The faults of a good picture after `change(figure, ax)`."""
    figure, ax = plots.figure(4, 3)
    figure.set_dpi(dpi)
    ax.plot([0, 1], [0, 1], label="rises")
    ax.set(xlabel="step", ylabel="loss", title="It rises")
    ax.legend(loc="upper left")
    change(figure, ax)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return faults(figure, canvas.get_renderer())


FAULTS = {
    "cut by the picture's edge": lambda figure, ax: ax.set_title(
        "A title that is longer than the picture is wide: too long"
    ),
    "is minus zero": lambda figure, ax: ax.text(0.5, 0.1, f"{-1e-9:.3f}"),
    "overlap": lambda figure, ax: [ax.text(0.5 + k / 50, 0.1, "twice") for k in range(2)],
    "covers the curve": lambda figure, ax: ax.plot([0, 0.3], [0.97, 0.97]),
    "covers the points": lambda figure, ax: ax.scatter([0.05], [0.95]),
    "'far' is cut": lambda figure, ax: Words(figure, 0, 0, 400, 300).write("far", 390, 100),
    "'step' and 'on it' overlap": lambda figure, ax: Words(figure, 0, 0, 400, 300).write("on it", 220, 8),
}


@pytest.mark.parametrize("dpi", [plots.DPI, plots.SHARP * plots.DPI])
@pytest.mark.parametrize("sentence", FAULTS)
def test_each_fault_is_found(sentence, dpi):
    found = look(FAULTS[sentence], dpi)
    assert found and all(sentence in fault for fault in found), found


NO_FAULTS = {
    "nothing changed": lambda figure, ax: None,
    "outside the axes and clipped": lambda figure, ax: ax.text(9, 9, "away", clip_on=True),
    "invisible": lambda figure, ax: ax.text(9, 9, "away", visible=False),
    "ticks beyond the limits": lambda figure, ax: ax.set(xticks=[-9, 0, 1, 9], xlim=(0, 1)),
    "a reference line": lambda figure, ax: ax.axvline(0.1),
    "no legend, so it covers nothing": lambda figure, ax: (
        ax.legend().set_visible(False),
        ax.plot([0, 0.3], [0.97, 0.97]),
    ),
    "a negative number": lambda figure, ax: ax.text(0.5, 0.1, "-0.001, -0.5, 1e-05, (1)-0.2"),
}


@pytest.mark.parametrize("case", NO_FAULTS)
def test_a_good_picture_has_none(case):
    assert look(NO_FAULTS[case]) == []


@pytest.mark.parametrize("text", ["-0", "-0.000", "at best -0.00", "\N{MINUS SIGN}0.0", "change: -0%", "(-0, 1)"])
def test_minus_zero_is_known(text):
    assert MINUS_ZERO.search(text)
