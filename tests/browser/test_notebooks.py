"""Every notebook as a learner meets it: opened in JupyterLab, run, moved by keyboard alone, solved."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from nnlab import exercises
from nnlab.explore import Choice, Slider, Text, Toggle
from nnlab.explore.controls import Levels
from tests.browser.jupyterlab import NotebookPage
from tests.browser.shown import Shown, explorers

# What JupyterLab itself writes to the browser's console; nothing of ours may be added here.
NOT_OURS: tuple[str, ...] = ()


def test_runs_clean(notebook: NotebookPage) -> None:
    """Run All reaches the end: every cell numbered in order, no error, no message on stderr, a quiet console."""
    code = [cell for cell in notebook.ran if cell["type"] == "code" and cell["source"].strip()]
    assert [cell["count"] for cell in code] == list(range(1, len(code) + 1))
    bad = [(cell["source"], output) for cell in code for output in cell["outputs"] if is_trouble(output)]
    assert not bad
    broken = "[...document.querySelectorAll('.jp-OutputArea img')].filter(i => i.complete && !i.naturalWidth).length"
    assert notebook.ask(broken) == 0, "pictures that the browser cannot read"
    assert "Traceback (most recent call last)" not in notebook.page.locator(".jp-Notebook").inner_text()
    assert not [line for line in notebook.console if not any(known in line for known in NOT_OURS)]


def is_trouble(output: dict[str, Any]) -> bool:
    return output["output_type"] == "error" or output.get("name") == "stderr"


def test_every_explorer_by_keyboard(notebook: NotebookPage) -> None:
    """One step, both ends, and back with Reset: after each key the page shows the picture that the values mean."""
    for shown in explorers(notebook, notebook.ran):
        twin = shown.twin
        assert twin
        shown.press("Reset")  # the notebook itself may have moved it
        shown.shows_twin("the first picture")
        notebook.ask("index => nn.watch(index)", shown.index)
        for name, control in twin.controls.items():
            if not isinstance(control, (Slider, Levels, Choice, Toggle, Text)) or not shown.control(name).is_visible():
                continue  # another kind has tests of its own; what its group hides is not there for a hand either
            if isinstance(control, Choice) and not shown.exact:
                continue  # what the notebook gave it is one more option, which the twin has not
            for key, value in moves(control):
                if isinstance(control, (Slider, Levels)):
                    shown.control(name).press(key)
                else:
                    shown.move(name, value)
                twin.set(**{name: value})
                shown.shows_twin(f"{name} = {value} after {key}")
                assert not shown.error()
            shown.press("Reset")
            twin.reset()
            shown.shows_twin(f"the first picture again, after Reset from {name}")
        for name, values in twin.presets.items():
            shown.press(name)
            twin.set(**values)
            shown.shows_twin(f"the preset {name}")
        shown.press("Reset")
        twin.reset()
        shown.shows_twin("the first picture again")
        watch = notebook.ask("nn.stop()")
        assert not watch["bad"], f"cell {shown.index}: {watch['bad'][:5]} of {watch['frames']} screen frames"


def moves(control: Slider | Levels | Choice | Toggle | Text) -> list[tuple[str, Any]]:
    """Keys, and the value that each leaves the control at."""
    if isinstance(control, Toggle):
        return [("Space", not control.value), ("Space", control.value)]
    if isinstance(control, Text):
        return [("typing", example) for example in ["", *control.examples]]
    if isinstance(control, Choice):
        return [("Enter", option) for option in control.options]
    if isinstance(control, Levels):
        after = [level for level in control.levels if level > control.value][:1]
        return [*(("ArrowRight", level) for level in after), ("End", control.levels[-1]), ("Home", control.levels[0])]
    step = control.value * 10**control.step if control.log else control.value + control.step
    one = [("ArrowRight", step)] if step <= control.max else []
    return [*one, ("End", control.max), ("Home", control.min)]


def test_controls_can_be_tabbed_to(notebook: NotebookPage) -> None:
    """Tab leads from the first button through all controls, in the order seen."""
    for shown in [each for each in explorers(notebook, notebook.ran) if each.twin and not each.twin.groups][:1]:
        wanted = len(shown.twin.controls) if shown.twin else 0
        controls = shown.twin.controls.values() if shown.twin else ()
        buttons = sum(len(control.options) for control in controls if isinstance(control, Choice))
        shown.button("Reset").focus()
        reached = set()
        for _ in range(3 * wanted + 3 + buttons):  # a slider's readout and each option take the focus too
            notebook.page.keyboard.press("Tab")
            script = """index => {
                const at = document.activeElement, cell = nn.cells()[index].node;
                const row = cell.contains(at) && at.closest('.widget-inline-hbox, .nnlab-pad');
                const label = '.widget-label, .widget-label-basic, .nnlab-pad-label';
                const blank = text => text.replace('\u200b', '') === '';  // a checkbox has its words elsewhere
                const words = row && row.querySelector(label).textContent;
                return row ? (blank(words) ? row.textContent : words) : null;
            }"""
            reached.add(notebook.ask(script, shown.index))
        assert len(reached - {None}) == wanted


def test_runs_are_played_by_keyboard(notebook: NotebookPage) -> None:
    """Play advances, Pause stops at once, Step takes one, other cells run meanwhile, Restart begins anew."""
    for shown in explorers(notebook, notebook.ran):
        if shown.twin and shown.twin.run:
            drive(shown, notebook.ran[0]["index"])


def drive(shown: Shown, other: int) -> None:
    """Play, pause, step and restart a run; `other` is a cell to run meanwhile."""

    def steps() -> int:
        return int(shown.cell.locator(".widget-label").filter(has_text=" of ").first.inner_text().split()[-3])

    twin = shown.twin
    assert twin
    shown.press("Reset")
    twin.reset()
    shown.shows_twin("the first picture")
    begin = steps()
    shown.nb.ask("index => nn.watch(index)", shown.index)
    shown.press("Play")
    shown.wait(lambda: steps() > begin + 1 and shown.nb.ask("nn.watched.changes.length"), "the run goes on")
    before = steps()
    shown.nb.run(other)
    shown.wait(lambda: steps() > before, "it still runs beside another cell")
    shown.press("Pause")
    frames = shown.nb.ask("nn.watched.changes.length")
    expect(shown.button("Play")).to_be_visible()
    shown.quiet()
    assert shown.nb.ask("nn.watched.changes.length") - frames <= 10, (
        "Pause stops within ten frames"
    )  # on a busy machine some are under way
    at = steps()
    shown.press("Step")
    shown.wait(lambda: steps() == at + 1, "Step takes one step")
    shown.press("Restart")
    twin.restart()
    shown.wait(lambda: steps() == 0, "Restart begins anew")
    shown.shows_twin("the picture of step 0")
    assert not shown.nb.ask("nn.stop()")["bad"]
    assert not shown.error()


def test_a_goal_is_reached(notebook: NotebookPage) -> None:
    """Values typed into the readouts and chosen by key turn the note green."""
    able = [s for s in explorers(notebook, notebook.ran) if s.twin and s.twin.goal and s.twin.goal.solution]
    if not able:
        assert notebook.name.startswith("00"), "every chapter has an explorer with a goal"
        return
    shown = min(able, key=lambda s: s.twin.goal.steps)  # type: ignore[union-attr]
    twin = shown.twin
    assert twin and twin.goal and twin.goal.solution
    shown.press("Reset")
    shown.wait(lambda: shown.note().startswith("Goal"), "not reached at the start")
    for name, value in twin.goal.solution.items():
        if twin.controls[name].value != value:
            shown.move(name, value)
    if twin.goal.steps:
        shown.press("Play")
    shown.wait(lambda: shown.note().startswith("✓ Reached"), "the goal is reached", seconds=60)
    shown.press("Reset")
    shown.wait(lambda: shown.note().startswith("Goal"), "Reset takes it back")


def test_an_exercise_wrong_then_right(notebook: NotebookPage) -> None:
    """A known mistake, typed into the cell, earns its message; the solution passes."""
    found = exercise_in(notebook)
    if found is None:
        assert notebook.name.startswith("00"), "every chapter has exercises"
        return
    cell, exercise = found
    calls = cell["source"].replace(exercise.stub.strip(), "")
    source, message = next(iter(exercise.wrong.values()))
    wrong = answer(notebook, cell["index"], f"{exercise.solution}\n\n{source}\n\n{calls}")
    assert " ".join(message.split()) in wrong
    right = answer(notebook, cell["index"], f"{exercise.solution}\n\n{calls}")
    assert f"✓ {exercise.id}" in right and "✗" not in right
    answer(notebook, cell["index"], cell["source"])


def exercise_in(notebook: NotebookPage) -> tuple[dict[str, Any], exercises.Exercise] | None:
    for cell in notebook.ran:
        for exercise in exercises.ALL.values():
            if cell["type"] == "code" and exercise.wrong and exercise.stub.strip() in cell["source"]:
                return cell, exercise
    return None


def answer(notebook: NotebookPage, index: int, source: str) -> str:
    """Type a source into a cell, run it by keyboard, and read what it prints, line breaks as spaces."""
    keys = notebook.page.keyboard
    notebook.page.locator(".jp-Cell").nth(index).locator(".cm-content").click()
    keys.press("ControlOrMeta+a")
    keys.insert_text(source)
    assert notebook.cells()[index]["source"] == source
    keys.press("Control+Enter")
    notebook.idle()
    outputs = notebook.cells()[index]["outputs"]
    assert outputs and not any(output["output_type"] == "error" for output in outputs)
    return " ".join("".join("".join(output.get("text", "")) for output in outputs).split())


def test_no_output_is_left_waiting(notebook: NotebookPage) -> None:
    """No widget that could not be loaded stands in the page."""
    text = notebook.page.locator(".jp-Notebook").inner_text()
    assert "Loading widget" not in text and "Error displaying widget" not in text
