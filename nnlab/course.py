"""The course: which notebooks there are and which are to come. The README's map is tested against this list."""

from __future__ import annotations

from pathlib import Path

from .exercises import progress

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"

# part, number, file name without number, title
_PARTS = {
    "I. Foundations": [
        ("00", "start_here", "Start here"),
        ("01", "neuron", "The artificial neuron"),
        ("02", "activations", "Activation functions"),
        ("03", "losses", "Loss functions"),
        ("04", "backpropagation", "Backpropagation"),
        ("05", "feedforward", "Feedforward networks and the Playground"),
    ],
    "II. Architectures": [
        ("06", "convolution", "Convolutional networks"),
        ("07", "recurrent", "Recurrent networks"),
    ],
    "III. Training": [
        ("08", "optimizers", "Optimizers"),
        ("09", "schedules", "Learning-rate schedules"),
        ("10", "regularisation", "Regularisation"),
        ("11", "training_craft", "Training craft"),
        ("12", "debugging_clinic", "Debugging clinic"),
    ],
    "IV. Practice": [
        ("13", "pytorch", "PyTorch end to end"),
        ("14", "frameworks", "Keras and frameworks"),
        ("15", "images", "Image classification"),
        ("16", "text", "Text classification"),
        ("17", "time_series", "Time series"),
        ("18", "transfer", "Transfer learning"),
        ("19", "evaluation", "Evaluation"),
        ("20", "search", "Hyperparameter search"),
        ("21", "deployment", "Deployment"),
    ],
    "V. Frontiers": [
        ("22", "transformers", "Attention and transformers"),
        ("23", "generative", "Generative models"),
        ("24", "graphs", "Graph networks"),
        ("25", "inside", "Seeing inside and being fooled"),
        ("26", "smaller", "Smaller and faster"),
        ("27", "sharing", "Searching and sharing"),
    ],
}


class CourseMap:
    """The chapters, part by part, with what you have solved. Links lead to the notebooks that are there."""

    def __init__(self) -> None:
        self.counts = progress().counts()

    def _lines(self, link: bool) -> list[str]:
        lines = []
        for part, chapters in _PARTS.items():
            lines += ["", f"**{part}**" if link else part, ""]
            for number, name, title in chapters:
                file = f"{number}_{name}.ipynb"
                there = (NOTEBOOKS / file).exists()
                done, total = self.counts.get(number, (0, 0))
                state = f": {done} of {total} exercises solved" if total and there else "" if there else ": to come"
                name = f"[{number} {title}]({file})" if link and there else f"{number} {title}"
                lines.append(f"- {name}{state}")
        return lines[1:]

    def _repr_markdown_(self) -> str:
        return "\n".join(self._lines(link=True))

    def __repr__(self) -> str:
        return "\n".join(self._lines(link=False))


def course_map() -> CourseMap:
    """The map of the course with your progress."""
    return CourseMap()


def readme_map() -> str:
    """The map as the README shows it: a table, links to the notebooks that are there."""
    lines = ["| | chapter | |", "|---|---|---|"]
    for part, chapters in _PARTS.items():
        lines.append(f"| **{part}** | | |")
        for number, name, title in chapters:
            file = f"{number}_{name}.ipynb"
            there = (NOTEBOOKS / file).exists()
            lines.append(
                f"| {number} | {f'[{title}](notebooks/{file})' if there else title} | {'' if there else 'to come'} |"
            )
    return "\n".join(lines)
