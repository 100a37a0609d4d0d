"""Exercise 04.1: backward through a product and through tanh."""

from nnlab.exercises.exercise import Case, Exercise, Wrong

EXERCISE = Exercise(
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
        chain rule: dL/da = (local slope of out with respect to a) · grad
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
        Case("tanh, a different gradient", "tanh_backward", (-0.5, -3.0), expected=-2.3593434, hint=3),
    ],
    wrong={
        "swapped": Wrong(
            "def mul_backward(a, b, grad): return a * grad, b * grad",
            "The two are swapped: out = a·b grows with a at the rate b, so dL/da has b in it.",
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
    also_right=[
        """
        def mul_backward(a, b, grad): return grad * np.array([b, a])
        def tanh_backward(x, grad): return grad / np.cosh(x) ** 2
        """,
    ],
)
