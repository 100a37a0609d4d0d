"""What chapter 16's long runs gave: data/text.npz, made by data/train_text.py."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .files import find

Array = NDArray[Any]
_OTHERS = ("fold", "models", "vocabulary", "right_all", "right_few", "curve", "sizes", "texts")


class RecordedText(NamedTuple):
    """What `recorded_text` returns; its docstring has shapes."""

    models: list[str]
    fold: Array
    right: dict[str, Array]
    sizes: Array
    texts: Array
    curve: Array
    vocabulary: list[str]
    weights: dict[str, Array]


def recorded_text() -> RecordedText:
    """Seven classifiers of film snippets, a curve over the size of the vocabulary, and one network's weights. No text.

    models: names of M = 7. fold: (10072,) the fold, 0 to 4, in which a snippet was tested; the rows are those of
    `movie_snippets` with a rating of at least 0.5 in size, in that order. right: "all" and "few" (500 labels) ->
    (M, 10072) booleans, whether a model that was trained on the other folds classified the row correctly; the last
    model is a mistake on purpose, which "few" leaves out.
    sizes: (S,) the largest number of words kept; texts: (T,) the number of training texts; curve: (T, S, 4), means over
    the folds: words in the vocabulary, share of unknown words in the training and in the tested texts, 0 to 1, and
    accuracy of the bag of words. vocabulary, weights: of a BiLSTM with attention pooling, trained without fold 0.

    No split of its own: the folds are the split. Trained by nnlab, MIT, on `word_vectors` (PDDL) and `movie_snippets`.
    """
    with np.load(find("text.npz"), allow_pickle=False) as found:
        fold = found["fold"].astype(np.int64)
        right = {name: np.unpackbits(found[f"right_{name}"], axis=1)[:, : len(fold)] == 1 for name in ("all", "few")}
        weights = {name: found[name].astype(np.float32) for name in found.files if name not in _OTHERS}
        return RecordedText(
            found["models"].tolist(),
            fold,
            right,
            found["sizes"].astype(np.int64),
            found["texts"].astype(np.int64),
            found["curve"].astype(np.float64),
            found["vocabulary"].tolist(),
            weights,
        )
