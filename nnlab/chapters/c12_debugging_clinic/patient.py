"""A patient of the clinic: a training that fails, what it should look like when mended, and how it is examined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from textwrap import dedent
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nnlab.chapters.c12_debugging_clinic.instruments import Instruments, Reading, Unreadable

if TYPE_CHECKING:
    from torch import Tensor

IMPORTS = "import torch\nfrom sklearn.preprocessing import StandardScaler\nfrom torch import nn\n"  # of every patient
Train = Callable[..., Any]  # train(data, panel) -> what the patient's history says


@dataclass(frozen=True)
class Data:
    """What a training gets: rows to train on, rows to measure on."""

    x: Tensor
    y: Tensor
    x_val: Tensor
    y_val: Tensor

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.x, self.y, self.x_val, self.y_val))

    def copy(self) -> Data:
        return Data(*(t.clone() for t in self))

    def one_batch(self, rows: int = 32) -> Data:
        """As many rows as before, but the first `rows` over and over: what any sound training learns by heart."""
        times = -(-len(self.x) // rows)
        x, y = (t[:rows].repeat(times, *[1] * (t.ndim - 1))[: len(t)] for t in (self.x, self.y))
        return replace(self, x=x, y=y)


@dataclass(frozen=True, eq=False)
class Examined:
    """A training that was run: what the instruments read, what it returned, what it was given, what it says ails it."""

    readings: list[Reading]
    result: Any
    data: Data
    train: Train
    fault: object = ""
    seed: int = 0

    @property
    def losses(self) -> np.ndarray:
        return np.array([reading.loss for reading in self.readings])

    @property
    def end(self) -> float:
        """Mean loss of the last tenth of the steps."""
        return float(np.mean(last_tenth(self.losses)))

    def answers(self, x: Tensor) -> Tensor:
        """What the returned model says of these rows, the same each time it is asked."""
        import torch

        if not callable(self.result):
            returned = "None" if self.result is None else f"an object of type {type(self.result).__name__}"
            raise Unreadable(f"train returned {returned}. Let it return what it returned when it came.")
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(0)
            answers = torch.as_tensor(self.result(x))
        if answers.ndim != 2 or len(answers) != len(x):
            shape = tuple(answers.shape)
            raise Unreadable(f"What train returned should give a row of outputs for each row of x; it gave {shape}.")
        return answers

    @cached_property
    def _elsewhere(self) -> Examined:
        """The same training, given rows to train on in the place of those to measure on."""
        data = self.data
        rows = [i % len(data.x) for i in range(len(data.x_val))]
        return examine(self.train, replace(data, x_val=data.x[rows], y_val=data.y[rows]), self.seed)

    @cached_property
    def peeks(self) -> float:
        """Share of the losses that are others when the validation rows are others: 0 if it learns nothing from them."""
        losses = self._elsewhere.losses
        return changed(losses, self.losses) if len(losses) == len(self.losses) else 1.0

    @cached_property
    def swayed(self) -> float:
        """Share of the same outputs that are others when the validation rows given to the training were others."""
        x = self.data.x_val
        return changed(self._elsewhere.answers(x).numpy(), self.answers(x).numpy())


def changed(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the numbers that are not the same."""
    return float(np.mean(~np.isclose(one, other, rtol=1e-4, atol=1e-6, equal_nan=True)))


def last_tenth(values: Any) -> Any:
    return values[-max(1, len(values) // 10) :]


def examine(train: Train, data: Data, seed: int = 0, most: int | None = None) -> Examined:
    """Run `train(data, panel)` from this seed, with fresh instruments, in at most so many steps.

    Raises Unreadable where nothing was noted or the data was changed, and whatever `train` raises.
    """
    import torch

    panel, given, threads = Instruments(most), data.copy(), torch.get_num_threads()
    torch.set_num_threads(1)  # networks this small only wait for each other's threads, long where cores are busy
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            result = train(given, panel)
    finally:
        panel.release()
        torch.set_num_threads(threads)
    if not panel.readings:
        raise Unreadable("No step was noted. Keep panel.watch(...) before the loop and panel.note(loss) in it.")
    if not all(map(torch.equal, given, data)):
        raise Unreadable("It writes into the data that it was given. Make a new tensor instead.")
    return Examined(panel.readings, result, data, train, panel.fault, seed)


class Sign(NamedTuple):
    """Something to measure on an examined training, and the range in which it is healthy."""

    words: str
    measure: Callable[[Examined], float]
    low: float = -inf
    high: float = inf

    def state(self, seen: Examined) -> str:
        """ "well", "too low", "too high", or "no number" for NaN."""
        value = self.measure(seen)
        if np.isnan(value):
            return "no number"
        slack = 1e-4 * abs(value)  # a gradient that was clipped at 30 is 30.000001 long
        return "too low" if value < self.low - slack else "too high" if value > self.high + slack else "well"

    def healthy(self, seen: Examined) -> bool:
        return self.state(seen) == "well"

    def says(self, seen: Examined, before: Examined) -> str:
        """'loss at the end: 0.21 (was 2.3)', and what it should be where it is not."""
        now, was = (f"{round(self.measure(one), 6):.3g}" for one in (seen, before))
        text = f"{self.words}: {now} (was {was})"
        if self.healthy(seen):
            return text
        if self.low == -inf:
            return f"{text}; it should be at most {self.high:g}"
        if self.high == inf:
            return f"{text}; it should be at least {self.low:g}"
        return f"{text}; it should be between {self.low:g} and {self.high:g}"


@dataclass(frozen=True, eq=False)
class Patient:
    """A broken training as a learner could have written it.

    history: one or two sentences of whoever brings it. fault: a name out of FAULTS. broken: source of
    `train(data, panel)`. mend: what to replace in it, by what. tell: what gives the fault away, for who has solved it.
    make_data: its data, made once. signs: what is measured, the most telling first.
    """

    name: str
    history: str
    fault: str
    broken: str
    mend: tuple[tuple[str, str], ...]
    tell: str
    make_data: Callable[[], Data]
    signs: tuple[Sign, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "broken", dedent(self.broken).strip())

    @cached_property
    def mended(self) -> str:
        """The source of the training as it should be."""
        source = self.broken
        for old, new in self.mend:
            if old not in source:
                raise ValueError(f"{self.name}: there is nothing to mend at {old!r}.")
            source = source.replace(old, new)
        return source

    @cached_property
    def data(self) -> Data:
        return self.make_data()

    def train(self, mended: bool = False) -> Train:
        """The function that one of the sources defines."""
        space: dict[str, Any] = {"__name__": f"patient {self.name}"}
        source = self.mended if mended else self.broken
        exec(compile(f"{IMPORTS}\n{source}", f"<patient {self.name}>", "exec", dont_inherit=True), space)
        return space["train"]

    @cached_property
    def before(self) -> Examined:
        """How it came."""
        return examine(self.train(), self.data)

    @cached_property
    def after(self) -> Examined:
        """How it goes with the solution."""
        return examine(self.train(mended=True), self.data)
