"""A small training run that can be killed after any step and resumed from only part of its state."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from nnlab.datasets import moons

EPOCHS, STEPS = 4, 10  # steps an epoch
LENGTH = EPOCHS * STEPS
SAVED = ("weights", "optimizer", "schedule", "generator", "place")


class ResumableRun:
    """A small network on two moons: AdamW, a falling learning rate, dropout, and batches shuffled again each epoch.

    The order of an epoch follows from its number; `place` counts the batches of it that are done."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.net = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Dropout(0.2), nn.Linear(12, 2))
        self.opt = torch.optim.AdamW(self.net.parameters(), lr=0.05)
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, LENGTH)
        self.epoch = self.place = 0
        x, y = moons(200, seed=0)
        self.x, self.y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)

    def step(self) -> None:
        """One step on the next batch of 20 points."""
        order = torch.randperm(200, generator=torch.Generator().manual_seed(self.epoch))
        rows = order[20 * self.place : 20 * self.place + 20]
        loss = nn.functional.cross_entropy(self.net(self.x[rows]), self.y[rows])
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        self.schedule.step()
        self.place += 1
        if self.place == STEPS:
            self.epoch, self.place = self.epoch + 1, 0

    def loss(self) -> float:
        """Cross-entropy on all points, without dropout."""
        with torch.no_grad():
            loss = nn.functional.cross_entropy(self.net.eval()(self.x), self.y)
        self.net.train()
        return float(loss)

    def weights(self) -> torch.Tensor:
        """All parameters in one vector."""
        return torch.cat([p.detach().flatten() for p in self.net.parameters()])

    def state(self) -> dict[str, Any]:
        """What could be saved, under the names in SAVED, and the number of the epoch."""
        return deepcopy(
            {
                "weights": self.net.state_dict(),
                "optimizer": self.opt.state_dict(),
                "schedule": self.schedule.state_dict(),
                "generator": torch.get_rng_state(),
                "place": self.place,
                "epoch": self.epoch,
            }
        )

    def restore(self, state: dict[str, Any], saved: tuple[str, ...]) -> None:
        """Put back what was saved; the rest stays as in a process that has just begun."""
        self.epoch = state["epoch"]
        if "weights" in saved:
            self.net.load_state_dict(state["weights"])
        if "optimizer" in saved:
            self.opt.load_state_dict(deepcopy(state["optimizer"]))
        if "schedule" in saved:
            self.schedule.load_state_dict(state["schedule"])
            self.opt.param_groups[0]["lr"] = self.schedule.get_last_lr()[0]
        elif "optimizer" in saved:
            self.opt.param_groups[0]["lr"] = 0.05  # a new schedule sets its first rate
        if "generator" in saved:
            torch.set_rng_state(state["generator"])
        if "place" in saved:
            self.place = state["place"]


@lru_cache(maxsize=1)
def uninterrupted() -> tuple[list[dict[str, Any]], np.ndarray, torch.Tensor]:
    """The run that nothing interrupts, before and after each step: 41 states, losses (41,), weights (41, n)."""
    with torch.random.fork_rng(devices=[]):
        run = ResumableRun()
        states, losses, weights = [run.state()], [run.loss()], [run.weights()]
        for _ in range(LENGTH):
            run.step()
            states.append(run.state())
            losses.append(run.loss())
            weights.append(run.weights())
    return states, np.array(losses), torch.stack(weights)


@lru_cache(maxsize=256)
def resumed(step: int, saved: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """A run resumed at `step`, to the end: losses (41 - step,), and the largest error of a weight, (41 - step,)."""
    states, _, expected = uninterrupted()
    with torch.random.fork_rng(devices=[]):
        run = ResumableRun()
        run.restore(states[step], saved)
        losses, weights = [run.loss()], [run.weights()]
        for _ in range(step, LENGTH):
            run.step()
            losses.append(run.loss())
            weights.append(run.weights())
    return np.array(losses), (torch.stack(weights) - expected[step:]).abs().amax(dim=1).numpy()
