"""How values are compared, and how a difference is put into words."""

import sys

import numpy as np
import pytest

from nnlab.exercises import Case, Exercise
from tests.exercises.toy_exercises import TWO, double, half


@pytest.mark.parametrize(
    "convert",
    [
        list,
        tuple,
        np.float32,
        lambda a: np.array(a, dtype=object).astype(float),
        lambda a: a.astype(int),
        "torch",
        "grad",
    ],
)
def test_what_is_as_good_as_an_array_counts_as_one(convert):
    torch = pytest.importorskip("torch") if convert in ("torch", "grad") else None  # takes longer than a check may

    def mine(x, times=2):
        if torch:
            return torch.tensor(times * x, requires_grad=convert == "grad")
        return convert(times * x)

    assert TWO.check(mine, half).solved


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda x, times=2: -times * x, "The sign is flipped; otherwise this is right."),
        (lambda x, times=2: 10 * times * x, "Every number is 10 times what it should be."),
        (lambda x, times=2: times * x - 0.5, "Every number is 0.5 too small."),
        (lambda x, times=2: x * np.nan, "All 3 numbers are NaN (not a number) or infinite."),
        (lambda x, times=2: (times * x)[:, None], "Expected an array of shape (3,), got an array of shape (3, 1)."),
        (lambda x, times=2: np.sum(x), "Expected an array of shape (3,), got one number."),
        (lambda x, times=2: "six", "Expected an array of shape (3,), got an object of type str."),
        (lambda x, times=2: [[1], [2, 3]], "Expected an array of shape (3,), got a list of 2."),
        (lambda x, times=2: (n for n in x), "got an object of type generator."),
        (lambda x, times=2: double, "got a function (double)."),
        (lambda x, times=2: {"x": x}, "got a dict of 1."),
        (lambda x, times=2: x.mean, "an object of type builtin_function_or_method"),
        (lambda x: 2 * x, "double should take (x, times); yours takes (x)."),
        (lambda: 2, "double should take (x); yours takes ()."),
        (lambda x, times=2: 1 / 0, "It raised ZeroDivisionError: division by zero\n    In <lambda>, line "),
        (lambda x, times=2: sys.exit(), "It raised SystemExit: "),
    ],
)
def test_differences_in_plain_words(wrong, words):
    assert words in TWO.check(wrong, half).text


def test_rows_and_columns_swapped():
    text = TWO.check(double, lambda x: x.T / 2).text
    assert "The numbers are right, but rows and columns are swapped." in text


def test_several_values_texts_and_dictionaries_are_compared():
    def make(solution):
        cases = [Case("it answers", lambda objects: objects.f())]
        return Exercise("99.6", "f", "def f(): ...", ["", "", ""], f"def f(): return {solution}", cases)

    pair = make("np.zeros(2), 'yes', None")
    assert pair.check(lambda: [[0, 0], "yes", None]).solved
    assert "Value 2 of 3: Expected 'yes', got 'no'." in pair.check(lambda: (np.zeros(2), "no", None)).text
    assert "Value 3 of 3: Expected None, got 1." in pair.check(lambda: (np.zeros(2), "yes", 1)).text
    assert "Expected 3 values as a tuple, got an array of shape (2,)." in pair.check(lambda: np.zeros(2)).text
    table = make("{'w': np.ones(2), 'b': 0.5}")
    assert table.check(lambda: {"b": 0.5, "w": [1, 1]}).solved
    assert "Under the key 'b': That is too large." in table.check(lambda: {"b": 1.5, "w": [1, 1]}).text
    assert "Expected a dictionary with the keys w and b, got a dict of 1." in table.check(lambda: {"b": 1}).text
    tables = make("np.eye(2), np.ones(2)").check(lambda: (np.eye(2), np.zeros(2))).text
    assert "expected ([[1, 0],\n               [0, 1]]   shape (2, 2),\n              [1, 1])" in tables
    ragged = make("[np.ones(2), np.ones(3)]")
    assert ragged.check(lambda: [[1, 1], [1, 1, 1]]).solved
    assert "Value 2 of 2:" in ragged.check(lambda: [[1, 1], [1, 1, 2]]).text


def test_yes_and_no_are_not_too_small():
    cases = [Case("it answers", lambda objects: objects.f()), Case("and twice", lambda objects: (objects.f(), 2.0))]
    yes = Exercise("99.6", "f", "def f(): ...", ["", "", ""], "def f(): return True", cases)
    for answer in (True, np.True_, 1):
        assert yes.check(lambda answer=answer: answer).solved
    for answer, words in ((False, "got False."), (np.False_, "got False."), (0.5, "got 0.5."), (7, "got 7.")):
        text = yes.check(lambda answer=answer: answer).text
        assert f"Expected True, {words}" in text and "small" not in text and "large" not in text


def test_several_values_of_one_shape_may_come_as_an_array():
    def make(solution):
        cases = [Case("it answers", lambda objects: objects.f())]
        return Exercise("99.6", "f", "def f(): ...", ["", "", ""], f"def f(): return {solution}", cases)

    pair = make("1.0, 2.0")
    assert pair.check(lambda: np.array([1.0, 2.0])).solved
    assert "Value 2 of 2: That is too large." in pair.check(lambda: np.array([1.0, 3.0])).text
    assert "Expected 2 values as a tuple, got an array of shape (3,)." in pair.check(lambda: np.zeros(3)).text
    assert "Expected 2 values as a tuple, got one number." in pair.check(lambda: 1.0).text
    assert make("np.zeros(3), np.ones(3)").check(lambda: np.repeat([[0], [1]], 3, axis=1)).solved
    forgotten = make("np.zeros(2), 0.0").check(lambda: np.zeros(2)).text  # the second one, not a wrong first one
    assert "Expected 2 values as a tuple, got an array of shape (2,)." in forgotten
