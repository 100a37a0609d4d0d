"""Exercises: `check("02.1", leaky_relu, leaky_relu_grad)`, `hint("02.1")`, `solution("02.1")`, `progress()`; and
guesses: `guess("06.a", question, options=[...])` before the cell that tells, `reveal("06.a", value)` in it.

Each exercise is a module of its chapter's folder, such as `nnlab/chapters/c06_convolution/ex2_output_size.py`; `ALL`
maps each id to its `Exercise`, and imports it when it is asked for.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from nnlab import host
from nnlab.course import CHAPTERS
from nnlab.exercises.course_map import CourseMap
from nnlab.exercises.exercise import Case, Exercise, Report, Wrong
from nnlab.exercises.guesses import Guess, chapter_of, close, told
from nnlab.exercises.progress_file import SolvedExercises, load_solved, record
from nnlab.exercises.registry import ExerciseRegistry
from nnlab.exercises.wording import and_list, format_value, wrap

__all__ = [
    "ALL",
    "Case",
    "Exercise",
    "Report",
    "Wrong",
    "check",
    "course_map",
    "guess",
    "guesses",
    "hint",
    "progress",
    "reveal",
    "solution",
]

ALL = ExerciseRegistry()
ASKED: dict[str, Guess] = {}  # by id, the questions that this kernel asked


def check(id: str, *objects: object) -> None:
    """Try what you wrote, print what was found, and remember what is solved: check("02.1", leaky_relu)."""
    if exercise := find(id):
        report = exercise.check(*objects)
        print(report.text)
        if report.started and (note := record(exercise.id, report.solved, report.mistake)):
            print(wrap(note))


def hint(id: str, stage: int = 1) -> None:
    """Print a hint. The first is a nudge, then come the formula, the shape of the code, and the solution."""
    if not (exercise := find(id)):
        return
    stages = [*exercise.hints, exercise.solution]
    if stage not in range(1, len(stages) + 1):
        print(wrap(f'{exercise.id} has hints 1 to {len(stages)}, so {stage!r} is not there. Try hint("{exercise.id}")'))
    elif stage == len(stages):
        solution(id)
    else:
        print(f"Hint {stage} of {len(stages)}, {exercise.id} {exercise.title}")
        print(wrap(stages[int(stage) - 1], "  "))
        what = "The next one is the solution" if stage + 1 == len(stages) else "Next"
        print(f'{what}: hint("{exercise.id}", {int(stage) + 1})')


def solution(id: str) -> None:
    """Print the solution."""
    if exercise := find(id):
        print(f"A solution of {exercise.id} {exercise.title}. Yours may look different and be as good.\n")
        print(exercise.solution)


def progress() -> SolvedExercises:
    """What you have solved. No exercise is imported for it."""
    found, note = load_solved(ALL)
    if note:
        print(wrap(note))
    return found


def course_map() -> CourseMap:
    """The map of the course with your progress."""
    return CourseMap(progress())


def guess(
    id: str,
    question: str,
    *,
    options: Sequence[str] = (),
    unit: str = "",
    within: float = 0.1,
    factor: float | None = None,
) -> None:
    """Ask a question before the cell that answers it: guess("06.a", "How many weights?", options=["9", "784"]).

    Without options it asks for a number, in `unit`; it holds within a share `within` of the true one, or within a
    factor `factor`. The answer is kept in the progress file and can be changed until `reveal`. Raises ValueError for an
    id that is not like "06.a", for fewer than two options or two alike, and for a tolerance that makes no sense."""
    from nnlab.exercises.guess_form import GuessForm  # here, not above: checking exercises needs no ipywidgets

    ASKED[id] = asked = Guess(id, question, tuple(options), unit, within, factor)
    GuessForm(asked).show()


def reveal(id: str, value: Any, why: str = "", *, option: str | None = None) -> None:
    """Say what came, next to what was guessed: reveal("06.a", conv.weight.size, "Each place shares them.").

    value: what the cell computed; with options, the text of one, True or False for "yes" or "no", or a number, with
    which exactly one option begins. option: which one it is where that does not say it. why: one line on the reason.
    The first call decides whether the guess held; later ones say the same. Raises ValueError if `value` is no option or
    the cell with the question did not run, TypeError if a number was expected."""
    chapter_of(id)
    if id not in ASKED:
        raise ValueError(f'Run the cell with guess("{id}", ...) first: it holds the question.')
    asked = ASKED[id]
    truth = asked.truth(value, option)
    entry, note = close(asked, truth)
    print(told(asked, truth, entry, why))
    if note:
        print(wrap(note))


def guesses(chapter: str) -> None:
    """Print how many guesses of a chapter held: guesses("06"). Raises ValueError for an unknown chapter."""
    if chapter not in [one.number for one in CHAPTERS]:
        raise ValueError(f'A chapter is a text of two digits, such as "06"; got {chapter!r}.')
    held, made = progress().guess_counts().get(chapter, (0, 0))
    if made:
        print(f"Your guesses in {chapter}: {held} of {made} held.")
    else:
        print(f"Your guesses in {chapter}: none before its answer came.")


def find(id: object) -> Exercise | None:
    """The exercise with this id. If there is none, print which ids are near, and return None; if a library that it
    needs is not installed, print that."""
    if isinstance(id, str) and id in ALL:
        try:
            return ALL[id]
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("nnlab"):
                raise
            print(wrap(f"{id}: {host.needs(error.name.split('.')[0])}"))
            return None
    padded = f"0{id}"  # 2.1 or "2.1" means "02.1"
    nearest = get_close_matches(padded if padded in ALL else str(id), ALL, n=3, cutoff=0)
    near = and_list([f'"{near}"' for near in sorted(nearest)])
    print(wrap(f"There is no exercise {format_value(id)}. An id is a text in quotes; the nearest are {near}."))
    return None
