"""A question to be answered before the cell that tells: what it asks, what was answered, and whether that held.

A guess is one of a few options, or a number with a tolerance. It is kept in the progress file next to the exercises
(`progress_file`). What counts is the last answer before the first `reveal`; a later one is kept and not counted.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from nnlab.exercises.progress_file import Content, load, update
from nnlab.exercises.wording import wrap

ID = re.compile(r"(\d\d)\.[a-z]")
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?(e[+-]?\d+)?%?", re.IGNORECASE)
YES_NO = ("yes", "no")


def parse_number(text: str, percent: bool = False) -> float:
    """The number that a learner typed: "1000", "1,000", "2.5e3", "10^3", "40%".

    "40%" is 40 where the question asks for percent, and 0.4 elsewhere. Raises ValueError, in a sentence for the
    learner, if it is no finite number, or if a comma may be a decimal point."""
    word = text.replace(" ", "").replace("−", "-").replace("**", "^")
    if not word:
        raise ValueError("Please type a number.")
    if "," in word and not GROUPED.fullmatch(word):
        raise ValueError(f"Is the comma in {short(text)} a decimal point? Please write 2.5, or 2,500 for thousands.")
    word = re.sub(r"^([+-]?)10\^", r"\g<1>1e", word.replace(",", ""))
    share = word.endswith("%")
    try:
        number = float(word.removesuffix("%"))
    except ValueError:
        raise ValueError(f"{short(text)} is no number. Examples: 1000, 2.5e3, 0.1, 40%.") from None
    if not math.isfinite(number):
        raise ValueError(f"{short(text)} is no finite number. Please type one that can be compared.")
    return number / 100 if share and not percent else number


def short(text: str) -> str:
    """A typed text in quotes, cut to a length that fits a line."""
    return f'"{text[:30]}…"' if len(text) > 30 else f'"{text}"'


def spell(number: float) -> str:
    """A number to read: 226,981; 0.519; 1e-12. Three significant digits, and all digits before the point."""
    if abs(number) >= 1e9 or 0 < abs(number) < 1e-3:
        return f"{number:.2g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return f"{number:,.0f}" if abs(number) >= 1000 or number == int(number) else f"{number:.3g}"


def first_number(option: str) -> float | None:
    """The number with which an option begins, "9" of "9 numbers"; None if there is none."""
    found = re.match(r"(about\s+)?([+-]?10\^[+-]?\d+|[+-]?\d[\d,.]*(e[+-]?\d+)?%?)", option)
    return parse_number(found[2].rstrip(",."), percent=True) if found else None


@dataclass(frozen=True)
class Guess:
    """A question with its options, or with the unit of the number that answers it.

    within: the share of the true number by which a guess may miss it. factor: instead, how many times larger or
    smaller it may be. `unit="%"` means that the true number is given in percent. Raises ValueError for an id that is
    not like "06.a", for fewer than two options or two alike, and for a tolerance that makes no sense."""

    id: str
    question: str
    options: tuple[str, ...] = ()
    unit: str = ""
    within: float = 0.1
    factor: float | None = None

    def __post_init__(self) -> None:
        chapter_of(self.id)
        if self.options and (len(self.options) < 2 or len(set(self.options)) < len(self.options)):
            raise ValueError(f"Guess {self.id} needs at least two options, all different; got {list(self.options)}.")
        if not all(isinstance(option, str) and option for option in self.options):
            raise ValueError(f"The options of guess {self.id} are texts; got {list(self.options)}.")
        if self.within < 0 or (self.factor is not None and self.factor <= 1):
            raise ValueError(f"Guess {self.id} needs within >= 0 or factor > 1; got {self.within}, {self.factor}.")

    @property
    def tolerance(self) -> str:
        """When a number holds, in words: "within 10%"."""
        if self.factor is not None:
            return f"within a factor of {self.factor:g}"
        return f"within {100 * self.within:g}%" if self.within else "exactly"

    def check(self, answer: str) -> None:
        """Raise ValueError, in a sentence for the learner, if this cannot be an answer."""
        if not self.options:
            parse_number(answer, self.unit == "%")
        elif answer not in self.options:
            raise ValueError(f"{short(answer)} is none of the options: {', '.join(self.options)}.")

    def read(self, answer: str | None) -> str | None:
        """A kept answer if it still fits the question, else None: notebooks change."""
        try:
            self.check(answer or "")
        except ValueError:
            return None
        return answer

    def spelled(self, answer: str) -> str:
        """An answer as it is shown, a number with its unit."""
        return answer if self.options else self.with_unit(parse_number(answer, self.unit == "%"))

    def with_unit(self, number: float) -> str:
        """A number with this question's unit: "25%", "300 steps"."""
        return spell(number) + (self.unit if self.unit == "%" else f" {self.unit}" if self.unit else "")

    def truth(self, value: Any, option: str | None = None) -> tuple[str, float]:
        """What came, as text and as number (NaN if the options are no numbers).

        With options, the one that `option` names, or that `value` is (True is "yes"), or whose number is within
        `within` of it. Raises ValueError unless it is exactly one, and TypeError if a number was expected."""
        if self.options:
            if isinstance(value, str):
                option = option or value
            elif not isinstance(value, bool) and hasattr(value, "dtype") and value.dtype == bool:
                value = bool(value)
            if isinstance(value, bool):
                option = option or YES_NO[not value]
            near = [option] if option else [one for one in self.options if self._is_near(first_number(one), value)]
            if len(near) != 1 or near[0] not in self.options:
                raise ValueError(
                    f"{value!r} should be exactly one option of guess {self.id}, and is {len(near)} of "
                    f"{', '.join(self.options)}: {', '.join(map(str, near)) or 'none'}."
                )
            return near[0], math.nan
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise TypeError(f"Guess {self.id} asks for a number, and {value!r} came.") from None
        return self.with_unit(number), number

    def _is_near(self, number: float | None, value: float) -> bool:
        return number is not None and abs(number - value) <= (self.within + 1e-9) * abs(value)

    def holds(self, answer: str, truth: tuple[str, float]) -> bool:
        """Whether an answer is right: the same option, or a number within the tolerance."""
        text, value = truth
        if self.options:
            return answer == text
        number = parse_number(answer, self.unit == "%")
        if self.factor is None:
            return self._is_near(number, value)
        return value != 0 and 1 / self.factor - 1e-9 <= number / value <= self.factor + 1e-9


