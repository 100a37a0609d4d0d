"""Trains the graph networks of chapter 24 many times, and writes data/graphs.npz: accuracies, predictions, one network.

Depth: graph convolutions name the region of 320 airports from the routes and 32 labels, with 0 to 16 layers, plain and
with three cures, five seeds. Molecules: five folds of the training part with two seeds, for a readout by mean, by sum,
and without messages; the same settings on the whole training part, for the test part; and learning curves. Nothing was
chosen on the test part: settings were chosen on the first fold.
    python data/train_graphs.py            train all (about 4 minutes on one core), write the file
    python data/train_graphs.py --check    train one network of each kind again, and compare with the file
Another processor rounds in a different order: single predictions then differ a little.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
import torch
from build import npz, write
from numpy.typing import NDArray
from torch import nn

from nnlab.chapters.c24_graphs.airports import LABELLED, REGIONS, regions, split
from nnlab.chapters.c24_graphs.molecular_graphs import folds, molecular_graphs, some
from nnlab.chapters.c24_graphs.molecule_training import solubility, train_molecules
from nnlab.datasets import air_routes
from nnlab.pytorch.graph_models import CURES, DeepGCN
from nnlab.scratch.graphs import both_directions, normalised_adjacency

Array = NDArray[Any]
FILE = "graphs.npz"
DEPTHS = (0, 1, 2, 4, 8, 16)
DEPTH_SEEDS, DEPTH_EPOCHS = 5, 200
KINDS: dict[str, dict[str, Any]] = {"mean": {}, "sum": {"readout": "sum"}, "no messages": {"layers": 0}}
SEEDS, DRAWS = 2, 3
SIZES = (30, 60, 125, 250, 500)


def deep(depth: int, cure: str, seed: int) -> tuple[float, float, float]:
    """Accuracy on the other airports, the last training loss in nats, and how far apart the last states are: one minus
    the mean cosine of all pairs."""
    torch.manual_seed(seed)
    routes = air_routes()
    edges = both_directions(routes.routes.T)
    table = torch.tensor(normalised_adjacency(edges, len(routes.codes)), dtype=torch.float32)
    labels = torch.tensor(regions(routes.positions))
    rows, others = split(regions(routes.positions), seed)
    net = DeepGCN(len(labels), len(REGIONS), depth, cure)
    opt = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=5e-4)
    for _ in range(DEPTH_EPOCHS):
        loss = nn.functional.cross_entropy(net(table)[rows], labels[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        right = (net(table).argmax(dim=1) == labels)[others].float().mean()
        h = nn.functional.normalize(net.states(table)[-1], dim=1)
    return float(right), float(loss.detach()), float(1 - h.mean(dim=0).pow(2).sum())


def depths() -> Array:
    """(cures, depths, seeds, 3): what `deep` returns."""
    found = np.zeros((len(CURES), len(DEPTHS), DEPTH_SEEDS, 3))
    for c, cure in enumerate(CURES):
        for d, depth in enumerate(DEPTHS):
            for seed in range(DEPTH_SEEDS):
                found[c, d, seed] = deep(depth, cure, seed)
            print(f"{cure}, {depth} layers: {found[c, d, :, 0].mean():.3f}", flush=True)
    return found


def crossed(kind: str, seed: int, parts: int = 5) -> Array:
    """(1025,) predictions for the training part, each by a network that was fitted without the fold it lies in.

    Only the first `parts` folds; the others are nan."""
    g = molecular_graphs("train")
    out = np.full(len(g.y), np.nan)
    for part in folds(len(g.y))[:parts]:
        net = train_molecules(some(g, np.setdiff1d(np.arange(len(g.y)), part)), seed=seed, **KINDS[kind])
        out[part] = solubility(net, some(g, part))
    return out


def curve(size: int, draw: int) -> Array:
    """(257,) predictions for the test part by a network fitted on `size` training molecules."""
    g = molecular_graphs("train")
    rows = np.random.default_rng(draw).permutation(len(g.y))[:size]
    net = train_molecules(some(g, rows), seed=draw, epochs=60 if size > 250 else 120)
    return solubility(net, molecular_graphs("test"))


def main() -> None:
    """Train all and write, or compare one network of each kind with the file that is here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="train one of each kind, compare, write nothing")
    check = parser.parse_args().check
    torch.set_num_threads(1)
    if check:
        from nnlab.datasets import graph_runs

        runs = graph_runs()
        print(f"depth 2: {deep(2, 'plain', 0)[0]:.4f}, kept {runs.accuracy[0, DEPTHS.index(2), 0]:.4f}")
        again, first = crossed("mean", 0, 1), folds(1025)[0]
        print(f"first fold: predictions differ by at most {np.abs(again - runs.folds[0, 0])[first].max():.3f}")
        return
    air = depths()
    five = np.array([[crossed(kind, seed) for seed in range(SEEDS)] for kind in KINDS])
    print("folds", flush=True)
    g, test = molecular_graphs("train"), molecular_graphs("test")
    nets = [[train_molecules(g, seed=seed, **options) for seed in range(SEEDS)] for options in KINDS.values()]
    raw = molecular_graphs("test", nitro=False)
    final = np.array([[solubility(net, test) for net in kind] for kind in nets])
    untidy = np.array([solubility(net, raw) for net in nets[0]])
    print("test", flush=True)
    curves = np.array([[curve(size, draw) for draw in range(DRAWS)] for size in SIZES])
    weights = {f"net_{name}": value.numpy() for name, value in nets[0][0].state_dict().items()}
    write(
        FILE,
        npz(
            cures=np.array(list(CURES)),
            depths=np.array(DEPTHS),
            labelled=np.array(LABELLED),
            air=air.astype(np.float32),
            kinds=np.array(list(KINDS)),
            folds=five.astype(np.float32),
            test=final.astype(np.float32),
            untidy=untidy.astype(np.float32),
            sizes=np.array(SIZES),
            curves=curves.astype(np.float32),
            **{name: value for name, value in weights.items() if "num_batches" not in name},
        ),
    )


if __name__ == "__main__":
    main()
