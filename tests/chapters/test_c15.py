"""Chapter 15, Image classification: what its explorers compute is true."""

import numpy as np
import pytest
import torch

from nnlab.chapters.c15_images import confusion_explorer as confusion
from nnlab.chapters.c15_images import coverage_explorer as coverage
from nnlab.chapters.c15_images import preferred_explorer as preferred
from nnlab.datasets import digits_weights, emoji, picture_ladder
from nnlab.datasets.pictures import emoji_split
from nnlab.datasets.trained import DIGITS_CNN
from nnlab.pytorch import CNN

# ------------------------------------------------------------------------------------------------- confusion


@pytest.mark.parametrize("network", confusion.NETWORKS)
@pytest.mark.parametrize("sure", [0.0, 0.5, 0.95])
def test_the_cells_count_what_they_open(network, sure):
    total, right = 0, 0
    for truth in confusion.NAMES:
        for predicted in confusion.NAMES:
            d = confusion.confusion_cell(network, truth, predicted, sure, ())
            assert len(d.pictures) == d.matrix[d.truth, d.predicted]
            assert (np.diff(d.confidence) <= 0).all() and (d.confidence >= sure).all()
            total, right = total + len(d.pictures), right + len(d.pictures) * (truth == predicted)
    assert total == d.matrix.sum() == round(d.coverage * len(emoji_split()[2]))
    assert right == np.trace(d.matrix) == round(d.accuracy * total)


def test_names_stand_for_the_categories_in_their_order():
    for short, long in zip(confusion.NAMES, emoji().categories, strict=True):
        assert short[:4] == long.lower()[:4]


def test_a_click_opens_the_cell_under_it():
    left, bottom, width, height = confusion.MATRIX
    for row in range(9):
        for column in range(9):
            spot = (left + (column + 0.5) / 9 * width, bottom + (1 - (row + 0.5) / 9) * height)
            assert tuple(confusion.cell_at(spot, {}).values()) == (confusion.NAMES[row], confusion.NAMES[column])
    assert not confusion.cell_at((0.95, 0.95), {})
    explorer = confusion.confusion_explorer()
    explorer.set(click=(left + 0.5 / 9 * width, bottom + 0.5 / 9 * height))
    assert (explorer.values["truth"], explorer.values["predicted"], explorer.values["click"]) == (
        "travel",
        "activities",
        (),
    )
    explorer.set(click=(0.95, 0.95))  # next to the matrix: nothing moves
    assert explorer.values["truth"] == "travel"


def test_the_axes_lie_where_clicks_are_looked_for():
    explorer = confusion.confusion_explorer()
    explorer.frame()
    box = explorer._canvas.figure.axes[0].get_position()
    np.testing.assert_allclose(box.bounds, confusion.MATRIX, atol=1e-9)


# ------------------------------------------------------------------------------------------------- coverage


@pytest.mark.parametrize("network", coverage.NETWORKS)
def test_coverage_is_counted(network):
    for t in (0.0, 0.3, 0.9):
        d = coverage.coverage(network, t)
        for part, (share, right) in (("validation", d.validation), ("test", d.test)):
            rows = emoji_split()[1 if part == "validation" else 2]
            step, seeds = coverage.NETWORKS[network]
            p = getattr(picture_ladder(), part)[picture_ladder().steps.index(step), :seeds].mean(axis=0)
            kept = p.max(axis=1) >= t
            assert share == pytest.approx(kept.mean())
            assert right == pytest.approx(np.mean(p.argmax(axis=1)[kept] == emoji().labels[rows][kept]))
        assert d.right.sum() + d.wrong.sum() == 238
    assert coverage.coverage(network, 0.0).validation[0] == 1
    assert coverage.coverage_and_accuracy(np.array([0.2]), np.array([True]), 0.5) == (0.0, 1.0)


def test_fewer_answers_are_better_ones():
    for network in coverage.NETWORKS:
        all_of_them, half = coverage.curve(network, "test")[[0, -1]]
        assert half[1] > all_of_them[1] + 0.1 and half[0] < all_of_them[0]


# ------------------------------------------------------------------------------------------------- preferred


@pytest.mark.parametrize(("layer", "unit"), [("filter 1", 3), ("filter 2", 9), ("digit", 8)])
def test_the_gradient_is_pytorchs(layer, unit):
    x = np.random.default_rng(0).uniform(0, 1, (28, 28))
    value, g = preferred.activation_and_gradient(preferred._net(), x, layer, unit)
    net = CNN(**DIGITS_CNN).eval()
    net.load_state_dict({name: torch.tensor(w) for name, w in digits_weights().items()}, strict=False)
    t = torch.tensor(x[None, None], dtype=torch.float32, requires_grad=True)
    y = torch.nn.Sequential(*list(net)[: preferred.LAYERS[layer]])(t)
    if layer == "digit":
        wanted = y.softmax(dim=1)[0, unit]
        wanted.log().backward()
    else:
        wanted = y[0, unit].mean()
        wanted.backward()
    assert value == pytest.approx(wanted.item(), rel=1e-3)
    np.testing.assert_allclose(g, t.grad[0, 0], atol=1e-4 * float(t.grad.abs().max()) + 1e-7)


def test_every_unit_climbs_and_every_digit_is_reached_from_noise():
    explorer = preferred.preferred_explorer()
    for layer in preferred.LAYERS:
        for unit in range(0, 10, 3):
            explorer.set(layer=layer, unit=unit, calm=False)
            explorer.restart()
            explorer.advance(60)
            history = explorer.data.history
            assert history[-1] > history[0]
            assert explorer.data.x.min() >= 0 and explorer.data.x.max() <= 1
            if layer == "digit":
                assert explorer.data.p[unit] > 0.99
