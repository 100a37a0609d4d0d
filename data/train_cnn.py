"""Trains the small network whose feature maps chapter 06 shows, and writes data/cnn.npz: `python data/train_cnn.py`.

nnlab's own CNN in NumPy, on MNIST's 50,000 training digits without augmentation. After each
epoch it is measured on the 10,000 validation digits; the best epoch is kept, and only that one sees the test digits.
    python data/train_cnn.py            train (about 2 minutes on two cores), print the figures, write the file
    python data/train_cnn.py --check    measure the file that is here on the test digits
Another processor rounds in a different order: the accuracies come out equal to about 0.2 %, the bytes need not.
"""

from __future__ import annotations

import argparse

import numpy as np
from build import npz, write

from nnlab.datasets import mnist, trained_cnn
from nnlab.scratch import CNN, Adam, CrossEntropyLoss, Sequential
from nnlab.scratch.train import fit, predict

EPOCHS, BATCH, LR, SEED = 5, 64, 1e-3, 0


def digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    """x: (N, 1, 28, 28) float32 from 0 to 1, and the labels."""
    x, labels = mnist(split)
    return (x[:, None] / 255).astype(np.float32), labels


def accuracy(net: Sequential, split: str) -> float:
    """Share of the digits that are classified correctly."""
    x, labels = digits(split)
    return float(np.mean(predict(net, x).argmax(axis=1) == labels))


def train() -> dict[str, np.ndarray]:
    """Parameters and buffers after the epoch with the best validation accuracy."""
    rng = np.random.default_rng(SEED)
    net = CNN(rng=rng, dtype=np.float32)
    x, labels = digits("train")
    best, kept = 0.0, net.state_dict()
    opt = Adam(net.params, lr=LR)
    for step in fit(net, CrossEntropyLoss(), opt, x, labels, epochs=EPOCHS, batch_size=BATCH, rng=rng):
        if step.last_of_epoch:
            now = accuracy(net, "validation")
            print(f"epoch {step.epoch}: {now:.2%} of the validation digits", flush=True)
            if now > best:
                best, kept = now, net.state_dict()
    net.load_state_dict(kept)
    print(f"kept: {best:.2%} of validation, {accuracy(net, 'test'):.2%} of the test digits")
    return kept


def main() -> None:
    """Train and write, or measure the file that is here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="measure the file that is here, train nothing")
    if parser.parse_args().check:
        print(f"data/cnn.npz reads {accuracy(trained_cnn(), 'test'):.2%} of the test digits")
    else:
        kept = train()  # without the count of batches, which is of no use
        write("cnn.npz", npz(**{name: value for name, value in kept.items() if value.ndim}))


if __name__ == "__main__":
    main()
