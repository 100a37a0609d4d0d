"""Explorers that run: a network in training, a learning rule, an animation, advanced step by step."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from nnlab import host

# Seconds in which a kernel reads its messages. A page reads them between any two tasks, and its shortest timer is 4 ms.
PAUSE = 0.004 if host.IN_BROWSER else 0.01


@dataclass(frozen=True)
class Run:
    """How an explorer runs.

    `begin(**values)` makes the state at step 0; `advance(state, **values)` takes one small step (a few ms at most) and
    changes the state in place. The explorer's compute then gets the state first: `compute(state, **values)`.
    Moving a control starts the run again, except those named in `live`, which act on it as it goes.
    `shown` steps are taken before it is first shown, so that the picture makes its point for readers without a kernel,
    where there is no Play.
    A frame holds as many steps as fit in `work` seconds, at most `per_frame`, and `pause` seconds follow it.
    It ends after `length` steps, or with None goes on until it is paused; `unit` is what a step is called.
    `caption(data)` is the text for where it stands, in place of "step 3 of 60"; `over(data)` is true when nothing more
    can come, so that Play ends by itself.
    """

    begin: Callable[..., Any]
    advance: Callable[..., None]
    length: int | None
    unit: str = "step"
    live: Collection[str] = ()
    shown: int = 0
    per_frame: int = 1_000_000
    work: float = 0.025
    pause: float = PAUSE
    caption: Callable[[Any], str] | None = None
    over: Callable[[Any], bool] | None = None
