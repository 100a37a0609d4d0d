"""What recurrent layers share: names, layers, directions, states. The formulas of a step are in `cells.py`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_number, need_rng, need_shape, need_size

from .. import init
from ..module import Layer
from ..precision import total
from .dropout import Dropout

States = tuple[Array, ...]  # (h,), or (h, c) of an LSTM


class Direction(NamedTuple):
    """One direction of one layer: its row in h_n, the end of its parameters' names, and whether it reads backwards."""

    row: int
    suffix: str
    reverse: bool


class Recurrent(Layer):
    """Reads a sequence step by step and carries a state h from each step to the next.

    x: (N, T, input_size), batch first -> y: (N, T, D * hidden_size), D = 2 if bidirectional, else 1. The second of
    `num_layers` layers reads the outputs of the first, and so on. The backward direction reads from the last step to
    the first; its outputs are joined to the forward ones. After `forward`, `h_n` is the state after the last step read:
    (num_layers * D, N, hidden_size), in PyTorch's order.

    Parameters, as in PyTorch, with G gates in a row: weight_ih_l0: (G * hidden_size, input_size), weight_hh_l0:
    (G * hidden_size, hidden_size), bias_ih_l0 and bias_hh_l0: (G * hidden_size,); l1, l2 for further layers, and
    "_reverse" for the other direction. All start uniform in +-1/sqrt(hidden_size).
    `backward(dy, dh_n=...)` takes the gradient of the final states too, where the loss uses them, and leaves that of
    the starting states in `dh_0`. dropout: between layers, in training. An empty batch gives an empty output; T must be
    1 or more, and x of a different shape raises ValueError.
    """

    gates = 1
    states: tuple[str, ...] = ("h",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ):
        super().__init__()
        if not batch_first:
            raise ValueError(
                "Recurrent layers here take x: (N, T, features), batch first; batch_first=False is not supported."
            )
        self.input_size = need_size(input_size, "input_size")
        self.hidden_size = need_size(hidden_size, "hidden_size")
        self.num_layers = need_size(num_layers, "num_layers")
        self.bias, self.bidirectional = bias, bidirectional
        rate = need_number(dropout, "dropout", high=1.0)
        self.dropouts = [Dropout(rate, rng=need_rng(rng)) for _ in range(num_layers - 1)]
        self.layers = _directions(num_layers, bidirectional)
        bound = 1 / np.sqrt(hidden_size)
        features, rows = input_size, self.gates * hidden_size
        for directions in self.layers:
            for direction in directions:
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, features), "weight_hh": (rows, hidden_size)}
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                for name, shape in shapes.items():
                    self.params[name + direction.suffix] = init.uniform(shape, -bound, bound, rng=rng).astype(dtype)
            features = hidden_size * len(directions)  # what the next layer reads

    # One direction of one layer; x: (T, N, features), time first. A subclass fills these two in.

    def run(self, x: Array, w: dict[str, Array], start: States) -> tuple[Array, States, Any]:
        """(h of every step (T, N, hidden_size), the final states, what `run_back` needs)."""
        raise NotImplementedError

    def run_back(
        self, dh: Array, d_end: States, w: dict[str, Array], kept: Any
    ) -> tuple[Array, States, dict[str, Array]]:
        """(gradient of x, of the starting states, of the parameters)."""
        raise NotImplementedError

    def forward(self, x: Array, hx: Array | States | None = None) -> Array:
        """y. hx: the states to start from, (num_layers * D, N, hidden_size); zeros where it is not given."""
        x = as_float(x)
        need_axes(x, "N T input_size")
        if x.shape[2] != self.input_size or x.shape[1] == 0:
            raise ValueError(
                f"x should have shape (N, T, {self.input_size}), since this {type(self).__name__} has "
                f"input_size={self.input_size}, with T at least 1; got {x.shape}."
            )
        starts = self._states(hx, len(x), x.dtype, "hx, the states to start from,")
        ends = tuple(np.empty_like(s) for s in starts)
        kept: list[Any] = []
        sequence = x.transpose(1, 0, 2).copy()  # time first: a step is then one piece of memory; and kept for backward
        for k, directions in enumerate(self.layers):
            outputs = []
            for direction in directions:
                w = self._weights(direction, x.dtype)
                y, end, memory = self.run(turned(sequence, direction), w, at(starts, direction))
                outputs.append(turned(y, direction))
                kept.append((w, memory))
                put(end, ends, direction)
            sequence = np.concatenate(outputs, axis=2) if len(outputs) > 1 else outputs[0]
            if k < len(self.dropouts):
                sequence = self.dropouts[k].forward(sequence)
        for name, state in zip(self.states, ends, strict=True):
            setattr(self, f"{name}_n", state)
        self._keep(kept, x.shape)
        return sequence.transpose(1, 0, 2).copy()

    def _back(self, dy: Array, d_ends: States) -> Array:
        kept, shape = self._take()
        width, dtype = self.hidden_size * len(self.layers[0]), kept[0][0]["weight_ih"].dtype
        dy = self._upstream(dy, (*shape[:2], width), dtype)
        d_ends = self._states(d_ends, shape[0], dtype, "the gradient of the final states")
        d_starts = tuple(np.empty_like(d) for d in d_ends)
        grads: dict[str, Array] = {}
        d_sequence = dy.transpose(1, 0, 2)
        for k, directions in reversed(list(enumerate(self.layers))):
            d_outputs = np.split(d_sequence, 2, axis=2) if len(directions) > 1 else [d_sequence]
            d_inputs = []
            for direction, d_output in zip(directions, d_outputs, strict=True):
                w, memory = kept[direction.row]
                dx, d_start, of_weights = self.run_back(turned(d_output, direction), at(d_ends, direction), w, memory)
                d_inputs.append(turned(dx, direction))
                grads |= {name + direction.suffix: g for name, g in of_weights.items()}
                put(d_start, d_starts, direction)
            d_sequence = d_inputs[0] + d_inputs[1] if len(d_inputs) > 1 else d_inputs[0]  # both read the same sequence
            if k > 0:
                d_sequence = self.dropouts[k - 1].backward(d_sequence)
        self.grads = {name: grads[name] for name in self.params}
        for name, state in zip(self.states, d_starts, strict=True):
            setattr(self, f"d{name}_0", state)
        return d_sequence.transpose(1, 0, 2).copy()

    def backward(self, dy: Array, dh_n: Array | None = None) -> Array:
        return self._back(dy, (dh_n,))  # type: ignore[arg-type]

    def train(self, mode: bool = True) -> Recurrent:
        for layer in self.dropouts:
            layer.train(mode)
        super().train(mode)
        return self

    def generators(self) -> list[np.random.Generator]:
        return [g for layer in self.dropouts for g in layer.generators()]

    def _weights(self, direction: Direction, dtype: np.dtype) -> dict[str, Array]:
        """The parameters of one direction of one layer, by their short names, in the type of x."""
        names = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if self.bias else [])]
        return {name: self._cast(name + direction.suffix, dtype) for name in names}

    def _states(self, given: Any, n: int, dtype: np.dtype, what: str) -> States:
        """One array for each state, zeros where none is given."""
        shape = (self.num_layers * len(self.layers[0]), n, self.hidden_size)
        if not isinstance(given, tuple):
            given = (given,) if len(self.states) == 1 else (None,) * len(self.states) if given is None else given
        if not isinstance(given, tuple) or len(given) != len(self.states):
            raise TypeError(f"{what} should be the pair (h, c), each of shape {shape}.")
        arrays = []
        for state in given:
            if state is None:
                arrays.append(np.zeros(shape, dtype))
            else:
                need_shape(as_float(state, what), shape, what)
                arrays.append(as_float(state).astype(dtype))
        return tuple(arrays)

    def __repr__(self) -> str:
        options = f"num_layers={self.num_layers}, bidirectional={self.bidirectional}"
        return f"{type(self).__name__}({self.input_size}, {self.hidden_size}, {options})"


