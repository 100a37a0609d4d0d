"""Which module imports which, read from the source, nothing imported: nnlab, tests, benches and notebooks.

Names are followed to where they are defined: after `from nnlab import scratch`, the use of `scratch.Adam` reaches
`nnlab/scratch/optim.py` and not its neighbours. What the registries load on demand is found by name, as in
`nnlab/course.py`: the word `kernel_explorer` and the id "06.2" reach their modules, and `ALL` reaches every chapter.
"""

import ast
import json
import re
from collections.abc import Iterable
from pathlib import Path

CHAPTERS = "nnlab/chapters/"
REGISTRIES = {"nnlab.explore", "nnlab.exercises"}
EVERY_NOTEBOOK = {"NOTEBOOKS", "*.ipynb"}  # names or texts in tests that go through all of them


def chapter_of(path: str) -> str | None:
    """The number of the chapter to which a module, notebook or test belongs: "06", or None."""
    found = re.match(rf"{CHAPTERS}c(\d\d)_|notebooks/(\d\d)_|tests/chapters/test_c(\d\d)", path)
    return next(filter(None, found.groups())) if found else None


def _parse(text: str) -> list[ast.AST]:
    try:
        return [ast.parse(text)]
    except (SyntaxError, ValueError):
        return []


def _trees(path: Path) -> list[ast.AST]:
    """The syntax of a module, or of each code cell without its magics; a file that cannot be read has none."""
    try:
        text = path.read_text("utf-8")
        if path.suffix == ".py":
            return _parse(text)
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError):
        return []
    sources = ["".join(cell["source"]) for cell in cells]
    return [tree for one in sources for tree in _parse(re.sub(r"(?m)^(\s*)[%!].*", r"\1pass", one))]


