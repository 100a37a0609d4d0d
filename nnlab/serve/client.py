"""For whoever calls the service: start one that never outlives you, ask it, and put it under load."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """status, headers (names in lower case), and the body: what the JSON says, or the text."""

    status: int
    headers: dict[str, str]
    body: Any


def call(url: str, body: Any = None, *, method: str | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Ask once. body: bytes as they are, None for a GET, and anything else as JSON. An answer of 4xx or 5xx is an
    answer; raises OSError if nobody answers within 30 s."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = ({"Content-Type": "application/json"} if data is not None else {}) | (headers or {})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a service here is not behind a proxy
    try:
        with opener.open(urllib.request.Request(url, data, sent, method=method), timeout=30) as found:
            status, got, content = found.status, found.headers, found.read()
    except urllib.error.HTTPError as error:
        with error:
            status, got, content = error.code, error.headers, error.read()
    names = {name.lower(): value for name, value in got.items()}
    text = content.decode("utf-8", "replace")
    return Answer(status, names, json.loads(text) if names.get("content-type") == "application/json" else text)


@dataclass
class Running:
    """A service that was started here. url ends with "/"; log: its lines on standard error so far."""

    url: str
    process: subprocess.Popen[str]
    log: list[str] = field(default_factory=list)

    def call(self, path: str, body: Any = None, **more: Any) -> Answer:
        """`call` of one of its paths: "predict", "health", "ready", "metrics"."""
        return call(self.url + path, body, **more)

    def signal(self, number: int) -> None:
        """SIGHUP exchanges its workers, SIGUSR1 takes the canary out, SIGTERM stops it."""
        self.process.send_signal(number)


@contextmanager
def running(*words: object, token: str | None = None) -> Iterator[Running]:
    """`python -m nnlab.serve WORDS` on a free port of this machine, stopped when the block ends, however it ends.

        with running("digits.onnx", "--workers", 2) as service:
            service.call("predict", {"input": pixels})

    Should this process be killed, the service notices and stops as well. Raises RuntimeError with the service's own
    sentence if it does not start."""
    env = {**os.environ, **({"NNLAB_TOKEN": token} if token else {})}
    command = [sys.executable, "-u", "-m", "nnlab.serve", *map(str, words), "--port", "0", "--with-parent"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=env, start_new_session=True
    )
    assert process.stdout and process.stderr and process.stdin
    service = Running("", process)
    errors = process.stderr
    reader = threading.Thread(target=lambda: service.log.extend(iter(errors.readline, "")), daemon=True)
    reader.start()
    try:
        line = process.stdout.readline()
        if " at " not in line:
            process.wait()
            reader.join(5)
            raise RuntimeError("The service did not start: " + (service.log[-1].strip() if service.log else "no word."))
        service.url = line.split(" at ")[1].split()[0]
        yield service
    finally:
        stop(process)
        reader.join(5)
        for end in (process.stdin, process.stdout, process.stderr):
            end.close()


def stop(process: subprocess.Popen[str]) -> int:
    """Stop a service gracefully, and by force after 15 s. Returns its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()  # its workers notice that their standard input has ended
        return process.wait()
