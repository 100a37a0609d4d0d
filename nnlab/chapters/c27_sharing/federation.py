"""Clients that train by themselves, and the server's rounds: federated averaging with the course's layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.scratch import MLP, SGD, CrossEntropyLoss
from nnlab.scratch.sharing.federated import add_proximal_, difference, dirichlet_split, fedavg, private_mean

Array = NDArray[Any]
State = dict[str, Array]
SIZES, RATE, BATCH = (196, 32, 10), 0.1, 20


class Client(NamedTuple):
    """What one client owns and never sends: x (n, 196), y (n,)."""

    x: Array
    y: Array


class Recorded(NamedTuple):
    """What data/export_flower.py lets Flower do."""

    clients: int
    rounds: int
    steps: int
    alpha: float


FLOWER = Recorded(clients=4, rounds=5, steps=10, alpha=0.5)


class Round(NamedTuple):
    """After a round of the server: its number, the average, and who took part."""

    number: int
    state: State
    present: list[int]


def digits(split: str, n: int) -> tuple[Array, Array]:
    """n of MNIST's digits, evenly out of the split: x (n, 196), each pixel the mean of 2 x 2, standardised; y (n,)."""
    from nnlab.datasets import mnist  # here: a client in an environment of its own has its digits already

    images, labels = (every[:: len(every) // n][:n] for every in mnist(split))
    x = images.reshape(-1, 14, 2, 14, 2).mean((2, 4)).reshape(-1, 196) / 255
    return (x - 0.131) / 0.282, labels.astype(int)


def deal(alpha: float, clients: int = 10, *, seed: int = 0, n: int = 2000) -> list[Client]:
    """n training digits, dealt to clients by `dirichlet_split`: alpha 100 alike, 0.03 unlike."""
    x, y = digits("train", n)
    parts = dirichlet_split(y, clients, alpha, rng=np.random.default_rng(seed))
    return [Client(x[rows], y[rows]) for rows in parts]


def flower_clients() -> list[Client]:
    """Four unequal and unlike clients with 400 digits together."""
    return deal(FLOWER.alpha, FLOWER.clients, n=400)


def network(seed: int = 0) -> MLP:
    """The network that all of them train: 196 -> 32 -> 10, ReLU."""
    return MLP(SIZES, rng=np.random.default_rng(seed))


def local_training(net: MLP, start: State, client: Client, *, steps: int, mu: float, rng: np.random.Generator) -> State:
    """`steps` of SGD from `start` on the client's own data in batches of 20, with FedProx's pull mu. -> parameters."""
    net.load_state_dict(start)
    loss, opt = CrossEntropyLoss(), SGD(net.params, lr=RATE)
    order = np.zeros(0, int)
    for _ in range(steps):
        if not len(order):  # the next pass through its data
            order = rng.permutation(len(client.y))
        rows, order = order[:BATCH], order[BATCH:]
        loss(net(client.x[rows]), client.y[rows])
        net.backward_params(loss.backward())
        if mu:
            add_proximal_(net.grads, net.params, start, mu)
        opt.step(net.grads)
    return net.state_dict()


def rounds(
    clients: Sequence[Client],
    *,
    count: int,
    steps: int,
    mu: float = 0.0,
    seed: int = 0,
    present: Callable[[int], Sequence[int]] | None = None,
    start: State | None = None,
) -> list[Round]:
    """Federated averaging: `count` times, every client that is present trains from the server's parameters, and the
    server takes the weighted average. `present(round)` names them, all by default; clients without data never come."""
    net = network(seed)
    state, done = start or net.state_dict(), []
    for number in range(count):
        here = [k for k in (present(number) if present else range(len(clients))) if len(clients[k].y)]
        states = [
            local_training(net, state, clients[k], steps=steps, mu=mu, rng=np.random.default_rng((seed, number, k)))
            for k in here
        ]
        if here:
            state = fedavg(states, [len(clients[k].y) for k in here])
        done.append(Round(number, state, here))
    return done


def private_rounds(
    clients: Sequence[Client], *, limit: float, noise: float, count: int, steps: int, seed: int = 0
) -> State:
    """The parameters after `count` rounds in which the server adds the `private_mean` of the clients' updates."""
    net = network(seed)
    state, rng = net.state_dict(), np.random.default_rng((seed, 99))
    for number in range(count):
        states = [
            local_training(net, state, client, steps=steps, mu=0.0, rng=np.random.default_rng((seed, number, k)))
            for k, client in enumerate(clients)
        ]
        moved = private_mean([difference(each, state) for each in states], limit, noise, rng=rng)
        state = {name: state[name] + moved[name] for name in state}
    return state


def accuracy(state: State, x: Array, y: Array) -> float:
    """The share that the network with these parameters classifies correctly."""
    net = network()
    net.load_state_dict(state)
    return float(np.mean(net(x).argmax(axis=1) == y))
