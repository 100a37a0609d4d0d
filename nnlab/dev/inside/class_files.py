"""A class's progress files, in whatever folders a platform leaves them: one bad file never hides the others."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nnlab.exercises.progress_file import VERSION, Content, DamagedFile, read

OWN_NAMES = ("progress.json", "nnlab-progress.json")  # as students keep it: there the folder says whose it is
PARTS = ("nnlab", "home")  # folders that say nothing about whose it is
MOST_BYTES = 2_000_000  # a file with all exercises and guesses has 50 kB


@dataclass
class ClassFiles:
    """What was found. students: name to content; unread: name to why its file was left out; twice: name to a sentence
    about its other file; same: names of students whose files are the same; others: .json files that are something else,
    in folders where a platform leaves such."""

    students: dict[str, Content] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    twice: dict[str, str] = field(default_factory=dict)
    same: list[list[str]] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def gather(folder: Path) -> ClassFiles:
    """Read every `NAME.json`, `NAME/progress.json` and `NAME/nnlab-progress.json` below the folder; a student's name is
    the path without its end. Of two files of one student, the one changed last counts.

    Raises ValueError if the folder is not there or holds no such file."""
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: give the one with the students' progress files.")
    found = ClassFiles()
    taken: dict[str, str] = {}
    for file in sorted(_files(folder, found), key=_changed):
        place = file.relative_to(folder)
        name, path = student(place), printable(place.as_posix())
        try:
            content = _content(file)
        except NoProgress as why:
            if len(place.parts) == 1 or place.name in OWN_NAMES:
                found.unread[path] = str(why)
            else:
                found.others.append(path)
            continue
        except Unread as why:
            found.unread[path] = str(why)
            continue
        if name in taken:
            found.twice[name] = f"{path} counts, changed later than {taken[name]}"
        taken[name], found.students[name] = path, content
    found.students = dict(sorted(found.students.items()))
    found.unread = dict(sorted(found.unread.items()))
    by_content: dict[str, list[str]] = {}
    for name, content in found.students.items():
        if any(entry["solved"] for entry in content.exercises.values()):  # else it is no surprise
            by_content.setdefault(json.dumps(content), []).append(name)
    found.same = [names for names in by_content.values() if len(names) > 1]
    if not found.students and not found.unread:
        raise ValueError(f"{folder} holds no progress file: each is a .json, as a student's progress.json.")
    return found


def student(place: Path) -> str:
    """Whose file it is: `group 2/bob` for `group 2/bob.json`, and for `group 2/bob/nnlab/progress.json`."""
    parts = list(place.with_suffix("").parts)
    if place.name in OWN_NAMES and len(parts) > 1:
        parts.pop()
        while len(parts) > 1 and parts[-1] in PARTS:
            parts.pop()
    return printable("/".join(parts))


def printable(text: str) -> str:
    """Text that can be written: bytes of a file's name that are no UTF-8 become question marks, and letters with an
    accent one character, as macOS does not store them."""
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())


class Unread(Exception):
    """A file is left out; the text says why."""


class NoProgress(Unread):
    """A file is another kind of JSON."""


def _files(folder: Path, found: ClassFiles) -> Iterator[Path]:
    """All .json files below a folder, hidden folders left aside; a folder that cannot be read is noted."""

    def unreadable(error: OSError) -> None:
        place = Path(error.filename).relative_to(folder).as_posix()
        found.unread[printable(place)] = f"the folder cannot be read: {error.strerror}"

    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]  # .ipynb_checkpoints, .git
        yield from (Path(place, name) for name in names if name.endswith(".json") and not name.startswith("."))


def _changed(file: Path) -> tuple[float, str]:
    try:
        return file.stat().st_mtime, str(file)
    except OSError:
        return 0.0, str(file)


def _content(file: Path) -> Content:
    """What a file holds. Raises Unread."""
    try:
        if not file.is_file():
            raise Unread("it is no file" if file.exists() else "it is a link to nothing")
        if (size := file.stat().st_size) > MOST_BYTES:
            raise Unread(f"it has {size / 1e6:.0f} MB, and a progress file at most {MOST_BYTES / 1e6:.0f}")
        return read(file)
    except DamagedFile:
        raise _fault(file.read_bytes()) from None
    except OSError as error:
        raise Unread(f"it cannot be read: {error.strerror}") from error


def _fault(text: bytes) -> Unread:
    """What is wrong with a file that is no progress file of this version."""
    if not text.strip():
        return Unread("it is empty")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return Unread("it is cut off, or no JSON")
    if not isinstance(data, dict) or "exercises" not in data:
        return NoProgress("it is no progress file")
    if data.get("version") != VERSION:
        return Unread(f"it is of version {str(data.get('version'))[:20]}, and this nnlab reads version {VERSION}")
    return Unread("its entries are not as nnlab writes them")
