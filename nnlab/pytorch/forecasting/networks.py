"""Networks that forecast: an MLP, an LSTM, a GRU and a causal convolution with the same inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from nnlab.checks import Array, need_number, need_size, pick
from nnlab.datasets.time_series import SeriesWindows

from ..device import device
from ..training import tensors, train
from .forecaster import CALENDAR, DAY, Forecaster, calendar, yesterday
from .intervals import QuantileLoss

CELLS = ("mlp", "lstm", "gru", "conv")


class CausalConv(nn.Module):
    """Convolutions of 3 values that look back 1, 2, 4, ... steps: padded at the left only, so an output never reads
    what comes after it. x: (N, L, channels in) -> the state after the last step, (N, hidden)."""

    def __init__(self, channels: int, hidden: int, length: int):
        super().__init__()
        self.layers, reach = nn.ModuleList(), 1
        while reach < length:
            dilation = 2 ** len(self.layers)
            self.layers.append(nn.Conv1d(hidden if len(self.layers) else channels, hidden, 3, dilation=dilation))
            reach += 2 * dilation

    def steps(self, x: torch.Tensor) -> torch.Tensor:
        """The state after every step: (N, L, channels in) -> (N, L, hidden)."""
        y = x.transpose(1, 2)
        for k, layer in enumerate(self.layers):
            out = torch.relu(layer(nn.functional.pad(y, (2 * 2**k, 0))))
            y = out + y if k else out  # a shortcut, as in a residual network
        return y.transpose(1, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.steps(x)[:, -1]


class ForecastNetwork(nn.Module):
    """Past and calendar in, `outputs` numbers out. x: (N, length + extra), the past first -> (N, outputs).

    cell: "mlp" reads the past at once, "lstm", "gru" and "conv" step by step. by: values a step, 1 an hour, 24 a day.
    extra: columns of the calendar, which join the state after the last step; 0 for none.

    Raises ValueError for an unknown cell and for a length that is no multiple of `by`."""

    def __init__(self, cell: str, length: int, outputs: int, *, hidden: int = 32, by: int = 1, extra: int = CALENDAR):
        super().__init__()
        pick(dict.fromkeys(CELLS), cell, "cell")
        if length % need_size(by, "by"):
            raise ValueError(f"by={by} should divide the length {length}: every step reads as many values.")
        self.cell, self.length, self.by = cell, length, by
        if cell == "mlp":
            self.reader: nn.Module = nn.Sequential(nn.Linear(length + extra, hidden), nn.ReLU())
        elif cell == "conv":
            self.reader = CausalConv(by, hidden, length // by)
        else:
            self.reader = {"lstm": nn.LSTM, "gru": nn.GRU}[cell](by, hidden, batch_first=True)
        joined = hidden if cell == "mlp" else hidden + extra
        self.head = nn.Sequential(nn.Linear(joined, hidden), nn.ReLU(), nn.Linear(hidden, outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.cell == "mlp":
            return self.head(self.reader(x))
        past, extra = x[:, : self.length], x[:, self.length :]
        steps = past.reshape(len(x), -1, self.by)
        state = self.reader(steps) if self.cell == "conv" else self.reader(steps)[0][:, -1]
        return self.head(torch.cat([state, extra], dim=1))


class NetworkForecaster(Forecaster):
    """A network behind `fit` and `forecast`. Everything it is scaled by comes from the history that it is fitted on.

    residual: forecast the change since the same hour of the day before, not the load. calendar: hand it the calendar.
    levels: quantile levels such as (0.1, 0.5, 0.9); then the loss is the pinball loss and `quantiles` gives all of
    them, sorted, `forecast` the one nearest to 0.5. Else the loss is the MAE. by, hidden: as in `ForecastNetwork`.
    epochs, lr, batch_size, seed: Adam with a one-cycle schedule; the seed decides weights and order.
    """

    def __init__(
        self,
        cell: str = "mlp",
        length: int = 168,
        horizon: int = DAY,
        *,
        residual: bool = True,
        calendar: bool = True,
        levels: tuple[float, ...] = (),
        hidden: int = 64,
        by: int = 1,
        epochs: int = 30,
        lr: float = 0.003,
        batch_size: int = 32,
        step: int = DAY,
        seed: int = 0,
    ):
        super().__init__(need_size(length, "length", DAY), horizon, step)
        epochs, batch_size = need_size(epochs, "epochs"), need_size(batch_size, "batch_size")
        lr = need_number(lr, "lr")
        need_size(hidden, "hidden")
        self.residual, self.calendar, self.levels = residual, calendar, levels
        self.loss: Any = QuantileLoss(levels) if levels else nn.functional.l1_loss
        self.network: dict[str, Any] = {"cell": cell, "hidden": hidden, "by": by, "extra": CALENDAR if calendar else 0}
        self.epochs, self.lr, self.batch_size, self.seed = epochs, lr, batch_size, seed
        self._new()

    def _new(self) -> None:
        with torch.random.fork_rng(devices=[]):  # the caller's generator stays where it is
            torch.manual_seed(self.seed)
            outputs = self.horizon * max(1, len(self.levels))
            self.net = ForecastNetwork(length=self.length, outputs=outputs, **self.network)

    def _learn(self, load: Array, found: SeriesWindows, start: Array) -> None:
        self.scale = self._scales(load, found)
        base, unit = self._base(found.x)
        data = tensors(self._inputs(found.x, start), (found.y - base) / unit)
        self._new()
        opt = torch.optim.Adam(self.net.parameters(), lr=self.lr)
        steps = self.epochs * -(-len(data) // self.batch_size)
        plan = torch.optim.lr_scheduler.OneCycleLR(opt, self.lr, total_steps=steps)
        words: dict[str, Any] = dict(epochs=self.epochs, batch_size=self.batch_size, seed=self.seed, loss=self.loss)
        # measured on the data it is trained on: the number of epochs was chosen before, on months of their own
        train(self.net, data, data, opt, schedule=plan, clip=1.0, progress=False, **words)

    def restore(self, weights: Mapping[str, Array]) -> NetworkForecaster:
        """Take a fitted network's weights, as `nnlab.datasets.forecaster_weights` gives them, instead of `fit`.

        Raises RuntimeError (PyTorch's) if they are those of another network."""
        if "scale" not in weights:
            raise ValueError(f"weights should have a scale beside the network's parameters, got {', '.join(weights)}.")
        mean, std, change = weights["scale"].tolist()
        self.scale = mean, std, change
        found = {name: torch.tensor(value) for name, value in weights.items() if name != "scale"}
        self.net.load_state_dict(found)
        self.fitted = True
        return self

    def _scales(self, load: Array, found: SeriesWindows) -> tuple[float, float, float]:
        """Mean and standard deviation of the load, and the standard deviation of the change since yesterday."""
        return float(load.mean()), float(load.std()), float((found.y - yesterday(found.x, self.horizon)).std()) or 1.0

    def _base(self, past: Array) -> tuple[Any, float]:
        """What is added to the network's answer, and the unit of that answer."""
        mean, std, change = self.scale
        return (yesterday(past, self.horizon), change) if self.residual else (mean, std)

    def _inputs(self, past: Array, start: Array) -> Array:
        mean, std, _ = self.scale
        return np.column_stack([(past - mean) / std, *([calendar(start)] if self.calendar else [])])

    def _raw(self, past: Array, start: Array) -> Array:
        x = torch.tensor(self._inputs(past, start), dtype=torch.float32)
        self.net.to(device()).eval()
        with torch.no_grad():
            y = torch.cat([self.net(part.to(device())).cpu() for part in x.split(1024)])
        return np.asarray(y.double().numpy().reshape(len(past), self.horizon, -1))

    def quantiles(self, past: Any, start: Any) -> Array:
        """-> (N, horizon, levels), rising along the last axis: where the network's quantiles cross, they are sorted."""
        if not self.levels:
            raise ValueError("This network was given no levels: NetworkForecaster(levels=(0.1, 0.5, 0.9)).")
        past, start = self._checked(past, start)
        if not len(past):
            return np.empty((0, self.horizon, len(self.levels)))
        base, unit = self._base(past)
        return np.sort(np.expand_dims(base, -1) + unit * self._raw(past, start), axis=2)

    def _answer(self, past: Array, start: Array) -> Array:
        if self.levels:
            return self.quantiles(past, start)[:, :, int(np.argmin(np.abs(np.array(self.levels) - 0.5)))]
        base, unit = self._base(past)
        return np.asarray(base + unit * self._raw(past, start)[:, :, 0])
