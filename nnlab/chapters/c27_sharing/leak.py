"""What a gradient tells: the digit that a client trained on, read back from the gradient of the first linear layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.scratch import MLP, CrossEntropyLoss
from nnlab.scratch.sharing.federated import clip_update

Array = NDArray[Any]
SIZES = (784, 32, 10)


def network(seed: int = 0) -> MLP:
    """The network whose gradient is sent: 784 -> 32 -> 10."""
    return MLP(SIZES, rng=np.random.default_rng(seed))


def gradient(net: MLP, x: Array, y: Array) -> dict[str, Array]:
    """Of the mean cross-entropy of a batch. x: (N, 784); y: (N,)."""
    loss = CrossEntropyLoss()
    loss(net(x), y)
    net.backward_params(loss.backward())
    return {name: g.copy() for name, g in net.grads.items()}


def read_back(grads: dict[str, Array]) -> Array:
    """The input, from the gradient of y = W x + b alone: dL/dW_j = dL/db_j x for every unit j, so

    x = sum_j dL/db_j dL/dW_j / sum_j (dL/db_j)^2

    Exact for one example; of a batch a mixture; zeros if no gradient reached the layer. -> (784,). Source: Phong et al.
    (2018), Section 3."""
    w, b = grads["0.weight"], grads["0.bias"]
    length = float(b @ b)
    return b @ w / length if length > 0 else np.zeros(w.shape[1])


def sent(grads: dict[str, Array], noise: float, rng: np.random.Generator) -> dict[str, Array]:
    """The gradient clipped to length 1, with Gaussian noise of this standard deviation in each number."""
    return {name: g + rng.normal(0, noise, g.shape) if noise else g for name, g in clip_update(grads, 1.0).items()}


def likeness(x: Array, found: Array) -> float:
    """The correlation of two pictures' pixels; 0 if one of them is flat."""
    a, b = x - x.mean(), found - found.mean()
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length > 0 else 0.0
