"""Optimizers: one row of `OPTIMIZERS` for each. `opt = Adam(net.params, lr=0.01)`, then `opt.step(net.grads)`.

The parameters of a whole network are treated as one long vector, theta in the papers: each optimizer is a formula from
the gradient vector g to the step that is subtracted. PyTorch's names, defaults and order of operations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from nnlab.checks import Array, as_array, describe, need_number, need_shape

from .options import Options
from .precision import wide_type


class Optimizer(Options):
    """Owns names, shapes and the loop over parameters; a subclass owns the formula, `update`.

    params: name to array, as `net.params` gives it; the arrays are changed in place. weight_decay adds weight_decay *
    theta to the gradient (L2 regularisation). `state` holds the vectors an optimizer remembers, `t` counts steps.
    Raises TypeError for params that are not floating arrays by name, ValueError for a setting out of its range.
    """

    def __init__(
        self, params: Mapping[str, Array], lr: float, weight_decay: float = 0.0, vectors: tuple[str, ...] = ()
    ):
        if not isinstance(params, Mapping) or not params:
            raise TypeError(
                f"params should be the parameters by name, as net.params gives them; got {describe(params)}."
            )
        for name, p in params.items():
            if type(as_array(p, f"The parameter {name}")) is not type(p) or p.dtype.kind != "f":
                raise TypeError(f"The parameter {name} should be a floating array, got {describe(p)}.")
        self.params = dict(params)
        self.lr = need_number(lr, "lr, the learning rate,")
        self.initial_lr: float | None = None  # kept by the first schedule, for all schedules
        self.weight_decay = need_number(weight_decay, "weight_decay")
        self.t = 0
        self.dtype = wide_type(np.result_type(*(p.dtype for p in params.values())))  # squares of float16 vanish
        self.vector = self.theta()  # memory for the gradient, and then for the step
        self.state = {name: np.zeros_like(self.vector) for name in vectors}
        self.pieces: list[tuple[Array, Array]] = []  # each parameter, and its place in the vector
        start = 0
        for p in params.values():
            self.pieces.append((p, self.vector[start : start + p.size].reshape(p.shape)))
            start += p.size

    def step(self, grads: Mapping[str, Array]) -> None:
        """Change every parameter in place by its gradient. `grads` has the parameters' names and shapes.

        Raises ValueError, and changes nothing, where names or shapes differ."""
        if grads.keys() != self.params.keys():
            raise ValueError(f"Expected gradients for {sorted(self.params)}, got {sorted(grads)}: run backward first.")
        for name, p in self.params.items():
            g = grads[name]
            if type(g) is not np.ndarray or g.shape != p.shape:
                need_shape(as_array(g, f"The gradient of {name}"), p.shape, f"The gradient of {name}")
        self.t += 1
        g = np.concatenate([grads[name] for name in self.params], axis=None, out=self.vector, casting="same_kind")
        if self.weight_decay:
            self.decay(g)
        self.update(g, float(self.lr))
        for p, step in self.pieces:
            p -= step

    def update(self, g: Array, lr: float) -> None:
        """Turn the gradient vector g, in place, into the step that is subtracted from the parameters."""
        raise NotImplementedError

    def decay(self, g: Array) -> None:
        """L2 regularisation: the gradient of weight_decay / 2 * |theta|^2 joins the gradient of the loss."""
        g += self.weight_decay * self.theta()

    def theta(self) -> Array:
        """All parameters as one vector: a copy."""
        return np.concatenate(list(self.params.values()), axis=None, dtype=self.dtype)

    def state_dict(self) -> dict[str, Any]:
        """Copies of everything that the next step depends on besides the parameters."""
        vectors = {name: v.copy() for name, v in self.state.items()}
        return {"t": self.t, "lr": self.lr, "initial_lr": self.initial_lr, **vectors}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Resume from a `state_dict()` of an optimizer of the same kind and parameters; else ValueError."""
        expected = {"t", "lr", "initial_lr", *self.state}
        if state.keys() != expected:
            raise ValueError(f"Expected a state with {sorted(expected)}, got {sorted(state)}.")
        for name, v in self.state.items():
            need_shape(np.asarray(state[name]), v.shape, f"{name} of the state")
        self.t, self.lr, self.initial_lr = state["t"], state["lr"], state["initial_lr"]
        for name, v in self.state.items():
            v[...] = state[name]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(lr={self.lr:g})"


class SGD(Optimizer):
    """Gradient descent, theta <- theta - lr g. Twin: `torch.optim.SGD`.

    momentum mu: b <- mu b + (1 - dampening) g takes the place of g (b starts as the first g); nesterov: g + mu b does,
    a look ahead. Source: Polyak 1964; Nesterov 1983; Sutskever et al. 2013."""

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ):
        super().__init__(params, lr, weight_decay, ("b",) if momentum else ())
        self.momentum = need_number(momentum, "momentum")
        self.dampening = need_number(dampening, "dampening", high=1.0)
        self.nesterov = nesterov
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("nesterov=True needs a momentum above 0 and dampening=0.")

    def update(self, g: Array, lr: float) -> None:
        if self.momentum:
            b = self.state["b"]
            b *= self.momentum
            b += g if self.t == 1 else (1 - self.dampening) * g
            g[...] = g + self.momentum * b if self.nesterov else b
        g *= lr


def adam_step(
    g: Array, m: Array, v: Array, t: int, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
) -> tuple[Array, Array, Array]:
    """The formula of Adam: (step, m, v) after gradient g in step t = 1, 2 ... `Adam` computes the same in place."""
    b1, b2 = betas
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    m_hat = m / (1 - b1**t)
    v_hat = v / (1 - b2**t)
    return lr * m_hat / (np.sqrt(v_hat) + eps), m, v


