"""How each optimizer is drawn in the explorers of the chapter, next to the look that `plots.look` gives it."""

from __future__ import annotations

from nnlab.scratch import OPTIMIZERS
from nnlab.scratch.optim import SGD


def line_style(name: str) -> str:
    """Solid, except for AdamW's, which is dashed: where it runs along Adam's line, both can be seen."""
    return "--" if name == "adamw" else "-"


def is_adaptive(name: str) -> bool:
    """Whether the optimizer divides the gradient by its size; SGD with or without momentum does not."""
    return not issubclass(OPTIMIZERS[name].opt, SGD)
