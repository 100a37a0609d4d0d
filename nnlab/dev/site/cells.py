"""The cells of a notebook that a browser can run, and what stands in place of the others.

A cell that needs what a browser has not is kept to be read: its source as comments, and a last line that shows what it
printed when the notebook was stored. Names that it would have defined are missing from then on. Where only an import
fails and nothing in the cell uses it, only that line goes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from nnlab.dev.site.needs import Lacking, Needs, bound
from nnlab.host import TITLES


@dataclass
class Reader:
    """Reads a notebook's code cells in their order. `lacking`: the names that are missing so far."""

    needs: Needs
    lacking: Lacking = field(default_factory=dict)

    def library(self, source: str) -> str | None:
        """The library for want of which a cell cannot run; None if it can. What it defines is remembered."""
        body = ast.parse(plain(source)).body
        before = dict(self.lacking)
        if library := next(self._missing(body), None):
            self.lacking = before
            for statement in body:
                if not isinstance(statement, ast.Import | ast.ImportFrom):
                    self.lacking |= dict.fromkeys(bound(statement), library)
            for statement in body:
                self._import(statement)
        return library

    def _import(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for name in bound(statement):
                self.lacking.pop(name, None)
            self.lacking |= {name: library for name, library in self.needs.imported(statement) if name != "*"}

    def _missing(self, body: list[ast.stmt]) -> Iterator[str]:
        """What each statement lacks, in order, while what they define is followed."""
        for statement in body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self._import(statement)
                continue
            inner = [part for name in ("body", "orelse", "finalbody") for part in getattr(statement, name, [])]
            inner += [part for handler in getattr(statement, "handlers", []) for part in handler.body]
            if not inner or isinstance(statement, ast.FunctionDef | ast.ClassDef):
                if library := self.needs.used(statement, self.lacking):
                    yield library
                for name in bound(statement):
                    self.lacking.pop(name, None)
                continue
            if library := self.needs.used(head(statement), self.lacking):
                yield library
            for name in bound(head(statement)):
                self.lacking.pop(name, None)
            yield from self._missing(inner)


def head(statement: ast.stmt) -> ast.stmt:
    """A compound statement without what is inside it: its test, what it goes through, its targets."""
    empty = {"body": [ast.Pass()], "orelse": [], "finalbody": [], "handlers": []}
    if isinstance(statement, ast.Try):
        return ast.Pass()
    fields = dict(ast.iter_fields(statement))
    return type(statement)(**{**fields, **{name: value for name, value in empty.items() if name in fields}})


def plain(source: str) -> str:
    """A cell's source without IPython's own lines, which begin with % or !."""
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.split("\n"))


def without_imports(source: str, needs: Needs) -> str:
    """A cell that can run, without the imports that would fail: of `from nnlab import a, b` only what fails goes."""
    lines = source.split("\n")
    for statement in reversed(ast.parse(plain(source)).body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            kept = importable(statement, needs)
            if kept != ast.unparse(statement):
                lines[statement.lineno - 1 : statement.end_lineno] = [kept] if kept else []
    return "\n".join(lines)


def importable(statement: ast.Import | ast.ImportFrom, needs: Needs) -> str:
    """An import as far as it works, "" if it does not at all."""
    kept = []
    for alias in statement.names:
        one = type(statement)(**{**dict(ast.iter_fields(statement)), "names": [alias]})
        if not any(name == "*" for name, _ in needs.imported(one)):
            kept.append(alias)
    return ast.unparse(type(statement)(**{**dict(ast.iter_fields(statement)), "names": kept})) if kept else ""


def commented(source: str, library: str, chapter: str, place: int, needs: Needs) -> str:
    """A cell that cannot run: why, what later cells import from it, its source as comments, and what shows its output.

    chapter: the notebook's name; place: the cell's, which `nnlab.stored.show` is given."""
    imports = [s for s in ast.parse(plain(source)).body if isinstance(s, ast.Import | ast.ImportFrom)]
    live = [text for statement in imports if (text := importable(statement, needs))]
    lines = [f"# {line}".rstrip() for line in source.split("\n")]
    title = TITLES.get(library, library)
    why = f"# {title} does not run in the browser; this is what the cell printed."
    shown = ["from nnlab import stored", *live]
    return "\n".join([why, "", *lines, "", *shown, "", f'stored.show("{chapter}", {place})'])
