"""The one mechanism of all exercises: what a learner's code does is compared with what the solution does.

To add an exercise, append one `Exercise` to EXERCISES in its chapter's module:

    Exercise(
        id="00.9",
        title="double",
        stub='''
            def double(x):
                "Return twice x, an array shaped like x."
                ...  # your code
            ''',
        hints=["A nudge: a question.", "The formula: 2·x", "The shape of the code: return ___ * x"],
        solution='''
            def double(x):
                return 2 * x
            ''',
        cases=[
            Case("every number is doubled", "double", (np.array([1.0, -3.0]),), expected=[2.0, -6.0], hint=2),
            Case("tables work too", "double", (np.ones((2, 3)),)),
        ],
        wrong={
            "square": Wrong("def double(x): return x**2", "You squared x. Twice x is x + x."),
        },
    )

A case calls the learner's object of that name, or any function `run(objects, *args)` where one call is not enough: for
a class, for two functions together, for a type. Where no `expected` is given, the solution says it. Inputs are copies;
writing into them is told. A wrong answer is its source, or the lines in which it differs from the solution, and a
message, no more: who fails as it does reads the message.
"""

from __future__ import annotations

import ast
import copy
import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from math import inf
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from nnlab.exercises.judge import (
    Outcome,
    Told,
    anatomy,
    and_list,
    attempt,
    block,
    difference,
    explain,
    kind,
    misfit,
    show,
    tidy,
    wrap,
)

FROM_SOLUTION = object()


class Wrong(NamedTuple):
    """A known wrong answer: its source (only what is wrong; the rest is the solution's) and what to say of it.

    Where a line or two of the solution make the mistake, {line: what stands there instead} is enough: lines are named
    without their indentation, which the new ones get too, and "" leaves the line out. The exercise makes a text of it.
    """

    source: Any
    message: str


class Report(NamedTuple):
    """What a check found. `mistake` names the wrong answer it recognised; `started` is false for untouched stubs."""

    text: str
    solved: bool = False
    started: bool = False
    mistake: str | None = None


@dataclass(eq=False)
class Case:
    """One thing that a right answer does. `why` says it to the learner; `hint` is the stage that helps here.

    With `quiet`, an overflow, a division by zero or an invalid number on the way is a failure too. `reads(value)` is
    what to say of the value that came, right or wrong, where expected and got would say too much or too little.
    """

    why: str
    call: str | Callable[..., Any]
    args: tuple[Any, ...] = ()
    expected: Any = FROM_SOLUTION
    hint: int = 1
    rtol: float = 1e-6
    atol: float = 1e-9
    quiet: bool = False
    reads: Callable[[Any], str] | None = None

    def run(self, objects: SimpleNamespace, inputs: list[str], seconds: float) -> Outcome:
        """Call the learner's code with copies of the inputs, for so many seconds at most."""
        args = copy.deepcopy(self.args)
        if isinstance(self.call, str):
            function = getattr(objects, self.call)
            if problem := misfit(function, self.call, inputs):
                return Outcome(error=Told(problem))
        else:
            function = partial(self.call, objects)
        outcome = attempt(function, args, seconds, self.quiet)
        trios, data = zip(inputs, self.args, args, strict=True), (np.ndarray, list, tuple, dict)
        changed = (name for name, old, new in trios if isinstance(old, data) and difference(old, new, 0, 0))
        return outcome._replace(changed=tuple(changed))

    def fault(self, right: Outcome, got: Outcome) -> str | None:
        """What is wrong with an outcome, in words; None if nothing is."""
        if right.error or got.error:  # a right answer raises nothing, but a known wrong one may
            same = type(right.error) is type(got.error) and str(right.error) == str(got.error)
            return None if same else explain(got.error)
        if found := difference(right.value, got.value, self.rtol, self.atol):
            return found
        if got.changed != right.changed:
            return f"It writes into its input {and_list(got.changed or right.changed)}. Make a new array instead."
        return None


