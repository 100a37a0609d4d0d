"""Grids of a few bits, against PyTorch's own."""

import numpy as np
import pytest
import torch

from nnlab.scratch.compression.quantize import dequantize, quantization_grid, quantize

RNG = np.random.default_rng(0)
W = (RNG.normal(size=(6, 40)) * np.logspace(-2, 1, 6)[:, None]).astype(np.float32)
H = np.maximum(RNG.normal(size=(30, 20)) + 0.5, 0).astype(np.float32)
DEPRECATED = pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize(("x", "symmetric"), [(W, True), (H, False), (H - 1, False), (-H, True)])
def test_it_is_pytorchs_fake_quantize(x, symmetric, bits):
    grid = quantization_grid(x, bits, symmetric)
    t = torch.tensor(x)
    theirs = torch.fake_quantize_per_tensor_affine(t, float(grid.scale), int(grid.zero_point), grid.low, grid.high)
    np.testing.assert_allclose(dequantize(quantize(x, grid), grid), theirs, rtol=1e-5, atol=1e-6)
    each = quantization_grid(x, bits, symmetric, axis=0)
    scale, zero = (torch.tensor(np.ravel(a)) for a in each[:2])
    theirs = torch.fake_quantize_per_channel_affine(t, scale.float(), zero.int(), 0, each.low, each.high)
    np.testing.assert_allclose(dequantize(quantize(x, each), each), theirs, rtol=1e-5, atol=1e-6)


@DEPRECATED
@pytest.mark.parametrize("axis", [None, 0])
def test_its_whole_numbers_are_those_of_pytorchs_quantised_tensors(axis):
    for x, symmetric, kind in ((W, True, torch.qint8), (H, False, torch.quint8)):
        grid = quantization_grid(x, 8, symmetric, axis)
        scale, zero = torch.tensor(np.ravel(grid.scale)), torch.tensor(np.ravel(grid.zero_point))
        t = torch.tensor(x)
        if axis is None:
            theirs = torch.quantize_per_tensor(t, float(scale), int(zero), kind)
        else:
            theirs = torch.quantize_per_channel(t, scale, zero, 0, kind)
        q = quantize(x, grid)
        assert np.array_equal(q, theirs.int_repr().numpy())
        np.testing.assert_allclose(dequantize(q, grid), theirs.dequantize(), rtol=1e-6)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_the_error_is_at_most_half_a_step_and_zero_stays(symmetric, axis):
    for x in (W, W - 30, W + 30, 0 * W):
        grid = quantization_grid(x, 5, symmetric, axis)
        q = quantize(x, grid)
        assert q.min() >= grid.low and q.max() <= grid.high
        limit = 1.0 if not symmetric else 0.5  # the zero point is rounded too
        assert (np.abs(dequantize(q, grid) - x) <= limit * grid.scale * (1 + 1e-6)).all()
        np.testing.assert_allclose(dequantize(quantize(0 * x, grid), grid), 0)


def test_a_sum_of_whole_numbers_is_the_layer():
    """x W^T = s_x s_w (q_x - z) q_w^T: integers only, and one factor at the end."""
    w = W[:, :20]
    gx, gw = quantization_grid(H, 8, symmetric=False), quantization_grid(w, 8, axis=0)
    qx, qw = quantize(H, gx), quantize(w, gw)
    whole = (qx - gx.zero_point) @ qw.T
    assert whole.dtype == np.int64 and np.abs(whole).max() < 2**31
    np.testing.assert_allclose(gx.scale * gw.scale.T * whole, dequantize(qx, gx) @ dequantize(qw, gw).T, atol=1e-9)


def test_what_it_refuses():
    for bits in (1, 17):
        with pytest.raises(ValueError, match=r"bits should be (from 2 to 16|at least 2), got"):
            quantization_grid(W, bits)
    with pytest.raises(TypeError, match="bits should be a whole number"):
        quantization_grid(W, 4.0)
    with pytest.raises(ValueError, match="only finite ones"):
        quantization_grid(np.array([1.0, np.inf]))
    with pytest.raises(ValueError, match="at least one number"):
        quantization_grid(np.zeros(0))
    with pytest.raises(ValueError, match="one of the 2 axes of x, got 2"):
        quantization_grid(W, axis=2)


def test_numpys_small_integers_count_bits_as_pythons_do():
    assert quantization_grid(W, np.uint8(16), symmetric=False).high == 65_535
    assert quantization_grid(W, np.int8(8)).high == 127


def test_the_affine_grid_spans_all_that_a_float_holds():
    x = np.array([-1.7e308, 1.7e308])
    grid = quantization_grid(x, symmetric=False)
    assert np.isfinite(grid.scale) and np.abs(dequantize(quantize(x, grid), grid) - x).max() <= 0.51 * grid.scale


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda grid: quantize(np.ones(6), grid), "another"),  # would broadcast to (6, 6)
        (lambda grid: dequantize(np.ones((1, 6), int), grid), "another"),
        (lambda grid: quantize(np.full((6, 1), np.nan), grid), "NaN"),
        (lambda grid: dequantize(np.full((6, 1), 200), grid), "-127 to 127"),
        (lambda grid: dequantize(np.full((6, 1), 1.5), grid), "whole numbers"),
        (lambda grid: quantization_grid(W, axis=1.5), "axis"),
    ],
)
def test_what_does_not_lie_on_the_grid_is_refused(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call(quantization_grid(W, axis=0))
