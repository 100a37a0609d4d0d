"""Measures the service of chapter 21 next to the way it is usually shown: Flask's development server, one request, one
call of the model. The load comes from this process, the servers are others. Both answer the same digits with the same
network (the naive one with PyTorch, as the usual script does). Other work on the machine makes every time longer: read
the ratios."""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import say

NAIVE_NAME, OUR_NAME = "naive Flask", "nnlab.serve"
NAIVE = """
import logging, sys
import torch
from flask import Flask, jsonify, request
from nnlab.serve.digits import digits_network

logging.getLogger("werkzeug").disabled = True
app, model = Flask("naive"), digits_network()

@app.post("/predict")
def predict():
    try:
        x = torch.tensor(request.json["input"], dtype=torch.float32)
        with torch.no_grad():
            return jsonify(prediction=model(x).argmax(1).tolist())
    except Exception as error:
        return jsonify(error=str(error)), 400

app.run(host="127.0.0.1", port=int(sys.argv[1]))
"""


@contextmanager
def naive() -> Iterator[str]:
    """The usual script on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, "-c", NAIVE, str(port)], stdout=quiet, stderr=quiet)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait()


CONNECTIONS = (1, 8, 32)


def measure(rounds: int, requests: int, workers: int) -> dict[str, dict[int, tuple[float, float, float]]]:
    """For each server, by connections: answers a second, p50 and p99 in ms, each the median over the rounds. Raises
    RuntimeError for any answer that is not 200."""
    from nnlab.datasets import mnist
    from nnlab.serve.client import running
    from nnlab.serve.digits import write_digits
    from nnlab.serve.load import load

    inputs = (mnist("test")[0][:200] / 255).round(4)[:, None, None]
    found: dict[str, dict[int, list[tuple[float, float, float]]]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder) / "digits.onnx"
        write_digits(path)
        servers = {NAIVE_NAME: stack.enter_context(naive())}
        servers[OUR_NAME] = stack.enter_context(running(path, "--workers", workers)).url
        for _ in range(rounds):
            for name, url in servers.items():  # in turns, so that both meet the same conditions
                load(url, inputs, 100, 8)
                for c in CONNECTIONS:
                    result = load(url, inputs, requests, c)
                    if set(result.codes) != {200}:
                        raise RuntimeError(f"{name} with {c} connections answered {dict(result.codes)}.")
                    row = (result.rate, result.quantile(0.5), result.quantile(0.99))
                    found.setdefault(name, {}).setdefault(c, []).append(row)
    middle: Any = statistics.median
    return {
        name: {c: tuple(map(middle, zip(*rows, strict=True))) for c, rows in by.items()} for name, by in found.items()
    }  # type: ignore[misc]


def main(argv: list[str]) -> int:
    """Measure and print."""
    parser = Parser("bench serve", __doc__)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of which the medians are shown (3)")
    parser.add_argument("--requests", type=int, default=1000, metavar="N", help="of each measurement (1000)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes of nnlab.serve (2)")
    options = parse_or_leave(parser, argv)
    found = measure(options.rounds, options.requests, options.workers)
    say("server        connections   answers/s    p50 ms    p99 ms")
    for name, rows in found.items():
        for c, (rate, p50, p99) in rows.items():
            say(f"{name:12} {c:12d} {rate:11.0f} {p50:9.1f} {p99:9.1f}")
    (ours, _, our_p99), (theirs, _, their_p99) = found[OUR_NAME][32], found[NAIVE_NAME][32]
    say(f"at 32 connections: {ours / theirs:.1f} times the answers a second, {our_p99 / their_p99:.2f} times the p99")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
