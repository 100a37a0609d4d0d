"""Exercise 14.1: kernels for Keras."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _conv(objects: Any, shape: tuple[int, ...]) -> Any:
    """The kernel of a convolution whose weight counts from 0."""
    return objects.keras_kernels(np.arange(float(np.prod(shape))).reshape(shape), np.zeros((2, shape[0])))[0]


def _dense(objects: Any, channels: int, pixels: int, outputs: int) -> Any:
    """The kernel of a dense layer whose weight counts from 0, after `channels` channels of `pixels` pixels."""
    weight = np.arange(float(outputs * channels * pixels)).reshape(outputs, -1)
    return objects.keras_kernels(np.zeros((channels, 1, 3, 3)), weight)[1]


def _types(objects: Any) -> list[str]:
    made = objects.keras_kernels(np.ones((2, 1, 3, 3), np.float32), np.ones((3, 8), np.float32))
    return [str(np.asarray(a).dtype) for a in made]


EXERCISE = Exercise(
    id="14.1",
    title="kernels for Keras",
    stub='''
        def keras_kernels(conv, dense):
            """Return Keras's kernels (conv, dense) from PyTorch's weights of a convolution, and of the
            linear layer that follows it after Flatten.
            conv: (C, in_channels, height, width) -> (height, width, in_channels, C)
            dense: (out, C * pixels), channel after channel -> (pixels * C, out), pixel after pixel"""
            ...  # your code
        ''',
    hints=[
        "For the convolution: at which place does each axis of the result stand in conv? For the dense layer: one of "
        "its two axes is really two axes, flattened together. Which two, and in which order?",
        """
        conv:   result[i, j, c, o] = conv[o, c, i, j]
        dense:  result[p · C + c, o] = dense[o, c · pixels + p]
        """,
        """
        out, C = len(dense), len(conv)
        split = dense.reshape(out, C, ___)          # out, channel, pixel
        turned = split.transpose(___)               # pixel, channel, out
        return conv.transpose(___), turned.reshape(___, out)
        """,
    ],
    solution="""
        def keras_kernels(conv, dense):
            out, channels = len(dense), len(conv)
            split = dense.reshape(out, channels, -1)
            turned = split.transpose(2, 1, 0)
            return conv.transpose(2, 3, 1, 0), turned.reshape(-1, out)
        """,
    cases=[
        Case("a convolution's shape and order", _conv, ((4, 3, 2, 5),), hint=1),
        Case("a square kernel is not mirrored", _conv, ((2, 1, 3, 3),), hint=2),
        Case(
            "a dense layer after 2 channels of 3 pixels",
            _dense,
            (2, 3, 2),
            expected=[[0, 6], [3, 9], [1, 7], [4, 10], [2, 8], [5, 11]],
            hint=2,
        ),
        Case("as many channels as pixels", _dense, (4, 4, 3), hint=3),
        Case("after one channel it is the transpose", _dense, (1, 6, 2), hint=3),
        Case("float32 stays float32", _types, (), expected=["float32", "float32"], hint=3),
    ],
    wrong={
        "transposed only": Wrong(
            {"split = dense.reshape(out, channels, -1)": "", "turned = split.transpose(2, 1, 0)": "turned = dense.T"},
            "The dense kernel has the right shape, and its rows are in PyTorch's order: channel after channel. Keras "
            "flattens pixel after pixel.",
        ),
        "all axes reversed": Wrong(
            {"return conv.transpose(2, 3, 1, 0), turned.reshape(-1, out)": "return conv.T, turned.reshape(-1, out)"},
            "conv.T reverses all four axes, so height and width change places: every kernel is mirrored.",
        ),
        "only reshaped": Wrong(
            {
                "return conv.transpose(2, 3, 1, 0), turned.reshape(-1, out)": "n, c, h, w = conv.shape\n"
                "return conv.reshape(h, w, c, n), turned.reshape(-1, out)"
            },
            "reshape gives the shape and leaves the numbers in their old order. Axes move by transpose.",
        ),
        "in and out confused": Wrong(
            {
                "return conv.transpose(2, 3, 1, 0), turned.reshape(-1, out)": "return conv.transpose(2, 3, 0, 1), "
                "turned.reshape(-1, out)"
            },
            "Keras's last axis counts the outputs. Yours counts the inputs.",
        ),
        "channels and pixels confused": Wrong(
            {"split = dense.reshape(out, channels, -1)": "split = dense.reshape(out, -1, channels)"},
            "PyTorch's channels vary slowest: (out, C, pixels). You split it as (out, pixels, C).",
        ),
        "the dense layer as it was": Wrong(
            {
                "return conv.transpose(2, 3, 1, 0), turned.reshape(-1, out)": "return conv.transpose(2, 3, 1, 0), "
                "turned.reshape(-1, out).T"
            },
            "Keras's dense kernel is (inputs, outputs). Yours is (outputs, inputs).",
        ),
    },
    also_right=[
        """
        def keras_kernels(conv, dense):
            pixels = dense.shape[1] // conv.shape[0]
            rows = [dense[:, c * pixels + p] for p in range(pixels) for c in range(len(conv))]
            return np.moveaxis(conv, (0, 1), (3, 2)), np.stack(rows)
        """,
        """
        def keras_kernels(conv, dense):
            places = np.arange(dense.shape[1]).reshape(len(conv), -1).T.ravel()
            return np.einsum("ocij->ijco", conv), dense[:, places].T
        """,
        """
        import torch
        def keras_kernels(conv, dense):
            kernel = torch.as_tensor(conv).permute(2, 3, 1, 0)
            rows = torch.as_tensor(dense).unflatten(1, (len(conv), -1)).permute(2, 1, 0).flatten(0, 1)
            return kernel.numpy(), rows.numpy()
        """,
    ],
)
