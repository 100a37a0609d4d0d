"""Chapter 16, Text classification: what its explorers compute is true, and its records are made by the script."""

import importlib
import os

import numpy as np
import pytest

from nnlab.chapters.c16_text import vocabulary_explorer as vocabulary
from nnlab.chapters.c16_text import word_effects_explorer as effects
from nnlab.chapters.c16_text import word_map_explorer as word_map
from nnlab.datasets import files, movie_snippets, recorded_text, word_vectors
from nnlab.pytorch.text import trained_pipeline

THERE = (files.FOLDER / "cache/movie_snippets.tsv").is_file() or bool(os.environ.get("CI"))
NEEDS_TEXTS = pytest.mark.skipif(not THERE, reason="python data/build.py movie_snippets")

# ------------------------------------------------------------------------------------------------- word map


def test_nearest_words_are_those_of_a_search_through_all():
    words, vectors = word_vectors()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    d = word_map.nearest_words("king - man + woman", 5)
    total = unit[words.index("king")] - unit[words.index("man")] + unit[words.index("woman")]
    cosine = {w: float(c) for w, c in zip(words, unit @ total / np.linalg.norm(total), strict=True)}
    for word in ("king", "man", "woman"):
        del cosine[word]
    assert d.words == sorted(cosine, key=lambda w: -cosine[w])[:5] and d.words[0] == "queen"
    np.testing.assert_allclose(d.similarity, [cosine[w] for w in d.words], atol=1e-5)
    assert d.places.shape == (8, 2) and d.query == [(1.0, "king"), (-1.0, "man"), (1.0, "woman")]


@pytest.mark.parametrize("query", ["", "   ", "- + -", "zzzqqq", "good - good", "映画", "-"])
def test_a_query_without_a_direction_has_no_neighbours(query):
    d = word_map.nearest_words(query, 5)
    assert d.words == [] and np.isfinite(d.places).all() and np.isfinite(d.middle).all()


def test_a_hyphen_is_no_minus_and_unknown_words_are_named():
    d = word_map.nearest_words("well-known Film zzzqqq", 3)
    assert [w for _, w in d.query] == ["well-known", "film"] and d.unknown == ["zzzqqq"] and len(d.words) == 3


def test_labels_do_not_lie_over_each_other():
    points = np.random.default_rng(0).uniform(-0.7, 0.7, (14, 2))
    spots = word_map.label_spots(points, [f"word{i}" for i in range(14)], np.array([2.0, 2.0]))
    assert 5 < sum(spot is not None for spot in spots) <= 14


# ------------------------------------------------------------------------------------------------- word effects


def test_effects_are_what_dropping_a_word_changes():
    d = effects.word_effects(effects.START, 0)
    ask = trained_pipeline()
    dropped = effects.START.replace("wonderful", "")
    place = d.tokens.index("wonderful")
    changed = ask.probabilities([effects.START])[0, 1] - ask.probabilities([dropped])[0, 1]
    assert d.effects[place] == pytest.approx(changed, abs=1e-6) and d.positive == d.whole
    assert d.attention.sum() == pytest.approx(1, abs=1e-5)


def test_a_dropped_word_is_not_read():
    whole, d = effects.word_effects("A dull film.", 0), effects.word_effects("A dull film.", 2)
    assert d.tokens == whole.tokens and d.dropped.tolist() == [False, True, False, False]
    assert d.effects[1] == d.attention[1] == 0 and d.positive > whole.positive == d.whole
    alone = effects.word_effects("dull", 1)  # nothing is left: one unknown token is read
    assert alone.effects.tolist() == [0] and 0 < alone.positive < 1


@pytest.mark.parametrize("sentence", ["", "🎬", "x" * 90, "a b " * 22])
def test_any_sentence_is_read(sentence):
    d = effects.word_effects(sentence, 0)
    assert 0 < d.positive < 1 and np.isfinite(d.effects).all() and len(d.effects) == len(d.tokens)


# ------------------------------------------------------------------------------------------------- vocabulary


def test_a_larger_vocabulary_leaves_fewer_words_unknown():
    for texts in ("500", "2,000", "8,000"):
        found = [vocabulary.vocabulary(float(size), texts) for size in recorded_text().sizes]
        unknown = [d.unknown for d in found]
        assert unknown == sorted(unknown, reverse=True) and all(d.unknown >= d.unknown_seen for d in found[3:])
        assert all(d.words <= d.size for d in found) and found[-1].accuracy > found[0].accuracy + 0.05


# ------------------------------------------------------------------------------------------------- the records


def test_what_is_recorded_fits_together():
    found = recorded_text()
    assert len(found.models) == 7 and found.models[-1] == "BiLSTM, last step"
    assert found.right["all"].shape == (7, 10_072) and found.right["few"].shape == (6, 10_072)
    assert np.bincount(found.fold).tolist() == [2015, 2015, 2014, 2014, 2014]
    means = dict(zip(found.models, found.right["all"].mean(axis=1), strict=True))
    assert 0.79 < means["bag of words"] < 0.82 and abs(means["BiLSTM, last step"] - 0.5) < 0.02
    assert found.curve.shape == (3, 9, 4) and len(set(found.vocabulary)) == 6000


@NEEDS_TEXTS
def test_the_texts_are_not_in_the_repository():
    """The vocabulary is the only text of the file, one word a line: no snippet stands in it."""
    words = "\n".join(recorded_text().vocabulary)
    assert not [text for text in movie_snippets().texts if len(text) > 25 and text.lower() in words]


@NEEDS_TEXTS
def test_the_script_makes_such_a_file_of_fewer_texts(monkeypatch):
    monkeypatch.syspath_prepend(files.FOLDER)  # it imports build.py next to it
    train_text = importlib.import_module("train_text")
    texts, y = train_text.clear_texts()
    assert np.array_equal(train_text.folds(y), recorded_text().fold)
    rows = np.random.default_rng(0).permutation(len(y))[:400]
    texts, y = [texts[i] for i in rows], y[rows]
    fold = train_text.folds(y)
    monkeypatch.setattr(train_text, "FEW", 60)
    monkeypatch.setattr(train_text, "SIZES", (50, 200))
    monkeypatch.setattr(train_text, "TEXTS", (60, 200))
    network = train_text.network
    monkeypatch.setattr(train_text, "network", lambda *a, **how: network(*a, **how | {"epochs": 1}))
    features = np.random.default_rng(0).normal(size=(400, 384)).astype(np.float32)
    one = train_text.one_fold(0, texts, y, fold) | train_text.encoder_rows(features, y, fold, 0)
    made = train_text.together({0: one}, y, fold)
    with np.load(files.find("text.npz"), allow_pickle=False) as shipped:
        assert set(made) == set(shipped.files)
        assert all(made[n].ndim == shipped[n].ndim and made[n].dtype.kind == shipped[n].dtype.kind for n in made)
    assert made["curve"].shape == (2, 2, 4)


@NEEDS_TEXTS
def test_the_shipped_network_is_as_good_as_recorded():
    texts, ratings = movie_snippets()
    clear = np.flatnonzero(np.abs(ratings) >= 0.5)
    found = recorded_text()
    test = np.flatnonzero(found.fold == 0)[::4]
    p = trained_pipeline().probabilities([texts[i] for i in clear[test]])
    right = p.argmax(axis=1) == (ratings[clear[test]] > 0)
    assert (right == found.right["all"][found.models.index("BiLSTM, attention"), test]).mean() > 0.99
