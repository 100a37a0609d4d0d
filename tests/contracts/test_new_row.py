"""A new schedule or activation is one row of its table: its chapter's explorer offers it without another change."""

import math

import numpy as np
import pytest
import torch

from nnlab.chapters.c09_schedules.schedule_plan import pytorch_lines
from nnlab.explore import activation_explorer, schedule_explorer
from nnlab.scratch import ACTIVATIONS, SCHEDULES, ExponentialLR


@pytest.fixture
def toy_schedule(monkeypatch):
    row = SCHEDULES["exponential"]._replace(name="toy", settings={"gamma": 0.5})
    monkeypatch.setitem(SCHEDULES, "toy", row)
    return "toy"


@pytest.mark.parametrize("warmup", [0, 10])
def test_the_designer_takes_a_schedule_with_its_settings(toy_schedule, warmup):
    assert SCHEDULES[toy_schedule].schedule is ExponentialLR
    explorer = schedule_explorer()
    explorer.set(rule=toy_schedule, lr=0.1, warmup=warmup, total="200")
    assert "warmup" not in explorer.idle(explorer.values) and "gamma" in explorer.idle(explorer.values)
    explorer.advance(30)  # after those taken before it is first shown
    np.testing.assert_allclose(explorer.data.rates[warmup : warmup + 5], 0.5 ** np.arange(5), rtol=1e-12)
    lines = pytorch_lines(**explorer.values)
    assert "ExponentialLR(optimizer, gamma=0.5)" in lines
    weight, rates = torch.nn.Parameter(torch.zeros(1)), []

    def train_batch():
        rates.append(space["optimizer"].param_groups[0]["lr"])
        weight.grad = torch.zeros(1)
        space["optimizer"].step()

    model = type("Model", (), {"parameters": lambda self: [weight]})()
    space = {"model": model, "train_batch": train_batch}
    exec(lines, space)
    used = explorer.data.rates
    np.testing.assert_allclose(rates[: len(used)], 0.1 * used, rtol=1e-10)


def test_the_gallery_takes_an_activation(monkeypatch):
    row = ACTIVATIONS["tanh"]._replace(name="toy", fn=lambda x: np.sin(x), grad=lambda x: np.cos(x))
    monkeypatch.setitem(ACTIVATIONS, "toy", row)
    explorer = activation_explorer()
    explorer.set(name="toy", x=1.0)
    assert explorer.data.y == pytest.approx(math.sin(1)) and explorer.data.slope == pytest.approx(math.cos(1))
