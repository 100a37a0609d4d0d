"""RNN, LSTM and GRU: the formulas of a step, forward and backward. What they share is in `recurrent.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.checks import Array, pick

from .recurrent import Recurrent, States, input_part, weight_grads


class RNN(Recurrent):
    """The plain recurrent layer, h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh). Twin: `torch.nn.RNN`.

    nonlinearity: "tanh" or "relu". backward: dz_t = f'(z_t) dh_t, and dh_(t-1) gains W_hh^T dz_t. Shapes: see
    `Recurrent`. Source: Elman 1990."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *args: Any,
        **options: Any,
    ):
        super().__init__(input_size, hidden_size, num_layers, *args, **options)
        self.nonlinearity: str = pick({"tanh": "tanh", "relu": "relu"}, nonlinearity, "nonlinearity")

    def run(self, x: Array, w: dict[str, Array], start: States) -> tuple[Array, States, Any]:
        z = input_part(x, w["weight_ih"], w["bias_ih"] + w["bias_hh"] if "bias_ih" in w else None)
        h = np.empty((len(x) + 1, *start[0].shape), x.dtype)  # h[t] is the state before step t
        h[0] = start[0]
        for t in range(len(x)):
            z[t] += h[t] @ w["weight_hh"].T
            h[t + 1] = np.tanh(z[t]) if self.nonlinearity == "tanh" else np.maximum(z[t], 0)
        return h[1:], (h[-1],), (x, h)

    def run_back(
        self, dh: Array, d_end: States, w: dict[str, Array], kept: Any
    ) -> tuple[Array, States, dict[str, Array]]:
        x, h = kept
        slope = 1 - h[1:] ** 2 if self.nonlinearity == "tanh" else (h[1:] > 0).astype(h.dtype)
        dz = np.empty_like(slope)
        (d,) = d_end
        for t in reversed(range(len(x))):
            dz[t] = (dh[t] + d) * slope[t]
            d = dz[t] @ w["weight_hh"]
        dx, grads = weight_grads(dz, dz, x, h[:-1], w)
        return dx, (d,), grads


class LSTM(Recurrent):
    """Long short-term memory: a cell state c that gates protect. Source: Hochreiter & Schmidhuber 1997; Gers 2000.

    (i, f, g, o) = W_ih x_t + b_ih + W_hh h_(t-1) + b_hh, in this order; i, f, o through a sigmoid, g through tanh
    c_t = f c_(t-1) + i g,  h_t = o tanh(c_t)
    After `forward`, the final states are `h_n` and `c_n`; hx is a pair (h_0, c_0). backward: dc_(t-1) = f dc_t, a
    product of forget gates and no matrix: where f is near 1, gradients survive many steps. Shapes: see `Recurrent`.
    Twin: `torch.nn.LSTM`.
    """

    gates = 4
    states = ("h", "c")

    def run(self, x: Array, w: dict[str, Array], start: States) -> tuple[Array, States, Any]:
        (steps, n, features), hidden = x.shape, self.hidden_size
        x_h = np.ones((steps + 1, n, features + hidden + 1), x.dtype)  # x, h and a 1: one product gives all sums
        x_h[:-1, :, :features] = x
        h = x_h[:, :, features:-1]  # h[t] and c[t] are the states before step t
        c, tanh_c = (np.empty((length, n, hidden), x.dtype) for length in (steps + 1, steps))
        gates, z = np.empty((steps, 4, n, hidden), x.dtype), np.empty((n, 4 * hidden), x.dtype)
        h[0], c[0] = start
        bias = w["bias_ih"] + w["bias_hh"] if "bias_ih" in w else np.zeros(4 * hidden, x.dtype)
        weight = np.concatenate([w["weight_ih"], w["weight_hh"], bias[:, None]], axis=1).T.copy()
        # sigmoid(z) = 1 / (1 + e^-z) and tanh(z) = 2 sigmoid(2z) - 1: one exponential serves all four gates
        weight *= -1
        _by_gate(weight)[2] *= 2
        for t in range(steps):
            np.matmul(x_h[t], weight, out=z)
            i, f, g, o = _sigmoid_of_minus(_by_gate(z), out=gates[t])
            g *= 2
            g -= 1
            np.multiply(f, c[t], out=c[t + 1])
            c[t + 1] += i * g
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(o, tanh_c[t], out=h[t + 1])
        return h[1:], (h[-1], c[-1]), (x_h, gates, h, c, tanh_c)

    def run_back(
        self, dh: Array, d_end: States, w: dict[str, Array], kept: Any
    ) -> tuple[Array, States, dict[str, Array]]:
        x_h, gates, _, c, tanh_c = kept
        dz = np.empty((len(gates), len(x_h[0]), 4 * self.hidden_size), dh.dtype)
        up, slope = np.empty_like(gates[0]), np.empty_like(gates[0])
        d, dc = d_end
        for t in reversed(range(len(dz))):
            d = d + dh[t]
            i, f, g, o = gates[t]
            dc = dc + d * o * (1 - tanh_c[t] * tanh_c[t])
            di, df, dg, do = up
            np.multiply(dc, g, out=di)
            np.multiply(dc, c[t], out=df)
            np.multiply(dc, i, out=dg)
            np.multiply(d, tanh_c[t], out=do)
            np.subtract(1, gates[t], out=slope)
            slope *= gates[t]  # s (1 - s), the slope of the three sigmoids
            np.subtract(1, g * g, out=slope[2])
            np.multiply(up, slope, out=_by_gate(dz[t]))
            d = dz[t] @ w["weight_hh"]
            dc *= f
        steps, n, columns = x_h[1:].shape
        dw = dz.reshape(steps * n, dz.shape[2]).T @ x_h[:-1].reshape(steps * n, columns)  # all steps at once
        dw_ih, dw_hh, of_bias = np.split(dw, [-1 - self.hidden_size, -1], axis=1)
        grads = {"weight_ih": dw_ih.copy(), "weight_hh": dw_hh.copy()}
        if "bias_ih" in w:
            grads |= {"bias_ih": of_bias[:, 0].copy(), "bias_hh": of_bias[:, 0].copy()}
        return dz @ w["weight_ih"], (d, dc), grads

    def backward(self, dy: Array, dh_n: Array | None = None, dc_n: Array | None = None) -> Array:
        return self._back(dy, (dh_n, dc_n))  # type: ignore[arg-type]


