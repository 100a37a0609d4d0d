"""Chapter 22, Attention and transformers: what its explorers compute is true, and so is its baseline."""

import numpy as np
import pytest
import torch

from nnlab.chapters.c22_transformers import heads_explorer as heads
from nnlab.chapters.c22_transformers import rotary_explorer as rotary
from nnlab.chapters.c22_transformers import sampling_explorer as sampling
from nnlab.chapters.c22_transformers import stream_explorer as stream
from nnlab.chapters.c22_transformers import writer
from nnlab.chapters.c22_transformers.ngram import NGram
from nnlab.datasets import (
    encode_names,
    letter_names,
    masked_weights,
    mnist,
    names_weights,
    transformer_runs,
    vit_weights,
)
from nnlab.datasets.transformers import GPT_SIZES, NAMES_GPT, NAMES_MASKED, VIT
from nnlab.pytorch import GPT, MaskedLM, ViT
from nnlab.pytorch.language import nats
from nnlab.pytorch.models.transformer import attention_maps


def loaded(model, weights):
    model.load_state_dict({name: torch.tensor(w) for name, w in weights.items()})
    return model.eval()


# ------------------------------------------------------------------------------------------------- n-grams


def test_witten_bell_by_hand():
    """One name, "aab": a follows the start; a, then b follow a; the end follows b."""
    x, y = encode_names(["aab"], 4)
    one, two = NGram(1, x, y, 27), NGram(2, x, y, 27)
    p1 = (2 + 3 / 27) / (4 + 3)  # a: 2 of 4 symbols, 3 different ones
    assert one.probabilities(x)[0, 0, 1] == pytest.approx(p1)
    after_a = (1 + 2 * p1) / (2 + 2)  # after a came a and b, once each
    assert two.probabilities(x)[0, 1, 1] == pytest.approx(after_a)
    unseen = np.array([[0, 26, 0, 0]])
    np.testing.assert_allclose(two.probabilities(unseen)[0, 1], one.probabilities(unseen)[0, 1])


@pytest.mark.parametrize("n", [1, 3, 5])
def test_probabilities_sum_to_one_and_the_future_does_not_matter(n):
    parts = letter_names()
    model = NGram(n, *encode_names(parts.train[:2000]), 27)
    x, _ = encode_names(parts.test[:50])
    p = model.probabilities(x)
    np.testing.assert_allclose(p.sum(axis=-1), 1)
    changed = x.copy()
    changed[:, 6:] = 3
    assert np.array_equal(model.probabilities(changed)[:, :6], p[:, :6])


# ------------------------------------------------------------------------------------------------- shipped weights


def test_the_recorded_losses_are_those_of_the_shipped_weights():
    x, y = map(torch.tensor, encode_names(letter_names().test[:2000]))
    runs = transformer_runs()
    for size, recorded in zip(GPT_SIZES, runs.test, strict=True):
        model = loaded(GPT(**NAMES_GPT | {"embed_dim": size}), names_weights(size))
        assert nats(model, x, y) == pytest.approx(recorded, abs=0.02)
    assert (runs.curve.shape, runs.positions.shape, runs.digits.shape) == ((3, 6), (4, 2), (2, 3))
    with pytest.raises(ValueError, match="no size named '48'"):
        names_weights(48)


def test_the_numpy_writer_is_the_pytorch_one():
    x = encode_names(letter_names().test[:20])[0]
    theirs = loaded(GPT(**NAMES_GPT), names_weights())
    with torch.no_grad():
        np.testing.assert_allclose(writer.writer()(x), theirs(torch.tensor(x)).numpy(), atol=1e-3)


def test_the_shipped_masked_model_and_vision_transformer_load():
    loaded(MaskedLM(**NAMES_MASKED), masked_weights())
    net = loaded(ViT(**VIT), vit_weights())
    images, labels = mnist("test")
    with torch.no_grad():
        said = net(torch.tensor(images[:300, None] / 255, dtype=torch.float32)).argmax(dim=1).numpy()
    assert np.mean(said == labels[:300]) > 0.95


# ------------------------------------------------------------------------------------------------- explorers


def test_heads_are_those_of_the_model():
    model = loaded(GPT(**NAMES_GPT), names_weights())
    maps = attention_maps(model, torch.tensor(writer.symbols("anderson")))
    for block in (1, 2):
        for head in (1, 4):
            d = heads.heads("Anderson!", block, head, 4)
            np.testing.assert_allclose(d.weights, maps[block - 1][0, head - 1], atol=1e-4)
            assert np.all(np.triu(d.weights, 1) == 0) and d.p.sum() == pytest.approx(1, abs=1e-5)
    assert heads.heads("", 1, 1, 9).letters == ["•"]


def test_accents_count_as_their_letters_and_other_signs_are_left_out():
    for text, letters in (
        ("Müller-Strauß", "mullerstrauss"),
        ("ÉÇ 🎉", "ec"),
        ("", ""),
        ("x" * 300, "x" * writer.LONGEST),
    ):
        assert "".join(writer.shown(writer.symbols(text)[0])[1:]) == letters


def test_the_stream_ends_where_the_model_does_and_leaving_out_is_leaving_out():
    x = writer.symbols("martinez")
    sums, added = writer.stages(x)
    np.testing.assert_allclose(sums[0] + added.sum(axis=0), sums[-1], atol=1e-3)
    logits = writer.writer()(x)
    p = np.exp(logits[0] - logits[0].max(axis=-1, keepdims=True))
    np.testing.assert_allclose(writer.read_out(sums[-1]), p / p.sum(axis=-1, keepdims=True), atol=1e-4)
    np.testing.assert_allclose(sums, np.array(writer.writer().stages)[:, 0], atol=1e-3)
    for i, half in enumerate(writer.HALVES):
        assert not writer.stages(x, half)[1][i].any()
    d = stream.stream("martinez", 40, "nothing")
    assert d.place == 8
    np.testing.assert_allclose(d.p[-1], d.whole, atol=1e-4)


def test_rotary_scores_depend_on_the_distance_only():
    for pairs in rotary.SPEEDS:
        for query, key in ((4, 1), (30, 27), (3, 0)):
            d = rotary.turned(pairs, query, key)
            assert d.score == pytest.approx(rotary.turned(pairs, 4, 1).score)
            assert d.score == pytest.approx(d.curve[rotary.FARTHEST + query - key])


def test_what_is_drawn_is_what_may_come():
    explorer = sampling.sampling_explorer()
    explorer.set(temperature=1.0, top_k=1, top_p=1.0)
    explorer.restart()
    explorer.advance(40)
    d = explorer.data
    assert d.kept == 1 and len(set(d.names)) == 1  # greedy: always the same name
    explorer.set(top_k=27, top_p=0.5)
    explorer.restart()
    for _ in range(30):
        d = explorer.data
        assert d.cut.sum() == pytest.approx(1) and d.plain[d.cut > 0].sum() >= 0.5 - 1e-9
        explorer.advance(1)
    assert all(real == (name in writer.real_names()) for name, real in zip(d.names, d.real, strict=True))
