"""Measures the service of chapter 21 next to the way it is usually shown: Flask's development server, one request, one
call of the model. The load comes from this process, the servers are others. Both answer the same digits with the same
network (the naive one with PyTorch, as the usual script does). Other work on the machine makes every time longer: read
the ratios."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import say

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
    import socket

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


def measure(
    requests: int, connections: Sequence[int], workers: int
) -> dict[str, list[tuple[int, float, float, float]]]:
    """For each server rows (connections, answers a second, p50 and p99 in ms). Raises RuntimeError for an error."""
    from nnlab.datasets import mnist
    from nnlab.serve.client import running
    from nnlab.serve.digits import write_digits
    from nnlab.serve.load import load

    inputs = (mnist("test")[0][:200] / 255).round(4)[:, None, None]
    found: dict[str, list[tuple[int, float, float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.onnx"
        write_digits(path)
        servers = {"naive Flask": naive, "nnlab.serve": lambda: running(path, "--workers", workers)}
        for name, make in servers.items():
            with make() as server:  # type: ignore[operator]
                url = server if isinstance(server, str) else server.url
                load(url, inputs, 200, 8)
                for c in connections:
                    result = load(url, inputs, requests, c)
                    if set(result.codes) != {200}:
                        raise RuntimeError(f"{name} with {c} connections answered {dict(result.codes)}.")
                    found.setdefault(name, []).append((c, result.rate, result.quantile(0.5), result.quantile(0.99)))
    return found


def main(argv: list[str]) -> int:
    """Measure and print."""
    parser = Parser("bench serve", __doc__)
    parser.add_argument("--requests", type=int, default=2000, metavar="N", help="of each measurement (2000)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes of nnlab.serve (1)")
    options = parse_or_leave(parser, argv)
    found = measure(options.requests, (1, 4, 8, 16, 32), options.workers)
    say("server        connections   answers/s    p50 ms    p99 ms")
    for name, rows in found.items():
        for c, rate, p50, p99 in rows:
            say(f"{name:12} {c:12d} {rate:11.0f} {p50:9.1f} {p99:9.1f}")
    (_, ours, _, our_p99), (_, theirs, _, their_p99) = found["nnlab.serve"][-1], found["naive Flask"][-1]
    say(f"at 32 connections: {ours / theirs:.1f} times the answers a second, {our_p99 / their_p99:.2f} times the p99")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
