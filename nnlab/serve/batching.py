"""Requests that come at the same time go through the model together: one call for many is cheaper than many calls."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import need_number, need_size

Array = NDArray[Any]


class BusyError(RuntimeError):
    """The queue is full."""


class _Job:
    """One request's rows, and its answer when `done` is set."""

    def __init__(self, x: Array):
        self.x, self.came = x, time.monotonic()
        self.done = threading.Event()
        self.answer: Array | None = None
        self.error: Exception | None = None


class Batcher:
    """Calls `run` (rows in, as many rows out) from one thread, with all rows that wait, at most `most_rows`.

    wait: seconds that the first request of a batch waits for company. queue: requests that may wait; one more is
    refused. timeout: seconds after which a caller gets no answer any more. observe: is told each batch's rows.
    """

    def __init__(
        self,
        run: Callable[[Array], Array],
        *,
        most_rows: int = 64,
        wait: float = 0.001,
        queue: int = 64,
        timeout: float = 10.0,
        observe: Callable[[int], None] = lambda rows: None,
    ):
        self._run, self._observe = run, observe
        self.most_rows, self.queue = need_size(most_rows, "most_rows"), need_size(queue, "queue")
        self.wait, self.timeout = need_number(wait, "wait"), need_number(timeout, "timeout")
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="batcher", daemon=True)
        self._thread.start()

    def submit(self, x: Array) -> Array:
        """The answer for rows x (N, ...), as soon as it is there. Raises BusyError if the queue is full or closed,
        TimeoutError if it takes too long, and whatever `run` raises for these rows."""
        job = _Job(x)
        with self._changed:
            if self._closed or len(self._waiting) >= self.queue:
                raise BusyError("The queue is full.")
            self._waiting.append(job)
            self._changed.notify()
        if not job.done.wait(self.timeout):
            with self._changed:
                if job in self._waiting:
                    self._waiting.remove(job)  # nobody waits for it: don't compute it
            raise TimeoutError("The model did not answer in time.")
        if job.error is not None:
            raise job.error
        assert job.answer is not None
        return job.answer

    def close(self) -> None:
        """Answer what waits, refuse what comes."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next():
            self._observe(sum(len(job.x) for job in batch))
            try:
                answers = self._run(np.concatenate([job.x for job in batch]) if len(batch) > 1 else batch[0].x)
                ends = np.cumsum([len(job.x) for job in batch])[:-1]
                for job, answer in zip(batch, np.split(answers, ends), strict=True):
                    job.answer = answer
            except Exception as error:
                self._alone(batch, error)
            for job in batch:
                job.done.set()

    def _alone(self, batch: list[_Job], error: Exception) -> None:
        """One request must not take the others of its batch along: run each alone."""
        for job in batch:
            try:
                if len(batch) == 1:
                    raise error
                job.answer = self._run(job.x)
            except Exception as own:
                job.error = own

    def _next(self) -> list[_Job]:
        """The jobs of the next batch, in the order they came; none once it is closed and empty."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            while self._waiting and not self._closed:
                left = self._waiting[0].came + self.wait - time.monotonic()
                if left <= 0 or sum(len(job.x) for job in self._waiting) >= self.most_rows:
                    break
                self._changed.wait(left)
            batch: list[_Job] = []
            rows = 0
            while self._waiting and (not batch or rows + len(self._waiting[0].x) <= self.most_rows):
                batch.append(self._waiting.popleft())
                rows += len(batch[-1].x)
            return batch if batch or self._closed else self._next()
