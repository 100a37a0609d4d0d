"""The present network as code that runs by itself, in NumPy or in PyTorch, with the same outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.playground.model import Snapshot
from nnlab.scratch.activations import ACTIVATIONS

_NUMPY_FEATURES = {
    "x1": "x1",
    "x2": "x2",
    "x1_squared": "x1**2",
    "x2_squared": "x2**2",
    "x1_x2": "x1 * x2",
    "sin_x1": "np.sin(x1)",
    "sin_x2": "np.sin(x2)",
}

# name: the lines that define it. One that is not here is taken from nnlab.
_NUMPY = {
    "identity": "def identity(z):\n    return z",
    "relu": "def relu(z):\n    return np.maximum(z, 0)",
    "leaky_relu": "def leaky_relu(z):\n    return np.where(z > 0, z, 0.01 * z)",
    "elu": "def elu(z):\n    return np.where(z > 0, z, np.expm1(np.minimum(z, 0)))",
    "sigmoid": "def sigmoid(z):\n    e = np.exp(-np.abs(z))\n    return np.where(z >= 0, 1, e) / (1 + e)",
    "tanh": "def tanh(z):\n    return np.tanh(z)",
    "softmax": "def softmax(z):\n    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
    "    return e / e.sum(axis=1, keepdims=True)",
    "silu": "def silu(z):\n    e = np.exp(-np.abs(z))\n    return z * np.where(z >= 0, 1, e) / (1 + e)",
    "gelu": "def gelu(z):\n    return z * (1 + np.vectorize(math.erf)(z / math.sqrt(2))) / 2",
}
_TORCH = {
    "identity": "nn.Identity()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "elu": "nn.ELU()",
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "softmax": "nn.Softmax(dim=1)",
    "silu": "nn.SiLU()",
    "gelu": "nn.GELU()",
}


def _array(a: Any) -> str:
    """Numbers with all their digits: read back, they are the same."""
    rows = np.asarray(a, float).tolist()
    if rows and isinstance(rows[0], list):
        return "[\n" + "".join(f"        {row},\n" for row in rows) + "    ]"
    return str(rows)


def _move(d: Snapshot) -> str:
    """The line that moves points of the learner's own data onto the plane, where they were moved."""
    if d.points.scale == 1 and d.points.centre == (0, 0):
        return ""
    (u, v), scale = d.points.centre, d.points.scale
    return f"    x1, x2 = (x1 - {u!r}) / {scale!r}, (x2 - {v!r}) / {scale!r}\n"


def _back(d: Snapshot) -> str:
    """What turns the network's numbers back into those of the learner's own data, where they were moved."""
    if d.problem == "classification" or (d.points.y_scale == 1 and d.points.y_centre == 0):
        return ""
    return f" * {d.points.y_scale!r} + {d.points.y_centre!r}"


def _meaning(d: Snapshot) -> str:
    if d.problem == "classification":
        return "the logit z of each point: class 1 where z > 0, with probability 1 / (1 + exp(-z))"
    return "the number that the network gives each point"


def numpy_code(d: Snapshot) -> str:
    """The source of a module with `network(x)`, x: (N, 2) -> (N,), in NumPy. An activation that is not spelled out here
    is imported from nnlab."""
    used = dict.fromkeys(d.activations)
    known = [name for name in used if name in _NUMPY]
    other = [name for name in used if name not in _NUMPY]
    lines = ["import math\n"] if "gelu" in used else []
    lines += ["import numpy as np\n"]
    if other:
        lines += ["from nnlab.scratch.activations import ACTIVATIONS\n"]
    lines += ["\n", "# (weight, bias) of each layer\nLAYERS = [\n"]
    lines += [f"    (np.array({_array(w)}), np.array({_array(b)})),\n" for w, b in d.weights]
    lines += ["]\n"]
    lines += [f"{name} = ACTIVATIONS[{name!r}].fn\n" for name in other]
    lines += [f"\n\n{_NUMPY[name]}\n" for name in known]
    lines += [f"\n\nACTIVATION = [{', '.join(d.activations)}]  # of each hidden layer\n" if d.activations else ""]
    lines += [f'\n\ndef network(x):\n    """x: (N, 2). Returns {_meaning(d)}."""\n']
    lines += ["    x1, x2 = x[:, 0], x[:, 1]\n", _move(d)]
    lines += [f"    a = np.column_stack([{', '.join(_NUMPY_FEATURES[name] for name in d.names)}])\n"]
    if d.activations:
        lines += ["    for (weight, bias), activation in zip(LAYERS, ACTIVATION):\n"]
        lines += ["        a = activation(a @ weight.T + bias)\n"]
    lines += ["    weight, bias = LAYERS[-1]\n", f"    return (a @ weight.T + bias)[:, 0]{_back(d)}\n"]
    lines += ["\n\nprint(network(np.array([[1.0, 2.0], [-3.0, 0.5]])))\n"]
    return "".join(lines)


def torch_code(d: Snapshot) -> str:
    """The source of a module with `network(x)`, x: (N, 2) -> (N,), in PyTorch, double precision."""
    other = [name for name in dict.fromkeys(d.activations) if name not in _TORCH]
    lines = ["import torch\n", "from torch import nn\n"]
    for name in other:
        row = ACTIVATIONS[name]
        options = "".join(f", {key}={p.default}" for key, p in row.params.items())
        lines += [f"\n\nclass {name.title().replace('_', '')}(nn.Module):\n    def forward(self, z):\n"]
        lines += [f"        return {row.twin}(z{options})\n"]
    lines += ["\n\nclass Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n"]
    lines += ["        self.layers = nn.Sequential(\n"]
    for i, (w, _) in enumerate(d.weights):
        lines += [f"            nn.Linear({w.shape[1]}, {w.shape[0]}),\n"]
        if i < len(d.activations):
            name = d.activations[i]
            lines += [f"            {_TORCH.get(name) or name.title().replace('_', '') + '()'},\n"]
    lines += ["        )\n\n    def forward(self, x):\n"]
    lines += [f'        """x: (N, 2). Returns {_meaning(d)}."""\n', "        x1, x2 = x[:, 0], x[:, 1]\n"]
    lines += ["    " + _move(d)] if _move(d) else []
    columns = ", ".join(_NUMPY_FEATURES[name].replace("np.", "torch.") for name in d.names)
    lines += [f"        return self.layers(torch.stack([{columns}], dim=1))[:, 0]{_back(d)}\n"]
    lines += ["\n\nnetwork = Network().double()\n", "parameters = [\n"]
    for w, b in d.weights:
        lines += [f"    {_array(w)},\n    {_array(b)},\n"]
    lines += ["]\nwith torch.no_grad():\n    for p, values in zip(network.parameters(), parameters):\n"]
    lines += ["        p.copy_(torch.tensor(values, dtype=torch.float64))\n"]
    lines += ["\nprint(network(torch.tensor([[1.0, 2.0], [-3.0, 0.5]], dtype=torch.float64)))\n"]
    return "".join(lines)
