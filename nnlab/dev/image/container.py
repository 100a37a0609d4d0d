"""The image, started and asked."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nnlab.dev.say import Trouble
from nnlab.serve.client import call

START, STOP = 60.0, 15.0  # seconds
URL = "http://127.0.0.1:8000/"


def mount(*words: object) -> None:
    subprocess.run([program("mount"), *map(str, words)], check=True)


def unmount(folder: Path) -> None:
    """All that is mounted at or below a folder."""
    places = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for place in reversed([place for place in places if Path(place).is_relative_to(folder)]):
        subprocess.run([program("umount"), "--lazy", place], check=True)


def program(name: str) -> str:
    """The path of a program of the system, which is looked for here: inside the image it would not be found."""
    return shutil.which(name) or name


def seal(root: Path) -> None:
    """A loopback for the network that has nothing else, and a read-only file system, as compose.yaml asks for."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh22x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
    mount("--bind", root, root)
    mount("-o", "remount,bind,ro", root)
    for name in ("tmp", "dev"):
        mount("-t", "tmpfs", "tmpfs", root / name)
    (root / "dev" / "null").touch()
    mount("--bind", "/dev/null", root / "dev" / "null")


class Container:
    """An image's file system and settings."""

    def __init__(self, root: Path, settings: dict[str, Any]):
        if not re.fullmatch(r"\d+:\d+", settings.get("User") or ""):
            raise Trouble("The image should name its user and group by their numbers: see USER in the Dockerfile.")
        self.root, self.settings = root, settings
        self.env = dict(text.split("=", 1) for text in settings["Env"])

    def words(self, *more: str) -> list[str]:
        """What comes before a command that is to run inside, as the image's user."""
        user, group = self.settings["User"].split(":")
        words = [program("setpriv"), "--no-new-privs", program("unshare"), *more]
        return [*words, f"--root={self.root}", "--wd=/", f"--setuid={user}", f"--setgid={group}", "--"]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside."""
        return subprocess.run([*self.words(), *command], env=self.env, capture_output=True, text=True)

    @contextmanager
    def started(self) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        """The image's own command as process 1. Gives the process that waits for it, and its number out here."""
        own = ("--pid", "--fork", "--mount-proc")
        command = [*self.words(*own), *self.settings["Entrypoint"], *(self.settings.get("Cmd") or [])]
        with subprocess.Popen(command, env=self.env, stdout=sys.stderr) as waiting:
            try:
                children = Path(f"/proc/{waiting.pid}/task/{waiting.pid}/children")
                while not (child := children.read_text()) and waiting.poll() is None:
                    time.sleep(0.05)
                yield waiting, int(child or 0)
            finally:
                if waiting.poll() is None and (child := children.read_text()):
                    os.kill(int(child), signal.SIGKILL)  # with process 1 all others end


def example(schema: dict[str, Any]) -> Any:
    """An input that the service's description of itself allows: zeros, or the numbers that come nearest."""
    if schema["type"] == "array":
        return [example(schema["items"])] * schema["minItems"]
    return max(schema["minimum"], min(0, schema["maximum"]))


# what of its arguments can be written, after whether the root is read-only
WRITE = """
import os, sys
found = []
for name in sys.argv[1:]:
    try: open(name, "a").close()
    except OSError: continue
    found.append(name)
print(os.statvfs("/").f_flag & os.ST_RDONLY, *found)
"""
PLACES = ("/written", "/model/model.onnx", "/venv/written", "/tmp/written")


def look(container: Container) -> dict[str, Any]:
    """Start the service, ask it, and stop it. Raises Trouble if it does not become healthy."""
    found: dict[str, Any] = {}
    with container.started() as (waiting, pid):
        check, end = container.settings["Healthcheck"]["Test"][1:], time.monotonic() + START
        while (health := container.run(*check)).returncode and waiting.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
        if health.returncode:
            why = (health.stderr.strip().splitlines() or ["its health check says nothing"])[-1]
            raise Trouble(f"The service does not become healthy ({why}).")
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        found["process"] = {name: status[name].strip() for name in ("Uid", "Gid", "Groups", "CapEff", "NoNewPrivs")}
        found["process"]["number"] = status["NSpid"].split()[-1]
        flag, *found["can write"] = container.run("python", "-c", WRITE, *PLACES).stdout.split()
        found["read-only"] = flag != "0"
        found["health"] = call(URL + "health").body
        post = call(URL + "openapi.json").body["paths"]["/predict"]["post"]
        schema = post["requestBody"]["content"]["application/json"]["schema"]
        found["input"] = example(schema["properties"]["input"]["anyOf"][0])
        found["predict"] = call(URL + "predict", {"input": found["input"]}).body
        os.kill(pid, signal.SIGTERM)
        try:
            found["status after SIGTERM"] = waiting.wait(STOP)
        except subprocess.TimeoutExpired:
            raise Trouble(f"The container does not end within {STOP:g} s of SIGTERM.") from None
    return found
