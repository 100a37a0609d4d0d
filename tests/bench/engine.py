"""Measures the from-scratch engine next to PyTorch, scikit-learn and micrograd: the same data, the same work, float32,
the same number of threads. Each side has a process of its own (in one process the waiting threads of one would take
the cores of the other), and they work in turns, so that both meet the same conditions. Other work on the machine makes
every time longer: read the ratio, not the milliseconds. A peer that is not installed is left out; the extra `bench` in
pyproject.toml names them all.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib import metadata
from itertools import pairwise
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from nnlab import __version__
from nnlab.dev.options import Parser, parse_or_leave
from nnlab.dev.say import say

Work = Callable[[], object]
HERE = "NumPy"


class Row(NamedTuple):
    """One comparison: what, the peer, a function that prepares the work of a side, the ratio of times to stay below,
    calls a turn, and the most rounds."""

    title: str
    peer: str
    make: Callable[[str], Work]
    target: float
    calls: int
    rounds: int = 1000


def mlp(sizes: list[int], batch: int, opt: str, target: float, calls: int) -> Row:
    """One training step: forward, cross-entropy, backward, update."""

    def make(side: str) -> Work:
        import numpy as np

        rng = np.random.default_rng(0)
        x = rng.normal(size=(batch, sizes[0])).astype(np.float32)
        labels = rng.integers(sizes[-1], size=batch)
        if side == HERE:
            return our_step(sizes, x, labels, "CrossEntropyLoss", opt)
        import torch

        layers: list[Any] = []
        for n_in, n_out in pairwise(sizes):
            layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
        model, loss = torch.nn.Sequential(*layers[:-1]), torch.nn.CrossEntropyLoss()
        optimizer = getattr(torch.optim, opt)(model.parameters(), lr=1e-3)
        tensor, targets = torch.tensor(x), torch.tensor(labels)

        def step() -> None:
            optimizer.zero_grad()
            loss(model(tensor), targets).backward()
            optimizer.step()

        return step

    return Row(f"step of MLP {'-'.join(map(str, sizes))}, batch {batch}, {opt}", "torch", make, target, calls)


def our_step(sizes: list[int], x: Any, target: Any, loss_name: str, opt_name: str) -> Work:
    """One training step of our MLP."""
    import numpy as np

    from nnlab import scratch

    net = scratch.MLP(sizes, rng=np.random.default_rng(0), dtype=np.float32)
    loss, opt = getattr(scratch, loss_name)(), getattr(scratch, opt_name)(net.params, lr=1e-3)

    def step() -> None:
        loss.forward(net.forward(x), target)
        net.backward_params(loss.backward())
        opt.step(net.grads)

    return step


def layer(
    title: str, name: str, args: tuple[int, ...], options: dict[str, Any], shape: tuple[int, ...], *rest: Any
) -> Row:
    """Forward and backward, the gradient of the input among it. rest: target and calls."""

    def make(side: str) -> Work:
        import numpy as np

        rng = np.random.default_rng(0)
        x = rng.normal(size=shape).astype(np.float32)
        if side == HERE:
            from nnlab import scratch

            ours = getattr(scratch, name)(*args, **options, rng=rng, dtype=np.float32)
            dy = rng.normal(size=ours.forward(x).shape).astype(np.float32)

            def work() -> None:
                ours.forward(x)
                ours.backward(dy)

            return work
        import torch

        theirs = getattr(torch.nn, name)(*args, **options)

        def output(tensor: Any) -> Any:
            y = theirs(tensor)
            return y[0] if isinstance(y, tuple) else y

        tensor = torch.tensor(x, requires_grad=True)
        their_dy = torch.tensor(rng.normal(size=output(tensor).shape).astype(np.float32))

        def their_work() -> None:
            tensor.grad = None
            theirs.zero_grad()
            output(tensor).backward(their_dy)

        return their_work

    return Row(title, "torch", make, *rest)


def conv(n: int, c_in: int, c_out: int, size: int, padding: int, calls: int) -> Row:
    """A convolution with a kernel of 3 x 3."""
    shape = (n, c_in, size, size)
    title = f"Conv2d {c_in} to {c_out}, k3, padding {padding}, {shape}"
    return layer(title, "Conv2d", (c_in, c_out, 3), {"padding": padding}, shape, 1.5, calls)


def lstm(features: int) -> Row:
    """An LSTM with 128 hidden units."""
    title = f"LSTM {features} to 128, batch 64, T 50"
    return layer(title, "LSTM", (features, 128), {"batch_first": True}, (64, 50, features), 1.1, 2)


def make_micrograd(side: str) -> Work:
    """The step of an MLP 2-8-8-2 with squared error and gradient descent, scalar by scalar."""
    import numpy as np

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 2)).astype(np.float32), rng.normal(size=(32, 2)).astype(np.float32)
    if side == HERE:
        return our_step([2, 8, 8, 2], x, y, "MSELoss", "SGD")
    from micrograd.nn import MLP

    model, rows, targets = MLP(2, [8, 8, 2]), x.tolist(), y.tolist()

    def step() -> None:
        total: Any = 0
        for row, target in zip(rows, targets, strict=True):
            total += sum((o - t) ** 2 for o, t in zip(model(row), target, strict=True))
        model.zero_grad()
        (total * (1 / 64)).backward()
        for p in model.parameters():
            p.data -= 1e-3 * p.grad

    return step


def make_sklearn(side: str) -> Work:
    """One epoch of 60,000 rows."""
    x, labels, _, _ = digits()
    if side == HERE:
        return lambda: list(epochs(x, labels, 1))
    from sklearn.neural_network import MLPClassifier

    def epoch() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one epoch is no convergence
            MLPClassifier((256, 128), batch_size=128, alpha=0.0, max_iter=1, random_state=0).fit(x, labels)

    return epoch


ROWS = [
    mlp([2, 8, 8, 2], 32, "SGD", 0.35, 200),
    mlp([2, 8, 8, 2], 32, "Adam", 0.35, 200),
    mlp([64, 64, 10], 32, "SGD", 0.4, 200),
    mlp([64, 64, 10], 32, "Adam", 0.4, 200),
    mlp([784, 256, 128, 10], 128, "SGD", 0.75, 20),
    mlp([784, 256, 128, 10], 128, "Adam", 0.75, 20),
    conv(32, 8, 16, 14, 0, 20),
    conv(32, 8, 16, 14, 1, 20),
    conv(64, 32, 64, 16, 0, 4),
    conv(64, 32, 64, 16, 1, 4),
    lstm(32),
    lstm(128),
    Row("step of MLP 2-8-8-2, batch 32, SGD, squared error", "micrograd", make_micrograd, 1 / 500, 5, 5),
    Row("epoch of MLP 784-256-128-10, 60,000 rows, batch 128, Adam", "sklearn", make_sklearn, 0.7, 1, 3),
]


def digits() -> tuple[Any, Any, Any, Any]:
    """MNIST's 60,000 digits to learn from, as rows of 0 to 1, their labels, and the same of the 10,000 test digits."""
    import numpy as np

    from nnlab.datasets import mnist

    (x, labels), (more, more_labels), (x_test, y_test) = map(mnist, ("train", "validation", "test"))
    rows = [x.reshape(len(x), -1).astype(np.float32) / 255 for x in (np.concatenate([x, more]), x_test)]
    return rows[0], np.concatenate([labels, more_labels]), rows[1], y_test


