"""Explorers: move a control, see what it does. `ALL` maps each explorer's name to the function that makes it."""

from collections.abc import Callable

from .activations import activation_explorer
from .controls import Choice, Slider, Toggle
from .explorer import Explorer, Goal
from .run import Run

ALL: dict[str, Callable[[], Explorer]] = {
    make.__name__.removesuffix("_explorer"): make for make in (activation_explorer,)
}
