"""Who may import whom, as the design says; and that `import nnlab` is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path for path in (ROOT / "nnlab").rglob("*.py") if "dev" not in path.parts)
WIDGETS = ("ipywidgets", "anywidget", "traitlets")
STANDARD = sys.stdlib_module_names

# part of nnlab -> other libraries it may import, parts of nnlab it may import; None: all that the lines below allow
RULES: dict[str, tuple[set[str] | None, set[str] | None]] = {
    "scratch": ({"numpy"}, {"scratch"}),
    "pytorch": ({"numpy", "torch", "torchvision", "tqdm"}, {"pytorch", "datasets"}),
    "datasets": ({"numpy"}, {"datasets", "scratch"}),  # of scratch only the checks of what comes in
    "clinic": ({"numpy", "torch", "sklearn"}, {"clinic", "datasets", "scratch"}),  # patients are PyTorch programs
    "plots": ({"numpy", "matplotlib", "cycler", "IPython"}, {"plots"}),
    "table": (set(), {"table"}),
    "exercises": (
        {"numpy", "torch", "filelock"},
        {"exercises", "scratch", "pytorch", "twins", "datasets", "table", "clinic"},
    ),
    "explore": (None, None),
}


def part(module: str) -> str:
    """'nnlab.scratch.linear' -> 'scratch'."""
    return module.split(".")[1] if "." in module else "nnlab"


def imports(path: Path) -> set[str]:
    """Full names of all modules that a file imports, also inside functions, but not only for a type checker."""
    package = ["nnlab", *path.relative_to(ROOT / "nnlab").parts[:-1]]
    found = set()
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "nnlab" else {module}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "nnlab")))
def test_imports_only_what_its_part_may(path):
    inside = path.relative_to(ROOT / "nnlab").with_suffix("").parts
    mine = inside[0]
    for module in imports(path):
        top = module.split(".")[0]
        if top == "nnlab":
            allowed = RULES.get(mine, (set(), None))[1]
            assert allowed is None or part(module) in allowed, f"{mine} may not import {module}"
            assert part(module) != "explore" or mine in ("explore", "course"), f"{mine} may not import {module}"
        elif top not in STANDARD:
            allowed = RULES.get(mine, (None, None))[0]
            assert allowed is None or top in allowed, f"{mine} may not import {module}"
            assert top not in WIDGETS or mine == "explore", "only explore knows widgets"
            assert top != "matplotlib" or mine in ("explore", "plots"), "only explore and plots know matplotlib"
        assert module != "matplotlib.pyplot", "figures are made without pyplot, which keeps state and leaves them open"


def loaded(code: str) -> set[str]:
    """Which heavy libraries a program has loaded."""
    code += "\nimport sys; print(*[m for m in sys.modules if '.' not in m or m == 'matplotlib.pyplot'])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_import_nnlab_is_light():
    heavy = {"numpy", "matplotlib", "torch", "ipywidgets", "IPython", "scipy", "sklearn", "pandas"}
    assert not loaded("import nnlab") & heavy


def test_scratch_loads_numpy_alone():
    assert not loaded("import nnlab.scratch") & {"matplotlib", "torch", "ipywidgets", "IPython", "scipy"}


def test_explorers_load_neither_pyplot_nor_torch():
    code = "from nnlab.explore import ALL\nfor make in list(ALL.values())[:3]: make().png()"
    assert not loaded(code) & {"matplotlib.pyplot", "torch"}
