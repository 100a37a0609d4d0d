"""Which names of a program cannot be had in a browser, found by what the program imports and calls.

A name lacks a library if it is imported from it, or is a function that imports or calls what lacks it. The same reading
serves nnlab's own modules and the cells of a notebook (`nnlab.dev.site.cells`); nothing is run.
"""

from __future__ import annotations

import ast
import symtable
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from nnlab.course import CHAPTERS

# what a page has beside the standard library and nnlab, by the names that programs import
PRESENT = frozenset({"IPython", "PIL", "anywidget", "cycler", "ipywidgets", "matplotlib", "numpy", "packaging"})
PRESENT |= {"pygments", "scipy", "sklearn", "traitlets"}
PRESENT |= {"filelock", "threadpoolctl"}  # not there; nnlab does without them (`nnlab.host`)
# imported without an error, and of no use: a cell that names them does nothing without them
STOPPED = frozenset({"concurrent", "multiprocessing", "socket", "subprocess", "threading"})
ROOMS = {"pytorch": "torch", "serve": "onnxruntime", "dev": "jupyterlab"}  # rooms of nnlab, and what each needs

Lacking = dict[str, str]  # a name -> the library that it lacks


def lacks_in_browser(library: str) -> bool:
    """Whether a library does not work in a browser."""
    return not (library in sys.stdlib_module_names or library in PRESENT)


