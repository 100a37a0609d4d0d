"""Exercise 11.2: clip by norm."""

from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _arrays(grads: list[Any], dtype: Any = float) -> list[np.ndarray]:
    return [np.array(g, dtype) for g in grads]


def _clipped(objects: Any, grads: list[Any], max_norm: float) -> tuple[np.ndarray, ...]:
    """The network's own arrays after clipping, even if the list holds others by then."""
    mine = _arrays(grads)
    objects.clip_by_norm_(list(mine), max_norm)
    return tuple(mine)


def _clipped_float32(objects: Any, grads: list[Any], max_norm: float) -> str:
    mine = _arrays(grads, np.float32)
    objects.clip_by_norm_(list(mine), max_norm)
    return "clipped" if abs(float(np.sqrt(sum((g**2).sum() for g in mine))) - max_norm) < 1e-3 else "not clipped"


def _returned(objects: Any, grads: list[Any], max_norm: float) -> Any:
    return objects.clip_by_norm_(_arrays(grads), max_norm)


EXERCISE = Exercise(
    id="11.2",
    title="clip by norm",
    stub='''
        def clip_by_norm_(grads, max_norm):
            """If all gradients together are longer than max_norm, shrink them, in place and by one factor, so
            that they are max_norm long. Return the length that they had. grads: a list of arrays of floats"""
            ...  # your code
        ''',
    hints=[
        "All arrays together are one long vector. How long is it? Which numbers must not be divided by?",
        """
        length = sqrt(sum over all arrays of the sum of squares)
        if length > max_norm: each gradient times max_norm / length
        """,
        """
        length = np.sqrt(sum((g**2).___() for g in grads))
        if length > ___:
            for g in grads:
                g *= ___ / ___
        return ___
        """,
    ],
    solution="""
        def clip_by_norm_(grads, max_norm):
            length = np.sqrt(sum((g**2).sum() for g in grads))
            if length > max_norm:
                for g in grads:
                    g *= max_norm / length
            return length
        """,
    cases=[
        Case("one array of length 5, clipped to 1", _clipped, ([[3.0, 4.0]], 1.0), expected=([0.6, 0.8],), hint=2),
        Case(
            "two arrays are one vector, and keep its direction",
            _clipped,
            ([[[3.0, 0.0]], [4.0]], 1.0),
            expected=([[0.6, 0.0]], [0.8]),
            hint=2,
            rtol=1e-5,
        ),
        Case(
            "it returns the length before clipping", _returned, ([[3.0], [4.0]], 1.0), expected=5.0, hint=2, rtol=1e-5
        ),
        Case(
            "a short gradient stays as it is",
            _clipped,
            ([[0.3, 0.4]], 1.0),
            expected=([0.3, 0.4],),
            hint=2,
            rtol=1e-5,
        ),
        Case("and its length is returned", _returned, ([[0.3, 0.4]], 1.0), expected=0.5, hint=2, rtol=1e-5),
        Case(
            "signs stay, and so do small entries next to large ones",
            _clipped,
            ([[-300.0, 0.0], [400.0, 0.05]], 2.0),
            expected=([-1.2, 0.0], [1.6, 0.0002]),
            hint=2,
            rtol=1e-5,
        ),
        Case(
            "no gradient at all",
            _clipped,
            ([[0.0, 0.0], [0.0]], 1.0),
            expected=([0.0, 0.0], [0.0]),
            hint=1,
            fail_on_overflow=True,
        ),
        Case(
            "in float32, too",
            _clipped_float32,
            ([[3.0, 4.0], [[12.0]]], 1.0),
            expected="clipped",
            hint=3,
        ),
    ],
    wrong={
        "each by itself": Wrong(
            """
            def clip_by_norm_(grads, max_norm):
                length = np.sqrt(sum((g**2).sum() for g in grads))
                for g in grads:
                    own = np.sqrt((g**2).sum())
                    if own > max_norm:
                        g *= max_norm / own
                return length
            """,
            "You clipped each array by its own length, and that turns the whole. All arrays share one length.",
        ),
        "by value": Wrong(
            """
            def clip_by_norm_(grads, max_norm):
                length = np.sqrt(sum((g**2).sum() for g in grads))
                for g in grads:
                    np.clip(g, -max_norm, max_norm, out=g)
                return length
            """,
            "You cut every entry off at max_norm. That is clipping by value, and it turns the direction.",
        ),
        "divides by zero": Wrong(
            """
            def clip_by_norm_(grads, max_norm):
                length = np.sqrt(sum((g**2).sum() for g in grads))
                factor = np.minimum(max_norm / length, 1)
                for g in grads:
                    g *= factor
                return length
            """,
            "Gradients that are all zero have length 0, and you divide by it. Ask first whether length > max_norm.",
        ),
        "stretches": Wrong(
            """
            def clip_by_norm_(grads, max_norm):
                length = np.sqrt(sum((g**2).sum() for g in grads))
                for g in grads:
                    g *= max_norm / (length + 1e-6)
                return length
            """,
            "Short gradients become longer: near a minimum every step would be as long as max_norm. Only shrink.",
        ),
        "a new name": Wrong(
            {"g *= max_norm / length": "g = g * max_norm / length"},
            "The network's own arrays stay as they were: g = g * ... and grads[i] = ... make new ones. Write into "
            "them: g *= ...",
        ),
        "root forgotten": Wrong(
            {"length = np.sqrt(sum((g**2).sum() for g in grads))": "length = sum((g**2).sum() for g in grads)"},
            "The sum of squares is the square of the length. Take its root.",
        ),
        "lengths added": Wrong(
            """
            def clip_by_norm_(grads, max_norm):
                length = sum(np.sqrt((g**2).sum()) for g in grads)
                if length > max_norm:
                    for g in grads:
                        g *= max_norm / length
                return length
            """,
            "You added the lengths of the arrays. Lengths add as in Pythagoras: squares first, one root at the end.",
        ),
        "mean of squares": Wrong(
            """
            def clip_by_norm_(grads, max_norm):
                length = np.sqrt(np.mean(np.concatenate([g.ravel() for g in grads]) ** 2))
                if length > max_norm:
                    for g in grads:
                        g *= max_norm / length
                return length
            """,
            "A length is the root of the sum of squares, not of their mean.",
        ),
        "greatest entry": Wrong(
            """
            def clip_by_norm_(grads, max_norm):
                length = max(np.abs(g).max() for g in grads)
                if length > max_norm:
                    for g in grads:
                        g *= max_norm / length
                return length
            """,
            "The greatest entry is not the length: many small ones make a long vector, too.",
        ),
        "returns the new length": Wrong(
            {"return length": "return min(length, max_norm)"},
            "You return the length after clipping. Worth knowing, and to be plotted, is the one before.",
        ),
    },
    also_right=[
        """
        def clip_by_norm_(grads, max_norm):
            length = np.linalg.norm([np.linalg.norm(g) for g in grads])
            factor = min(1, max_norm / (length + 1e-6))
            for i in range(len(grads)):
                grads[i][...] = grads[i] * factor
            return float(length)
        """,
        """
        def clip_by_norm_(grads, max_norm):
            total = 0.0
            for g in grads:
                for entry in g.ravel():
                    total += entry * entry
            length = total**0.5
            if length <= max_norm:
                return length
            for g in grads:
                np.multiply(g, max_norm / length, out=g)
            return length
        """,
        """
        def clip_by_norm_(grads, max_norm):
            import torch
            views = [torch.zeros(1, requires_grad=True) for g in grads]
            for view, g in zip(views, grads):
                view.data = torch.from_numpy(g)
                view.grad = torch.from_numpy(g)
            return torch.nn.utils.clip_grad_norm_(views, max_norm)
        """,
        """
        from nnlab import scratch
        def clip_by_norm_(grads, max_norm): return scratch.clip_grad_norm_(dict(enumerate(grads)), max_norm)
        """,
    ],
)
