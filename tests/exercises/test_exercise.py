"""What a learner reads from `check`, whatever comes: the mechanism, tried on small exercises made for it."""

import sys

import numpy as np
import pytest

import nnlab.exercises as exercises
from nnlab.exercises import Case, Exercise, Wrong
from tests.exercises.toy_exercises import CLASS, TWO, X, double, half


def test_right_answers_pass():
    report = TWO.check(double, half)
    assert report.solved and report.started and report.mistake is None
    assert report.text == (
        "✓ 99.1 double and half: solved\n"
        "  ✓ every number is doubled\n"
        "  ✓ times says how often\n"
        "  ✓ half of every number\n"
        "  ✓ both together"
    )


def test_the_order_of_named_objects_does_not_matter_and_names_need_not_fit():
    assert TWO.check(half, double).solved
    assert TWO.check(lambda x, times=2: x * times, lambda x: x * 0.5).solved


def test_an_untouched_stub_is_not_a_failure():
    expected = "99.1 double and half: not started yet. Fill in double and half above and run the cell\nagain.\n"
    report = TWO.check(*vars(TWO.build(TWO.stub)).values())
    assert report.text == expected + 'First hint: hint("99.1")'
    assert not report.started and not report.solved
    assert not CLASS.check(CLASS.build(CLASS.stub).Counter).started


def test_a_stub_half_filled_in_says_what_is_left():
    report = TWO.check(double, TWO.build(TWO.stub).half)
    assert report.started and not report.solved
    assert "✓ times says how often\n  ✗ half of every number\n    half is not started yet.\n" in report.text


def test_a_stub_of_which_only_a_property_is_filled_in_is_started():
    class Counter:
        def __init__(self): ...

        def add(self, n): ...

        @property
        def total(self):
            return 5

    report = CLASS.check(Counter)
    assert report.started and "That is too small." in report.text


def test_a_missing_return_is_not_an_untouched_stub():
    def mine(x, times=2):
        x = x * times

    report = TWO.check(mine, half)
    assert report.started and "It returned None. Does it end with a line that says return?" in report.text


def test_an_unknown_wrong_answer_gets_the_generic_report():
    report = TWO.check(lambda x, times=2: x + 1, half)
    assert report.mistake is None
    assert report.text == (
        "✗ 99.1 double and half: not yet\n"
        "  ✗ every number is doubled\n"
        "    double(x) with\n"
        "      x = [1, -3, 5]\n"
        "    expected [2, -6, 10]\n"
        "    got      [2, -2, 6]\n"
        "    2 of 3 numbers are different, first at index 1.\n"
        '  Hint for this: hint("99.1", 2)'
    )


@pytest.mark.parametrize("name", TWO.wrong)
def test_a_known_wrong_answer_earns_its_message(name):
    report = TWO.check(*vars(TWO.build(TWO.wrong[name].source)).values())
    assert report.mistake == name and not report.solved and TWO.wrong[name].message in report.text


def test_a_known_wrong_answer_is_known_by_what_it_does():
    def written_differently(x, times=2):
        return np.power(x, 2)

    assert TWO.check(written_differently, half).mistake == "square"


def test_of_two_mistakes_alike_in_the_failing_case_the_rest_decides():
    both = Exercise(
        id="99.3",
        title="sum",
        stub="def total(x): ...",
        hints=["", "", ""],
        solution="def total(x): return np.sum(x)",
        cases=[Case("two", "total", ([2.0, 0.0],), expected=2.0), Case("three", "total", ([1.0, 2.0, 4.0],))],
        wrong={
            "first": Wrong("def total(x): return x[0] + 1", "first"),
            "length": Wrong("def total(x): return len(x) + 1", "length"),
        },
    )
    assert both.check(lambda x: x[0] + 1).mistake == "first"
    assert both.check(lambda x: len(x) + 1).mistake == "length"
    assert both.check(lambda x: 3).mistake == "first"


def test_writing_into_the_input_is_reported_and_does_no_harm():
    def mine(x, times=2):
        x[0] = 99.0
        return times * np.array([1.0, -3.0, 5.0])

    for _ in range(2):
        assert "It writes into its input x. Make a new array instead." in TWO.check(mine, half).text
    assert X.tolist() == [1.0, -3.0, 5.0]


def test_a_broken_solution_is_its_authors_error():
    broken = Exercise("99.8", "f", "def f(): ...", ["", "", ""], "def f(): return 1 / 0", [Case("it works", "f")])
    with pytest.raises(RuntimeError, match=r"solution of 99\.8 fails where it works"):
        broken.check(lambda: 1)


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ((), '99.1 checks double and half, but nothing came. Write check("99.1", double, half)'),
        ((double,), "99.1 checks double and half, but 1 came."),
        ((double(X), half), "Expected double itself, got an array of shape (3,). Pass its name without brackets"),
        ((double, None), "Expected half itself, got None."),
    ],
)
def test_a_check_called_wrongly_explains_itself(objects, words):
    report = TWO.check(*objects)
    assert words in report.text.replace("\n", " ") and not report.started


def test_a_type_can_be_asked_for():
    case = Case("float32 stays", lambda objects, x: objects.f(x).dtype.name, (np.float32([1]),), expected="float32")
    exercise = Exercise("99.9", "f", "def f(x): ...", ["", "", ""], "def f(x): return x + 1", [case])
    assert exercise.check(lambda x: 1 + x).solved
    assert "Expected 'float32', got 'float64'." in exercise.check(lambda x: x + np.ones(1)).text


def test_the_example_in_the_documentation_works():
    text = sys.modules["nnlab.exercises.exercise"].__doc__
    example = text[text.index("    EXERCISE = ") : text.index("\nA case calls")]
    exercise = eval(example.strip().removeprefix("EXERCISE = "), vars(exercises) | {"np": np})
    assert exercise.check(exercise.build(exercise.solution).double).solved
    assert exercise.check(exercise.build(exercise.wrong["square"].source).double).mistake == "square"
    assert all(exercise.check(exercise.build(source).double).solved for source in exercise.also_right)


def test_a_wrong_answer_by_its_lines():
    def sources(**swaps):
        wrong = {name: Wrong(lines, name) for name, lines in swaps.items()}
        stub, solution = "def f(x): ...  # your code", "def f(x):\n    y = x + 1\n    return y"
        made = Exercise(id="00.9", title="f", stub=stub, hints=[], solution=solution, cases=[], wrong=wrong)
        return [made.wrong[name].source for name in swaps]

    other, left_out = sources(two={"y = x + 1": "y = x\ny += 5"}, none={"y = x + 1": ""})
    assert other == "def f(x):\n    y = x\n    y += 5\n    return y"
    assert left_out == "def f(x):\n    return y"
    with pytest.raises(ValueError, match="one line 'z = 1'"):
        sources(lost={"z = 1": "z = 2"})


def test_a_right_answer_by_its_lines():
    stub, solution = "def f(x): ...  # your code", "def f(x):\n    y = x + 1\n    return y"
    answers = [{"y = x + 1": "y = 1 + x"}, "def f(x): return x + 1"]
    made = Exercise(id="00.9", title="f", stub=stub, hints=[], solution=solution, cases=[], also_right=answers)
    assert made.also_right == ["def f(x):\n    y = 1 + x\n    return y", "def f(x): return x + 1"]
    with pytest.raises(ValueError, match="one line 'z = 1'"):
        Exercise("00.9", "f", stub, [], solution, cases=[], also_right=[{"z = 1": "z = 2"}])