class Needs:
    """What names lack. `lacks(library)` says whether a library is missing; `folder` is nnlab's."""

    def __init__(self, folder: Path, lacks: Callable[[str], bool] = lacks_in_browser):
        self.folder, self.lacks = folder, lacks
        self._known: dict[str, Lacking] = {}
        chapters = {f"{c.package}.{name}": name for c in CHAPTERS for name in c.modules}
        self.explorers = {name: module for module, name in chapters.items() if name.endswith("_explorer")}
        self.exercises = {id: f"{c.package}.{name}" for c in CHAPTERS for id, name in c.exercises.items()}

    def library(self, module: str) -> str | None:
        """The library that importing a module needs and a browser has not; None if it can be imported."""
        top, *rest = module.split(".")
        if top != "nnlab":
            return top if self.lacks(top) else None
        if rest and rest[0] in ROOMS:
            return ROOMS[rest[0]] if self.lacks(ROOMS[rest[0]]) else None
        return self.module(module).get("*")

    def module(self, module: str) -> Lacking:
        """The names of a module of nnlab that lack something; "*" where importing it does."""
        if module not in self._known:
            self._known[module] = {}  # two modules may import each other
            if path := self.path(module):
                package = module if path.name == "__init__.py" else module.rpartition(".")[0]
                self._known[module] = self.read(ast.parse(path.read_text("utf-8")).body, package)
        return self._known[module]

    def path(self, module: str) -> Path | None:
        """The file of a module of nnlab."""
        place = self.folder.joinpath(*module.split(".")[1:])
        return next((p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file()), None)

    def read(self, body: list[ast.stmt], package: str) -> Lacking:
        """The names that a module's statements define and that lack something."""
        found: Lacking = {}
        for statement in body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                found |= dict(self.imported(statement, package))
        size = -1
        while size < len(found):  # a function may call one that is defined below it
            size = len(found)
            for statement in body:
                if isinstance(statement, ast.Import | ast.ImportFrom):
                    continue
                if lack := self.used(statement, found, package):
                    found |= dict.fromkeys(bound(statement), lack)
                    if called(statement) & set(found):  # not made for later, but called while the module is imported
                        found["*"] = lack
        return found

    def imported(self, statement: ast.Import | ast.ImportFrom, package: str = "") -> Iterator[tuple[str, str]]:
        """The names that an import binds and that lack a library; ("*", library) first where it fails altogether."""
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if not package and alias.name.split(".")[0] in STOPPED:
                    yield alias.asname or alias.name.split(".")[0], alias.name.split(".")[0]
                elif library := self.library(alias.name):
                    yield "*", library
                    yield alias.asname or alias.name.split(".")[0], library
            return
        base = package.split(".")[: len(package.split(".")) - statement.level + 1] if statement.level else []
        module = ".".join(filter(None, [*base, statement.module]))
        for alias in statement.names:
            inner = f"{module}.{alias.name}"
            if not package and module.split(".")[0] in STOPPED:
                yield alias.asname or alias.name, module.split(".")[0]
                continue
            is_module = module.split(".")[0] == "nnlab" and self.path(inner) is not None
            if library := self.library(module) or (self.library(inner) if is_module else None):
                yield "*", library
                yield alias.asname or alias.name, library
            elif module.startswith("nnlab") and (lack := self.module(module).get(alias.name)):
                yield alias.asname or alias.name, lack

    def used(self, statement: ast.stmt, lacking: Lacking, package: str = "") -> str | None:
        """The library that a statement needs and cannot have, by the names that it uses; None if there is none."""
        if isinstance(statement, ast.ClassDef):  # made without its methods, but for the first
            own = [part for part in statement.body if not isinstance(part, ast.FunctionDef) or part.name == "__init__"]
            statement = ast.ClassDef(**{**dict(ast.iter_fields(statement)), "body": own or [ast.Pass()]})
        names = free(statement)
        if library := next((lacking[name] for name in sorted(names) if name in lacking), None):
            return library
        for node in ast.walk(statement):
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = node.names[0].name if isinstance(node, ast.Import) else node.module or ""
                foreign = not module.startswith("nnlab") or module.split(".")[1:2] in [[room] for room in ROOMS]
                relative = isinstance(node, ast.ImportFrom) and node.level
                if foreign and not relative and (library := self.library(module)):
                    return library
            elif isinstance(node, ast.Call) and (library := self.asked(node)):
                return library
            elif isinstance(node, ast.Attribute) and node.attr in self.explorers:
                lack = self.module(self.explorers[node.attr])
                if library := lack.get("*") or lack.get(node.attr):
                    return library
        return None

    def asked(self, call: ast.Call) -> str | None:
        """What a call asks for by a text: `host.load("torch")`, or `check("13.1", ...)`, whose exercise needs it."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        first = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        if not isinstance(first, str):
            return None
        if name == "load" and isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "host":
            return first if self.lacks(first) else None
        if name in ("check", "hint", "solution") and (module := self.exercises.get(first)):
            return self.module(module).get("*") or self.solved_with(module)
        return None

    def solved_with(self, module: str) -> str | None:
        """The library that an exercise's stub or solution imports and cannot have."""
        path = self.path(module)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))) if path else ():
            text = node.value.value if isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant) else None
            if isinstance(text, str) and getattr(node, "arg", "") in ("stub", "solution"):
                for word in ("torch", "keras", "optuna"):
                    if f"{word}." in text and self.lacks(word):
                        return word
        return None


def free(statement: ast.stmt) -> set[str]:
    """The names that a statement takes from around it, also inside its functions; not those that are local there."""
    module = ast.fix_missing_locations(ast.Module([statement], []))
    tables = [symtable.symtable(ast.unparse(module), "cell", "exec")]
    names = {s.get_name() for s in tables[0].get_symbols() if s.is_referenced()}
    tables = [*tables[0].get_children()]
    while tables:
        table = tables.pop()
        names |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
        tables += table.get_children()
    if isinstance(statement, ast.AugAssign):
        names |= {node.id for node in ast.walk(statement.target) if isinstance(node, ast.Name)}
    return names


def called(statement: ast.stmt) -> set[str]:
    """The names of functions that a statement of a module calls while it runs; those in functions are not called."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return set()
    names, inside = set(), [*ast.iter_child_nodes(statement)]
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            names.add(node.func.id)
        if not isinstance(node, ast.Lambda | ast.FunctionDef):
            inside += ast.iter_child_nodes(node)
    return names


def bound(statement: ast.stmt) -> set[str]:
    """The names that a statement defines."""
    module = ast.fix_missing_locations(ast.Module([statement], []))
    table = symtable.symtable(ast.unparse(module), "cell", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
