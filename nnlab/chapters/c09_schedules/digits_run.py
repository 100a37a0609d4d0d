"""The real network of chapter 09: it learns digits of 14 by 14 pixels, hundreds of steps in a fraction of a second."""

from __future__ import annotations

import numpy as np

from nnlab.datasets.digits import small_digits
from nnlab.scratch import MLP, OPTIMIZERS, CrossEntropyLoss

Array = np.ndarray
BATCH = 16
MAX_LOSS = 20.0  # a run whose loss exceeds this has diverged


class DigitsTraining:
    """A network 196 - 32 - 10 in training with batches of 16: `step(lr)` takes one step, `validation()` gives the loss.

    The same seed gives the same first weights and the same batches, whatever the rates. Once `diverged`, it no longer
    changes. optimizer: a row of OPTIMIZERS."""

    def __init__(self, seed: int, optimizer: str = "momentum"):
        self.rng = np.random.default_rng(seed)
        self.net = MLP([196, 32, 10], "relu", rng=self.rng, dtype=np.float32)
        self.opt = OPTIMIZERS[optimizer].make(self.net.params, lr=1.0)
        self.loss = CrossEntropyLoss()
        self.losses: list[float] = []
        self.diverged = False

    def step(self, lr: float) -> None:
        """One step at this rate; the loss of its batch joins `losses`."""
        x, y, _, _ = small_digits()
        rows = self.rng.integers(len(x), size=BATCH)
        if not self.diverged:
            with np.errstate(over="ignore", invalid="ignore"):
                value = self.loss.forward(self.net.forward(x[rows]), y[rows])
                self.net.backward_params(self.loss.backward())
                self.opt.lr = lr
                self.opt.step(self.net.grads)
            self.diverged = not value <= MAX_LOSS  # true for NaN as well
        self.losses.append(MAX_LOSS if self.diverged else float(value))

    def validation(self) -> float:
        """The loss on the 1,000 digits that no step uses, at most `MAX_LOSS`."""
        _, _, x, y = small_digits()
        with np.errstate(over="ignore", invalid="ignore"):
            value = MAX_LOSS if self.diverged else float(self.loss.forward(self.net.forward(x), y))
        return value if value <= MAX_LOSS else MAX_LOSS


def smoothed(losses: Array, beta: float) -> Array:
    """(steps,) -> (steps,): the running mean m <- beta m + (1 - beta) loss, corrected for its start at 0 as in Adam."""
    out, mean = np.empty(len(losses)), 0.0
    for t, value in enumerate(losses):
        mean = beta * mean + (1 - beta) * float(value)
        out[t] = mean / (1 - beta ** (t + 1))
    return out
