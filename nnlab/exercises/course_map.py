"""The map of the course with the learner's progress."""

from __future__ import annotations

from nnlab.course import by_part
from nnlab.exercises.progress_file import SolvedExercises


class CourseMap:
    """The chapters, part by part, with what you have solved and which guesses held. Links lead to the notebooks that
    are there."""

    def __init__(self, progress: SolvedExercises) -> None:
        self.exercises, self.guesses = progress.counts(), progress.guess_counts()

    def _lines(self, link: bool) -> list[str]:
        lines = []
        for part, chapters in by_part().items():
            lines += ["", f"**{part}**" if link else part, ""]
            for one in chapters:
                there = one.notebook.exists()
                done, total = self.exercises.get(one.number, (0, 0))
                state = f": {done} of {total} exercises solved" if total and there else "" if there else ": to come"
                held, made = self.guesses.get(one.number, (0, 0))
                state += f", {held} of {made} guesses held" if made and there else ""
                name = (
                    f"[{one.number} {one.title}]({one.notebook.name})"
                    if link and there
                    else f"{one.number} {one.title}"
                )
                lines.append(f"- {name}{state}")
        return lines[1:]

    def _repr_markdown_(self) -> str:
        return "\n".join(self._lines(link=True))

    def __repr__(self) -> str:
        return "\n".join(self._lines(link=False))
