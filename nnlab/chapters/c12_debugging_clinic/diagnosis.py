"""What each fault would show, next to what a run with a different fault shows."""

from __future__ import annotations

from collections.abc import Callable

from nnlab.chapters.c12_debugging_clinic.measures import (
    accumulated_gradients,
    accuracy,
    largest_gradient_norm,
    mean_absolute_error,
    repeat_agreement,
)
from nnlab.chapters.c12_debugging_clinic.patient import Data, ExaminedRun


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _first_update_ratio(run: ExaminedRun) -> float:
    """Largest update / weight of a layer at step 1."""
    return max(run.readings[0].update_ratios.values())


def _has_classes(run: ExaminedRun) -> bool:
    return not run.data.y.is_floating_point()


def _largest_class(run: ExaminedRun) -> str:
    if not _has_classes(run):
        return "there are no classes: the targets are numbers"
    counts = run.data.y.bincount()
    return f"the largest has {_percent(float(counts.max() / counts.sum()))}"


def _first_to_last_gradient(run: ExaminedRun) -> float:
    """Norm of the first layer's gradient divided by that of the last layer, at step 1."""
    first, *_, last = run.readings[0].gradient_norms.values()
    return first / last


def _training_and_validation(run: ExaminedRun) -> str:
    """Accuracies, or mean absolute errors, on the training rows and on the validation rows."""
    x, y, x_val, y_val = run.data
    measure = accuracy if _has_classes(run) else mean_absolute_error
    train = measure(ExaminedRun(run.readings, run.result, Data(x, y, x, y), run.train))
    val = measure(ExaminedRun(run.readings, run.result, Data(x, y, x_val, y_val), run.train))
    if _has_classes(run):
        return f"{_percent(train)} and {_percent(val)} are right"
    return f"the errors are {train:.2g} and {val:.2g}"


def _first_dead_share(run: ExaminedRun) -> float:
    return max(run.readings[0].dead_shares.values(), default=0.0)


REFUTATIONS: dict[str, Callable[[ExaminedRun], str]] = {
    "class imbalance": lambda run: f"One class would have nearly all rows. Here {_largest_class(run)}.",
    "dead ReLU": lambda run: (
        f"100% of the units would be dead from step 1 on. Here step 1 has {_percent(_first_dead_share(run))}."
    ),
    "eval mode forgotten": lambda run: (
        "The same rows would get different answers the second time. "
        f"Here {_percent(repeat_agreement(run))} get the same."
    ),
    "exploding gradients": lambda run: (
        "The gradient norm would be 30 to 300 at step 1, and 100,000 or more a step later. "
        f"Here it is {run.readings[0].gradient_norm:.2g} at step 1 and {largest_gradient_norm(run):.2g} at most."
    ),
    "inputs not scaled": lambda run: (
        "The mean or standard deviation of the inputs would be in the tens or more. Here they are "
        f"{round(run.readings[0].input_mean, 3):.2g} and {round(run.readings[0].input_std, 3):.2g}."
    ),
    "labels shuffled against inputs": lambda run: (
        "Rows would meet targets that are not theirs. Here x and y come in the same order: print a few and see."
    ),
    "leakage through the scaler": lambda run: (
        f"Other validation rows would change the losses. Here they change {_percent(run.loss_leakage)} of them."
    ),
    "learning rate too high": lambda run: (
        "At step 1 the gradient norm would be ordinary and update / weight near 1. Here they are "
        f"{run.readings[0].gradient_norm:.2g} and {_first_update_ratio(run):.2g}."
    ),
    "learning rate too low": lambda run: (
        f"update / weight would be far below 1e-3 from step 1 on. Here step 1 has {_first_update_ratio(run):.1g}."
    ),
    "overfitting": lambda run: (
        "Results would be far better on training rows than on new ones. Of training rows and of new ones, "
        f"here {_training_and_validation(run)}."
    ),
    "padding read": lambda run: (
        "Short rows would be filled up with empty columns. Here no row is filled up: each has "
        f"{run.data.x[0].numel()} values of its own."
    ),
    "softmax twice": lambda run: "All outputs would lie between 0 and 1. Here they go from {:.3g} to {:.3g}.".format(
        *(float(edge) for edge in run.predict(run.data.x_val).aminmax())
    ),
    "vanishing gradients": lambda run: (
        "The first layer's gradient norm would be at most a thousandth of the last layer's. "
        f"Here it is {_first_to_last_gradient(run):.2g} times as large at step 1."
    ),
    "zero_grad missing": lambda run: (
        "All steps but the first would carry an older gradient. "
        f"Here {accumulated_gradients(run):.0f} of {len(run.readings)} do."
    ),
}
"""Fault -> a sentence on what it would show, and one on what this run, which has a different fault, shows instead."""
FAULTS = tuple(REFUTATIONS)  # in alphabetical order: the order of the patients would give them away
