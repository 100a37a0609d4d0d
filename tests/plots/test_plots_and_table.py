"""Pictures and tables: what is shown is also said in words."""

import io

import matplotlib
import numpy as np
import pytest
from PIL import Image

from nnlab import plots
from nnlab.scratch.optim import OPTIMIZERS
from nnlab.table import Table


def test_a_table_reads_as_text_and_as_html():
    table = Table(("name", "f(x)"), [("relu", "max(0, x)"), ("a<b", 3)], caption="two rows")
    assert repr(table).splitlines() == ["two rows", "name  f(x)", "----  ---------", "relu  max(0, x)", "a<b   3"]
    assert "<td" in table._repr_html_() and "a&lt;b" in table._repr_html_()


def test_a_row_of_the_wrong_length_is_told():
    with pytest.raises(ValueError, match="2 cells"):
        Table(("a", "b"), [(1, 2, 3)])


def test_a_figure_shows_as_one_picture_with_words(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *bundles, **options: shown.append((bundles, options)))
    fig, ax = plots.figure(4, 2)
    ax.plot([0, 1])
    plots.show(fig, "a rising line")
    ((bundle,), options), ((words,), _) = shown
    assert "a rising line" in words["text/html"]
    assert bundle["text/plain"] == "[picture: a rising line]"
    assert options["metadata"]["image/png"] == {"width": 400, "height": 200, "alt": "a rising line"}


def test_a_picture_without_words_is_refused():
    fig, _ = plots.figure()
    with pytest.raises(ValueError, match="alt"):
        plots.show(fig, " ")


def contrast(a, b):
    """WCAG's contrast of two colours, 1 to 21."""
    from matplotlib.colors import to_rgb

    def light(colour):
        parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return np.dot((0.2126, 0.7152, 0.0722), parts)

    low, high = sorted((light(a), light(b)))
    return (high + 0.05) / (low + 0.05)


def test_text_and_lines_stand_out_from_the_paper():
    assert contrast(plots.GREY, plots.PAPER) >= 4.5
    for colour in (plots.FORWARD, plots.GRADIENT, plots.GREEN):
        assert contrast(colour, plots.PAPER) >= 3, colour


def test_classes_differ_by_shape_as_well_as_colour():
    assert len(set(plots.CLASSES)) == len(set(plots.CLASS_MARKERS)) == 8


def test_the_style_is_put_on_and_taken_off_again():
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context(plots.STYLE):
        theirs = dict(matplotlib.rcParams)
    with pytest.raises(KeyError), plots.style():
        assert dict(matplotlib.rcParams) == theirs
        raise KeyError
    assert dict(matplotlib.rcParams) == before and before["font.size"] != 11
    with matplotlib.rc_context({"font.size": 11.0}):
        with plots.style():
            assert matplotlib.rcParams["font.size"] == plots.STYLE["font.size"]
        assert matplotlib.rcParams["font.size"] == 11


def test_a_surface_is_drawn_the_right_way_up():
    fig, ax = plots.figure(2, 2)
    ax.set_axis_off()
    points = plots.grid((-1, 1, -1, 1), 20)
    plots.surface(ax, np.sign(points[:, 1]).reshape(20, 20), (-1, 1, -1, 1), alpha=1)
    out = io.BytesIO()
    fig.savefig(out)
    pixels = np.asarray(Image.open(out).convert("RGB")).astype(int)
    top, bottom = pixels[50, 100], pixels[150, 100]
    assert top[2] > top[0] and bottom[0] > bottom[2], "blue (positive) above, orange (negative) below"


def test_every_optimizer_has_a_look_of_its_own_also_one_that_was_just_added(monkeypatch):
    before = {name: plots.look(name) for name in OPTIMIZERS}
    assert before["adam"] == ("Adam", plots.VERMILLION, "D")
    for name in ("toy_one", "toy_two"):
        monkeypatch.setitem(OPTIMIZERS, name, OPTIMIZERS["sgd"])
    after = {name: plots.look(name) for name in OPTIMIZERS}
    assert {name: after[name] for name in before} == before
    assert len({(one.color, one.marker) for one in after.values()}) == len(after)
    assert after["toy_one"].label == "toy one"
    with pytest.raises(ValueError, match="Did you mean 'adam'"):
        plots.look("adm")
