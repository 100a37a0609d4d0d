"""All exercises by id, each imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from nnlab import course
from nnlab.exercises.exercise import Exercise


class ExerciseRegistry(Mapping[str, Exercise]):
    """The exercises of all chapters: `exercises["06.2"]` imports the module of that one and of no other.

    The ids come from the names of the files in the chapters' folders (`nnlab.course`), in the course's order. Listing,
    counting and `in` import nothing.
    """

    def __iter__(self) -> Iterator[str]:
        for chapter in course.CHAPTERS:
            yield from chapter.exercises

    def __len__(self) -> int:
        return sum(len(chapter.exercises) for chapter in course.CHAPTERS)

    def __contains__(self, id: object) -> bool:
        return any(id in chapter.exercises for chapter in course.CHAPTERS)

    def __getitem__(self, id: str) -> Exercise:
        """The exercise with this id.

        Raises KeyError if there is none, TypeError if its module defines no `EXERCISE`, and ValueError if the id in
        the module is not the one that the file's name promises.
        """
        for chapter in course.CHAPTERS:
            if name := chapter.exercises.get(id):
                module = import_module(f"{chapter.package}.{name}")
                exercise = getattr(module, "EXERCISE", None)
                if not isinstance(exercise, Exercise):
                    raise TypeError(f"{module.__file__} should define EXERCISE, an Exercise with the id {id!r}.")
                if exercise.id != id:
                    raise ValueError(
                        f"{module.__file__} should hold exercise {id!r}, as its name says; its id is {exercise.id!r}."
                    )
                return exercise
        raise KeyError(id)
