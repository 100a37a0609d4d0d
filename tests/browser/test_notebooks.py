"""Every notebook as a learner meets it: opened in JupyterLab, run, moved by keyboard, solved."""

from __future__ import annotations

from typing import Any

from nnlab import exercises
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


def one_explorer(notebook: NotebookPage) -> Shown:
    """The first explorer of the page. Each kind of control is driven on the toy page, and every explorer without a
    page by tests/contracts/test_panels.py: what is left to see here is that this page carries them."""
    return next(explorers(notebook, notebook.ran))


def test_an_explorer_by_keyboard(notebook: NotebookPage) -> None:
    """One step, both ends, and back with Reset: after each key the page shows the picture that the values mean."""
    shown = one_explorer(notebook)
    twin = shown.twin
    assert twin
    shown.press("Reset")  # the notebook itself may have moved it
    shown.shows_twin("the first picture")
    notebook.ask("index => nn.watch(index)", shown.index)
    shown.move_everything()
    shown.press("Reset")
    twin.reset()
    shown.shows_twin("the first picture again")
    watch = notebook.ask("nn.stop()")
    assert not watch["bad"], f"cell {shown.index}: {watch['bad'][:5]} of {watch['frames']} screen frames"


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
