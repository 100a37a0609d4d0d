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
    """A control whose value is one line of at most `longest` characters, or none; it acts with each letter typed.

    examples: words worth trying, at which explorers are tested."""

    value: str = ""
    longest: int = 40
    examples: Sequence[str] = ()
    label: str = ""
    help: str = ""

    def __post_init__(self) -> None:
        for word in (self.value, *self.examples):
            self.check(word)

    def check(self, value: Any) -> str:
        """`value` if it is text of that length. Raises TypeError for what is no text, ValueError if too long."""
        what = self.label or "The text"
        if not isinstance(value, str):
            raise TypeError(f"{what} is a text, such as {(self.value or 'word')!r}; got {value!r}.")
        if len(value) > self.longest:
            raise ValueError(f"{what} has at most {self.longest} characters; got {len(value)}: {value[:60]!r}.")
        return str(value)

    def extremes(self) -> list[str]:
        """No text, the examples, and the longest text."""
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
