"""Chapter 25, Seeing inside and being fooled: what its explorers compute is true."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from nnlab.chapters.c25_inside import attack_explorer as attack
from nnlab.chapters.c25_inside import cover_explorer as cover
from nnlab.chapters.c25_inside import gradient_path_explorer as gradient_path
from nnlab.chapters.c25_inside import methods, probes, subjects
from nnlab.chapters.c25_inside import robustness_explorer as robustness
from nnlab.chapters.c25_inside import sanity_explorer as sanity
from nnlab.chapters.c25_inside.photos import imagenet_network, photographs
from nnlab.datasets import robust_network, robust_networks
from nnlab.datasets.robust import ROBUST, ROBUST_CNN
from nnlab.pytorch import CNN

# ------------------------------------------------------------------------------------------------- attack


@pytest.mark.parametrize("net", attack.NETWORKS)
@pytest.mark.parametrize("aim", ["away", "next digit"])
def test_every_change_stays_within_its_strength(net, aim):
    d = attack.attack(5, 0.13, "PGD", net, aim)
    assert np.abs(d.x - d.before).max() <= 0.13 + 1e-6 and d.x.min() >= 0 and d.x.max() <= 1
    np.testing.assert_allclose(d.p.sum(axis=1), 1)
    still = attack.attack(5, 0.0, "PGD", net, aim)
    np.testing.assert_array_equal(still.x, np.repeat(still.before[None], 3, axis=0))


def test_an_aimed_attack_comes_nearer_to_its_target():
    for digit in range(6):
        d = attack.attack(digit, 0.2, "PGD", "standard", "next digit")
        assert d.p[2, (d.label + 1) % 10] > d.p_before[(d.label + 1) % 10]


def test_training_on_attacks_protects():
    fooled = {net: 0 for net in attack.NETWORKS}
    for net in fooled:
        for digit in range(20):
            d = attack.attack(digit, 0.2, "PGD", net, "away")
            fooled[net] += d.p[2].argmax() != d.label
    assert fooled["standard"] > 15 and fooled["trained on PGD"] < 8


# ------------------------------------------------------------------------------------------------- cover


def test_the_map_is_what_covering_costs():
    for across, down, size, shade in ((14, 14, 8, "paper"), (6, 20, 4, "grey")):
        d = cover.cover(4, (), across, down, size, shade)
        left, top, _ = d.place
        wanted = d.p_before[d.label] - d.p[d.label]
        assert d.fall[top // cover.STRIDE, left // cover.STRIDE] == pytest.approx(wanted, abs=1e-5)
        assert (d.x[top : top + size, left : left + size] == cover.SHADES[shade]).all()


def test_a_square_stays_inside_and_follows_the_click():
    for across, down in ((0, 0), (27, 27)):
        left, top, size = cover.cover(0, (), across, down, 9, "ink").place
        assert 0 <= left <= 28 - size and 0 <= top <= 28 - size
    left, bottom, width, height = cover.PICTURE
    explorer = cover.cover_explorer()
    explorer.set(click=(left + 5.5 / 28 * width, bottom + (1 - 20.5 / 28) * height))
    assert (explorer.values["across"], explorer.values["down"], explorer.values["click"]) == (5, 20, ())
    explorer.set(click=(0.95, 0.95))  # next to the digit: nothing moves
    assert explorer.values["across"] == 5 and not cover.pixel_at((0.95, 0.95), {})


def test_the_axes_lie_where_clicks_are_looked_for():
    explorer = cover.cover_explorer()
    explorer.frame()
    box = explorer._canvas.figure.axes[0].get_position()
    np.testing.assert_allclose(box.bounds, cover.PICTURE, atol=1e-9)


# ------------------------------------------------------------------------------------------------- gradient_path


@pytest.mark.parametrize("baseline", gradient_path.BASELINES)
def test_the_shares_add_up(baseline):
    d = gradient_path.gradient_path(3, baseline, 40, 1.0)
    assert d.parts.sum() == pytest.approx(d.sums[-1], rel=1e-5)
    assert d.sums[-1] - d.rise == pytest.approx(d.gap) and abs(d.gap) < 0.05 * abs(d.rise)
    np.testing.assert_allclose(d.x, subjects.digits()[0][3, 0], atol=1e-6)
    half = gradient_path.gradient_path(3, baseline, 40, 0.5)
    assert half.parts.sum() == pytest.approx(d.sums[19], rel=1e-5)


def test_what_equals_the_baseline_gets_no_share():
    d = gradient_path.gradient_path(3, "paper", 10, 1.0)
    assert (d.parts[subjects.digits()[0][3, 0] == 0] == 0).all()


# ------------------------------------------------------------------------------------------------- sanity


def test_random_layers_are_random_and_the_others_are_not():
    for layers in range(5):
        net, trained = methods.half_random(layers), methods.half_random(0)
        same = [
            bool((net.params[f"{place}.weight"] == trained.params[f"{place}.weight"]).all()) for place in (10, 7, 3, 0)
        ]
        assert same == [False] * layers + [True] * (4 - layers)


def test_similarity_is_spearmans():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 5, (4, 6)).astype(float), rng.normal(size=(4, 6))
    assert methods.similarity(a, b) == pytest.approx(spearmanr(a.ravel(), b.ravel())[0])
    assert methods.similarity(a, 2 * a + 1) == pytest.approx(1) and methods.similarity(a, 0 * a) == 0


def test_guided_backpropagation_is_captums():
    from captum.attr import GuidedBackprop

    x, labels = (part[:3] for part in subjects.digits())
    # windows of the same black tie in max pooling, and the last bit of a product would say which passes the gradient
    x = (x + 1e-4 * np.random.default_rng(0).normal(size=x.shape)).astype(np.float32)
    net = CNN(**ROBUST_CNN).eval()
    net.load_state_dict({name: torch.tensor(w) for name, w in robust_networks().weights["standard"].items()})
    for module in net.modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False
    with pytest.warns(UserWarning, match="backward hooks"):
        found = GuidedBackprop(net).attribute(torch.tensor(x, requires_grad=True), target=torch.tensor(labels))
    mine = methods.guided_backprop(subjects.network(), x, labels)
    np.testing.assert_allclose(mine, found.detach().numpy(), atol=1e-5)


@pytest.mark.parametrize("method", ["input x gradient", "integrated gradients"])
def test_products_with_the_picture_fail_without_their_signs(method):
    signed, plain = (
        np.mean([sanity.sanity(method, 4, k, look).similar[-1] for k in range(6)]) for look in sanity.LOOKS
    )
    assert plain > 0.9 and abs(signed) < 0.4


def test_gradients_and_grad_cam_pass():
    for method in ("gradient", "SmoothGrad", "Grad-CAM"):
        assert np.mean([sanity.sanity(method, 4, k, sanity.LOOKS[1]).similar[-1] for k in range(6)]) < 0.5


# ------------------------------------------------------------------------------------------------- robustness


def test_every_setting_is_looked_up_where_it_was_stored():
    found = robust_networks()
    for name in ROBUST["names"]:
        run = found.names.index(name)
        for k, eps in enumerate(ROBUST["eps"]):
            d = robustness.robustness(name, eps)
            np.testing.assert_array_equal(d.curves, found.accuracy[run])
            assert d.here == k and d.every[d.which].tolist() == [found.clean[run], found.accuracy[run, 2, k]]


def test_what_the_runs_show():
    """The claims of the chapter."""
    found = robust_networks()
    first = {name: found.names.index(name) for name in found.names}
    accuracy = {name: found.accuracy[place] for name, place in first.items()}
    for name in ROBUST["names"]:
        assert (accuracy[name][2] <= accuracy[name][1] + 0.005).all(), "PGD is at least as strong as FGSM"
    assert accuracy["standard"][2, 4] < 0.05 < 0.7 < accuracy["PGD 0.2"][2, 4]
    assert accuracy["PGD 0.2"][2, 6] < 0.3 < 0.6 < accuracy["PGD 0.3"][2, 6]
    assert accuracy["FGSM 0.3 at once"][1, 6] > accuracy["FGSM 0.3 at once"][1, 4] + 0.05
    assert accuracy["batch norm"][2, 2] < accuracy["standard"][2, 2] - 0.3
    assert found.digits_clean > 0.99 and found.digits_accuracy[2, 2] < 0.3


def test_the_weights_are_the_networks_that_were_measured():
    x, labels = subjects.digits()
    for name in robust_networks().weights:
        assert np.mean(robust_network(name)(x).argmax(axis=1) == labels) > 0.9
    with pytest.raises(ValueError, match=r"There is no network named 'standart'\. Did you mean 'standard'"):
        robust_network("standart")


# ------------------------------------------------------------------------------------------------- photos, probes


def test_the_photographs_are_recognised():
    x = photographs()
    assert x.shape == (2, 3, 224, 224) and x.min() >= 0 and x.max() <= 1
    with torch.inference_mode():
        assert imagenet_network()(x).argmax(dim=1).tolist() == [698, 985]  # a palace, a daisy


def test_slant_is_measured():
    x = np.zeros((2, 1, 28, 28))
    for row in range(4, 24):
        x[0, 0, row, 14] = 1  # upright
        x[1, 0, row, 26 - row] = 1  # a diagonal to the left
    np.testing.assert_allclose(probes.slant(x), [0, -1], atol=1e-9)
    np.testing.assert_allclose(probes.ink(x), 20 / 784)
    with pytest.raises(ValueError, match="a blank one has no slant"):
        probes.slant(0 * x)
