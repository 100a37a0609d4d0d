"""Trains every architecture of chapter 27 and an agent for CartPole, and writes data/sharing.npz.

    python data/train_sharing.py                  what is missing (6 minutes on one quiet core), then the file
    python data/train_sharing.py architectures    one part again: architectures or agent
    python data/train_sharing.py --check          train some of each again and compare; write nothing

architectures: the 320 of the chapter's space, two seeds each, on 2,000 of MNIST's training digits of 14 x 14 pixels, 5
epochs; counts of correct digits of 1,000 for validation and 2,000 test digits, all taken evenly out of their splits.
agent: policy gradient on CartPole with five seeds, what each episode returned, and the policies of the first three
seeds after each batch. Parts that are done lie in data/cache/sharing. Another processor rounds in a different order:
single counts and episodes may differ.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from build import npz, write
from torch.nn.functional import cross_entropy

from nnlab.chapters.c27_sharing import agent
from nnlab.chapters.c27_sharing.build_network import network
from nnlab.chapters.c27_sharing.space import EVERY, SIDE, Architecture, channels
from nnlab.datasets import mnist
from nnlab.datasets.files import FOLDER

Array = np.ndarray[Any, Any]
CACHE = FOLDER / "cache" / "sharing"
TRAIN, VALIDATION, TEST = 2000, 1000, 2000
SEEDS, EPOCHS, BATCH, RATE = 2, 5, 100, 0.02


@cache
def digits(split: str, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """n digits, evenly out of the split: x (n, 1, 14, 14) float32 with mean 0 and standard deviation 1, labels (n,)."""
    images, labels = (every[:: len(every) // n][:n] for every in mnist(split))
    x = images.reshape(-1, 1, SIDE, 2, SIDE, 2).mean((3, 5)) / 255
    return torch.tensor((x - 0.131) / 0.282, dtype=torch.float32), torch.tensor(labels.astype(np.int64))


def train(genes: Architecture, seed: int, epochs: int = EPOCHS) -> tuple[int, int]:
    """Train one network: AdamW, one cycle of the rate. -> how many validation and test digits it gets right."""
    torch.manual_seed(seed)
    x, y = digits("train", TRAIN)
    net = network(genes)
    steps = TRAIN // BATCH
    opt = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, RATE, total_steps=epochs * steps)
    for _ in range(epochs):
        for rows in torch.randperm(TRAIN)[: steps * BATCH].split(BATCH):
            loss = cross_entropy(net(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
    net.eval()
    with torch.no_grad():
        parts = (digits("validation", VALIDATION), digits("test", TEST))
        validation, test = (int((net(x).argmax(1) == y).sum()) for x, y in parts)
    return validation, test


def expressed(genes: Architecture) -> tuple[Any, ...]:
    """What two architectures that are the same network share: without convolutions their genes do nothing."""
    convolutions = channels(genes)
    return (*convolutions, genes.hidden, *((genes.kernel, genes.norm) if convolutions else ()), len(convolutions))


def architectures() -> dict[str, Array]:
    """Counts (320, 2) of correct validation and test digits."""
    found: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for k, genes in enumerate(EVERY):
        if expressed(genes) not in found:
            found[expressed(genes)] = [train(genes, seed) for seed in range(SEEDS)]
        if k % 20 == 0:
            print(f"{k} of {len(EVERY)}", flush=True)
    counts = np.array([found[expressed(genes)] for genes in EVERY], np.uint16)
    return {"validation": counts[..., 0], "test": counts[..., 1]}


def agents() -> dict[str, Array]:
    """What `agent.record` keeps of training."""
    return agent.record()


PARTS: dict[str, Callable[[], dict[str, Array]]] = {"architectures": architectures, "agent": agents}


def check() -> None:
    """Train nine networks again, and compare with the file that is here."""
    with np.load(FOLDER / "sharing.npz", allow_pickle=False) as here:
        some = range(0, len(EVERY), 37)
        apart = [abs(int(train(EVERY[k], 0)[0]) - int(here["validation"][k, 0])) for k in some]
        print(f"validation digits: {max(apart)} of {VALIDATION} differ at most")
        again = agent.train(0, agent.BATCHES)[0]
        print("returns of the agent's first seed are equal:", bool(np.array_equal(again, here["returns"][0])))


def main() -> None:
    """Make the parts that are missing, and the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=tuple(PARTS), help="only this one, again if it is there")
    parser.add_argument("--check", action="store_true", help="train some again, compare, write nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.check:
        check()
        return
    files = {name: CACHE / f"{name}.npz" for name in PARTS}
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in [options.part] if options.part else [name for name in PARTS if not files[name].is_file()]:
        files[name].write_bytes(npz(**PARTS[name]()))
    if all(path.is_file() for path in files.values()):
        together: dict[str, Array] = {}
        for path in files.values():
            with np.load(path, allow_pickle=False) as part:
                together |= {name: part[name] for name in part.files}
        write("sharing.npz", npz(**together))


if __name__ == "__main__":
    main()
