"""Chapter 13: a small model that records how it is called, for its exercises."""

from typing import Any

import torch


def spied_model(dropout: float = 0.0) -> tuple[Any, list[Any]]:
    """A network and batches of 4, 4 and 2 rows. Its second layer records in which mode it was called (`modes`), and
    whether a graph was built (`graphs`)."""

    class Spy(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.modes: list[bool] = []
            self.graphs: list[bool] = []

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.modes.append(self.training)
            self.graphs.append(x.requires_grad)
            return x

    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(16)  # it predicts all three classes, none by a narrow margin
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), Spy(), torch.nn.Dropout(dropout), torch.nn.Linear(4, 3))
    x, y = torch.randn(10, 3, generator=generator), torch.tensor([0, 2, 1, 1, 1, 0, 2, 2, 1, 0])
    x[-2:] *= 20  # the short batch is a hard one: it must not count as much as a whole one
    return model, list(zip(x.split(4), y.split(4), strict=True))
