"""The Playground by hand: what the mouse does to its network, and what is laid over its picture.

Hovering shows a neuron or an input large. A click on a link or a neuron opens fields for its weights and bias, a click
on an input switches it; + and - over the layers add and remove neurons and layers. For the keyboard there are the
sliders, and the button "Set weights", which opens the fields of the neuron that is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from nnlab.checks import need_size
from nnlab.explore.explorer import Explorer
from nnlab.playground.data import FEATURES
from nnlab.playground.engines import load_pytorch
from nnlab.playground.layout import HEIGHT, WIDTH, Layout
from nnlab.playground.links import hit
from nnlab.playground.model import Snapshot, Training, set_weight
from nnlab.playground.settings import LAYERS, NEURONS
from nnlab.playground.target import Target, name_of

LARGEST = 1000.0  # a weight set by hand
_ids = count(1)


@dataclass(frozen=True)
class Editor:
    """The fields that are open: for the parameters `keys` of a target, at (u, v) of the picture, for one `state` only:
    when the run starts again, they close. error: a sentence about what was typed last, "" if it was good."""

    state: Training
    target: Target
    place: tuple[float, float]
    keys: tuple[int, ...]  # as `source` of `set_weight`: -1 is the bias
    number: int
    typed: dict[int, str]
    error: str = ""


class PlaygroundExplorer(Explorer):
    """The Playground's explorer: it also takes events of the mouse, `set(pointer=event)`, and weights, `set_weight`."""

    _editor: Editor | None = None

    @property
    def editor(self) -> Editor | None:
        """The fields that are open."""
        return self._editor if self._editor and self._editor.state is self._state else None

    def set(self, **values: Any) -> None:
        """As `Explorer.set`. An event of the mouse is not kept: `values["pointer"]` is () again after it."""
        event = self.controls["pointer"].check(values.pop("pointer", ()))
        with self._lock:
            if event:
                if self.data is None or self._state is None or not self._answer(*event):
                    return  # nothing that is seen changes: hovering costs a hit test
                values |= self._moved_by(*event)
            if values.get("engine") == "pytorch" and self.on_change:  # in a page, which stays usable meanwhile
                load_pytorch(self._loaded)
            super().set(**values)

    def set_weight(self, layer: int, neuron: int, source: int, value: float) -> None:
        """Set one weight of the network as it is now, or a bias; training goes on from there, in either engine.

        layer: from 1, the output's is the last. neuron: from 1 at the top. source: the neuron of the layer before, or
        the input that is on, from 1; 0 for the bias. Raises ValueError or TypeError for what there is not, and for a
        value beyond -1000 to 1000."""
        with self._lock:
            weights = self.data.weights
            layer = need_size(layer, "layer", 1)
            if layer > len(weights):
                raise ValueError(f"layer should be at most {len(weights)}, the output's; got {layer}.")
            rows, columns = weights[layer - 1][0].shape
            for name, number, least, most in (("neuron", neuron, 1, rows), ("source", source, 0, columns)):
                if need_size(number, name, least) > most:
                    raise ValueError(f"{name} should be at most {most} in layer {layer}; got {number}.")
            self._write(layer - 1, neuron - 1, source - 1, _parse(str(value)))
            super().set()

    def edit_weights(self) -> None:
        """Open the fields of the neuron that is looked at, or of the output: the way without a mouse."""
        with self._lock:
            d = self.data
            last = Target("neuron", len(d.maps), 0)
            target = d.shown if d.shown and d.shown.kind == "neuron" else last
            layout = _layout(d)
            x, y = layout.columns(d.names)[target.layer + 1][target.unit]
            self._open(target, (x / WIDTH, y / HEIGHT))
            super().set()

    def _write(self, layer: int, unit: int, source: int, value: float) -> None:
        set_weight(self._state, layer, unit, source, value)

    def _loaded(self) -> None:
        """PyTorch is there: begin again with it. A panel shows the error if there is one."""
        with self._lock:
            self._state = self._data = None
            for changed in self.on_change:
                changed()

    # ------------------------------------------------------------------------------------------ events of the mouse

    def _answer(self, kind: str, *rest: Any) -> bool:
        """Do what an event asks for; whether there is something new to see."""
        d, state, editor = self.data, self._state, self.editor
        if kind in ("move", "leave"):
            at = self._hit(*rest) if rest else None
            if editor or at == state.pointed:
                return False  # while its fields are open, a link stays marked
            state.pointed = at
        elif kind == "click":
            at = self._hit(*rest)
            self._close()
            if at and at.kind != "input":
                self._open(at, rest)
            elif not at:
                return editor is not None
        elif kind == "enter":
            if not editor:
                return False
            self._enter(editor, *rest)
        elif kind in ("close", "escape"):
            if not editor or (kind == "close" and editor.error):
                return False
            self._close()
        else:
            self._close()
            return rest[0] in {button["key"] for button in buttons(d) if not button["off"]}
        return True

    def _moved_by(self, kind: str, *rest: Any) -> dict[str, Any]:
        """The controls that an event moves."""
        if kind == "click" and (at := self._hit(*rest)) and at.kind == "input":
            name = list(FEATURES)[at.unit]
            return {name: not self.values[name]}
        return pressed(self.values, rest[0]) if kind == "press" else {}

    def _hit(self, u: float, v: float) -> Target | None:
        d = self.data
        return hit(_layout(d), d.names, u * WIDTH, v * HEIGHT)

    def _open(self, target: Target, place: tuple[float, ...]) -> None:
        if self._state.engine is None:
            return  # without data or inputs there is no network yet
        weight, _ = self._state.weights[target.layer]
        keys = (target.source, -1) if target.kind == "link" else (-1, *range(weight.shape[1]))
        typed = {key: _shown(self._state, target, key) for key in keys}
        self._editor = Editor(self._state, target, (place[0], place[1]), keys, next(_ids), typed)
        self._state.pointed = target if target.layer < len(self.data.maps) or target.kind == "link" else None

    def _close(self) -> None:
        if self.editor:
            self._editor, self._state.pointed = None, None

    def _enter(self, editor: Editor, key: str, text: str) -> None:
        source = int(key)
        try:
            value = _parse(text)
        except ValueError as error:
            self._editor = replace(editor, error=str(error))
            return
        self._write(editor.target.layer, editor.target.unit, source, value)
        typed = {**editor.typed, source: _shown(self._state, editor.target, source)}
        self._editor = replace(editor, typed=typed, error="")


