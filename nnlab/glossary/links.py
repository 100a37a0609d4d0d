"""Where a term is introduced: the cell, and the link to it."""

from __future__ import annotations

import json
from functools import cache

from nnlab.checks import pick
from nnlab.course import CHAPTERS, Chapter
from nnlab.glossary.terms import TERMS, Term


def chapter_of(number: str) -> Chapter:
    """The chapter with this number."""
    return next(one for one in CHAPTERS if one.number == number)


def address(chapter: str, cell: str) -> str:
    """The link from one notebook to a cell of another."""
    return f"{chapter_of(chapter).notebook.name}#cell-id={cell}"


@cache
def cells(chapter: str) -> tuple[tuple[str, str], ...]:
    """Ids and texts of a chapter's text cells, in order; none if its notebook is not there."""
    path = chapter_of(chapter).notebook
    if not path.is_file():
        return ()
    notebook = json.loads(path.read_text("utf-8"))
    return tuple((c["id"], "".join(c["source"])) for c in notebook["cells"] if c["cell_type"] == "markdown")


def cell_of(term: Term) -> str | None:
    """The id of the first text cell of the term's chapter that has its text; None if there is none."""
    return next((name for name, text in cells(term.chapter) if term.find in text), None)


def link_of(term: Term) -> str:
    """Where the term is introduced, as a link from a notebook: "07_recurrent.ipynb#cell-id=...".

    JupyterLab goes to the cell; elsewhere the chapter opens at its top."""
    name = cell_of(term)
    return address(term.chapter, name) if name else chapter_of(term.chapter).notebook.name


def look_up(name: str) -> Term:
    """The row of a term. Raises ValueError, with the nearest one, if there is none."""
    row: Term = pick({term.name: term for term in TERMS}, name, "term")
    return row


def glossary() -> str:
    """All terms in alphabetical order as a Markdown table, each with a link to the cell that introduces it."""
    lines = ["| term | in a sentence | chapter |", "|---|---|---|"]
    for term in sorted(TERMS, key=lambda term: term.name.lower()):
        lines.append(f"| {term.name} | {term.meaning} | [{term.chapter}]({link_of(term)}) |")
    return "\n".join(lines)
