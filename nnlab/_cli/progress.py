"""One moving line on a terminal, plain lines in a log, so that nobody wonders whether it hangs."""

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import Self, TextIO


class Progress:
    def __init__(self, out: TextIO | None = None, still_every: float = 30) -> None:
        self.out = out or sys.stdout
        self.moving = self.out.isatty()
        self.still_every = still_every
        self.start = self.spoke = time.monotonic()
        self.text = ""
        self.lock = threading.Lock()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, tb: TracebackType | None) -> None:
        self.done.set()
        self.thread.join()
        if self.moving:
            self._write("\r" + " " * self._width() + "\r")

    def show(self, text: str, keep: bool = True) -> None:
        """What is being done now. `keep`: worth a line in a log; a terminal shows everything on one line."""
        with self.lock:
            self.text = text
            if self.moving:
                self._redraw()
            elif keep:
                self._write(f"  {text}\n")

    def _tick(self) -> None:
        while not self.done.wait(0.5):
            with self.lock:
                if self.moving:
                    self._redraw()
                elif time.monotonic() - self.spoke > self.still_every:
                    self._write(f"  still {self.text} ({self._seconds()} s)\n")

    def _redraw(self) -> None:
        line = f"  [{self._seconds():4d} s] {self.text}"
        self._write("\r" + line[: self._width()].ljust(self._width()))

    def _write(self, text: str) -> None:
        self.spoke = time.monotonic()
        self.out.write(text)
        self.out.flush()

    def _seconds(self) -> int:
        return int(time.monotonic() - self.start)

    def _width(self) -> int:
        return shutil.get_terminal_size().columns - 1
