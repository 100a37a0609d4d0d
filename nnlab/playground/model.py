"""The Playground without its picture: values of the controls -> a network in training -> what there is to draw.

Pure: nothing here knows a kernel, a widget or a figure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.playground import settings
from nnlab.playground.data import EDGE, FEATURES, SETS, Points, drawn, features, split, targets
from nnlab.playground.engine import Engine, StepSettings, Weights, first_weights
from nnlab.playground.engines import loading, make_engine
from nnlab.playground.schedule import Factor
from nnlab.playground.target import Target
from nnlab.scratch import BCEWithLogitsLoss, MSELoss, sigmoid
from nnlab.scratch.activations import ACTIVATIONS

Array = NDArray[Any]
TILE, OUT = 20, 60  # points along one side of a neuron's response map, and of the large one


def _square(size: int) -> Array:
    """size x size points that cover the plane, rows from the top: a picture's order."""
    line = np.linspace(-EDGE, EDGE, size)
    u, v = np.meshgrid(line, line[::-1])
    return np.column_stack([u.ravel(), v.ravel()])


GRID = np.concatenate([_square(TILE), _square(OUT)])


@dataclass
class Training:
    """A network in training: its data, its engine, its progress. `advance` changes it in place."""

    points: Points
    names: list[str]
    activations: list[str]
    problem: str
    inputs: Array  # features of all points, then of GRID
    y: Array
    train: Array
    test: Array
    first: Weights
    engine: Engine | None  # None while there is nothing to train on
    factor: Factor
    rng: np.random.Generator
    order: Array = field(default_factory=lambda: np.empty(0, int))
    position: int = 0
    steps: int = 0
    epoch: int = 0
    history: list[tuple[float, float, float]] = field(default_factory=list)  # epoch, train loss, test loss
    batch_losses: list[float] = field(default_factory=list)  # of each step
    trouble: str = ""
    loading: bool = False  # PyTorch is being imported, and `begin` has to be called again after that
    pointed: Target | None = None  # what the mouse is at
    by_hand: set[tuple[int, int, int]] = field(default_factory=set)  # (layer, unit, source) of parameters set by hand

    @property
    def weights(self) -> Weights:
        """The present ones."""
        return self.engine.weights if self.engine else self.first


@dataclass
class Snapshot:
    """What the picture shows of a network in training."""

    values: settings.Values
    points: Points
    y: Array
    train: Array
    test: Array
    names: list[str]
    activations: list[str]
    problem: str
    maps: list[Array]  # one array (units, TILE, TILE) for each hidden layer
    answer: Array  # (OUT, OUT): what the network answers over the plane, -1 to 1
    shown: Target | None  # the neuron or input that is shown large in place of the answer
    large: Array  # (OUT, OUT): its response over the plane; the answer where none is
    pointed: Target | None  # what the mouse is at
    weights: Weights
    gradients: Weights | None
    sizes: list[float]  # root mean square of each layer's weight gradient; empty before the first step
    dead: list[Array]  # for each hidden layer, which units pass no gradient for any training point
    epoch: int
    steps: int
    train_loss: float | None  # None while there is nothing to learn from, or the loss is not finite
    test_loss: float | None
    accuracy: float | None  # of the test points; None for a regression
    history: list[tuple[float, float, float]]
    lr: float
    to_epoch: int  # steps until this epoch ends
    trouble: str
    loading: bool  # the trouble passes by itself
    by_hand: int  # how many weights and biases were set by hand in this run


def begin(array: Points | None = None, **values: Any) -> Training:
    """A fresh network on fresh data. `array` holds the learner's own arrays, for data="array"."""
    seed = values["seed"]
    if values["data"] == "array" and array is not None:
        points = array
    elif values["data"] == "drawn":
        points = drawn(values["drawn"])
    else:
        points = SETS[values["data"]](values["noise"] / 100, np.random.default_rng(seed))
    names, own = settings.inputs(values), settings.activations(values)
    problem, rng = values["problem"], np.random.default_rng([seed, 1])
    y = targets(points, problem)
    train, test = split(len(y), values["train_share"] / 100, rng)
    sizes = [len(names), *settings.hidden(values), 1]
    weights = first_weights(sizes, values["init"], np.random.default_rng([seed, 2]))
    inputs = features(np.concatenate([points.x, GRID]), names)
    factor = Factor(values["schedule"], values["horizon"])
    state = Training(points, names, own, problem, inputs, y, train, test, weights, None, factor, rng)
    state.trouble = _missing(names, y, problem)
    state.order = rng.permutation(train)
    if not state.trouble and values["engine"] == "pytorch" and loading():
        state.trouble, state.loading = "Loading PyTorch ...", True
    if not state.trouble:
        masks = np.random.default_rng([seed, 3])
        state.engine = make_engine(values["engine"], weights, own, problem, values["optimizer"], masks)
        _record(state)
    return state


def _missing(names: Sequence[str], y: Array, problem: str) -> str:
    if not names:
        return "A network needs an input: switch on at least one."
    if len(y) < 4 or (problem == "classification" and len(np.unique(y)) < 2):
        return "Draw points of both classes, at least four."
    return ""


