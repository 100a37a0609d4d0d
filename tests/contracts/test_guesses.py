"""Every guess of a notebook: asked before it is answered, answered by what a cell computed, and not given away."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nnlab.course import CHAPTERS
from nnlab.exercises.guesses import Guess, chapter_of

ROOT = Path(__file__).resolve().parents[2]
EXISTING = [chapter for chapter in CHAPTERS if chapter.notebook.exists()]
VAGUE = {"yes", "no", "none"}  # words that stand anywhere
CAME = re.compile(r"^(\d\d\.[a-z])  What came: (.*?)\. You made no guess", re.M | re.S)

each = pytest.mark.parametrize("chapter", EXISTING, ids=lambda chapter: chapter.number)


class Call(NamedTuple):
    """A call of `guess` or `reveal` in a notebook: its cell's place, its positional arguments, its keywords."""

    cell: int
    args: list[ast.expr]
    keywords: dict[str, ast.expr]


def cells(chapter: Any) -> list[dict[str, Any]]:
    return json.loads(chapter.notebook.read_text("utf-8"))["cells"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def printed(cell: dict[str, Any]) -> str:
    outputs = cell.get("outputs", [])
    return "\n".join("".join(out.get("text", out.get("data", {}).get("text/plain", ""))) for out in outputs)


def calls(chapter: Any, name: str) -> dict[str, Call]:
    """The calls of this name by the text that they begin with; two alike are an error."""
    found: dict[str, Call] = {}
    for place, cell in enumerate(cells(chapter)):
        if cell["cell_type"] != "code":
            continue
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                id = ast.literal_eval(node.args[0])
                assert id not in found, f'{name}("{id}") stands twice'
                found[id] = Call(place, node.args, {word.arg or "": word.value for word in node.keywords})
    return found


def asked(chapter: Any) -> dict[str, Guess]:
    """The questions as the notebook declares them, which checks ids, options and tolerances."""
    made = {}
    for id, call in calls(chapter, "guess").items():
        words = {name: ast.literal_eval(value) for name, value in call.keywords.items()}
        words["options"] = tuple(words.get("options", ()))
        made[id] = Guess(id, ast.literal_eval(call.args[1]), **words)
    return made


def came(chapter: Any) -> dict[str, str]:
    """By id what the stored notebook says that came, line breaks as spaces."""
    found = {}
    for cell in cells(chapter):
        found.update({id: " ".join(text.split()) for id, text in CAME.findall(printed(cell))})
    return found


def shown_between(chapter: Any, first: int, last: int) -> str:
    """What is to be read in the cells from `first` up to `last`: prose and what cells printed, but for questions."""
    read = [source(cell) if cell["cell_type"] == "markdown" else printed(cell) for cell in cells(chapter)[first:last]]
    return "\n".join(text for text in read if not text.startswith("[guess "))


@each
def test_at_least_two_guesses(chapter):
    ids = list(asked(chapter))
    assert all(chapter_of(id) == chapter.number for id in ids)
    assert sorted(ids) == [f"{chapter.number}.{letter}" for letter in "abcdefghijklm"[: len(ids)]]
    assert len(ids) >= 2


@each
def test_each_guess_is_answered_in_a_later_cell(chapter):
    questions, answers = calls(chapter, "guess"), calls(chapter, "reveal")
    assert questions.keys() == answers.keys()
    assert all(questions[id].cell < answers[id].cell for id in questions)
    assert [*questions] == sorted(questions), "letters follow the order of the questions"


@each
def test_a_question_is_a_cell_of_its_own(chapter):
    """So that it can be answered before anything else runs."""
    for id, call in calls(chapter, "guess").items():
        (statement,) = ast.parse(source(cells(chapter)[call.cell])).body
        assert isinstance(statement, ast.Expr), id


@each
def test_what_came_is_computed(chapter):
    """Neither a number nor a text that was typed: something that a cell worked out."""
    for id, call in calls(chapter, "reveal").items():
        names = {node.id for node in ast.walk(call.args[1]) if isinstance(node, ast.Name)}
        operations = any(isinstance(node, ast.BinOp) for node in ast.walk(call.args[1]))
        assert names or operations, f"{id} reveals {ast.unparse(call.args[1])}"


@each
def test_what_came_is_one_option_and_says_so_without_a_guess(chapter):
    """The stored notebook shows what a reader without a guess sees."""
    found = came(chapter)
    for id, question in asked(chapter).items():
        assert id in found, f"{id}: the stored notebook does not say what came"
        if question.options:
            assert question.options.count(found[id]) == 1, f"{id}: {found[id]} of {question.options}"
        else:
            number, _, unit = found[id].partition(" ")
            assert question.unit in (unit, "%"), f"{id}: {found[id]}"
            assert question.holds(number, question.truth(float(number.replace(",", "").removesuffix("%"))))


@each
def test_the_answer_does_not_stand_before_the_reveal(chapter):
    """Neither the option that came nor the line that says why, from the section's heading to the reveal."""
    found, answers = came(chapter), calls(chapter, "reveal")
    all_cells = cells(chapter)
    for id, call in calls(chapter, "guess").items():
        start = max(i for i in range(call.cell) if re.search(r"^## ", source(all_cells[i]), re.M) or not i)
        before = shown_between(chapter, start, answers[id].cell)
        text = found[id]
        if text not in VAGUE and len(text) > 1:  # a single digit stands anywhere
            assert not re.search(rf"(?<![\w.]){re.escape(text)}(?![\w%]|\.\d)", before), f"{id}: {text!r} stands before"
        for why in answers[id].args[2:]:
            assert ast.literal_eval(why) not in before, f"{id}: the reason stands before"


@each
def test_why_is_one_line(chapter):
    for id, call in calls(chapter, "reveal").items():
        for why in call.args[2:]:
            assert 1 < len(ast.literal_eval(why)) < 86 and "\n" not in ast.literal_eval(why), id


@each
def test_the_last_cell_shows_how_many_held(chapter):
    if not asked(chapter):
        return
    assert source(cells(chapter)[-1]) == f'guesses("{chapter.number}")'
    assert printed(cells(chapter)[-1]).startswith(f"Your guesses in {chapter.number}: ")


@each
def test_a_notebook_keeps_the_names_of_the_functions(chapter):
    """A variable called `guess` would break each question that is run once more."""
    for cell in cells(chapter):
        if cell["cell_type"] == "code":
            for node in ast.walk(ast.parse(source(cell))):
                kept = {"guess", "guesses", "reveal"}
                assert not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in kept), source(
                    cell
                )