def _layout(d: Snapshot) -> Layout:
    return Layout(len(FEATURES), tuple(len(maps) for maps in d.maps))


def _parse(text: str) -> float:
    """A number as it is typed, with a point or a comma. Raises ValueError with a sentence."""
    try:
        value = float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        value = np.nan
    if not abs(value) <= LARGEST:
        raise ValueError(
            f"A weight or bias is a number from {-LARGEST:g} to {LARGEST:g}, such as 0.5; got {text[:20]!r}."
        )
    return value


def _value(weights: Any, target: Target, source: int) -> float:
    weight, bias = weights[target.layer]
    return float(bias[target.unit] if source < 0 else weight[target.unit, source])


def _shown(state: Training, target: Target, source: int) -> str:
    return f"{_value(state.weights, target, source):.4g}"


# ------------------------------------------------------------------------------------------ what lies over the picture


def overlay(explorer: Explorer) -> dict[str, Any]:
    """What a `Pointer` shows over the Playground's picture."""
    assert isinstance(explorer, PlaygroundExplorer)
    d, editor = explorer.data, explorer.editor
    return {"tip": tip(d), "buttons": buttons(d), "editor": _fields(d, editor) if editor else {}}


def tip(d: Snapshot) -> str:
    """The text next to the mouse."""
    at = d.pointed
    if at is None:
        return ""
    if at.kind == "input":
        on = list(FEATURES)[at.unit] in d.names
        return f"{name_of(at)}: click to switch it {'off' if on else 'on'}"
    if at.kind == "neuron":
        return f"bias {_value(d.weights, at, -1):z.2g}: click to set it"
    return f"weight {_value(d.weights, at, at.source):z.2g}: click to set it"


def buttons(d: Snapshot) -> list[dict[str, Any]]:
    """+ and - over each hidden layer, and those for the layers, as `PointerWidget.buttons`."""
    layout, made = _layout(d), []
    numbers = [k for k in range(1, LAYERS + 1) if d.values[f"layer_{k}"]]
    for i, size in enumerate(layout.sizes):
        less, more = f"Remove a neuron from layer {i + 1}", f"Add a neuron to layer {i + 1}"
        texts = (("−", less, size == 1), ("+", more, size == NEURONS))
        made += _pair(layout, i, f"layer_{numbers[i]}", texts)
    n = len(layout.sizes)
    made += _pair(
        layout, n, "layers", (("−", "Remove the last layer", n == 0), ("+", "Add a hidden layer", n == LAYERS))
    )
    return made


def _pair(layout: Layout, place: int, key: str, texts: tuple[tuple[str, str, bool], ...]) -> list[dict[str, Any]]:
    pair = [
        dict(key=f"{key} {text}", text=text, label=label, off=off, left=x / WIDTH, top=1 - y / HEIGHT)
        for (x, y), (text, label, off) in zip(layout.button_places(place), texts, strict=True)
    ]
    if key == "layers":
        pair[0]["head"] = key  # over the others stands the layer's name, in the picture
    return pair


def pressed(values: Any, key: str) -> dict[str, Any]:
    """The controls that a button moves. A new layer is as large as the last one."""
    name, _, sign = key.partition(" ")
    step = 1 if sign == "+" else -1
    if name != "layers":
        return {name: values[name] + step}
    numbers = [k for k in range(1, LAYERS + 1) if values[f"layer_{k}"]]
    last = numbers[-1] if numbers else 0
    if step < 0:
        return {f"layer_{last}": 0}
    free = [k for k in range(1, LAYERS + 1) if k not in numbers]
    return {f"layer_{next((k for k in free if k > last), free[0])}": values[f"layer_{last}"] if last else 4}


def _fields(d: Snapshot, editor: Editor) -> dict[str, Any]:
    target, layers = editor.target, len(d.maps)
    title = "The output" if target.layer == layers else name_of(target)
    sources = (
        [FEATURES[name][0] for name in d.names]
        if target.layer == 0
        else [f"neuron {k + 1}" for k in range(len(d.maps[target.layer - 1]))]
    )
    labels = {key: "bias" if key < 0 else f"weight from {sources[key]}" for key in editor.keys}
    return {
        "id": editor.number,
        "title": title,
        "left": editor.place[0],
        "top": 1 - editor.place[1],
        "fields": [{"key": str(key), "label": labels[key], "value": editor.typed[key]} for key in editor.keys],
        "error": editor.error,
    }
