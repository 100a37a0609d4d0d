"""Train the networks of chapter 25 on their own attacks, and write data/robust.npz.

    python data/train_robust.py              everything that is missing (about 6 minutes on one quiet core)
    python data/train_robust.py --check      measure the networks that are here, train nothing

Twelve training runs of a small network on 8,000 digits, six epochs each: on the digits, on FGSM's, on PGD's.
Parts that are done lie in data/cache/robust, and the file is written when all of them are there. Nothing was chosen by
the test digits. Another processor rounds in a different order: accuracies come out about equal, the bytes need not.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import torch
from build import npz, write
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import OneCycleLR

from nnlab.datasets import digits_weights, mnist, robust_networks
from nnlab.datasets.files import FOLDER
from nnlab.datasets.robust import ROBUST, ROBUST_CNN
from nnlab.datasets.trained import DIGITS_CNN
from nnlab.pytorch import CNN
from nnlab.pytorch.attacks import fgsm, pgd

Array = np.ndarray[Any, Any]
CACHE = FOLDER / "cache" / "robust"
RATE, BATCH = 4e-3, 128
SEEDS = {"standard": 3, "PGD 0.2": 3}  # of all others one
KEPT = {("standard", 0): "standard", ("standard", 1): "twin", ("PGD 0.2", 0): "PGD 0.2"}  # the others are only measured
PGD_STEPS = 3  # in training
PLAIN = ("standard", "batch norm")  # trained on the digits as they are; one of them normalises its batches


def digits(split: str, examples: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """x: (N, 1, 28, 28) from 0 to 1, and labels."""
    x, labels = mnist(split)
    return torch.tensor(x[:examples, None] / np.float32(255)), torch.tensor(labels[:examples])


def attacked(net: CNN, way: str, x: torch.Tensor, labels: torch.Tensor, eps: float, g: torch.Generator) -> torch.Tensor:
    """A batch as the way of training shows it: FGSM from a random place, or three steps of PGD."""
    if way == "standard":
        return x
    steps, size = (1, 1.25 * eps) if way == "FGSM" else (PGD_STEPS, 1.5 * eps / PGD_STEPS)
    return pgd(net, x, labels, eps, steps=steps, step_size=size, generator=g)


def train(name: str, seed: int, examples: int = 8000, epochs: int = 6) -> CNN:
    """One network. The strength grows over the first half of the epochs, except where the name says "at once"."""
    way, eps = ("standard", 0.0) if name in PLAIN else (name.split()[0], float(name.split()[1]))
    torch.manual_seed(seed)
    x, labels = digits("train", examples)
    net, g = CNN(**ROBUST_CNN | {"batch_norm": name == "batch norm"}), torch.Generator().manual_seed(seed)
    opt = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = OneCycleLR(opt, RATE, total_steps=epochs * -(-len(x) // BATCH))
    for epoch in range(epochs):
        now = eps if "at once" in name else eps * min(1.0, (epoch + 1) / (epochs / 2))
        for rows in torch.randperm(len(x)).split(BATCH):
            shown = attacked(net, way, x[rows], labels[rows], now, g)
            opt.zero_grad()
            cross_entropy(net(shown), labels[rows]).backward()
            opt.step()
            schedule.step()
    return net.eval()


def right(net: torch.nn.Module, x: torch.Tensor, labels: torch.Tensor) -> float:
    """The share that is classified correctly."""
    with torch.inference_mode():
        return float((net(x).argmax(dim=1) == labels).float().mean())


def measured(net: torch.nn.Module, examples: int = 300, clean: int = 5000) -> dict[str, Array]:
    """clean: accuracy on test digits. accuracy: (3, E) with noise of random signs, FGSM and PGD at ROBUST["eps"]."""
    x, labels = digits("test", clean)
    few, few_labels = x[:examples], labels[:examples]
    signs = 2.0 * torch.randint(0, 2, few.shape, generator=torch.Generator().manual_seed(0)) - 1
    rows = []
    for eps in ROBUST["eps"]:
        if eps == 0:
            rows.append([right(net, few, few_labels)] * 3)
            continue
        shown = ((few + eps * signs).clamp(0, 1), fgsm(net, few, few_labels, eps), pgd(net, few, few_labels, eps))
        rows.append([right(net, each, few_labels) for each in shown])
    return {"clean": np.array(right(net, x, labels)), "accuracy": np.array(rows).T}


def part(name: str, seed: int, **how: Any) -> dict[str, Array]:
    """One run: its weights in float16, and what these classify correctly."""
    net = train(name, seed, **how)
    weights = {key: t.numpy().astype(np.float16) for key, t in net.state_dict().items() if t.ndim}
    net.load_state_dict({key: torch.tensor(w.astype(np.float32)) for key, w in weights.items()}, strict=False)
    return weights | measured(net)


def digits_network() -> CNN:
    """Chapter 15's network, which saw 50,000 digits."""
    net = CNN(**DIGITS_CNN).eval()
    net.load_state_dict({name: torch.tensor(w) for name, w in digits_weights().items()}, strict=False)
    return net


def runs() -> list[tuple[str, int]]:
    """Every run's name and seed: first all names, then more seeds."""
    names = (*ROBUST["names"], "batch norm")
    return sorted(((n, s) for n in names for s in range(SEEDS.get(n, 1))), key=lambda run: run[1])


def joined(parts: dict[tuple[str, int], dict[str, Array]], digits: dict[str, Array]) -> dict[str, Array]:
    """All runs in one: the weights of KEPT; names (R,), clean (R,) and accuracy (R, 3, E) of all."""
    whole: dict[str, Array] = {}
    for (name, seed), found in parts.items():
        if key := KEPT.get((name, seed)):
            whole |= {f"{key}/{k}": w for k, w in found.items() if k not in ("clean", "accuracy")}
    whole["names"] = np.array([name for name, _ in parts])
    whole["clean"] = np.array([found["clean"] for found in parts.values()])
    whole["accuracy"] = np.array([found["accuracy"] for found in parts.values()])
    return whole | {"digits_accuracy": digits["accuracy"], "digits_clean": digits["clean"]}


def check() -> None:
    """Print what the networks that are here classify correctly."""
    x, labels = digits("test", 5000)
    few, few_labels = x[:300], labels[:300]
    for name, weights in robust_networks().weights.items():
        net = CNN(**ROBUST_CNN).eval()
        net.load_state_dict({key: torch.tensor(w) for key, w in weights.items()})
        attacked_right = right(net, pgd(net, few, few_labels, 0.2), few_labels)
        print(f"{name}: clean {right(net, x, labels):.3f}, PGD 0.2 {attacked_right:.2f}")


def main() -> None:
    """Make what is missing, and the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="measure the networks that are here, train nothing")
    if parser.parse_args().check:
        check()
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    for name, seed in runs():
        path = CACHE / f"{name} {seed}.npz"
        if not path.is_file():
            found = part(name, seed)
            np.savez(path, **found)
            print(f"{name}, seed {seed}: clean {found['clean']:.3f}\n{found['accuracy'].round(2)}", flush=True)
    if not (CACHE / "digits.npz").is_file():
        np.savez(CACHE / "digits.npz", **measured(digits_network()))
    parts = {run: dict(np.load(CACHE / f"{run[0]} {run[1]}.npz", allow_pickle=False)) for run in runs()}
    write("robust.npz", npz(**joined(parts, dict(np.load(CACHE / "digits.npz", allow_pickle=False)))))


if __name__ == "__main__":
    main()
