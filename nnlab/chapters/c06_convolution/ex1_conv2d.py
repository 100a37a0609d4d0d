"""Exercise 06.1: convolution by loops."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(6)


def _whole(*shape: int) -> np.ndarray:
    return _rng.integers(-4, 5, size=shape).astype(float)


EXERCISE = Exercise(
    id="06.1",
    title="convolution by loops",
    stub='''
        def conv2d(x, weight, bias, stride=1, padding=0):
            """Slide each kernel over the picture and return the maps, (n_out, H', W').
            x: (n_in, H, W); weight: (n_out, n_in, k, k); bias: (n_out,); padding: zeros on every side"""
            ...  # your code
        ''',
    hints=[
        "Which part of x lies under the kernel when you compute row i, column j of the output? And does a map "
        "look at one channel, or at all of them?",
        """
        First put the zeros around: np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
        Places along an axis of n cells, padding counted: (n - k) // stride + 1
        out[o, i, j] = bias[o] + sum of weight[o] · window, over channels, rows and columns,
        where the window begins at row i · stride and column j · stride
        """,
        """
        x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
        n_out, _, k, _ = weight.shape
        h, w = (x.shape[1] - k) // stride + 1, ___
        out = np.zeros((n_out, h, w))
        for o in range(n_out):
            for i in range(h):
                for j in range(w):
                    window = x[:, ___ : ___ + k, ___ : ___ + k]
                    out[o, i, j] = np.sum(___) + bias[o]
        return out
        """,
    ],
    solution="""
        def conv2d(x, weight, bias, stride=1, padding=0):
            x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
            n_out, _, k, _ = weight.shape
            h, w = (x.shape[1] - k) // stride + 1, (x.shape[2] - k) // stride + 1
            out = np.zeros((n_out, h, w))
            for o in range(n_out):
                for i in range(h):
                    for j in range(w):
                        window = x[:, i * stride : i * stride + k, j * stride : j * stride + k]
                        out[o, i, j] = np.sum(window * weight[o]) + bias[o]
            return out
        """,
    cases=[
        Case(
            "one channel, one kernel: each number is a pixel minus the one to its lower right",
            "conv2d",
            (
                np.array([[[5.0, 1.0, 2.0], [3.0, 7.0, 0.0], [4.0, 6.0, 9.0]]]),
                np.array([[[[1.0, 0.0], [0.0, -1.0]]]]),
                np.zeros(1),
            ),
            expected=[[[-2.0, 1.0], [-3.0, -2.0]]],
            hint=2,
        ),
        Case(
            "two channels, three kernels, each with its bias",
            "conv2d",
            (_whole(2, 5, 4), _whole(3, 2, 3, 3), np.array([1.0, -2.0, 0.5])),
            hint=2,
        ),
        Case(
            "zeros around the picture keep its size",
            "conv2d",
            (_whole(1, 4, 4), _whole(1, 1, 3, 3), np.zeros(1), 1, 1),
            hint=2,
        ),
        Case("a stride of 2", "conv2d", (_whole(2, 7, 5), _whole(2, 2, 3, 3), np.ones(2), 2), hint=2),
        Case(
            "stride and padding together, and a row that is left over",
            "conv2d",
            (_whole(1, 6, 5), _whole(2, 1, 3, 3), np.zeros(2), 2, 1),
            hint=3,
        ),
    ],
    wrong={
        "one place short": Wrong(
            """
            def conv2d(x, weight, bias, stride=1, padding=0):
                x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
                n_out, _, k, _ = weight.shape
                h, w = (x.shape[1] - k) // stride, (x.shape[2] - k) // stride
                out = np.zeros((n_out, h, w))
                for o in range(n_out):
                    for i in range(h):
                        for j in range(w):
                            window = x[:, i * stride : i * stride + k, j * stride : j * stride + k]
                            out[o, i, j] = np.sum(window * weight[o]) + bias[o]
                return out
            """,
            "A row and a column are missing. There is one place more than there are steps: add 1.",
        ),
        "axes exchanged": Wrong(
            """
            _right = conv2d

            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(x, weight, bias, stride, padding).transpose(0, 2, 1)
            """,
            "Rows and columns are exchanged: out[o, i, j] has row i and column j.",
        ),
        "flipped": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(x, weight[:, :, ::-1, ::-1], bias, stride, padding)
            """,
            "Your kernel is turned by 180 degrees. That is convolution as mathematicians define it; networks "
            "do not turn the kernel.",
        ),
        "no padding": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(x, weight, bias, stride)
            """,
            "padding has no effect. Put the zeros around the picture first, then slide.",
        ),
        "padding on one side": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(np.pad(x, ((0, 0), (0, padding), (0, padding))), weight, bias, stride)
            """,
            "The zeros stand on one side only. They go around: above and below, left and right.",
        ),
        "channels too": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                padded = np.pad(x, padding)
                return _right(padded[: weight.shape[1]], weight, bias, stride)
            """,
            "np.pad(x, padding) adds channels of zeros as well. Only height and width get zeros: "
            "((0, 0), (padding, padding), (padding, padding)).",
        ),
        "no stride": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(x, weight, bias, 1, padding)
            """,
            "stride has no effect. The next window begins `stride` pixels further, and there are fewer of them.",
        ),
        "stride in the count only": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                full = _right(x, weight, bias, 1, padding)
                return full[:, : (full.shape[1] + stride - 1) // stride, : (full.shape[2] + stride - 1) // stride]
            """,
            "The size is right, but your windows begin at row i. Window i begins at row i · stride.",
        ),
        "stride times k": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(x, weight, bias, weight.shape[2], padding)
            """,
            "You move the window by the size of the kernel. Move it by stride, which is 1 here: windows overlap.",
        ),
        "no bias": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(x, weight, 0 * bias, stride, padding)
            """,
            "The bias is missing: map o gets bias[o] added, everywhere.",
        ),
        "bias per channel": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(x, weight, len(x) * bias, stride, padding)
            """,
            "You add the bias once for every input channel. It is added once, after the channels are summed.",
        ),
        "first channel only": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                return _right(x[:1], weight[:, :1], bias, stride, padding)
            """,
            "Only the first channel counts. A kernel is as deep as the picture: sum over all its channels.",
        ),
        "mean": Wrong(
            """
            _right = conv2d
            def conv2d(x, weight, bias, stride=1, padding=0):
                zero = 0 * bias
                return _right(x, weight, zero, stride, padding) / weight[0].size + bias[:, None, None]
            """,
            "You took the mean of the products. A dot product is their sum.",
        ),
    },
    also_right=[
        """
        def conv2d(x, weight, bias, stride=1, padding=0):
            x = np.pad(x, [(0, 0)] + 2 * [(padding, padding)])
            k = weight.shape[-1]
            windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))[:, ::stride, ::stride]
            return np.einsum("chwij,ocij->ohw", windows, weight) + bias[:, None, None]
        """,
        """
        import torch
        def conv2d(x, weight, bias, stride=1, padding=0):
            x, weight, bias = (torch.tensor(t, dtype=torch.float32) for t in (x, weight, bias))
            return torch.nn.functional.conv2d(x, weight, bias, stride=stride, padding=padding)
        """,
        """
        def conv2d(x, weight, bias, stride=1, padding=0):
            n_in, height, width = x.shape
            n_out, k = len(weight), weight.shape[2]
            maps = []
            for o in range(n_out):
                rows = []
                for top in range(-padding, height + padding - k + 1, stride):
                    row = []
                    for left in range(-padding, width + padding - k + 1, stride):
                        total = bias[o]
                        for c in range(n_in):
                            for i in range(k):
                                for j in range(k):
                                    if 0 <= top + i < height and 0 <= left + j < width:
                                        total += weight[o, c, i, j] * x[c, top + i, left + j]
                        row.append(total)
                    rows.append(row)
                maps.append(rows)
            return maps
        """,
        """
        def conv2d(x, weight, bias, stride=1, padding=0):
            n_out, n_in, k, _ = weight.shape
            around = np.zeros((n_in, x.shape[1] + 2 * padding, x.shape[2] + 2 * padding), dtype=np.float32)
            around[:, padding : padding + x.shape[1], padding : padding + x.shape[2]] = x
            h = int((x.shape[1] + 2 * padding - k) / stride + 1)
            w = int((x.shape[2] + 2 * padding - k) / stride + 1)
            columns = [around[:, i * stride : i * stride + k, j * stride : j * stride + k].ravel()
                       for i in range(h) for j in range(w)]
            return (weight.reshape(n_out, -1) @ np.array(columns).T + bias.reshape(-1, 1)).reshape(n_out, h, w)
        """,
        """
        def conv2d(x, weight, bias, stride=1, padding=0):
            x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)), mode="constant")
            h = (x.shape[1] - weight.shape[2]) // stride + 1
            w = (x.shape[2] - weight.shape[3]) // stride + 1
            out = np.zeros((len(weight), h, w)) + bias.reshape(-1, 1, 1)
            for i in range(weight.shape[2]):
                for j in range(weight.shape[3]):
                    part = x[:, i : i + h * stride : stride, j : j + w * stride : stride][:, :h, :w]
                    out += np.tensordot(weight[:, :, i, j], part, axes=1)
            return out
        """,
        """
        from nnlab import scratch
        def conv2d(x, weight, bias, stride=1, padding=0):
            n_out, n_in, k, _ = weight.shape
            layer = scratch.Conv2d(n_in, n_out, k, stride, padding, rng=np.random.default_rng())
            layer.params["weight"][...] = weight
            layer.params["bias"][...] = bias
            return layer.forward(x[None])[0]
        """,
    ],
)
