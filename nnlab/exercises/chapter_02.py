"""Chapter 02, activation functions: leaky ReLU with its derivative, a stable sigmoid, softmax along an axis."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISES = [
    Exercise(
        id="02.1",
        title="leaky ReLU and its derivative",
        stub='''
            def leaky_relu(x, negative_slope=0.01):
                """Return x where x > 0, and negative_slope times x elsewhere, shaped like x."""
                ...  # your code


            def leaky_relu_grad(x, negative_slope=0.01):
                """Return the derivative of leaky_relu at every x, shaped like x; at x = 0 it is negative_slope."""
                ...  # your code
            ''',
        hints=[
            "The curve is made of two straight lines. What is the slope of each, and where do they meet?",
            """
            leaky_relu(x)      = x  if x > 0,   negative_slope · x  otherwise
            leaky_relu_grad(x) = 1  if x > 0,   negative_slope      otherwise
            A derivative is a slope. On a straight line it is the same everywhere, so x is not in it.
            """,
            """
            def leaky_relu(x, negative_slope=0.01):
                return np.where(x > 0, ___, ___)

            def leaky_relu_grad(x, negative_slope=0.01):
                return np.where(x > 0, ___, ___)
            """,
        ],
        solution="""
            def leaky_relu(x, negative_slope=0.01):
                return np.where(x > 0, x, negative_slope * x)


            def leaky_relu_grad(x, negative_slope=0.01):
                return np.where(x > 0, 1.0, negative_slope)
            """,
        cases=[
            Case(
                "positive numbers stay, negative ones are scaled",
                "leaky_relu",
                (np.array([-2.0, -0.5, 0.0, 3.0]), 0.1),
                expected=[-0.2, -0.05, 0.0, 3.0],
                hint=2,
            ),
            Case(
                "the slope is 0.01 if none is given",
                "leaky_relu",
                (np.array([-100.0, 100.0]),),
                expected=[-1.0, 100.0],
            ),
            Case(
                "a slope greater than 1 works too",
                "leaky_relu",
                (np.array([-3.0, 2.0]), 2.0),
                expected=[-6.0, 2.0],
                hint=2,
            ),
            Case("tables work too", "leaky_relu", (np.array([[-1.0, 2.0], [4.0, -8.0]]), 0.25), hint=3),
            Case(
                "the derivative is 1 on the right and the slope on the left",
                "leaky_relu_grad",
                (np.array([-4.0, -0.5, 0.5, 4.0]), 0.1),
                expected=[0.1, 0.1, 1.0, 1.0],
                hint=2,
            ),
            Case(
                "at 0 the derivative is the slope, as in PyTorch",
                "leaky_relu_grad",
                (np.array([0.0]), 0.2),
                expected=[0.2],
            ),
            Case(
                "the derivative's slope is 0.01 if none is given",
                "leaky_relu_grad",
                (np.array([[-7.0, 7.0]]),),
                expected=[[0.01, 1.0]],
            ),
        ],
        wrong={
            "slope on the wrong side": Wrong(
                "def leaky_relu(x, negative_slope=0.01): return np.where(x > 0, negative_slope * x, x)",
                "The two sides are exchanged: positive numbers stay as they are, negative ones are scaled.",
            ),
            "plain relu": Wrong(
                "def leaky_relu(x, negative_slope=0.01): return np.maximum(0, x)",
                "That is ReLU, which makes negative numbers 0. The leak is missing: negative_slope · x.",
            ),
            "absolute value": Wrong(
                "def leaky_relu(x, negative_slope=0.01): return np.where(x > 0, x, negative_slope * np.abs(x))",
                "Negative numbers came out positive. The left line goes down on its way to the left, so keep "
                "the sign of x.",
            ),
            "slope in place of x": Wrong(
                "def leaky_relu(x, negative_slope=0.01): return np.where(x > 0, x, negative_slope)",
                "For negative numbers you returned the slope itself. Multiply it by x.",
            ),
            "fixed slope": Wrong(
                "def leaky_relu(x, negative_slope=0.01): return np.where(x > 0, x, 0.01 * x)",
                "Your slope is always 0.01. Use the one that is handed in, negative_slope.",
            ),
            "maximum": Wrong(
                "def leaky_relu(x, negative_slope=0.01): return np.maximum(negative_slope * x, x)",
                "The greater of the two lines is the right one only while the slope is below 1. With a slope of "
                "2 the other line is greater. Let the sign of x choose.",
            ),
            "in place": Wrong(
                """
                def leaky_relu(x, negative_slope=0.01):
                    x[x < 0] *= negative_slope
                    return x
                """,
                "x[x < 0] *= ... changes the caller's array. The derivative needs the old x later, so make a "
                "new array, with np.where or x.copy().",
            ),
            "derivative times x": Wrong(
                "def leaky_relu_grad(x, negative_slope=0.01): return np.where(x > 0, x, negative_slope * x)",
                "You returned the function again. Its derivative has no x in it: 1 on the right and the slope "
                "on the left.",
            ),
            "derivative of relu": Wrong(
                "def leaky_relu_grad(x, negative_slope=0.01): return np.where(x > 0, 1.0, 0.0)",
                "That is the derivative of ReLU. On the left the line of leaky ReLU still climbs, by negative_slope.",
            ),
            "derivative at zero": Wrong(
                "def leaky_relu_grad(x, negative_slope=0.01): return np.where(x >= 0, 1.0, negative_slope)",
                "At x = 0 you chose the right line. Both are defensible, and PyTorch takes the left: use x > 0.",
            ),
        },
    ),
    Exercise(
        id="02.2",
        title="a stable sigmoid",
        stub='''
            def sigmoid(x):
                """Return 1 / (1 + exp(-x)) for every x, shaped like x. Give the right number, however far out,
                and no warning. Tiny values count as well, such as sigmoid(-700) = exp(-700)."""
                ...  # your code
            ''',
        hints=[
            "exp overflows for large numbers, and exp(-x) meets them where x is very negative. Which exp can "
            "never overflow, whatever x is?",
            """
            With e = exp(-|x|), which is never more than 1:
            sigmoid(x) = 1 / (1 + e)   if x >= 0
            sigmoid(x) = e / (1 + e)   if x < 0
            Both are the same number, the second with top and bottom multiplied by exp(x).
            x = -1000: exp(-x) overflows, but e = exp(-1000) is just 0, and 0 / (1 + 0) = 0.
            """,
            """
            e = np.exp(-np.abs(___))
            top = np.where(x >= 0, ___, ___)
            return top / (1 + e)
            """,
        ],
        solution="""
            def sigmoid(x):
                e = np.exp(-np.abs(x))
                return np.where(x >= 0, 1.0, e) / (1.0 + e)
            """,
        cases=[
            Case(
                "0 gives one half, log 3 gives three quarters, -log 3 one quarter",
                "sigmoid",
                (np.array([0.0, np.log(3.0), -np.log(3.0)]),),
                expected=[0.5, 0.75, 0.25],
                hint=2,
            ),
            Case("1000 gives 1, with no warning", "sigmoid", (np.array([1000.0]),), expected=[1.0], quiet=True),
            Case("-1000 gives 0, with no warning", "sigmoid", (np.array([-1000.0]),), expected=[0.0], quiet=True),
            Case(
                "tiny values are kept, for -700 it is exp(-700)",
                "sigmoid",
                (np.array([-700.0, -100.0, -40.0]),),
                expected=[9.859676543759770e-305, 3.720075976020836e-44, 4.248354255291589e-18],
                hint=2,
                rtol=1e-12,
                atol=0,
            ),
            Case(
                "right to twelve digits, in a table",
                "sigmoid",
                (np.array([[-30.0, -5.0, -0.1], [0.1, 5.0, 30.0]]),),
                hint=2,
                rtol=1e-12,
                atol=0,
            ),
        ],
        wrong={
            "naive": Wrong(
                "def sigmoid(x): return 1 / (1 + np.exp(-x))",
                "The formula is right on paper. But for x = -1000 it needs exp(1000), which no float64 can hold. "
                "Write it so that exp never sees a number above 0.",
            ),
            "naive, from the right": Wrong(
                "def sigmoid(x): return np.exp(x) / (1 + np.exp(x))",
                "This form is good for negative x. For x = 1000 it needs exp(1000), which no float64 can hold.",
            ),
            "both branches": Wrong(
                "def sigmoid(x): return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
                "A good idea, but np.where chooses only after both sides were computed for every x, so one of "
                "them overflows. Take exp(-|x|) once and use it in both.",
            ),
            "clipped": Wrong(
                "def sigmoid(x): return 1 / (1 + np.exp(-np.clip(x, -30, 30)))",
                "Clipping x stops the overflow and flattens the tail: everything left of -30 gives the same "
                "value, and its logarithm is then wrong too.",
            ),
            "clipped far out": Wrong(
                "def sigmoid(x): return 1 / (1 + np.exp(-np.clip(x, -500, 500)))",
                "Clipping x stops the overflow and flattens the tail: everything left of -500 gives the same "
                "value. No clipping is needed if exp never sees a number above 0.",
            ),
            "tanh": Wrong(
                "def sigmoid(x): return 0.5 * (1 + np.tanh(x / 2))",
                "The tanh form is right on paper and never overflows. But for x = -40 tanh is so close to -1 "
                "that 1 + tanh loses every digit. Division keeps them: e / (1 + e) with e = exp(-|x|).",
            ),
            "one minus": Wrong(
                """
                def sigmoid(x):
                    right = 1 / (1 + np.exp(-np.abs(x)))
                    return np.where(x >= 0, right, 1 - right)
                """,
                "The symmetry is right on paper. But where sigmoid is tiny, 1 - right subtracts two numbers that "
                "are nearly equal, and every digit is lost. Use e / (1 + e) on the left.",
            ),
        },
    ),
    Exercise(
        id="02.3",
        title="softmax with an axis",
        stub='''
            def softmax(x, axis=-1):
                """Return exp(x) divided by its sum along axis, shaped like x, right for logits of any size."""
                ...  # your code
            ''',
        hints=[
            "If you add the same number to all logits of a row, what happens to its softmax? Which number would "
            "keep exp from overflowing?",
            """
            softmax(x)_i = exp(x_i - m) / Σ_j exp(x_j - m), with m the greatest x along the axis
            The greatest exponent is then 0. keepdims=True keeps the axis with length 1, so that m and the sum
            stand beside the right numbers.
            """,
            """
            m = np.max(x, axis=___, keepdims=___)
            e = np.exp(x - ___)
            return e / np.sum(e, axis=___, keepdims=___)
            """,
        ],
        solution="""
            def softmax(x, axis=-1):
                e = np.exp(x - np.max(x, axis=axis, keepdims=True))
                return e / np.sum(e, axis=axis, keepdims=True)
            """,
        cases=[
            Case(
                "logits of log 1, log 2, log 5 give 1, 2 and 5 eighths",
                "softmax",
                (np.log([1.0, 2.0, 5.0]),),
                expected=[0.125, 0.25, 0.625],
                hint=2,
            ),
            Case(
                "every row by itself",
                "softmax",
                (np.log([[1.0, 3.0], [2.0, 8.0]]),),
                expected=[[0.25, 0.75], [0.2, 0.8]],
                hint=3,
            ),
            Case(
                "with axis=0 every column by itself",
                "softmax",
                (np.log([[1.0, 3.0, 1.0], [4.0, 1.0, 1.0]]), 0),
                expected=[[0.2, 0.75, 0.5], [0.8, 0.25, 0.5]],
                hint=3,
            ),
            Case(
                "the middle axis of three",
                "softmax",
                (np.linspace(-1, 1, 12).reshape(2, 3, 2), 1),
                hint=3,
            ),
            Case(
                "large logits do not overflow",
                "softmax",
                (np.array([1000.0, 1000.0, 0.0]),),
                expected=[0.5, 0.5, 0.0],
                hint=2,
            ),
            Case(
                "one logit far above the others takes everything",
                "softmax",
                (np.array([3000.0, 0.0, 0.0]),),
                expected=[1.0, 0.0, 0.0],
                hint=2,
            ),
            Case(
                "of two large logits the greater one still wins, by just as much",
                "softmax",
                (np.array([1000.0, 999.0]),),
                expected=[0.7310586, 0.2689414],
                hint=2,
            ),
            Case(
                "rows whose logits lie far apart do not disturb each other",
                "softmax",
                (np.array([[-1000.0, -1000.0], [1000.0, 1000.0]]),),
                expected=[[0.5, 0.5], [0.5, 0.5]],
                hint=3,
            ),
        ],
        wrong={
            "no exp": Wrong(
                "def softmax(x, axis=-1): return x / np.sum(x, axis=axis, keepdims=True)",
                "You divided the logits themselves by their sum. Logits may be negative: take exp first.",
            ),
            "not divided": Wrong(
                "def softmax(x, axis=-1): return np.exp(x)",
                "The exponentials are right. Divide them by their sum, so that they add up to 1.",
            ),
            "greatest is 1": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x)
                    return e / np.max(e, axis=axis, keepdims=True)
                """,
                "Your greatest output is 1. Subtracting the greatest logit is a good step, but the exponentials "
                "have still to be divided by their sum, so that they add up to 1.",
            ),
            "sum over everything": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
                    return e / np.sum(e)
                """,
                "You divided by the sum of the whole table. Every row should add up to 1 by itself: use axis.",
            ),
            "everything over everything": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x - np.max(x))
                    return e / np.sum(e)
                """,
                "The whole table adds up to 1. Every row should do that by itself: use axis, for the greatest "
                "logit and for the sum.",
            ),
            "no keepdims": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
                    return e / np.sum(e, axis=axis)
                """,
                "The sums lost their axis, so NumPy set the sum of row 1 above column 1. With keepdims=True in "
                "np.sum each sum stays in its row.",
            ),
            "axis ignored": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
                    return e / np.sum(e, axis=-1, keepdims=True)
                """,
                "You always work along the last axis. Hand the axis on: axis=axis.",
            ),
            "axis always 1": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x - np.max(x, axis=1, keepdims=True))
                    return e / np.sum(e, axis=1, keepdims=True)
                """,
                "You always work along axis 1, and a single row has only axis 0. Hand the axis on: axis=axis.",
            ),
            "overflow": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x)
                    return e / np.sum(e, axis=axis, keepdims=True)
                """,
                "exp(1000) is infinite for the computer, and infinite divided by infinite is NaN. Subtract the "
                "greatest logit first: the result stays the same, and exp stays small.",
            ),
            "mean subtracted": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x - np.mean(x, axis=axis, keepdims=True))
                    return e / np.sum(e, axis=axis, keepdims=True)
                """,
                "You subtracted the mean. A logit far above the mean still overflows: 3000 - 1000 = 2000. Subtract the "
                "greatest logit, and no exponent is above 0.",
            ),
            "clipped": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(np.clip(x, -700, 700))
                    return e / np.sum(e, axis=axis, keepdims=True)
                """,
                "Clipping stops the overflow, but 1000 and 999 both become 700, and their difference is lost. Subtract "
                "the greatest logit instead: that keeps all differences.",
            ),
            "greatest of everything": Wrong(
                """
                def softmax(x, axis=-1):
                    e = np.exp(x - np.max(x))
                    return e / np.sum(e, axis=axis, keepdims=True)
                """,
                "You subtracted the greatest logit of the whole table. A row far below it becomes all zeros, and "
                "0 / 0 is NaN. Every row needs its own greatest logit: use axis and keepdims=True in np.max.",
            ),
        },
    ),
]
