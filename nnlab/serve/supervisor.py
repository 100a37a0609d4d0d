"""Keeps the workers alive: starts one again that dies, exchanges them without losing a request, stops them gracefully.

The supervisor opens the listening socket and lends it to each worker. While a worker is being replaced, connections
wait in the socket's own queue, and none is refused. It runs where a process can inherit a socket: Linux and macOS.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

from .settings import Settings, state_files
from .worker import stop_with_parent

START = 60.0  # seconds for a worker to load its model
TICK = 0.05


class Supervisor:
    """`run` serves until SIGTERM or Ctrl-C. SIGHUP exchanges the workers one by one, SIGUSR1 takes the canary out."""

    def __init__(self, settings: Settings):
        self.settings = settings
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        try:
            self.listener = socket.create_server((settings.host, settings.port), family=family, backlog=1024)
        except OSError as error:
            raise ValueError(
                f"Can't listen at {settings.host} port {settings.port} ({error.strerror}): choose another --port."
            ) from None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.restarts = 0
        self._asked: set[int] = set()

    @property
    def url(self) -> str:
        """Where it answers."""
        host, port = self.listener.getsockname()[:2]
        return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"

    def run(self) -> int:
        """Serve. Returns 0 after a stop that was asked for, 1 if the first workers can't start."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, lambda n, _: self._asked.add(n))
        if self.settings.with_parent:
            stop_with_parent(lambda: self._asked.add(signal.SIGTERM))
        with tempfile.TemporaryDirectory(prefix="nnlab-serve-") as name:
            self.folder = Path(name)
            self.flag, self.counters = state_files(self.folder)
            self.counters.mkdir()
            try:
                self.workers = [self._start() for _ in range(self.settings.workers)]
                if not all(map(self._ready, self.workers)):
                    return 0 if self._ending() else 1
                what = (self.folder / f"ready-{self.workers[0].pid}").read_text()
                print(f"Serving {what} at {self.url} (Ctrl-C stops it)", flush=True)
                while not self._ending():
                    self._turn()
                    time.sleep(TICK)
                return 0
            finally:
                self._stop(self.workers)

    def _ending(self) -> bool:
        return bool(self._asked & {signal.SIGTERM, signal.SIGINT})

    def _turn(self) -> None:
        if signal.SIGUSR1 in self._asked:
            self._asked.discard(signal.SIGUSR1)
            self.flag.touch()
            print("All requests go to the main version again.", file=sys.stderr, flush=True)
        if signal.SIGHUP in self._asked:
            self._asked.discard(signal.SIGHUP)
            self._exchange()
        for k, worker in enumerate(self.workers):
            if worker.poll() is not None:
                self._gone(worker)
                self.restarts += 1
                print(
                    f"Worker {worker.pid} ended with {worker.returncode}: started again.", file=sys.stderr, flush=True
                )
                self.workers[k] = self._start()
                time.sleep(TICK * min(self.restarts, 20))  # one that dies at once must not keep a core busy

    def _exchange(self) -> None:
        """A new worker for each old one: only when the new one is ready does the old one stop."""
        for k, old in enumerate(self.workers):
            new = self._start()
            if not self._ready(new):
                print("The new worker did not start: the old ones go on.", file=sys.stderr, flush=True)
                self._stop([new])
                return
            self.workers[k] = new
            self._stop([old])

    def _start(self) -> subprocess.Popen[bytes]:
        fd = self.listener.fileno()
        words = [sys.executable, "-m", "nnlab.serve.worker", self.settings.to_json(), str(fd), str(self.folder)]
        env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(self.counters)}
        return subprocess.Popen(words, stdin=subprocess.PIPE, pass_fds=[fd], env=env)

    def _ready(self, worker: subprocess.Popen[bytes]) -> bool:
        """Wait until it has loaded its model; false if it ends, takes too long, or the service is to stop."""
        end = time.monotonic() + START
        while not (self.folder / f"ready-{worker.pid}").exists():
            if worker.poll() is not None or time.monotonic() > end or self._ending():
                return False
            time.sleep(TICK)
        return True

    def _stop(self, workers: list[subprocess.Popen[bytes]]) -> None:
        """Ask them to stop, and end what has not stopped after its grace."""
        if self._ending():
            self.listener.close()  # with the workers' copies closed too, new connections are refused
        for worker in workers:
            worker.terminate()
        end = time.monotonic() + self.settings.grace + 1.5
        for worker in workers:
            try:
                worker.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
            self._gone(worker)

    def _gone(self, worker: subprocess.Popen[bytes]) -> None:
        assert worker.stdin is not None
        worker.stdin.close()
        mark_process_dead(worker.pid, str(self.counters))
        (self.folder / f"ready-{worker.pid}").unlink(missing_ok=True)
