"""Requests that come at the same time go through the model together: one call for many is cheaper than many calls.

No thread of its own: the caller that finds nothing running runs a batch, its own rows and all that wait, and hands
over to the first that came meanwhile. A lone request is then as fast as without batching.
"""

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


class StoppedError(RuntimeError):
    """The service takes no more."""


class _Job:
    """One request's rows. `woken` is set when it has its answer or its error, or when it is to lead the next batch."""

    def __init__(self, x: Array):
        self.x = x
        self.woken = threading.Event()
        self.leads = False
        self.answer: Array | None = None
        self.error: Exception | None = None


class Batcher:
    """Calls `run` (rows in, as many rows out), never twice at a time, with the rows of all who wait.

    most_rows: of one call, unless a single request has more. wait: seconds that a batch waits for company before it is
    run; with 0 it takes who came while the one before ran. timeout: seconds after which a caller gets no answer.
    observe: is told each batch's rows.
    """

    def __init__(
        self,
        run: Callable[[Array], Array],
        *,
        most_rows: int = 64,
        wait: float = 0.0,
        timeout: float = 10.0,
        observe: Callable[[int], None] = lambda rows: None,
    ):
        self._run, self._observe, self.most_rows = run, observe, need_size(most_rows, "most_rows")
        self.wait, self.timeout = need_number(wait, "wait"), need_number(timeout, "timeout")
        self._waiting: deque[_Job] = deque()
        self._lock = threading.Lock()
        self._running = self._closed = False

    def submit(self, x: Array) -> Array:
        """The answer for rows x (N, ...). Raises TimeoutError if it takes too long, StoppedError after `close`, and
        whatever `run` raises for these rows."""
        job = _Job(x)
        with self._lock:
            if self._closed:
                raise StoppedError("The batcher is closed.")
            self._waiting.append(job)
            job.leads = not self._running
            self._running = True
        if not job.leads and not job.woken.wait(self.timeout):
            with self._lock:
                if not job.leads:  # else it was handed the lead in this very moment
                    if job in self._waiting:
                        self._waiting.remove(job)  # nobody waits for it: don't compute it
                    raise TimeoutError("The model did not answer in time.")
        if job.leads:
            self._lead()
        if job.error is not None:
            raise job.error
        assert job.answer is not None
        return job.answer

    def close(self) -> None:
        """Take nothing more; what was taken is answered."""
        with self._lock:
            self._closed = True

    def _lead(self) -> None:
        """Run one batch, whose first job is the caller's own, and hand over."""
        if self.wait:
            time.sleep(self.wait)
        with self._lock:
            batch = [self._waiting.popleft()]
            rows = len(batch[0].x)
            while self._waiting and rows + len(self._waiting[0].x) <= self.most_rows:
                batch.append(self._waiting.popleft())
                rows += len(batch[-1].x)
        try:
            self._observe(rows)
            answers = self._run(np.concatenate([job.x for job in batch]) if len(batch) > 1 else batch[0].x)
            start = 0
            for job in batch:
                job.answer = answers[start : start + len(job.x)]
                start += len(job.x)
        except Exception as error:
            self._alone(batch, error)
        with self._lock:
            self._running = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].woken.set()
        for job in batch:
            job.woken.set()

    def _alone(self, batch: list[_Job], error: Exception) -> None:
        """One request must not take the others of its batch along: run each alone."""
        for job in batch:
            try:
                if len(batch) == 1:
                    raise error
                job.answer = self._run(job.x)
            except Exception as own:
                job.error = own