def advance(state: Training, **values: Any) -> None:
    """Train on one mini-batch; after the last of an epoch, the losses are recorded and the schedule moves on."""
    if state.loading:
        time.sleep(0.01)  # the import needs this thread to let go
    if state.trouble or state.engine is None:
        return
    rows = state.order[state.position : state.position + values["batch_size"]]
    rate = values["rate"] if values["penalty"] != "none" else 0.0
    step_settings = StepSettings(values["lr"] * state.factor.now, values["penalty"], rate, values["dropout"])
    with np.errstate(all="ignore"):  # too large a learning rate ends in infinity, which is reported below
        loss = state.engine.step(state.inputs[rows], state.y[rows], step_settings)
    state.batch_losses.append(loss)
    state.steps += 1
    state.position += len(rows)
    if not np.isfinite(loss):
        state.trouble = "The numbers grew beyond all bounds. Lower the learning rate, then press Restart."
    elif state.position >= len(state.order):
        state.epoch += 1
        _record(state)
        state.factor.step(state.history[-1][1])
        state.order, state.position = state.rng.permutation(state.train), 0


def set_weight(state: Training, layer: int, unit: int, source: int, value: float) -> None:
    """Set one weight by hand, or the bias where source is -1; both count from 0. Training goes on from there."""
    weight, bias = state.weights[layer]
    if source < 0:
        bias[unit] = value  # the arrays are the engine's own
    else:
        weight[unit, source] = value
    state.by_hand.add((layer, unit, source))


def _record(state: Training) -> None:
    out = forward(state.weights, state.activations, state.inputs[: len(state.y)])[-1][1][:, 0]
    state.history.append((state.epoch, *_losses(state, out)))


def _losses(state: Training, out: Array) -> tuple[float, float]:
    """Mean loss on the training points and on the test points, of the network's raw outputs."""
    loss = BCEWithLogitsLoss() if state.problem == "classification" else MSELoss()
    with np.errstate(all="ignore"):
        train, test = (loss(out[rows], state.y[rows]) if len(rows) else np.nan for rows in (state.train, state.test))
    return train, test


def forward(weights: Weights, activations: Sequence[str], x: Array) -> list[tuple[Array, Array]]:
    """(sum, output) of every layer: z = a W^T + b, a = f(z), the last without f. Dropout is off."""
    layers = []
    with np.errstate(all="ignore"):
        for i, (w, b) in enumerate(weights):
            z = x @ w.T + b
            x = ACTIVATIONS[activations[i]].fn(z) if i < len(activations) else z
            layers.append((z, x))
    return layers


def now(state: Training, **values: Any) -> Snapshot:
    """What there is to see: one forward pass over all points and both grids, cut into maps, losses and dead units."""
    weights, gradients, n = state.weights, state.engine.gradients if state.engine else None, len(state.y)
    layers = forward(weights, state.activations, state.inputs)
    tile, out = slice(n, n + TILE**2), slice(n + TILE**2, None)
    maps = [a[tile].T.reshape(-1, TILE, TILE) for _, a in layers[:-1]]
    raw = layers[-1][1][:, 0]
    train_loss, test_loss = (None, None) if state.trouble else _losses(state, raw[:n])
    accuracy = None
    if state.problem == "classification":
        answer = 2 * sigmoid(raw[out]) - 1
        if not state.trouble:
            accuracy = float(((raw[:n] > 0) == state.y)[state.test].mean())
    else:
        answer = raw[out] / max(1.0, float(np.abs(state.y).max(initial=0)))
    answer = answer.reshape(OUT, OUT)
    shown, large = _shown(state, values), answer
    if shown and shown.kind == "input":
        large = features(GRID[TILE**2 :], [list(FEATURES)[shown.unit]])
        large = (large / np.abs(large).max()).reshape(OUT, OUT)
    elif shown:
        large = layers[shown.layer][1][out, shown.unit].reshape(OUT, OUT)
    return Snapshot(
        values=values,
        points=state.points,
        y=state.y,
        train=state.train,
        test=state.test,
        names=state.names,
        activations=state.activations,
        problem=state.problem,
        maps=maps,
        answer=answer,
        shown=shown,
        large=large,
        pointed=state.pointed,
        weights=weights,
        gradients=gradients,
        sizes=[float(np.sqrt(np.mean(dw * dw))) for dw, _ in gradients] if gradients else [],
        dead=[_dead(name, z[:n][state.train]) for name, (z, _) in zip(state.activations, layers, strict=False)],
        epoch=state.epoch,
        steps=state.steps,
        train_loss=train_loss,
        test_loss=test_loss,
        accuracy=accuracy,
        history=state.history,
        lr=values["lr"] * state.factor.now,
        to_epoch=-((state.position - len(state.order)) // values["batch_size"]),
        trouble=state.trouble,
        loading=state.loading,
        by_hand=len(state.by_hand),
    )


def _shown(state: Training, values: settings.Values) -> Target | None:
    """What is shown large: what the mouse is at, or else the neuron that is chosen by its controls."""
    if state.pointed and state.pointed.kind != "link":
        return state.pointed
    sizes = settings.hidden(values)
    layer = min(values["look_layer"], len(sizes))
    return Target("neuron", layer - 1, min(values["look_neuron"], sizes[layer - 1]) - 1) if layer else None


def _dead(activation: str, z: Array) -> Array:
    """Which units pass (almost) no gradient for any row: a ReLU that is never on, a sigmoid at its end."""
    row = ACTIVATIONS[activation]
    if row.backward is not None or not len(z):  # softmax: its units depend on each other
        return np.zeros(z.shape[1], bool)
    return np.abs(row.grad(np.nan_to_num(z))).max(axis=0) < 1e-6
