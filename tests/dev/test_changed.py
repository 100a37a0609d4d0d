"""`test --changed`: what a change can reach in a small made-up repository."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from nnlab.dev import paths
from nnlab.dev.commands import test as command
from nnlab.dev.reach import git
from nnlab.dev.reach.choose import choose, report
from nnlab.dev.reach.graph import Graph
from nnlab.dev.say import Trouble

FILES = {
    "README.md": "",
    "pyproject.toml": "",
    "nnlab/__init__.py": "",
    "nnlab/scratch/__init__.py": "from .optim import Adam\nfrom .layers import Linear, ReLU as Rectifier\n",
    "nnlab/scratch/layers.py": "class Linear: ...\nclass ReLU: ...\n",
    "nnlab/scratch/optim.py": "class Adam: ...\n",
    "nnlab/explore/__init__.py": "from .explorer import Explorer\ndef __getattr__(name): ...\nALL = {}\n",
    "nnlab/explore/explorer.py": "class Explorer: ...\n",
    "nnlab/explore/widgets/__init__.py": "",
    "nnlab/explore/widgets/pad.py": "",
    "nnlab/explore/widgets/static/pad.js": "",
    "nnlab/exercises/__init__.py": "ALL = {}\n",
    "nnlab/exercises/judge.py": "",
    "nnlab/exercises/found_by_its_file.py": "",
    "nnlab/chapters/__init__.py": "",
    "nnlab/chapters/c06_convolution/__init__.py": "",
    "nnlab/chapters/c06_convolution/kernel_explorer.py": "from nnlab.explore import Explorer\n",
    "nnlab/chapters/c06_convolution/ex2_output_size.py": "from nnlab.exercises import judge\n",
    "nnlab/chapters/c08_optimizers/__init__.py": "",
    "nnlab/chapters/c08_optimizers/race_explorer.py": "from nnlab.explore import Explorer\nimport nnlab.scratch as s\n"
    "s.Adam\n",
    "nnlab/dev/main.py": "",
    "tests/conftest.py": "",
    "tests/scratch/test_optim.py": "from nnlab.scratch import Adam\n",
    "tests/scratch/test_layers.py": "from nnlab import scratch\nscratch.Linear\n",
    "tests/explore/test_pad.py": "PAGE = '''\nfrom nnlab.explore.widgets import pad\n'''\n",
    "tests/explore/test_kernels.py": "from nnlab import explore\nexplore.kernel_explorer()\n",
    "tests/exercises/test_one.py": "from nnlab.exercises import check\ncheck('06.2')\n",
    "tests/parity/test_layers.py": "from nnlab import scratch as s\ns.Rectifier\n",
    "tests/parity/test_all.py": "from nnlab import scratch\nvars(scratch)\n",
    "tests/contracts/test_explorers.py": "from nnlab.explore import ALL\n",
    "tests/chapters/test_c06.py": "",
    "tests/chapters/test_c08.py": "",
    "tests/browser/conftest.py": "",
    "tests/browser/shown.py": "",
    "tests/browser/test_notebooks.py": "from tests.browser.shown import Shown\ndef test_a(notebook: Shown): ...\n",
    "tests/browser/test_toy.py": "from tests.browser.shown import Shown\nfrom tests.browser.test_notebooks import A\n",
    "deploy/Dockerfile": "",
    "tests/deploy/test_container.py": "",
    "tests/container/test_image.py": "",
    "tests/dev/test_readme.py": "",
    "tests/dev/test_main.py": "from nnlab.dev import main\n",
}
NOTEBOOKS = {
    "06_convolution": ["%matplotlib inline\nfrom nnlab.scratch import Linear", "this is no Python"],
    "08_optimizers": [
        "from nnlab import scratch, explore",
        "scratch.Linear\nexplore.kernel_explorer()",
        "from nnlab.exercises import check",
    ],
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "notebooks").mkdir()
    for name, sources in NOTEBOOKS.items():
        cells = [{"cell_type": "code", "source": [text]} for text in sources]
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    return tmp_path


def reached(clone: Path, *changed: str) -> set[str]:
    """What is chosen, without the endings."""
    chosen = choose(clone, changed)
    assert not chosen.all
    return {name.removesuffix(".py").removesuffix(".ipynb") for name in [*chosen.tests, *chosen.notebooks]}


BOTH = {"notebooks/06_convolution", "notebooks/08_optimizers"}
CHAPTERS = {"tests/chapters/test_c06", "tests/chapters/test_c08"}
THROUGH_ALL = {"tests/contracts/test_explorers", "tests/browser/test_notebooks"}


def test_the_recipe_of_the_container_reaches_its_tests(clone: Path) -> None:
    assert reached(clone, "deploy/Dockerfile") == {"tests/deploy", "tests/container"}


def test_a_module_reaches_its_mirror_and_whoever_uses_it(clone: Path) -> None:
    """Adam: not the tests and the chapter of Linear, though both come from one package."""
    wanted = {"tests/scratch", "tests/parity/test_all", "notebooks/08_optimizers", "tests/chapters/test_c08"}
    assert reached(clone, "nnlab/scratch/optim.py") == wanted | THROUGH_ALL


def test_names_are_followed_through_a_package(clone: Path) -> None:
    found = reached(clone, "nnlab/scratch/layers.py")
    assert {"tests/parity/test_layers", "tests/parity/test_all", *BOTH} <= found
    assert "tests/explore/test_kernels" not in found


def test_a_chapter_reaches_its_notebook_its_tests_and_the_contracts(clone: Path) -> None:
    found = reached(clone, "nnlab/chapters/c06_convolution/kernel_explorer.py")
    # notebook 08 and a test of the mechanism name this explorer
    assert found == {"tests/explore/test_kernels", *BOTH, *CHAPTERS, *THROUGH_ALL}
    found = reached(clone, "nnlab/chapters/c06_convolution/ex2_output_size.py")
    own = {"notebooks/06_convolution", "tests/chapters/test_c06"}
    assert found == {"tests/exercises/test_one", *own, *THROUGH_ALL}


def test_the_mechanism_reaches_all_chapters(clone: Path) -> None:
    assert {"tests/explore", *BOTH, *CHAPTERS, *THROUGH_ALL} <= reached(clone, "nnlab/explore/explorer.py")
    assert {"tests/exercises", "notebooks/06_convolution"} <= reached(clone, "nnlab/exercises/judge.py")


def test_a_module_that_nobody_names_reaches_what_its_package_reaches(clone: Path) -> None:
    """A registry may find it by its file's name."""
    found = reached(clone, "nnlab/exercises/found_by_its_file.py")
    assert found >= {"tests/exercises", "notebooks/08_optimizers"} and "tests/scratch/test_optim" not in found


