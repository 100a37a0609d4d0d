"""Arrays of a network by name: an assignment reaches the layer and the optimizer, or is refused."""

import copy
import pickle

import numpy as np
import pytest

import nnlab.scratch as s


def rng():
    return np.random.default_rng(0)


def nested():
    return s.Sequential(s.Residual(s.Linear(2, 2, rng=rng()), s.ReLU()), s.Sequential(s.MLP([2, 1], rng=rng())))


NETS = [
    (lambda: s.MLP([2, 1], rng=rng()), "0.weight"),
    (nested, "0.0.weight"),
    (nested, "1.0.0.weight"),
    (lambda: s.Sequential(s.MultiheadAttention(2, 1, rng=rng())), "0.out_proj.weight"),
    (lambda: s.Sequential(s.LSTM(2, 3, rng=rng())), "0.weight_hh_l0"),
    (lambda: s.Linear(2, 1, rng=rng()), "weight"),
    (lambda: s.LayerNorm(2), "bias"),
    (lambda: s.BatchNorm1d(2), "weight"),
    (lambda: s.RNN(2, 3, rng=rng()), "weight_hh_l0"),
    (lambda: s.MultiheadAttention(2, 1, rng=rng()), "out_proj.bias"),
    (lambda: s.TransformerBlock(2, 1, rng=rng()), "self_attn.out_proj.bias"),
    (lambda: s.Sequential(s.TransformerBlock(2, 1, rng=rng())), "0.self_attn.in_proj_weight"),
    (lambda: copy.deepcopy(s.Linear(2, 1, rng=rng())), "weight"),
    (lambda: pickle.loads(pickle.dumps(s.Linear(2, 1, rng=rng()))), "weight"),
]


@pytest.mark.parametrize(("make", "name"), NETS)
@pytest.mark.parametrize("how", ["item", "update", "or", "in place"])
def test_an_assignment_to_a_parameter_reaches_layer_and_optimizer(make, name, how):
    net = make()
    opt = s.SGD(net.params, lr=1.0)
    value = np.full(net.params[name].shape, 7.0)
    if how == "item":
        net.params[name] = value
    elif how == "update":
        net.params.update({name: value})
    elif how == "or":
        params = net.params
        params |= {name: value}
    else:
        net.params[name] *= 0
        net.params[name] += 7
    assert (net.params[name] == 7).all() and opt.params[name] is net.params[name]
    value[...] = 0
    assert (net.state_dict()[name] == 7).all()  # a copy
    opt.step({n: np.ones_like(p) for n, p in net.params.items()})
    assert (net.params[name] == 6).all()


@pytest.mark.parametrize(("make", "name"), NETS)
@pytest.mark.parametrize("before", [True, False])
def test_an_assignment_to_a_gradient_is_what_the_optimizer_gets(make, name, before):
    net = make()
    if before:
        x = np.ones((3, 2, 2)) if "_" in name else np.ones((3, 2))
        net.backward(np.ones_like(net(x)))
    net.grads[name] = np.full(net.params[name].shape, 7.0)
    assert (net.grads[name] == 7).all()
    grads = net.grads
    grads[name] = grads[name] * 2
    assert (net.grads[name] == 14).all() and (grads[name] == 14).all()


