"""Which exercises are solved: one small JSON file that survives crashes, two notebooks at once, and damage.

    {"version": 1, "exercises": {"02.1": {"tries": 3, "solved": true, "first_solved": "2025-01-31T09:30:00+00:00"}}}

It is written as a whole into a second file, which then takes its place, so a reader finds the old or the new one.
Who writes holds a lock. What cannot be read is kept aside under another name, and the learner is told.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

VERSION = 1
Entries = dict[str, dict[str, Any]]


class Damaged(Exception):
    """The file is there, but it is no progress file of this version."""


def path() -> Path:
    """Where progress is kept: NNLAB_PROGRESS, or beside the notebooks, or in the present folder."""
    if named := os.environ.get("NNLAB_PROGRESS"):
        return Path(named)
    root = Path(__file__).resolve().parents[2]
    return (root if (root / "notebooks").is_dir() else Path.cwd()) / "progress.json"


def record(id: str, solved: bool) -> str:
    """Count one try. What is solved stays solved and is not counted on. Returns what the learner must know, or ''."""
    file = path()
    note = ""
    try:
        with lock(file):
            try:
                entries = read(file)
            except Damaged:
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
    """All entries, and what the learner must know, or ''. Reading needs no lock, keeping aside does."""
    file = path()
    try:
        return read(file), ""
    except Damaged:
        pass
    except OSError as error:
        return {}, f"Your progress could not be read from {file.name}: {error.strerror}."
    try:
        with lock(file):
            try:
                return read(file), ""  # another notebook was faster
            except Damaged:
                return {}, set_aside(file)
    except (OSError, NotImplementedError):
        return {}, f"{file.name} is damaged, and cannot be moved aside. Please rename it."


def lock(file: Path) -> FileLock:
    file.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(f"{file}.lock", timeout=5)


def read(file: Path) -> Entries:
    """The entries of the file, none if there is no file. Raises Damaged or OSError."""
    try:
        data = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise Damaged from error
    entries = data.get("exercises") if isinstance(data, dict) and data.get("version") == VERSION else None
    if not isinstance(entries, dict) or not all(map(sound, entries.values())):
        raise Damaged
    return entries


def sound(entry: Any) -> bool:
    if not isinstance(entry, dict) or type(entry.get("tries")) is not int:
        return False
    first_solved = entry.get("first_solved")
    return entry.get("solved") is (first_solved is not None) and isinstance(first_solved, str | None)


def write(file: Path, entries: Entries) -> None:
    """Replace the file at once. The draft's name is fixed: under the lock there is one, and a crash leaves only one."""
    draft = Path(f"{file}.tmp")
    with open(draft, "w", encoding="utf-8") as stream:
        json.dump({"version": VERSION, "exercises": dict(sorted(entries.items()))}, stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    for attempt in range(5):
        try:
            return os.replace(draft, file)
        except PermissionError:  # Windows, while another program has the file open
            if attempt == 4:
                raise
            time.sleep(0.05)


def set_aside(file: Path) -> str:
    """Keep a damaged file under the first free name."""
    number = 1
    while (aside := Path(f"{file}.damaged-{number}")).exists():
        number += 1
    os.replace(file, aside)
    return f"{file.name} is damaged, or of another version. It is kept as {aside.name}, and a new one was begun."


@dataclass(frozen=True, repr=False)
class Progress:
    """What is solved of all the exercises there are."""

    ids: tuple[str, ...]
    solved: frozenset[str]

    def counts(self) -> dict[str, tuple[int, int]]:
        """For every chapter, as "02": how many exercises are solved, and how many there are."""
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


def progress_of(ids: Iterable[str]) -> tuple[Progress, str]:
    """The progress with these exercises, and what the learner must know, or ''."""
    known, (entries, note) = tuple(sorted(ids)), load()
    return Progress(known, frozenset(id for id in known if entries.get(id, {}).get("solved"))), note
