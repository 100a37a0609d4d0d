"""Where PyTorch and its like are not installed, as in a browser, nnlab imports, draws and checks all the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# First in each program. scikit-learn needs threadpoolctl, so that it is hidden only where nothing is computed.
HIDE = """
import sys

HIDDEN = {"torch", "torchvision", "tensorboard", "filelock", "tqdm", "captum", "dask", "distributed", "keras", "onnx"}
HIDDEN |= {"onnxruntime", "onnxscript", "optuna", "pyarrow", "flask", "waitress", "gymnasium", "tokenizers", "networkx"}
HIDDEN |= {"efficientnet_lite_pytorch", "prometheus_client", "jupyterlab", "torchao", "torch_geometric"}


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Finder())
"""

IMPORT = """
HIDDEN.add("threadpoolctl")
import importlib, pkgutil
import numpy, nnlab

ROOMS = ("nnlab.pytorch", "nnlab.serve", "nnlab.dev", "nnlab.__main__")
for found in pkgutil.walk_packages(nnlab.__path__, "nnlab.", onerror=lambda name: None):
    if not found.name.startswith(ROOMS):
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            print(found.name, error.name)
"""

DRAW = """
from nnlab.explore import ALL
from nnlab.explore.missing import Missing

for name, make in ALL.items():
    explorer = make()
    try:
        missing = explorer if isinstance(explorer, Missing) else explorer.frame() and None
    except ModuleNotFoundError as error:
        missing = Missing(error)
    if missing:
        print(name, "|", missing.text)
"""

CHECK = """
import os, threading
os.environ["NNLAB_PROGRESS"] = sys.argv[1]

def start(thread):
    raise RuntimeError("can't start new thread")

threading.Thread.start = start
import numpy as np
from nnlab import host
from nnlab.exercises import check, progress, ALL
from nnlab.explore import ALL as EXPLORERS, playground
from nnlab.playground.settings import idle
from nnlab.twins import side_by_side

assert not host.threads_start() and not host.has_locks()
right = ALL["01.1"].build(ALL["01.1"].solution)
check("01.1", *(getattr(right, name) for name in ALL["01.1"].names))

def neuron(x, w, b, activation):
    while True:
        x = x + 1

neuron.__name__ = ALL["01.1"].names[0]
ALL["01.1"].seconds = 0.5
check("01.1", neuron)
check("13.1", neuron)
print("solved:", sorted(progress().solved))
assert "engine" in idle(playground().values)
try:
    side_by_side("relu")
except ModuleNotFoundError as error:
    print(error)
"""

# what teaches PyTorch, Keras or Optuna, or draws graphs with NetworkX, needs them by nature
BY_NATURE = {
    "nnlab.chapters.c11_training_craft._ex3_checks",
    "nnlab.chapters.c11_training_craft.ex3_checkpoint",
    "nnlab.chapters.c11_training_craft.small_run",
    "nnlab.chapters.c13_pytorch._small_model",
    "nnlab.chapters.c13_pytorch.ex1_train_epoch",
    "nnlab.chapters.c13_pytorch.ex2_accuracy",
    "nnlab.chapters.c13_pytorch.interrupted",
    "nnlab.chapters.c13_pytorch.resume_explorer",
    "nnlab.chapters.c14_frameworks.backend",
    "nnlab.chapters.c18_transfer.ex2_freeze",
    "nnlab.chapters.c18_transfer.ex3_rates",
    "nnlab.chapters.c20_search.study_explorer",
    "nnlab.chapters.c23_generative.denoise_explorer",
    "nnlab.chapters.c23_generative.vae_proof",
    "nnlab.chapters.c24_graphs.molecular_graphs",
    "nnlab.chapters.c24_graphs.molecule_explorer",
    "nnlab.chapters.c24_graphs.molecule_training",
    "nnlab.chapters.c24_graphs.small_graphs",
    "nnlab.chapters.c24_graphs.smoothing_explorer",
    "nnlab.chapters.c24_graphs.spread_explorer",
    "nnlab.chapters.c25_inside.photos",
    "nnlab.chapters.c26_smaller.proof",
    "nnlab.chapters.c27_sharing.build_network",
    "nnlab.chapters.c27_sharing.pareto_explorer",
    "nnlab.chapters.c27_sharing.searching",
    "nnlab.playground.torch_engine",
}


def without(code: str, *arguments: str) -> str:
    """What a program prints for which PyTorch and its like are not there."""
    argv = [sys.executable, "-W", "error::UserWarning", "-c", HIDE + code, *arguments]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_all_that_does_not_teach_pytorch_imports():
    found = dict(map(str.split, without(IMPORT).splitlines()))
    assert set(found) == BY_NATURE
    assert set(found.values()) == {"torch", "keras", "optuna", "networkx"}


def test_explorers_draw_or_say_what_they_need():
    found = dict(line.split(" | ") for line in without(DRAW).splitlines())
    assert set(found) == {"augmentation", "clinic", "resume", "study", "word_effects", "denoise"} | {
        *("molecule", "pareto", "smoothing", "spread")
    }
    for name, text in found.items():
        assert text.startswith(f"This needs {'Optuna' if name in ('pareto', 'study') else ''}"), text
    assert "needs PyTorch" in found["clinic"] and "needs PyTorch" in found["resume"]


def test_exercises_are_checked_without_threads_and_locks(tmp_path):
    text = without(CHECK, str(tmp_path / "progress.json"))
    assert "✓ 01.1" in text and "It took too long and was stopped." in text
    assert "13.1: This needs PyTorch" in text and "solved: ['01.1']" in text
    assert text.count("This needs PyTorch") == 2
    assert [file.name for file in tmp_path.iterdir()] == ["progress.json"]
