"""What a learner reads from `check`, whatever comes: the mechanism, tried on small exercises made for it."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import nnlab.exercises as exercises
from nnlab.exercises import Case, Exercise, Wrong

X = np.array([1.0, -3.0, 5.0])


def last_with_first(objects, x):
    return objects.double(x)[-1], objects.half(x)[0]


TWO = Exercise(
    id="99.1",
    title="double and half",
    stub='''
        def double(x, times=2):
            """Return times x."""
            ...  # your code


        def half(x):
            """Return x / 2."""
            ...  # your code
        ''',
    hints=["Nudge?", "2 · x", "return ___ * x"],
    solution="""
        def double(x, times=2):
            return times * x


        def half(x):
            return x / 2
        """,
    cases=[
        Case("every number is doubled", "double", (X,), expected=[2.0, -6.0, 10.0], hint=2),
        Case("times says how often", "double", (X, 3)),
        Case("half of every number", "half", (np.array([[1.0, 2.0], [3.0, 8.0]]),)),
        Case("both together", last_with_first, (X,)),
    ],
    wrong={
        "square": Wrong("def double(x, times=2): return x**2", "You squared."),
        "always twice": Wrong("def double(x, times=2): return 2 * x", "You ignored times."),
        "in place": Wrong(
            """
            def double(x, times=2):
                x *= times
                return x
            """,
            "You changed the caller's array.",
        ),
        "raises": Wrong("def half(x): return x.halve()", "Arrays have no method halve."),
    },
)

CLASS = Exercise(
    id="99.2",
    title="a counter",
    stub='''
        class Counter:
            """Counts."""

            def __init__(self):
                ...  # your code

            def add(self, n):
                ...  # your code

            @property
            def total(self):
                ...  # your code
        ''',
    hints=["", "", ""],
    solution="""
        class Counter:
            def __init__(self):
                self._total = 0

            def add(self, n):
                self._total += n

            @property
            def total(self):
                return self._total
        """,
    cases=[Case("it adds", lambda objects, steps: count(objects.Counter(), steps), ([1, 2, 3],), expected=6)],
)


def count(counter, steps):
    for n in steps:
        counter.add(n)
    return counter.total


def double(x, times=2):
    return times * x


def half(x):
    return x / 2


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
    def mine(x, times=2):
        if convert in ("torch", "grad"):
            import torch

            return torch.tensor(times * x, requires_grad=convert == "grad")
        return convert(times * x)

    assert TWO.check(mine, half).solved


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


def test_a_stub_whose_property_alone_is_filled_in_is_started():
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
    def otherwise_written(x, times=2):
        return np.power(x, 2)

    assert TWO.check(otherwise_written, half).mistake == "square"


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


def test_values_that_look_alike_are_shown_with_more_digits():
    text = TWO.check(lambda x, times=2: times * x * 1.0001, half).text
    assert "expected [2, -6, 10]\n    got      [2.0002, -6.0006, 10.001]" in text
    text = TWO.check(lambda x, times=2: times * x + np.array([0, 0, 3e-5]), half).text
    assert "expected [2, -6, 10]\n    got      [2, -6, 10.00003]" in text


def raises_inside(x, times=2):
    return helper(x)


def helper(x):
    return np.concatenate([x, np.zeros((2, 2))])  # the line that they should read


def test_an_error_is_told_with_the_learners_own_line():
    text = TWO.check(raises_inside, half).text
    assert "It raised ValueError: all the input array" in text
    assert "In helper, line" in text and "return np.concatenate([x, np.zeros((2, 2))])" in text
    assert "exercise.py" not in text and "Traceback" not in text
    assert "expected [2, -6, 10]" in text


def test_writing_into_the_input_is_told_and_does_no_harm():
    def mine(x, times=2):
        x[0] = 99.0
        return times * np.array([1.0, -3.0, 5.0])

    for _ in range(2):
        assert "It writes into its input x. Make a new array instead." in TWO.check(mine, half).text
    assert X.tolist() == [1.0, -3.0, 5.0]


def test_prints_of_the_learner_appear(capsys):
    def mine(x, times=2):
        print("here is x:", x[0])
        return times * x

    assert TWO.check(mine, half).solved
    assert capsys.readouterr().out.startswith("here is x: 1.0\n")


def endless(x, times=2):
    while True:
        pass


def stubborn(x, times=2):
    while True:
        try:
            while True:
                pass
        except:  # noqa: E722
            stubborn.caught += 1
            if stubborn.caught > 2:
                raise


stubborn.caught = 0


@pytest.mark.parametrize("forever", [endless, stubborn, lambda x, times=2: time.sleep(30)])
def test_code_that_does_not_end_is_stopped(forever):
    quick = Exercise("99.4", "slow", TWO.stub, TWO.hints, TWO.solution, TWO.cases, seconds=0.2)
    text = quick.check(forever, half).text
    assert "It took too long and was stopped. Is there a loop that never ends?" in text
    assert forever is not endless or "In endless, line" in text


def test_an_endless_loop_leaves_no_thread():
    quick = Exercise("99.4", "slow", TWO.stub, TWO.hints, TWO.solution, TWO.cases, seconds=0.2)
    before = set(threading.enumerate())
    quick.check(endless, half)
    for thread in set(threading.enumerate()) - before:
        thread.join(20)
    assert not set(threading.enumerate()) - before


def test_the_learners_interrupt_passes(monkeypatch):
    def interrupt(self, timeout=None):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", interrupt)
    with pytest.raises(KeyboardInterrupt):
        TWO.check(endless, half)


def test_quiet_cases_tell_an_overflow_and_others_do_not():
    def make(quiet):
        cases = [Case("large", "f", (np.array([-1000.0]),), expected=[0.0], quiet=quiet)]
        solution = "def f(x): return np.exp(x) / (1 + np.exp(x))"
        return Exercise("99.5", "f", "def f(x): ...", ["", "", ""], solution, cases)

    def naive(x):
        return 1 / (1 + np.exp(-x))

    def silenced(x):
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-x))

    assert make(False).check(naive).solved
    text = make(True).check(naive).text
    assert "NumPy met a number out of its range: overflow encountered in exp." in text
    assert "In naive, line" in text and "return 1 / (1 + np.exp(-x))" in text
    assert make(True).check(silenced).solved


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


def test_long_inputs_are_shortened_and_lines_stay_short():
    wide = Exercise(
        "99.7", "f", "def f(x): ...", ["", "", ""], "def f(x): return x", [Case("big", "f", (np.ones((50, 60)) / 3,))]
    )
    text = wide.check(lambda x: 2 * x).text
    assert "[0.333333, 0.333333, ..., 0.333333, 0.333333]]\n             shape (50, 60)" in text
    assert max(map(len, text.splitlines())) < 90


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


@pytest.fixture
def learner(monkeypatch, tmp_path):
    monkeypatch.setenv("NNLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setitem(exercises.ALL, "99.1", TWO)
    return tmp_path / "progress.json"


def test_check_prints_and_remembers(learner, capsys):
    assert exercises.check("99.1", *vars(TWO.build(TWO.stub)).values()) is None
    exercises.check("99.1")
    assert not learner.exists()
    exercises.check("99.1", half, half)
    assert learner.exists() and not exercises.progress().solved
    capsys.readouterr()
    exercises.check("99.1", double, half)
    assert exercises.progress().solved == {"99.1"}
    first = capsys.readouterr().out
    exercises.check("99.1", double, half)
    assert capsys.readouterr().out == first == TWO.check(double, half).text + "\n"


def test_progress_that_cannot_be_saved_does_not_hide_the_result(learner, capsys, monkeypatch):
    (learner.parent / "a file").write_text("")
    monkeypatch.setenv("NNLAB_PROGRESS", str(learner.parent / "a file" / "progress.json"))
    exercises.check("99.1", double, half)
    *report, note = capsys.readouterr().out.splitlines()
    assert report[0] == "✓ 99.1 double and half: solved"
    assert note.startswith("Your progress could not be saved in progress.json: ")


def test_hints_come_one_by_one(learner, capsys):
    exercises.hint("99.1")
    assert capsys.readouterr().out == 'Hint 1 of 4, 99.1 double and half\n  Nudge?\nNext: hint("99.1", 2)\n'
    exercises.hint("99.1", 3)
    assert capsys.readouterr().out.endswith('  return ___ * x\nThe next one is the solution: hint("99.1", 4)\n')
    exercises.hint("99.1", 4)
    shown = capsys.readouterr().out
    exercises.solution("99.1")
    assert shown == capsys.readouterr().out and shown.endswith(TWO.solution + "\n")
    assert not learner.exists()


@pytest.mark.parametrize("stage", [0, 5, -1, "2", None, 1.5])
def test_a_hint_that_is_not_there(learner, capsys, stage):
    exercises.hint("99.1", stage)
    assert "99.1 has hints 1 to 4" in capsys.readouterr().out


@pytest.mark.parametrize("id", ["2.1", 2.1, "02.9", "leaky", "", None, double])
def test_an_unknown_id_lists_the_nearest(learner, capsys, id):
    exercises.check(id, double)
    exercises.hint(id)
    exercises.solution(id)
    lines = capsys.readouterr().out
    assert lines.count("There is no exercise") == 3 and " at 0x" not in lines
    if id in ("2.1", 2.1):
        assert '"02.1"' in lines


def test_importing_the_exercises_imports_nothing_heavy():
    code = "import sys, nnlab.exercises; print([m for m in ('torch', 'matplotlib', 'ipywidgets') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_type_can_be_asked_for():
    case = Case("float32 stays", lambda objects, x: objects.f(x).dtype.name, (np.float32([1]),), expected="float32")
    exercise = Exercise("99.9", "f", "def f(x): ...", ["", "", ""], "def f(x): return x + 1", [case])
    assert exercise.check(lambda x: 1 + x).solved
    assert "Expected 'float32', got 'float64'." in exercise.check(lambda x: x + np.ones(1)).text


def test_the_example_in_the_documentation_works():
    text = sys.modules["nnlab.exercises.exercise"].__doc__
    example = text[text.index("    Exercise(") : text.index("\nA case calls")]
    exercise = eval(example.strip(), {"Exercise": Exercise, "Case": Case, "Wrong": Wrong, "np": np})
    assert exercise.check(exercise.build(exercise.solution).double).solved
    assert exercise.check(exercise.build(exercise.wrong["square"].source).double).mistake == "square"


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
