"""The plans of docs/term.md: what a chapter builds on comes before it, minutes add up, guesses and exercises exist."""

import json
import re

import pytest

from nnlab.course import CHAPTERS
from nnlab.host import folder

TEXT = (folder("docs") / "term.md").read_text(encoding="utf-8")
PLANS = {part.splitlines()[0]: part for part in TEXT.split("\n## ") if "| week |" in part}
BY_NUMBER = {chapter.number: chapter for chapter in CHAPTERS}


def weeks(plan: str) -> list[list[str]]:
    """The cells of each row."""
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\| \d+ .*$", plan, re.M)]


def builds_on(number: str) -> set[str]:
    first = json.loads(BY_NUMBER[number].notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    return set(re.findall(r"\((\d\d)_\w+\.ipynb\)", "".join(first).partition("**Builds on**")[2]))


def test_there_are_three_plans():
    assert builds_on("05") == {"03", "04"}
    assert len(PLANS) == 3 and [len(weeks(plan)) for plan in PLANS.values()] == [14, 6, 6]


@pytest.mark.parametrize("name", PLANS)
def test_a_chapter_comes_after_what_it_builds_on(name):
    seen = {f"{n:02}" for n in range(12)} if "00 to 11" in PLANS[name] else set()
    for week in weeks(PLANS[name]):
        numbers = re.findall(r"\d\d", week[1])
        for number in numbers:
            needed = builds_on(number) - seen
            assert not needed, f"week {week[0]}: {number} builds on {needed}"
            seen.add(number)
        assert int(week[2]) == sum(int(BY_NUMBER[number].minutes) for number in numbers), week


@pytest.mark.parametrize("week", weeks(next(iter(PLANS.values()))), ids=lambda week: week[0])
def test_guesses_and_exercises_are_of_the_weeks_chapters(week):
    chapters = [BY_NUMBER[number] for number in re.findall(r"\d\d", week[1])]
    text = "".join(chapter.notebook.read_text(encoding="utf-8") for chapter in chapters)
    guesses = re.findall(r"\d\d\.[a-z]\b", week[3])
    exercises = re.findall(r"\d\d\.\d+", week[4])
    assert guesses and all(f'\\"{guess}\\"' in text for guess in guesses)
    assert all(exercise in {id for chapter in chapters for id in chapter.exercises} for exercise in exercises)