@dataclass(eq=False)
class Exercise:
    """A task with its hints, its solution, its cases and the mistakes it knows; the module's docstring shows one."""

    id: str
    title: str
    stub: str
    hints: list[str]  # nudge, formula, shape of the code; the solution comes after them
    solution: str
    cases: list[Case]
    wrong: dict[str, Wrong] = field(default_factory=dict)
    seconds: float = 5.0

    def __post_init__(self) -> None:
        self.stub, self.solution = tidy(self.stub), tidy(self.solution)
        self.hints = [tidy(hint) for hint in self.hints]
        self.wrong = {
            name: Wrong(self.altered(source) if isinstance(source, dict) else tidy(source), message)
            for name, (source, message) in self.wrong.items()
        }

    @cached_property
    def names(self) -> list[str]:
        """The functions and classes to hand to `check`, in the stub's order."""
        kinds = (ast.FunctionDef, ast.ClassDef)
        return [node.name for node in ast.parse(self.stub).body if isinstance(node, kinds)]

    @cached_property
    def inputs(self) -> list[list[str]]:
        """For every case the names of its inputs."""
        stub = self.build(self.stub)
        calls = [getattr(stub, c.call) if isinstance(c.call, str) else partial(c.call, stub) for c in self.cases]
        return [[*inspect.signature(f).parameters][: len(c.args)] for f, c in zip(calls, self.cases, strict=True)]

    @cached_property
    def right(self) -> list[Outcome]:
        """For every case what should come of it."""
        found = []
        for case, got in zip(self.cases, self.outcomes(self.build(self.solution), inf), strict=True):
            if got.error:
                raise RuntimeError(f"The solution of {self.id} fails where {case.why}") from got.error
            found.append(got if case.expected is FROM_SOLUTION else got._replace(value=case.expected))
        return found

    @cached_property
    def mistakes(self) -> dict[str, list[Outcome]]:
        """For every wrong answer what comes of each case."""
        return {name: list(self.outcomes(self.build(w.source), self.seconds)) for name, w in self.wrong.items()}

    def altered(self, swaps: dict[str, str]) -> str:
        """The solution with other lines in the place of some."""
        lines = self.solution.split("\n")
        for old, new in swaps.items():
            if [line.strip() for line in lines].count(old) != 1:
                raise ValueError(f"{self.id}: the solution should have one line {old!r}.")
            at = [line.strip() for line in lines].index(old)
            indent = lines[at].removesuffix(old)
            lines[at : at + 1] = [indent + line for line in new.split("\n")] if new else []
        return "\n".join(lines)

    def build(self, source: str) -> SimpleNamespace:
        """Execute a source; what it does not define is the solution's. The objects are attributes of the result."""
        space: dict[str, Any] = {"np": np, "__name__": f"exercise_{self.id}"}
        for text in (self.solution, source):
            exec(compile(text, f"<exercise {self.id}>", "exec", dont_inherit=True), space)
        return SimpleNamespace(**{name: space[name] for name in self.names})

    def outcomes(self, objects: SimpleNamespace, seconds: float) -> Iterator[Outcome]:
        """What comes of case after case, within so many seconds for all together."""
        end = time.monotonic() + seconds
        for case, inputs in zip(self.cases, self.inputs, strict=True):
            yield case.run(objects, inputs, end - time.monotonic())

    def agreement(self, name: str, outcomes: list[Outcome]) -> int:
        """In how many of these first cases a known wrong answer does the same."""
        trios = zip(self.cases, self.mistakes[name], outcomes, strict=False)
        return sum(case.fault(mistaken, got) is None for case, mistaken, got in trios)

    def recognise(self, seen: list[Outcome], rest: Iterator[Outcome]) -> str | None:
        """The wrong answer that does the same in all cases seen; of several, the one most alike in the rest."""
        alike = [name for name in self.wrong if self.agreement(name, seen) == len(seen)]
        outcomes = [*seen, *rest] if len(alike) > 1 else seen
        return max(alike, key=lambda name: self.agreement(name, outcomes), default=None)

    def check(self, *objects: Any) -> Report:
        """Try the learner's objects and say what was found. What they raise is told, never raised."""
        if problem := self.misuse(objects):
            return Report(wrap(problem))
        if {getattr(thing, "__name__", None) for thing in objects} == set(self.names):
            objects = tuple(sorted(objects, key=lambda thing: self.names.index(thing.__name__)))
        space = SimpleNamespace(**dict(zip(self.names, objects, strict=True)))
        stub = self.build(self.stub)
        untouched = [name for name in self.names if anatomy(getattr(space, name)) == anatomy(getattr(stub, name))]
        if untouched == self.names:
            todo = f"not started yet. Fill in {and_list(self.names)} above and run the cell again."
            return Report(wrap(f'{self.id} {self.title}: {todo}\nFirst hint: hint("{self.id}")'))

        passed: list[str] = []
        seen: list[Outcome] = []
        outcomes = self.outcomes(space, self.seconds)
        for case, right, got in zip(self.cases, self.right, outcomes, strict=True):
            seen.append(got)
            if found := case.fault(right, got):
                break
            passed.append(wrap(f"✓ {case.why}", "  "))
            if case.reads and (text := case.reads(got.value)):
                passed.append(wrap(text, "    "))
        else:
            return Report("\n".join([f"✓ {self.id} {self.title}: solved", *passed]), solved=True, started=True)

        lines = [f"✗ {self.id} {self.title}: not yet", *passed, wrap(f"✗ {case.why}", "  ")]
        mistake = None
        if case.call in untouched and not got.error:
            lines.append(f"    {case.call} is not started yet.")
        else:
            if case.reads:
                lines.append(wrap(found if got.error else case.reads(got.value), "    "))
            else:
                lines += [describe(case, self.inputs[len(seen) - 1], right, got), wrap(found, "    ")]
            if mistake := self.recognise(seen, outcomes):
                lines.append(wrap(self.wrong[mistake].message, "  "))
        lines.append(f'  Hint for this: hint("{self.id}", {case.hint})')
        return Report("\n".join(lines), started=True, mistake=mistake)

    def misuse(self, objects: tuple[Any, ...]) -> str | None:
        """What is wrong with the call of `check` itself, if anything is."""
        call = f'check("{self.id}", {", ".join(self.names)})'
        if len(objects) != len(self.names):
            return f"{self.id} checks {and_list(self.names)}, but {len(objects) or 'nothing'} came. Write {call}"
        for name, given in zip(self.names, objects, strict=True):
            if not callable(given):
                return f"Expected {name} itself, got {kind(given)}. Pass its name without brackets: {call}"
        return None


def describe(case: Case, inputs: list[str], right: Outcome, got: Outcome) -> str:
    """The call, its inputs, what should come and what came."""
    lines = [f"    {case.call}({', '.join(inputs)}) with"] if isinstance(case.call, str) and inputs else []
    lines += [block(f"{name} =", value, indent=6) for name, value in zip(inputs, case.args, strict=True)]
    if got.error:
        return "\n".join([*lines, block("expected", right.value)])
    digits = next((n for n in (6, 9, 12, 17) if show(right.value, n) != show(got.value, n)), 6)
    lines += [block("expected", right.value, digits=digits), block("got     ", got.value, digits=digits)]
    return "\n".join(lines)
