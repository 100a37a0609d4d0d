"""Batches: everyone gets their own rows, few calls for many, and one bad request spoils no other."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nnlab.serve.batching import Batcher, StoppedError


class Gate:
    """A model that doubles, and that waits until it may."""

    def __init__(self):
        self.may, self.begun, self.calls = threading.Event(), threading.Event(), []

    def __call__(self, x):
        self.begun.set()
        assert self.may.wait(10)
        self.calls.append(len(x))
        if (x < 0).any():
            raise ValueError("negative")
        return 2 * x


def ask(batcher, values):
    """One request a value, all while the first is still running. -> futures"""
    pool = ThreadPoolExecutor(len(values))
    first = pool.submit(batcher.submit, np.full((1, 2), values[0], float))
    assert batcher._run.begun.wait(10)
    rest = [pool.submit(batcher.submit, np.full((1, 2), v, float)) for v in values[1:]]
    while len(batcher._waiting) < len(rest):
        pass
    pool.shutdown(wait=False)
    return [first, *rest]


def test_those_that_wait_go_together_and_get_their_own():
    seen = []
    batcher = Batcher(Gate(), most_rows=4, observe=seen.append)
    futures = ask(batcher, range(10))
    batcher._run.may.set()
    assert [f.result(10).tolist() for f in futures] == [[[2 * k, 2 * k]] for k in range(10)]
    assert batcher._run.calls == [1, 4, 4, 1] == seen


def test_more_rows_than_fit_go_alone():
    batcher = Batcher(Gate(), most_rows=2)
    batcher._run.may.set()
    x = np.arange(10.0).reshape(5, 2)
    np.testing.assert_array_equal(batcher.submit(x), 2 * x)


def test_a_failing_request_fails_alone():
    batcher = Batcher(Gate())
    futures = ask(batcher, [1, 2, -3, 4])
    batcher._run.may.set()
    with pytest.raises(ValueError, match="negative"):
        futures[2].result(10)
    assert [futures[k].result(10)[0, 0] for k in (0, 1, 3)] == [2, 4, 8]
    with pytest.raises(ValueError, match="negative"):
        batcher.submit(np.full((1, 2), -1.0))
    assert batcher.submit(np.ones((1, 2))).tolist() == [[2, 2]]


def test_whoever_waits_too_long_is_told_and_not_computed():
    batcher = Batcher(Gate(), timeout=0.05)
    futures = ask(batcher, [1, 2, 3])
    for late in futures[1:]:
        with pytest.raises(TimeoutError, match="in time"):
            late.result(10)
    batcher._run.may.set()
    assert futures[0].result(10)[0, 0] == 2 and batcher._run.calls == [1]
    assert batcher.submit(np.ones((1, 2)))[0, 0] == 2


def test_a_closed_one_answers_what_it_has():
    batcher = Batcher(Gate())
    futures = ask(batcher, [1, 2])
    batcher.close()
    with pytest.raises(StoppedError):
        batcher.submit(np.ones((1, 2)))
    batcher._run.may.set()
    assert [f.result(10)[0, 0] for f in futures] == [2, 4]


@pytest.mark.parametrize("wait", [0.0, 0.002])
def test_many_threads_never_mix_up_answers(wait):
    running = []

    def model(x):
        running.append(1)
        assert len(running) == 1, "two at a time"
        running.pop()
        return x + 1

    batcher = Batcher(model, most_rows=7, wait=wait)

    def client(k):
        return all(batcher.submit(np.full((1 + k % 3, 1), k * 100 + i)).max() == k * 100 + i + 1 for i in range(50))

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(client, range(12)))
