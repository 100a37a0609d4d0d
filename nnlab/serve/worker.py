"""One process that answers requests, on waitress: `python -m nnlab.serve.worker`, which only the supervisor starts.

Waitress reads all connections in one loop and hands only whole requests to its threads, so that a client that sends a
byte a second holds no thread. Whole requests wait in a queue of limited length; one thread does nothing but answer 503
to those that find it full. A large body is answered so too while others fill the room for such bodies: the memory that
all connections take together is bounded.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error

from .app import BUSY, MOST_BYTES, MOST_HEADER, SENTENCES, create_app
from .model import ServedModel
from .service import Service
from .settings import Settings, state_files, token

THREADS = 16  # so many requests can share a call of the model; Python computes in one of them at a time
SWITCH = 50e-6  # seconds; for Python's own 5 ms a short answer waits behind each thread that computes
LARGEST = 2 * MOST_BYTES  # a body that is a little too large is read, so that its sender sees why
ROOM = 8 * MOST_BYTES  # for all bodies of more than SMALL bytes that are being read or answered
SMALL = 65_536  # bytes; all connections together may hold as many bodies of this size
LINGER = 0.5  # seconds in which a stopping worker tells busy connections to close


class BoundedDispatcher(ThreadedTaskDispatcher):
    """Waitress' queue and threads, where a request that finds `most` others waiting is handed on to be refused."""

    def __init__(self, most: int):
        super().__init__()
        self.most, self.refusals = most, ThreadedTaskDispatcher()
        self.set_thread_count(THREADS)
        self.refusals.set_thread_count(1)

    def add_task(self, task: Any) -> None:
        task.busy = len(self.queue) >= self.most
        if task.busy:
            self.refusals.add_task(task)
        else:
            super().add_task(task)


class Busy(Error):
    code, reason = 503, "Service Unavailable"


class UnknownVersion(Error):
    code, reason = 505, "HTTP Version Not Supported"


class Room:
    """Bytes of which requests take a part while they are read and answered."""

    def __init__(self, size: int):
        self.free, self._lock = size, threading.Lock()

    def take(self, size: int) -> bool:
        """Take room for this many bytes if there is enough; whether there was."""
        with self._lock:
            enough = size <= self.free
            self.free -= size * enough
        return enough

    def give_back(self, size: int) -> None:
        with self._lock:
            self.free += size


class StrictParser(HTTPRequestParser):
    """Waitress' reader of requests, which also refuses what two readers may take for two different requests, and a
    large body for which there is no room. Of a version that it does not know, waitress itself ignores the encoding."""

    room: Room
    taken, content_length = 0, 0
    error: Any
    body_rcv: Any

    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if self.body_rcv is not None and not self.taken and not self.error:
            chunked = LARGEST if self.chunked and len(self.body_rcv) > SMALL else 0  # it says no length
            size = max(self.content_length, chunked)
            if size > SMALL and self.room.take(size):
                self.taken = size
            elif size > SMALL:
                self.error, self.completed = Busy("no room"), True
        if self.error:
            self.expect_continue = False  # else the client is asked for its body, and that is read
        return int(consumed)

    def close(self) -> None:
        super().close()
        self.room.give_back(self.taken)
        self.taken = 0

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:  # a length of thousands of digits
            raise ParsingError("Content-Length") from None
        if self.version not in ("1.0", "1.1"):
            self.error, self.body_rcv, self.content_length = UnknownVersion(self.version), None, 0
        elif self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length and Transfer-Encoding")
        elif "TRANSFER_ENCODING" in self.headers:  # left there, and not honoured, in HTTP/1.0
            raise ParsingError("Transfer-Encoding")


class Refused(ErrorTask):
    """The answer to what never reaches the application: as its refusals are."""

    def execute(self) -> None:
        error = self.request.error
        body = json.dumps({"error": SENTENCES.get(error.code, "The service failed.")}).encode()
        self.status, self.content_length = f"{error.code} {error.reason}", len(body)
        self.response_headers.append(("Content-Type", "application/json"))
        if error.code == Busy.code:
            self.response_headers.append(("Retry-After", "1"))
        self.set_close_on_finish()
        self.channel.refused = True
        self.write(body)


