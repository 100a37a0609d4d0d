"""The learner's code is run safely: errors explained, endless loops stopped, prints shown."""

import sys
import threading

import numpy as np
import pytest

from nnlab.exercises import Case, Exercise
from nnlab.exercises.running import run_watched
from tests.exercises.toy_exercises import TWO, half


def raises_inside(x, times=2):
    return helper(x)


def helper(x):
    return np.concatenate([x, np.zeros((2, 2))])  # the line that they should read


def test_an_error_is_explained_with_the_learners_own_line():
    text = TWO.check(raises_inside, half).text
    assert "It raised ValueError: all the input array" in text
    assert "In helper, line" in text and "return np.concatenate([x, np.zeros((2, 2))])" in text
    assert "exercise.py" not in text and "Traceback" not in text
    assert "expected [2, -6, 10]" in text


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


@pytest.fixture
def asleep():
    """Code that sleeps until the test is over. A thread that still waits for its TimeLimitError would hide the lines of
    a loop from the traces of later tests (CPython 3.11)."""
    woken, sleepers = threading.Event(), []

    def sleeps(x, times=2):
        sleepers.append(threading.current_thread())
        woken.wait(60)

    yield sleeps
    woken.set()
    for thread in sleepers:
        thread.join()


@pytest.mark.parametrize("forever", [endless, stubborn, "asleep"])
def test_code_that_does_not_end_is_stopped(forever, asleep):
    forever = asleep if forever == "asleep" else forever
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


def test_an_overflow_fails_a_case_only_if_the_case_says_so():
    def make(fail_on_overflow):
        cases = [Case("large", "f", (np.array([-1000.0]),), expected=[0.0], fail_on_overflow=fail_on_overflow)]
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


@pytest.fixture
def no_threads(monkeypatch):
    monkeypatch.setattr("nnlab.host.threads_start", lambda: False)


def calls_for_ever(x, times=2):
    return max(2 * n for n in iter(int, 1))


@pytest.mark.parametrize("forever", [endless, calls_for_ever])
def test_without_threads_an_endless_loop_is_stopped(no_threads, forever):
    quick = Exercise("99.4", "slow", TWO.stub, TWO.hints, TWO.solution, TWO.cases, seconds=0.2)
    assert "It took too long and was stopped." in quick.check(forever, half).text


def test_a_time_that_is_over_before_the_call_is_no_error_of_ours():
    done = []
    run_watched(lambda: done.append(1), -1)
    assert not done


def test_without_threads_right_answers_pass_and_errors_are_explained(no_threads):
    before = sys.gettrace()
    assert TWO.check(lambda x, times=2: times * x, half).solved
    assert "In helper, line" in TWO.check(raises_inside, half).text
    assert sys.gettrace() is before
