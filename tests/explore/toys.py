"""Two toy explorers, one that waits for its controls and one that runs, and what panels are looked at with."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.explore import Choice, Explorer, Goal, Run, Slider, Toggle
from nnlab.explore.panel import Panel


class Wave:
    """Draws (x, y) and counts how often it did."""

    def __init__(self, figure):
        self.updates = 0
        ax = figure.subplots()
        ax.set(xlim=(0, 1), ylim=(-1.2, 1.2))
        (self.line,) = ax.plot([], [], animated=True)

    def update(self, d):
        self.updates += 1
        self.line.set_data(*d)


def wave(speed, shift, kind, mirrored):
    if shift > 0.95:
        raise ValueError("no wave <here>")
    x = np.linspace(0, 1, 50)
    y = getattr(np, kind)(2 * np.pi * (speed * x + shift))
    return x, -y if mirrored else y


def make(**changes: Any) -> Explorer:
    settings: dict[str, Any] = dict(
        compute=wave,
        draw=Wave,
        alt="a wave",
        controls={
            "speed": Slider(0.5, 10.0, 0.1, 2.0, unit="Hz"),
            "shift": Slider(0.0, 1.0, 0.01, 0.5),
            "kind": Choice(["sin", "cos"]),
            "mirrored": Toggle(),
        },
        goal=Goal("make it fast", lambda d: np.abs(np.diff(d[1])).max() > 0.8, solution=dict(speed=8.0)),
        presets={"slow": dict(speed=1.0)},
    )
    return Explorer(**{**settings, **changes})


def runner(**changes: Any) -> Explorer:
    settings: dict[str, Any] = dict(length=50, live=("gain",), pause=0.001)
    run = Run(
        begin=lambda start, gain: [float(start)],
        advance=lambda state, start, gain: state.append(state[-1] + gain),
        **{**settings, **changes},
    )
    return Explorer(
        compute=lambda state, start, gain: ([0, 1], [min(state[-1], 1)] * 2) if state[-1] < 1e6 else 1 / 0,
        draw=Wave,
        alt="a level",
        controls={"start": Slider(0, 5, 1, 1), "gain": Slider(0.0, 1.0, 0.1, 0.1)},
        goal=Goal("rise", lambda d: d[1][0] >= 1, solution=dict(start=0), steps=10),
        run=run,
    )


class Handle:
    """Takes down what would be displayed."""

    def __init__(self, display_id: str):
        self.first: list[tuple[dict, dict]] = []
        self.frames: list[tuple[dict, dict]] = []

    def display(self, bundle, raw, metadata):
        assert raw
        self.first.append((bundle, metadata))

    def update(self, bundle, raw, metadata):
        assert raw
        self.frames.append((bundle, metadata))


def buttons(panel: Panel) -> dict[str, Any]:
    return {child.description: child for child in panel.buttons.children if hasattr(child, "click")}
