"""A tokenizer and a network as one thing: text in, class and confidence out, saved in one file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from nnlab.checks import describe

from .. import checkpoint
from .batches import encode_batch
from .classifier import TextClassifier
from .tokenizer import UNKNOWN_ID, Tokenizer, tokenize

Array = NDArray[np.float64]


class TextPrediction(NamedTuple):
    """The answer to one text. label: the likeliest class; confidence: its probability, 1 / classes to 1; probabilities:
    of each class. effects: (token, effect) in the order of the text, where effect is the label's probability less what
    it is without that token, -1 to 1. unknown: how many tokens read were unknown; cut: how many were not read."""

    label: str
    confidence: float
    probabilities: dict[str, float]
    effects: list[tuple[str, float]]
    unknown: int
    cut: int

    def moved(self, most: int = 3) -> list[tuple[str, float]]:
        """The tokens with the largest effect in size, the largest first."""
        return sorted(self.effects, key=lambda pair: -abs(pair[1]))[:most]


class TextPipeline:
    """`TextPipeline(tokenizer, model, ["negative", "positive"]).predict("any text")`.

    The tokenizer belongs to the model: they are made, used and saved together. Raises ValueError if the model has
    another vocabulary size or number of classes, and for a tokenizer without max_length.
    """

    def __init__(self, tokenizer: Tokenizer, model: TextClassifier, classes: Sequence[str]):
        rows, outputs = model.embedding.num_embeddings, model.head.out_features
        if rows != len(tokenizer):
            raise ValueError(
                f"The model knows {rows} tokens, the tokenizer {len(tokenizer)}: take the pair that was trained."
            )
        if outputs != len(classes):
            raise ValueError(f"classes should be {outputs} names, one for each logit; got {len(classes)}.")
        if tokenizer.max_length is None:
            raise ValueError(
                "The tokenizer should have a max_length, so that a book is answered as fast as a sentence: 200, say."
            )
        self.tokenizer, self.model, self.classes = tokenizer, model.eval(), [str(name) for name in classes]

    def probabilities(self, texts: Sequence[str]) -> Array:
        """(N, classes), each row adding up to 1."""
        ids, _ = encode_batch(self.tokenizer, texts)
        return self.probabilities_of(ids)

    @torch.no_grad()
    def probabilities_of(self, ids: torch.Tensor) -> Array:
        """(N, classes) for ids (N, L), as `encode_batch` makes them."""
        self.model.eval()
        where = next(self.model.parameters()).device
        rows = [torch.softmax(self.model(part.to(where)).double(), dim=1).cpu() for part in ids.split(512)]
        return np.asarray(torch.cat(rows).numpy())

    def predict(self, text: str) -> TextPrediction:
        """Class, confidence and the effect of each token, for any string: an empty one, emoji, a whole book, other
        scripts. Of a text without tokens the network reads one unknown token. Raises TypeError for anything else."""
        if not isinstance(text, str):
            raise TypeError(f"predict takes one text, a string; got {describe(text)}.")
        tokens = self.tokenizer.tokens(text)
        p = self.probabilities_of(torch.tensor([self.tokenizer.encode(text)]))[0]
        best = int(p.argmax())
        effects: list[tuple[str, float]] = []
        if tokens:
            without = self.probabilities_of(without_each_token(torch.tensor(self.tokenizer.encode(text))))[:, best]
            effects = [(token, float(p[best] - q)) for token, q in zip(tokens, without, strict=True)]
        return TextPrediction(
            self.classes[best],
            float(p[best]),
            {name: float(value) for name, value in zip(self.classes, p, strict=True)},
            effects,
            sum(token not in self.tokenizer.ids for token in tokens),
            len(tokenize(text)) - len(tokens),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write tokenizer, classes, settings and weights into one file. Raises OSError if that fails."""
        checkpoint.save(
            path,
            {
                "tokenizer": self.tokenizer.state(),
                "classes": self.classes,
                "settings": self.model.settings,
                "model": self.model.state_dict(),
            },
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TextPipeline:
        """The pipeline that `save` wrote, on the CPU; the file can hold numbers and text only, no code. Raises
        FileNotFoundError if there is none, ValueError for a damaged or foreign file."""
        state = checkpoint.load(path)
        if missing := {"tokenizer", "classes", "settings", "model"} - set(state):
            raise ValueError(f"{path} is no text pipeline: it lacks {', '.join(sorted(missing))}. Take another file.")
        model = TextClassifier(**state["settings"])
        checkpoint.load_model(model, state["model"], path)
        return cls(Tokenizer.from_state(state["tokenizer"]), model, state["classes"])


def without_each_token(ids: torch.Tensor) -> torch.Tensor:
    """(L, max(L - 1, 1)): row i is ids (L,) without place i. Without its only token, a text is one unknown token."""
    n = len(ids)
    if n == 1:
        return torch.full((1, 1), UNKNOWN_ID, dtype=ids.dtype)
    keep = torch.arange(n - 1)[None].expand(n, -1)
    return ids[keep + (keep >= torch.arange(n)[:, None])]
