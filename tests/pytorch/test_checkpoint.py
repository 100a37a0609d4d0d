"""A checkpoint that was written can be read, or is refused before anything is trained."""

import enum
from collections import Counter, OrderedDict

import numpy as np
import pytest
import torch

from nnlab.pytorch import MLP, checkpoint, tensors, train

plans = torch.optim.lr_scheduler
NUMPY = {
    "rate": (lambda o: None, {"lr": np.logspace(-3, -1, 3)[1]}),
    "rate as an array": (lambda o: None, {"lr": np.array(0.01)}),
    "betas": (lambda o: None, {"betas": tuple(np.array([0.9, 0.99])), "weight_decay": np.float32(0.01)}),
    "gamma": (lambda o: plans.ExponentialLR(o, np.float64(0.9)), {}),
    "milestones": (lambda o: plans.MultiStepLR(o, np.array([2, 5]), np.float64(0.5)), {}),
    "lambda": (lambda o: plans.LambdaLR(o, lambda k: np.exp(-0.1 * k)), {}),
    "plateau": (lambda o: plans.ReduceLROnPlateau(o, factor=np.float64(0.5), min_lr=np.float64(1e-4)), {}),
    "cycle": (lambda o: plans.CyclicLR(o, np.float64(1e-3), np.float64(0.1), np.int64(3), cycle_momentum=False), {}),
    "chain": (
        lambda o: plans.SequentialLR(
            o,
            [plans.LinearLR(o, np.float64(0.1), 1.0, np.int64(3)), plans.CosineAnnealingLR(o, np.int64(9))],
            np.array([3]),
        ),
        {},
    ),
    "one cycle": (lambda o: plans.OneCycleLR(o, np.float64(0.05), 8, pct_start=np.float64(0.3)), {}),
}


def go(make, options, epochs, path, model=None):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 4))
    data = tensors(x, (x[:, 0] > 0).astype(int))
    torch.manual_seed(0)
    model = model or MLP((4, 8, 2))
    opt = torch.optim.Adam(model.parameters(), **{"lr": 0.05} | options)
    train(model, data, data, opt, schedule=make(opt), epochs=epochs, batch_size=16, checkpoint=path, progress=False)
    return model


@pytest.mark.parametrize("name", NUMPY)
def test_numpy_numbers_in_optimizer_and_schedule_can_be_read_again(tmp_path, name):
    make, options = NUMPY[name]
    through = go(make, options, 2, tmp_path / "through.pt")
    go(make, options, 1, tmp_path / "c.pt")
    resumed = go(make, options, 2, tmp_path / "c.pt")
    assert all(torch.equal(p, q) for p, q in zip(through.parameters(), resumed.parameters(), strict=True))


class Factor:
    def __init__(self, table):
        self.table = table

    def __call__(self, step):
        return 0.9**step


class Colour(float, enum.Enum):
    RED = 0.5


def test_whatever_plain_returns_is_read_back_equal(tmp_path):
    state = {
        np.str_("a"): [np.float32(0.5), np.int64(3), np.bool_(True), 1j, None, b"x", (np.float64(2),), {1, 2}],
        "b": OrderedDict(c=Counter([np.int64(2), 2]), d=np.arange(4).reshape(2, 2)),
        "t": torch.ones(2),
        "e": [torch.float16, torch.Size([2]), torch.device("cpu"), Colour.RED, np.nextafter(1, 2)],
    }
    checkpoint.save(tmp_path / "c.pt", checkpoint.plain(state, "state"))
    found = checkpoint.load(tmp_path / "c.pt")
    assert found["a"] == [0.5, 3, True, 1j, None, b"x", (2.0,), {1, 2}]
    assert found["b"] == {"c": Counter({2: 2}), "d": [[0, 1], [2, 3]]}
    assert found["e"] == [torch.float16, torch.Size([2]), torch.device("cpu"), 0.5, np.nextafter(1, 2)]


@pytest.mark.parametrize("thing", [np.datetime64("2026-01-01"), np.array([None]), object(), (3).__add__])
def test_what_cannot_be_held_is_refused_before_anything_is_trained(tmp_path, thing):
    model = MLP((4, 8, 2))
    before = [p.clone() for p in model.parameters()]
    with pytest.raises(TypeError, match=r"can't hold schedule\['lr_lambdas'\]\[0\]\['table'\], of type"):
        go(lambda o: plans.LambdaLR(o, Factor(thing)), {}, 1, tmp_path / "c.pt", model)
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))
    assert not list(tmp_path.iterdir())


def test_a_schedule_without_a_state_is_refused(tmp_path):
    with pytest.raises(TypeError, match="can't hold the state of this schedule"):
        go(lambda o: plans.LambdaLR(o, (0.5).__rpow__), {}, 1, tmp_path / "c.pt")
