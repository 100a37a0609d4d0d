"""A small notebook: an explorer with every kind of control that fails on purpose, and one that runs."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat.v4 as nb

SETUP = """
import numpy as np
from nnlab.explore import Choice, Explorer, Goal, Levels, Run, Slider, Text, Toggle

class Wave:
    def __init__(self, figure):
        ax = figure.subplots()
        ax.set(xlim=(0, 1), ylim=(-1.2, 1.2), xlabel="time (s)", ylabel="height (m)", title="A wave")
        (self.line,) = ax.plot([], [], animated=True)
        self.name = ax.text(0.02, 1.05, "", animated=True)

    def update(self, d):
        self.line.set_data(*d[:2])
        self.name.set_text(d[2] if d[2:] else "")
"""

EXPLORER = """
def wave(speed, shift, kind, mirrored, height, name):
    x = np.linspace(0, 1, 200)
    if shift > 0.95:
        raise ValueError("no wave <here>")
    y = getattr(np, kind)(2 * np.pi * (speed * x + shift))
    return x, height * (-y if mirrored else y), name

explorer = Explorer(
    compute=wave, draw=Wave, alt="a wave", presets={"slow": dict(speed=1.0), "fast": dict(speed=8.0)},
    goal=Goal("Make it fast.", lambda d: abs(np.diff(d[1])).max() > 0.2, solution=dict(speed=8.0)),
    controls={"speed": Slider(0.5, 10.0, 0.1, 2.0, unit="Hz"), "shift": Slider(0.0, 1.0, 0.01, 0.5),
              "kind": Choice(["sin", "cos"]), "mirrored": Toggle(), "height": Levels([0.1, 0.5, 1.0], 1.0),
              "name": Text("sea", examples=["lake"])})
explorer
"""

RUNNING = """
import time

def advance(state, speed):
    time.sleep(0.003)  # a step of real work
    state.append(len(state))

runner = Explorer(
    compute=lambda state, speed: ([0, 1], [np.cos(0.1 * speed * len(state))] * 2), draw=Wave, alt="a level",
    controls={"speed": Slider(1, 9, 1, 2)}, run=Run(lambda speed: [], advance, length=4000))
runner
"""

SOURCES = {
    "setup": SETUP,
    "explorer": EXPLORER,
    "running": RUNNING,
    "values": "print(explorer.values)",
    "next": "print(runner.steps)",
}
CELL = {name: index for index, name in enumerate(SOURCES)}


def write(path: Path) -> None:
    """The notebook, never run."""
    cells = [nb.new_code_cell(source.strip()) for source in SOURCES.values()]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.write_text(
        json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}), "utf-8"
    )
