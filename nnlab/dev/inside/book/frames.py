"""Frames of an explorer, computed ahead, so that a page without a kernel can move it: along its run if it has Play,
else along the first slider that changes its picture, else along a choice.

Which explorers can have them is found by trying: one that takes long, or whose controls change nothing by themselves,
keeps its stored picture.
"""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np

from nnlab import explore, plots
from nnlab.explore import Choice, Explorer, Levels, Run, Slider, Toggle

MOST_FRAMES, FEWEST_FRAMES = 21, 7
MOST_BYTES = 300_000  # of one explorer's frames
MOST_SECONDS = 0.5  # of this processor, to compute and draw one frame
RUN_SECONDS = 15.0  # of this processor, for a run; one that takes longer is shown as far as it came
Moves = Slider | Levels | Choice | Toggle


@dataclass(frozen=True)
class Frames:
    """Pictures of an explorer, `pngs` at the places `texts`; the stored picture is at place `start`.

    label: of what moves. others: the labels of what moves only in the notebook. alt and size: of the picture, so that
    one can see whether the notebook stores the same. reached: whether the explorer's goal is, at each place."""

    label: str
    texts: list[str]
    pngs: list[bytes]
    start: int
    others: list[str]
    alt: str
    size: tuple[int, int]
    reached: list[bool]


@dataclass(frozen=True)
class Film:
    """An explorer as a page shows it: its goal ("" if it has none), and its frames or why it has none."""

    goal: str = ""
    frames: Frames | None = None
    why: str = ""


class StoredOnly(Exception):
    """An explorer keeps its stored picture; the text says why."""


