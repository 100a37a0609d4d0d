"""Which exercises are solved: one small JSON file that survives crashes, two notebooks at once, and damage.

    {"version": 1, "exercises": {"02.1": {"tries": 3, "solved": true, "first_solved": "2025-01-31T09:30:00+00:00"}}}

It is replaced as a whole (`nnlab.files.replacing`), so a reader finds the old content or the new. Whoever writes holds
a lock. A file that cannot be read is kept under another name, and the learner is told.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from nnlab import course
from nnlab.files import expand, replacing

VERSION = 1
Entries = dict[str, dict[str, Any]]


class DamagedFile(Exception):
    """The file is there, but it is not a progress file of this version."""


def path() -> Path:
    """Where progress is kept: in the file NNLAB_PROGRESS (`~` is the home folder), or next to the folder of the
    notebooks, or in the current folder."""
    if named := os.environ.get("NNLAB_PROGRESS"):
        return expand(named)
    folder = course.NOTEBOOKS.parent if course.NOTEBOOKS.is_dir() else Path.cwd()
    return folder / "progress.json"


def record(id: str, solved: bool) -> str:
    """Count one try. A solved exercise stays solved and is not counted further. Returns what the learner must know, or
    ''."""
    file = path()
    note = ""
    try:
        with lock(file):
            try:
                entries = read(file)
            except DamagedFile:
                entries, note = {}, set_aside(file)
            entry = entries.setdefault(id, {"tries": 0, "solved": False, "first_solved": None})
            if not entry["solved"]:
                entry["tries"] += 1
                if solved:
                    entry |= {"solved": True, "first_solved": datetime.now(UTC).isoformat(timespec="seconds")}
                write(file, entries)
    except (OSError, NotImplementedError) as error:  # a read-only folder, a full disk, no locks to be had
        reason = getattr(error, "strerror", None) or "another program is holding it"
        note = f"{note}\nYour progress could not be saved in {file.name}: {reason}.".strip()
    return note


def load() -> tuple[Entries, str]:
    """All entries, and what the learner must know, or ''. Reading needs no lock; moving a damaged file aside does."""
    file = path()
    try:
        return read(file), ""
    except DamagedFile:
        pass
    except OSError as error:
        return {}, f"Your progress could not be read from {file.name}: {error.strerror}."
    try:
        with lock(file):
            try:
                return read(file), ""  # another notebook was faster
            except DamagedFile:
                return {}, set_aside(file)
    except (OSError, NotImplementedError):
        return {}, f"{file.name} is damaged, and cannot be moved aside. Please rename it."


def lock(file: Path) -> FileLock:
    """The lock of the file, to be held while it is changed; after 5 s of waiting it raises Timeout, an OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(f"{file}.lock", timeout=5)


def read(file: Path) -> Entries:
    """The entries of the file, none if there is no file. Raises DamagedFile or OSError."""
    try:
        data = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise DamagedFile from error
    entries = data.get("exercises") if isinstance(data, dict) and data.get("version") == VERSION else None
    if not isinstance(entries, dict) or not all(map(is_valid, entries.values())):
        raise DamagedFile
    return entries


def is_valid(entry: Any) -> bool:
    """Whether an entry is a dict with a whole number of tries, and a time of solving if and only if it is solved."""
    if not isinstance(entry, dict) or type(entry.get("tries")) is not int:
        return False
    first_solved = entry.get("first_solved")
    return entry.get("solved") is (first_solved is not None) and isinstance(first_solved, str | None)


def write(file: Path, entries: Entries) -> None:
    """Replace the file in one step. The lock must be held. Raises OSError."""
    for draft in file.parent.glob(f".{glob.escape(file.name)}.*"):  # left by a process that was killed while writing
        draft.unlink(missing_ok=True)
    with replacing(file) as stream:
        content = {"version": VERSION, "exercises": dict(sorted(entries.items()))}
        stream.write(json.dumps(content, indent=1).encode())


def set_aside(file: Path) -> str:
    """Keep a damaged file under the first free name. Returns what the learner must know."""
    number = 1
    while (aside := Path(f"{file}.damaged-{number}")).exists():
        number += 1
    os.replace(file, aside)
    return f"{file.name} is damaged, or of another version. It is kept as {aside.name}, and a new one was started."


@dataclass(frozen=True, repr=False)
class SolvedExercises:
    """Which of all exercises are solved. ids: all of them, sorted; solved: the ids of those that are solved."""

    ids: tuple[str, ...]
    solved: frozenset[str]

    def counts(self) -> dict[str, tuple[int, int]]:
        """For every chapter, as "02": (how many exercises are solved, how many there are)."""
        chapters: dict[str, tuple[int, int]] = {}
        for id in self.ids:
            done, total = chapters.get(id.split(".")[0], (0, 0))
            chapters[id.split(".")[0]] = done + (id in self.solved), total + 1
        return chapters

    def __repr__(self) -> str:
        counts = self.counts().items()
        lines = [
            f"  {chapter}  {'■' * done}{'□' * (total - done)}  {done} of {total}" for chapter, (done, total) in counts
        ]
        return "\n".join([f"Exercises solved: {len(self.solved)} of {len(self.ids)}", *lines])


def load_solved(ids: Iterable[str]) -> tuple[SolvedExercises, str]:
    """Which of these exercises are solved, and what the learner must know, or ''."""
    known, (entries, note) = tuple(sorted(ids)), load()
    return SolvedExercises(known, frozenset(id for id in known if entries.get(id, {}).get("solved"))), note
