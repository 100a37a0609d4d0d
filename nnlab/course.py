"""The course: one row a chapter, and what stands in each chapter's folder. It imports the standard library only.

A chapter is its row here, its notebook `06_convolution.ipynb` and its folder `nnlab/chapters/c06_convolution/`.
In the folder, `kernel_explorer.py` defines the explorer `kernel_explorer`, and `ex2_output_size.py` the exercise 06.2:
what is there is found by the files' names, so nothing has to be registered and nothing is imported before it is asked
for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from nnlab import host

NOTEBOOKS = host.folder("notebooks")


@dataclass(frozen=True)
class Chapter:
    """One chapter: its part of the course, number ("06"), short name ("convolution"), title and what it is about."""

    part: str
    number: str
    name: str
    title: str
    about: str = ""

    @property
    def notebook(self) -> Path:
        """The file of its notebook, which may not be there yet."""
        return NOTEBOOKS / f"{self.number}_{self.name}.ipynb"

    @property
    def minutes(self) -> str:
        """How long it takes, as its notebook says: "75". Empty without one."""
        text = self.notebook.read_text(encoding="utf-8") if self.notebook.exists() else ""
        found = re.search(r"\*\*Minutes\*\*: (\d+)", text)
        return found[1] if found else ""

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


# number, short name, title, what it is about
_PARTS = {
    "I. Foundations": [
        ("00", "start_here", "Start here", "explorers, guesses, exercises, proofs; finding any word"),
        ("01", "neuron", "The artificial neuron", "weighted sums, layers as matrices, the perceptron, XOR"),
        ("02", "activations", "Activation functions", "sigmoid to GELU, overflow, vanishing gradients, dead units"),
        ("03", "losses", "Loss functions", "squared error, Huber, cross-entropy, logits, rare classes"),
        ("04", "backpropagation", "Backpropagation", "the chain rule, an autograd engine, gradient checks, bugs"),
        ("05", "feedforward", "Feedforward networks and the Playground", "a training loop in NumPy; width and depth"),
    ],
    "II. Architectures": [
        ("06", "convolution", "Convolutional networks", "Conv2d, pooling, receptive fields, BatchNorm, residuals"),
        ("07", "recurrent", "Recurrent networks", "RNN, LSTM, GRU, sequences of unequal length, writing names"),
    ],
    "III. Training": [
        ("08", "optimizers", "Optimizers", "momentum, Nesterov, RMSprop, Adam, AdamW, Muon"),
        ("09", "schedules", "Learning-rate schedules", "step, cosine, one cycle, plateau, warm-up, range test"),
        ("10", "regularisation", "Regularisation", "bias and variance, L1, L2, dropout, early stopping, augmentation"),
        ("11", "training_craft", "Training craft", "initialisation, batch size, clipping, 16-bit numbers, checkpoints"),
        ("12", "debugging_clinic", "Debugging clinic", "ten sick training runs to diagnose and cure"),
    ],
    "IV. Practice": [
        ("13", "pytorch", "PyTorch end to end", "DataLoader, one loop for CPU and CUDA, resume, several processes"),
        ("14", "frameworks", "Keras and frameworks", "Keras beside PyTorch, callbacks, defaults that differ, ONNX"),
        ("15", "images", "Image classification", "baselines, augmentation, mixup, error analysis, abstaining"),
        ("16", "text", "Text classification", "tokens, bag of words, word vectors, BiLSTM, attention pooling"),
        ("17", "time_series", "Time series", "windows, baselines, LSTM, GRU, TCN, intervals, backtests"),
        ("18", "transfer", "Transfer learning", "frozen features, fine-tuning, discriminative rates, LoRA"),
        ("19", "evaluation", "Evaluation", "F1, ROC, thresholds, calibration, leaks, bootstrap intervals"),
        ("20", "search", "Hyperparameter search", "grid, random, TPE, pruning, Optuna with several workers"),
        ("21", "deployment", "Deployment", "ONNX, int8, a service under load, batch inference, drift"),
    ],
    "V. Frontiers": [
        ("22", "transformers", "Attention and transformers", "attention, positions, GPT, sampling, cache, BPE, ViT"),
        ("23", "generative", "Generative models", "autoencoders, VAE, GAN, diffusion, guidance, judging samples"),
        ("24", "graphs", "Graph networks", "message passing, GCN, GraphSAGE, GAT, over-smoothing, molecules"),
        ("25", "inside", "Seeing inside and being fooled", "attributions, sanity checks, Shapley values, FGSM, PGD"),
        ("26", "smaller", "Smaller and faster", "pruning, quantisation, low rank, distillation"),
        ("27", "sharing", "Searching and sharing", "architecture search, federated learning, privacy, REINFORCE"),
    ],
}
CHAPTERS = [Chapter(part, *row) for part, rows in _PARTS.items() for row in rows]


def by_part() -> dict[str, list[Chapter]]:
    """The chapters of each part, in the course's order."""
    parts: dict[str, list[Chapter]] = {}
    for chapter in CHAPTERS:
        parts.setdefault(chapter.part, []).append(chapter)
    return parts


def readme_map() -> str:
    """The map as the README shows it: a table, links to the notebooks that are there."""
    lines = ["| | chapter | about | minutes |", "|---|---|---|---|"]
    for part, chapters in by_part().items():
        lines.append(f"| **{part}** | | | |")
        for one in chapters:
            there = one.notebook.exists()
            title = f"[{one.title}](notebooks/{one.notebook.name})" if there else one.title
            lines.append(f"| {one.number} | {title} | {one.about} | {one.minutes if there else 'to come'} |")
    return "\n".join(lines)
