"""Trains a small network with every combination of four hyperparameters, and writes data/search.npz: the table that
chapter 20 searches.

The network is an MLP with one hidden layer (ReLU, dropout) on 1,000 of MNIST's training digits, 14 x 14 pixels, trained
by SGD with momentum 0.9. After each of 27 epochs it is measured on 500 validation digits and on 2,000 test digits.
Digits are taken evenly out of their splits. The learning rates and seeds of one width, dropout and batch size are
trained side by side, as one batched product.
    python data/train_search.py            train 1,404 networks (about 2 minutes on one core), write the file
    python data/train_search.py --check    train those of one width again, and compare with the file that is here
Another processor rounds in a different order: single accuracies may differ by a few digits of 500.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from build import npz, write

from nnlab.datasets import mnist

FILE = "search.npz"
LR = np.logspace(-4, 0, 13)
WIDTH, DROPOUT, BATCH = (8, 16, 32, 64), (0.0, 0.25, 0.5), (16, 64, 256)
SEEDS, EPOCHS = 3, 27
TRAIN, VALIDATION, TEST, BLOCKS = 1000, 500, 2000, 5
MOMENTUM, WORST = 0.9, 10.0  # the loss that a diverged network is given, in nats


def digits(split: str, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    """n digits, evenly out of the split. x: (n, 196) float32, each pixel the mean of 2 x 2, with mean 0 and standard
    deviation 1 over all of them; and the labels (n,)."""
    images, labels = mnist(split)
    images, labels = images[:: len(labels) // n], labels[:: len(labels) // n]
    x = images.reshape(-1, 14, 2, 14, 2).mean((2, 4)).reshape(-1, 196) / 255
    return torch.tensor((x - 0.131) / 0.282, dtype=torch.float32), torch.tensor(labels)


def forward(params: list[torch.Tensor], x: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
    """Logits (E, N, 10) of E networks; x: (E, N, 196), or (N, 196) for all of them."""
    w1, b1, w2, b2 = params
    h = torch.nn.functional.dropout((x @ w1 + b1).relu(), dropout, training=dropout > 0)
    return h @ w2 + b2


def train(
    width: int, dropout: float, batch: int, *, lr: Sequence[float] = tuple(LR), seeds: int = SEEDS, epochs: int = EPOCHS
) -> dict[str, np.ndarray]:
    """Train len(lr) * seeds networks at once. Returns the validation loss in nats and the counts of correct validation
    and test digits, each (len(lr), seeds, epochs); and "blocks", (len(lr), seeds, 5), the counts in each hundred of the
    validation digits after the last epoch."""
    torch.manual_seed(1_000_000 * width + 1000 * batch + round(100 * dropout))
    x, y = digits("train", TRAIN)
    x_val, y_val = digits("validation", VALIDATION)
    x_test, y_test = digits("test", TEST)
    nets = len(lr) * seeds
    rate = torch.tensor(np.repeat(np.asarray(lr), seeds), dtype=torch.float32)[:, None, None]
    shapes = ((196, width), (1, width), (width, 10), (1, 10))
    limits = (196**-0.5, 196**-0.5, width**-0.5, width**-0.5)  # PyTorch's own initialisation of nn.Linear
    params = [
        ((2 * torch.rand(nets, *shape) - 1) * limit).requires_grad_()
        for shape, limit in zip(shapes, limits, strict=True)
    ]
    speed = [torch.zeros_like(p) for p in params]
    found = {name: np.zeros((nets, epochs)) for name in ("loss", "validation", "test")}
    for epoch in range(epochs):
        order = torch.rand(nets, TRAIN).argsort(dim=1)
        for rows in order.split(batch, dim=1):
            logits = forward(params, x[rows], dropout)
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), y[rows].flatten(), reduction="sum")
            grads = torch.autograd.grad(loss / rows.shape[1], params)
            with torch.no_grad():
                for p, v, g in zip(params, speed, grads, strict=True):
                    v.mul_(MOMENTUM).add_(g)
                    p.sub_(rate * v)
        with torch.no_grad():
            logits = forward(params, x_val)
            log_p = logits.log_softmax(dim=2)
            loss = -log_p.gather(2, y_val[None, :, None].expand(nets, -1, 1)).mean((1, 2))
            found["loss"][:, epoch] = loss.nan_to_num(WORST, WORST, WORST).clamp(max=WORST).numpy()
            right = logits.argmax(2) == y_val
            found["validation"][:, epoch] = right.sum(1).numpy()
            found["test"][:, epoch] = (forward(params, x_test).argmax(2) == y_test).sum(1).numpy()
    found["blocks"] = right.reshape(nets, BLOCKS, -1).sum(2).numpy()
    return {name: values.reshape(len(lr), seeds, -1) for name, values in found.items()}


def main() -> None:
    """Train all and write, or compare one width with the file that is here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="train one width, compare, write nothing")
    check = parser.parse_args().check
    torch.set_num_threads(1)
    widths = WIDTH[:1] if check else WIDTH
    shape = (len(LR), len(widths), len(DROPOUT), len(BATCH), SEEDS)
    lengths = {"loss": EPOCHS, "validation": EPOCHS, "test": EPOCHS, "blocks": BLOCKS}
    table = {name: np.zeros((*shape, n)) for name, n in lengths.items()}
    for i, width in enumerate(widths):
        for j, dropout in enumerate(DROPOUT):
            for k, batch in enumerate(BATCH):
                for name, values in train(width, dropout, batch).items():
                    table[name][:, i, j, k] = values
                print(f"width {width}, dropout {dropout}, batch size {batch}", flush=True)
    if check:
        from nnlab.datasets import search_table

        apart = np.abs(search_table().validation[:, :1] - table["validation"] / VALIDATION)
        print(f"validation accuracies differ by {apart.mean():.4f} on average, at most {apart.max():.3f}")
        return
    write(
        FILE,
        npz(
            lr=LR,
            width=np.array(WIDTH),
            dropout=np.array(DROPOUT),
            batch=np.array(BATCH),
            loss=table["loss"].astype(np.float16),
            validation=table["validation"].astype(np.uint16),
            test=table["test"].astype(np.uint16),
            blocks=table["blocks"].astype(np.uint8),
        ),
    )


if __name__ == "__main__":
    main()
