"""A load of requests from many connections, and how long each answer took."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import need_size


@dataclass
class LoadResult:
    """seconds: from the first request to the last answer. latencies: (N,) in seconds, of the answers with 200. codes:
    answers by status; "lost" counts requests whose connection ended without an answer. retried: requests that met a
    kept connection in the moment in which the server closed it, and were sent again on a new one, as HTTP asks for."""

    seconds: float
    latencies: NDArray[np.float64]
    codes: Counter[Any] = field(default_factory=Counter)
    retried: int = 0

    @property
    def rate(self) -> float:
        """Answers with 200 a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, q: float) -> float:
        """The latency, in ms, that a share q of the answers stayed below: 0.5 for p50."""
        return float(np.quantile(self.latencies, q)) * 1000 if len(self.latencies) else float("nan")


class _Connection:
    def __init__(self, address: tuple[str, int]):
        self.address = address
        self.socket: socket.socket | None = None
        self.got = b""
        self.due = 0.0  # when the request on its way was to be sent; 0 if none is on its way
        self.message = b""
        self.kept = False  # whether it has carried an answer before


def load(
    url: str, inputs: Any, requests: int, connections: int = 8, rate: float | None = None, path: str = "predict"
) -> LoadResult:
    """Send `requests` requests to `url`, each with the next of `inputs` (lists or arrays, one request each).

    rate None: each connection sends its next request when it has its answer, the greatest load that they can make.
    With a rate, requests are due at equal distances, and the latency counts from when one was due: a service that
    stalls must not profit from a client that waits. Raises OSError if it can't connect."""
    need_size(requests, "requests"), need_size(connections, "connections")
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    bodies = [json.dumps({"input": np.asarray(x).tolist()}).encode() for x in inputs]
    head = f"POST /{path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: "
    messages = [head.encode() + str(len(b)).encode() + b"\r\n\r\n" + b for b in bodies]
    pool = [_Connection((parts.hostname, parts.port)) for _ in range(connections)]
    poll, result, latencies = selectors.DefaultSelector(), LoadResult(0, np.empty(0)), []
    sent = done = 0
    idle = list(pool)
    start = time.perf_counter()
    while done < requests:
        now = time.perf_counter()
        while idle and sent < requests and (rate is None or start + sent / rate <= now):
            connection = idle.pop()
            connection.due = now if rate is None else start + sent / rate
            _send(connection, messages[sent % len(messages)], poll)
            sent += 1
        wait = 30.0
        if rate is not None and idle and sent < requests:
            wait = max(0.0, start + sent / rate - now)
        ready = poll.select(wait)
        if not ready and wait == 30.0:
            result.codes["lost"] += requests - done
            break
        for key, _ in ready:
            connection = key.data
            code = _receive(connection, poll)
            if code == "lost" and not connection.due:
                continue  # an idle connection was closed
            if code == "lost" and connection.kept:
                connection.kept, result.retried = False, result.retried + 1
                _send(connection, connection.message, poll)
            elif code is not None:
                if code == 200:
                    latencies.append(time.perf_counter() - connection.due)
                result.codes[code] += 1
                done += 1
                connection.due, connection.kept = 0.0, connection.socket is not None
                idle.append(connection)
    result.seconds, result.latencies = time.perf_counter() - start, np.array(latencies)
    for connection in pool:
        if connection.socket:
            connection.socket.close()
    poll.close()
    return result


def _send(connection: _Connection, message: bytes, poll: selectors.BaseSelector) -> None:
    """Send it whole (a request is small), on a new connection if there is none."""
    connection.message = message
    if connection.socket is None:
        connection.socket = socket.create_connection(connection.address, timeout=30)
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(connection.socket, selectors.EVENT_READ, connection)
    with suppress(OSError):  # the other side has closed it: reading says so
        connection.socket.sendall(message)


def _receive(connection: _Connection, poll: selectors.BaseSelector) -> int | str | None:
    """The status of the answer if it is whole; "lost" if the connection ended before; None if more is to come."""
    assert connection.socket is not None
    try:
        part = connection.socket.recv(65536)
    except OSError:
        part = b""
    connection.got += part
    head, found, body = connection.got.partition(b"\r\n\r\n")
    fields = head.lower().split(b"\r\n")
    length = next((int(f.split(b":")[1]) for f in fields if f.startswith(b"content-length:")), None)
    whole = bool(found) and (len(body) >= length if length is not None else not part)
    if not part or (whole and b"connection: close" in fields) or (whole and head.startswith(b"HTTP/1.0")):
        poll.unregister(connection.socket)
        connection.socket.close()
        connection.socket = None
    if not whole:
        if part:
            return None
        connection.got = b""
        return "lost"
    connection.got = b""
    return int(head.split()[1])
