"""The half of data/export_flower.py that runs in Flower's environment: the server, or one client.

It is given a folder, an address and who it is. A client reads its own digits there and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import flwr
import numpy as np
from flwr.common import ndarrays_to_parameters, parameters_to_ndarrays
from flwr.compat.client.app import start_client
from flwr.server import ServerConfig, start_server
from flwr.server.strategy import FedAvg

from nnlab.chapters.c27_sharing.federation import FLOWER, Client, local_training, network

NAMES = list(network().state_dict())


class Owner(flwr.client.NumPyClient):
    """A client with its own digits."""

    def __init__(self, folder: Path, number: int):
        self.number = number
        with np.load(folder / f"client{number}.npz", allow_pickle=False) as mine:
            self.data = Client(mine["x"], mine["y"])

    def fit(self, parameters: list[np.ndarray], config: dict[str, Any]) -> tuple[list[np.ndarray], int, dict[str, Any]]:
        """Train from what the server sent; the batches are those of the course's own round."""
        rng = np.random.default_rng((0, int(config["round"]) - 1, self.number))
        start = dict(zip(NAMES, parameters, strict=True))
        state = local_training(network(), start, self.data, steps=FLOWER.steps, mu=0.0, rng=rng)
        return [state[name] for name in NAMES], len(self.data.y), {}


class Kept(FedAvg):
    """Flower's own strategy; what it averaged is kept."""

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.kept: list[list[np.ndarray]] = []

    def aggregate_fit(self, server_round: int, results: Any, failures: Any) -> Any:
        averaged = super().aggregate_fit(server_round, results, failures)
        self.kept.append(parameters_to_ndarrays(averaged[0]))
        return averaged


def serve(folder: Path, address: str) -> None:
    """All rounds with all clients; writes the average after each."""
    with np.load(folder / "start.npz", allow_pickle=False) as first:
        start = ndarrays_to_parameters([first[name] for name in NAMES])
    strategy = Kept(
        fraction_fit=1.0,
        fraction_evaluate=0.0,
        min_fit_clients=FLOWER.clients,
        min_available_clients=FLOWER.clients,
        initial_parameters=start,
        on_fit_config_fn=lambda number: {"round": number},
    )
    start_server(server_address=address, config=ServerConfig(num_rounds=FLOWER.rounds), strategy=strategy)
    np.savez(
        folder / "rounds.npz",
        **{name: np.stack(each) for name, each in zip(NAMES, zip(*strategy.kept, strict=True), strict=True)},
    )


if __name__ == "__main__":
    where, at, who = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if who == "server":
        serve(where, at)
    else:
        start_client(server_address=at, client=Owner(where, int(who)).to_client(), insecure=True)
