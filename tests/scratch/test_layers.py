"""What all layers promise: types kept, nothing written to, sentences for bad input, backward of the right forward."""

import warnings

import numpy as np
import pytest

from nnlab import scratch as s
from nnlab.scratch import ACTIVATIONS
from nnlab.scratch.layers.conv import conv2d


def make_rng():
    return np.random.default_rng(0)


LAYERS = {
    "Linear": (lambda **o: s.Linear(3, 2, **o), (4, 3)),
    "Conv2d": (lambda **o: s.Conv2d(2, 3, 3, padding=1, **o), (2, 2, 5, 4)),
    "MaxPool2d": (lambda **o: s.MaxPool2d(2), (2, 2, 5, 4)),
    "AvgPool2d": (lambda **o: s.AvgPool2d(2), (2, 2, 5, 4)),
    "Flatten": (lambda **o: s.Flatten(), (2, 2, 5, 4)),
    "Dropout": (lambda **o: s.Dropout(0.5, rng=o["rng"]), (4, 3)),
    "LayerNorm": (lambda **o: s.LayerNorm(3, dtype=o["dtype"]), (4, 3)),
    "BatchNorm1d": (lambda **o: s.BatchNorm1d(3, dtype=o["dtype"]), (4, 3)),
    "BatchNorm2d": (lambda **o: s.BatchNorm2d(2, dtype=o["dtype"]), (2, 2, 5, 4)),
    "RNN": (lambda **o: s.RNN(3, 2, bidirectional=True, **o), (2, 4, 3)),
    "LSTM": (lambda **o: s.LSTM(3, 2, num_layers=2, dropout=0.5, **o), (2, 4, 3)),
    "GRU": (lambda **o: s.GRU(3, 2, **o), (2, 4, 3)),
    "MultiheadAttention": (lambda **o: s.MultiheadAttention(4, 2, dropout=0.3, **o), (2, 3, 4)),
    "TransformerBlock": (lambda **o: s.TransformerBlock(4, 2, dropout=0.3, causal=True, **o), (2, 3, 4)),
    "Residual": (lambda **o: s.Residual(s.Linear(3, 3, **o), s.ReLU()), (4, 3)),
    "Sequential": (lambda **o: s.Sequential(s.Linear(3, 4, **o), s.Tanh(), s.Linear(4, 2, **o)), (4, 3)),
    **{name: (lambda name=name, **o: ACTIVATIONS[name].layer(), (4, 3)) for name in ACTIVATIONS},
}


def make(name, dtype=np.float64):
    layer = LAYERS[name][0](rng=make_rng(), dtype=dtype)
    return layer, make_rng().normal(size=LAYERS[name][1])


@pytest.mark.parametrize("x_type", [np.float32, np.float64])
@pytest.mark.parametrize("p_type", [np.float32, np.float64])
@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("name", LAYERS)
def test_the_type_of_the_input_decides_all_types(name, x_type, p_type, train):
    layer, x = make(name, p_type)
    layer.train(train)
    x = x.astype(x_type)
    y = layer(x)
    for dy in (np.ones(y.shape, np.float32), np.ones(y.shape, np.float64)):
        layer(x)
        results = [y, layer.backward(dy), *layer.grads.values()]
        assert {r.dtype for r in results} == {np.dtype(x_type)}
    assert {p.dtype for p in layer.params.values()} <= {np.dtype(p_type)}


@pytest.mark.parametrize("name", LAYERS)
def test_nothing_is_written_to_and_nothing_handed_out_changes_later(name):
    layer, x = make(name)
    frozen = x.copy()
    frozen.setflags(write=False)  # writing to it would raise
    y = layer(frozen)
    dy = make_rng().normal(size=y.shape)
    dy.setflags(write=False)
    dx = layer.backward(dy)
    grads = dict(layer.grads)
    copies = [a.copy() for a in (y, dx, *grads.values())]
    other = layer(1 - frozen)
    layer.backward(np.ones(other.shape))
    for array, copy in zip((y, dx, *grads.values()), copies, strict=True):
        np.testing.assert_array_equal(array, copy)
    for array in (y, dx):
        assert array.flags.writeable and not np.shares_memory(array, frozen) and not np.shares_memory(array, dy)


