"""The map: what is next for a learner."""

import pytest

from nnlab import course
from nnlab.exercises import ALL
from nnlab.exercises.course_map import CourseMap
from nnlab.exercises.progress_file import SolvedExercises

FIRST = [one.number for one in course.CHAPTERS if one.exercises and one.notebook.exists()]


def next_up(solved: set[str]) -> str | None:
    after = CourseMap(SolvedExercises(tuple(sorted(ALL)), frozenset(solved))).next_up()
    return after and after.number


def of(*chapters: str) -> set[str]:
    return {id for id in ALL if id[:2] in chapters}


@pytest.mark.parametrize(
    ("solved", "expected"),
    [
        (set(), FIRST[0]),
        (of("00"), "01"),
        ({"05.1"}, "05"),  # the last one begun, though earlier ones are open
        (of("05"), "06"),
        (of(FIRST[-1]), FIRST[0]),  # round again
        (set(ALL), None),
    ],
)
def test_what_is_next(solved: set[str], expected: str | None) -> None:
    assert next_up(solved) == expected


def test_the_map_begins_with_it() -> None:
    ids = tuple(sorted(ALL))
    shown = CourseMap(SolvedExercises(ids, frozenset(of("00"))))
    assert repr(shown).startswith("Next for you: 01 The artificial neuron\n\nI. Foundations")
    assert shown._repr_markdown_().startswith("**Next for you**: [01 The artificial neuron](01_neuron.ipynb)\n\n")
    assert "every exercise is solved" in repr(CourseMap(SolvedExercises(ids, frozenset(ids))))
