"""Attributions: finite differences, axioms, and Captum to 1e-6."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum import attr

from nnlab import scratch
from nnlab.pytorch import CNN
from nnlab.scratch import (
    grad_cam,
    integrated_gradients,
    logit_gradient,
    occlusion,
    sampled_shapley,
    shapley_values,
    smooth_grad,
)
from nnlab.twins import copy_weights

SMALL = dict(in_channels=2, classes=4, channels=(3, 4), hidden=6, size=8, dropout=0.5)
RNG = np.random.default_rng(0)
X, K = RNG.uniform(0, 1, (3, 2, 8, 8)), np.array([0, 3, 1])
T, TK = torch.tensor(X, requires_grad=True), torch.tensor(K)


@pytest.fixture(scope="module")
def nets() -> tuple[scratch.CNN, CNN]:
    ours, theirs = scratch.CNN(**SMALL, rng=np.random.default_rng(1)), CNN(**SMALL).double().eval()
    for name, p in ours.params.items():
        p += 0.1 * np.random.default_rng(len(name)).normal(size=p.shape)
    copy_weights(ours, theirs)
    return ours, theirs


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-9)


def test_gradient(nets):
    ours, theirs = nets
    g = logit_gradient(ours, X, K)
    assert ours.training, "the mode comes back"
    close(np.abs(g), attr.Saliency(theirs).attribute(T, target=TK))
    close(X * g, attr.InputXGradient(theirs).attribute(T, target=TK))
    ours.eval()
    d = np.zeros_like(X)
    d[1, 0, 3, 4] = 1e-6
    rise = (ours(X + d) - ours(X - d))[1, K[1]] / 2e-6
    assert g[1, 0, 3, 4] == pytest.approx(rise, abs=1e-6)
    ours.train()


@pytest.mark.parametrize("baseline", [0.0, 0.5])
def test_integrated_gradients(nets, baseline):
    ours, theirs = nets
    mine = integrated_gradients(ours, X, K, baseline=baseline, steps=20)
    options = dict(target=TK, n_steps=20, method="riemann_middle", baselines=baseline)
    close(mine, attr.IntegratedGradients(theirs).attribute(T, **options))


def test_completeness(nets):
    ours, _ = nets
    ours.eval()
    rise = (ours(X) - ours(np.zeros_like(X)))[np.arange(3), K]
    gaps = [np.abs(integrated_gradients(ours, X, K, steps=m).sum(axis=(1, 2, 3)) - rise).max() for m in (2, 400)]
    ours.train()
    assert gaps[1] < 0.01 * np.abs(rise).max() and gaps[1] < gaps[0]


def test_smooth_grad_is_a_mean_over_noise(nets):
    ours, _ = nets
    mine = smooth_grad(ours, X, K, std=0.1, samples=3, rng=np.random.default_rng(5))
    rng = np.random.default_rng(5)
    wanted = np.mean([logit_gradient(ours, X + 0.1 * rng.normal(size=X.shape), K) for _ in range(3)], axis=0)
    np.testing.assert_allclose(mine, wanted)
    plain = smooth_grad(ours, X, K, std=0.0, samples=2, rng=rng)
    np.testing.assert_allclose(plain, logit_gradient(ours, X, K))


@pytest.mark.parametrize("layer", [2, 4])
def test_grad_cam(nets, layer):
    ours, theirs = nets
    found = attr.LayerGradCam(theirs, theirs[layer]).attribute(T, target=TK, relu_attributions=True)
    close(grad_cam(ours, X, K, layer), found[:, 0])
    with pytest.raises(ValueError, match="The output of layer 9 should have 4 axes"):
        grad_cam(ours, X, K, 9)


@pytest.mark.parametrize(("size", "stride"), [(4, 4), (4, 2), (3, 1)])
def test_occlusion(nets, size, stride):
    ours, theirs = nets
    ours.eval()
    options = dict(sliding_window_shapes=(2, size, size), strides=(2, stride, stride), target=TK)
    close(occlusion(ours, X, K, size=size, stride=stride), attr.Occlusion(theirs).attribute(T, **options))
    ours.train()
    with pytest.raises(ValueError, match="Squares of 3 that lie 2 apart should end at the edges of 8 x 8"):
        occlusion(ours, X, K, size=3, stride=2)


def f(z):
    """Not additive, and blind to the last feature."""
    return z[:, 0] * z[:, 1] + np.tanh(z[:, 2]) - 2 * z[:, 3] + 0 * z[:, 4]


def test_shapley_values_keep_their_axioms():
    row, background = RNG.normal(size=5), RNG.normal(size=(6, 5))
    phi = shapley_values(f, row, background)
    assert phi.sum() == pytest.approx(f(row[None])[0] - f(background).mean())
    assert phi[4] == pytest.approx(0)
    np.testing.assert_allclose(phi[3], -2 * (row[3] - background[:, 3].mean()))  # additive: it gets what it adds
    both = shapley_values(lambda z: z[:, 0] * z[:, 1], np.ones(2), np.zeros((1, 2)))
    np.testing.assert_allclose(both, [0.5, 0.5])


def test_shapley_values_are_captums():
    row, zero = RNG.normal(size=5), np.zeros((1, 5))

    def theirs(z):
        return z[:, 0] * z[:, 1] + torch.tanh(z[:, 2]) - 2 * z[:, 3]

    found = attr.ShapleyValues(theirs).attribute(torch.tensor(row[None]), baselines=0.0)
    np.testing.assert_allclose(shapley_values(f, row, zero), found[0].numpy(), atol=1e-5)  # Captum's are float32


def test_samples_come_near():
    row, background = RNG.normal(size=5), RNG.normal(size=(6, 5))
    exact = shapley_values(f, row, background)
    few, many = (sampled_shapley(f, row, background, orders=n, rng=np.random.default_rng(0)) for n in (5, 400))
    assert few.sum() == pytest.approx(exact.sum()) and many.sum() == pytest.approx(exact.sum())
    assert np.abs(many - exact).max() < 0.2


def test_bad_input_gets_a_sentence(nets):
    ours, _ = nets
    with pytest.raises(ValueError, match="20 features have 1,048,576 coalitions: use sampled_shapley"):
        shapley_values(f, np.zeros(20), np.zeros((1, 20)))
    with pytest.raises(ValueError, match=r"background should have shape \(3, 5\), got \(3, 4\)"):
        shapley_values(f, np.zeros(5), np.zeros((3, 4)))
    with pytest.raises(ValueError, match="background should have at least one row"):
        sampled_shapley(f, np.zeros(5), np.zeros((0, 5)), orders=1, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="classes should be from 0 to 3"):
        logit_gradient(ours, X, np.array([0, 1, 4]))
    with pytest.raises(ValueError, match=r"classes, one a row of x, should have shape \(3,\)"):
        logit_gradient(ours, X, np.array([0]))
    with pytest.raises(ValueError, match="steps should be at least 1"):
        integrated_gradients(ours, X, K, steps=0)
    with pytest.raises(TypeError, match="rng should be a generator"):
        smooth_grad(ours, X, K, rng=0)


def test_dropout_stays_off_while_squares_are_covered(nets):
    net = nets[0]
    net.train()
    assert np.array_equal(occlusion(net, X, K, size=4, stride=2), occlusion(net, X, K, size=4, stride=2))
    assert net.training and all(layer.training for layer in net.leaves())
    net.eval()


def test_layers_count_from_the_end_as_well(nets):
    count = len(nets[0].layers)
    assert np.array_equal(grad_cam(nets[0], X, K, 2), grad_cam(nets[0], X, K, 2 - count))
    for layer in (-1, count, -count - 1, 2.0):
        with pytest.raises((ValueError, TypeError), match="layer"):
            grad_cam(nets[0], X, K, layer)


@pytest.mark.parametrize(
    "baseline", [np.zeros(3), np.zeros((3, 1, 1, 1)), np.nan, None, np.ma.masked_array([0.0, 1.0], [0, 1])]
)
def test_a_baseline_of_another_kind_is_refused(nets, baseline):
    with pytest.raises((ValueError, TypeError), match="baseline"):
        integrated_gradients(nets[0], X, K, baseline=baseline)


@pytest.mark.parametrize("outputs", [np.ones((4, 3)), np.ones(4)])
def test_shares_need_one_number_a_row(outputs):
    x, background = np.arange(4.0), RNG.normal(size=(5, 4))
    for way in (shapley_values, lambda *a: sampled_shapley(*a, orders=2, rng=RNG)):
        with pytest.raises(ValueError, match="one number a row"):
            way(lambda z: z @ outputs if outputs.ndim == 2 else 1.0, x, background)


def test_float16_maps_are_summed_in_float32(nets):
    net = scratch.MLP([4, 3], rng=np.random.default_rng(0), dtype=np.float16)
    x, k = np.full((2, 4), 0.5, np.float16), np.array([0, 2])
    exact = 0.5 * net.params["0.weight"][k]
    assert np.array_equal(integrated_gradients(net, x, k, steps=3000), exact.astype(np.float16))
