"""Settings as a learner writes them, `playground(hidden=[8, 8], features=["x1", "x2"])`, and as the controls hold
them: one value for each control. Both ways, with a sentence for each setting that is not possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnlab import host
from nnlab.checks import describe, need_size, pick
from nnlab.playground.data import FEATURES, SETS
from nnlab.scratch import ACTIVATIONS, INITIALISERS, OPTIMIZERS, SCHEDULES

LAYERS, NEURONS = 6, 8  # the most
AS_ABOVE = "as above"  # the activation of a layer that has none of its own

Values = Mapping[str, Any]

# How the controls begin, by their names.
DEFAULTS: dict[str, Any] = {
    "data": "circle",
    "problem": "classification",
    "noise": 10,
    "train_share": 50,
    "seed": 0,
    "drawn": (),
    **{name: name in ("x1", "x2") for name in FEATURES},
    **{f"layer_{k}": (4, 2, 0, 0, 0, 0)[k - 1] for k in range(1, LAYERS + 1)},
    "activation": "tanh",
    "each_layer": False,
    **{f"activation_{k}": AS_ABOVE for k in range(1, LAYERS + 1)},
    "init": "xavier_uniform",
    "optimizer": "adam",
    "lr": 0.03,
    "batch_size": 10,
    "schedule": "none",
    "horizon": 200,
    "penalty": "none",
    "rate": 0.001,
    "dropout": 0.0,
    "engine": "numpy",
    "show_test": False,
    "discretise": False,
    "links": "weights",
    "values": False,
    "look_layer": 0,
    "look_neuron": 1,
    "pointer": (),
}


def choices() -> dict[str, Sequence[str]]:
    """The options of each control that is a choice, by its name.

    Read from the tables of `nnlab.scratch` each time, so that a row that was just added is among them."""
    return {
        "data": [*SETS, "drawn"],
        "problem": ["classification", "regression"],
        "activation": list(ACTIVATIONS),
        **{f"activation_{k}": [AS_ABOVE, *ACTIVATIONS] for k in range(1, LAYERS + 1)},
        "init": [*INITIALISERS, "pytorch"],
        "optimizer": list(OPTIMIZERS),
        "schedule": ["none", *SCHEDULES],
        "penalty": ["none", "L1", "L2"],
        "engine": ["numpy", "pytorch"],
        "links": ["weights", "gradients"],
    }


def hidden(values: Values) -> list[int]:
    """Neurons in each hidden layer; a layer of 0 is not there."""
    return [values[f"layer_{k}"] for k in range(1, LAYERS + 1) if values[f"layer_{k}"]]


def activations(values: Values) -> list[str]:
    """The activation of each hidden layer."""
    found = []
    for k in range(1, LAYERS + 1):
        if values[f"layer_{k}"]:
            own = values[f"activation_{k}"] if values["each_layer"] else AS_ABOVE
            found.append(values["activation"] if own == AS_ABOVE else own)
    return found


def inputs(values: Values) -> list[str]:
    """The features that are switched on."""
    return [name for name in FEATURES if values[name]]


def idle(values: Values) -> set[str]:
    """The controls that do nothing at these values."""
    off = set()
    if values["data"] != "drawn":
        off.add("drawn")
    if values["data"] not in SETS:
        off.add("noise")
    if values["schedule"] == "none":
        off.add("horizon")
    if values["penalty"] == "none":
        off.add("rate")
    sizes = [values[f"layer_{k}"] for k in range(1, LAYERS + 1)]
    last = max((k for k in range(LAYERS) if sizes[k]), default=-1)
    for k in range(LAYERS):
        if k > last + 1:
            off.add(f"layer_{k + 1}")
        if not (values["each_layer"] and sizes[k]):
            off.add(f"activation_{k + 1}")
    if not hidden(values):
        off |= {"activation", "each_layer", "dropout", "look_layer"}
    if not values["look_layer"]:
        off.add("look_neuron")
    if values["engine"] == "numpy" and not host.has("torch"):  # no choice
        off.add("engine")
    return off


def to_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The controls' values for settings as a learner writes them.

    Raises ValueError or TypeError with what was expected and what came."""
    values, options = dict(DEFAULTS), choices()
    for name, value in given.items():
        if name == "hidden":
            values |= _hidden(value)
        elif name == "features":
            values |= _features(value)
        elif name == "activation" and not isinstance(value, str):
            values |= {"each_layer": True} | {f"activation_{k}": a for k, a in enumerate(_list(value, name), 1)}
        else:
            pick(NAMES, name, "setting of the playground")
            if name in options and not (name == "data" and value == "array"):
                pick(dict.fromkeys(options[name]), value, name)
            values[name] = value
    if "problem" not in given:
        values["problem"] = _natural(values["data"])
    if isinstance(given.get("activation"), Sequence) and not isinstance(given["activation"], str):
        _match(values, list(given["activation"]))
    return values


