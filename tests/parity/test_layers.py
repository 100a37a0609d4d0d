"""Layers against their PyTorch twins over shapes drawn at random: outputs, states, running means and every gradient.

Parameters and the gradient from above are random and nowhere zero, everything in float64, to 1e-8."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nnlab import scratch
from nnlab.pytorch.models.parts import Attention
from nnlab.twins import copy_weights, parity

COMMON = settings(max_examples=25, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**31)
SIZES = st.integers(1, 7)
FLAGS = st.booleans()


def randomise(layer, rng):
    """Gains and biases start at 1 and 0, which hides mistakes."""
    for p in layer.params.values():
        p[...] = rng.normal(size=p.shape)
    for name, b in layer.buffers.items():
        b[...] = 5 if name.endswith("num_batches_tracked") else rng.uniform(0.5, 2, b.shape)
    return layer


def prove(ours, theirs, shape, seed, train=True):
    rng = np.random.default_rng(seed)
    proof = parity(randomise(ours, rng).train(train), theirs, rng.normal(size=shape), rng=rng)
    assert proof.agree, proof


def make_rng():
    return np.random.default_rng(0)


@COMMON
@given(seed=SEEDS, lead=st.lists(st.integers(0, 4), max_size=3), n_in=SIZES, n_out=SIZES, bias=FLAGS)
def test_linear(seed, lead, n_in, n_out, bias):
    prove(scratch.Linear(n_in, n_out, bias, rng=make_rng()), torch.nn.Linear(n_in, n_out, bias), (*lead, n_in), seed)


@COMMON
@given(
    seed=SEEDS,
    n=st.integers(0, 3),
    c=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    dilation=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    groups=st.integers(1, 3),
    bias=FLAGS,
)
def test_conv2d(seed, n, c, size, kernel, stride, padding, dilation, groups, bias):
    assume(all(s + 2 * p > d * (k - 1) for s, p, d, k in zip(size, padding, dilation, kernel, strict=True)))
    options = (c[0] * groups, c[1] * groups, kernel, stride, padding, dilation, groups, bias)  # in PyTorch's order
    prove(scratch.Conv2d(*options, rng=make_rng()), torch.nn.Conv2d(*options), (n, c[0] * groups, *size), seed)


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"dilation": 2, "groups": 3}], ids=repr)
def test_conv2d_of_several_blocks(monkeypatch, options):
    monkeypatch.setattr(scratch.layers.windows, "BLOCK", 8_000)
    options = {"padding": 1, **options}
    ours, theirs = scratch.Conv2d(3, 6, 3, **options, rng=make_rng()), torch.nn.Conv2d(3, 6, 3, **options)
    prove(ours, theirs, (7, 3, 8, 5), 0)
    parts = [part for part, _ in ours._windows.parts()]
    assert len(parts) > 2 and parts[-1] == slice(parts[-2].stop, 7)
    prove(ours, theirs, (2, 3, 6, 9), 1)  # other pictures in the same memory


def test_what_a_diverged_run_left_in_the_memory_does_not_come_back():
    ours, theirs = scratch.Conv2d(2, 3, 3, rng=make_rng()), torch.nn.Conv2d(2, 3, 3)
    ours.params["weight"][...] = np.nan
    for shape in ((4, 2, 6, 5), (5, 2, 7, 8), (4, 2, 6, 5)):
        with np.errstate(invalid="ignore"):
            ours.backward(np.full_like(ours(np.full(shape, np.nan)), np.inf))
    prove(ours, theirs, (4, 2, 6, 5), 0)


@COMMON
@given(
    seed=SEEDS,
    n=st.integers(1, 3),
    c=st.integers(1, 3),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    kind=st.sampled_from(["MaxPool2d", "AvgPool2d"]),
    ties=FLAGS,
)
def test_pooling(seed, n, c, size, kernel, stride, padding, kind, ties):
    assume(all(s + 2 * p >= k >= 2 * p for s, p, k in zip(size, padding, kernel, strict=True)))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, c, *size))
    x = np.round(x) if ties else x  # of several largest entries, the first gets the gradient
    ours, theirs = (getattr(module, kind)(kernel, stride, padding) for module in (scratch, torch.nn))
    proof = parity(ours, theirs, x, rng=rng)
    assert proof.agree, proof


@COMMON
@given(
    seed=SEEDS,
    n=st.integers(0, 4),
    c=SIZES,
    rest=st.sampled_from([(), (1,), (5,)]),
    train=FLAGS,
    affine=FLAGS,
    track=FLAGS,
    momentum=st.sampled_from([None, 0.1, 1.0]),
)
def test_batch_norm_1d(seed, n, c, rest, train, affine, track, momentum):
    assume(n * int(np.prod(rest)) > 1 or (not train and track and n > 0))
    options = {"momentum": momentum, "affine": affine, "track_running_stats": track, "eps": 1e-3}
    prove(scratch.BatchNorm1d(c, **options), torch.nn.BatchNorm1d(c, **options), (n, c, *rest), seed, train)


@COMMON
@given(seed=SEEDS, n=st.integers(1, 4), c=SIZES, h=SIZES, w=SIZES, train=FLAGS)
def test_batch_norm_2d(seed, n, c, h, w, train):
    assume(n * h * w > 1)
    prove(scratch.BatchNorm2d(c), torch.nn.BatchNorm2d(c), (n, c, h, w), seed, train)


@COMMON
@given(
    seed=SEEDS,
    lead=st.lists(st.integers(0, 3), max_size=2),
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=2).map(tuple),
    affine=FLAGS,
    bias=FLAGS,
)
def test_layer_norm(seed, lead, shape, affine, bias):
    options = {"elementwise_affine": affine, "bias": bias}
    prove(scratch.LayerNorm(shape, **options), torch.nn.LayerNorm(shape, **options), (*lead, *shape), seed)


@COMMON
@given(
    seed=SEEDS,
    kind=st.sampled_from(["RNN", "RNN relu", "LSTM", "GRU"]),
    n=st.integers(1, 4),
    t=st.integers(1, 6),
    sizes=st.tuples(SIZES, SIZES),
    layers=st.integers(1, 3),
    bias=FLAGS,
    both=FLAGS,
    train=FLAGS,
    starts=FLAGS,
)
def test_recurrent(seed, kind, n, t, sizes, layers, bias, both, train, starts):
    """With and without starting states, and with a gradient that enters at the final states as well."""
    kind, _, relu = kind.partition(" ")
    options = {"num_layers": layers, "bias": bias, "batch_first": True, "bidirectional": both}
    options |= {"nonlinearity": "relu"} if relu else {}
    rng = np.random.default_rng(seed)
    ours = getattr(scratch, kind)(*sizes, **options, rng=rng).train(train)
    theirs = getattr(torch.nn, kind)(*sizes, **options).double().train(train)
    for p in ours.params.values():
        p[...] = rng.normal(size=p.shape)
    copy_weights(ours, theirs)
    shape = (layers * (2 if both else 1), n, sizes[1])
    names = ("h", "c") if kind == "LSTM" else ("h",)
    x, first = rng.normal(size=(n, t, sizes[0])), [rng.normal(size=shape) for _ in names]
    tensor, their_first = (
        torch.tensor(x, requires_grad=True),
        [torch.tensor(s, requires_grad=True) for s in first],
    )
    if starts:
        y = ours.forward(x, tuple(first) if len(names) > 1 else first[0])
        their_y, their_last = theirs(tensor, tuple(their_first) if len(names) > 1 else their_first[0])
    else:
        y, (their_y, their_last) = ours.forward(x), theirs(tensor)
    their_last = their_last if isinstance(their_last, tuple) else (their_last,)
    dy, d_last = rng.normal(size=y.shape), [rng.normal(size=shape) for _ in names]
    dx = ours.backward(dy, *d_last)
    torch.autograd.backward([their_y, *their_last], [torch.tensor(d) for d in (dy, *d_last)])
    pairs = [(y, their_y), (dx, tensor.grad)]
    pairs += [(getattr(ours, f"{s}_n"), last) for s, last in zip(names, their_last, strict=True)]
    if starts:
        pairs += [(getattr(ours, f"d{s}_0"), start.grad) for s, start in zip(names, their_first, strict=True)]
    pairs += [(ours.grads[name], p.grad) for name, p in theirs.named_parameters()]
    for a, b in pairs:
        np.testing.assert_allclose(a, b.detach().numpy(), atol=1e-8)


@COMMON
@given(
    seed=SEEDS,
    n=st.integers(1, 3),
    t=st.integers(1, 5),
    heads=st.integers(1, 3),
    d=st.integers(1, 4),
    bias=FLAGS,
    mask=st.sampled_from([None, "causal", "random", "float", "per batch"]),
)
def test_multihead_attention(seed, n, t, heads, d, bias, mask):
    rng = np.random.default_rng(seed)
    ours = randomise(scratch.MultiheadAttention(heads * d, heads, bias=bias, rng=rng), rng)
    theirs = Attention(heads * d, heads, bias=bias, batch_first=True).double()
    copy_weights(ours, theirs)
    own_place = np.eye(t, dtype=bool)
    ours_mask, their_mask = {
        None: lambda: (None, None),
        "causal": lambda: (m := np.triu(np.ones((t, t), bool), 1), m),
        "random": lambda: (m := (rng.uniform(size=(t, t)) < 0.5) & ~own_place, m),
        "float": lambda: (m := rng.normal(size=(t, t)), m),
        "per batch": lambda: (m := (rng.uniform(size=(n, heads, t, t)) < 0.5) & ~own_place, m.reshape(-1, t, t)),
    }[mask]()
    x = rng.normal(size=(n, t, heads * d))
    tensor = torch.tensor(x, requires_grad=True)
    y = ours.forward(x, ours_mask)
    their_y = theirs(tensor, attn_mask=None if their_mask is None else torch.tensor(their_mask))
    dy = rng.normal(size=y.shape)
    dx = ours.backward(dy)
    their_y.backward(torch.tensor(dy))
    pairs = [(y, their_y), (dx, tensor.grad), *((ours.grads[k], p.grad) for k, p in theirs.named_parameters())]
    for a, b in pairs:
        np.testing.assert_allclose(a, b.detach().numpy(), atol=1e-8)
    _, weights = torch.nn.MultiheadAttention.forward(
        theirs,
        *[torch.tensor(x)] * 3,
        attn_mask=None if their_mask is None else torch.tensor(their_mask),
        average_attn_weights=False,
    )
    np.testing.assert_allclose(ours.attn_weights, weights.detach().numpy(), atol=1e-8)


@COMMON
@given(seed=SEEDS, shape=st.lists(st.integers(0, 4), max_size=3).map(tuple), padding=st.none() | st.integers(-5, 4))
def test_embedding(seed, shape, padding):
    rng = np.random.default_rng(seed)
    ours, theirs = scratch.Embedding(5, 3, padding, rng=rng), torch.nn.Embedding(5, 3, padding)
    proof = parity(ours, theirs, rng.integers(5, size=shape), rng=rng)
    assert proof.agree, proof


@COMMON
@given(seed=SEEDS, shape=st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple), data=st.data())
def test_flatten(seed, shape, data):
    start = data.draw(st.integers(0, len(shape) - 1))
    end = data.draw(st.integers(start, len(shape) - 1))
    end = data.draw(st.sampled_from([end, end - len(shape)]))
    prove(scratch.Flatten(start, end), torch.nn.Flatten(start, end), shape, seed)


def test_a_whole_network_agrees_in_training_and_evaluation():
    rng = make_rng()
    s, t = scratch, torch.nn
    ours = s.Sequential(
        s.Conv2d(2, 4, 3, padding=1, bias=False, rng=rng),
        s.BatchNorm2d(4),
        s.ReLU(),
        s.MaxPool2d(2),
        s.Sequential(s.Conv2d(4, 6, 3, rng=rng), s.GELU()),
        s.AvgPool2d(2),
        s.Flatten(),
        s.Linear(6, 5, rng=rng),
        s.LayerNorm(5),
        s.Tanh(),
        s.Linear(5, 3, rng=rng),
    )
    theirs = t.Sequential(
        t.Conv2d(2, 4, 3, padding=1, bias=False),
        t.BatchNorm2d(4),
        t.ReLU(),
        t.MaxPool2d(2),
        t.Sequential(t.Conv2d(4, 6, 3), t.GELU()),
        t.AvgPool2d(2),
        t.Flatten(),
        t.Linear(6, 5),
        t.LayerNorm(5),
        t.Tanh(),
        t.Linear(5, 3),
    )
    for seed, train in ((1, True), (2, False)):
        prove(ours, theirs, (3, 2, 9, 8), seed, train)


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_dropout_keeps_the_mean_and_sends_the_gradient_the_same_way(p):
    """Torch draws other masks, so the rule is tested: kept entries grow by 1 / (1 - p), and dy meets the same mask."""
    layer = scratch.Dropout(p, rng=make_rng())
    x = np.ones((200, 200))
    y = layer(x)
    dx = layer.backward(x)
    np.testing.assert_array_equal(dx, y)
    assert set(np.unique(y)) <= {0.0, 1 / (1 - p) if p < 1 else 0.0}
    assert abs((y == 0).mean() - p) < 0.01
    np.testing.assert_array_equal(layer.eval()(x), x)
