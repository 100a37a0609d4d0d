"""`execute`: what is stored is clean, the same twice, and never half."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from nnlab import files
from nnlab.dev import paths
from nnlab.dev.commands import execute as command
from nnlab.dev.environment import install
from nnlab.dev.inside import clean, compare, execute
from nnlab.dev.say import Trouble

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def code(source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": [], "execution_count": None, "metadata": {}} | more


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def write(path: Path, *cells: dict[str, Any]) -> Path:
    path.write_text(json.dumps(notebook(*cells)), "utf-8")
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The variables that `python3 -m nnlab execute` gives, put back afterwards."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("NNLAB_PROGRESS", "")
    monkeypatch.setenv("PYTHONPATH", str(paths.ROOT))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    return tmp_path


WORKING = [
    {"cell_type": "markdown", "source": "# Grüße", "metadata": {"jp-MarkdownHeadingCollapsed": True}},
    code("import sys\nfor n in range(3):\n    print(n, flush=True)\nprint('careful', file=sys.stderr)", id="kept"),
    code("import os\nprint(os.path.basename(os.getcwd()), os.path.exists(os.environ['NNLAB_PROGRESS']))"),
    code("import ipywidgets\nipywidgets.IntSlider()", metadata={"tags": ["a-tag"], "execution": {"begun": "now"}}),
    code(f"from IPython.display import display\ndisplay({{'image/png': '{PNG}', 'text/plain': 'x'}}, raw=True)\n1 + 1"),
    code("raise ValueError('wanted')", metadata={"tags": ["raises-exception"]}),
]


def test_what_is_stored_is_clean_and_the_same_twice(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(here / "00_small.ipynb", *WORKING)
    assert execute.main([str(path)]) == 0
    first = path.read_bytes()
    assert execute.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert "00_small.ipynb: stored" in (said := capsys.readouterr().out) and "unchanged" in said
    assert execute.main(["--check", str(path)]) == 0

    text = first.decode()
    assert text.endswith("}\n") and "\r" not in text and "Grüße" in text and '\n "cells"' in text
    stored = json.loads(text)
    assert stored["metadata"] == {"kernelspec": clean.KERNELSPEC, "language_info": {"name": "python"}}
    cells = stored["cells"]
    assert [cell.get("execution_count") for cell in cells] == [None, 1, 2, 3, 4, 5]
    assert cells[1]["id"] == "kept" and len({cell["id"] for cell in cells}) == len(cells)
    assert [output["name"] for output in cells[1]["outputs"]] == ["stdout", "stderr"]
    assert "".join(cells[1]["outputs"][0]["text"]) == "0\n1\n2\n"
    assert "".join(cells[2]["outputs"][0]["text"]).strip() == f"{here.name} False"
    assert cells[0]["metadata"] == {} and cells[3]["metadata"] == {"tags": ["a-tag"]}
    assert "widget-view" not in text and "widget-state" not in text
    assert [output["output_type"] for output in cells[4]["outputs"]] == ["display_data", "execute_result"]
    assert cells[5]["outputs"][0]["ename"] == "ValueError"


def test_a_measured_time_changes_no_byte_unless_something_else_changed(here: Path) -> None:
    timed = code("import time\nprint(time.perf_counter_ns())", id="t", metadata={"tags": ["nbval-ignore-output"]})
    path = write(here / "04_timed.ipynb", timed, code("print(1)", id="p"))
    execute.main([str(path)])
    first = path.read_bytes()
    execute.main([str(path)])
    assert path.read_bytes() == first
    path.write_bytes(first.replace(b"print(1)", b"print(2)"))
    execute.main([str(path)])
    times = [json.loads(text)["cells"][0]["outputs"] for text in (first, path.read_bytes())]
    assert times[0] != times[1]


def test_a_changed_picture_of_an_unstable_cell_is_stored() -> None:
    def book(png: str, text: str) -> dict[str, Any]:
        shown = {"output_type": "display_data", "data": {"image/png": png, "text/plain": text}, "metadata": {}}
        return notebook(code("draw()", outputs=[shown], metadata={"tags": ["nbval-ignore-output"]}))

    assert compare.with_old_unstable(book("A", "1 s"), book("A", "2 s")) == book("A", "1 s")
    assert compare.with_old_unstable(book("A", "1 s"), book("B", "2 s")) == book("B", "2 s")


def test_an_error_names_the_cell_and_keeps_the_old_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(here / "01_wrong.ipynb", code("x = 1"), code("# divide\nx / 0", id="guilty"), code("print(x)"))
    before = path.read_bytes()
    assert execute.main([str(path)]) == 1
    said = capsys.readouterr().out
    assert "01_wrong.ipynb: cell 2 (id guilty), which begins `# divide`: ZeroDivisionError" in said
    assert "not changed" in said and "1 of 1 notebooks failed" in said
    assert path.read_bytes() == before
    assert [file.name for file in here.glob("*.ipynb*")] == [path.name]


def test_check_reports_the_first_difference_and_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(here / "02_stale.ipynb", code("print('new')", id="one"))
    execute.main([str(path)])
    stale = path.read_text("utf-8").replace("new\\n", "old\\n")
    path.write_text(stale, "utf-8")
    assert execute.main(["--check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "cell 1 (id one) prints something else" in said and "-old" in said and "+new" in said
    assert path.read_text("utf-8") == stale


def test_check_sees_what_an_editor_left(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(here / "03_saved.ipynb", code("1"))
    execute.main([str(path)])
    stored = json.loads(path.read_text("utf-8"))
    stored["metadata"]["language_info"]["version"] = "3.11.7"
    path.write_text(json.dumps(stored), "utf-8")
    assert execute.main(["--check", str(path)]) == 1
    assert "metadata or views that `execute` removes" in capsys.readouterr().out


def test_a_file_that_is_no_notebook_is_a_sentence(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "x.ipynb").write_text("not json")
    (here / "y.ipynb").write_text("{}")
    assert execute.main([str(here / "x.ipynb"), str(here / "y.ipynb")]) == 1
    assert capsys.readouterr().out.count("no notebook that can be read") == 2


def test_a_killed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("old")

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        execute.write(path, "new")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_missing_id_comes_from_the_source() -> None:
    first, second = notebook(code("a"), code("a"), code("b", id="b")), notebook(code("new"), code("a"), code("a"))
    clean.give_ids(first)
    clean.give_ids(second)
    ids = [cell["id"] for cell in first["cells"]]
    assert ids[1] == f"{ids[0]}-2" and ids[2] == "b"
    assert [cell["id"] for cell in second["cells"]][1:] == ids[:2]


@pytest.mark.parametrize("bad", ["", "has space", "x" * 65, "b"])
def test_an_id_that_may_not_be_is_replaced(bad: str) -> None:
    book = notebook(code("b", id="b"), code("a", id=bad))
    clean.give_ids(book)
    assert book["cells"][1]["id"] not in (bad, "b")


def test_a_view_goes_and_what_stands_beside_it_stays() -> None:
    both = {"output_type": "display_data", "data": {clean.VIEW: {}, "image/png": PNG}, "metadata": {}}
    alone = {"output_type": "display_data", "data": {clean.VIEW: {}}, "metadata": {}}
    text = {"output_type": "stream", "name": "stdout", "text": "x"}
    assert clean.without_views([copy.deepcopy(both), alone, text]) == [both | {"data": {"image/png": PNG}}, text]


def test_pictures_and_unstable_cells_are_not_compared() -> None:
    def cell(png: str, tags: list[str], text: str) -> dict[str, Any]:
        data = {"image/png": png, "text/plain": text}
        shown = {"output_type": "display_data", "data": data, "metadata": {}}
        return code("draw()", id="x", outputs=[shown], metadata={"tags": tags})

    same = notebook(cell("A", [], "figure")), notebook(cell("B", [], ["figure"]))  # type: ignore[arg-type]
    assert compare.first_difference(*same) is None
    loose = notebook(cell("A", ["nbval-ignore-output"], "1 s")), notebook(cell("A", ["nbval-ignore-output"], "2 s"))
    assert compare.first_difference(*loose) is None
    told = compare.first_difference(notebook(cell("A", [], "1 s")), notebook(cell("A", [], "2 s")))
    assert told is not None and "-1 s" in told and "+2 s" in told


def test_notebooks_are_chosen_by_the_beginning_of_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("02_b.ipynb", "00_start_here.ipynb", "01_a.ipynb"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path)
    names = [path.name for path in command.chosen([])]
    assert names == ["00_start_here.ipynb", "01_a.ipynb", "02_b.ipynb"]
    assert [path.name for path in command.chosen(["02", str(tmp_path / "01_a.ipynb")])] == [names[2], names[1]]
    with pytest.raises(Trouble, match="there are 00_start_here, 01_a, 02_b"):
        command.chosen(["7"])


def test_the_command_runs_it_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the command line down to the stored file, in the environment that runs the tests."""
    monkeypatch.setattr(install, "install", lambda *_: pytest.fail("it began to install"))
    path = write(tmp_path / "a.ipynb", code("import nnlab, os\nprint(nnlab.__file__, os.environ['OMP_NUM_THREADS'])"))
    assert command.run(command.parse([str(path)])) == 0
    output = json.loads(path.read_text("utf-8"))["cells"][0]["outputs"][0]
    assert "".join(output["text"]) == f"{paths.ROOT / 'nnlab' / '__init__.py'} 1\n"
