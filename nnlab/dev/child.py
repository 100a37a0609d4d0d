"""Run another program to its end, as if it had been typed itself."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(argv: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path | None = None) -> int:
    """Ctrl-C is the child's to answer (Jupyter asks back, pytest sums up), so it is ignored here meanwhile."""
    child = subprocess.Popen([os.fspath(word) for word in argv], env=env, cwd=cwd)
    old_int = signal.signal(signal.SIGINT, signal.SIG_IGN)
    old_term = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, old_int)
        signal.signal(signal.SIGTERM, old_term)
    return code if code >= 0 else 128 - code
