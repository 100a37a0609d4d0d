"""Waiting for a command's end."""

from __future__ import annotations

import subprocess


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The status and the output of a command; it is killed if it has not ended after four minutes."""
    try:
        out, _ = process.communicate(timeout=240)
    finally:
        process.kill()
    return process.returncode, out
