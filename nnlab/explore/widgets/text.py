"""A control to type a word into: `Text`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets
import traitlets

from nnlab.explore.controls import _LABEL


class ShortText(ipywidgets.Text):
    """A line of text in the page that keeps no more than `longest` characters of what is typed."""

    longest = traitlets.Int(40)

    @traitlets.validate("value")
    def _cut(self, proposal: Any) -> str:
        return str(proposal["value"])[: self.longest]


@dataclass(frozen=True)
class Text:
    """A line of up to `longest` characters, and it may be empty; it acts with each letter typed.

    examples: words worth trying, the least and greatest of what explorers are tested with."""

    value: str = ""
    longest: int = 40
    examples: Sequence[str] = ()
    label: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        for word in (self.value, *self.examples):
            self.check(word)

    def check(self, value: Any) -> str:
        """`value` if it is a text that is short enough, else an error that says so."""
        what = self.label or "The text"
        if not isinstance(value, str):
            raise TypeError(f"{what} is a text, such as {(self.value or 'word')!r}; got {value!r}.")
        if len(value) > self.longest:
            raise ValueError(f"{what} has at most {self.longest} characters; got {len(value)}: {value[:60]!r}.")
        return str(value)

    def extremes(self) -> list[str]:
        """Nothing, the examples, and as much as it takes."""
        return ["", *self.examples, ("é?ж" + "abcdefghijklmnopqrstuvwxyz" * self.longest)[: self.longest]]

    def widget(self, name: str) -> ShortText:
        """The line in the page. What is typed beyond its length is cut at once."""
        text = self.label or name
        return ShortText(
            value=self.value,
            longest=self.longest,
            description=text,
            style=_LABEL,
            layout={"width": "98%"},  # its frame is seen, and must not touch the edge
            tooltip=self.help or text,
            continuous_update=True,
        )