def test_a_notebook_reaches_itself_its_chapters_tests_and_those_that_go_through_all(clone: Path) -> None:
    wanted = {"notebooks/06_convolution", "tests/chapters/test_c06", *THROUGH_ALL}
    assert reached(clone, "notebooks/06_convolution.ipynb") == wanted
    assert not choose(clone, ["notebooks/06_convolution.ipynb"]).every_notebook


def test_a_helper_of_tests_reaches_those_that_use_it_with_every_notebook(clone: Path) -> None:
    for changed in ("tests/browser/shown.py", "tests/browser/conftest.py"):
        assert reached(clone, changed) == {"tests/browser/test_notebooks", "tests/browser/test_toy"}
        assert choose(clone, [changed]).every_notebook
    assert reached(clone, "tests/parity/test_all.py") == {"tests/parity/test_all"}


def test_a_script_of_a_page_reaches_what_its_folder_reaches(clone: Path) -> None:
    assert reached(clone, "nnlab/explore/widgets/static/pad.js") == {"tests/explore"}
    (clone / "tests" / "explore").rename(clone / "tests" / "unit")
    assert reached(clone, "nnlab/explore/widgets/static/pad.js") == {"tests/unit/test_pad"}


def test_a_deleted_module_reaches_whoever_still_names_it(clone: Path) -> None:
    (clone / "nnlab" / "scratch" / "optim.py").unlink()
    assert "tests/parity/test_all" in reached(clone, "nnlab/scratch/optim.py")


