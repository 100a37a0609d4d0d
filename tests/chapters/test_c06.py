"""What the explorers of chapter 06 compute is true: against loops, against PyTorch, against its definition."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import torch
from PIL import Image

from nnlab.chapters.c06_convolution import feature_maps_explorer as maps
from nnlab.chapters.c06_convolution.kernel_explorer import CELL_NAMES, PRESETS, convolve, slide
from nnlab.chapters.c06_convolution.output_size_explorer import real_cells, stack_sizes
from nnlab.chapters.c06_convolution.residual_explorer import ROWS, WIDTH, gradients, shortcuts
from nnlab.datasets import mnist, trained_cnn
from nnlab.datasets.digits import first_test_digits
from nnlab.datasets.pictures import LEAST, SIDE, grey, photograph, uploaded
from nnlab.explore import ALL, kernel_explorer
from nnlab.explore.drawing.numbers import grey_colours, signed_colours
from nnlab.explore.widgets.upload import Upload
from nnlab.scratch.train import predict

# ---- the kernel lab ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_a_kernel_slides_as_in_pytorch(stride, padding):
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=(11, 14)), rng.normal(size=(3, 3))
    theirs = torch.nn.functional.conv2d(
        torch.tensor(x)[None, None], torch.tensor(kernel)[None, None], stride=stride, padding=padding
    )
    assert np.allclose(convolve(x, kernel, stride, padding), theirs[0, 0].numpy())


@pytest.mark.parametrize("across, down", [(0, 0), (100, 100), (37, 80)])
@pytest.mark.parametrize("stride, padding", [(1, 0), (2, 2), (3, 1)])
def test_the_products_of_the_window_add_up_to_the_pixel(across, down, stride, padding):
    rng = np.random.default_rng(1)
    d = slide(rng.random((20, 33)), rng.normal(size=(3, 3)), stride, padding, across, down)
    assert d.window.shape == (3, 3)
    assert d.products.sum() == pytest.approx(d.result[d.position])


def of(*rows: str) -> dict[str, int]:
    return dict(zip(CELL_NAMES, map(int, " ".join(rows).split()), strict=True))


def test_the_goal_has_many_answers_and_no_preset_is_one():
    explorer = kernel_explorer()
    for good in (
        of("-1 0 1", "-2 0 2", "-1 0 1"),
        of("0 0 0", "-1 1 0", "0 0 0"),
        of("3 0 -3", "3 0 -3", "3 0 -3"),
        of("0 0 0", "1 -2 1", "0 0 0"),
    ):
        assert explorer.goal.reached(explorer.compute(divisor=1, **good)), good
    for bad in (of("0 1 0", "1 -4 1", "0 1 0"), of("-1 1 0", "0 0 0", "1 0 0"), of("0 0 0", "0 0 0", "0 0 0")):
        assert not explorer.goal.reached(explorer.compute(divisor=1, **bad)), bad
    assert not explorer.goal.reached(explorer.compute(divisor=16, **of("0 0 0", "-1 1 0", "0 0 0")))
    for name, values in PRESETS.items():
        assert not explorer.goal.reached(explorer.compute(**values)), name


def test_presets_do_what_they_are_called():
    explorer, flat = kernel_explorer(), np.ones((9, 9))
    kernels = {name: explorer.compute(**values).kernel.astype(float) for name, values in PRESETS.items()}
    x = np.random.default_rng(0).random((9, 9))
    assert np.allclose(convolve(x, kernels["identity"]), x[1:-1, 1:-1])
    assert convolve(x, kernels["blur"])[3, 3] == pytest.approx(x[3:6, 3:6].mean())
    for name, kernel in kernels.items():
        assert np.allclose(convolve(flat, kernel), 0 if "edges" in name else 1, atol=1e-6), name


def test_pictures_of_all_kinds_are_read(tmp_path):
    ramp = np.tile(np.linspace(0, 1, 20), (10, 1))
    assert np.allclose(grey(ramp), ramp, atol=0.003)
    assert np.allclose(grey((255 * ramp).astype(np.uint8)), ramp, atol=0.005)
    assert np.allclose(grey(np.dstack([ramp] * 3)), ramp, atol=0.01)
    assert grey(np.zeros((300, 900))).shape == (53, SIDE)
    assert grey(np.zeros((2000, 10))).shape == (SIDE, LEAST)
    see_through = np.zeros((10, 10, 4), np.uint8)
    assert (grey(see_through) == 1).all(), "what is transparent stands on white"
    file = tmp_path / "mine.png"
    Image.fromarray((255 * ramp).astype(np.uint8)).save(file)
    assert np.allclose(grey(file), ramp, atol=0.005)
    assert np.allclose(kernel_explorer(str(file)).data.picture, ramp, atol=0.005)
    for name in ("temple", "flower"):
        photo = photograph(name)
        assert photo.shape == (107, 160) and 0 <= photo.min() < 0.1 and 0.8 < photo.max() <= 1


@pytest.mark.parametrize(
    "bad, error, words",
    [
        ("nowhere.png", FileNotFoundError, "no picture 'nowhere.png'"),
        (np.zeros((3, 3)), ValueError, "at least 8 pixels"),
        (np.zeros((20, 20, 2)), ValueError, r"got shape \(20, 20, 2\)"),
        (np.full((20, 20), 300), ValueError, "from 300 to 300"),
        (np.full((20, 20), 7.5), ValueError, "from 7.5 to 7.5"),
        (np.full((20, 20), np.nan), ValueError, "nan"),
        ([[1, 2], [3]], ValueError, "different lengths"),
        ([["a"] * 9] * 9, TypeError, "A picture is a path"),
        (7, ValueError, "A picture is a path"),
    ],
)
def test_a_bad_picture_is_told(bad, error, words):
    with pytest.raises(error, match=words):
        kernel_explorer(bad)


def test_a_file_that_is_no_picture_is_told(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(ValueError, match="is no picture that can be read"):
        kernel_explorer(tmp_path / "notes.txt")
    with pytest.raises(FileNotFoundError):
        kernel_explorer(tmp_path)


def test_an_upload_goes_before_the_choice_and_reset_keeps_it():
    pixels = np.arange(120, dtype=np.uint8).reshape(12, 10)
    text = f"10x12:{base64.b64encode(pixels.tobytes()).decode()}"
    assert np.allclose(uploaded(text) * 255, pixels)
    explorer = kernel_explorer()
    explorer.set(upload=text, image="flower")
    assert np.allclose(explorer.data.picture * 255, pixels)
    explorer.reset()
    assert explorer.values["upload"] == text
    explorer.set(upload="")
    assert explorer.data.picture.shape == (107, 160)


@pytest.mark.parametrize("bad", ["x", "10x12:AAAA", "4x4:" + "A" * 22 + "==", "900x900:AA==", None, 3, "10x12:***"])
def test_a_bad_upload_is_told(bad):
    with pytest.raises(ValueError, match="WIDTHxHEIGHT:BASE64"):
        Upload(label="or one of yours").check(bad)


def test_colours_say_the_sign():
    zero, most, least = signed_colours(np.array([0.0, 1.0, -1.0]), 1.0)[:, :3].astype(int)
    assert (zero == 255).all()
    assert most[2] > most[0] and least[0] > least[2]
    assert grey_colours(np.array([[-1.0, 0.0, 0.5, 1.0, 2.0]]))[0, :, 0].tolist() == [0, 0, 128, 255, 255]


# ---- feature maps --------------------------------------------------------------------------------------------------


def test_the_checkpoint_reads_digits():
    """data/train_cnn.py says 98.72% of all 10,000; these are every fifth."""
    x, labels = mnist("test")
    net = trained_cnn()
    right = predict(net, (x[::5, None] / 255).astype(np.float32)).argmax(axis=1) == labels[::5]
    assert right.mean() >= 0.98
    assert all(value.dtype == np.float32 for value in net.params.values())


def test_it_knows_digits_less_the_further_they_are_moved():
    """What data/README.md says: moved by 4 pixels, about 60% are classified correctly."""
    x, labels = mnist("test")
    x, labels = (x[:1000, None] / 255).astype(np.float32), labels[:1000]
    share = {
        by: np.mean([
            (predict(trained_cnn(), np.roll(x, shift, (2, 3))).argmax(axis=1) == labels).mean()
            for shift in ((by, 0), (-by, 0), (0, by), (0, -by))
        ])
        for by in (0, 2, 4)
    }  # fmt: skip
    assert share[0] > 0.97 and share[2] > 0.9 and 0.5 < share[4] < 0.7


@pytest.mark.parametrize("layer", [name for name, (_, step, _) in maps.STAGES.items() if step])
def test_maps_move_along_where_the_shift_is_whole_cells(layer):
    digits, _ = first_test_digits()
    step = maps.STAGES[layer][1]
    for which in range(5):
        for right, down in ((step, 0), (0, -step), (-step, step)):
            d = maps.feature_maps(trained_cnn(), digits[which], layer, right, down)
            assert d.error < 1e-5 or d.ink_lost


def test_pooled_maps_do_not_follow_half_a_cell():
    digits, _ = first_test_digits()
    errors = [maps.feature_maps(trained_cnn(), digits[which], "pool 1", 1, 0).error for which in range(5)]
    assert min(errors) > 0.05


def test_the_stages_are_what_they_are_called():
    x = first_test_digits()[0][3]
    net = trained_cnn()
    outputs = maps.layer_outputs(net, x)
    assert np.allclose(outputs[-1], predict(net, x[None, None])[0], atol=1e-5)
    kinds = {"conv": "Conv2d", "relu": "ReLU", "pool": "MaxPool2d", "hidd": "ReLU"}
    for name, (k, step, _) in maps.STAGES.items():
        assert type(net[k - 1]).__name__ == kinds[name[:4]]
        if step:
            assert outputs[k].shape[1] == 28 // step


def test_moving_maps():
    rng = np.random.default_rng(0)
    a = rng.random((2, 5, 5))
    out, inside = maps.shift_maps(a, 2, -1)
    assert np.array_equal(out[:, :4, 2:], a[:, 1:, :3]) and inside.sum() == 12 and (out[:, ~inside] == 0).all()
    assert not maps.shift_maps(a, 5, 0)[1].any() and not maps.shift_maps(a, 0, -9)[1].any()


# ---- sizes ---------------------------------------------------------------------------------------------------------


def test_sizes_and_what_an_output_is_made_of():
    """Against PyTorch: the size of the output, and where its gradient reaches."""
    rng = np.random.default_rng(0)
    shown = 0
    for _ in range(300):
        size, count = int(rng.integers(5, 33)), int(rng.integers(1, 5))
        layers = [tuple(int(rng.integers(low, high)) for low, high in ((1, 8), (1, 4), (0, 4))) for _ in range(count)]
        stack = stack_sizes(size, layers, percent=int(rng.integers(101)))
        x = torch.ones(1, 1, size, requires_grad=True)
        y = x
        try:
            for kernel, stride, padding in layers:
                y = torch.nn.functional.conv1d(y, torch.ones(1, 1, kernel), stride=stride, padding=padding)
        except RuntimeError:
            assert stack.rows[-1].size == 0 and stack.inputs == 0
            continue
        assert stack.rows[-1].size == y.shape[2]
        (at,) = stack.seen[-1]
        y[0, 0, at].backward()
        assert real_cells(stack.seen[0], stack.rows[0]) == set(np.flatnonzero(x.grad[0, 0].numpy()))
        assert stack.inputs <= stack.rows[-1].field
        shown += 1
    assert shown > 100


def test_receptive_fields_by_hand():
    row = stack_sizes(28, [(3, 2, 1)] * 4).rows[-1]
    assert (row.size, row.field, row.jump) == (2, 31, 16)
    row = stack_sizes(28, [(3, 1, 0), (3, 1, 0)]).rows[-1]
    assert (row.size, row.field, row.jump, row.start) == (24, 5, 1, 2.0)


def test_what_does_not_fit_is_told_in_the_picture():
    explorer = ALL["output_size"]()
    explorer.set(size=5, layers=4, kernel1=7, padding1=0)
    explorer.frame()
    assert explorer.data.rows[-1].size == 0
    assert "does not fit on 5" in explorer._canvas.view.none.get_text()


# ---- shortcuts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shortcut", [False, True])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_gradients_by_layer_are_those_of_pytorch(shortcut, batch_norm, activation):
    depth, gain = 6, 0.9
    ours = gradients(depth, gain, activation, batch_norm, shortcut, seed=3)
    rng = np.random.default_rng(3)
    x, dy = (torch.tensor(a) for a in rng.normal(size=(2, ROWS, WIDTH)))
    outputs = []
    for _ in range(depth):
        rng.uniform(size=(WIDTH, WIDTH))  # the layer's own start
        weight = torch.tensor(gain * rng.normal(0, np.sqrt(2 / WIDTH), (WIDTH, WIDTH)))
        z = x @ weight.T
        if batch_norm:
            z = (z - z.mean(0)) / (z.var(0, correction=0) + 1e-5).sqrt()
        x = getattr(torch, activation)(z) + (x if shortcut else 0)
        x.requires_grad_()
        x.retain_grad()
        outputs.append(x)
    x.backward(dy)
    theirs = [float(output.grad.square().mean().sqrt()) for output in outputs]
    assert np.allclose(ours, theirs)


def test_what_the_notebook_may_say_of_shortcuts():
    for seed in range(10):
        start = shortcuts(20, 0.4, "relu", False, seed)
        assert start.plain_ratio < 1e-6 and 0.01 <= start.residual_ratio <= 100
        he = shortcuts(20, 1.0, "relu", False, seed)
        assert he.plain_ratio > 0.01, "He's start does not vanish"
        assert he.residual_ratio > 1000, "and shortcuts by themselves explode with it"
        normed = shortcuts(50, 0.4, "relu", True, seed)
        assert normed.plain_ratio > 1000, "batch normalisation by itself explodes, gently"
        assert normed.residual_ratio < 30, "both together hold"
