"""Chapter 05, Feedforward networks: what its explorers compute is true."""

import numpy as np
import pytest

from nnlab.chapters.c05_feedforward.digit_explorer import digit_explorer
from nnlab.chapters.c05_feedforward.hinges_explorer import fit_hinges
from nnlab.datasets import mnist
from nnlab.datasets.digits import centred, shifted


def test_a_drawing_is_centred_as_mnist_is():
    images, _ = mnist("test")
    for image in images[:50] / 255:
        if not image[:, -2:].any() and not image[:1].any():  # else a shift loses ink
            assert np.array_equal(centred(shifted(image, 2, -1)), centred(image))
        assert np.abs(centred(image) - image).max() < 1e-6
    assert not centred(np.zeros((28, 28))).any()


def test_shifting_moves_ink_and_loses_what_leaves():
    image = np.zeros((28, 28))
    image[10, 10] = image[0, 27] = 1
    moved = shifted(image, 3, -2)
    assert moved[8, 13] == 1 and moved.sum() == 1


def test_a_digit_is_read_from_its_pixels():
    shown = digit_explorer().data
    assert shown.predicted == shown.label and shown.p.sum() == pytest.approx(1, abs=1e-5)
    assert [len(h) for h in shown.hidden] == [128, 64]


def test_more_hinges_come_closer_and_well_placed_ones_sooner():
    even = fit_hinges(8, 0.0)
    assert even.errors[-1] < 0.1 < even.error  # 16 reach the goal where they are even, 8 do not
    assert fit_hinges(8, 0.5).error < 0.1
    assert even.fit.shape == (201,) and len(even.places) == 8 and even.places[0] == 0
    bends = np.abs(np.diff(even.fit, 2)) > 1e-9  # straight between the hinges
    assert bends.sum() <= 2 * 7
