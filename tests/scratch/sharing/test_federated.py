"""Federated averaging, clipping and noise: the formulas, their borders, and what is refused."""

import numpy as np
import pytest
import torch

from nnlab.scratch.clip import grad_norm
from nnlab.scratch.sharing import federated


def states(n, seed=0):
    rng = np.random.default_rng(seed)
    return [{"weight": rng.normal(size=(3, 2)), "bias": rng.normal(size=3)} for _ in range(n)]


def test_the_average_is_weighted_and_new():
    some, sizes = states(3), [5, 1, 14]
    before = [{name: value.copy() for name, value in each.items()} for each in some]
    found = federated.fedavg(some, sizes)
    for name in found:
        stacked = np.stack([each[name] for each in some])
        np.testing.assert_allclose(found[name], np.average(stacked, axis=0, weights=sizes))
        assert all(np.array_equal(a[name], b[name]) for a, b in zip(some, before, strict=True))
    found["bias"][...] = 0
    assert not any((each["bias"] == 0).all() for each in some)


def test_it_is_pytorchs_running_average_of_models():
    some = states(4)
    nets = [torch.nn.Linear(2, 3).double() for _ in some]
    for net, state in zip(nets, some, strict=True):
        net.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    mean = torch.optim.swa_utils.AveragedModel(nets[0])
    for net in nets:
        mean.update_parameters(net)
    for name, value in federated.fedavg(some, np.ones(4)).items():
        np.testing.assert_allclose(value, mean.module.state_dict()[name].numpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("given", "sizes", "sentence"),
    [
        ([], [], "at least one client"),
        (states(2), [1], "sizes, one number a client, should have shape"),
        (states(2), [1, -1], "sizes should be finite, at least 0 and not all 0"),
        (states(2), [0, 0], "not all 0"),
        ([states(1)[0], {"weight": np.ones((3, 2))}], [1, 1], "should have the names"),
        ([states(1)[0], {"weight": np.ones((2, 2)), "bias": np.ones(3)}], [1, 1], "weight should have shape"),
    ],
)
def test_what_fedavg_refuses(given, sizes, sentence):
    with pytest.raises(ValueError, match=sentence):
        federated.fedavg(given, sizes)
    with pytest.raises(TypeError, match="dict of arrays by name"):
        federated.fedavg([np.ones(3)], [1])


def test_the_pull_is_the_gradient_of_its_term():
    here, start = states(2)
    grads = {name: np.zeros_like(value) for name, value in here.items()}
    federated.add_proximal_(grads, here, start, 0.3)
    t = {name: torch.tensor(value, requires_grad=True) for name, value in here.items()}
    (0.15 * sum(((t[name] - torch.tensor(start[name])) ** 2).sum() for name in t)).backward()
    for name in t:
        np.testing.assert_allclose(grads[name], t[name].grad.numpy())
    with pytest.raises(ValueError, match="mu should be"):
        federated.add_proximal_(grads, here, start, -1.0)


def test_clipping_shortens_only_what_is_long():
    (update,) = states(1)
    length = grad_norm(update)
    short = federated.clip_update(update, 0.5)
    assert grad_norm(short) == pytest.approx(0.5)
    np.testing.assert_allclose(short["weight"] / update["weight"], 0.5 / length)
    same = federated.clip_update(update, 2 * length)
    assert all(np.array_equal(same[name], update[name]) for name in update)
    none = federated.clip_update({"w": np.zeros(3)}, 1.0)
    assert not none["w"].any()
    with pytest.raises(ValueError, match="leave that client out"):
        federated.clip_update({"w": np.array([np.inf])}, 1.0)
    with pytest.raises(ValueError, match="limit should be a finite number above 0"):
        federated.clip_update(update, 0.0)


def test_the_private_mean_is_the_mean_and_its_noise_falls_with_the_crowd():
    some = states(5)
    quiet = federated.private_mean(some, 100.0, 0.0, rng=np.random.default_rng(0))
    for name, value in federated.fedavg(some, np.ones(5)).items():
        np.testing.assert_allclose(quiet[name], value)
    still = [{"w": np.zeros(40_000)}] * 8
    loud = federated.private_mean(still, 3.0, 2.0, rng=np.random.default_rng(0))["w"]
    assert loud.std() == pytest.approx(2.0 * 3.0 / 8, rel=0.03)
    with pytest.raises(ValueError, match="at least one update"):
        federated.private_mean([], 1.0, 1.0, rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match="rng should be a generator"):
        federated.private_mean(some, 1.0, 1.0, rng=0)


@pytest.mark.parametrize("alpha", [1e-4, 0.03, 1.0, 100.0])
def test_every_row_is_dealt_once(alpha):
    labels = np.random.default_rng(1).integers(0, 10, 500)
    parts = federated.dirichlet_split(labels, 6, alpha, rng=np.random.default_rng(0))
    assert len(parts) == 6 and sorted(np.concatenate(parts)) == list(range(500))
    classes = np.mean([len(np.unique(labels[rows])) for rows in parts if len(rows)])
    assert classes == 10 if alpha == 100 else classes < 5 if alpha < 0.1 else True


def test_what_a_deal_refuses():
    labels, rng = np.zeros(5, int), np.random.default_rng(0)
    with pytest.raises(ValueError, match="alpha should be a finite number above 0"):
        federated.dirichlet_split(labels, 2, 0.0, rng=rng)
    with pytest.raises(ValueError, match="clients should be at least 1"):
        federated.dirichlet_split(labels, 0, 1.0, rng=rng)
    with pytest.raises(TypeError, match="whole numbers"):
        federated.dirichlet_split(np.zeros(5), 2, 1.0, rng=rng)
    assert [len(rows) for rows in federated.dirichlet_split(np.zeros(0, int), 2, 1.0, rng=rng)] == [0, 0]


def test_a_client_without_data_cannot_spoil_the_average():
    some = states(2)
    broken = {name: np.full_like(value, np.nan) for name, value in some[0].items()}
    for name, value in federated.fedavg([*some, broken], [1, 3, 0]).items():
        assert value == pytest.approx((some[0][name] + 3 * some[1][name]) / 4)
    with pytest.raises(ValueError, match="of client 2 is not finite"):
        federated.fedavg([*some, broken], [1, 3, 1])


def test_sizes_in_float16_are_added_in_float64():
    assert federated.fedavg([{"w": np.ones(2)}] * 3, np.full(3, 40_000, np.float16))["w"].tolist() == [1, 1]


def test_gradients_that_cannot_change_in_place_are_refused():
    one = {"w": np.ones(2)}
    fixed = np.ones(2)
    fixed.flags.writeable = False
    for g in (fixed, np.ones(2, int), [1.0, 1.0]):
        with pytest.raises(TypeError, match="may be changed"):
            federated.add_proximal_({"w": g}, one, one, 0.1)


def test_labels_of_two_axes_are_no_rows():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="labels"):
        federated.dirichlet_split(np.zeros((5, 6), int), 3, 1.0, rng=rng)
    parts = federated.dirichlet_split(np.zeros(40, int), 4, 1.7e308, rng=rng)
    assert [len(part) for part in parts] == [10] * 4  # the largest alpha: all alike
