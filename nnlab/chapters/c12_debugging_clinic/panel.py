"""What every panel of instruments shares: its step controls, its picture and its button."""

from __future__ import annotations

from collections.abc import Callable

from nnlab.chapters.c12_debugging_clinic.clinic_view import ClinicView
from nnlab.chapters.c12_debugging_clinic.recorded_run import ALL, BATCH, FIRST, RunAtStep
from nnlab.explore.controls import Choice, Control, Slider
from nnlab.explore.explorer import Action, Explorer, Goal


def step_controls(longest: int) -> dict[str, Control]:
    """Which steps are drawn, and the mark: at first on step 1, where a cause is told from its consequences."""
    return {"steps": Choice([ALL, FIRST], label="steps"), "step": Slider(1, longest, 1, 1, label="mark at step")}


def panel_explorer(
    compute: Callable[..., RunAtStep],
    controls: dict[str, Control],
    one_batch: Callable[[Explorer], str],
    goal: Goal | None = None,
) -> Explorer:
    """The panel of the runs that `compute` gives. one_batch: what the button does and says."""
    return Explorer(
        compute=compute,
        draw=ClinicView,
        controls=controls,
        goal=goal,
        size=(9.0, 5.0),
        actions={"Overfit one batch": Action(one_batch, f"Train again, on {BATCH} rows over and over")},
        alt="Six instruments by training step: loss, gradient norms, update over weight, dead units, outputs, inputs.",
    )
