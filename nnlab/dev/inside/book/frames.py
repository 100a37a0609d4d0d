"""Frames of an explorer along its first slider, computed ahead, so that a page without a kernel can move it.

Which explorers can have them is found by trying: one that needs torch or long computing, or whose sliders change
nothing by themselves, keeps its stored picture.
"""

from __future__ import annotations

import ast
import os
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from nnlab import explore, plots
from nnlab.explore import Explorer, Levels, Slider

MOST_FRAMES, FEWEST_FRAMES = 21, 7
MOST_BYTES = 300_000  # of one explorer's frames
MOST_SECONDS = 0.1  # of this processor, to compute and draw one frame


@dataclass(frozen=True)
class Frames:
    """Pictures along one slider: `pngs` at the values `texts`; where the explorer starts is place `start`.

    label: of the slider. others: the labels of what moves only in the notebook. alt and size: of the picture, so that
    one can see whether the notebook stores the same."""

    label: str
    texts: list[str]
    pngs: list[bytes]
    start: int
    others: list[str]
    alt: str
    size: tuple[int, int]


class StoredOnly(Exception):
    """An explorer keeps its stored picture; the text says why."""


def shown_by(source: str) -> str | None:
    """`kernel_explorer()` if that is what a cell ends with and its arguments are written out, else None."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a line for IPython
        return None
    call = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if not isinstance(call, ast.Call) or not ast.unparse(call.func).startswith("explore."):
        return None
    if not all(isinstance(value, ast.Constant) for value in (*call.args, *(word.value for word in call.keywords))):
        return None
    return ast.unparse(call).removeprefix("explore.")


def film(call: str) -> Frames:
    """The frames of the explorer that `call` makes. Raises StoredOnly with the reason if it has none."""
    try:
        return _film(call)
    except ImportError as error:
        raise StoredOnly(f"it needs {error.name}") from error


def _film(call: str) -> Frames:
    explorer = _made(call)
    explorer.frame()  # the first one makes the axes, too
    name = _what_moves(explorer)
    control = explorer.controls[name]
    assert isinstance(control, (Slider, Levels))
    pngs: dict[float, bytes] = {}
    most = MOST_FRAMES
    while True:
        values = stops(control, most)
        for value in values:
            if value not in pngs:
                explorer.set(**{name: value})
                pngs[value] = explorer.png(1)
        size = sum(len(pngs[value]) for value in values)
        if size <= MOST_BYTES:
            break
        most = min(len(values) - 1, len(values) * MOST_BYTES // size)
        if most < FEWEST_FRAMES:
            raise StoredOnly(f"{len(values)} frames would have {size // 1000} kB")
    unit = f" {control.unit}" if isinstance(control, Slider) and control.unit else ""
    width, height = (round(side * plots.DPI) for side in explorer.size)
    return Frames(
        label=control.label or name,
        texts=[_text(control, value) + unit for value in values],
        pngs=[pngs[value] for value in values],
        start=values.index(control.value),
        others=[other.label or key for key, other in explorer.controls.items() if key != name],
        alt=explorer.alt,
        size=(width, height),
    )


def _made(call: str) -> Explorer:
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call)
    words = {str(word.arg): ast.literal_eval(word.value) for word in tree.keywords}
    made = getattr(explore, ast.unparse(tree.func))(*map(ast.literal_eval, tree.args), **words)
    if not isinstance(made, Explorer):
        raise StoredOnly("it shows more than one picture")
    return made


def _what_moves(explorer: Explorer) -> str:
    """The name of the first slider that changes the picture by itself. Raises StoredOnly if none does, or slowly."""
    idle = explorer.idle(explorer.values)
    for name, control in explorer.controls.items():
        if name in idle or not isinstance(control, (Slider, Levels)):
            continue
        pictures, seconds = set(), []
        for value in (*control.extremes(), control.value):
            begun = time.process_time()
            explorer.set(**{name: value})
            pictures.add(explorer.frame())
            seconds.append(time.process_time() - begun)
        if sorted(seconds)[1] > MOST_SECONDS:
            raise StoredOnly(f"a frame takes {1000 * sorted(seconds)[1]:.0f} ms")
        if len(pictures) > 1:
            return name
    raise StoredOnly("no slider of it changes the picture by itself")


def stops(control: Slider | Levels, most: int = MOST_FRAMES) -> list[float]:
    """At most `most` values of a slider, evenly along it, where it starts among them."""
    if isinstance(control, Levels):
        values = list(control.levels)
    else:
        low, high = np.log10([control.min, control.max]) if control.log else (control.min, control.max)
        places = low + control.step * np.arange(int((high - low) / control.step + 1e-6) + 1)
        values = [control.check(min(value, control.max)) for value in (10.0**places if control.log else places)]
    start = int(np.abs(np.array(values) - control.value).argmin())
    values[start] = control.value
    chosen = {round(place) for place in np.linspace(0, len(values) - 1, min(most, len(values)))}
    if start not in chosen:
        chosen.remove(min(chosen - {0, len(values) - 1}, key=lambda place: abs(place - start)))
        chosen.add(start)
    return [values[place] for place in sorted(chosen)]


def _text(control: Slider | Levels, value: float) -> str:
    """A value as the notebook's slider writes it."""
    if isinstance(control, Levels):
        return f"{value:g}"
    if control.log:
        return f"{value:.3g}"
    decimals = 0 if control.whole else max(0, -int(np.floor(np.log10(control.step) + 1e-9)))
    return f"{value:.{decimals}f}"


class NoTorch:
    """On `sys.meta_path`, this lets every import of torch fail."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raise ModuleNotFoundError for torch; all else is found by the next in line."""
        if name == "torch":
            raise ModuleNotFoundError("torch is left out here.", name=name)


def _without_torch() -> None:
    sys.meta_path.insert(0, NoTorch)


def _try_film(call: str) -> Frames | str:
    try:
        return film(call)
    except StoredOnly as reason:
        return str(reason)
    except Exception as error:  # whatever an explorer fails at here, the book has its stored picture
        return f"{type(error).__name__}: {error}"


def films(calls: Iterable[str]) -> dict[str, Frames | str]:
    """By call: the frames of that explorer, or why it has none. One process for each processor, without torch."""
    calls = sorted(set(calls))
    if not calls:
        return {}
    workers = min(os.cpu_count() or 1, len(calls))
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_without_torch) as pool:
        return dict(zip(calls, pool.map(_try_film, calls), strict=True))
