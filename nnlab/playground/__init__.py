"""The Playground: build a network, choose data, and watch it learn. `playground()` in a notebook shows it.

settings.py turns settings into values of controls, model.py turns these into a network in training (numpy_engine.py
and torch_engine.py train it), view.py draws it, hand.py answers the mouse, export.py writes it as code, declare.py
declares the controls.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from nnlab.checks import need_size
from nnlab.explore.run import Run
from nnlab.playground.data import own
from nnlab.playground.declare import ACTIONS, GOAL, GROUPS, LIVE, MOST_STEPS, PRESETS, SHOWN, caption, controls, over
from nnlab.playground.hand import PlaygroundExplorer
from nnlab.playground.layout import HEIGHT, WIDTH
from nnlab.playground.model import advance, begin, now
from nnlab.playground.settings import idle, to_values
from nnlab.playground.view import PlaygroundView


def playground(**settings: Any) -> PlaygroundExplorer:
    """The Playground with these settings; all have a default, and each is a control as well.

    playground(data="spiral", hidden=[8, 8, 8], activation="silu", lr=0.01)
    playground(data=(x, labels))           # your own points: x (N, 2), labels (N,) of two classes, or of numbers

    data, problem, noise (%), train_share (%), seed, drawn; features, hidden, activation (one, or a list for the
    layers), init; optimizer, lr, batch_size, schedule, horizon, engine; penalty, rate, dropout; show_test, discretise,
    links, values, look_layer, look_neuron. `steps` are taken before it is shown.
    Raises ValueError or TypeError with a sentence for a setting that is not possible.
    """
    settings = dict(settings)
    steps = need_size(settings.pop("steps", SHOWN), "steps", 0)
    if steps > MOST_STEPS:
        raise ValueError(f"steps should be at most {MOST_STEPS}, got {steps}: press Play for more.")
    array = None
    if not isinstance(settings.get("data", ""), str):
        array = own(settings["data"])
        settings["data"] = "array"
        if array.kind == "number" and "problem" not in settings:
            if array.whole:
                raise ValueError(
                    f"labels hold {len(np.unique(array.y))} different whole numbers. The playground tells two classes "
                    'apart: give two, or problem="regression" to learn them as numbers.'
                )
            settings["problem"] = "regression"
    values = to_values(settings)
    return PlaygroundExplorer(
        compute=now,
        draw=PlaygroundView,
        controls=controls(values),
        goal=GOAL,
        presets=PRESETS,
        run=Run(
            partial(begin, array), advance, length=None, live=LIVE, shown=steps, work=0.01, caption=caption, over=over
        ),
        groups=GROUPS,
        idle=idle,
        actions=ACTIONS,
        alt="A network's inputs, its neurons with what each responds to, links as thick as their weights, "
        "its answer over the plane with the points, and its losses.",
        size=(WIDTH / 100, HEIGHT / 100),
    )
