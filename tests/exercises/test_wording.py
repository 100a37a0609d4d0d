"""How values look in a report."""

import numpy as np

from nnlab.exercises import Case, Exercise
from tests.exercises.toy_exercises import TWO, half


def test_values_that_look_alike_are_shown_with_more_digits():
    text = TWO.check(lambda x, times=2: times * x * 1.0001, half).text
    assert "expected [2, -6, 10]\n    got      [2.0002, -6.0006, 10.001]" in text
    text = TWO.check(lambda x, times=2: times * x + np.array([0, 0, 3e-5]), half).text
    assert "expected [2, -6, 10]\n    got      [2, -6, 10.00003]" in text


def test_long_inputs_are_shortened_and_lines_stay_short():
    wide = Exercise(
        "99.7", "f", "def f(x): ...", ["", "", ""], "def f(x): return x", [Case("big", "f", (np.ones((50, 60)) / 3,))]
    )
    text = wide.check(lambda x: 2 * x).text
    assert "[0.333333, 0.333333, ..., 0.333333, 0.333333]]\n             shape (50, 60)" in text
    assert max(map(len, text.splitlines())) < 90
