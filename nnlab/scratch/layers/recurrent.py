"""What recurrent layers share: names, layers, directions, states. The formulas of a step are in `cells.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, as_float, need_axes, need_number, need_rng, need_shape, need_size

from .. import init
from ..module import Layer
from .dropout import Dropout

States = tuple[Array, ...]  # (h,), or (h, c) of an LSTM


class Recurrent(Layer):
    """Reads a sequence step by step and carries a state h from each step to the next.

    x: (N, T, input_size), batch first -> y: (N, T, D * hidden_size), D = 2 if bidirectional, else 1. The second of
    `num_layers` layers reads the outputs of the first, and so on. The backward direction reads from the last step to
    the first; its outputs stand beside the forward ones. After `forward`, `h_n` is the state after the last step read:
    (num_layers * D, N, hidden_size), in PyTorch's order.

    Parameters, as in PyTorch, with G gates in a row: weight_ih_l0: (G * hidden_size, input_size), weight_hh_l0:
    (G * hidden_size, hidden_size), bias_ih_l0 and bias_hh_l0: (G * hidden_size,); l1, l2 for further layers, and
    "_reverse" for the other direction. All start uniform in +-1/sqrt(hidden_size).
    `backward(dy, dh_n=...)` takes the gradient of the final states too, where the loss uses them, and leaves that of
    the starting states in `dh_0`. dropout: between layers, in training. An empty batch gives an empty output; T must be
    1 or more.
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
                "Recurrent layers here take x: (N, T, features), batch first; batch_first=False is not made."
            )
        self.input_size = need_size(input_size, "input_size")
        self.hidden_size = need_size(hidden_size, "hidden_size")
        self.num_layers = need_size(num_layers, "num_layers")
        self.bias, self.bidirectional = bias, bidirectional
        rate = need_number(dropout, "dropout", high=1.0)
        self.dropouts = [Dropout(rate, rng=need_rng(rng)) for _ in range(num_layers - 1)]
        self.suffixes = ["", "_reverse"] if bidirectional else [""]
        bound = 1 / np.sqrt(hidden_size)
        for k in range(num_layers):
            below = input_size if k == 0 else hidden_size * len(self.suffixes)
            for suffix in self.suffixes:
                rows = self.gates * hidden_size
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, below), "weight_hh": (rows, hidden_size)}
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                for name, shape in shapes.items():
                    self.params[f"{name}_l{k}{suffix}"] = init.uniform(shape, -bound, bound, rng=rng).astype(dtype)

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
        sequence = np.ascontiguousarray(x.transpose(1, 0, 2))  # time first: a step is then one piece of memory
        for k in range(self.num_layers):
            outputs = []
            for d in range(len(self.suffixes)):
                i = k * len(self.suffixes) + d
                w = self._weights(i, x.dtype)
                h, end, memory = self.run(sequence[:: 1 - 2 * d], w, tuple(s[i] for s in starts))
                outputs.append(h[:: 1 - 2 * d])
                kept.append((w, memory))
                for state, value in zip(ends, end, strict=True):
                    state[i] = value
            sequence = np.concatenate(outputs, axis=2) if len(outputs) > 1 else outputs[0]
            if k < self.num_layers - 1:
                sequence = self.dropouts[k].forward(sequence)
        for name, state in zip(self.states, ends, strict=True):
            setattr(self, f"{name}_n", state)
        self._keep(kept, x.shape)
        return sequence.transpose(1, 0, 2).copy()

    def _back(self, dy: Array, d_ends: States) -> Array:
        kept, shape = self._take()
        directions, dtype = len(self.suffixes), kept[0][0]["weight_ih"].dtype
        dy = self._upstream(dy, (*shape[:2], directions * self.hidden_size), dtype)
        d_ends = self._states(d_ends, shape[0], dtype, "the gradient of the final states")
        d_starts = tuple(np.empty_like(d) for d in d_ends)
        grads: dict[str, Array] = {}
        dsequence = dy.transpose(1, 0, 2)
        for k in reversed(range(self.num_layers)):
            below: Any = None
            for d in range(directions):
                i = k * directions + d
                w, memory = kept[i]
                mine = dsequence[:: 1 - 2 * d, :, d * self.hidden_size : (d + 1) * self.hidden_size]
                dx, d_start, found = self.run_back(mine, tuple(e[i] for e in d_ends), w, memory)
                below = dx if below is None else below + dx[::-1]
                grads |= {self._name(name, i): g for name, g in found.items()}
                for state, value in zip(d_starts, d_start, strict=True):
                    state[i] = value
            dsequence = self.dropouts[k - 1].backward(below) if k > 0 else below
        self.grads = {name: grads[name] for name in self.params}
        for name, state in zip(self.states, d_starts, strict=True):
            setattr(self, f"d{name}_0", state)
        return dsequence.transpose(1, 0, 2).copy()

    def backward(self, dy: Array, dh_n: Array | None = None) -> Array:
        return self._back(dy, (dh_n,))  # type: ignore[arg-type]

    def train(self, mode: bool = True) -> Recurrent:
        for layer in self.dropouts:
            layer.train(mode)
        super().train(mode)
        return self

    def generators(self) -> list[np.random.Generator]:
        return [g for layer in self.dropouts for g in layer.generators()]

    def _name(self, name: str, i: int) -> str:
        return f"{name}_l{i // len(self.suffixes)}{self.suffixes[i % len(self.suffixes)]}"

    def _weights(self, i: int, dtype: np.dtype) -> dict[str, Array]:
        """The parameters of one direction of one layer, by their short names, in the type of x."""
        names = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if self.bias else [])]
        return {name: self._cast(self._name(name, i), dtype) for name in names}

    def _states(self, given: Any, n: int, dtype: np.dtype, what: str) -> States:
        """One array for each state, zeros where none is given."""
        shape = (self.num_layers * len(self.suffixes), n, self.hidden_size)
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


def input_part(x: Array, weight_ih: Array, bias: Array | None) -> Array:
    """x W_ih^T + bias for all steps at once, (T, N, G * hidden_size): only W_hh h has to wait for its step."""
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
        grads |= {"bias_ih": a.sum(axis=0), "bias_hh": b.sum(axis=0)}
    return (a @ w["weight_ih"]).reshape(t, n, features), grads
