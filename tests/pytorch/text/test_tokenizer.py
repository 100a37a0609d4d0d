"""The tokenizer: one rule, whatever the text, and the same numbers after it was saved."""

import json

import pytest

from nnlab.pytorch.text import Tokenizer, tokenize

TEXTS = ["A good film.", "a dull, dull film", "It isn't good!"]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("It isn't GOOD.", ["it", "is", "n't", "good", "."]),
        ("can’t don't we'll it's", ["ca", "n't", "do", "n't", "we", "'ll", "it", "'s"]),
        ("''Conan''", ['"', "conan", '"']),
        ("well-made…", ["well", "-", "made", ".", ".", "."]),
        ("ﬁne", ["fine"]),  # the ligature of two letters
        ("🎬 naïve", ["🎬", "naïve"]),
        ("映画 фильм", ["映画", "фильм"]),
        (" \n\t ", []),
        ("\ud800", ["\ud800"]),
    ],
)
def test_a_text_is_cut_into_tokens(text, tokens):
    assert tokenize(text) == tokens


def test_a_vocabulary_has_a_floor_a_size_and_a_fixed_order():
    assert Tokenizer.fit(TEXTS).vocabulary[:6] == ["<pad>", "<unk>", "a", "dull", "film", "good"]
    assert Tokenizer.fit(TEXTS[::-1]).vocabulary == Tokenizer.fit(TEXTS).vocabulary
    assert Tokenizer.fit(TEXTS, min_count=2).vocabulary[2:] == ["a", "dull", "film", "good"]
    assert Tokenizer.fit(TEXTS, min_count=2, max_size=1).vocabulary[2:] == ["a"]
    assert len(Tokenizer.fit([])) == 2


def test_encode_decode_and_truncation():
    known = Tokenizer.fit(TEXTS, min_count=2, max_length=3)
    assert known.encode("A good, dull film") == [2, 5, 1] and known.decode([2, 5, 1, 0, 0]) == ["a", "good", "<unk>"]
    assert known.encode("") == [1] == known.encode("🎬") and known.tokens("") == []
    assert known.unknown(["a quibbling film here"]) == pytest.approx(1 / 3)
    assert known.unknown([""]) != known.unknown([""])  # nan


def test_what_is_saved_makes_the_same_tokenizer():
    known = Tokenizer.fit(TEXTS, max_length=20)
    again = Tokenizer.from_state(json.loads(json.dumps(known.state())))
    assert again.vocabulary == known.vocabulary and again.max_length == 20
    assert again.encode(TEXTS[2]) == known.encode(TEXTS[2]) and "20" in repr(again)


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda: tokenize(None), TypeError, "A text should be a string, got NoneType"),
        (lambda: tokenize(b"bytes"), TypeError, "should be a string"),
        (lambda: Tokenizer.fit("one text"), TypeError, r"got one text: write \["),
        (lambda: Tokenizer("word"), TypeError, "list of tokens"),
        (lambda: Tokenizer(["a", 3]), TypeError, "got int 3"),
        (lambda: Tokenizer(["a", "b", "a"]), ValueError, "'a' twice"),
        (lambda: Tokenizer(["<pad>"]), ValueError, "'<pad>' twice"),
        (lambda: Tokenizer(["a"], max_length=0), ValueError, "max_length should be at least 1"),
        (lambda: Tokenizer.fit(["a"], min_count=0), ValueError, "min_count should be at least 1"),
        (lambda: Tokenizer(None), TypeError, "list of tokens"),
        (lambda: Tokenizer.fit(None), TypeError, "list of texts; got NoneType"),
        (lambda: Tokenizer(["a"]).unknown("abc"), TypeError, "got one text"),
        (lambda: Tokenizer(["a"]).decode([2.7]), TypeError, "A token's number should be whole"),
        (lambda: Tokenizer(["a"]).decode("12"), TypeError, "A token's number should be whole"),
        (lambda: Tokenizer(["a"]).decode([-1]), ValueError, "from 0 to 2, got -1"),
        (lambda: Tokenizer(["a"]).decode([3]), ValueError, "from 0 to 2, got 3"),
        (lambda: Tokenizer.from_state({"words": []}), ValueError, "no tokenizer's state"),
    ],
)
def test_bad_input_is_a_sentence(act, error, words):
    with pytest.raises(error, match=words):
        act()