class GRU(Recurrent):
    """Gated recurrent unit. Source: Cho et al. 2014, with the reset gate after the product, as in PyTorch.

    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr),  z likewise,  n = tanh(W_in x + b_in + r (W_hn h + b_hn))
    h_t = (1 - z) n + z h_(t-1); the rows are in the order r, z, n. Shapes: see `Recurrent`. Twin: `torch.nn.GRU`."""

    gates = 3

    def run(self, x: Array, w: dict[str, Array], start: States) -> tuple[Array, States, Any]:
        gates = input_part(x, w["weight_ih"], w.get("bias_ih"))  # of step t: r, z, n in place of the sums
        steps, (n_rows, hidden) = len(x), start[0].shape
        h = np.empty((steps + 1, n_rows, hidden), x.dtype)
        h[0] = start[0]
        w_hh = np.ascontiguousarray(w["weight_hh"].T)
        inner = np.empty((steps, n_rows, hidden), x.dtype)  # W_hn h + b_hn, which r multiplies
        for t in range(steps):
            from_h = h[t] @ w_hh
            if "bias_hh" in w:
                from_h += w["bias_hh"]
            r_z, n = gates[t][:, : 2 * hidden], gates[t][:, 2 * hidden :]
            r_z += from_h[:, : 2 * hidden]
            np.tanh(r_z / 2, out=r_z)  # sigmoid(a) = (1 + tanh(a / 2)) / 2, which never overflows
            r_z += 1
            r_z /= 2
            r, z = r_z[:, :hidden], r_z[:, hidden:]
            inner[t] = from_h[:, 2 * hidden :]
            np.tanh(n + r * inner[t], out=n)
            h[t + 1] = n + z * (h[t] - n)
        return h[1:], (h[-1],), (x, gates, h, inner)

    def run_back(
        self, dh: Array, d_end: States, w: dict[str, Array], kept: Any
    ) -> tuple[Array, States, dict[str, Array]]:
        x, gates, h, inner = kept
        hidden = h.shape[2]
        dz_ih = np.empty_like(gates)
        dz_hh = np.empty_like(gates)  # equal but for n, where r stands before the sum over h
        (d,) = d_end
        for t in reversed(range(len(x))):
            d = d + dh[t]
            r, z, n = (gates[t][:, k * hidden : (k + 1) * hidden] for k in range(3))
            dn = d * (1 - z) * (1 - n * n)
            dz_ih[t, :, :hidden] = dn * inner[t] * r * (1 - r)
            dz_ih[t, :, hidden : 2 * hidden] = d * (h[t] - n) * z * (1 - z)
            dz_ih[t, :, 2 * hidden :] = dn
            dz_hh[t] = dz_ih[t]
            dz_hh[t, :, 2 * hidden :] *= r
            d = d * z + dz_hh[t] @ w["weight_hh"]
        dx, grads = weight_grads(dz_ih, dz_hh, x, h[:-1], w)
        return dx, (d,), grads


def _sigmoid_of_minus(z: Array, out: Array) -> Array:
    """1 / (1 + e^z). Where e^z is infinite, 0 is right: the warning is switched off."""
    with np.errstate(over="ignore"):
        np.exp(z, out=out)
    out += 1
    return np.divide(1, out, out=out)


def _by_gate(z: Array) -> Array:
    """(N, 4 * hidden_size) -> (4, N, hidden_size), a view. In an array of that layout a gate is one piece of memory,
    which NumPy goes through in one loop instead of N."""
    return z.reshape(len(z), 4, z.shape[1] // 4).swapaxes(0, 1)
