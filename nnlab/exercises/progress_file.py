"""What is solved and what was guessed: one small JSON file that survives crashes, two notebooks at once, and damage.

    {"version": 1,
     "exercises": {"02.1": {"tries": 3, "solved": true, "first_solved": "2025-01-31T09:30:00+00:00",
                            "mistakes": {"square": 2}}},
     "guesses": {"02.a": {"guess": "1/4", "revealed": true, "held": false, "later": null}}}

A file without "guesses" or "mistakes", from before there were any, is as good; whoever reads only "exercises" can read
it too. It is replaced as a whole (`nnlab.files.replacing`), so a reader finds the old content or the new. Whoever
writes holds a lock, except in a browser, whose drive has one user. A file that cannot be read is kept under another
name, and the learner is told.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from nnlab import course, host
from nnlab.files import expand, replacing

VERSION = 1
Entries = dict[str, dict[str, Any]]


class Content(NamedTuple):
    """What the file holds: the entries of exercises and of guesses, each by id."""

    exercises: Entries
    guesses: Entries


class DamagedFile(Exception):
    """The file is there, but it is not a progress file of this version."""


def path() -> Path:
    """Where progress is kept: in the file NNLAB_PROGRESS (`~` is the home folder), or next to the folder of the
    notebooks, or in the current folder."""
    if named := os.environ.get("NNLAB_PROGRESS"):
        return expand(named)
    folder = course.NOTEBOOKS.parent if course.NOTEBOOKS.is_dir() else Path.cwd()
    return folder / "progress.json"


def record(id: str, solved: bool, mistake: str | None = None) -> str:
    """Count one try, and the known mistake that it was, if it was one. A solved exercise stays solved and is not
    counted further. Returns what the learner must know, or ''."""

    def change(content: Content) -> bool:
        entry = content.exercises.setdefault(id, {"tries": 0, "solved": False, "first_solved": None})
        if entry["solved"]:
            return False
        entry["tries"] += 1
        if mistake:
            counts = entry.setdefault("mistakes", {})
            counts[mistake] = counts.get(mistake, 0) + 1
        if solved:
            entry |= {"solved": True, "first_solved": datetime.now(UTC).isoformat(timespec="seconds")}
        return True

    return update(change)


def update(change: Callable[[Content], bool]) -> str:
    """Change the file's content under the lock. `change` gets it, writes into it, and returns whether it did; what
    cannot be saved is changed all the same in what it got. Returns what the learner must know, or ''."""
    file = path()
    note = ""
    try:
        with lock(file):
            try:
                content = read(file)
            except DamagedFile:
                content, note = Content({}, {}), set_aside(file)
            if change(content):
                write(file, content)
    except (OSError, NotImplementedError) as error:  # a read-only folder, a full disk, no locks to be had
        reason = getattr(error, "strerror", None) or "another program is holding it"
        note = f"{note}\nYour progress could not be saved in {file.name}: {reason}.".strip()
    return note


def load() -> tuple[Content, str]:
    """All entries, and what the learner must know, or ''. Reading needs no lock; moving a damaged file aside does."""
    file = path()
    try:
        return read(file), ""
    except DamagedFile:
        pass
    except OSError as error:
        return Content({}, {}), f"Your progress could not be read from {file.name}: {error.strerror}."
    try:
        with lock(file):
            try:
                return read(file), ""  # another notebook was faster
            except DamagedFile:
                return Content({}, {}), set_aside(file)
    except (OSError, NotImplementedError):
        return Content({}, {}), f"{file.name} is damaged, and cannot be moved aside. Please rename it."


def lock(file: Path) -> AbstractContextManager[Any]:
    """The lock of the file, to be held while it is changed; after 5 s of waiting it raises Timeout, an OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not host.has_locks():
        return nullcontext()
    from filelock import FileLock  # here: a browser has none

    return FileLock(f"{file}.lock", timeout=5)


def read(file: Path) -> Content:
    """The entries of the file, none if there is no file. Raises DamagedFile or OSError."""
    try:
        data = json.loads(file.read_bytes())
    except FileNotFoundError:
        return Content({}, {})
    except (ValueError, RecursionError) as error:
        raise DamagedFile from error
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise DamagedFile
    exercises: Any = data.get("exercises")
    guesses: Any = data.get("guesses", {})
    for entries, is_valid in ((exercises, is_valid_exercise), (guesses, is_valid_guess)):
        if not isinstance(entries, dict) or not all(map(is_valid, entries.values())):
            raise DamagedFile
    return Content(exercises, guesses)


