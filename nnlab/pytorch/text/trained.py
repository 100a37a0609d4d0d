"""The pipeline that ships: data/train_text.py trained it on film snippets."""

from __future__ import annotations

import torch

from nnlab.datasets.recorded_text import recorded_text

from .classifier import TextClassifier
from .pipeline import TextPipeline
from .tokenizer import Tokenizer


def trained_pipeline() -> TextPipeline:
    """A BiLSTM with attention pooling that calls an English sentence on a film "negative" or "positive": 50 numbers a
    word, 32 units in each direction, texts cut after 50 tokens. It classifies about 81% of the 2,015 snippets of fold 0
    correctly, which it was not trained on. Weights in float16, PDDL vectors tuned by nnlab, MIT."""
    found = recorded_text()
    tokenizer = Tokenizer(found.vocabulary, max_length=50)
    model = TextClassifier(len(tokenizer), pooling="attention")
    model.load_state_dict({name: torch.from_numpy(value) for name, value in found.weights.items()})
    return TextPipeline(tokenizer, model, ["negative", "positive"])
