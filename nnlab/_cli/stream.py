"""Run an installer, show where it is, keep its whole output in a log, and turn its failure into one sentence."""

import contextlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from nnlab._cli.progress import Progress
from nnlab._cli.say import Trouble
from nnlab._cli.troubles import explain

BIG = re.compile(r"\((\d+(?:\.\d+)? (?:GB|MB))\)|\((\d+(?:\.\d+)?(?:GiB|MiB))\)")


def describe(line: str, last: str) -> tuple[str, bool] | None:
    """What one line of pip or uv means to somebody who waits, and whether it is worth a line in a log."""
    if found := re.match(r"Progress (\d+) of (\d+)", line):
        done, total = int(found[1]), int(found[2])
        return (f"{last.split(':')[0]}: {100 * done // total} %", False) if total else None
    line = line.strip()
    if found := re.match(r"Downloading (\S+)", line):
        name = "-".join(found[1].rsplit("/", 1)[-1].split("-")[:2])
        size = BIG.search(line)
        return f"downloading {name}{' ' + size[0] if size else ''}", size is not None
    if found := re.match(r"Processing (\S+)", line):
        return f"reading {found[1].rsplit('/', 1)[-1]}", False
    if found := re.match(r"(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line):
        return f"looking up {found[1]}", False
    if line.startswith("Installing collected packages:"):
        count = line.count(",") + 1
        return ("unpacking" if count < 20 else f"unpacking {count} packages, which takes a minute or two"), True
    return None


def stream(argv: Sequence[str | Path], cwd: Path, env: Mapping[str, str], progress: Progress, log: Path) -> None:
    """Run to the end; raises Trouble on failure. An interrupt stops the installer as well."""
    child = subprocess.Popen(
        [os.fspath(word) for word in argv],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    assert child.stdout is not None
    output = []
    try:
        for line in child.stdout:
            if not line.startswith("Progress "):
                output.append(line)
            if meant := describe(line, progress.text):
                progress.show(*meant)
        code = child.wait()
    finally:
        child.stdout.close()
        if child.poll() is None:
            child.terminate()
            child.wait()
        # a full disk may refuse the log as well, and then the sentence matters more
        with contextlib.suppress(OSError), log.open("a", encoding="utf-8") as file:
            file.writelines([f"$ {' '.join(map(str, argv))}\n", *output])
    if code:
        raise Trouble(failure("".join(output), code, log))


def failure(output: str, code: int, log: Path) -> str:
    if code in (-9, 137):
        return (
            "The installer was killed, most likely because the memory ran out: close other programs and run this again."
        )
    if sentence := explain(output):
        return f"{sentence} (The installer's own words are in {log}.)"
    errors = [line for line in output.splitlines() if re.match(r"\s*(ERROR|error)\b", line)]
    last = (errors or output.strip().splitlines() or [f"exit status {code}"])[-1].strip()
    return f"The installation failed: {last} (The installer's own words are in {log}; run this again to retry.)"