def is_valid_exercise(entry: Any) -> bool:
    """Whether an entry is a dict with a whole number of tries, a time of solving if and only if it is solved, and a
    count for each mistake, if there are any."""
    if not isinstance(entry, dict) or type(entry.get("tries")) is not int:
        return False
    mistakes = entry.get("mistakes", {})
    if not isinstance(mistakes, dict) or any(type(count) is not int for count in mistakes.values()):
        return False
    first_solved = entry.get("first_solved")
    return entry.get("solved") is (first_solved is not None) and isinstance(first_solved, str | None)


def is_valid_guess(entry: Any) -> bool:
    """Whether an entry is a dict with two answers or none, and a verdict only on a guess whose answer came."""
    if not isinstance(entry, dict) or type(revealed := entry.get("revealed")) is not bool:
        return False
    guess, later, held = entry.get("guess"), entry.get("later"), entry.get("held")
    kinds = isinstance(guess, str | None) and isinstance(later, str | None) and isinstance(held, bool | None)
    return kinds and (held is None or (revealed and guess is not None)) and (later is None or revealed)


def write(file: Path, content: Content) -> None:
    """Replace the file in one step. The lock must be held. Raises OSError."""
    for draft in file.parent.glob(f".{glob.escape(file.name)}.*"):  # left by a process that was killed while writing
        draft.unlink(missing_ok=True)
    parts = {name: dict(sorted(entries.items())) for name, entries in content._asdict().items()}
    with replacing(file) as stream:
        stream.write(json.dumps({"version": VERSION, **parts}, indent=1).encode())


def set_aside(file: Path) -> str:
    """Keep a damaged file under the first free name. Returns what the learner must know."""
    number = 1
    while (aside := Path(f"{file}.damaged-{number}")).exists():
        number += 1
    os.replace(file, aside)
    return f"{file.name} is damaged, or of another version. It is kept as {aside.name}, and a new one was started."


@dataclass(frozen=True, repr=False)
class SolvedExercises:
    """Which of all exercises are solved, and which guesses held. ids: all exercises, sorted; solved: the ids of those
    that are solved; held: for each guess made before its answer came, by id, whether it held."""

    ids: tuple[str, ...]
    solved: frozenset[str]
    held: Mapping[str, bool] = field(default_factory=dict)

    def counts(self) -> dict[str, tuple[int, int]]:
        """For every chapter, as "02": (how many exercises are solved, how many there are)."""
        return by_chapter({id: id in self.solved for id in self.ids})

    def guess_counts(self) -> dict[str, tuple[int, int]]:
        """For every chapter with guesses, as "02": (how many of them held, how many were made)."""
        return by_chapter(self.held)

    def __repr__(self) -> str:
        guesses = self.guess_counts()
        lines = [
            f"  {chapter}  {'■' * done}{'□' * (total - done)}  {done} of {total}"
            for chapter, (done, total) in self.counts().items()
        ]
        if guesses:
            lines.append(f"Guesses that held: {sum(self.held.values())} of {len(self.held)} made")
            lines += [f"  {chapter}  {held} of {made}" for chapter, (held, made) in guesses.items()]
        return "\n".join([f"Exercises solved: {len(self.solved)} of {len(self.ids)}", *lines])


def by_chapter(results: Mapping[str, bool]) -> dict[str, tuple[int, int]]:
    """For every chapter that has ids here, as "02": (how many are true, how many there are)."""
    chapters: dict[str, tuple[int, int]] = {}
    for id in sorted(results):
        true, total = chapters.get(id.split(".")[0], (0, 0))
        chapters[id.split(".")[0]] = true + results[id], total + 1
    return chapters


def load_solved(ids: Iterable[str]) -> tuple[SolvedExercises, str]:
    """Which of these exercises are solved, which guesses held, and what the learner must know, or ''."""
    known, (content, note) = tuple(sorted(ids)), load()
    solved = frozenset(id for id in known if content.exercises.get(id, {}).get("solved"))
    held = {id: entry["held"] for id, entry in content.guesses.items() if entry["held"] is not None}
    return SolvedExercises(known, solved, held), note
