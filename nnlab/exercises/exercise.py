"""The one mechanism of all exercises: what a learner's code does is compared with what the solution does.

To add the exercise 00.9, add a module `ex9_double.py` to its chapter's folder, and in it:

    EXERCISE = Exercise(
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
        also_right=["def double(x): return x + x"],
    )

A case calls the learner's object of that name, or any function `run(objects, *args)` where one call is not enough: for
a class, for two functions together, for a type. Where no `expected` is given, the solution's value is expected. Inputs
are copies; writing into them is reported. A wrong answer is its source, or the lines in which it differs from the
solution, and a message: if a learner's code fails in the same way, the learner reads that message. `also_right` holds
other ways to write a right answer, again as a source or as lines that differ; tests check that each of them passes.
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

from nnlab.exercises.judge import difference
from nnlab.exercises.running import ExplainedError, Outcome, attempt, bytecode, explain, noted, signature_problem
from nnlab.exercises.wording import and_list, dedent, describe_kind, format_value, labelled, wrap

FROM_SOLUTION = object()
FLOAT32: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-6}  # for a case that is also right when computed in float32

Swaps = dict[str, str]


class Wrong(NamedTuple):
    """A known wrong answer: its source (only what is wrong; the rest is the solution's) and the message it earns.

    Where the mistake is in a line or two of the solution, {line: its replacement} is enough: lines are given without
    their indentation, which the new ones get too, and "" leaves the line out. The exercise turns it into a source.
    """

    source: Any  # str or Swaps when declared; a str once it belongs to an Exercise
    message: str


class Report(NamedTuple):
    """What a check found. `mistake` names the wrong answer it recognised; `started` is false for untouched stubs."""

    text: str
    solved: bool = False
    started: bool = False
    mistake: str | None = None


@dataclass(eq=False)
class Case:
    """One thing that a right answer does. `why` names it for the learner; `hint` is the stage that helps here.

    call: the name of the learner's object to call with `args`, or a function that is called with (objects, *args).
    expected: the right value; if not given, the solution's. rtol, atol: how close is right, as in `np.isclose`.
    fail_on_overflow: an overflow, a division by zero or an invalid number on the way is a failure too.
    summary: text about the learner's value, right or wrong, shown where expected and got would say too much or too
    little.
    """

    why: str
    call: str | Callable[..., Any]
    args: tuple[Any, ...] = ()
    expected: Any = FROM_SOLUTION
    hint: int = 1
    rtol: float = 1e-6
    atol: float = 1e-9
    fail_on_overflow: bool = False
    summary: Callable[[Any], str] | None = None

    def run(self, objects: SimpleNamespace, inputs: list[str], seconds: float) -> Outcome:
        """Call the learner's code with copies of the inputs, for at most `seconds`."""
        args = copy.deepcopy(self.args)
        nothing: list[str] = []
        if isinstance(self.call, str):
            function = getattr(objects, self.call)
            if problem := signature_problem(function, self.call, inputs):
                return Outcome(error=ExplainedError(problem))
        else:
            objects, nothing = noted(objects)
            function = partial(self.call, objects)
        outcome = attempt(function, args, seconds, self.fail_on_overflow)
        trios, data = zip(inputs, self.args, args, strict=True), (np.ndarray, list, tuple, dict)
        changed = (name for name, old, new in trios if isinstance(old, data) and difference(old, new, 0, 0))
        return outcome._replace(changed=tuple(changed), nothing=tuple(nothing))

    def failure(self, right: Outcome, got: Outcome) -> str | None:
        """What is wrong with an outcome, in words; None if nothing is wrong."""
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
    """A task with its hints, its solution, its cases and the mistakes it knows; the module's docstring shows one.

    hints: a nudge, the formula, the shape of the code; the solution comes after them. wrong: name of a known mistake
    -> `Wrong`. also_right: right answers written differently. seconds: the time limit for all cases together.
    Raises ValueError if lines of a wrong or right answer do not belong to the solution.
    """

    id: str
    title: str
    stub: str
    hints: list[str]
    solution: str
    cases: list[Case]
    wrong: dict[str, Wrong] = field(default_factory=dict)
    also_right: list[Any] = field(default_factory=list)  # str or Swaps when declared, then str
    seconds: float = 5.0

    def __post_init__(self) -> None:
        self.stub, self.solution = dedent(self.stub), dedent(self.solution)
        self.hints = [dedent(hint) for hint in self.hints]
        self.wrong = {name: Wrong(self._source(source), message) for name, (source, message) in self.wrong.items()}
        self.also_right = [self._source(answer) for answer in self.also_right]

    def _source(self, answer: str | Swaps) -> str:
        return dedent(answer) if isinstance(answer, str) else self._swapped(answer)

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
    def expected(self) -> list[Outcome]:
        """The right outcome of every case. Raises RuntimeError if the solution fails."""
        found = []
        for case, got in zip(self.cases, self.outcomes(self.build(self.solution), inf), strict=True):
            if got.error:
                raise RuntimeError(f"The solution of {self.id} fails where {case.why}") from got.error
            found.append(got if case.expected is FROM_SOLUTION else got._replace(value=case.expected))
        return found

    @cached_property
    def wrong_outcomes(self) -> dict[str, list[Outcome]]:
        """For every known wrong answer its outcome of each case."""
        return {name: list(self.outcomes(self.build(w.source), self.seconds)) for name, w in self.wrong.items()}

    def _swapped(self, swaps: Swaps) -> str:
        """The solution with some of its lines replaced."""
        lines = self.solution.split("\n")
        for old, new in swaps.items():
            if [line.strip() for line in lines].count(old) != 1:
                raise ValueError(f"{self.id}: the solution should have one line {old!r}.")
            at = [line.strip() for line in lines].index(old)
            indent = lines[at].removesuffix(old)
            lines[at : at + 1] = [indent + line for line in new.split("\n")] if new else []
        return "\n".join(lines)

    def build(self, source: str) -> SimpleNamespace:
        """Execute a source; what it does not define is the solution's. Its objects become attributes of the result."""
        space: dict[str, Any] = {"np": np, "__name__": f"exercise_{self.id}"}
        for text in (self.solution, source):
            exec(compile(text, f"<exercise {self.id}>", "exec", dont_inherit=True), space)
        return SimpleNamespace(**{name: space[name] for name in self.names})

    def outcomes(self, objects: SimpleNamespace, seconds: float) -> Iterator[Outcome]:
        """The outcome of one case after another, within `seconds` for all of them together."""
        end = time.monotonic() + seconds
        for case, inputs in zip(self.cases, self.inputs, strict=True):
            yield case.run(objects, inputs, end - time.monotonic())

    def agreement(self, name: str, outcomes: list[Outcome]) -> int:
        """In how many of these first cases the known wrong answer `name` has the same outcome."""
        trios = zip(self.cases, self.wrong_outcomes[name], outcomes, strict=False)
        return sum(case.failure(mistaken, got) is None for case, mistaken, got in trios)

    def recognise(self, seen: list[Outcome], rest: Iterator[Outcome]) -> str | None:
        """The wrong answer with the same outcome in all cases seen; of several, the one most alike in the rest."""
        alike = [name for name in self.wrong if self.agreement(name, seen) == len(seen)]
        outcomes = [*seen, *rest] if len(alike) > 1 else seen
        return max(alike, key=lambda name: self.agreement(name, outcomes), default=None)

    def check(self, *objects: Any) -> Report:
        """Try the learner's objects and report what was found. What they raise is reported, never raised."""
        if problem := self._call_problem(objects):
            return Report(wrap(problem))
        if {getattr(thing, "__name__", None) for thing in objects} == set(self.names):
            objects = tuple(sorted(objects, key=lambda thing: self.names.index(thing.__name__)))
        space = SimpleNamespace(**dict(zip(self.names, objects, strict=True)))
        stub = self.build(self.stub)
        untouched = [name for name in self.names if bytecode(getattr(space, name)) == bytecode(getattr(stub, name))]
        if untouched == self.names:
            todo = f"not started yet. Fill in {and_list(self.names)} above and run the cell again."
            return Report(wrap(f'{self.id} {self.title}: {todo}\nFirst hint: hint("{self.id}")'))

        passed: list[str] = []
        seen: list[Outcome] = []
        outcomes = self.outcomes(space, self.seconds)
        for case, right, got in zip(self.cases, self.expected, outcomes, strict=True):
            seen.append(got)
            if found := case.failure(right, got):
                break
            passed.append(wrap(f"✓ {case.why}", "  "))
            if case.summary and (text := case.summary(got.value)):
                passed.append(wrap(text, "    "))
        else:
            return Report("\n".join([f"✓ {self.id} {self.title}: solved", *passed]), solved=True, started=True)

        lines = [f"✗ {self.id} {self.title}: not yet", *passed, wrap(f"✗ {case.why}", "  ")]
        mistake = None
        meant = {name for outcome in self.expected for name in outcome.nothing}  # the solution's returns None as well
        if nothing := [name for name in got.nothing if name not in meant]:
            found = f"{nothing[0]} returned None. Does it end with a line that says return?"
        if case.call in untouched and not got.error:
            lines.append(f"    {case.call} is not started yet.")
        else:
            if case.summary:
                lines.append(wrap(found if got.error else case.summary(got.value), "    "))
            else:
                lines += [describe(case, self.inputs[len(seen) - 1], right, got), wrap(found, "    ")]
            if not nothing and (mistake := self.recognise(seen, outcomes)):
                lines.append(wrap(self.wrong[mistake].message, "  "))
        lines.append(f'  Hint for this: hint("{self.id}", {case.hint})')
        return Report("\n".join(lines), started=True, mistake=mistake)

    def _call_problem(self, objects: tuple[Any, ...]) -> str | None:
        """What is wrong with the call of `check` itself; None if nothing is wrong."""
        call = f'check("{self.id}", {", ".join(self.names)})'
        if len(objects) != len(self.names):
            return f"{self.id} checks {and_list(self.names)}, but {len(objects) or 'nothing'} came. Write {call}"
        for name, given in zip(self.names, objects, strict=True):
            if not callable(given):
                return f"Expected {name} itself, got {describe_kind(given)}. Pass its name without brackets: {call}"
        return None


def describe(case: Case, inputs: list[str], right: Outcome, got: Outcome) -> str:
    """The call, its inputs, the expected value and the learner's."""
    lines = [f"    {case.call}({', '.join(inputs)}) with"] if isinstance(case.call, str) and inputs else []
    lines += [labelled(f"{name} =", value, indent=6) for name, value in zip(inputs, case.args, strict=True)]
    if got.error:
        return "\n".join([*lines, labelled("expected", right.value)])
    digits = next((n for n in (6, 9, 12, 17) if format_value(right.value, n) != format_value(got.value, n)), 6)
    lines += [labelled("expected", right.value, digits=digits), labelled("got     ", got.value, digits=digits)]
    return "\n".join(lines)
