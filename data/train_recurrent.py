"""Train the two small recurrent networks of chapter 07's explorers, from scratch, and write data/recurrent.npz.

    python data/train_recurrent.py            train both, print their scores, write the file (half a minute)
    python data/train_recurrent.py --check    train both, compare with the shipped file's figure, write nothing

Another processor rounds differently, so training again gives weights like these, not these to the last bit.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from build import npz, write

from nnlab import datasets
from nnlab.scratch import GRU, LSTM, Adam, AdamW, Linear, OneCycleLR, clip_grad_norm_, softmax

Array = np.ndarray[Any, Any]
FILE = "recurrent.npz"
VALIDATION = 1120  # names that are not trained on; hidden size, epochs and weight decay were chosen with them


def joined(cell: Any, out: Linear) -> dict[str, Array]:
    """The parameters of both by the names they have in the file."""
    return cell.params | {f"out_{name}": value for name, value in out.params.items()}


# ---- names to country ------------------------------------------------------------------------------------------------


def split() -> tuple[Array, Array]:
    """Places of the names to train on, and of those to validate on."""
    order = np.random.default_rng(0).permutation(len(datasets.names_by_country().names))
    return order[VALIDATION:], order[:VALIDATION]


def one_hot(names: list[str], letters: list[str]) -> tuple[Array, Array]:
    """x: (N, longest, letters) float32, and the names' lengths (N,). Padding and letters not listed are all zeros."""
    length = np.array([len(name) for name in names])
    x = np.zeros((len(names), length.max(), len(letters)), np.float32)
    for row, name in zip(x, names, strict=True):
        for t, letter in enumerate(name.lower()):
            if letter in letters:
                row[t, letters.index(letter)] = 1
    return x, length


def accuracy(cell: GRU, out: Linear, names: list[str], labels: Array, letters: list[str]) -> float:
    """The share of names whose country has the greatest number after the last letter."""
    x, length = one_hot(names, letters)
    logits = out(cell(x))[np.arange(len(x)), length - 1]
    return float(np.mean(logits.argmax(axis=1) == labels))


def train_names(epochs: int = 25, hidden: int = 32) -> tuple[dict[str, Array], list[str]]:
    """A GRU that answers after every letter; the answer after the last counts three times as much as the mean of all.

    A third of its outputs is dropped in training, and weights decay: 5,600 names are few."""
    names, labels, _ = datasets.names_by_country()
    letters = sorted(set("".join(names).lower()))
    train, _ = split()
    rng = np.random.default_rng(1)
    cell = GRU(len(letters), hidden, rng=rng, dtype=np.float32)
    out = Linear(hidden, 14, rng=rng, dtype=np.float32)
    params = joined(cell, out)
    opt = AdamW(params, weight_decay=0.05)
    schedule = OneCycleLR(opt, 8e-3, total_steps=epochs * -(-len(train) // 64))
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(train), -(-len(train) // 64)):
            x, length = one_hot([names[i] for i in batch], letters)
            h = cell(x)
            kept = (rng.random(h.shape) > 1 / 3) * np.float32(1.5)
            p = softmax(out(h * kept))
            there = np.arange(x.shape[1]) < length[:, None]
            weight = 0.3 * there / there.sum()
            weight[np.arange(len(batch)), length - 1] += 1 / len(batch)
            p[np.arange(len(batch)), :, labels[batch]] -= 1  # softmax and cross-entropy together: p - y
            cell.backward(out.backward(p * weight[..., None].astype(np.float32)) * kept)
            grads = cell.grads | {f"out_{name}": g for name, g in out.grads.items()}
            clip_grad_norm_(grads, 1.0)
            opt.step(grads)
            schedule.step()
    for which, places in zip(("trained on", "validation"), split(), strict=True):
        right = accuracy(cell, out, [names[i] for i in places], labels[places], letters)
        print(f"names: {len(places)} {which}, {right:.1%} right")
    return params, letters


# ---- a number kept in memory -----------------------------------------------------------------------------------------


def memory_task(n: int, length: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """x: (n, length, 3), a value from -1 to 1, the mark "store" and the mark "ask"; y: (n, length), the value that was
    stored last where it is asked for, else 0. Every sequence stores in its first half, and asks at its end."""
    values = rng.uniform(-1, 1, (n, length))
    store = rng.random((n, length)) < rng.uniform(0.03, 0.2, (n, 1))
    ask = rng.random((n, length)) < 0.2
    store[np.arange(n), rng.integers(0, length // 2, n)] = True
    ask[:, -1] = True
    y, held = np.zeros((n, length)), np.zeros(n)
    for t in range(length):
        held = np.where(store[:, t], values[:, t], held)
        y[:, t] = held * ask[:, t]
    return np.stack([values, store, ask], axis=2), y


def train_memory(seed: int = 1, steps: int = 3000) -> dict[str, Array]:
    """An LSTM with a single unit. Of the seeds 0 to 5, 1 and 4 find the solution; the others end in a poorer one.

    Its recurrent weights are pulled to 0, so that the gates follow the marks and are easy to read."""
    rng = np.random.default_rng(seed)
    cell, out = LSTM(3, 1, rng=rng), Linear(1, 1, rng=rng)
    cell.params["bias_ih_l0"][1] = 1  # the forget gate begins open
    params = joined(cell, out)
    opt = Adam(params, lr=0.03)
    for step in range(steps):
        opt.lr = 0.015 * (1 + np.cos(np.pi * step / steps)) + 1e-4
        x, y = memory_task(32, 24, rng)
        miss = out(cell(x))[:, :, 0] - y
        cell.backward(out.backward((2 * miss / miss.size)[:, :, None]))
        grads = cell.grads | {f"out_{name}": g for name, g in out.grads.items()}
        clip_grad_norm_(grads, 1.0)
        opt.step(grads)
        cell.params["weight_hh_l0"] *= 0.9
    x, y = memory_task(500, 24, np.random.default_rng(99))
    print(f"memory: {np.sqrt(np.mean((out(cell(x))[:, -1, 0] - y[:, -1]) ** 2)):.3f} off at the end, on new sequences")
    return params


def main() -> int:
    """Train both networks; write the file, or compare with it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    names, letters = train_names()
    arrays = {f"names_{name}": value for name, value in names.items()}
    arrays |= {f"memory_{name}": value.astype(np.float32) for name, value in train_memory().items()}
    if options.check:
        shipped = datasets.recurrent_weights("names")
        cell, out = GRU(len(letters), 32, rng=np.random.default_rng(0)), Linear(32, 14, rng=np.random.default_rng(0))
        for name, value in joined(cell, out).items():
            value[...] = shipped[name]
        all_names, labels, _ = datasets.names_by_country()
        places = split()[1]
        right = accuracy(cell, out, [all_names[i] for i in places], labels[places], letters)
        print(f"names, the shipped file: {len(places)} validation, {right:.1%} right")
    else:
        write(FILE, npz(letters=np.array(letters), **arrays))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