def shown_by(source: str) -> str | None:
    """`kernel_explorer()` if that is what a cell shows and its arguments are written out, else None."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a line for IPython
        return None
    call = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if isinstance(call, ast.Name) and len(body) == 2 and isinstance(body[0], ast.Assign):  # line = ...; line
        call = body[0].value if list(map(ast.unparse, body[0].targets)) == [call.id] else None
    if not isinstance(call, ast.Call) or not ast.unparse(call.func).startswith("explore."):
        return None
    if not all(isinstance(value, ast.Constant) for value in (*call.args, *(word.value for word in call.keywords))):
        return None
    return ast.unparse(call).removeprefix("explore.")


def film(call: str) -> Film:
    """The goal and the frames of the explorer that `call` makes."""
    explorer = _made(call)
    goal = explorer.goal.text if explorer.goal else ""
    try:
        return Film(goal, recorded(explorer))
    except StoredOnly as reason:
        return Film(goal, why=str(reason))


def _made(call: str) -> Explorer:
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call)
    words = {str(word.arg): ast.literal_eval(word.value) for word in tree.keywords}
    made: Explorer = getattr(explore, ast.unparse(tree.func))(*map(ast.literal_eval, tree.args), **words)
    return made


def recorded(explorer: Explorer) -> Frames:
    """The frames of an explorer. Raises StoredOnly with the reason if it has none."""
    explorer.frame()  # the first one makes the axes, too
    track = _run(explorer, explorer.run) if explorer.run else _control(explorer)
    pngs, reached = [], []
    for place in track.places:
        track.go(place)
        pngs.append(explorer.png(1))
        reached.append(explorer.reached)
    kept = list(range(len(pngs)))
    while (size := sum(len(pngs[k]) for k in kept)) > MOST_BYTES:
        most = min(len(kept) - 1, len(kept) * MOST_BYTES // size)
        if most < FEWEST_FRAMES:
            raise StoredOnly(f"{len(kept)} frames would have {size // 1000} kB")
        kept = evenly(len(pngs), most, track.start)
    width, height = (round(side * plots.DPI) for side in explorer.size)
    return Frames(
        label=track.label,
        texts=[track.texts[k] for k in kept],
        pngs=[pngs[k] for k in kept],
        start=kept.index(track.start),
        others=[other.label or key for key, other in explorer.controls.items() if key != track.name],
        alt=explorer.alt,
        size=(width, height),
        reached=[reached[k] for k in kept],
    )


@dataclass(frozen=True)
class _Track:
    """What frames are taken along. name: of the control, "" for a run. go: shows the explorer at one of `places`."""

    name: str
    label: str
    places: Sequence[Any]
    texts: Sequence[str]
    start: int
    go: Callable[[Any], None]


def _run(explorer: Explorer, run: Run) -> _Track:
    """Along a run, from its first step to its last."""
    shown = explorer.steps
    explorer.restart()
    begun, chunk = time.process_time(), max(1, (run.length or 1000) // 100)
    while not explorer.finished and (run.length or explorer.steps < 10_000):
        if time.process_time() - begun > RUN_SECONDS:
            break
        explorer.advance(chunk)
    end = max(explorer.steps, shown)
    steps = [int(step) for step in sorted({*np.linspace(0, end, MOST_FRAMES).round()})]
    steps = sorted({*(step for step in steps if abs(step - shown) > end / (3 * MOST_FRAMES)), shown, 0, end})
    explorer.restart()

    def go(step: int) -> None:
        explorer.advance(step - explorer.steps)

    texts = []
    for step in steps if run.caption else ():
        go(step)
        texts.append(run.caption(explorer.data) if run.caption else "")
    if run.caption:
        explorer.restart()
    return _Track("", run.unit, steps, texts or [str(step) for step in steps], steps.index(shown), go)


def _control(explorer: Explorer) -> _Track:
    """Along the first slider that changes the picture by itself, or the first choice, or the first toggle. Raises
    StoredOnly if none does, or slowly."""
    idle = explorer.idle(explorer.values)
    for kind in ((Slider, Levels), Choice, Toggle):
        for name, control in explorer.controls.items():
            if name not in idle and isinstance(control, kind) and _changes(explorer, name, control):
                values = stops(control)
                texts = [_text(control, value) for value in values]

                def go(value: Any, name: str = name) -> None:
                    explorer.set(**{name: value})

                return _Track(name, control.label or name, values, texts, values.index(control.value), go)
    raise StoredOnly("nothing changes its picture by itself")


def _changes(explorer: Explorer, name: str, control: Moves) -> bool:
    """Whether a control changes the picture by itself. Raises StoredOnly if that takes long."""
    pictures, seconds = set(), []
    for value in (*stops(control, 5), control.value):
        begun = time.process_time()
        explorer.set(**{name: value})
        pictures.add(explorer.frame())
        seconds.append(time.process_time() - begun)
    if (median := sorted(seconds)[len(seconds) // 2]) > MOST_SECONDS:
        raise StoredOnly(f"a frame takes {1000 * median:.0f} ms")
    return len(pictures) > 1


def evenly(count: int, most: int, keep: int) -> list[int]:
    """At most `most` of the places 0 to count - 1, evenly among them, with both ends and the place `keep`."""
    chosen = {round(place) for place in np.linspace(0, count - 1, min(most, count))}
    if keep not in chosen:
        chosen.remove(min(chosen - {0, count - 1}, key=lambda place: abs(place - keep)))
        chosen.add(keep)
    return sorted(chosen)


def stops(control: Moves, most: int = MOST_FRAMES) -> list[Any]:
    """At most `most` values of a control, evenly along it, where it starts among them."""
    if isinstance(control, Slider):
        low, high = np.log10([control.min, control.max]) if control.log else (control.min, control.max)
        places = low + control.step * np.arange(int((high - low) / control.step + 1e-6) + 1)
        values = [control.check(min(value, control.max)) for value in (10.0**places if control.log else places)]
        start = int(np.abs(np.array(values) - control.value).argmin())
        values[start] = control.value
    else:
        values = list(control.levels if isinstance(control, Levels) else control.extremes())
        start = values.index(control.value)
    return [values[place] for place in evenly(len(values), most, start)]


def _text(control: Moves, value: Any) -> str:
    """A value as the notebook writes it, with its unit."""
    if isinstance(control, Toggle):
        return "on" if value else "off"
    if isinstance(control, Choice):
        return str(value)
    if isinstance(control, Levels):
        return f"{value:g}"
    decimals = 0 if control.whole else max(0, -int(np.floor(np.log10(control.step) + 1e-9)))
    return (f"{value:.3g}" if control.log else f"{value:.{decimals}f}") + (f" {control.unit}" if control.unit else "")


def _try_film(call: str) -> Film:
    try:
        return film(call)
    except Exception as error:  # whatever an explorer fails at here, the book has its stored picture
        return Film(why=f"{type(error).__name__}: {error}")


def films(calls: Iterable[str]) -> dict[str, Film]:
    """By call: that explorer on film. One process for each processor."""
    calls = sorted(set(calls))
    if not calls:
        return {}
    workers = min(os.cpu_count() or 1, len(calls))
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        return dict(zip(calls, pool.map(_try_film, calls), strict=True))
