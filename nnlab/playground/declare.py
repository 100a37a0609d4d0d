"""The Playground's controls, groups, presets and buttons: what can be moved, and its labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnlab.explore.controls import Choice, Control, Levels, Slider, Toggle
from nnlab.explore.explorer import Action, Explorer, Goal
from nnlab.explore.widgets.pad import Pad
from nnlab.explore.widgets.pointer import Pointer
from nnlab.playground.data import FEATURES
from nnlab.playground.export import numpy_code, torch_code
from nnlab.playground.hand import PlaygroundExplorer, overlay
from nnlab.playground.model import Snapshot
from nnlab.playground.settings import LAYERS, NEURONS, choices, to_line, to_values

MOST_STEPS = 50_000  # that the setting `steps` may ask for
SHOWN = 100  # steps taken before the Playground is first shown

_PER_LAYER = range(1, LAYERS + 1)

GROUPS = {
    "Data": ["problem", "data", "drawn", "noise", "train_share", "seed"],
    "Inputs": list(FEATURES),
    "Network": [
        *(f"layer_{k}" for k in _PER_LAYER),
        "activation",
        "each_layer",
        *(f"activation_{k}" for k in _PER_LAYER),
        "init",
    ],
    "Training": ["optimizer", "lr", "batch_size", "schedule", "horizon", "engine"],
    "Regularisation": ["penalty", "rate", "dropout"],
    "View": ["show_test", "discretise", "links", "values", "look_layer", "look_neuron", "pointer"],
    "Export": [],
}

RATES = [m * 10.0**k for k in (-4, -3, -2, -1, 0) for m in (1, 2, 3, 5)][:-1]
STRENGTHS = [m * 10.0**k for k in (-5, -4, -3, -2, -1) for m in (1, 3)] + [1.0]

# These act on a run as it goes; all others start it again.
LIVE = {"lr", "batch_size", "penalty", "rate", "dropout", *GROUPS["View"]}


def controls(values: Mapping[str, Any]) -> dict[str, Control]:
    """Every control by its name, in the order of GROUPS, starting at these values."""
    known = choices()

    def choice(name: str, label: str, help: str) -> Choice:
        options = [*known[name], *(["array"] if values[name] == "array" else [])]
        return Choice(options, values[name], label, help)

    def slider(name: str, low: Any, high: Any, step: Any, label: str, help: str, **options: Any) -> Slider:
        return Slider(low, high, step, values[name], label, help=help, **options)

    def toggle(name: str, label: str, help: str) -> Toggle:
        return Toggle(values[name], label, help)

    made: dict[str, Control] = {
        "problem": choice("problem", "problem", "classification asks for a class, regression for a number"),
        "data": choice("data", "data", "the points to learn from; `drawn` takes those that you draw"),
        "drawn": Pad(
            values["drawn"],
            pens=("class 0", "class 1"),
            label="your points",
            help="click or drag to put points; the plane goes from -6 to 6 both ways",
        ),
        "noise": slider("noise", 0, 50, 5, "noise", "how far points stray", unit="%"),
        "train_share": slider("train_share", 10, 90, 10, "share to train on", "the rest is the test", unit="%"),
        "seed": slider("seed", 0, 99, 1, "seed", "another seed: other points, other first weights, other batches"),
    }
    for name, (shown, _) in FEATURES.items():
        made[name] = toggle(name, shown, f"give the network {shown} as an input")
    for k in _PER_LAYER:
        help = f"neurons in hidden layer {k}; 0 takes the layer away"
        made[f"layer_{k}"] = slider(f"layer_{k}", 0, NEURONS, 1, f"neurons in layer {k}", help)
    made["activation"] = choice("activation", "activation", "of all hidden layers")
    made["each_layer"] = toggle("each_layer", "layer by layer", "choose the activation of each hidden layer")
    for k in _PER_LAYER:
        made[f"activation_{k}"] = choice(f"activation_{k}", f"in layer {k}", f"activation of hidden layer {k}")
    made |= {
        "init": choice("init", "first weights", "how weights begin; `pytorch` begins as torch.nn.Linear does"),
        "optimizer": choice("optimizer", "optimizer", "the rule that turns gradients into steps"),
        "lr": Levels(RATES, values["lr"], "learning rate", "how large a step is; acts while it runs"),
        "batch_size": slider("batch_size", 1, 100, 1, "batch size", "points in one step; acts while it runs"),
        "schedule": choice("schedule", "schedule", "how the learning rate changes from epoch to epoch"),
        "horizon": slider("horizon", 20, 1000, 20, "length of schedule", "then the rate stays", unit="epochs"),
        "engine": choice("engine", "engine", "what computes: nnlab's NumPy or PyTorch; the numbers are the same"),
        "penalty": choice("penalty", "penalty on weights", "L1 asks for few weights, L2 for small ones"),
        "rate": Levels(STRENGTHS, values["rate"], "strength of penalty", "of L1 or L2; acts while it runs"),
        "dropout": slider("dropout", 0.0, 0.8, 0.05, "dropout", "share of hidden neurons left out at each step"),
        "show_test": toggle("show_test", "show test points", "hollow: points that the network is not trained on"),
        "discretise": toggle("discretise", "discretise output", "show only on which side of 0 an answer is"),
        "links": choice("links", "links show", "the weights, or the gradient of each in the last step"),
        "values": toggle("values", "values on the links", "numbers on the links into the neuron looked at"),
        "look_layer": slider(
            "look_layer", 0, LAYERS, 1, "look at layer", "show one neuron large; 0 shows the network's answer"
        ),
        "look_neuron": slider("look_neuron", 1, NEURONS, 1, "look at neuron", "which one of that layer, from the top"),
        "pointer": Pointer(
            overlay,
            label="mouse on the picture",
            help="On the picture: point at a neuron or an input to see it large; click a neuron or a link to set its "
            "bias and weights; click an input to switch it on or off. Without a mouse: choose a layer and a neuron "
            "here, then press “Set weights”.",
        ),
    }
    return {name: made[name] for members in GROUPS.values() for name in members}


def _preset(**settings: Any) -> dict[str, Any]:
    """All settings of a preset but the drawing and the view, which are the learner's."""
    return {k: v for k, v in to_values(settings).items() if k not in {"drawn", *GROUPS["View"]}}


