"""Chapter 14, Keras and frameworks: one network in three frameworks, its callbacks, its files, its records."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nnlab import scratch
from nnlab.chapters.c14_frameworks import callbacks_explorer as callbacks
from nnlab.chapters.c14_frameworks import layouts_explorer as layouts
from nnlab.chapters.c14_frameworks.backend import import_keras, keras
from nnlab.chapters.c14_frameworks.moving import conv_kernel, dense_kernel, keras_weights, move_weights
from nnlab.chapters.c14_frameworks.records import curves, exports
from nnlab.pytorch import CNN

# Keras's way to make arrays of PyTorch's tensors, since NumPy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROOT = Path(__file__).resolve().parents[2]
LAYERS = keras.layers


def networks(batch_norm: bool, dtype: str = "float32", seed: int = 0) -> tuple[scratch.CNN, CNN, Any]:
    """The same network in NumPy, PyTorch and Keras, with the same weights, none of them zero or one."""
    options: dict[str, Any] = dict(channels=(4, 6), hidden=12, size=8, batch_norm=batch_norm)
    torch.manual_seed(seed)
    theirs = CNN(**options).to(getattr(torch, dtype))
    with torch.no_grad():
        for name, value in theirs.state_dict().items():
            if value.ndim == 1:
                value.add_(0.3 * torch.rand(value.shape) + ("var" in name))
    ours = scratch.CNN(**options, rng=np.random.default_rng(0), dtype=np.dtype(dtype))
    ours.load_state_dict({name: value.numpy().copy() for name, value in theirs.state_dict().items()})
    made: list[Any] = [keras.Input((8, 8, 1))]
    for channels in (4, 6):
        made.append(LAYERS.Conv2D(channels, 3, padding="same", use_bias=not batch_norm))
        made += [LAYERS.BatchNormalization(momentum=0.9, epsilon=1e-5)] if batch_norm else []
        made += [LAYERS.Activation("relu"), LAYERS.MaxPooling2D(2)]
    model = keras.Sequential([*made, LAYERS.Flatten(), LAYERS.Dense(12, activation="relu"), LAYERS.Dense(10)])
    move_weights(theirs, model)
    return ours, theirs, model


def data(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, 8, 8, 1), channels last, and labels that a network can learn."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(10, size=count)
    x = rng.normal(size=(count, 8, 8, 1)).astype(np.float32)
    x[np.arange(count), labels // 2, labels % 5] += 3
    return x, labels


@pytest.fixture
def float64():
    """Keras in float64, for this test only."""
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


# ------------------------------------------------------------------------------------------------- three frameworks


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_same_weights_give_the_same_outputs(batch_norm):
    ours, theirs, model = networks(batch_norm)
    x, _ = data(50)
    first = x.transpose(0, 3, 1, 2)
    ours.eval()
    wanted = theirs.eval()(torch.tensor(first)).detach().numpy()
    scale = np.abs(wanted).max()
    assert np.abs(ours(first) - wanted).max() < 1e-6 * max(scale, 1)
    assert np.abs(model.predict(x, verbose=0) - wanted).max() < 1e-6 * max(scale, 1)


@pytest.mark.parametrize("seed", [0, 1])
def test_fifty_steps_of_sgd_are_the_same(seed, float64):
    """In float64: in float32, rounding may push a ReLU over its edge."""
    ours, theirs, model = networks(False, "float64", seed)
    opt, loss = scratch.SGD(ours.params, lr=0.05, momentum=0.9), scratch.CrossEntropyLoss()
    torch_opt = torch.optim.SGD(theirs.parameters(), lr=0.05, momentum=0.9)
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    losses = []
    for step in range(50):
        x, labels = data(32, step % 4)
        x = x.astype(float)
        first = x.transpose(0, 3, 1, 2)
        mine = loss(ours(first), labels)
        ours.backward(loss.backward())
        opt.step(ours.grads)
        value = torch.nn.functional.cross_entropy(theirs(torch.tensor(first)), torch.tensor(labels))
        torch_opt.zero_grad()
        value.backward()
        torch_opt.step()
        model.reset_metrics()
        losses.append((mine, value.item(), float(model.train_on_batch(x, labels))))
    found = np.array(losses)
    assert np.ptp(found, axis=1).max() < 1e-5 and found[-5:].mean() < found[:5].mean() - 0.1
    for a, b in zip(keras_weights(theirs), model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name], value.numpy(), atol=1e-5)


def test_axes_end_where_keras_wants_them():
    conv = np.arange(4 * 3 * 2 * 5.0).reshape(4, 3, 2, 5)
    assert conv_kernel(conv)[1, 4, 2, 3] == conv[3, 2, 1, 4]
    dense = np.arange(2 * 6.0).reshape(2, 6)  # 2 channels of 3 pixels
    assert dense_kernel(dense, 2)[:, 1].tolist() == [6, 9, 7, 10, 8, 11]
    assert np.array_equal(dense_kernel(dense), dense.T)


def test_weights_that_do_not_fit_are_told_in_one_sentence():
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 3))
    model = keras.Sequential([keras.Input((4,)), LAYERS.Dense(2, name="head")])
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"head/kernel should have shape \(4, 2\), got \(4, 3\): give both networks"):
        move_weights(net, model)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    with pytest.raises(ValueError, match="The Keras model has 2 arrays of weights, the PyTorch network 4"):
        move_weights(torch.nn.Sequential(*net, torch.nn.Linear(3, 3)), model)
    with pytest.raises(TypeError, match="takes Conv2d, BatchNorm2d and Linear, got LayerNorm"):
        keras_weights([torch.nn.LayerNorm(3)])
    with pytest.raises(TypeError, match="model should be a Keras model, got str"):
        move_weights(net, "model")
    with pytest.raises(ValueError, match=r"weight should have 4 axes .*got shape \(3, 3\)"):
        conv_kernel(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="multiple of the 4 channels that were flattened, got 6"):
        dense_kernel(np.zeros((2, 6)), 4)


def test_keras_leaves_home_and_threads_alone_and_reads_a_file_in_another_process(tmp_path):
    _, _, model = networks(True)
    x, _ = data(20)
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", x)
    code = (
        "import os, nnlab, numpy as np, torch\n"
        "from nnlab.chapters.c14_frameworks.backend import keras\n"
        f"model = keras.models.load_model({str(tmp_path / 'model.keras')!r})\n"
        f"np.save({str(tmp_path / 'y.npy')!r}, model.predict(np.load({str(tmp_path / 'x.npy')!r}), verbose=0))\n"
        "import sys; print(torch.get_num_threads(), 'KERAS_HOME' in os.environ, 'tensorflow' in sys.modules)"
    )
    home = tmp_path / "home"
    home.mkdir()
    names = {name: value for name, value in os.environ.items() if name not in ("KERAS_HOME", "KERAS_BACKEND")}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=names | {"HOME": str(home), "USERPROFILE": str(home), "NNLAB_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["1", "False", "False"]
    assert not (home / ".keras").exists()
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model.predict(x, verbose=0), atol=1e-6)


def test_another_backend_is_told(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="Keras should run on torch here, but was imported with jax: restart"):
        import_keras()


def test_what_the_chapter_says_of_tensorboard(tmp_path):
    model = keras.Sequential([keras.Input((4,)), LAYERS.Dense(2)])
    model.compile("sgd", "mse")
    with pytest.raises(ImportError, match="tensorflow"):
        log = keras.callbacks.TensorBoard(str(tmp_path))
        model.fit(np.zeros((4, 4)), np.zeros((4, 2)), callbacks=[log], verbose=0)


# ------------------------------------------------------------------------------------------------- layouts


def test_one_turn_is_right_for_each_layer():
    right = {
        "convolution": "transpose(2, 3, 1, 0)",
        "dense after flatten": "regroup channels, .T",
        "square dense": ".T",
        "output": ".T",
    }
    for layer in layouts.LAYERS:
        found = {turn: layouts.layout(layer, turn) for turn in layouts.TURNS}
        assert [turn for turn, d in found.items() if d.equal] == [right[layer]]
    wrong = {(layer, turn) for layer in layouts.LAYERS for turn in layouts.TURNS if layouts.layout(layer, turn).fits}
    wrong -= set(right.items())
    assert {("convolution", ".T"), ("dense after flatten", ".T"), ("square dense", "as it is")} <= wrong
    for layer, turn in wrong:
        assert (layouts.layout(layer, turn).difference or 0) > 0.1


def test_its_channels_last_network_is_keras():
    net, picture = layouts.network()
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            LAYERS.Conv2D(4, 3, padding="same", activation="relu"),
            LAYERS.MaxPooling2D(2),
            LAYERS.Flatten(),
            LAYERS.Dense(8, activation="relu"),
            LAYERS.Dense(8, activation="relu"),
            LAYERS.Dense(3),
        ]
    )
    kernels = {name: layouts.right_kernel(name) for name in layouts.LAYERS}
    for layer, turn in (("output", ".T"), ("square dense", "as it is"), ("dense after flatten", ".T")):
        given = kernels | {layer: layouts.TURNS[turn](layouts.weight_of(layer))}
        arrays = [(given[name], net.params[f"{place}.bias"]) for name, place in layouts.LAYERS.items()]
        model.set_weights([np.ascontiguousarray(a) for pair in arrays for a in pair])
        theirs = model(picture.transpose(0, 2, 3, 1)).detach().numpy()[0]
        np.testing.assert_allclose(layouts.layout(layer, turn).keras_answers, theirs, atol=1e-5)


# ------------------------------------------------------------------------------------------------- callbacks


def driven(callback: Any, losses: np.ndarray) -> tuple[int, list[float]]:
    """The epoch after which one of Keras's callbacks ends a run with these validation losses, and the rates."""
    model = keras.Sequential([keras.Input((1,)), LAYERS.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_begin(epoch)
        rates.append(float(model.optimizer.learning_rate.value))
        callback.on_epoch_end(epoch, {"val_loss": float(loss)})
        if model.stop_training:
            return epoch + 1, rates
    return len(losses), rates


@pytest.mark.parametrize("patience", [1, 2, 5, 30])
@pytest.mark.parametrize("min_delta", [0.0, 0.02, 0.05])
def test_early_stopping_acts_as_keras_does(patience, min_delta):
    losses = curves()["val_loss"]
    stop = keras.callbacks.EarlyStopping(patience=patience, min_delta=min_delta)
    end, _ = driven(stop, losses)
    assert callbacks.early_stopping(losses, patience, min_delta) == (end, stop.best_epoch + 1)


@pytest.mark.parametrize(("patience", "factor"), [(1, 0.5), (2, 0.9), (3, 0.1), (10, 0.3)])
def test_the_rate_falls_where_keras_lowers_it(patience, factor):
    losses = curves()["val_loss"]
    _, rates = driven(keras.callbacks.ReduceLROnPlateau(patience=patience, factor=factor), losses)
    np.testing.assert_allclose(callbacks.plateau(losses, patience, factor), rates, rtol=1e-4)


def test_keras_is_one_epoch_less_patient_than_pytorch():
    flat = np.ones(12)
    for patience in (1, 2, 5):
        rates = callbacks.plateau(flat, patience, 0.5)
        weight = torch.zeros(1, requires_grad=True)
        opt = torch.optim.SGD([weight], lr=1.0)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=patience)
        opt.step()
        theirs = []
        for loss in flat:
            theirs.append(opt.param_groups[0]["lr"])
            schedule.step(loss)
        assert np.flatnonzero(rates < 1)[0] + 1 == np.flatnonzero(np.array(theirs) < 1)[0]


# ------------------------------------------------------------------------------------------------- records


def test_the_recorded_curve_has_a_best_epoch_in_its_middle():
    found = curves()
    assert all(found[name].shape == (60,) for name in ("loss", "val_loss", "accuracy", "val_accuracy"))
    assert 8 < found["val_loss"].argmin() < 30 and found["val_loss"][-5:].mean() > found["val_loss"].min() + 0.3
    assert found["loss"][-1] < found["loss"][0] / 5


def test_the_record_has_what_the_notebook_reads():
    record = exports()
    assert list(record["formats"]) == [".keras, TensorFlow", "SavedModel", "LiteRT, float32", "LiteRT, int8"]
    for row in record["formats"].values():
        assert row["bytes"] > 10_000 and 0 <= row["difference"] < 3 and 0.8 < row["accuracy"] < 1
    assert list(record["seconds"]) == ["NumPy", "PyTorch", "Keras on PyTorch", "Keras on TensorFlow"]
    assert all(set(row) == {"import", "first", "step"} for row in record["seconds"].values())
    assert {"torch", "keras", "tensorflow-cpu", "ai-edge-litert"} <= set(record["versions"])
    assert len(record["made"]) == 10 and record["logit_std"] > 1
