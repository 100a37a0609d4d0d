"""Chapter 26, Smaller and faster: what its explorers compute is true, and its record holds what the chapter says."""

import numpy as np
import pytest
import torch

from nnlab.chapters.c26_smaller import bits_explorer as bits
from nnlab.chapters.c26_smaller import digits_net
from nnlab.chapters.c26_smaller import softening_explorer as softening
from nnlab.chapters.c26_smaller import sparsity_explorer as sparsity
from nnlab.chapters.c26_smaller.proof import quantization_parity
from nnlab.datasets import smaller_runs, smaller_weights
from nnlab.datasets.smaller import SMALLER
from nnlab.pytorch import MLP
from nnlab.pytorch.compression.rounding import add_fake_quantize
from nnlab.scratch.compression.prune import magnitude_masks
from nnlab.scratch.compression.quantize import Grid, dequantize, quantization_grid, quantize


def net() -> torch.nn.Module:
    made = MLP(SMALLER["sizes"])
    made.load_state_dict({name: torch.tensor(w) for name, w in smaller_weights().items()})
    return made.eval()


def share_right(model: torch.nn.Module) -> float:
    x, labels = digits_net.digits()
    with torch.no_grad():
        return float((model(torch.tensor(x)).argmax(dim=1).numpy() == labels).mean())


def test_the_network_in_numpy_is_pytorchs():
    x = digits_net.digits()[0][:50]
    with torch.no_grad():
        wanted = net()(torch.tensor(x)).numpy()
    np.testing.assert_allclose(digits_net.logits(digits_net.layers()[0], x), wanted, atol=1e-4)
    assert digits_net.accuracy(digits_net.layers()[0]) == pytest.approx(share_right(net()), abs=0.003)


# ------------------------------------------------------------------------------------------------- sparsity


@pytest.mark.parametrize("amount", [0.0, 0.37, 0.8, 0.99])
@pytest.mark.parametrize("way", sparsity.WAYS[:2])
def test_what_stays_is_what_the_masks_say(way, amount):
    d = sparsity.sparsity(amount, way)
    weights = digits_net.layers()[0]
    masks = magnitude_masks(weights, amount, together=way == "all layers together")
    np.testing.assert_allclose(d.shares, [m.mean() for m in masks], atol=0.002)
    assert d.kept.sum() == pytest.approx(sum(m.sum() for m in masks), abs=3)
    assert d.all.sum() == 266_200 and d.dense == pytest.approx(4 * 266.2)
    assert d.accuracy == pytest.approx(
        digits_net.accuracy([w * m for w, m in zip(weights, masks, strict=True)]), abs=0.011
    )
    if way == "all layers together" and amount:
        small = [np.abs(w) < d.threshold for w in weights]
        assert not any((s & m).any() for s, m in zip(small, masks, strict=True))


def test_csr_is_larger_below_one_half():
    for amount, larger in ((0.3, True), (0.7, False)):
        d = sparsity.sparsity(amount, "random")
        assert (d.csr > d.dense) is larger


def test_only_one_way_reaches_the_goal():
    explorer = sparsity.sparsity_explorer()
    for way in sparsity.WAYS:
        found = [explorer.goal.reached(explorer.compute(amount=a, way=way)) for a in (0.8, 0.85, 0.9)]
        assert any(found) is (way == "all layers together")


# ------------------------------------------------------------------------------------------------- bits


@pytest.mark.parametrize("n", [2, 4, 8])
@pytest.mark.parametrize("each", [True, False])
def test_fast_rounding_is_that_of_the_grid(n, each):
    w = digits_net.layers()[0][1]
    grid = quantization_grid(w, n, axis=0 if each else None)
    found, scale = bits.rounded(w, n, each)
    exact = dequantize(quantize(w, grid), grid)
    assert np.mean(np.abs(found - exact) > 1e-4) < 1e-4  # at a half, float32 may round to the other neighbour
    np.testing.assert_allclose(scale, grid.scale)


@pytest.mark.parametrize("n", [2, 3, 8])
def test_bits_are_those_of_a_network_in_pytorch(n):
    for k, scales in enumerate(bits.SCALES):
        d = bits.bits_of(n, scales, 1.0, "float32")
        assert d.accuracy == pytest.approx(share_right(add_fake_quantize(net(), n, per_channel=bool(k))), abs=0.007)
        assert d.levels <= 2**n - 1


def test_an_outlier_costs_a_layer_or_a_unit():
    layer, unit = (bits.bits_of(5, scales, 20.0, "float32") for scales in bits.SCALES)
    assert layer.accuracy < 0.15 and layer.levels == 1 and unit.accuracy > 0.97
    assert (
        bits.bits_of(3, bits.SCALES[1], 1.0, "affine").accuracy
        > bits.bits_of(3, bits.SCALES[1], 1.0, "symmetric").accuracy
    )


def test_the_goal_of_bits_needs_both():
    explorer = bits.bits_explorer()
    met = [
        (scales, inputs)
        for scales in bits.SCALES
        for inputs in bits.INPUTS
        if explorer.goal.reached(explorer.compute(bits=3, scales=scales, large=20.0, inputs=inputs))
    ]
    assert met == [("one a unit", "affine")]


# ------------------------------------------------------------------------------------------------- softening


def test_softened_probabilities():
    for digit in (0, 38, 199):
        cold, hot = (softening.softened(digit, t) for t in (1.0, 16.0))
        assert cold.p.sum() == pytest.approx(1) == hot.p.sum()
        assert hot.bits > cold.bits and cold.p.argmax() == hot.p.argmax()
        z = softening.teacher()[digit]
        np.testing.assert_allclose(np.log(hot.p / hot.p[0]), (z - z[0]) / 16, atol=1e-9)


# ------------------------------------------------------------------------------------------------- the record


def test_the_record_has_its_shapes_and_the_chapters_sentences():
    runs = smaller_runs()
    n = len(SMALLER["variants"])
    assert runs.pruned.shape == (3, 5, 3, 2) and runs.narrow.shape == (3, 3, 3) and runs.rounded.shape == (2, 7, 3, 2)
    assert runs.soft.shape == (2, 5, 3) and runs.without.shape == (5, 3, 2) and runs.plain.shape == (4, 3)
    assert runs.table_accuracy.shape == (2, n, 3) and runs.table_size.shape == runs.time.shape == (2, n, 2)
    assert runs.zeros_time.shape == (len(SMALLER["zeros"]), 2) and runs.compiled.shape == (2, 3) and runs.machine
    np.testing.assert_allclose(runs.table_accuracy[:, 0], [runs.base_mlp, runs.base_cnn])
    after = runs.pruned[0, :, :, 1].mean(axis=1)
    assert (np.diff(after) < 0.002).all() and after[2] > 0.95
    assert runs.time[0, 3, 1] < runs.time[0, 0, 1] and runs.time[0, 5, 0] > runs.time[0, 0, 0]


def test_the_proof_of_a_notebook_finds_what_differs():
    w = digits_net.layers()[0][0]
    for axis in (None, 0):
        grid = quantization_grid(w, 4, axis=axis)
        assert quantization_parity(w, grid).agree
        narrow = Grid(grid.scale / 2, grid.zero_point, grid.low, grid.high)  # the largest weights are clipped
        proof = quantization_parity(w, narrow)
        assert proof.agree and not np.allclose(dequantize(quantize(w, narrow), narrow), w, atol=grid.scale.max())
    wrong = quantization_grid(w, 4)._replace(scale=np.array(0.05))
    assert not np.allclose(dequantize(quantize(w, wrong), wrong), w)
