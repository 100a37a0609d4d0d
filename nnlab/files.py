"""Paths as people write them, and files that are written whole or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def expand(path: str | os.PathLike[str]) -> Path:
    """`path` with `~` and variables such as `$HOME` replaced, as a shell would."""
    return Path(os.path.expandvars(os.fspath(path))).expanduser()


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write bytes to, which takes the place of `path` when the block ends well.

        with replacing("state.json") as file:
            file.write(text.encode())

    A reader finds the old content or the new, never a part: the bytes go to a second file in the same folder (which is
    made if need be), reach the disk, and only then take the name. If the block raises, `path` stays as it was and the
    second file is removed. Raises OSError if the folder cannot be written.
    """
    path = expand(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(draft, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # renamed before its bytes are on the disk, it could be empty after a power cut
        _replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _replace(draft: Path, path: Path) -> None:
    """On Windows, a file that another program has open for a moment refuses to be replaced."""
    for attempts_left in (4, 3, 2, 1, 0):
        try:
            return os.replace(draft, path)
        except PermissionError:
            if not attempts_left or os.name != "nt":
                raise
            time.sleep(0.05)
