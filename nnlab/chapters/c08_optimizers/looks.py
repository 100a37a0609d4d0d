"""How each optimizer is named and drawn: the same label, colour and marker in all explorers of the chapter."""

from __future__ import annotations

from typing import NamedTuple

from nnlab import plots
from nnlab.scratch import OPTIMIZERS
from nnlab.scratch.optim import SGD


class Look(NamedTuple):
    """Label, colour and marker of one row of OPTIMIZERS."""

    label: str
    color: str
    marker: str


LOOKS: dict[str, Look] = {
    "sgd": Look("SGD", plots.BLACK, "o"),
    "momentum": Look("momentum", plots.BLUE, "^"),
    "nesterov": Look("Nesterov", plots.SKY, "v"),
    "rmsprop": Look("RMSprop", plots.ORANGE, "s"),
    "adam": Look("Adam", plots.VERMILLION, "D"),
    "adamw": Look("AdamW", plots.PURPLE, "P"),
}
_FREE = ((plots.GREEN, "X"), (plots.GREY, "p"), (plots.YELLOW, "h"), (plots.GREEN, "<"), (plots.GREY, ">"))


def look(name: str) -> Look:
    """The look of a row of OPTIMIZERS; a row without one in LOOKS gets its own name and a free colour and marker."""
    if name in LOOKS:
        return LOOKS[name]
    others = [other for other in OPTIMIZERS if other not in LOOKS]
    color, marker = _FREE[others.index(name) % len(_FREE) if name in others else 0]
    return Look(name, color, marker)


def line_style(name: str) -> str:
    """Solid, but AdamW's is dashed: where it runs along Adam's line both are seen."""
    return "--" if name == "adamw" else "-"


def is_adaptive(name: str) -> bool:
    """Whether the optimizer divides the gradient by its size; SGD with or without momentum does not."""
    return not issubclass(OPTIMIZERS[name].opt, SGD)
