"""Every explorer there is, at its ends: it computes, is pure, and its goal is neither given nor out of reach.

Its picture can be read at each of them: no text is cut or overlaps another, no legend covers a curve."""

from __future__ import annotations

import copy
import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

from nnlab.explore import ALL, Explorer, Slider
from tests.faults import faults

EVERY = pytest.mark.parametrize("name", ALL)
SCAN = 3000  # settings looked at where a goal should be out of reach


def corners(explorer: Explorer) -> list[dict[str, Any]]:
    """As it begins, and all controls at their least and greatest."""
    ends = {name: control.extremes() for name, control in explorer.controls.items()}
    return [{}, {n: e[0] for n, e in ends.items()}, {n: e[-1] for n, e in ends.items()}]


def settings(explorer: Explorer) -> list[dict[str, Any]]:
    """Each control at its ends, and all at their least and greatest."""
    alone = [{name: end} for name, control in explorer.controls.items() for end in control.extremes()]
    return [*corners(explorer), *alone]


def leaves(data: Any, seen: set[int] | None = None) -> list[Any]:
    """Numbers, arrays and texts inside whatever compute gave."""
    seen = set() if seen is None else seen
    if isinstance(data, (str, bytes, bool, int, float, complex, np.generic, np.ndarray, type(None))):
        return [data]
    if id(data) in seen:
        return []
    seen.add(id(data))
    if dataclasses.is_dataclass(data):
        inner: Any = [getattr(data, f.name) for f in dataclasses.fields(data)]
    elif isinstance(data, dict):
        inner = data.values()
    elif isinstance(data, (list, tuple, set)):
        inner = data
    else:
        inner = getattr(data, "__dict__", {}).values()
    return [leaf for part in inner for leaf in leaves(part, seen)]


def same(one: Any, other: Any) -> bool:
    a, b = leaves(one), leaves(other)
    return len(a) == len(b) and all(
        np.array_equal(x, y, equal_nan=True) if isinstance(x, (np.ndarray, float)) else type(x) is type(y)
        for x, y in zip(a, b, strict=True)
    )


def is_finite(data: Any) -> bool:
    numbers = [leaf for leaf in leaves(data) if isinstance(leaf, (float, np.floating, np.ndarray))]
    return all(np.isfinite(n).all() for n in numbers if np.asarray(n).dtype.kind == "f")


def faults_of(explorer: Explorer) -> list[str]:
    """What is wrong with the picture now."""
    explorer.frame()
    canvas = explorer._canvas
    assert canvas is not None
    return faults(canvas.figure, canvas._agg.get_renderer())


@EVERY
def test_it_computes_and_draws_at_every_end(name):
    """One that doesn't run is moved to each end alone by test_panels.py, which looks at every picture too."""
    explorer = ALL[name]()
    assert explorer.alt.strip()
    starts = explorer.values
    for values in settings(explorer) if explorer.run else corners(explorer):
        explorer.set(**starts | values)
        if explorer.run:
            explorer.restart()
            explorer.advance(3)
        assert is_finite(explorer.data), values
        assert not faults_of(explorer), values


@EVERY
def test_compute_is_pure(name):
    """The same values give the same data, and data given earlier does not change later."""
    explorer = ALL[name]()
    every = settings(explorer)
    given = [explorer.compute(**values) for values in every]
    kept = copy.deepcopy(given)
    for values, before in zip(reversed(every), reversed(kept), strict=True):
        assert same(before, explorer.compute(**values)), f"{values}: a second time it gives something else"
    for values, data, before in zip(every, given, kept, strict=True):
        assert same(data, before), f"{values}: other values wrote into it"


@EVERY
def test_its_goal(name):
    """Not given at the start, and truly out of reach where no solution is known; test_panels.py reaches the others."""
    explorer = ALL[name]()
    if explorer.goal is None:
        return
    assert not explorer.reached, "it is met before anything is moved"
    if explorer.goal.solution is None:
        assert not any(explorer.goal.reached(explorer.compute(**values)) for values in scan(explorer))


def scan(explorer: Explorer) -> list[dict[str, Any]]:
    """All controls together, coarsely."""
    sliders = sum(isinstance(control, Slider) for control in explorer.controls.values())
    others = np.prod([len(c.extremes()) for c in explorer.controls.values() if not isinstance(c, Slider)])
    count = max(3, int((SCAN / max(others, 1)) ** (1 / max(sliders, 1))))
    axes = []
    for control in explorer.controls.values():
        if not isinstance(control, Slider):
            axes.append(control.extremes())
        elif control.log:
            axes.append(np.geomspace(control.min, control.max, count).tolist())
        else:
            axes.append([control.check(v) for v in np.linspace(control.min, control.max, count)])
    return [dict(zip(explorer.controls, values, strict=True)) for values in itertools.product(*axes)]


@EVERY
def test_a_slider_moves_only_what_moves(name):
    """A bound on work instead of on time: of five small moves, at most one may draw axes and texts again."""
    explorer = ALL[name]()
    explorer.frame()
    for control_name, control in explorer.controls.items():
        if not isinstance(control, Slider):
            continue
        before = explorer._canvas.redraws
        for step in range(1, 6):
            by = step * control.step
            up, down = (control.value * 10.0**s if control.log else control.value + s for s in (by, -by))
            value = up if up <= control.max else down
            if not control.min <= value <= control.max:
                break
            explorer.set(**{control_name: value})
            explorer.frame()
        assert explorer._canvas.redraws <= before + 1, f"moving {control_name} draws the whole figure again"
        explorer.set(**{control_name: control.value})
        explorer.frame()


@EVERY
def test_names_are_for_people(name):
    """Labels fit beside a slider; a goal is a sentence; presets exist in the controls' ranges."""
    explorer = ALL[name]()
    for control_name, control in explorer.controls.items():
        label = control.label or control_name
        unit = getattr(control, "unit", "")
        assert len(label) + (len(unit) + 3 if unit else 0) <= 30, label
    if explorer.goal:
        assert explorer.goal.text.rstrip().endswith((".", "?", "!"))


@EVERY
def test_sliders_can_stand_where_they_are_put(name):
    """A page moves a slider that stands between its steps to the next one, and tells the kernel so."""
    explorer = ALL[name]()
    goal = explorer.goal.solution if explorer.goal and explorer.goal.solution else {}
    starts = {key: control.value for key, control in explorer.controls.items()}
    for values in (starts, *explorer.presets.values(), goal):
        for key, value in values.items():
            control = explorer.controls[key]
            if isinstance(control, Slider):
                least, at = (np.log10(control.min), np.log10(value)) if control.log else (control.min, value)
                steps = (at - least) / control.step
                assert steps == pytest.approx(round(steps), abs=1e-3), f"{key} = {value}"
