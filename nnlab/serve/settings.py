"""What a service is started with: the command line, and the same for its workers."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path

from nnlab.files import expand

TOKEN = "NNLAB_TOKEN"  # a token on the command line would stand in every list of processes


@dataclass(frozen=True)
class Settings:
    """Models as paths; wait, timeout and grace in seconds; queue in requests, window in answers."""

    model: str
    canary: str | None = None
    share: float = 0.1
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    most_rows: int = 64
    wait: float = 0.0
    queue: int = 64
    timeout: float = 10.0
    grace: float = 8.0
    window: int = 1000
    with_parent: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (
            ("port", 0, 65535),
            ("workers", 1, 64),
            ("most_rows", 1, 4096),
            ("queue", 1, 1000),
            ("share", 0, 1),
            ("wait", 0, 1),
            ("timeout", 0.01, 600),
            ("grace", 0, 10),
            ("window", 10, 1_000_000),
        ):
            if not low <= getattr(self, name) <= high:
                option = name.replace("_", "-")
                raise ValueError(f"--{option} should be from {low} to {high}, got {getattr(self, name)}.")
        for path in filter(None, (self.model, self.canary)):
            if not expand(path).is_file():
                raise ValueError(f"There is no model {path}: give an ONNX file.")

    def to_json(self) -> str:
        """For a worker's command line."""
        return json.dumps(asdict(self))

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def parse(words: Sequence[str], parser: argparse.ArgumentParser) -> Settings:
    """The settings that `words` ask for. Raises ValueError for a value out of range, and what `parser` does else."""
    default = Settings.__dataclass_fields__
    parser.add_argument("model", metavar="MODEL", help="an ONNX file, such as nnlab.serve.export writes")
    parser.add_argument("--canary", metavar="MODEL2", help="a second version, which answers a share of the requests")
    for name, kind, words_for in (
        ("share", float, "share of the requests that the canary answers"),
        ("host", str, "address to listen at; 0.0.0.0 opens it to the network"),
        ("port", int, "0 takes a free one"),
        ("workers", int, "processes"),
        ("most-rows", int, "examples that go through the model together"),
        ("wait", float, "seconds that a batch waits for company"),
        ("queue", int, "requests that may wait; more are answered 503"),
        ("timeout", float, "seconds until a request is answered 504"),
        ("grace", float, "seconds that a stopping service takes to answer what it has"),
        ("window", int, "answers that are compared with the reference for drift"),
    ):
        value = default[name.replace("-", "_")].default
        parser.add_argument(f"--{name}", type=kind, default=value, metavar="N", help=f"{words_for} ({value})")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input is closed")
    return Settings(**vars(parser.parse_args(list(words))))


def token() -> str | None:
    """The bearer token from NNLAB_TOKEN, None if it is not set. Raises ValueError for one that is easily guessed."""
    found = os.environ.get(TOKEN)
    if found is not None and (len(found) < 16 or not found.isascii() or not found.isprintable()):
        raise ValueError(f"{TOKEN} should have at least 16 printable ASCII characters, got {len(found)}.")
    return found


def state_files(folder: Path) -> tuple[Path, Path]:
    """In a service's folder: the flag that the canary was taken out, and the folder of the counters."""
    return folder / "rolled_back", folder / "metrics"