def epochs(x: Any, labels: Any, count: int) -> Any:
    """Train 784-256-128-10 with Adam, batch 128, and yield the network after each epoch."""
    import numpy as np

    from nnlab import scratch

    rng = np.random.default_rng(0)
    net = scratch.MLP([784, 256, 128, 10], rng=rng, dtype=np.float32)
    opt = scratch.Adam(net.params, lr=1e-3)
    for step in scratch.fit(net, scratch.CrossEntropyLoss(), opt, x, labels, epochs=count, batch_size=128, rng=rng):
        if step.last_of_epoch:
            yield net


def accuracies() -> list[tuple[bool, str]]:
    """Accuracy on the test digits after one epoch and after five."""
    from nnlab.scratch import predict

    x, labels, x_test, y_test = digits()
    shares = [float((predict(net, x_test).argmax(axis=1) == y_test).mean()) for net in epochs(x, labels, 5)]
    return [
        (share >= target, f"test digits right after {count}: {share:.2%}, to reach {target:.1%}")
        for count, share, target in (("one epoch", shares[0], 0.96), ("five epochs", shares[4], 0.975))
    ]


def serve(pipe: Connection, side: str) -> None:
    """One side's process: prepares a row, then measures a turn of it whenever asked; answers with each call's time."""
    if side != HERE and importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    work: Work = pipe.close
    while (order := pipe.recv()) is not None:
        index, prepare = order
        if prepare:
            work = ROWS[index].make(side)
            work()  # the first call warms caches and allocates
            pipe.send([])
            continue
        times = []
        for _ in range(ROWS[index].calls):
            start = time.perf_counter()
            work()
            times.append(1000 * (time.perf_counter() - start))
        pipe.send(times)