class Channel(HTTPChannel):
    """A connection. After a refusal, what the client is still sending is read and thrown away for a moment: closed at
    once, the connection would be reset, and the client might never see why."""

    error_task_class = Refused
    refused, drained_until = False, 0.0

    def readable(self) -> Any:
        return self.drained_until or super().readable()

    def writable(self) -> Any:
        return time.monotonic() > self.drained_until if self.drained_until else super().writable()

    def handle_read(self) -> None:
        if not self.drained_until:
            super().handle_read()
        else:
            self.recv(self.adj.recv_bytes)  # closes at the end

    def handle_close(self) -> None:
        if self.request:
            self.request.close()  # its rest will not come
        if self.drained_until or not (self.connected and self.refused):
            super().handle_close()
            return
        self.drained_until = time.monotonic() + LINGER
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:  # the client has gone
            super().handle_close()


class Worker:
    """Serves `settings` on a listening socket until `stop` is called, and then answers what it has taken."""

    def __init__(self, settings: Settings, listener: socket.socket, folder: Path):
        models = [ServedModel(path) if path else None for path in (settings.model, settings.canary)]
        assert models[0] is not None
        flag, _ = state_files(folder)
        options = {name: getattr(settings, name) for name in ("most_rows", "wait", "timeout")}
        self.service = Service(
            models[0], models[1], settings.share, rolled_back=flag, window=settings.window, **options
        )
        self.grace, self.stopped_at = settings.grace, 0.0
        self.map: dict[int, Any] = {}
        self.server: Any = waitress.create_server(
            create_app(self.service, token()),
            map=self.map,
            sockets=[listener],
            _dispatcher=BoundedDispatcher(settings.queue),
            ident=None,
            channel_timeout=30,
            cleanup_interval=5,
            connection_limit=most_connections(),
            max_request_header_size=MOST_HEADER,
            max_request_body_size=LARGEST,
            inbuf_overflow=LARGEST,  # no body goes to a temporary file: that folder is small, and has the counters
        )
        service = self.service

        class Task(WSGITask):
            def get_environment(self) -> Any:
                found = super().get_environment()
                return {**found, BUSY: True} if self.channel.busy else found

            def build_response_header(self) -> Any:
                if not service.ready:
                    self.set_close_on_finish()
                return super().build_response_header()

        parser = type("Parser", (StrictParser,), {"room": Room(ROOM)})
        self.server.channel_class = type("TaskChannel", (Channel,), {"task_class": Task, "parser_class": parser})

    def stop(self, *_: object) -> None:
        """Take no new connection; end when all that was taken is answered, at the latest after the grace."""
        if not self.stopped_at:
            self.stopped_at = time.monotonic()
            self.service.ready = False
            self.server.del_channel(self.map)
            self.server.socket.close()

    def run(self) -> None:
        """Answer until it is stopped."""
        while not self._finished():
            wasyncore.loop(timeout=0.1, use_poll=hasattr(select, "poll"), map=self.map, count=1)
        self.service.close()

    def _finished(self) -> bool:
        if not self.stopped_at:
            return False
        since = time.monotonic() - self.stopped_at
        busy = any(c.requests or c.request or c.total_outbufs_len for c in list(self.server.active_channels.values()))
        return since > self.grace or (since > LINGER and not busy)


def most_connections() -> int:
    """So many that descriptors are left for all else: without one, accepting fails again and again, at full speed.
    Further connections wait in the socket's own queue."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1000 if limit == resource.RLIM_INFINITY else max(10, min(1000, limit - 64))


def stop_with_parent(stop: Any) -> None:
    """Call `stop` when standard input ends: however the parent dies, its end of the pipe is closed."""

    def wait() -> None:
        while os.read(0, 1024):  # sys.stdin's own lock would still be held when Python shuts down
            pass
        stop()

    threading.Thread(target=wait, daemon=True).start()


def main() -> int:
    """Settings as JSON, the listener's descriptor and the folder stand on the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(message)s")
    logging.getLogger("waitress").setLevel(logging.WARNING)  # not a line for each client that leaves
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sys.setswitchinterval(SWITCH)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process: the supervisor decides
    settings, folder = Settings(**json.loads(sys.argv[1])), Path(sys.argv[3])
    try:
        worker = Worker(settings, socket.socket(fileno=int(sys.argv[2])), folder)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 3
    signal.signal(signal.SIGTERM, worker.stop)
    stop_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    card = worker.service.card
    (folder / f"ready-{os.getpid()}").write_text(f"{card.name} {card.version}")
    worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
