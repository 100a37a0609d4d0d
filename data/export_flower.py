"""Lets Flower run chapter 27's federated averaging; what its server had after the last round goes to data/flower.npz:
`python data/export_flower.py`.

Flower 1.42 wants an older protobuf than the course's environment may hold, so it gets one of its own (about 150 MB in a
temporary folder), and the script data/export_flower_parties.py, which imports Flower, NumPy and the NumPy layers.
A server and four clients are processes of their own that talk over the loopback address, by Flower's older interface
(`start_server`): its newer one starts several more processes for each. All have ended when this ends.
    python data/export_flower.py              everything: the environment is made, used and removed
    python data/export_flower.py --env DIR    the same in an environment that is kept in DIR, or is there already
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np
from build import npz, write

from nnlab.chapters.c27_sharing.federation import FLOWER, flower_clients, network, rounds

HERE = Path(__file__).resolve().parent
REQUIREMENTS = ("flwr==1.42.0", f"numpy=={np.__version__}")
PATIENCE = 120  # seconds for all rounds


def environment(folder: Path) -> Path:
    """An environment with Flower in `folder`, made if it is not there. -> its python."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
    return python


def hand_over(folder: Path) -> None:
    """Each client's digits and the first parameters, into `folder`."""
    for k, client in enumerate(flower_clients()):
        np.savez(folder / f"client{k}.npz", x=client.x, y=client.y)
    np.savez(folder / "start.npz", **network().state_dict())


def listening(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until somebody answers at the address."""
    host, port = address.split(":")
    for _ in range(PATIENCE * 5):
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.2)
    raise SystemExit("Flower's server does not answer: its lines above say why.")


def federate(python: Path, folder: Path) -> None:
    """Run server and clients; the server writes folder/rounds.npz. Whatever happens, no process is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    own = dict(os.environ, FLWR_TELEMETRY_ENABLED="0", PYTHONPATH=str(HERE.parent), OMP_NUM_THREADS="1")
    argv = [str(python), str(HERE / "export_flower_parties.py"), str(folder), address]
    parties: list[subprocess.Popen[bytes]] = []
    try:
        parties.append(subprocess.Popen([*argv, "server"], env=own))
        listening(address, parties[0])  # a client that comes before the server gives up at once
        parties += [subprocess.Popen([*argv, str(k)], env=own) for k in range(FLOWER.clients)]
        if parties[0].wait(PATIENCE):
            raise SystemExit("Flower's server failed: its lines above say why.")
    finally:
        for party in parties:
            if party.poll() is None:
                party.terminate()
            party.wait(30)


def main() -> None:
    """Hand over, federate, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", type=Path, help="keep the environment in this folder")
    chosen = parser.parse_args().env
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hand_over(folder)
        federate(environment((chosen or folder / "env").resolve()), folder)
        with np.load(folder / "rounds.npz", allow_pickle=False) as found:
            made = {key: found[key] for key in found.files}
    ours = rounds(flower_clients(), count=FLOWER.rounds, steps=FLOWER.steps)
    apart = max(np.abs(each.state[key] - made[key][each.number]).max() for each in ours for key in each.state)
    print(f"largest difference from the course's own rounds: {apart:.1e}", file=sys.stderr)
    last = {key: values[-1] for key, values in made.items()}
    write("flower.npz", npz(version=np.array("1.42.0"), **last))


if __name__ == "__main__":
    main()
