"""Exercise 21.1: is a request what the model takes."""

import math
from typing import Any

import numpy as np

from nnlab.exercises.exercise import Case, Exercise, Wrong


def _status(objects: Any, body: Any, features: int = 3) -> Any:
    return objects.validate(body, features)[0]


def _x(objects: Any, body: Any) -> Any:
    x = np.asarray(objects.validate(body, 3)[1], float)
    return [list(x.shape), *x.ravel().tolist()]


EXERCISE = Exercise(
    id="21.1",
    title="is a request what the model takes",
    stub='''
        def validate(body, features):
            """body: what json.loads gave, anything. Return (200, x) with x (N, features) of floats
            if it is {"input": [one row or more]}, each row `features` finite numbers; else (422, None)"""
            ...  # your code
        ''',
    hints=[
        "What can the body be? A list, None, a dict without the key. What can stand where a row should? And what can "
        "stand where a number should: text, true, NaN?",
        """
        body is a dict with exactly the key "input"
        body["input"] is a list that is not empty
        each row is a list with `features` entries
        each entry is an int or a float, no bool, and finite
        """,
        """
        if not isinstance(body, dict) or set(body) != {"input"}: return 422, None
        rows = body["input"]
        if not isinstance(rows, list) or not rows: return ___
        for row in rows:
            if not isinstance(row, list) or len(row) != ___: return ___
            if not all(type(v) in (___, ___) and np.isfinite(v) for v in row): return ___
        return 200, np.array(rows, float)
        """,
    ],
    solution="""
        def validate(body, features):
            if not isinstance(body, dict) or set(body) != {"input"}:
                return 422, None
            rows = body["input"]
            if not isinstance(rows, list) or not rows:
                return 422, None
            for row in rows:
                if not isinstance(row, list) or len(row) != features:
                    return 422, None
                if not all(type(v) in (int, float) and np.isfinite(v) for v in row):
                    return 422, None
            return 200, np.array(rows, float)
        """,
    cases=[
        Case("two good rows", _x, ({"input": [[1, 2.5, 3], [4, 5, 6]]},), hint=3),
        Case("their status", _status, ({"input": [[1, 2.5, 3], [4, 5, 6]]},), expected=200, hint=3),
        Case("a body that is no dict", _status, ([[1, 2, 3]],), expected=422, hint=2),
        Case("a body that is null", _status, (None,), expected=422, hint=2),
        Case("another key", _status, ({"data": [[1, 2, 3]]},), expected=422, hint=2),
        Case("a key too many", _status, ({"input": [[1, 2, 3]], "admin": 1},), expected=422, hint=2),
        Case("no row", _status, ({"input": []},), expected=422, hint=2),
        Case("an input that is no list", _status, ({"input": 7},), expected=422, hint=2),
        Case("a row that is a number", _status, ({"input": [1, 2, 3]},), expected=422, hint=2),
        Case("a row that is too short", _status, ({"input": [[1, 2, 3], [1, 2]]},), expected=422, hint=2),
        Case("a text of three letters", _status, ({"input": ["123"]},), expected=422, hint=2),
        Case("a number as text", _status, ({"input": [[1, "2", 3]]},), expected=422, hint=2),
        Case("true is no number", _status, ({"input": [[1, True, 3]]},), expected=422, hint=2),
        Case("null is no number", _status, ({"input": [[1, None, 3]]},), expected=422, hint=2),
        Case("NaN", _status, ({"input": [[1, math.nan, 3]]},), expected=422, hint=2),
        Case("infinity, in the last row", _status, ({"input": [[1, 2, 3], [1, 2, -math.inf]]},), expected=422, hint=2),
    ],
    wrong={
        "no check of the body": Wrong(
            {'if not isinstance(body, dict) or set(body) != {"input"}:': 'if "input" not in (body or {}):'},
            "A body with a key that you don't know is accepted. Whoever sends it believes that it does something: "
            'refuse it, set(body) must be {"input"}.',
        ),
        "an empty batch": Wrong(
            {"if not isinstance(rows, list) or not rows:": "if not isinstance(rows, list):"},
            "An empty list passes. The model would get an array without rows, and its shape would not even be (0, "
            "features).",
        ),
        "only the first row": Wrong(
            {"for row in rows:": "for row in rows[:1]:"},
            "Only the first row is checked. Check all of them: one bad row spoils the batch.",
        ),
        "isinstance takes bools": Wrong(
            {
                "if not all(type(v) in (int, float) and np.isfinite(v) for v in row):": "if not all(isinstance(v, "
                "(int, float)) and np.isfinite(v) for v in row):"
            },
            "In Python, True is an int: isinstance(True, int) holds. Ask for type(v) in (int, float).",
        ),
        "NaN passes": Wrong(
            {
                "if not all(type(v) in (int, float) and np.isfinite(v) for v in row):": "if not all(type(v) in (int, "
                "float) for v in row):"
            },
            "NaN and infinity pass. Python's json reads them, and every answer in their batch may become NaN. Ask for "
            "np.isfinite.",
        ),
        "whatever numpy takes": Wrong(
            """
            def validate(body, features):
                try:
                    x = np.array(body["input"], float)
                except Exception:
                    return 422, None
                if x.ndim != 2 or x.shape[1] != features or not np.isfinite(x).all():
                    return 422, None
                return 200, x
            """,
            'NumPy is generous: it makes numbers of "2" and of true, and this ignores unknown keys. A service should '
            "be strict: what is accepted once has to be accepted for ever.",
        ),
        "a length is enough": Wrong(
            {
                "if not isinstance(row, list) or len(row) != features:": "if np.size(row) != features and "
                "len(row) != features:"
            },
            "A row may be a number or a text. Ask whether it is a list before you take its length.",
        ),
    },
    also_right=[
        """
        def validate(body, features):
            try:
                (rows,) = body.values()
                good = list(body) == ["input"] and type(rows) is list and len(rows) > 0
                good = good and all(type(r) is list and len(r) == features for r in rows)
                good = good and all(type(v) in (int, float) and abs(v) < float("inf") for r in rows for v in r)
            except (AttributeError, ValueError, TypeError):
                good = False
            return (200, np.array(rows, dtype=float)) if good else (422, None)
        """,
    ],
)