@pytest.mark.parametrize(
    "path", ["pyproject.toml", "constraints.txt", "tests/conftest.py", "data/mnist.npz", "nnlab/dev/main.py", ".ci/run"]
)
def test_what_can_reach_everything(clone: Path, path: str) -> None:
    chosen = choose(clone, ["README.md", path])
    assert chosen.all == path
    assert f"everything is run, because {path} can" in report(chosen, ["README.md", path], "abc", long=False)


def test_prose_reaches_the_readmes_test(clone: Path) -> None:
    assert reached(clone, "README.md", "docs/picture.png", "data/README.md") == {"tests/dev/test_readme"}


def test_the_report_says_why(clone: Path) -> None:
    changed = ["nnlab/scratch/optim.py"]
    long = report(choose(clone, changed), changed, "0123456789abcdef", long=True)
    assert long.startswith("Changed since 0123456789: nnlab/scratch/optim.py\n")
    assert "  tests/scratch: mirrors nnlab/scratch\n" in long
    way = "uses nnlab/chapters/c08_optimizers/race_explorer.py, which uses nnlab/scratch/optim.py"
    assert f"  notebooks/08_optimizers.ipynb: {way}" in long
    short = report(choose(clone, changed), changed, "0123456789abcdef", long=False)
    assert "tests/scratch (all)" in short and "notebooks (1)" in short and len(short.splitlines()) == 3
    assert "no test can be reached" in report(choose(clone, []), [], "HEAD", long=False)


@pytest.mark.skipif(not shutil.which("git"), reason="no git here")
def test_git_says_what_changed_since_the_upstream_main(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)

    def ask(*words: str) -> str:
        config = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", "-C", clone, *config, *words], check=True, capture_output=True, text=True).stdout

    with pytest.raises(Trouble, match="needs a git clone"):
        git.changed(clone, git.base(clone))
    ask("init", "-q")
    (clone / ".gitignore").write_text("runs/\n")
    ask("add", ".")
    ask("commit", "-qm", "one")
    first = ask("rev-parse", "HEAD").strip()
    assert git.base(clone) == "HEAD" and git.changed(clone, "HEAD") == []
    ask("mv", "tests/browser/shown.py", "tests/browser/größe.py")
    ask("commit", "-qm", "two")
    (clone / "nnlab" / "scratch" / "optim.py").write_text("changed")
    (clone / "tests" / "scratch" / "test_new.py").write_text("")
    (clone / "runs").mkdir()
    (clone / "runs" / "a.txt").write_text("")
    uncommitted = ["nnlab/scratch/optim.py", "tests/scratch/test_new.py"]
    assert git.changed(clone, "HEAD") == uncommitted
    ask("update-ref", "refs/remotes/origin/main", first)
    assert git.base(clone) == first
    both_names = ["tests/browser/größe.py", "tests/browser/shown.py"]
    assert git.changed(clone, first) == sorted([*uncommitted, *both_names])

    monkeypatch.setattr(paths, "ROOT", clone)
    assert command.run(command.parse(["--changed", "--list"])) == 0
    said = capsys.readouterr().out
    assert f"Changed since {first[:10]}: nnlab/scratch/optim.py" in said
    assert "tests/browser/test_notebooks.py: uses tests/browser/shown.py" in said


def test_this_repository() -> None:
    """Some ways that must be there in the real graph."""
    graph = Graph(paths.ROOT)
    assert len(graph.notebooks) >= 14 and all(graph.imports[path] for path in graph.notebooks)
    assert "tests/parity/test_losses.py" in graph.reached(["nnlab/scratch/losses.py"])
    assert "tests/browser/test_notebooks.py" in graph.through_notebooks & graph.reached(graph.notebooks[:1]).keys()
    assert "tests/dev/test_bench.py" not in graph.through_notebooks
