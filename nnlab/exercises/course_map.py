"""The map of the course with the learner's progress."""

from __future__ import annotations

from nnlab.course import CHAPTERS, Chapter, by_part
from nnlab.exercises.progress_file import SolvedExercises


class CourseMap:
    """What is next for you, and the chapters, part by part, with what you have solved and which guesses held. Links
    lead to the notebooks that are there."""

    def __init__(self, progress: SolvedExercises) -> None:
        self.exercises, self.guesses = progress.counts(), progress.guess_counts()

    def next_up(self) -> Chapter | None:
        """The first chapter with unsolved exercises from the last one that you began on, else the first of all such;
        None if all are solved."""
        chapters = [one for one in CHAPTERS if one.notebook.exists() and one.number in self.exercises]
        begun = [i for i, one in enumerate(chapters) if self.exercises[one.number][0]]
        start = begun[-1] if begun else 0
        order = [*chapters[start:], *chapters[:start]]
        return next((one for one in order if self.exercises[one.number][0] < self.exercises[one.number][1]), None)

    def _lines(self, link: bool) -> list[str]:
        after = self.next_up()
        name = f"{after.number} {after.title}" if after else "the Playground, in chapter 05: every exercise is solved"
        name = f"[{name}]({after.notebook.name})" if after and link else name
        lines = ["", f"**Next for you**: {name}" if link else f"Next for you: {name}"]
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