@pytest.mark.parametrize("name", LAYERS)
def test_changing_the_output_does_not_change_the_gradient(name):
    layer, x = make(name)
    layer.eval()
    y = layer(x)
    dy = make_rng().normal(size=y.shape)
    expected = layer.backward(dy).copy()
    y = layer(x)
    y *= 0
    np.testing.assert_array_equal(layer.backward(dy), expected)


@pytest.mark.parametrize("name", LAYERS)
def test_backward_belongs_to_the_latest_forward(name):
    layer, x = make(name)
    layer.eval()  # dropout would draw a different mask
    first, second = x, x[::-1] * 0.5 + 0.1
    dy = make_rng().normal(size=layer(second).shape)
    expected = layer.backward(dy)
    np.testing.assert_array_equal(layer.backward(dy), expected)  # twice for one forward: both right
    layer(first)
    layer(second)
    np.testing.assert_array_equal(layer.backward(dy), expected)
    with pytest.raises(ValueError, match="latest forward"):
        layer.backward(dy)  # it could only mean the first forward


@pytest.mark.parametrize("name", LAYERS)
def test_backward_before_forward_and_across_modes_is_an_error(name):
    layer, x = make(name)
    with pytest.raises(ValueError, match="before forward"):
        layer.backward(np.ones(2))
    y = layer(x)
    layer.eval()
    with pytest.raises(ValueError, match="ran in training, and the layer is now in evaluation"):
        layer.backward(np.ones(y.shape))


@pytest.mark.parametrize("name", LAYERS)
def test_a_validation_between_forward_and_backward_is_an_error(name):
    layer, x = make(name)
    y = layer.train()(x)
    layer.eval()(x + 1)
    layer.train()
    with pytest.raises(ValueError, match="ran in evaluation"):
        layer.backward(np.ones(y.shape))


@pytest.mark.parametrize("name", LAYERS)
def test_a_gradient_of_the_wrong_shape_gets_a_sentence(name):
    layer, x = make(name)
    y = layer(x)
    for wrong in (np.ones((1, *y.shape)), np.ones(()), np.ones((*y.shape[:-1], y.shape[-1] + 1))):
        layer(x)
        with pytest.raises(ValueError, match=r"dy, the gradient of the last output, should have shape .*, got"):
            layer.backward(wrong)


