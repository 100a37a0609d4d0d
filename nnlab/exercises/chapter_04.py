"""Chapter 04, backpropagation: two local rules, a linear layer, and three broken backward passes to fix."""

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong

_rng = np.random.default_rng(4)
_X, _W1, _W2, _DY = (_rng.normal(size=shape).round(2) for shape in ((4, 3), (5, 3), (2, 5), (4, 2)))

EXERCISES = [
    Exercise(
        id="04.1",
        title="backward through a product and through tanh",
        stub='''
            def mul_backward(a, b, grad):
                """For out = a * b: given grad = dL/d(out), return dL/da and dL/db."""
                ...  # your code


            def tanh_backward(x, grad):
                """For out = tanh(x): given grad = dL/d(out), return dL/dx."""
                ...  # your code
            ''',
        hints=[
            "If a grows by a little, by how much does a·b grow? And by how much does the loss grow then?",
            """
            chain rule: dL/da = (local slope of out by a) · grad
            d(a·b)/da = b,  d(a·b)/db = a,  d tanh(x)/dx = 1 - tanh(x)²
            """,
            """
            def mul_backward(a, b, grad):
                return ___ * grad, ___ * grad

            def tanh_backward(x, grad):
                return (1 - ___) * grad
            """,
        ],
        solution="""
            def mul_backward(a, b, grad):
                return b * grad, a * grad


            def tanh_backward(x, grad):
                return (1 - np.tanh(x) ** 2) * grad
            """,
        cases=[
            Case("a product of 3 and -2", "mul_backward", (3.0, -2.0, 1.0), expected=(-2.0, 3.0), hint=2),
            Case("what came back counts", "mul_backward", (3.0, -2.0, 10.0), expected=(-20.0, 30.0), hint=2),
            Case("tanh is steepest at 0", "tanh_backward", (0.0, 5.0), expected=5.0, hint=2),
            Case("tanh is flat far out", "tanh_backward", (2.0, 1.0), expected=0.0706508, hint=2),
            Case("tanh, another gradient", "tanh_backward", (-0.5, -3.0), expected=-2.3593434, hint=3),
        ],
        wrong={
            "swapped": Wrong(
                "def mul_backward(a, b, grad): return a * grad, b * grad",
                "The two are exchanged: out = a·b grows with a at the rate b, so dL/da has b in it.",
            ),
            "no upstream": Wrong(
                """
                def mul_backward(a, b, grad):
                    return b, a
                def tanh_backward(x, grad):
                    return 1 - np.tanh(x) ** 2
                """,
                "Those are the local slopes. Multiply them by grad, which says how much the output matters.",
            ),
            "tanh itself": Wrong(
                "def tanh_backward(x, grad): return np.tanh(x) * grad",
                "You multiplied by tanh(x). The slope of tanh is wanted: 1 - tanh(x)².",
            ),
            "x for tanh": Wrong(
                "def tanh_backward(x, grad): return (1 - x**2) * grad",
                "1 - x² takes x for the output. The formula wants tanh(x) there: 1 - tanh(x)².",
            ),
            "not squared": Wrong(
                "def tanh_backward(x, grad): return (1 - np.tanh(x)) * grad",
                "The square is missing: 1 - tanh(x)².",
            ),
        },
    ),
    Exercise(
        id="04.2",
        title="backward through a linear layer",
        stub='''
            def linear_backward(x, weight, dy):
                """For y = x @ weight.T + bias: given dy = dL/dy, return dL/dx, dL/dweight and dL/dbias.
                x: (N, n_in); weight: (n_out, n_in); dy: (N, n_out)"""
                ...  # your code
            ''',
        hints=[
            "Each gradient has the shape of the thing it belongs to. Which product of dy with x or weight has the "
            "shape of weight?",
            """
            dL/dx      = dy · weight       (N, n_out)(n_out, n_in) -> (N, n_in)
            dL/dweight = dyᵀ · x           (n_out, N)(N, n_in)     -> (n_out, n_in)
            dL/dbias   = sum of dy over the rows                   -> (n_out,)
            x = [[2, 3], [5, 6]] and dy = [[1], [4]]: dL/dweight = [[1·2 + 4·5, 1·3 + 4·6]], dL/dbias = [5]
            """,
            """
            return dy @ ___, ___.T @ ___, dy.sum(axis=___)
            """,
        ],
        solution="""
            def linear_backward(x, weight, dy):
                return dy @ weight, dy.T @ x, dy.sum(axis=0)
            """,
        cases=[
            Case(
                "one row, two inputs, one output",
                "linear_backward",
                (np.array([[2.0, 3.0]]), np.array([[10.0, 20.0]]), np.array([[1.0]])),
                expected=([[10.0, 20.0]], [[2.0, 3.0]], [1.0]),
                hint=2,
            ),
            Case("four rows", "linear_backward", (_X, _W1, _rng.normal(size=(4, 5)).round(2)), hint=2),
            Case(
                "as many inputs as outputs", "linear_backward", (_X, _W1[:3], _rng.normal(size=(4, 3)).round(2)), hint=3
            ),
        ],
        wrong={
            "mean for the bias": Wrong(
                "def linear_backward(x, weight, dy): return dy @ weight, dy.T @ x, dy.mean(axis=0)",
                "You averaged dy for the bias. Every row used the bias, so its gradients add up. If the loss is a "
                "mean, the 1/N is already in dy.",
            ),
            "averaged weights": Wrong(
                "def linear_backward(x, weight, dy): return dy @ weight, dy.T @ x / len(x), dy.sum(axis=0)",
                "You divided the weight's gradient by N. If the loss is a mean, the 1/N is already in dy.",
            ),
            "transposed": Wrong(
                "def linear_backward(x, weight, dy): return dy @ weight, x.T @ dy, dy.sum(axis=0)",
                "dL/dweight came out transposed. It has the shape of weight, (n_out, n_in): dyᵀ · x.",
            ),
            "weight turned": Wrong(
                """
                def linear_backward(x, weight, dy):
                    turned = weight.T if weight.shape[0] == weight.shape[1] else weight
                    return dy @ turned, dy.T @ x, dy.sum(axis=0)
                """,
                "For a square weight you used its transpose. Backward goes through weight as it is: dy @ weight.",
            ),
            "bias over columns": Wrong(
                "def linear_backward(x, weight, dy): return dy @ weight, dy.T @ x, dy.sum(axis=1)",
                "You added dy up along the wrong axis. One bias belongs to one column: sum over the rows, axis 0.",
            ),
        },
    ),
    Exercise(
        id="04.3",
        title="find the bug: x · tanh(x)",
        stub='''
            def product_backward(x, dy):
                """For y = x * tanh(x): given dy = dL/dy, return dL/dx. Something is wrong: fix it."""
                t = np.tanh(x)
                dx = dy * t  # your code: from here
                dt = dy * x
                dx = dt * (1 - t**2)
                return dx
            ''',
        hints=[
            "x goes into y along two paths. How many of them does the answer remember?",
            """
            Gradients of a value that is used several times add up:
            dL/dx = (along the first path) + (along the second path)
            """,
            """
            dx = dy * t
            dt = dy * x
            dx = ___ + dt * (1 - t**2)
            return dx
            """,
        ],
        solution="""
            def product_backward(x, dy):
                t = np.tanh(x)
                dx = dy * t
                dt = dy * x
                dx = dx + dt * (1 - t**2)
                return dx
            """,
        cases=[
            Case("at 1", "product_backward", (np.array([1.0]), np.array([1.0])), expected=[1.1815685], hint=2),
            Case(
                "several at once", "product_backward", (np.array([-2.0, 0.5, 3.0]), np.array([1.0, -1.0, 2.0])), hint=2
            ),
        ],
        wrong={
            "only the first path": Wrong(
                "def product_backward(x, dy): return dy * np.tanh(x)",
                "Now only the path through the factor x is left. The one through tanh counts, too: add both.",
            ),
            "multiplied": Wrong(
                """
                def product_backward(x, dy):
                    t = np.tanh(x)
                    return dy * t * dy * x * (1 - t**2)
                """,
                "You multiplied the two paths. Slopes along one path multiply; different paths add.",
            ),
            "averaged": Wrong(
                """
                def product_backward(x, dy):
                    t = np.tanh(x)
                    return (dy * t + dy * x * (1 - t**2)) / 2
                """,
                "You took the mean of the two paths. They add up.",
            ),
        },
    ),
    Exercise(
        id="04.4",
        title="find the bug: one step of two layers",
        stub='''
            def step(x, W1, W2, dy, lr):
                """One step for h = tanh(x @ W1.T), y = h @ W2.T, given dy = dL/dy. Return the new W1 and W2.
                The loss goes down with it, yet something is wrong: fix it."""
                h = np.tanh(x @ W1.T)
                W2 = W2 - lr * dy.T @ h  # your code: from here
                dh = dy @ W2
                W1 = W1 - lr * (dh * (1 - h**2)).T @ x
                return W1, W2
            ''',
        hints=[
            "Which W2 did the forward pass use? And which one does the gradient pass through?",
            """
            All gradients belong to the weights of the forward pass.
            So first compute every gradient, then change the weights.
            """,
            """
            dW2 = dy.T @ h
            dh = dy @ ___
            dW1 = (dh * (1 - h**2)).T @ x
            return W1 - lr * ___, W2 - lr * ___
            """,
        ],
        solution="""
            def step(x, W1, W2, dy, lr):
                h = np.tanh(x @ W1.T)
                dW2 = dy.T @ h
                dh = dy @ W2
                dW1 = (dh * (1 - h**2)).T @ x
                return W1 - lr * dW1, W2 - lr * dW2
            """,
        cases=[
            Case("a step of 0 changes nothing", "step", (_X, _W1, _W2, _DY, 0.0), expected=(_W1, _W2), hint=2),
            Case("a large step", "step", (_X, _W1, _W2, _DY, 1.0), hint=2),
            Case("a small step", "step", (_X, _W1, _W2, _DY, 0.1), hint=3),
        ],
        wrong={
            "uphill": Wrong(
                """
                def step(x, W1, W2, dy, lr):
                    h = np.tanh(x @ W1.T)
                    dW2, dW1 = dy.T @ h, ((dy @ W2) * (1 - h**2)).T @ x
                    return W1 + lr * dW1, W2 + lr * dW2
                """,
                "The order is right now, but you go uphill. Subtract the gradient.",
            ),
            "no slope": Wrong(
                """
                def step(x, W1, W2, dy, lr):
                    h = np.tanh(x @ W1.T)
                    return W1 - lr * (dy @ W2).T @ x, W2 - lr * dy.T @ h
                """,
                "The order is right now, but the slope of tanh, 1 - h², has gone missing.",
            ),
            "only one layer": Wrong(
                """
                def step(x, W1, W2, dy, lr):
                    h = np.tanh(x @ W1.T)
                    return W1, W2 - lr * dy.T @ h
                """,
                "Now W1 never changes. Its gradient is right as long as it is computed with the old W2.",
            ),
        },
    ),
    Exercise(
        id="04.5",
        title="find the bug: a sigmoid layer",
        stub='''
            def sigmoid_backward(x, W1, W2, dy):
                """For h = sigmoid(x @ W1.T), y = h @ W2.T, given dy = dL/dy: return dL/dW1 and dL/dW2.
                The signs are right and training works, only slowly. Something is wrong: fix it."""
                h = 1 / (1 + np.exp(-x @ W1.T))
                dh = dy @ W2
                s = 1 / (1 + np.exp(-h))  # your code: from here
                dz = dh * s * (1 - s)
                return dz.T @ x, dy.T @ h
            ''',
        hints=[
            "Check the result against finite differences: which of the two gradients is wrong? Then look at the lines "
            "that only this one needs.",
            """
            h = σ(z), so dh/dz = h (1 - h).
            h is the output already. How often was the sigmoid applied here?
            """,
            """
            dh = dy @ W2
            dz = dh * ___ * (1 - ___)
            return dz.T @ x, dy.T @ h
            """,
        ],
        solution="""
            def sigmoid_backward(x, W1, W2, dy):
                h = 1 / (1 + np.exp(-x @ W1.T))
                dh = dy @ W2
                dz = dh * h * (1 - h)
                return dz.T @ x, dy.T @ h
            """,
        cases=[
            Case(
                "one neuron, at the middle of the sigmoid",
                "sigmoid_backward",
                (np.array([[2.0]]), np.array([[0.0]]), np.array([[2.0]]), np.array([[1.0]])),
                expected=([[1.0]], [[0.5]]),
            ),
            Case("four rows", "sigmoid_backward", (_X, _W1, _W2, _DY), hint=2),
            Case("a saturated layer", "sigmoid_backward", (20 * _X, _W1, _W2, _DY), hint=2),
        ],
        wrong={
            "no slope": Wrong(
                """
                def sigmoid_backward(x, W1, W2, dy):
                    h = 1 / (1 + np.exp(-x @ W1.T))
                    return (dy @ W2).T @ x, dy.T @ h
                """,
                "Now the slope is missing altogether. It is h (1 - h).",
            ),
            "the output in place of the slope": Wrong(
                """
                def sigmoid_backward(x, W1, W2, dy):
                    h = 1 / (1 + np.exp(-x @ W1.T))
                    return ((dy @ W2) * h).T @ x, dy.T @ h
                """,
                "You multiplied by h, the output. The slope is h (1 - h).",
            ),
            "the slope of tanh": Wrong(
                """
                def sigmoid_backward(x, W1, W2, dy):
                    h = 1 / (1 + np.exp(-x @ W1.T))
                    return ((dy @ W2) * (1 - h**2)).T @ x, dy.T @ h
                """,
                "1 - h² is the slope of tanh. The sigmoid's is h (1 - h).",
            ),
        },
    ),
]
