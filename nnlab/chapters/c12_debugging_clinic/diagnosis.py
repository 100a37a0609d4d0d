"""What each fault would show, beside what a training shows that has another one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnlab.chapters.c12_debugging_clinic.measures import hardest, off, older, right, twice
from nnlab.chapters.c12_debugging_clinic.patient import Data, Examined


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _step_1(seen: Examined) -> tuple[float, float]:
    """Norm of the first gradient, and the largest update / weight of the first step."""
    first = seen.readings[0]
    return first.gradient, max(first.updates.values())


def _has_classes(seen: Examined) -> bool:
    return not seen.data.y.is_floating_point()


def _classes(seen: Examined) -> str:
    if not _has_classes(seen):
        return "there are no classes: the targets are numbers"
    counts = seen.data.y.bincount()
    return f"the largest has {_percent(float(counts.max() / counts.sum()))}"


def _first_to_last(seen: Examined) -> float:
    """Norm of the first layer's gradient / that of the last layer, at step 1."""
    first, *_, last = seen.readings[0].gradients.values()
    return first / last


def _own_and_new(seen: Examined) -> str:
    x, y, x_val, y_val = seen.data
    measure = right if _has_classes(seen) else off
    own = measure(Examined(seen.readings, seen.result, Data(x, y, x, y), seen.train))
    new = measure(Examined(seen.readings, seen.result, Data(x, y, x_val, y_val), seen.train))
    return (
        f"{_percent(own)} and {_percent(new)} are right"
        if _has_classes(seen)
        else f"the errors are {own:.2g} and {new:.2g}"
    )


def _dead_at_first(seen: Examined) -> float:
    return max(seen.readings[0].dead.values(), default=0.0)


SHOWS: dict[str, Callable[[Examined], str]] = {
    "class imbalance": lambda seen: f"One class would have nearly all rows. Here {_classes(seen)}.",
    "dead ReLU": lambda seen: (
        f"Dead units would be 100 % from step 1 on. Here step 1 has {_percent(_dead_at_first(seen))}."
    ),
    "eval mode forgotten": lambda seen: (
        f"The same rows would get other answers the second time. Here {_percent(twice(seen))} get the same."
    ),
    "exploding gradients": lambda seen: (
        "The gradient would be 30 to 300 at step 1, and 100,000 or more a step later. "
        f"Here it is {_step_1(seen)[0]:.2g} at step 1 and {hardest(seen):.2g} at most."
    ),
    "inputs not scaled": lambda seen: (
        "Mean or spread of what goes in would be in the tens or more. Here they are {:.2g} and {:.2g}.".format(
            *np.round(seen.readings[0].inputs, 3)
        )
    ),
    "labels shuffled against inputs": lambda seen: (
        "Rows would meet targets that are not theirs. Here x and y come in one order: print a few and see."
    ),
    "leakage through the scaler": lambda seen: (
        f"Other validation rows would change the losses. Here they change {_percent(seen.peeks)} of them."
    ),
    "learning rate too high": lambda seen: (
        "At step 1 the gradient would be ordinary and update / weight near 1. Here they are {:.2g} and {:.2g}.".format(
            *_step_1(seen)
        )
    ),
    "learning rate too low": lambda seen: (
        f"update / weight would be far below 1e-3 from step 1 on. Here step 1 has {_step_1(seen)[1]:.1g}."
    ),
    "overfitting": lambda seen: (
        "Rows to train on would do far better than new ones. Of their own rows and of new ones, "
        f"here {_own_and_new(seen)}."
    ),
    "padding read": lambda seen: (
        "Short rows would be filled up with empty columns. Here no row is filled up: each has "
        f"{seen.data.x[0].numel()} values of its own."
    ),
    "softmax twice": lambda seen: "All outputs would lie between 0 and 1. Here they go from {:.3g} to {:.3g}.".format(
        *(float(edge) for edge in seen.answers(seen.data.x_val).aminmax())
    ),
    "vanishing gradients": lambda seen: (
        "The first layer's gradient would be a thousandth of the last one's or less. At "
        f"step 1 it is {_first_to_last(seen):.2g} times that here."
    ),
    "zero_grad missing": lambda seen: (
        f"All steps but the first would carry an older gradient. Here {older(seen):.0f} of {len(seen.readings)} do."
    ),
}
"""Fault -> a sentence on what it would show, with what this training of another fault shows instead."""
FAULTS = tuple(SHOWS)  # by the alphabet: in the order of the patients it would tell
