"""float16 is added up in float32: a sum may pass 65,504 on its way, and 2,048 ones and one more are 2,049."""

import warnings

import numpy as np
import pytest

import nnlab.scratch as s

HALF = np.float16


def rng():
    return np.random.default_rng(0)


def many(value, *shape):
    return np.full(shape, value, HALF)


LOSSES = {  # loss, prediction, target and value of each entry
    "mse": (s.MSELoss, 2, 0, 4.0),
    "mse beyond float16": (s.MSELoss, 300, 0, 90_000.0),
    "l1": (s.L1Loss, 2, 0, 2.0),
    "huber": (s.HuberLoss, 2, 0, 1.5),
    "huber beyond float16": (lambda: s.HuberLoss(delta=1000.0), 400, 0, 80_000.0),
    "bce": (s.BCELoss, 0.5, 1, np.log(2)),
    "bce_with_logits": (s.BCEWithLogitsLoss, 0, 1, np.log(2)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_of_70_000_entries(name):
    make, prediction, target, value = LOSSES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = make()
        assert loss(many(prediction, 70_000), many(target, 70_000)) == pytest.approx(value, rel=1e-3)
        gradient = loss.backward()
    assert gradient.dtype == HALF and np.isfinite(gradient).all()


def test_cross_entropy_of_70_000_rows_and_of_70_000_classes():
    loss = s.CrossEntropyLoss()
    assert loss(many(0, 70_000, 2), np.zeros(70_000, int)) == pytest.approx(np.log(2), rel=1e-4)
    assert loss(many(0, 2, 70_000), np.zeros(2, int)) == pytest.approx(np.log(70_000), rel=1e-4)
    assert loss.backward().dtype == HALF


def test_the_logarithm_of_a_sure_mistake_is_cut_off():
    assert s.BCELoss()(many(1, 70_000), many(0, 70_000)) == 100


X = np.array([[300, -300, 600, -600]], HALF)
NORMAL = [0.632, -0.632, 1.265, -1.265]


def test_layer_norm_of_large_numbers():
    y = s.LayerNorm(4)(X)
    assert y.dtype == HALF
    np.testing.assert_allclose(y[0], NORMAL, atol=1e-3)


@pytest.mark.parametrize("train", [True, False])
def test_batch_norm_of_large_numbers(train):
    for layer, x in ((s.BatchNorm1d(1), X.T), (s.BatchNorm1d(1), X[:, None]), (s.BatchNorm2d(1), X[None, None])):
        for _ in range(400):  # until the running statistics are the batch's
            layer(x)
        y = layer.train(train)(x)
        tolerance = 1e-3 if train else 0.2  # the running variance is divided by n - 1
        np.testing.assert_allclose(y.ravel(), NORMAL, atol=tolerance)
        assert layer.buffers["running_var"] == pytest.approx(300_000)
        assert layer.backward(y).dtype == HALF


def test_a_mean_of_5_000_rows():
    layer = s.BatchNorm1d(1)
    layer(np.tile(np.array([[7], [9]], HALF), (5_000, 1)))
    assert layer.buffers["running_mean"] == pytest.approx(0.8)


def test_pooling_a_large_picture():
    x = many(2, 1, 1, 100, 100)
    assert s.AvgPool2d(100)(x) == 2.0
    pool = s.AvgPool2d(50, 1)
    pool(x)
    middle = pool.backward(many(2500, 1, 1, 51, 51))[0, 0, 50, 50]
    assert middle == 2500  # it lies in 2,500 windows and gets dy / 2,500 from each
    pool = s.MaxPool2d(50, 1)
    x[0, 0, 50, 50] = 3
    pool(x)
    assert pool.backward(many(1, 1, 1, 51, 51))[0, 0, 50, 50] == 2500


def ones(layer):
    for p in layer.params.values():
        p[...] = 1
    return layer


GRADIENTS = [  # a layer, its input, and the parameter whose gradient is a sum of 5,000 ones
    (lambda: s.Linear(2, 3, rng=rng()), (5_000, 2), "bias"),
    (lambda: s.Linear(2, 3, rng=rng()), (50, 100, 2), "bias"),
    (lambda: s.Linear(2, 3, rng=rng()), (5_000, 2), "weight"),
    (lambda: s.Conv2d(1, 2, 1, rng=rng()), (50, 1, 10, 10), "bias"),
    (lambda: s.Conv2d(1, 2, 1, rng=rng()), (50, 1, 10, 10), "weight"),
    (lambda: s.LayerNorm(3), (5_000, 3), "bias"),
    (lambda: s.BatchNorm1d(3), (5_000, 3), "bias"),
    (lambda: s.BatchNorm2d(3), (50, 3, 10, 10), "bias"),
    (lambda: s.MultiheadAttention(2, 1, rng=rng()), (50, 100, 2), "out_proj.bias"),
    (lambda: s.Embedding(1, 3, rng=rng(), dtype=HALF), (50, 100), "weight"),
]


@pytest.mark.parametrize(("make", "shape", "name"), GRADIENTS)
def test_the_gradient_of_a_parameter_counts_to_5_000(make, shape, name):
    layer = ones(make())
    y = layer(np.zeros(shape, int) if isinstance(layer, s.Embedding) else many(1, *shape))
    assert y.dtype == HALF
    layer.backward(np.ones_like(y))
    assert (layer.grads[name] == 5_000).all() and layer.grads[name].dtype == HALF


def test_the_gradient_of_a_convolution_adds_its_blocks(monkeypatch):
    monkeypatch.setattr(s.layers.windows, "BLOCK", 400)
    layer = s.Conv2d(1, 1, 1, rng=rng())
    layer.backward(np.ones_like(layer(many(1, 50, 1, 10, 10))))
    assert layer.grads["weight"] == 5_000


@pytest.mark.parametrize("kind", [s.RNN, s.LSTM, s.GRU])
def test_recurrent_biases(kind):
    x = rng().normal(size=(3_000, 2, 2)).astype(HALF)
    layer = kind(2, 3, rng=rng())
    results = []
    for data in (x, x.astype(np.float32)):
        layer.backward(np.ones_like(layer(data)))
        results.append(dict(layer.grads))
    for name, g in results[0].items():
        assert g.dtype == HALF
        np.testing.assert_allclose(g, results[1][name], rtol=0.02, atol=2)


@pytest.mark.parametrize("axis", [0, 1])
def test_softmax_of_5_000_classes(axis):
    x = many(0, 5_000, 5_000 // 1000) if axis == 0 else many(0, 5, 5_000)
    assert float(s.softmax(x, axis).astype(np.float64).sum(axis=axis)[0]) == pytest.approx(1, rel=1e-3)


def test_the_length_of_a_gradient():
    grads = {"w": many(300, 4)}
    assert s.clip_grad_norm_(grads, 1.0) == pytest.approx(600)
    np.testing.assert_allclose(grads["w"], 0.5, rtol=1e-3)


@pytest.mark.parametrize("kind", [s.SGD, s.Adam, s.AdamW, s.RMSprop])
@pytest.mark.parametrize("size", [1e-4, 1000])
def test_an_optimizer_squares_small_and_large_gradients(kind, size):
    params = {"w": many(1, 3)}
    opt = kind(params, lr=1e-2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opt.step({"w": many(size, 3)})
    assert params["w"].dtype == HALF
    step = {s.SGD: 1e-2 * size, s.RMSprop: 0.1}.get(kind, 1e-2)
    np.testing.assert_allclose(params["w"], 1 - step, rtol=2e-2 if kind is s.RMSprop else 2e-3)