SPIRAL: dict[str, Any] = dict(
    data="spiral", noise=5, train_share=70, hidden=[8, 8, 8], activation="silu", init="kaiming_normal", lr=0.01
)

FOUR = ["x1", "x2", "sin_x1", "sin_x2"]
PRESETS = {
    "spiral": _preset(**SPIRAL),
    "xor": _preset(data="xor", hidden=[8], activation="relu", init="kaiming_normal", lr=0.03, noise=5),
    "regression": _preset(data="multi-gaussian", noise=0, train_share=70, features=FOUR, hidden=[8, 8], lr=0.01),
}


def _spiral_apart(d: Snapshot) -> bool:
    asked = d.values["data"] == "spiral" and d.problem == "classification" and len(d.maps) <= 3
    return asked and d.test_loss is not None and d.test_loss < 0.05


GOAL = Goal(
    "Separate the spiral: a test loss below 0.05 with at most 3 hidden layers. Choose it under Data, build your "
    "network, press Play. The button “spiral” shows one way.",
    _spiral_apart,
    solution=PRESETS["spiral"],
    steps=4000,
)


def _line(explorer: Explorer) -> str:
    steps = min(explorer.data.steps, MOST_STEPS)
    line = f"from nnlab.explore import playground\n\n{to_line(explorer.values, steps, SHOWN)}"
    if n := explorer.data.by_hand:
        set_by_hand = "One parameter was" if n == 1 else f"{n} parameters were"
        line += (
            f"\n# {set_by_hand} set by hand. This line trains without that;\n"
            "# “NumPy code” and “PyTorch code” give the network as it is now."
        )
    return line


def _edit(explorer: Explorer) -> None:
    assert isinstance(explorer, PlaygroundExplorer)
    explorer.edit_weights()


ACTIONS = {
    "Epoch": Action(lambda explorer: explorer.advance(explorer.data.to_epoch), "Step on to the end of this epoch"),
    "Set weights": Action(
        _edit, "Fields for the weights and bias of the neuron that is looked at, or of the output", "View"
    ),
    "One line of code": Action(
        _line, "A line that shows this playground again, trained as far with the present settings", "Export"
    ),
    "NumPy code": Action(lambda e: numpy_code(e.data), "The network as it is now, in NumPy only", "Export"),
    "PyTorch code": Action(lambda e: torch_code(e.data), "The network as it is now, in PyTorch only", "Export"),
}


def over(d: Snapshot) -> bool:
    """Whether it cannot go on: there is nothing to learn from, or the loss is no longer finite."""
    return bool(d.trouble) and not d.loading


def caption(d: Snapshot) -> str:
    """Where a run stands: its epoch and step."""
    if d.loading:
        return d.trouble
    return f"epoch {d.epoch}, step {d.steps}"
