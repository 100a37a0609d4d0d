"""Exercises: `check("02.1", leaky_relu, leaky_relu_grad)`, `hint("02.1")`, `solution("02.1")`, `progress()`.

Each exercise is a module of its chapter's folder, such as `nnlab/chapters/c06_convolution/ex2_output_size.py`; `ALL`
maps each id to its `Exercise`, and imports it when it is asked for.
"""

from difflib import get_close_matches

from nnlab.exercises.course_map import CourseMap
from nnlab.exercises.exercise import Case, Exercise, Report, Wrong
from nnlab.exercises.progress_file import SolvedExercises, load_solved, record
from nnlab.exercises.registry import ExerciseRegistry
from nnlab.exercises.wording import and_list, format_value, wrap

__all__ = ["ALL", "Case", "Exercise", "Report", "Wrong", "check", "course_map", "hint", "progress", "solution"]

ALL = ExerciseRegistry()


def check(id: str, *objects: object) -> None:
    """Try what you wrote, print what was found, and remember what is solved: check("02.1", leaky_relu)."""
    if exercise := find(id):
        report = exercise.check(*objects)
        print(report.text)
        if report.started and (note := record(exercise.id, report.solved)):
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
    return CourseMap(progress().counts())


def find(id: object) -> Exercise | None:
    """The exercise with this id. If there is none, print which ids are near, and return None."""
    if isinstance(id, str) and id in ALL:
        return ALL[id]
    near = and_list([f'"{near}"' for near in sorted(get_close_matches(str(id), ALL, n=3, cutoff=0))])
    print(wrap(f"There is no exercise {format_value(id)}. An id is a text in quotes; the nearest are {near}."))
    return None
