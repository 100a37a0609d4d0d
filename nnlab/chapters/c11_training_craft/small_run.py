"""A small training run, to be stopped, saved and resumed in exercise 11.3."""

import torch


class SmallRun:
    """A small training run with dropout and a schedule; 20 rows, 4 a batch."""

    def __init__(self) -> None:
        self.x = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
        layers = torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1)
        self.model = torch.nn.Sequential(*layers)
        self.opt = torch.optim.AdamW(self.model.parameters(), lr=0.1)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.opt, 4, gamma=0.5)
        self.generator = torch.Generator().manual_seed(0)
        self.begin_epoch()

    def begin_epoch(self) -> None:
        self.order = torch.randperm(20, generator=self.generator)
        self.place = 0

    def step(self) -> None:
        if self.place == 20:
            self.begin_epoch()
        x = self.x[self.order[self.place : self.place + 4]]
        self.place += 4
        loss = (self.model(x) - x[:, :1] * x[:, 1:2]).square().mean()
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        self.schedule.step()