class Adam(Optimizer):
    """Adam: theta <- theta - lr m^ / (sqrt(v^) + eps). Source: Kingma & Ba 2015. Twin: `torch.optim.Adam`.

    m and v are running means of g and g^2: m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2. They start at 0 and are
    too small at first, so m^ = m / (1 - b1^t) and v^ = v / (1 - b2^t). `adam_step` above has these lines as code."""

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        super().__init__(params, lr, weight_decay, ("m", "v"))
        self.betas = tuple(need_number(b, "each of betas", below=1.0) for b in betas)
        if len(self.betas) != 2:
            raise ValueError(f"betas should be two numbers, for the means of g and of g^2; got {betas}.")
        self.eps = need_number(eps, "eps")

    def update(self, g: Array, lr: float) -> None:
        _adam_step_in_place(g, self.state["m"], self.state["v"], self.t, lr, self.betas, self.eps)


def _adam_step_in_place(g: Array, m: Array, v: Array, t: int, lr: float, betas: tuple[float, ...], eps: float) -> None:
    """`adam_step`, which leaves the step in the memory of g, and m and v in their own.

    Each operation of the formula would make an array as long as all parameters together: for a large network, new
    memory costs more than the arithmetic. 1 - b1^t divides lr, one number, instead of the vector m."""
    b1, b2 = betas
    m *= b1
    m += (1 - b1) * g
    v *= b2
    g *= g  # from here on, g is memory to use again
    g *= 1 - b2
    v += g
    np.sqrt(v, out=g)
    g /= math.sqrt(1 - b2**t)
    g += eps  # sqrt(v^) + eps
    np.divide(m, g, out=g)
    g *= lr / (1 - b1**t)


class AdamW(Adam):
    """Adam with decoupled weight decay: the step gains lr * weight_decay * theta, and m and v do not see it.

    Source: Loshchilov & Hutter 2019. Twin: `torch.optim.AdamW`."""

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ):
        super().__init__(params, lr, betas, eps, weight_decay)

    def decay(self, g: Array) -> None:
        """Not into the gradient: `update` adds it to the step."""

    def update(self, g: Array, lr: float) -> None:
        super().update(g, lr)
        if self.weight_decay:
            g += lr * self.weight_decay * self.theta()


class RMSprop(Optimizer):
    """RMSprop: theta <- theta - lr g / (sqrt(v) + eps), v <- alpha v + (1 - alpha) g^2. Twin: `torch.optim.RMSprop`.

    centered: v less the squared mean of g, so its variance; momentum mu: b <- mu b + g / (sqrt(v) + eps), and the step
    is lr b. Source: Tieleman & Hinton 2012."""

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ):
        super().__init__(params, lr, weight_decay, ("v", *(["mean"] * centered), *(["b"] * bool(momentum))))
        self.alpha = need_number(alpha, "alpha", below=1.0)
        self.eps = need_number(eps, "eps")
        self.momentum = need_number(momentum, "momentum")
        self.centered = centered

    def update(self, g: Array, lr: float) -> None:
        v = self.state["v"]
        v *= self.alpha
        v += (1 - self.alpha) * g * g
        variance = v
        if self.centered:
            mean = self.state["mean"]
            mean += (1 - self.alpha) * (g - mean)
            variance = v - mean * mean
        g /= np.sqrt(variance) + self.eps
        if self.momentum:
            b = self.state["b"]
            b *= self.momentum
            b += g
            g[...] = b
        g *= lr


class OptimizerRow(NamedTuple):
    """One row: the class, options besides lr that make it this row, the rule as LaTeX, the twin, the use.

    label: how plots and tables write the name, where that differs from `name`."""

    name: str
    opt: type[Optimizer]
    options: dict[str, Any]
    formula: str
    twin: str
    use: str
    label: str = ""

    def make(self, params: Mapping[str, Array], lr: float, **options: Any) -> Optimizer:
        """The optimizer of this row."""
        return self.opt(params, lr, **{**self.options, **options})


_ADAM = r"\theta \leftarrow \theta - \eta \, \frac{\hat m}{\sqrt{\hat v} + \epsilon}"
_ROWS = [
    OptimizerRow("sgd", SGD, {}, r"\theta \leftarrow \theta - \eta g", "torch.optim.SGD", "the plain rule", "SGD"),
    OptimizerRow(
        "momentum",
        SGD,
        {"momentum": 0.9},
        r"b \leftarrow \mu b + g, \quad \theta \leftarrow \theta - \eta b",
        "torch.optim.SGD",
        "convolutional networks, with a schedule",
    ),
    OptimizerRow(
        "nesterov",
        SGD,
        {"momentum": 0.9, "nesterov": True},
        r"b \leftarrow \mu b + g, \quad \theta \leftarrow \theta - \eta (g + \mu b)",
        "torch.optim.SGD",
        "momentum that looks ahead",
        "Nesterov",
    ),
    OptimizerRow(
        "rmsprop",
        RMSprop,
        {},
        r"v \leftarrow \alpha v + (1 - \alpha) g^2, \quad \theta \leftarrow \theta - \eta \frac{g}{\sqrt v + \epsilon}",
        "torch.optim.RMSprop",
        "recurrent networks; reinforcement learning",
        "RMSprop",
    ),
    OptimizerRow("adam", Adam, {}, _ADAM, "torch.optim.Adam", "the first thing to try", "Adam"),
    OptimizerRow(
        "adamw",
        AdamW,
        {},
        _ADAM + r" - \eta \lambda \theta",
        "torch.optim.AdamW",
        "transformers; Adam with weight decay",
        "AdamW",
    ),
]

OPTIMIZERS: dict[str, OptimizerRow] = {row.name: row for row in _ROWS}
