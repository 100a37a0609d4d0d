"""`ALL`: which exercises there are, each imported when it is asked for."""

import importlib
import subprocess
import sys

import pytest

import nnlab.exercises as exercises
from nnlab import chapters, course
from nnlab.course import Chapter


def test_importing_the_exercises_imports_nothing_heavy():
    heavy = "'torch', 'matplotlib', 'ipywidgets', 'nnlab.chapters'"
    code = f"import sys, nnlab.exercises; print([m for m in ({heavy}) if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.fixture
def toy_chapter(tmp_path, monkeypatch):
    """A folder for the modules of a chapter 97, which is one row of the course."""
    folder = tmp_path / "c97_toy"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.setattr(chapters, "__path__", [*chapters.__path__, str(tmp_path)])
    monkeypatch.setattr(course, "CHAPTERS", [*course.CHAPTERS, Chapter("V. Frontiers", "97", "toy", "A toy chapter")])
    monkeypatch.setattr(course, "NOTEBOOKS", tmp_path)
    (tmp_path / "97_toy.ipynb").touch()
    monkeypatch.setenv("NNLAB_PROGRESS", str(tmp_path / "progress.json"))
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.startswith("nnlab.chapters.c97_toy")]:
        del sys.modules[name]


DOUBLE = """
from nnlab.exercises import Case, Exercise

EXERCISE = Exercise(
    id="{id}",
    title="double",
    stub="def double(x): ...  # your code",
    hints=["How much is twice x?", "2 x", "return ___ * x"],
    solution="def double(x): return 2 * x",
    cases=[Case("three", "double", (3,), expected=6)],
)
"""


def test_a_new_chapter_needs_its_folder_and_its_row_only(toy_chapter, capsys):
    (toy_chapter / "ex1_double.py").write_text(DOUBLE.format(id="97.1"))
    (toy_chapter / "ex2_broken.py").write_text("raise RuntimeError('imported though nobody asked for it')")
    (toy_chapter / "_ex1_answers.py").touch()
    (toy_chapter / "double_explorer.py").touch()
    assert [id for id in exercises.ALL if id.startswith("97")] == ["97.1", "97.2"]
    exercises.check("97.1", lambda x: 2 * x)
    assert "✓ 97.1 double: solved" in capsys.readouterr().out
    assert "97 A toy chapter: 1 of 2 exercises solved" in repr(exercises.course_map())
    assert exercises.ALL["97.1"] is exercises.ALL["97.1"]


def test_listing_and_counting_import_no_exercise(toy_chapter):
    (toy_chapter / "ex1_broken.py").write_text("raise RuntimeError('imported though nobody asked for it')")
    before = set(sys.modules)
    assert "97.1" in exercises.ALL and "97.2" not in exercises.ALL and 7 not in exercises.ALL
    assert len(exercises.ALL) == len(list(exercises.ALL)) == len(set(exercises.ALL))
    assert exercises.progress().counts()["97"] == (0, 1)
    assert set(sys.modules) == before
    with pytest.raises(KeyError):
        exercises.ALL["97.2"]


def test_a_wrong_id_in_a_module_names_its_file(toy_chapter):
    (toy_chapter / "ex3_double.py").write_text(DOUBLE.format(id="97.2"))
    with pytest.raises(ValueError, match=r"ex3_double\.py should hold exercise '97\.3'.*its id is '97\.2'"):
        exercises.ALL["97.3"]


def test_a_module_without_an_exercise_names_its_file(toy_chapter):
    (toy_chapter / "ex3_double.py").touch()
    with pytest.raises(TypeError, match=r"ex3_double\.py should define EXERCISE"):
        exercises.ALL["97.3"]


def test_two_modules_of_one_number_are_an_error(toy_chapter):
    (toy_chapter / "ex3_double.py").touch()
    (toy_chapter / "ex3_half.py").touch()
    with pytest.raises(ValueError, match=r"c97_toy: ex3_\w+ and ex3_\w+ are both exercise 3"):
        list(exercises.ALL)


def test_getting_one_exercise_imports_no_other():
    code = "import sys; from nnlab.exercises import ALL; ALL['06.2']; "
    code += "print(*[m for m in sys.modules if m.startswith('nnlab.chapters.') or m == 'torch'])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["nnlab.chapters.c06_convolution", "nnlab.chapters.c06_convolution.ex2_output_size"]