def chapter_of(id: Any) -> str:
    """The chapter "06" of the id "06.a". Raises ValueError for another kind of id."""
    if not (isinstance(id, str) and (found := ID.fullmatch(id))):
        raise ValueError(f'The id of a guess is like "06.a": chapter, point, letter; got {id!r}.')
    return found[1]


def empty() -> dict[str, Any]:
    """The entry of a question that nobody answered."""
    return {"guess": None, "revealed": False, "held": None, "later": None}


def kept(id: str) -> dict[str, Any]:
    """The entry of a guess in the progress file: "guess", "revealed", "held" (None without a guess) and "later"."""
    return load()[0].guesses.get(id) or empty()


def keep(asked: Guess, answer: str) -> str:
    """Keep an answer; after the reveal, as the later one. Returns what the learner must know, or ''.

    Raises ValueError if it is no answer to the question."""
    asked.check(answer)

    def change(content: Content) -> bool:
        entry = content.guesses.setdefault(asked.id, empty())
        entry["later" if entry["revealed"] else "guess"] = answer
        return True

    return update(change)


def close(asked: Guess, truth: tuple[str, float]) -> tuple[dict[str, Any], str]:
    """Note that the answer came, and whether the guess held; from then on nothing changes it.

    Returns the entry, and what the learner must know, or ''."""
    seen = empty()

    def change(content: Content) -> bool:
        entry = content.guesses.setdefault(asked.id, empty())
        first = not entry["revealed"]
        if first:
            answer = asked.read(entry["guess"])
            entry |= {"revealed": True, "held": None if answer is None else asked.holds(answer, truth)}
        seen.update(entry)
        return first

    note = update(change)
    return seen, note


def told(asked: Guess, truth: tuple[str, float], entry: dict[str, Any], why: str = "") -> str:
    """What `reveal` prints: what came, what was guessed, and the line that says why."""
    came = f"{asked.id}  What came: {truth[0]}."
    answer = asked.read(entry["guess"])
    if answer is None or entry["held"] is None:
        if later := asked.read(entry["later"]):
            words = f"You answered {asked.spelled(later)} after it came, so it is not counted."
        else:
            words = "You made no guess: answer first next time."
    elif entry["held"]:
        words = f"Your guess: {asked.spelled(answer)}. It held."
    else:
        words = f"Your guess: {asked.spelled(answer)}{'' if asked.options else f' (it holds {asked.tolerance})'}."
    return "\n".join(filter(None, [wrap(f"{came} {words}"), wrap(why, "  ")]))
