"""Two set-ups of one clone at a time would tear each other's files, so the second waits."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from nnlab.dev.say import Trouble, say


def _take(file: IO[str]) -> bool:
    """The lock is the system's own, so it vanishes with its holder, however that ends."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass  # a file system without locks: better unguarded than never
    return True


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock on the file `path`, after waiting for whoever holds it; Trouble if it cannot be written."""
    try:
        file = path.open("a")
    except OSError as err:
        raise Trouble(f"{path.parent} cannot be written ({err.strerror}): clone to a folder of yours.") from None
    with file:
        if not _take(file):
            say("Another set-up of this clone is running: waiting for it.")
            while not _take(file):
                time.sleep(0.5)
        yield
