"""What a guess looks like in the page: a question with options or a field, and a line that says what was kept."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets
from IPython.display import display

from nnlab.exercises.guesses import Guess, keep, kept

WIDE = {"width": "auto", "margin": "2px 0"}


class GuessForm:
    """Asks one question. `field` takes the answer, by keyboard too (Tab and Space among options, Enter after a number);
    `status` says what is kept, or what is wrong with the answer. An answer given before is there again."""

    def __init__(self, asked: Guess):
        self.asked = asked
        self.status = ipywidgets.HTML()
        entry = kept(asked.id)
        answer = asked.read(entry["later"]) or asked.read(entry["guess"])
        if asked.options:
            self.field: Any = ipywidgets.RadioButtons(options=asked.options, value=answer, layout=WIDE)
        else:
            self.field = ipywidgets.Text(
                value=answer or "",
                placeholder=f"a number{f' ({asked.unit})' if asked.unit else ''}, then Enter",
                continuous_update=False,
                layout={"width": "280px"},
            )
        hint = "" if asked.options else f" <i>A guess holds {asked.tolerance}.</i>"
        words = ipywidgets.HTML(f"<b>Guess {asked.id}.</b> {html.escape(asked.question)}{hint}")
        self.box = ipywidgets.VBox([words, self.field, self.status])
        if answer:
            self._say(self._kept_words(answer, entry["revealed"]))
        self.field.observe(lambda change: self.answer(change["new"]), "value")

    def answer(self, text: str | None) -> None:
        """Keep an answer, and say so; an answer that cannot be one gets a sentence, and the earlier one stays."""
        if text is None or not text.strip():
            return
        try:
            note = keep(self.asked, text.strip())
        except ValueError as problem:
            self._say(str(problem))
            return
        self._say(note or self._kept_words(text.strip(), kept(self.asked.id)["revealed"]))

    def _kept_words(self, answer: str, revealed: bool) -> str:
        words = f"Kept: {self.asked.spelled(answer)}."
        return words + (" The answer had come, so it is not counted." if revealed else " You can still change it.")

    def _say(self, text: str) -> None:
        self.status.value = f'<div role="status">{html.escape(text)}</div>'

    def show(self) -> None:
        """Display it. Where there is no kernel, a reader sees the question and its options as one line of text."""
        bundle = self.box._repr_mimebundle_()
        options = f" {' / '.join(self.asked.options)}." if self.asked.options else ""
        bundle["text/plain"] = f"[guess {self.asked.id}: {self.asked.question}{options} Run this cell to answer.]"
        display(bundle, raw=True)
