"""What every exercise keeps: its solution, its untouched stub, and every right and wrong answer that it knows."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import nnlab.chapters
from nnlab.exercises import ALL, Exercise
from nnlab.exercises.exercise import FROM_SOLUTION

CHAPTERS = Path(nnlab.chapters.__path__[0])
EXERCISES = list(ALL.values())
WRONG = [(exercise, name) for exercise in EXERCISES for name in exercise.wrong]
ALSO_RIGHT = [(exercise, number) for exercise in EXERCISES for number in range(len(exercise.also_right))]


def check(exercise, source):
    return exercise.check(*vars(exercise.build(source)).values())


def label(value):
    return value.id if isinstance(value, Exercise) else str(value)


@pytest.mark.parametrize("exercise", EXERCISES, ids=label)
def test_the_solution_passes(exercise):
    report = check(exercise, exercise.solution)
    assert report.solved, report.text


@pytest.mark.parametrize("exercise", EXERCISES, ids=label)
def test_the_untouched_stub_is_answered_politely(exercise):
    report = check(exercise, exercise.stub)
    assert not report.solved and not report.started
    assert "not started yet" in report.text and f'hint("{exercise.id}")' in report.text


@pytest.mark.parametrize("exercise", EXERCISES, ids=label)
def test_a_forgotten_return_is_named(exercise):
    """Not what a case's own code makes of None, such as "float() argument must be a string or a real number"."""
    report = exercise.check(*[lambda *args, **options: None for _ in exercise.names])
    meant = {name for outcome in exercise.expected for name in outcome.nothing}
    if not meant & set(exercise.names):  # chapter 12's: the solution returns nothing either
        assert "returned None. Does it end with a line that says return?" in " ".join(report.text.split()), report.text


@pytest.mark.parametrize(("exercise", "name"), WRONG, ids=label)
def test_a_wrong_answer_earns_its_message(exercise, name):
    report = check(exercise, exercise.wrong[name].source)
    assert not report.solved and report.mistake == name, report.text
    assert exercise.wrong[name].message in " ".join(report.text.split())
    assert max(map(len, report.text.splitlines())) < 90


@pytest.mark.parametrize(("exercise", "number"), ALSO_RIGHT, ids=label)
def test_a_right_answer_written_differently_passes(exercise, number):
    report = check(exercise, exercise.also_right[number])
    assert report.solved, report.text


@pytest.mark.parametrize("id", ALL)
def test_the_id_fits_the_file(id):
    chapter, number = id.split(".")
    assert ALL[id].id == id
    (file,) = CHAPTERS.glob(f"c{chapter}_*/ex{number}_*.py")
    assert file.read_text("utf-8").startswith(f'"""Exercise {id}: {ALL[id].title}."""\n')


@pytest.mark.parametrize("exercise", EXERCISES, ids=label)
def test_an_exercise_is_complete(exercise):
    assert len(exercise.hints) == 3 and all(exercise.hints), "a nudge, a formula, the shape of the code"
    assert "?" in exercise.hints[0] and "___" in exercise.hints[2], "the nudge asks, the shape has blanks"
    assert len(exercise.wrong) >= 3
    assert len({message for _, message in exercise.wrong.values()}) == len(exercise.wrong)
    assert any(case.expected is not FROM_SOLUTION for case in exercise.cases), "one value is written by hand"
    assert all(1 <= case.hint <= 3 for case in exercise.cases)
    assert "# your code" in exercise.stub
    bodies = ast.parse(exercise.stub).body
    assert all(ast.get_docstring(node) for node in bodies if isinstance(node, ast.FunctionDef | ast.ClassDef))


@pytest.mark.parametrize("exercise", EXERCISES, ids=label)
def test_lines_fit_a_notebook(exercise):
    lines = [*exercise.stub.splitlines(), *exercise.solution.splitlines(), *"\n".join(exercise.hints).splitlines()]
    assert max(len(line) for line in exercise.stub.splitlines() + exercise.solution.splitlines()) <= 110
    assert all(line == line.rstrip() for line in lines)


def test_in_a_kernel(tmp_path, monkeypatch):
    """The stub as its notebook shows it, then a solution that prints, a crash, and a loop without end."""
    file = tmp_path / "progress.json"
    monkeypatch.setenv("NNLAB_PROGRESS", str(file))
    exercise = ALL["02.2"]
    call = '\n\ncheck("02.2", sigmoid)'
    crash = "def sigmoid(x):\n    y = x + 1\n    return y.sigmoid()"
    endless = "def sigmoid(x):\n    while True:\n        x = x + 1"
    printing = exercise.solution.replace("    e =", "    print('x:', x.shape)\n    e =")
    cells = [
        "import numpy as np\n\nfrom nnlab.exercises import ALL, check, progress\nALL['02.2'].seconds = 0.5",
        *(source + call for source in (exercise.stub, crash, endless, printing)),
        "progress().solved",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert all(len(output) == 1 for output in outputs[1:]) and not outputs[0]
    stub, crashed, stopped, printed, done = (
        output[0].get("text") or output[0].data["text/plain"] for output in outputs[1:]
    )
    assert stub == check(exercise, exercise.stub).text + "\n"
    assert "In sigmoid, line 3: return y.sigmoid()" in crashed
    assert "took too long" in stopped and "In sigmoid, line" in stopped
    assert printed.startswith("x: (3,)\n") and printed.endswith(check(exercise, exercise.solution).text + "\n")
    assert "'02.2'" in done
