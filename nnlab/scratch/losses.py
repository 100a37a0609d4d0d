"""Loss functions: `forward(prediction, target)` gives a number, `backward()` its gradient."""

from __future__ import annotations

import numpy as np

from .activations import sigmoid, softmax
from .checks import Array, as_float, need_shape


class Loss:
    """`forward(prediction, target)` -> float, the mean over the batch; `backward()` -> d loss / d prediction."""

    def forward(self, prediction: Array, target: Array) -> float:
        raise NotImplementedError

    def backward(self) -> Array:
        raise NotImplementedError

    def __call__(self, prediction: Array, target: Array) -> float:
        return self.forward(prediction, target)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of logits z against targets t in [0, 1]: mean of max(z, 0) - z t + log(1 + e^-|z|).

    That form never takes log(0). Gradient: (sigmoid(z) - t) / n. Twin: `torch.nn.BCEWithLogitsLoss`."""

    def forward(self, prediction: Array, target: Array) -> float:
        z = as_float(prediction, "prediction")
        t = as_float(target, "target").astype(z.dtype, copy=False)
        need_shape(t, z.shape, "target")
        self._z, self._t = z, t
        return float(np.mean(np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z)))))

    def backward(self) -> Array:
        return (sigmoid(self._z) - self._t) / self._z.size


class CrossEntropyLoss(Loss):
    """Cross-entropy of logits (N, C) against integer labels (N,): mean of logsumexp(z) - z[label].

    Gradient: (softmax(z) - onehot) / N. Twin: `torch.nn.CrossEntropyLoss`."""

    def forward(self, prediction: Array, target: Array) -> float:
        z = as_float(prediction, "prediction")
        labels = np.asarray(target)
        if z.ndim != 2 or labels.shape != z.shape[:1] or labels.dtype.kind not in "iu":
            raise ValueError(
                f"Expected logits (N, C) and integer labels (N,); got {z.shape} and {labels.shape} of {labels.dtype}."
            )
        if labels.size and not (labels.min() >= 0 and labels.max() < z.shape[1]):
            raise ValueError(f"Labels should be from 0 to {z.shape[1] - 1}; got {labels.min()} to {labels.max()}.")
        self._z, self._labels = z, labels
        shifted = z - z.max(axis=1, keepdims=True)
        picked = shifted[np.arange(len(z)), labels]
        return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - picked))

    def backward(self) -> Array:
        dz = softmax(self._z)
        dz[np.arange(len(dz)), self._labels] -= 1
        return dz / len(dz)