def measure(pipes: list[Connection], index: int, rounds: int) -> list[float]:
    """The median time of a call of each side, in milliseconds, over all calls of all rounds."""

    def ask(pipe: Connection, prepare: bool) -> list[float]:
        pipe.send((index, prepare))
        return pipe.recv()

    for pipe in pipes:
        ask(pipe, True)
    times: list[list[float]] = [[], []]
    for number in range(min(rounds, ROWS[index].rounds)):
        for side in (0, 1) if number % 2 else (1, 0):
            times[side].extend(ask(pipes[side], False))
    return [statistics.median(t) for t in times]


def line(row: Row, ours: float, theirs: float) -> str:
    """One row of the table."""
    ratio = ours / theirs
    verdict = "reached" if ratio <= row.target else "MISSED"
    shown = [f"1/{1 / r:.0f}" if r < 0.1 else f"{r:.2f}" for r in (ratio, row.target)]
    return f"{row.title:60} {row.peer:>10} {ours:10.3f} {theirs:10.3f} {shown[0]:>8} {shown[1]:>8}  {verdict}"


def versions(threads: int) -> str:
    """What is measured with."""
    names = {"numpy": "numpy", "torch": "torch", "sklearn": "scikit-learn", "micrograd": "micrograd"}
    there = ", ".join(f"{name} {metadata.version(name)}" for module, name in names.items() if is_there(module))
    return (
        f"nnlab {__version__}, Python {platform.python_version()}, {there}, {threads} threads, {os.cpu_count()} cores"
    )


def products() -> str:
    """What computes NumPy's matrix products, and for which processor. They are most of a large layer's time, and code
    for an older processor can take twice as long; OPENBLAS_CORETYPE, such as SkylakeX, asks for a different one."""
    import numpy as np  # noqa: F401 - loads what is asked about
    import threadpoolctl

    found = [one for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"]
    names = [f"{one['internal_api']} {one['version']} for {one.get('architecture', 'any processor')}" for one in found]
    return f"NumPy's matrix products: {', '.join(names) or 'by a library that does not tell'}"


def is_there(module: str) -> bool:
    """Whether a module is installed."""
    return importlib.util.find_spec(module) is not None


def main(argv: list[str]) -> int:
    """Measure and print the table; returns the exit status."""
    parser = Parser("bench engine", __doc__)
    parser.add_argument("--rounds", type=int, default=15, help="how often both take their turn")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="for NumPy's BLAS and the peers alike")
    parser.add_argument("--only", default="", help="only rows with this word, as in --only Conv2d")
    args = parse_or_leave(parser, argv)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(args.threads)  # read when NumPy and PyTorch are imported, in this process and the others
    say(versions(args.threads))
    say(products())
    say(f"\n{'':60} {'peer':>10} {'ours ms':>10} {'theirs ms':>10} {'ratio':>8} {'at most':>8}")
    context = multiprocessing.get_context("spawn")
    for index, row in enumerate(ROWS):
        if not is_there(row.peer) or args.only not in row.title:
            continue
        pipes, processes = [], []
        for side in (HERE, row.peer):  # fresh processes for each row: no row inherits another's memory
            here, there = context.Pipe()
            process = context.Process(target=serve, args=(there, side), daemon=True)
            process.start()
            pipes.append(here)
            processes.append(process)
        say(line(row, *measure(pipes, index, args.rounds)))
        for pipe, process in zip(pipes, processes, strict=True):
            pipe.send(None)
            process.join()
    if not args.only:
        say()
        for good, text in accuracies():
            say(f"{'reached' if good else 'MISSED ':8} {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