class Graph:
    """`imports[path]` are the paths that `path` uses. Paths are relative to `root`, with slashes; `gone` are files that
    were deleted, which may still be named somewhere."""

    def __init__(self, root: Path, gone: Iterable[str] = ()) -> None:
        self.root = root
        found = [path for folder in ("nnlab", "tests") for path in (root / folder).rglob("*.py")]
        found += (root / "notebooks").glob("*.ipynb")
        self.files = sorted({path.relative_to(root).as_posix() for path in found} | set(gone))
        self.modules = {self._dotted(path): path for path in self.files if path.endswith(".py")}
        self.notebooks = [path for path in self.files if path.endswith(".ipynb")]
        self.chapters = [path for path in self.files if path.startswith(CHAPTERS) and chapter_of(path)]
        self.by_name: dict[str, str] = {}  # of explorers and exercises
        for path in self.chapters:
            stem = Path(path).stem
            if stem.endswith("_explorer"):
                self.by_name[stem] = path
            elif found_id := re.match(r"ex(\d+)", stem):
                self.by_name[f"{chapter_of(path)}.{found_id[1]}"] = path
        self.through_notebooks: set[str] = set()  # tests that go through all of them
        self.by_place: dict[str, set[str]] = {}  # what a test tries because of where it lies
        trees = {path: _trees(root / path) for path in self.files}
        self.exports = {
            name: self._reexported(name, trees[path])
            for name, path in self.modules.items()
            if path.endswith("__init__.py")
        }
        self.imports = {path: self._uses(path, trees[path]) - {path} for path in self.files}

    @staticmethod
    def _dotted(path: str) -> str:
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def _base(self, name: str, node: ast.ImportFrom) -> str:
        """The full name of the module in `from MODULE import ...`, written in the module or package `name`."""
        if not node.level:
            return node.module or ""
        package = name.split(".")
        if not self.modules.get(name, "").endswith("__init__.py"):
            package = package[:-1]
        return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])

    def _reexported(self, name: str, trees: list[ast.AST]) -> dict[str, tuple[str, str]]:
        """What a package takes from elsewhere: name to (module, name there)."""
        nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        return {
            alias.asname or alias.name: (self._base(name, node), alias.name)
            for node in nodes
            for alias in node.names
            if alias.name != "*"
        }

    def _resolve(self, module: str, name: str, depth: int = 0) -> set[str]:
        """The files behind `from module import name`."""
        found = set()
        if path := self.modules.get(f"{module}.{name}"):
            found.add(path)
        there = self.exports.get(module, {}).get(name)
        if there and there != (module, name) and depth < 9:
            found |= self._resolve(*there, depth + 1)
        if module in REGISTRIES and name == "ALL":
            found |= {*self.chapters, self.modules.get(module, "")}
        if not found and module in self.modules and name not in self.by_name:
            found.add(self.modules[module])
        return found - {""}

    def _uses(self, path: str, trees: list[ast.AST]) -> set[str]:
        """All files that a file names, in code and in texts, which may be programs for another process."""
        nodes = [node for tree in trees for node in ast.walk(tree)]
        texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        programs = [text for text in texts if "import" in text and "nnlab" in text]
        nodes += [node for text in programs for tree in _parse(text) for node in ast.walk(tree)]
        name = self._dotted(path)
        found: set[str] = set()
        packages: dict[str, str] = {}  # names in this file that stand for a package
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname and alias.name in self.exports:
                        packages[alias.asname] = alias.name
                    elif alias.name in self.modules:
                        found.add(self.modules[alias.name])
            elif isinstance(node, ast.ImportFrom):
                module = self._base(name, node)
                for alias in node.names:
                    if f"{module}.{alias.name}" in self.exports:
                        packages[alias.asname or alias.name] = f"{module}.{alias.name}"
                    if f"{module}.{alias.name}" not in self.exports or alias.name in self.exports.get(module, {}):
                        found |= self._resolve(module, alias.name)
        found |= self._used_of_packages(nodes, packages)
        words = {node.id for node in nodes if isinstance(node, ast.Name)} | set(texts)
        words |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        if path.startswith("tests/browser/test_") and any(
            isinstance(n, ast.arg) and n.arg == "notebook" for n in nodes
        ):
            words |= EVERY_NOTEBOOK  # the fixture
        words |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
        found |= {self.by_name[word] for word in words & self.by_name.keys()}
        for text in texts:
            found |= {self.by_name[word] for word in re.findall(r"\w+_explorer\b", text) if word in self.by_name}
            found |= {file for dotted in re.findall(r"\bnnlab(?:\.\w+)+", text) if (file := self._longest(dotted))}
        if path.startswith("tests/"):
            self.by_place[path] = self._tries(path, words)
        elif path.endswith(".ipynb"):
            found |= {other for other in self.chapters if chapter_of(other) == chapter_of(path)}
        return found

    def _used_of_packages(self, nodes: list[ast.AST], packages: dict[str, str]) -> set[str]:
        """After `from nnlab import scratch as s`: the files behind each `s.NAME`, and the package itself if `s` stands
        alone."""
        found: set[str] = set()
        uses = dict.fromkeys(packages, 0)
        for node in nodes:
            if isinstance(node, ast.Name) and node.id in packages:
                uses[node.id] += 1
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in packages:
                uses[node.value.id] -= 1
                found |= self._resolve(packages[node.value.id], node.attr)
        return found | {self.modules[package] for name, package in packages.items() if uses[name]}

    def _longest(self, dotted: str) -> str | None:
        """The module that a dotted name begins with."""
        while dotted not in self.modules and "." in dotted:
            dotted = dotted.rpartition(".")[0]
        return self.modules.get(dotted) if "." in dotted else None

    def _tries(self, path: str, words: set[str]) -> set[str]:
        """What a file of tests tries by its place: a chapter's test the chapter and its notebook, a contract all of
        them."""
        found: set[str] = set()
        if number := chapter_of(path):
            found |= {one for one in [*self.chapters, *self.notebooks] if chapter_of(one) == number}
        contract = path.startswith("tests/contracts/")
        if contract:
            found |= set(self.chapters)
        if contract or (words & EVERY_NOTEBOOK and not path.startswith("tests/dev/")):
            self.through_notebooks.add(path)
            found |= set(self.notebooks)
        return found

    def reached(self, changed: Iterable[str]) -> dict[str, str | None]:
        """Every file that uses a changed one, however indirectly, mapped to the file through which it was reached; the
        changed ones map to None."""
        importers: dict[str, list[str]] = {}
        for path, used in self.imports.items():
            for other in used:
                importers.setdefault(other, []).append(path)
        found: dict[str, str | None] = {path: None for path in changed}
        queue = sorted(found)
        for path in queue:
            for other in sorted(importers.get(path, [])):
                if other not in found:
                    found[other] = path
                    queue.append(other)
        for test, tried in self.by_place.items():  # last: whoever takes a helper from such a test does not try the same
            if test not in found and (there := sorted(tried & found.keys())):
                found[test] = there[0]
        return found
