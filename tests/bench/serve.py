"""Measures the service of chapter 21 next to the way it is usually shown: Flask's development server, one request, one
call of the model. The load comes from this process, the servers are others. Both answer the same digits with the same
network (the naive one with PyTorch, as the usual script does). Other work on the machine makes every time longer: read
the ratios, which are of neighbours in time, and the processor time, which waiting does not change.

After that only the service: p99 at half of its greatest load, memory over many requests, and an exchange of the workers
under load. Any answer that is not 200, and any that is lost, ends the bench with an error."""

from __future__ import annotations

import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from nnlab.datasets import mnist
from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import say
from nnlab.serve.client import Running, running
from nnlab.serve.digits import write_digits
from nnlab.serve.load import LoadResult, load

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
def naive() -> Iterator[tuple[str, int]]:
    """The usual script on a free port: its address and its process."""
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
        yield f"http://127.0.0.1:{port}/", process.pid
    finally:
        process.kill()
        process.wait()


CONNECTIONS = (1, 8, 32)
Row = tuple[float, float, float, float]  # answers a second, p50 and p99 in ms, the servers' processor ms a request


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and all that it started."""
    return [process, *process.children(recursive=True)]


def checked(result: LoadResult, what: str) -> LoadResult:
    """`result`, unless an answer is missing or not 200."""
    if set(result.codes) != {200}:
        raise RuntimeError(f"{what}: answers {dict(result.codes)}.")
    return result


def compare(rounds: int, requests: int, servers: dict[str, tuple[str, int]], inputs: Any) -> list[dict[str, list[Row]]]:
    """For each round the rows of each server, one for each of CONNECTIONS; in turns, so that both meet the same
    conditions."""
    found = []
    for _ in range(rounds):
        rows: dict[str, list[Row]] = {}
        for name, (url, pid) in servers.items():
            load(url, inputs, 100, 8)
            for c in CONNECTIONS:
                before = used(pid)
                result = checked(load(url, inputs, requests, c), f"{name} with {c} connections")
                ms = 1000 * (used(pid) - before) / requests
                rows.setdefault(name, []).append((result.rate, result.quantile(0.5), result.quantile(0.99), ms))
        found.append(rows)
    return found


def used(pid: int) -> float:
    """Seconds of processor time that a server has used."""
    return sum(sum(one.cpu_times()[:2]) for one in family(psutil.Process(pid)))


def memory(service: Running, inputs: Any, requests: int) -> tuple[float, float]:
    """MB of the service's own (not shared) memory after a tenth of the requests, and after all."""

    def now() -> float:
        return sum(one.memory_full_info().uss for one in family(psutil.Process(service.process.pid))) / 1e6

    first = requests // 10
    checked(load(service.url, inputs, first, 32), "memory")
    before = now()
    checked(load(service.url, inputs, requests - first, 32), "memory")
    return before, now()


def exchange(service: Running, inputs: Any, rate: float) -> tuple[LoadResult, bool]:
    """A load of about 10 s, in which all workers are exchanged, and whether they were."""

    def workers() -> set[int]:
        return {one.pid for one in psutil.Process(service.process.pid).children()}

    before, asked = workers(), threading.Timer(1.0, service.signal, [signal.SIGHUP])
    asked.start()
    result = checked(load(service.url, inputs, int(10 * rate), 16, rate), "exchange")
    end = time.monotonic() + 60
    while before & workers() and time.monotonic() < end:
        time.sleep(0.1)
    return result, not before & workers()


def main(argv: list[str]) -> int:
    """Measure and print."""
    parser = Parser("bench serve", __doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of which the medians are shown (5)")
    parser.add_argument("--requests", type=int, default=1000, metavar="N", help="of each measurement (1000)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes of nnlab.serve (2)")
    parser.add_argument(
        "--long", type=int, default=50_000, metavar="N", help="requests while memory is watched (50000)"
    )
    options = parse_or_leave(parser, argv)
    inputs = (mnist("test")[0][:200] / 255).round(4)[:, None, None]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder) / "digits.onnx"
        write_digits(path)
        service = stack.enter_context(running(path, "--workers", options.workers))
        with naive() as theirs:
            servers = {NAIVE_NAME: theirs, OUR_NAME: (service.url, service.process.pid)}
            show(compare(options.rounds, options.requests, servers, inputs))
        greatest = checked(load(service.url, inputs, 5 * options.requests, 32), "greatest load").rate
        half = checked(load(service.url, inputs, 5 * options.requests, 32, greatest / 2), "half load")
        p50, p99 = half.quantile(0.5), half.quantile(0.99)
        say(f"at half of {greatest:.0f} requests a second: p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        result, all_new = exchange(service, inputs, greatest / 2)
        say(
            f"workers exchanged under that load: {'all' if all_new else 'not all'} new, {sum(result.codes.values())} "
            f"requests, none lost, {result.retried} sent again, p99 {result.quantile(0.99):.1f} ms"
        )
        before, after = memory(service, inputs, options.long)
        say(f"memory over {options.long} requests: {before:.1f} to {after:.1f} MB, {after / before - 1:+.1%}")
    return 0


def show(rounds: list[dict[str, list[Row]]]) -> None:
    """The medians, and the median of each round's ratio."""
    middle = statistics.median
    say("server        connections   answers/s    p50 ms    p99 ms    processor ms")
    for name in rounds[0]:
        for k, c in enumerate(CONNECTIONS):
            rate, p50, p99, ms = (middle(r[name][k][j] for r in rounds) for j in range(4))
            say(f"{name:12} {c:12d} {rate:11.0f} {p50:9.1f} {p99:9.1f} {ms:15.2f}")
    rate, _, p99, ms = (middle(r[OUR_NAME][-1][j] / r[NAIVE_NAME][-1][j] for r in rounds) for j in range(4))
    ratios = ", ".join(f"{r[OUR_NAME][-1][0] / r[NAIVE_NAME][-1][0]:.1f}" for r in rounds)
    say(f"at {CONNECTIONS[-1]} connections: {rate:.1f} times the answers a second (by round {ratios}),")
    say(f"{p99:.2f} times the p99, {ms:.2f} times the processor time a request")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
