"""The course: one row a chapter, and what stands in each chapter's folder. It imports the standard library only.

A chapter is its row here, its notebook `06_convolution.ipynb` and its folder `nnlab/chapters/c06_convolution/`.
In the folder, `kernel_explorer.py` defines the explorer `kernel_explorer`, and `ex2_output_size.py` the exercise 06.2:
what is there is found by the files' names, so nothing has to be registered and nothing is imported before it is asked
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from nnlab import host

NOTEBOOKS = host.folder("notebooks")


@dataclass(frozen=True)
class Chapter:
    """One chapter: its part of the course, number ("06"), short name ("convolution") and title."""

    part: str
    number: str
    name: str
    title: str

    @property
    def notebook(self) -> Path:
        """The file of its notebook, which may not be there yet."""
        return NOTEBOOKS / f"{self.number}_{self.name}.ipynb"

    @property
    def package(self) -> str:
        """The full name of its folder as a package."""
        return f"nnlab.chapters.c{self.number}_{self.name}"

    @cached_property
    def modules(self) -> frozenset[str]:
        """The names of the modules in its folder; none if it has no folder yet. Nothing in it is imported."""
        try:
            spec = find_spec(self.package)
        except ModuleNotFoundError:
            return frozenset()
        folders = (spec and spec.submodule_search_locations) or ()
        return frozenset(path.stem for folder in folders for path in Path(folder).glob("[!_]*.py"))

    @property
    def explorers(self) -> list[str]:
        """The names of its explorers, without the ending `_explorer`, in alphabetical order."""
        return sorted(name.removesuffix("_explorer") for name in self.modules if name.endswith("_explorer"))

    @property
    def exercises(self) -> dict[str, str]:
        """The module of each of its exercises, by id and in their order: {"06.2": "ex2_output_size"}."""
        found: dict[int, str] = {}
        for name in self.modules:
            number = name.removeprefix("ex").split("_")[0]
            if name.startswith("ex") and number.isdigit():
                other = found.setdefault(int(number), name)
                if other != name:
                    raise ValueError(f"{self.package}: {name} and {other} are both exercise {number}.")
        return {f"{self.number}.{number}": found[number] for number in sorted(found)}


_FOUNDATIONS, _ARCHITECTURES, _TRAINING = "I. Foundations", "II. Architectures", "III. Training"
_PRACTICE, _FRONTIERS = "IV. Practice", "V. Frontiers"

CHAPTERS = [
    Chapter(_FOUNDATIONS, "00", "start_here", "Start here"),
    Chapter(_FOUNDATIONS, "01", "neuron", "The artificial neuron"),
    Chapter(_FOUNDATIONS, "02", "activations", "Activation functions"),
    Chapter(_FOUNDATIONS, "03", "losses", "Loss functions"),
    Chapter(_FOUNDATIONS, "04", "backpropagation", "Backpropagation"),
    Chapter(_FOUNDATIONS, "05", "feedforward", "Feedforward networks and the Playground"),
    Chapter(_ARCHITECTURES, "06", "convolution", "Convolutional networks"),
    Chapter(_ARCHITECTURES, "07", "recurrent", "Recurrent networks"),
    Chapter(_TRAINING, "08", "optimizers", "Optimizers"),
    Chapter(_TRAINING, "09", "schedules", "Learning-rate schedules"),
    Chapter(_TRAINING, "10", "regularisation", "Regularisation"),
    Chapter(_TRAINING, "11", "training_craft", "Training craft"),
    Chapter(_TRAINING, "12", "debugging_clinic", "Debugging clinic"),
    Chapter(_PRACTICE, "13", "pytorch", "PyTorch end to end"),
    Chapter(_PRACTICE, "14", "frameworks", "Keras and frameworks"),
    Chapter(_PRACTICE, "15", "images", "Image classification"),
    Chapter(_PRACTICE, "16", "text", "Text classification"),
    Chapter(_PRACTICE, "17", "time_series", "Time series"),
    Chapter(_PRACTICE, "18", "transfer", "Transfer learning"),
    Chapter(_PRACTICE, "19", "evaluation", "Evaluation"),
    Chapter(_PRACTICE, "20", "search", "Hyperparameter search"),
    Chapter(_PRACTICE, "21", "deployment", "Deployment"),
    Chapter(_FRONTIERS, "22", "transformers", "Attention and transformers"),
    Chapter(_FRONTIERS, "23", "generative", "Generative models"),
    Chapter(_FRONTIERS, "24", "graphs", "Graph networks"),
    Chapter(_FRONTIERS, "25", "inside", "Seeing inside and being fooled"),
    Chapter(_FRONTIERS, "26", "smaller", "Smaller and faster"),
    Chapter(_FRONTIERS, "27", "sharing", "Searching and sharing"),
]


def by_part() -> dict[str, list[Chapter]]:
    """The chapters of each part, in the course's order."""
    parts: dict[str, list[Chapter]] = {}
    for chapter in CHAPTERS:
        parts.setdefault(chapter.part, []).append(chapter)
    return parts


def readme_map() -> str:
    """The map as the README shows it: a table, links to the notebooks that are there."""
    lines = ["| | chapter | |", "|---|---|---|"]
    for part, chapters in by_part().items():
        lines.append(f"| **{part}** | | |")
        for one in chapters:
            there = one.notebook.exists()
            title = f"[{one.title}](notebooks/{one.notebook.name})" if there else one.title
            lines.append(f"| {one.number} | {title} | {'' if there else 'to come'} |")
    return "\n".join(lines)