def test_buffers_are_written_through():
    net = s.Sequential(s.BatchNorm1d(2))
    net.buffers["0.running_mean"] = np.full(2, 3.0)
    assert (net[0].buffers["running_mean"] == 3).all()
    running = net[0].buffers["running_mean"]
    net[0].buffers["running_mean"] = [4, 4]
    assert (net.buffers["0.running_mean"] == 4).all() and net[0].buffers["running_mean"] is running


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda net: net.params.update(weight=np.zeros((1, 2))), ValueError, "no entry named 'weight'"),
        (lambda net: net.params.__setitem__("0.weights", 0), ValueError, "Did you mean '0.weight'"),
        (lambda net: net.params.__setitem__("0.weight", np.zeros((2, 1))), ValueError, r"shape \(1, 2\), got \(2, 1\)"),
        (lambda net: net.params.__setitem__("0.weight", 0.0), ValueError, r"shape \(1, 2\), got \(\)"),
        (lambda net: net.params.__setitem__("0.bias", ["a"]), TypeError, "real numbers"),
        (lambda net: net.grads.__setitem__("0.weight", np.zeros(2)), ValueError, r"shape \(1, 2\), got \(2,\)"),
        (lambda net: net.grads.setdefault("1.weight", np.zeros(2)), ValueError, "no entry named"),
        (lambda net: net.params.pop("0.weight"), TypeError, "none can be taken out"),
        (lambda net: net.params.__delitem__("0.weight"), TypeError, "none can be taken out"),
        (lambda net: net.grads.clear(), TypeError, "none can be taken out"),
        (lambda net: net.params.popitem(), TypeError, "none can be taken out"),
    ],
)
def test_what_cannot_be_written_is_refused(change, error, words):
    net = s.MLP([2, 1], rng=rng())
    before = net.state_dict()
    with pytest.raises(error, match=words):
        change(net)
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_a_copy_is_a_plain_dict_of_its_own():
    net = s.MLP([2, 1], rng=rng())
    for twin in (copy.deepcopy(net.params), pickle.loads(pickle.dumps(net.params)), net.params.copy(), {**net.params}):
        assert type(twin) is dict and twin.keys() == net.params.keys()
    twin = copy.deepcopy(net)
    twin.params["0.weight"] = np.zeros((1, 2))
    assert net.params["0.weight"].any() and not twin.params["0.weight"].any()


@pytest.mark.parametrize("make", [lambda: s.Linear(2, 1, rng=rng()), lambda: s.RNN(2, 1, rng=rng())])
@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda name, a: a.update({name + "s": 0}), ValueError, "Did you mean '"),
        (lambda name, a: a.__setitem__(name, a[name].T), ValueError, r"should have shape \(1, 2\), got \(2, 1\)"),
        (lambda name, a: a.__setitem__(name, 0.0), ValueError, r"should have shape \(1, 2\), got \(\)"),
        (lambda name, a: a.__setitem__(name, np.ma.ones((1, 2))), TypeError, "masked array"),
        (lambda name, a: a.pop(name), TypeError, "none can be taken out"),
        (lambda name, a: a.clear(), TypeError, "none can be taken out"),
    ],
)
def test_a_single_layer_refuses_the_same(make, change, error, words):
    layer = make()
    before = layer.state_dict()
    with pytest.raises(error, match=words):
        change(next(iter(before)), layer.params)
    assert layer.params.keys() == before.keys()
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_an_assigned_value_takes_the_type_of_the_layer():
    layer = s.Linear(2, 1, rng=rng(), dtype=np.float32)
    layer.params["weight"] = [[1, 2]]
    assert layer.params["weight"].dtype == np.float32 and (layer.params["weight"] == [[1, 2]]).all()


class Scale(s.Layer):
    """A layer of one's own, y = factor x, and one of its kind that adds a parameter later in `__init__`."""

    def __init__(self, factor=1.0):
        super().__init__()
        self.params["factor"] = np.array([factor])

    def forward(self, x):
        self._keep(x)
        return self.params["factor"] * x


class Shift(Scale):
    def __init__(self, **options):
        super().__init__(**options)
        self.params["shift"] = np.zeros(1)


@pytest.mark.parametrize("kind", [Scale, Shift])
def test_a_layer_of_ones_own_adds_names_in_init_and_not_later(kind):
    layer = kind(factor=3.0)
    layer.params[list(layer.params)[-1]] = [7.0]
    assert layer.params[list(layer.params)[-1]] == 7
    with pytest.raises(ValueError, match="no entry named 'gain'"):
        layer.params["gain"] = np.ones(1)
