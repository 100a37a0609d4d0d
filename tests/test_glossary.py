"""The glossary's links, and the search through the course."""

import pytest

from nnlab import glossary
from nnlab.course import CHAPTERS
from nnlab.glossary import TERMS, Term, cell_of, cells, find, link_of, look_up


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_every_link_leads_to_a_cell(term: Term) -> None:
    name = cell_of(term)
    assert name, f"{term.name}: no text cell of chapter {term.chapter} has {term.find!r}"
    assert link_of(term).endswith(f".ipynb#cell-id={name}")


def test_the_glossary_is_in_order_and_each_term_stands_once() -> None:
    names = [term.name for term in TERMS]
    assert len(set(names)) == len(names) and names == sorted(names, key=str.lower)
    assert all(term.meaning.endswith(".") and len(term.meaning) < 90 for term in TERMS)
    assert glossary.glossary().count("\n") == len(names) + 1
    assert look_up("epoch").chapter == "05"
    with pytest.raises(ValueError, match=r"no term named 'epochs'\. Did you mean 'epoch'"):
        look_up("epochs")


def test_every_chapter_introduces_a_term() -> None:
    there = {one.number for one in CHAPTERS if one.notebook.exists()}
    assert there - {term.chapter for term in TERMS} <= {"01", "12", "13"}  # they build on the others' terms


@pytest.mark.parametrize("words", ["dropout", "  Dropout ", "learning rate", "He's rule"])
def test_what_is_found_mentions_the_words(words: str) -> None:
    found = find(words)
    assert found.places and len(found.places) <= glossary.MOST
    for chapter, _, cell in found.places:
        text = dict(cells(chapter))[cell]
        assert " ".join(words.lower().split()) in " ".join(text.lower().split())
    per_chapter = [chapter for chapter, _, _ in found.places]
    assert max(map(per_chapter.count, per_chapter)) <= glossary.MOST_OF_A_CHAPTER


def test_the_term_and_the_heading_come_first() -> None:
    found = find("dropout")
    assert repr(found).startswith("dropout: Setting random units to zero")
    assert found.places[0][0] == "10" and "dropout" in found.places[0][1].lower()
    assert "10_regularisation.ipynb#cell-id=" in found._repr_markdown_()


def test_nothing_found_is_told() -> None:
    assert repr(find("dropoutt")) == "No chapter mentions 'dropoutt'. Near it: dropout."
    with pytest.raises(ValueError, match="Give a word or two"):
        find("  ")