def turned(sequence: Array, direction: Direction) -> Array:
    """(T, N, features) in the order in which the direction reads it; applied twice, in the old order again."""
    return sequence[::-1] if direction.reverse else sequence


def at(states: States, direction: Direction) -> States:
    """Of each state of the whole layer, (num_layers * D, N, hidden_size), the part of one direction."""
    return tuple(s[direction.row] for s in states)


def put(values: States, states: States, direction: Direction) -> None:
    """The opposite of `at`: write the values of one direction to their place."""
    for value, state in zip(values, states, strict=True):
        state[direction.row] = value


def _directions(num_layers: int, bidirectional: bool) -> list[list[Direction]]:
    """For each layer its directions, in PyTorch's order: l0, l0_reverse, l1, l1_reverse ..."""
    kinds = [("", False), ("_reverse", True)] if bidirectional else [("", False)]
    return [
        [Direction(k * len(kinds) + d, f"_l{k}{end}", reverse) for d, (end, reverse) in enumerate(kinds)]
        for k in range(num_layers)
    ]


def input_part(x: Array, weight_ih: Array, bias: Array | None) -> Array:
    """x W_ih^T + bias for all steps at once, (T, N, G * hidden_size): only W_hh h must wait for its step."""
    t, n, features = x.shape
    z = np.ascontiguousarray(x).reshape(t * n, features) @ weight_ih.T
    if bias is not None:
        z += bias
    return z.reshape(t, n, z.shape[1])


def weight_grads(dz_ih: Array, dz_hh: Array, x: Array, h: Array, w: dict[str, Array]) -> tuple[Array, dict[str, Array]]:
    """Gradient of x, and of the parameters, all steps at once, from those of the two sums inside the step.

    dz_ih, dz_hh: (T, N, G * hidden_size); h: (T, N, hidden_size), the state before each step."""
    t, n, features = x.shape
    a, b = (dz.reshape(t * n, dz.shape[2]) for dz in (dz_ih, dz_hh))
    grads = {
        "weight_ih": a.T @ np.ascontiguousarray(x).reshape(t * n, features),
        "weight_hh": b.T @ h.reshape(t * n, h.shape[2]),
    }
    if "bias_ih" in w:
        grads |= {"bias_ih": total(a, 0), "bias_hh": total(b, 0)}
    return (a @ w["weight_ih"]).reshape(t, n, features), grads