@pytest.mark.parametrize("name", [n for n in LAYERS if not n.startswith("BatchNorm")])
def test_an_empty_batch_gives_an_empty_output_and_zero_gradients(name):
    layer, x = make(name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = layer(x[:0])
        dx = layer.backward(np.ones(y.shape))
    assert len(y) == 0 and dx.shape == (0, *x.shape[1:])
    assert all((g == 0).all() and g.shape == layer.params[n].shape for n, g in layer.grads.items())


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d"])
def test_an_empty_batch_of_batch_norm_works_in_evaluation_only(name):
    layer, x = make(name)
    with pytest.raises(ValueError, match="at least 2 values a channel"):
        layer(x[:0])
    with pytest.raises(ValueError, match=r"Use a larger batch, or eval\(\)"):
        layer(x[:1, :, :1, :1] if x.ndim == 4 else x[:1])
    y = layer.eval()(x[:0])
    assert layer.backward(np.ones(y.shape)).shape == x[:0].shape


@pytest.mark.parametrize("name", LAYERS)
def test_parameters_are_saved_and_loaded_by_name(name):
    layer, x = make(name)
    layer(x)  # moves running means
    state = layer.state_dict()
    other = LAYERS[name][0](rng=np.random.default_rng(1), dtype=np.float64)
    other.load_state_dict(state)
    np.testing.assert_array_equal(other.eval()(x), layer.eval()(x))
    if state:
        with pytest.raises(ValueError, match="Expected parameters"):
            other.load_state_dict({**state, "extra": 1})
        some = next(iter(state))
        with pytest.raises(ValueError, match="should have shape"):
            other.load_state_dict({**state, some: np.zeros((9, 9, 9))})
        np.testing.assert_array_equal(other.state_dict()[some], state[some])


@pytest.mark.parametrize("name", LAYERS)
def test_without_the_gradient_of_the_data_the_others_are_the_same(name):
    layer, x = make(name)
    layer.eval()
    y = layer(x)
    dy = make_rng().normal(size=y.shape)
    layer.backward(dy)
    expected = dict(layer.grads)
    layer(x)
    layer.backward_params(dy)
    assert layer.grads.keys() == expected.keys()
    for key, g in layer.grads.items():
        np.testing.assert_array_equal(g, expected[key])


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_shows_itself_in_words(name):
    assert repr(make(name)[0]).startswith(type(make(name)[0]).__name__ + "(")


def test_one_layer_has_one_place():
    shared = s.ReLU()
    with pytest.raises(ValueError, match="two places"):
        s.Sequential(shared, s.Linear(2, 2, rng=make_rng()), shared)
    with pytest.raises(ValueError, match="two places"):
        s.Sequential(shared, s.Residual(s.Sequential(shared)))
    net = s.Sequential(s.Linear(2, 2, rng=make_rng()))
    net.layers.append(net.layers[0])  # behind the back of the check
    y = net(np.ones((3, 2)))
    with pytest.raises(ValueError, match="latest forward"):
        net.backward(y)


RNG = make_rng()
X4 = np.ones((2, 3, 5, 5))
BAD = [
    (lambda: s.Linear(0, 2, rng=RNG), ValueError, "in_features should be at least 1, got 0"),
    (lambda: s.Linear(2.0, 2, rng=RNG), TypeError, "in_features should be a whole number"),
    (lambda: s.Linear(True, 2, rng=RNG), TypeError, "in_features should be a whole number"),
    (lambda: s.Linear("3", 2, rng=RNG), TypeError, "in_features should be a whole number"),
    (lambda: s.Linear(3, 2, rng=0), TypeError, "default_rng"),
    (lambda: s.Linear(3, 2, rng=RNG)(np.ones((4, 2))), ValueError, r"\(\.\.\., 3\).*got \(4, 2\)"),
    (lambda: s.Linear(3, 2, rng=RNG)(5.0), ValueError, "got"),
    (lambda: s.Linear(3, 2, rng=RNG)([["a"]]), TypeError, "real numbers"),
    (lambda: s.Linear(3, 2, rng=RNG)(None), TypeError, "real numbers"),
    (lambda: s.MLP([3], rng=RNG), ValueError, "at least an input and an output"),
    (lambda: s.MLP([3, -1], rng=RNG), ValueError, "at least 1"),
    (lambda: s.MLP([3, 2], "rellu", rng=RNG), ValueError, "Did you mean 'relu'"),
    (lambda: s.MLP([3, 2], rng=None), TypeError, "generator"),
    (lambda: s.Conv2d(3, 2, 0, rng=RNG), ValueError, "kernel_size should be at least 1"),
    (lambda: s.Conv2d(3, 2, (2, 2, 2), rng=RNG), ValueError, "kernel_size should be one whole number or a pair"),
    (lambda: s.Conv2d(3, 2, 2.5, rng=RNG), TypeError, "kernel_size"),
    (lambda: s.Conv2d(3, 2, 2, stride=0, rng=RNG), ValueError, "stride"),
    (lambda: s.Conv2d(3, 2, 2, padding=-1, rng=RNG), ValueError, "padding"),
    (lambda: s.Conv2d(3, 2, 2, dilation=0, rng=RNG), ValueError, "dilation should be at least 1"),
    (lambda: s.Conv2d(3, 2, 2, groups=0, rng=RNG), ValueError, "groups should be at least 1"),
    (lambda: s.Conv2d(3, 2, 2, groups=2, rng=RNG), ValueError, "in_channels should be a multiple of groups=2, got 3"),
    (lambda: s.Conv2d(4, 3, 2, groups=2, rng=RNG), ValueError, "out_channels should be a multiple of groups=2, got 3"),
    (
        lambda: s.Conv2d(3, 2, (2, 4), dilation=(1, 3), rng=RNG)(X4),
        ValueError,
        "2 x 4, its entries 1 x 3 apart, .* 2 x 10",
    ),
    (lambda: s.Conv2d(2, 2, 2, rng=RNG)(X4), ValueError, "in_channels=2; x of shape .* has 3"),
    (lambda: s.Conv2d(3, 2, 2, rng=RNG)(X4[0]), ValueError, r"4 axes \(N, C, H, W\), got shape \(3, 5, 5\)"),
    (lambda: s.Conv2d(3, 2, 7, rng=RNG)(X4), ValueError, "at least 7 x 7, padding counted"),
    (lambda: s.MaxPool2d(7)(X4), ValueError, "at least 7 x 7, padding counted"),
    (lambda: s.MaxPool2d(2, padding=2), ValueError, "at most half the kernel"),
    (lambda: s.AvgPool2d(2)(X4[0]), ValueError, "4 axes"),
    (lambda: s.AvgPool2d(-2), ValueError, "kernel_size"),
    (lambda: s.BatchNorm1d(4)(np.ones((3, 5))), ValueError, "C=4; got"),
    (lambda: s.BatchNorm1d(4)(np.ones(4)), ValueError, "C=4; got"),
    (lambda: s.BatchNorm1d(5)(np.ones((1, 5))), ValueError, "at least 2 values"),
    (lambda: s.BatchNorm2d(3)(X4[0]), ValueError, "C=3; got"),
    (lambda: s.BatchNorm2d(3, momentum=1.5), ValueError, "momentum"),
    (lambda: s.BatchNorm1d(3, eps=-1), ValueError, "eps"),
    (lambda: s.LayerNorm(4)(np.ones((3, 5))), ValueError, "normalized_shape"),
    (lambda: s.LayerNorm((4, 0)), ValueError, "normalized_shape"),
    (lambda: s.Dropout(1.5, rng=RNG), ValueError, "from 0 to 1, got 1.5"),
    (lambda: s.Dropout(float("nan"), rng=RNG), ValueError, "from 0 to 1"),
    (lambda: s.Dropout(-0.1, rng=RNG), ValueError, "from 0 to 1"),
    (lambda: s.Dropout("half", rng=RNG), TypeError, "number"),
    (lambda: s.Flatten(3)(np.ones((2, 3))), ValueError, "x has shape"),
    (lambda: s.Flatten(1.5), TypeError, "whole number"),
    (lambda: s.Embedding(5, 3, rng=RNG)([0, 5]), ValueError, "from 0 to 4, got 0 to 5"),
    (lambda: s.Embedding(5, 3, rng=RNG)([-1]), ValueError, "from 0 to 4"),
    (lambda: s.Embedding(5, 3, rng=RNG)([1.0]), TypeError, "whole numbers"),
    (lambda: s.Embedding(5, 3, padding_idx=5, rng=RNG), ValueError, "padding_idx"),
    (lambda: s.LSTM(3, 2, rng=RNG)(np.ones((4, 3))), ValueError, "3 axes"),
    (lambda: s.LSTM(3, 2, rng=RNG)(np.ones((4, 2, 5))), ValueError, "input_size=3"),
    (lambda: s.LSTM(3, 2, rng=RNG)(np.ones((4, 0, 3))), ValueError, "T at least 1"),
    (lambda: s.LSTM(3, 2, rng=RNG)(np.ones((4, 2, 3)), np.ones((1, 4, 2))), TypeError, "pair"),
    (lambda: s.GRU(3, 2, rng=RNG)(np.ones((4, 2, 3)), np.ones((1, 3, 2))), ValueError, "hx"),
    (lambda: s.GRU(3, 2, batch_first=False, rng=RNG), ValueError, "batch first"),
    (lambda: s.RNN(3, 2, nonlinearity="sigmoid", rng=RNG), ValueError, "nonlinearity"),
    (lambda: s.RNN(3, 2, num_layers=0, rng=RNG), ValueError, "num_layers"),
    (lambda: s.MultiheadAttention(5, 2, rng=RNG), ValueError, "multiple of num_heads"),
    (lambda: s.MultiheadAttention(4, 2, rng=RNG)(np.ones((2, 3, 5))), ValueError, r"\(N, T, 4\)"),
    (lambda: s.MultiheadAttention(4, 2, rng=RNG)(np.ones((2, 3, 4)), np.ones((2, 2), bool)), ValueError, "attn_mask"),
    (lambda: s.MultiheadAttention(4, 2, rng=RNG)(np.ones((2, 3, 4)), np.ones((3, 3), bool)), ValueError, "hides every"),
    (lambda: s.MultiheadAttention(4, 2, rng=RNG)(np.ones((2, 3, 4)), np.ones((3, 3), int)), TypeError, "booleans"),
    (lambda: s.Residual(s.Linear(3, 2, rng=RNG))(np.ones((4, 3))), ValueError, r"\(4, 3\), got \(4, 2\)"),
    (lambda: s.Sequential(s.ReLU), TypeError, "takes layers; number 0"),
    (lambda: s.softmax(3.0), ValueError, "axis of classes"),
    (lambda: s.Softmax(dim=2)(np.ones((3, 2))), ValueError, "axis"),
    (lambda: s.GELU("sigmoid"), ValueError, "form of GELU"),
    (lambda: ACTIVATIONS["relu"].layer(slope=2), TypeError, "takes no parameters"),
    (lambda: s.kaiming_normal((3,), rng=RNG), ValueError, "two axes"),
    (lambda: s.calculate_gain("rel"), ValueError, "Known"),
]


@pytest.mark.parametrize(("make", "error", "words"), BAD)
def test_bad_input_gets_a_sentence(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_dropout_between_recurrent_layers_is_off_in_evaluation():
    layer, x = make("LSTM")
    assert not np.array_equal(layer(x), layer(x))
    layer.eval()
    np.testing.assert_array_equal(layer(x), layer(x))


def test_the_error_function_is_exact():
    import math

    from nnlab.scratch.gelu import erf

    x = np.concatenate([make_rng().uniform(-7, 7, 20_000), [0.0, 1e-300, 5.999, 6.0, np.inf, -np.inf]])
    assert np.abs(erf(x) - [math.erf(v) for v in x]).max() < 1e-15
    assert np.isnan(erf(np.array([np.nan]))).all() and erf(np.ones((0, 3))).shape == (0, 3)


def test_activations_at_extremes_raise_no_warning():
    x = np.array([-10_000.0, -1e-300, 0, 1e-300, 10_000.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for row in ACTIVATIONS.values():
            for dtype in (np.float32, np.float64):
                assert np.isfinite(row.fn(x.astype(dtype))).all() and np.isfinite(row.grad(x.astype(dtype))).all()


@pytest.mark.parametrize(
    "options",
    [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((3, 2), (0, 1)), ((1, 1), (2, 1), (2, 3), 2), ((1, 2), (1, 2), (3, 1), 4)],
)
def test_the_convolution_layer_follows_the_plain_formula(options):
    rng = np.random.default_rng(0)
    layer = s.Conv2d(4, 8, (3, 2), *options, rng=rng)
    x = rng.normal(size=(5, 4, 7, 6))
    np.testing.assert_allclose(layer(x), conv2d(x, *layer.params.values(), *options), atol=1e-12)


def test_a_convolution_shows_the_options_it_has():
    assert repr(s.Conv2d(2, 4, 3, rng=RNG)).endswith("padding=(0, 0), bias=True)")
    assert "dilation=(2, 2), groups=2, bias=False" in repr(s.Conv2d(2, 4, 3, 1, 0, 2, 2, False, rng=RNG))
