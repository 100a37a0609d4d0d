"""predict answers any string, says what moved it, and is the same after it was saved."""

import numpy as np
import pytest
import torch

from nnlab.pytorch import checkpoint
from nnlab.pytorch.text import TextClassifier, TextPipeline, Tokenizer, trained_pipeline, without_each_token


@pytest.fixture
def small():
    known = Tokenizer(["good", "bad", "film"], max_length=6)
    torch.manual_seed(0)
    net = TextClassifier(5, embedding_dim=4, hidden_size=3, pooling="attention")
    return TextPipeline(known, net, ["negative", "positive"])


@pytest.mark.parametrize(
    "text",
    ["", " ", "good", "🎬🎬", "映画はとても", "bad " * 10_000, "\x00\ud800", "$x$ <b>good</b>", "?!" * 500, "é" * 99],
)
def test_any_string_has_an_answer(small, text):
    answer = small.predict(text)
    assert answer.label in small.classes and 0.5 <= answer.confidence <= 1
    assert sum(answer.probabilities.values()) == pytest.approx(1)
    assert len(answer.effects) <= 6 and all(-1 <= effect <= 1 for _, effect in answer.effects)
    assert len(answer.moved(2)) <= 2 and answer.unknown <= len(answer.effects)


def test_an_effect_is_what_dropping_the_token_changes(small):
    answer = small.predict("good bad film zzz")
    column = small.classes.index(answer.label)
    without = small.probabilities(["bad film zzz", "good film zzz", "good bad zzz", "good bad film"])[:, column]
    np.testing.assert_allclose([e for _, e in answer.effects], answer.confidence - without, atol=1e-6)
    assert (answer.unknown, answer.cut) == (1, 0) and small.predict("film " * 9).cut == 3
    assert answer.moved()[0][1] == max((e for _, e in answer.effects), key=abs)


def test_without_each_token():
    assert without_each_token(torch.tensor([5, 6, 7])).tolist() == [[6, 7], [5, 7], [5, 6]]
    assert without_each_token(torch.tensor([5])).tolist() == [[1]]


def test_what_is_saved_answers_the_same(small, tmp_path):
    small.save(tmp_path / "film.pt")
    again = TextPipeline.load(tmp_path / "film.pt")
    texts = ["good film", "", "bad bad film zzz"]
    assert np.array_equal(again.probabilities(texts), small.probabilities(texts)) and again.classes == small.classes


def test_bad_input_is_a_sentence(small, tmp_path):
    for bad in (None, 3, ["good"], b"good"):
        with pytest.raises(TypeError, match="predict takes one text, a string; got"):
            small.predict(bad)
    net = small.model
    with pytest.raises(ValueError, match="The model knows 5 tokens, the tokenizer 3"):
        TextPipeline(Tokenizer(["good"], max_length=6), net, ["a", "b"])
    with pytest.raises(ValueError, match="classes should be 2 names"):
        TextPipeline(small.tokenizer, net, ["a", "b", "c"])
    with pytest.raises(ValueError, match="should have a max_length"):
        TextPipeline(Tokenizer(["good", "bad", "film"]), net, ["a", "b"])
    with pytest.raises(FileNotFoundError):
        TextPipeline.load(tmp_path / "none.pt")
    checkpoint.save(tmp_path / "other.pt", {"model": {}})
    with pytest.raises(ValueError, match="is no text pipeline: it lacks classes, settings, tokenizer"):
        TextPipeline.load(tmp_path / "other.pt")


def test_the_shipped_one_knows_praise_from_blame():
    shipped = trained_pipeline()
    good, bad = shipped.probabilities(["A warm, funny and moving film.", "A dull, boring and pointless mess."])[:, 1]
    assert good > 0.9 and bad < 0.1
