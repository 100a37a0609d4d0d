"""Two processes report what one would: the loss of the weights they keep, over the targets that count."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from nnlab.pytorch import evaluate, tensors, train
from nnlab.pytorch.training.processes import processes, rank

ROOT = Path(__file__).parents[3]


def rows(seed, n):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    y = (x[:, 0] > 0.5).astype(int)
    y[n // 3 : n // 2] = -100
    return tensors(x, y)


def net(normalised):
    torch.manual_seed(0)
    layers = [nn.Linear(4, 8), *([nn.BatchNorm1d(8)] if normalised else []), nn.ReLU(), nn.Linear(8, 2)]
    return nn.Sequential(*layers)


LOSS = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 9.0]))


def trained(normalised):
    model = net(normalised)
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    history = train(model, rows(0, 88), rows(1, 70), opt, epochs=3, batch_size=4, loss=LOSS, progress=False, patience=9)
    return model, history


def main(out):
    with processes():
        for normalised in (False, True):
            model, history = trained(normalised)
            torch.save(model.state_dict(), f"{out}/{int(normalised)}-{rank()}.pt")
            if rank() == 0:
                Path(out, f"{int(normalised)}.json").write_text(json.dumps([row[:5] for row in history]))


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    env = {**os.environ, "OMP_NUM_THREADS": "1", "NNLAB_DEVICE": "cpu", "PYTHONPATH": str(ROOT)}
    words = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", __file__, str(folder)]
    done = subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return folder


def test_with_ignored_and_weighted_targets_two_processes_give_what_one_gives(out):
    """Batches of 4 dealt in two: often all targets of one process are ignored."""
    model, history = trained(False)
    np.testing.assert_allclose(json.loads((out / "0.json").read_text()), [row[:5] for row in history], rtol=1e-4)
    found = torch.load(out / "0-0.pt", weights_only=True)
    assert max(float((p - found[name]).abs().max()) for name, p in model.state_dict().items()) < 1e-5


def test_the_reported_loss_is_that_of_the_weights_kept(out):
    """Batch normalisation has statistics of each process's own batches, but one model is kept."""
    first, second = (torch.load(out / f"1-{rank}.pt", weights_only=True) for rank in (0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    model = net(True)
    model.load_state_dict(first)
    best = min(row[3] for row in json.loads((out / "1.json").read_text()))
    assert evaluate(model, rows(1, 70), loss=LOSS)[0] == pytest.approx(best, rel=1e-5)


if __name__ == "__main__":
    main(sys.argv[1])