def _natural(data: str) -> str:
    """The problem that a data set is made for."""
    return "regression" if data in ("plane", "multi-gaussian") else "classification"


def _list(value: Any, name: str) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"{name} should be a list, got {describe(value)}.")
    if len(value) > LAYERS and name != "features":
        raise ValueError(f"The playground has at most {LAYERS} hidden layers; {name} has {len(value)} entries.")
    return list(value)


def _hidden(value: Any) -> dict[str, int]:
    sizes = [need_size(n, "each entry of hidden") for n in _list(value, "hidden")]
    if sizes and max(sizes) > NEURONS:
        raise ValueError(f"A layer of the playground has at most {NEURONS} neurons; hidden asks for {max(sizes)}.")
    return {f"layer_{k}": n for k, n in enumerate([*sizes, *[0] * (LAYERS - len(sizes))], 1)}


def _features(value: Any) -> dict[str, bool]:
    chosen = _list(value, "features")
    if not chosen:
        raise ValueError(f"A network needs an input: list at least one feature of {', '.join(FEATURES)}.")
    for name in chosen:
        pick(FEATURES, name, "feature")
    return {name: name in chosen for name in FEATURES}


def _match(values: dict[str, Any], given: list[str]) -> None:
    """One activation for each layer was given: check their number and names."""
    if len(given) != len(hidden(values)):
        raise ValueError(f"activation lists {len(given)} names for {len(hidden(values))} hidden layers: one each.")
    for name in given:
        pick(ACTIVATIONS, name, "activation")


_INNER = {
    *FEATURES,
    "each_layer",
    "pointer",
    *(f"{a}_{k}" for a in ("layer", "activation") for k in range(1, LAYERS + 1)),
}
NAMES = {name: name for name in ("data", "features", "hidden", *DEFAULTS) if name not in _INNER}


def to_settings(values: Values) -> dict[str, Any]:
    """What a learner would write to get these values: only what differs from the defaults."""
    written: dict[str, Any] = {}
    off = idle(values)
    if hidden(values) != hidden(DEFAULTS):
        written["hidden"] = hidden(values)
    own = activations(values)
    if len(set(own)) > 1:
        written["activation"] = own
    elif own and own[0] != DEFAULTS["activation"]:
        written["activation"] = own[0]
    if inputs(values) != inputs(DEFAULTS):
        written["features"] = inputs(values)
    if values["problem"] != _natural(values["data"]):
        written["problem"] = values["problem"]
    for name in NAMES:
        mine = name in DEFAULTS and name not in ("activation", "problem") and name not in off
        if mine and values[name] != DEFAULTS[name]:
            written[name] = values[name]
    return {name: written[name] for name in NAMES if name in written}


def to_line(values: Values, steps: int, default_steps: int) -> str:
    """One line of code that shows this playground again, trained for as many steps."""
    written = to_settings(values)
    if steps != default_steps:
        written["steps"] = steps
    shown = [f"{name}={_literal(value)}" for name, value in written.items()]
    line = f"playground({', '.join(shown)})"
    if values["data"] == "array":
        line = line.replace("data='array'", "data=(x, labels)").replace('data="array"', "data=(x, labels)")
        line += "  # x, labels: your arrays"
    return line


def _literal(value: Any) -> str:
    return repr(value).replace("'", '"')
