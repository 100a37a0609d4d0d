"""An option of PyTorch's that is not here is refused by name, with what there is instead; walked over every twin."""

import inspect

import numpy as np
import pytest
import torch

import nnlab.scratch as s
from nnlab.scratch.options import INSTEAD


def twins():
    """Our class, PyTorch's, and what ours needs to be made."""
    rng = np.random.default_rng(0)
    layers = (
        "Linear Flatten Dropout BatchNorm1d BatchNorm2d LayerNorm Conv2d MaxPool2d AvgPool2d RNN LSTM GRU Embedding"
    )
    layers += " MultiheadAttention ReLU LeakyReLU ELU Sigmoid Tanh Softmax SiLU GELU Identity"
    for name in layers.split():
        yield getattr(s, name), getattr(torch.nn, name), {"rng": rng}
    for row in s.LOSSES.values():
        yield row.loss, getattr(torch.nn, row.loss.__name__), {}
    for kind in (s.SGD, s.Adam, s.AdamW, s.RMSprop):
        yield kind, getattr(torch.optim, kind.__name__), {}
    for row in s.SCHEDULES.values():
        yield row.schedule, getattr(torch.optim.lr_scheduler, row.twin.rpartition(".")[2]), {}


CASES = [
    (ours, name, needed)
    for ours, theirs, needed in twins()
    for name, p in inspect.signature(theirs).parameters.items()
    if name not in inspect.signature(ours).parameters and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
]
CASES = [case for case in CASES if not case[1].startswith("_")]  # PyTorch's own


@pytest.mark.parametrize(("ours", "name", "needed"), CASES, ids=[f"{c[0].__name__} {c[1]}" for c in CASES])
def test_an_option_of_the_twin_is_refused_with_what_there_is_instead(ours, name, needed):
    takes = inspect.signature(ours).parameters
    required = [p for p in takes.values() if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    with pytest.raises(TypeError, match=f"{ours.__name__} has no option '{name}': .* It takes") as caught:
        ours(*[2] * len(required), **({"rng": needed["rng"]} if "rng" in takes else {}), **{name: None})
    assert INSTEAD[name] in str(caught.value)


def test_options_of_recurrent_layers_and_of_forward():
    rng = np.random.default_rng(0)
    for kind in (s.RNN, s.LSTM, s.GRU):
        with pytest.raises(TypeError, match=f"{kind.__name__} has no option 'proj_size': the state has hidden_size"):
            kind(2, 3, proj_size=1, rng=rng)
    with pytest.raises(
        TypeError, match=r"The forward of MultiheadAttention has no option 'key_padding_mask'\. It takes x"
    ):
        s.MultiheadAttention(2, 1, rng=rng)(np.ones((1, 2, 2)), key_padding_mask=None)
    with pytest.raises(TypeError, match=r"has no option 'stried'\. Did you mean 'stride'"):
        s.MaxPool2d(2, stried=1)


def test_signatures_and_sources_are_still_those_of_the_class():
    assert list(inspect.signature(s.Linear).parameters)[:3] == ["in_features", "out_features", "bias"]
    assert "self.in_features = need_size" in inspect.getsource(s.Linear.__init__)
