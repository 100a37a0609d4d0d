"""What a command takes. A word that it does not know is refused by one sentence that names what there is."""

import argparse
import difflib
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from nnlab.dev.say import Trouble


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """ " (did you mean `X`?)", or "" if nothing is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f" (did you mean `{near[0]}`?)" if near else ""


class Parser(argparse.ArgumentParser):
    """argparse's parser with `--help` from the command's docstring and refusals that are a Trouble.

    A word after a lone `--` is never an option of ours: it is found in `passed_on` of what `parse` returns.
    """

    def __init__(self, name: str, about: str | None, also: str = "", **more: Any) -> None:
        form = argparse.RawDescriptionHelpFormatter
        super().__init__(
            prog=f"python3 -m nnlab {name}", description=about, formatter_class=form, allow_abbrev=False, **more
        )
        self.name, self.also = name, also

    def error(self, message: str) -> NoReturn:
        """argparse's own complaint, such as an option without its value."""
        raise Trouble(f"`{self.name}`: {message}; `{self.prog} --help` says more.")

    def takes(self) -> str:
        """The options in one line."""
        names = [action.option_strings[0] for action in self._actions if action.option_strings]
        return (", ".join(name for name in names if name != "-h") or "no options") + self.also

    def refuse(self, word: str) -> NoReturn:
        """Say that `word` is not known, and what is."""
        near = nearest(word, self._option_string_actions)
        raise Trouble(f"`{self.name}` does not know {word}{near}: it takes {self.takes()}.")

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """The options' values; options and other words may stand in any order."""
        own, rest = list(words), []
        if "--" in own:
            place = own.index("--")
            own, rest = own[:place], own[place + 1 :]
        options, unknown = self.parse_known_intermixed_args(own)
        if unknown:
            self.refuse(unknown[0])
        options.passed_on = rest
        return options

    def need_counts(self, options: argparse.Namespace, *names: str) -> None:
        """Refuse options that are given and are not a whole number of at least 1."""
        for name in names:
            value = getattr(options, name)
            if value is not None and not (value.isascii() and value.isdecimal() and int(value) > 0):
                raise Trouble(f"`{self.name}`: --{name} should be a whole number of at least 1, got {value}.")

    def parse_own(self, words: Sequence[str]) -> argparse.Namespace:
        """As `parse`, for a parser whose options have no values: what it does not know is passed on, in order."""
        place = list(words).index("--") if "--" in words else len(words)
        own = [word for word in words[:place] if word in self._option_string_actions]
        options = self.parse_args(own)
        options.passed_on = [word for word in words[:place] if word not in own] + list(words[place + 1 :])
        return options


class PassOn(argparse.Action):
    """An option of the program that is run: kept with its value, in the order typed, in `passed_on`'s place `dest`."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        """Append the option as it was typed."""
        values = [] if values == [] else [str(values)]
        words = [f"{option_string}={values[0]}"] if values and str(option_string).startswith("--") else None
        kept = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*kept, *(words or [str(option_string), *values])])


def parse_or_leave(parser: Parser, words: Sequence[str]) -> argparse.Namespace:
    """For a bench: its options, or the sentence and exit status 1."""
    try:
        return parser.parse(words)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(1)
