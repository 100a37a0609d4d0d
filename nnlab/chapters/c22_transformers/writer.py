"""The shipped GPT that writes surnames, in NumPy, as the explorers of this chapter use it."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.datasets import letter_names, names_weights
from nnlab.datasets.letters import LETTERS
from nnlab.datasets.transformers import NAMES_GPT
from nnlab.scratch import GPT, Embedding, Layer, softmax

Array = NDArray[Any]
LONGEST = NAMES_GPT["length"] - 1  # letters after the dot in front
BLOCKS, HEADS = NAMES_GPT["layers"], NAMES_GPT["num_heads"]
HALVES = [f"{half} {block}" for block in range(1, BLOCKS + 1) for half in ("attention", "MLP")]


@cache
def writer() -> GPT:
    """`nnlab.scratch.GPT` in float32 with the shipped weights, in evaluation mode. Read its parts, don't train it."""
    net = GPT(**NAMES_GPT, rng=np.random.default_rng(0), dtype=np.float32)
    net.load_state_dict(names_weights())
    net.eval()
    return net


@cache
def real_names() -> frozenset[str]:
    """All last names of the census."""
    return frozenset(name for part in letter_names() for name in part)


def symbols(text: str) -> Array:
    """(1, T): a dot, and the first letters from a to z of a text. é counts as e; what is no letter is left out."""
    letters = [c for c in unicodedata.normalize("NFKD", text.casefold()) if "a" <= c <= "z"][:LONGEST]
    return np.array([[0, *(LETTERS.index(c) for c in letters)]])


def shown(x: Array) -> list[str]:
    """The symbols of a row as they are drawn: the dot of the start is easier to see as a small circle."""
    return ["•" if i == 0 else LETTERS[i] for i in x]


def stages(x: Array, left_out: str = "nothing") -> tuple[Array, Array]:
    """The sum after the embedding and after each half of each block, with one half left out: (5, T, D); and what each
    half added, (4, T, D). x: (1, T)."""
    net = writer()
    parts: dict[str, Any] = net.parts
    tokens, positions = parts["tokens"], parts["positions"]
    assert isinstance(tokens, Embedding)
    h = tokens(x)[0] + positions(np.arange(x.shape[1]))
    sums, added = [h], list[Array]()
    mask = np.triu(np.ones((x.shape[1],) * 2, bool), 1)
    for block in net.blocks:
        p: dict[str, Layer] = block.parts
        for half in ("attention", "MLP"):
            if half == "attention":
                more = p["self_attn"](p["norm1"](h[None]), mask)[0]
            else:
                more = p["linear2"](p["gelu"](p["linear1"](p["norm2"](h))))
            more = np.zeros_like(more) if HALVES[len(added)] == left_out else more
            h = h + more
            sums.append(h)
            added.append(more)
    return np.array(sums), np.array(added)


def read_out(h: Array) -> Array:
    """Probabilities of the next symbol, were `h` the end: the last normalisation, the head, softmax. (..., D)."""
    parts = writer().parts
    return softmax(parts["head"](parts["norm"](h))).astype(np.float64)
