"""Chapter 06, convolutional networks: a convolution by loops, sizes and receptive fields, max-pooling backward."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(6)


def _whole(*shape: int) -> np.ndarray:
    return _rng.integers(-4, 5, size=shape).astype(float)


EXERCISES = [
    Exercise(
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
                "one channel, one kernel: each number is the pixel minus the one below right",
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
                "Your kernel is turned by 180 degrees. That is convolution as mathematicians mean it; networks lay "
                "the kernel on as it is.",
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
    ),
    Exercise(
        id="06.2",
        title="how large, and how far it sees",
        stub='''
            def output_size(size, kernel, stride=1, padding=0):
                """Return how many places a kernel has along an axis of `size` pixels."""
                ...  # your code


            def receptive_field(layers):
                """Return how many input pixels wide the window is, along one axis, that one number of the
                last layer sees.
                layers: a list of pairs (kernel, stride), from first to last, such as [(3, 1), (2, 2)]"""
                ...  # your code
            ''',
        hints=[
            "After the first place, how many pixels are left for the kernel to move over? How many steps fit in? "
            "And when two outputs are neighbours, how far apart are their windows in the input?",
            """
            places = floor((size + 2 · padding - kernel) / stride) + 1
            Receptive field: begin with field = 1 pixel and jump = 1 (pixels between neighbours). At each layer
            field grows by (kernel - 1) · jump, and then jump becomes jump · stride
            """,
            """
            def output_size(size, kernel, stride=1, padding=0):
                return (___) // stride + 1


            def receptive_field(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    field += ___
                    jump *= ___
                return field
            """,
        ],
        solution="""
            def output_size(size, kernel, stride=1, padding=0):
                return (size + 2 * padding - kernel) // stride + 1


            def receptive_field(layers):
                field, jump = 1, 1
                for kernel, stride in layers:
                    field += (kernel - 1) * jump
                    jump *= stride
                return field
            """,
        cases=[
            Case("28 pixels, a kernel of 3", "output_size", (28, 3), expected=26, hint=2),
            Case("padding of 1 on both sides keeps the size", "output_size", (28, 3, 1, 1), expected=28, hint=2),
            Case("a stride of 2 that comes out even", "output_size", (7, 3, 2), expected=3, hint=2),
            Case("the last pixel is left over", "output_size", (28, 3, 2), expected=13, hint=2),
            Case("one pixel left over, of a stride of 4", "output_size", (28, 3, 4), expected=7, hint=2),
            Case("all together", "output_size", (224, 7, 2, 3), expected=112, hint=3),
            Case("one layer sees its kernel", "receptive_field", ([(5, 1)],), expected=5, hint=2),
            Case("two kernels of 3 see 5 pixels", "receptive_field", ([(3, 1), (3, 1)],), expected=5, hint=2),
            Case("after a stride, steps are longer", "receptive_field", ([(3, 2), (3, 1)],), expected=7, hint=2),
            Case(
                "convolution, pooling, convolution, pooling",
                "receptive_field",
                ([(3, 1), (2, 2), (3, 1), (2, 2)],),
                expected=10,
                hint=3,
            ),
            Case("strides multiply", "receptive_field", ([(3, 2), (3, 2), (3, 2)],), expected=15, hint=3),
        ],
        wrong={
            "wrong end": Wrong(
                """
                def receptive_field(layers):
                    field = 1
                    for kernel, stride in layers:
                        field = (field - 1) * stride + kernel
                    return field
                """,
                "(field - 1) · stride + kernel is right when you go from the last layer to the first.",
            ),
            "padding once": Wrong(
                """
                def output_size(size, kernel, stride=1, padding=0):
                    return (size + padding - kernel) // stride + 1
                """,
                "Padding lies on both sides, so it counts twice.",
            ),
            "padding forgotten": Wrong(
                "def output_size(size, kernel, stride=1, padding=0): return (size - kernel) // stride + 1",
                "The padding is missing. The kernel slides over size + 2 · padding cells.",
            ),
            "ceil": Wrong(
                """
                def output_size(size, kernel, stride=1, padding=0):
                    return -(-(size + 2 * padding - kernel) // stride) + 1
                """,
                "You rounded up. The last step has to fit in whole: round down.",
            ),
            "not rounded": Wrong(
                """
                def output_size(size, kernel, stride=1, padding=0):
                    return (size + 2 * padding - kernel) / stride + 1
                """,
                "There is no half place. Only whole steps count: round down, with //.",
            ),
            "rounded to nearest": Wrong(
                """
                def output_size(size, kernel, stride=1, padding=0):
                    return int((size + 2 * padding - kernel) / stride + 1 + 0.5)
                """,
                "You rounded to the nearest. A step that does not fit in whole does not count: round down.",
            ),
            "round": Wrong(
                """
                def output_size(size, kernel, stride=1, padding=0):
                    return round((size + 2 * padding - kernel) / stride) + 1
                """,
                "round() goes to the nearest whole number, and from a half to the even one, so it is right by chance "
                "only. Round down, with //.",
            ),
            "divided at the end": Wrong(
                """
                def output_size(size, kernel, stride=1, padding=0):
                    return (size + 2 * padding - kernel + 1) // stride
                """,
                "The first place costs no step. Divide the steps by stride, then add the 1.",
            ),
            "one forgotten": Wrong(
                """
                def output_size(size, kernel, stride=1, padding=0):
                    return (size + 2 * padding - kernel) // stride
                """,
                "You counted the steps. There is one place more than there are steps.",
            ),
            "kernels added": Wrong(
                "def receptive_field(layers): return sum(kernel for kernel, _ in layers)",
                "You added the kernels. Windows of neighbours overlap: a kernel adds (kernel - 1) steps.",
            ),
            "whole kernels": Wrong(
                {"field += (kernel - 1) * jump": "field += kernel * jump"},
                "You added the whole kernel. One of its pixels was seen already: add (kernel - 1) · jump.",
            ),
            "kernels multiplied": Wrong(
                """
                def receptive_field(layers):
                    field = 1
                    for kernel, _ in layers:
                        field *= kernel
                    return field
                """,
                "You multiplied the kernels, as if windows did not overlap. Each adds (kernel - 1) steps.",
            ),
            "strides forgotten": Wrong(
                "def receptive_field(layers): return 1 + sum(kernel - 1 for kernel, _ in layers)",
                "The strides are missing. After a stride of 2, neighbours are 2 input pixels apart.",
            ),
            "own stride first": Wrong(
                """
                def receptive_field(layers):
                    field, jump = 1, 1
                    for kernel, stride in layers:
                        jump *= stride
                        field += (kernel - 1) * jump
                    return field
                """,
                "A layer's own stride came too early. Its kernel covers neighbours of the layer before; the stride "
                "matters to the layers after it.",
            ),
            "only the last stride": Wrong(
                {"jump *= stride": "jump = stride"},
                "You used the stride of one layer only. The jump is the product of all strides so far.",
            ),
        },
    ),
    Exercise(
        id="06.3",
        title="max-pooling, backward",
        stub='''
            def maxpool_backward(x, dy, k, stride):
                """For y = the greatest entry of each k x k window of x: given dy = dL/dy, return dL/dx.
                x: (H, W), all entries different; dy: (H', W').
                Window (i, j) begins at row i * stride, column j * stride."""
                ...  # your code
            ''',
        hints=[
            "Which entries of a window changed its maximum when they grew by a little? And if one entry is the "
            "greatest in two windows?",
            """
            dL/dx is zero, but at the maximum of each window, which gets that window's dy.
            Paths add: where windows overlap, one entry may get several dy.
            row, column = np.unravel_index(window.argmax(), window.shape) is the place inside the window
            """,
            """
            dx = np.zeros(x.shape)
            for i in range(dy.shape[0]):
                for j in range(dy.shape[1]):
                    window = x[___ : ___ + k, ___ : ___ + k]
                    row, column = np.unravel_index(window.argmax(), window.shape)
                    dx[___ + row, ___ + column] ___ dy[i, j]
            return dx
            """,
        ],
        solution="""
            def maxpool_backward(x, dy, k, stride):
                dx = np.zeros(x.shape)
                for i in range(dy.shape[0]):
                    for j in range(dy.shape[1]):
                        window = x[i * stride : i * stride + k, j * stride : j * stride + k]
                        row, column = np.unravel_index(window.argmax(), window.shape)
                        dx[i * stride + row, j * stride + column] += dy[i, j]
                return dx
            """,
        cases=[
            Case(
                "two windows side by side",
                "maxpool_backward",
                (np.array([[1.0, 9.0, 2.0, 3.0], [4.0, 5.0, 8.0, 6.0]]), np.array([[10.0, 20.0]]), 2, 2),
                expected=[[0.0, 10.0, 0.0, 0.0], [0.0, 0.0, 20.0, 0.0]],
                hint=2,
            ),
            Case(
                "negative numbers have a maximum, too",
                "maxpool_backward",
                (np.array([[-5.0, -2.0], [-7.0, -3.0]]), np.array([[4.0]]), 2, 2),
                expected=[[0.0, 4.0], [0.0, 0.0]],
                hint=2,
            ),
            Case(
                "a left-over row and column get nothing",
                "maxpool_backward",
                (_rng.permutation(25).reshape(5, 5) - 12.0, np.array([[1.0, -2.0], [3.0, 0.5]]), 2, 2),
                hint=2,
            ),
            Case(
                "windows that overlap add up",
                "maxpool_backward",
                (
                    np.array([[1.0, 2.0, 3.0], [4.0, 9.0, 5.0], [6.0, 7.0, 8.0]]),
                    np.array([[1.0, 2.0], [3.0, 4.0]]),
                    2,
                    1,
                ),
                expected=[[0.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 0.0]],
                hint=3,
            ),
            Case(
                "larger windows that overlap",
                "maxpool_backward",
                (_rng.permutation(49).reshape(7, 7) - 24.0, _whole(3, 3), 3, 2),
                hint=3,
            ),
        ],
        wrong={
            "smallest": Wrong(
                """
                _right = maxpool_backward

                def maxpool_backward(x, dy, k, stride):
                    return _right(-x, dy, k, stride)
                """,
                "dy went to the smallest entry. The output is the greatest: argmax.",
            ),
            "overwritten": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    dx = np.zeros(x.shape)
                    for i in range(dy.shape[0]):
                        for j in range(dy.shape[1]):
                            window = x[i * stride : i * stride + k, j * stride : j * stride + k]
                            row, column = np.unravel_index(window.argmax(), window.shape)
                            dx[i * stride + row, j * stride + column] = dy[i, j]
                    return dx
                """,
                "One entry can be the greatest in several windows. You keep only the last of them: add with +=.",
            ),
            "shared out": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    dx = np.zeros(x.shape)
                    for i in range(dy.shape[0]):
                        for j in range(dy.shape[1]):
                            dx[i * stride : i * stride + k, j * stride : j * stride + k] += dy[i, j] / k**2
                    return dx
                """,
                "You shared dy out among the whole window. That is the backward of an average; here one entry alone "
                "decided.",
            ),
            "to all": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    dx = np.zeros(x.shape)
                    for i in range(dy.shape[0]):
                        for j in range(dy.shape[1]):
                            dx[i * stride : i * stride + k, j * stride : j * stride + k] += dy[i, j]
                    return dx
                """,
                "Every entry of the window got dy. Only the greatest moved the output; the others get 0.",
            ),
            "first entry": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    dx = np.zeros(x.shape)
                    for i in range(dy.shape[0]):
                        for j in range(dy.shape[1]):
                            dx[i * stride, j * stride] += dy[i, j]
                    return dx
                """,
                "dy went to the corner of the window. It belongs where the maximum was.",
            ),
            "place in the window": Wrong(
                {"dx[i * stride + row, j * stride + column] += dy[i, j]": "dx[row, column] += dy[i, j]"},
                "argmax tells the place inside the window. Add where the window begins.",
            ),
            "no stride": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    dx = np.zeros(x.shape)
                    for i in range(dy.shape[0]):
                        for j in range(dy.shape[1]):
                            window = x[i : i + k, j : j + k]
                            row, column = np.unravel_index(window.argmax(), window.shape)
                            dx[i + row, j + column] += dy[i, j]
                    return dx
                """,
                "stride has no effect. Window (i, j) begins at row i · stride, column j · stride.",
            ),
            "no stride in the place": Wrong(
                {"dx[i * stride + row, j * stride + column] += dy[i, j]": "dx[i + row, j + column] += dy[i, j]"},
                "Your windows are right, but where you add, their corner is (i, j). It is (i · stride, j · stride).",
            ),
            "row and column exchanged": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    dx = np.zeros(x.shape)
                    for i in range(dy.shape[0]):
                        for j in range(dy.shape[1]):
                            window = x[i * stride : i * stride + k, j * stride : j * stride + k]
                            column, row = np.unravel_index(window.argmax(), window.shape)
                            dx[i * stride + row, j * stride + column] += dy[i, j]
                    return dx
                """,
                "Inside the window, row and column are exchanged. unravel_index tells the row first.",
            ),
            "k for stride": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    dx = np.zeros(x.shape)
                    for i in range(dy.shape[0]):
                        for j in range(dy.shape[1]):
                            window = x[i * k : i * k + k, j * k : j * k + k]
                            if window.size:
                                row, column = np.unravel_index(window.argmax(), window.shape)
                                dx[i * k + row, j * k + column] += dy[i, j]
                    return dx
                """,
                "Your windows move by k. They move by stride, which can be smaller.",
            ),
            "times x": Wrong(
                """
                _right = maxpool_backward
                def maxpool_backward(x, dy, k, stride):
                    return x * _right(x, dy, k, stride)
                """,
                "You multiplied by the maximum itself. The maximum follows its entry at the rate 1, so dy passes as "
                "it is.",
            ),
            "one maximum for all": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    return np.where(x == x.max(), dy.sum(), 0.0)
                """,
                "You looked for one maximum in the whole of x. Every window has its own.",
            ),
            "magnitude": Wrong(
                """
                def maxpool_backward(x, dy, k, stride):
                    dx = np.zeros(x.shape)
                    for i in range(dy.shape[0]):
                        for j in range(dy.shape[1]):
                            window = abs(x[i * stride : i * stride + k, j * stride : j * stride + k])
                            row, column = np.unravel_index(window.argmax(), window.shape)
                            dx[i * stride + row, j * stride + column] += dy[i, j]
                    return dx
                """,
                "You took the entry of the greatest size, sign left out. The maximum of -5 and -2 is -2.",
            ),
        },
    ),
]
