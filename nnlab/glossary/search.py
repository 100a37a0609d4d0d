"""A search through all notebooks: `find("dropout")`."""

from __future__ import annotations

import re
from difflib import get_close_matches

from nnlab.course import CHAPTERS
from nnlab.glossary.links import address, cells, chapter_of, link_of
from nnlab.glossary.terms import TERMS, Term

MOST, MOST_OF_A_CHAPTER = 10, 2  # cells
SUMMARIES = ("Recap", "Common mistakes")  # they mention everything and explain nothing


class Found:
    """What `find` found, with links in a notebook, in plain lines elsewhere. terms: rows of the glossary; places:
    (chapter, heading, cell id) of cells that mention the words."""

    def __init__(self, words: str, terms: list[Term], places: list[tuple[str, str, str]]) -> None:
        self.words, self.terms, self.places = words, terms, places

    def _lines(self, link: bool) -> list[str]:
        lines = []
        for term in self.terms:
            where = f"{term.chapter} {chapter_of(term.chapter).title}"
            lines.append(
                f"- **{term.name}**: {term.meaning} [{where}]({link_of(term)})"
                if link
                else f"{term.name}: {term.meaning} {where}"
            )
        for chapter, heading, cell in self.places:
            where = f"{chapter} {chapter_of(chapter).title}: {heading}"
            lines.append(f"- [{where}]({address(chapter, cell)})" if link else where)
        if not lines:
            near = get_close_matches(self.words, [term.name for term in TERMS], n=3, cutoff=0.6)
            lines = [f"No chapter mentions {self.words!r}." + (f" Near it: {', '.join(near)}." if near else "")]
        return lines

    def _repr_markdown_(self) -> str:
        return "\n".join(self._lines(link=True))

    def __repr__(self) -> str:
        return "\n".join(self._lines(link=False))


def find(words: str) -> Found:
    """Where the course explains or mentions something: find("dropout"). The glossary's terms come first, then the cells
    that mention the words, those with a heading or in bold type first.

    The notebooks themselves are read, so a link cannot be out of date. Raises ValueError for an empty text."""
    wanted = " ".join(str(words).lower().split())
    if not wanted:
        raise ValueError('Give a word or two to look for: find("dropout").')
    terms = [term for term in TERMS if wanted in term.name.lower()]
    ranked = []
    for chapter in CHAPTERS:
        best = sorted(_mentions(chapter.number, wanted), key=lambda one: -one[0])
        ranked += best[:MOST_OF_A_CHAPTER]
    ranked.sort(key=lambda one: -one[0])  # stable: of equals, the earlier chapter first
    return Found(wanted, terms, [place for _, place in ranked[:MOST]])


def _mentions(chapter: str, wanted: str) -> list[tuple[float, tuple[str, str, str]]]:
    """(how much, (chapter, heading, cell id)) of each text cell that has the words."""
    found: list[tuple[float, tuple[str, str, str]]] = []
    heading = ""
    for cell, text in cells(chapter):
        heads = re.findall(r"^#+ (.*)$", text, re.M)
        plain = " ".join(text.lower().split())
        if count := plain.count(wanted):
            own = next((head for head in heads if wanted in head.lower()), heads[0] if heads else heading)
            weight = 100 * (wanted in own.lower()) + 10 * (f"**{wanted}" in plain) + min(count, 9)
            if all(own != seen for _, (_, seen, _) in found) and own not in SUMMARIES:
                found.append((weight, (chapter, own, cell)))
        heading = heads[-1] if heads else heading
    return found
