"""A patient of the clinic: training code that fails, its fix, and how a run of it is examined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from textwrap import dedent
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nnlab.chapters.c12_debugging_clinic.instruments import Instruments, Reading, UnreadableRunError

if TYPE_CHECKING:
    from torch import Tensor

IMPORTS = "import torch\nfrom sklearn.preprocessing import StandardScaler\nfrom torch import nn\n"  # of every patient
Train = Callable[..., Any]  # train(data, panel) -> what the patient's history says


@dataclass(frozen=True)
class Data:
    """What a run is given: training rows x, y and validation rows x_val, y_val. The first axis is the row."""

    x: Tensor
    y: Tensor
    x_val: Tensor
    y_val: Tensor

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.x, self.y, self.x_val, self.y_val))

    def copy(self) -> Data:
        """The same rows in tensors of their own."""
        return Data(*(t.clone() for t in self))

    def one_batch(self, rows: int = 32) -> Data:
        """As many training rows as before, but the first `rows` over and over: any sound run learns them by heart."""
        times = -(-len(self.x) // rows)
        x, y = (t[:rows].repeat(times, *[1] * (t.ndim - 1))[: len(t)] for t in (self.x, self.y))
        return replace(self, x=x, y=y)


@dataclass(frozen=True, eq=False)
class ExaminedRun:
    """A finished run: the instruments' readings, what it returned, its data, its code, and the fault that it names."""

    readings: list[Reading]
    result: Any
    data: Data
    train: Train
    fault: object = ""
    seed: int = 0

    @property
    def losses(self) -> np.ndarray:
        """The noted loss of each step, (steps,)."""
        return np.array([reading.loss for reading in self.readings])

    @property
    def final_loss(self) -> float:
        """Mean loss of the last tenth of the steps."""
        return float(np.mean(last_tenth(self.losses)))

    def predict(self, x: Tensor) -> Tensor:
        """The returned model's outputs, one row for each row of x, from the same random state in each call.

        Raises UnreadableRunError if the run returned no model, or one whose outputs have another shape.
        """
        import torch

        if not callable(self.result):
            returned = "None" if self.result is None else f"an object of type {type(self.result).__name__}"
            raise UnreadableRunError(f"train returned {returned}. Let it return what it returned when it arrived.")
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(0)
            outputs = torch.as_tensor(self.result(x))
        if outputs.ndim != 2 or len(outputs) != len(x):
            shape = tuple(outputs.shape)
            raise UnreadableRunError(
                f"What train returned should give a row of outputs for each row of x; it gave {shape}."
            )
        return outputs

    @cached_property
    def _with_other_validation(self) -> ExaminedRun:
        """A run of the same code, given training rows in place of the validation rows."""
        data = self.data
        rows = [i % len(data.x) for i in range(len(data.x_val))]
        return examine(self.train, replace(data, x_val=data.x[rows], y_val=data.y[rows]), self.seed)

    @cached_property
    def loss_leakage(self) -> float:
        """Share of the losses that change if the run is given other validation rows, which it must not learn from."""
        losses = self._with_other_validation.losses
        return changed_share(losses, self.losses) if len(losses) == len(self.losses) else 1.0

    @cached_property
    def output_leakage(self) -> float:
        """Share of the outputs for x_val that change if the run was given other validation rows."""
        x = self.data.x_val
        return changed_share(self._with_other_validation.predict(x).numpy(), self.predict(x).numpy())


def changed_share(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the numbers that differ, by more than 1e-4 of their size and 1e-6. Both of one shape."""
    return float(np.mean(~np.isclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True)))


def last_tenth(values: Any) -> Any:
    """The last tenth of a sequence, at least one value."""
    return values[-max(1, len(values) // 10) :]


def examine(train: Train, data: Data, seed: int = 0, max_steps: int | None = None) -> ExaminedRun:
    """Run `train(data, panel)` from this seed, with new instruments, in at most `max_steps` steps.

    Raises UnreadableRunError if nothing was noted or the data was changed, and whatever `train` raises.
    """
    import torch

    panel, given = Instruments(max_steps), data.copy()
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            result = train(given, panel)
    finally:
        panel.release()
    if not panel.readings:
        raise UnreadableRunError("No step was noted. Keep panel.watch(...) before the loop and panel.note(loss) in it.")
    if not all(map(torch.equal, given, data)):
        raise UnreadableRunError("It writes into the data that it was given. Make a new tensor instead.")
    return ExaminedRun(panel.readings, result, data, train, panel.fault, seed)


class Sign(NamedTuple):
    """Something to measure on an examined run, and the range in which it is healthy, both ends included."""

    label: str
    measure: Callable[[ExaminedRun], float]
    low: float = -inf
    high: float = inf

    def status(self, run: ExaminedRun) -> str:
        """ "healthy", "too low", "too high", or "not a number" for NaN."""
        value = self.measure(run)
        if np.isnan(value):
            return "not a number"
        slack = 1e-4 * abs(value)  # a gradient that was clipped at 30 has a norm of 30.000001
        return "too low" if value < self.low - slack else "too high" if value > self.high + slack else "healthy"

    def is_healthy(self, run: ExaminedRun) -> bool:
        """Whether the measured number lies in the healthy range."""
        return self.status(run) == "healthy"

    def report(self, run: ExaminedRun, before: ExaminedRun) -> str:
        """'loss at the end: 0.21 (was 2.3)', and the healthy range if it is not in it."""
        now, was = (f"{round(self.measure(each), 6):.3g}" for each in (run, before))
        text = f"{self.label}: {now} (was {was})"
        if self.is_healthy(run):
            return text
        if self.low == -inf:
            return f"{text}; it should be at most {self.high:g}"
        if self.high == inf:
            return f"{text}; it should be at least {self.low:g}"
        return f"{text}; it should be between {self.low:g} and {self.high:g}"


@dataclass(frozen=True, eq=False)
class Patient:
    """Broken training code as a learner could have written it.

    history: one or two sentences of its owner. fault: a name from FAULTS. broken: source of `train(data, panel)`.
    fix: pairs of a piece of this source and its replacement. symptom: what gives the fault away, shown after the
    exercise. make_data: makes its data, called once. signs: what is measured, the most telling first.
    """

    name: str
    history: str
    fault: str
    broken: str
    fix: tuple[tuple[str, str], ...]
    symptom: str
    make_data: Callable[[], Data]
    signs: tuple[Sign, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "broken", dedent(self.broken).strip())

    @cached_property
    def fixed(self) -> str:
        """The source as it should be. Raises ValueError if the fix replaces something that the source lacks."""
        source = self.broken
        for old, new in self.fix:
            if old not in source:
                raise ValueError(f"{self.name}: there is nothing to fix at {old!r}.")
            source = source.replace(old, new)
        return source

    @cached_property
    def data(self) -> Data:
        """Its rows."""
        return self.make_data()

    def train(self, fixed: bool = False) -> Train:
        """The function that the broken source defines, or the fixed one."""
        space: dict[str, Any] = {"__name__": f"patient {self.name}"}
        source = self.fixed if fixed else self.broken
        exec(compile(f"{IMPORTS}\n{source}", f"<patient {self.name}>", "exec", dont_inherit=True), space)
        return space["train"]

    @cached_property
    def before(self) -> ExaminedRun:
        """The run as it arrived."""
        return examine(self.train(), self.data)

    @cached_property
    def after(self) -> ExaminedRun:
        """The run with the fix."""
        return examine(self.train(fixed=True), self.data)
