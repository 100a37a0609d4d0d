"""Positions, block, GPT, sampling and byte pairs in NumPy: formulas, gradients, PyTorch, bad input."""

import numpy as np
import pytest
import tokenizers
import torch
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.trainers import BpeTrainer

from nnlab import pytorch, scratch
from nnlab.datasets import letter_names
from nnlab.pytorch import language
from nnlab.pytorch.models import positions
from nnlab.scratch.language.bpe import join
from nnlab.twins import copy_weights

# ------------------------------------------------------------------------------------------------- positions


def test_sinusoidal_positions_are_the_formula():
    p = scratch.sinusoidal_positions(7, 6)
    for t in range(7):
        for i in range(3):
            angle = t / 10_000 ** (2 * i / 6)
            assert p[t, 2 * i] == pytest.approx(np.sin(angle)) and p[t, 2 * i + 1] == pytest.approx(np.cos(angle))


def test_rotary_turns_keeps_lengths_and_knows_the_distance_only():
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 8))
    t = np.arange(12.0)
    turned_q, turned_k = (scratch.rotary(np.tile(a, (12, 1)), t) for a in (q, k))
    np.testing.assert_allclose(np.linalg.norm(turned_q, axis=1), np.linalg.norm(q))
    scores = turned_q @ turned_k.T
    for distance in range(-11, 12):
        along = np.diagonal(scores, -distance)
        np.testing.assert_allclose(along, along[0], atol=1e-12)
    np.testing.assert_allclose(scratch.rotary(turned_q, -t), np.tile(q, (12, 1)), atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rotary_equals_pytorchs_and_its_gradient_turns_back(dtype):
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(2, 2, 3, 5, 6)).astype(dtype)
    theirs = torch.tensor(x, requires_grad=True)
    y = positions.rotary(theirs)
    y.backward(torch.tensor(dy))
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(scratch.rotary(x), y.detach().numpy(), atol=tolerance)
    np.testing.assert_allclose(scratch.rotary(dy, -np.arange(5)), theirs.grad.numpy(), atol=tolerance)
    late = positions.rotary(torch.tensor(x), first=3).numpy()
    np.testing.assert_allclose(scratch.rotary(x, np.arange(3, 8)), late, atol=tolerance)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: scratch.sinusoidal_positions(4, 5), "even"),
        (lambda: scratch.rotary(np.zeros((3, 5))), "even d"),
        (lambda: scratch.rotary(np.zeros((3, 4)), np.arange(2)), r"shape \(3,\)"),
        (lambda: positions.rotary(torch.zeros(3, 5)), "even"),
    ],
)
def test_positions_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ------------------------------------------------------------------------------------------------- block and GPT


def test_the_blocks_gradients_are_those_of_finite_differences():
    rng = np.random.default_rng(0)
    block = scratch.TransformerBlock(4, 2, 6, causal=True, rng=rng)
    for p in block.params.values():
        p += 0.3 * rng.normal(size=p.shape)
    scratch.check_gradients(block, rng.normal(size=(2, 3, 4)), rng=rng)


def test_a_causal_block_does_not_see_later_places_and_another_does():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 5, 4))
    for causal in (True, False):
        block = scratch.TransformerBlock(4, 2, causal=causal, rng=np.random.default_rng(1))
        for t in range(5):
            dy = np.zeros((1, 5, 4))
            block.forward(x)
            dy[0, t] = rng.normal(size=4)
            reached = np.abs(block.backward(dy)[0]).max(axis=1) > 0
            assert reached[: t + 1].all() and reached[t + 1 :].any() == (not causal and t < 4)


def test_dropout_of_a_block_is_off_in_evaluation_and_drawn_in_training():
    block = scratch.TransformerBlock(4, 2, dropout=0.5, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(2, 3, 4))
    assert not np.array_equal(block(x), block(x))
    block.eval()
    assert np.array_equal(block(x), block(x))
    assert len(block.generators()) == 3  # of attention's weights and of both halves


@pytest.mark.parametrize("positions", ["learned", "sinusoidal", "none"])
def test_gpts_of_both_kinds_train_alike(positions):
    """100 steps of AdamW from the same weights on the same batches, in float64."""
    rng = np.random.default_rng(0)
    size = dict(vocabulary=7, length=6, embed_dim=8, num_heads=2, layers=2, positions=positions)
    ours, theirs = scratch.GPT(**size, rng=rng), pytorch.GPT(**size).double()
    copy_weights(ours, theirs)
    loss = scratch.CrossEntropyLoss()
    opt, their_opt = scratch.AdamW(ours.params, lr=0.01), torch.optim.AdamW(theirs.parameters(), lr=0.01)
    first = 0.0
    for _ in range(100):
        x = rng.integers(7, size=(4, 6))
        y = (x + 1) % 7
        logits = ours(x)
        value = loss.forward(logits.reshape(-1, 7), y.ravel())
        ours.backward(loss.backward().reshape(logits.shape))
        opt.step(ours.grads)
        their_opt.zero_grad()
        their_value = language.next_token_loss(theirs(torch.tensor(x)), torch.tensor(y))
        their_value.backward()
        their_opt.step()
        assert value == pytest.approx(their_value.item(), abs=1e-6)
        first = first or value
    assert value < 0.3 * first
    for name, p in theirs.named_parameters():
        np.testing.assert_allclose(ours.params[name], p.detach().numpy(), atol=1e-6)


def test_a_gpt_starts_nearly_uniform_in_float32():
    net = scratch.GPT(27, 14, rng=np.random.default_rng(0), dtype=np.float32)
    logits = net(np.zeros((2, 14), int))
    assert logits.dtype == np.float32 and np.abs(logits).max() < 1
    assert sum(p.size for p in net.params.values()) == 104_448
    assert [stage.shape for stage in net.stages] == [(2, 14, 64)] * 5
    state = net.state_dict()
    net.load_state_dict(state)
    assert "blocks.1.self_attn.out_proj.bias" in state


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros((2, 7), int), ValueError, "T from 1 to 6"),
        (np.zeros(3, int), ValueError, "shape"),
        (np.full((2, 3), 9), ValueError, "from 0 to 6"),
        (np.zeros((2, 3)), TypeError, "whole numbers"),
    ],
)
def test_a_gpt_says_what_is_wrong(x, error, message):
    net = scratch.GPT(7, 6, 8, 2, rng=np.random.default_rng(0))
    with pytest.raises(error, match=message):
        net(x)


def test_a_gpt_refuses_unknown_positions():
    with pytest.raises(ValueError, match="kind of positions"):
        scratch.GPT(7, 6, 8, 2, positions="lerned", rng=np.random.default_rng(0))


# ------------------------------------------------------------------------------------------------- sampling


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(1, None, None), (0.5, 3, None), (2, None, 0.7), (1.5, 5, 0.8)]
)
def test_both_ways_of_cutting_agree(temperature, top_k, top_p):
    logits = 3 * np.random.default_rng(0).normal(size=(6, 12))
    ours = scratch.next_probabilities(logits, temperature, top_k, top_p)
    theirs = language.next_probabilities(torch.tensor(logits), temperature, top_k, top_p).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
    np.testing.assert_allclose(ours.sum(axis=1), 1)
    assert (ours > 0).sum(axis=1).max() <= (top_k or 12)


def test_top_p_keeps_the_fewest_that_are_enough():
    p = np.array([0.05, 0.4, 0.1, 0.3, 0.15])
    np.testing.assert_allclose(scratch.next_probabilities(np.log(p), top_p=0.6), np.array([0, 4, 0, 3, 0]) / 7)
    np.testing.assert_allclose(scratch.next_probabilities(np.log(p), top_p=1.0), p)
    np.testing.assert_allclose(scratch.next_probabilities(np.log(p), top_k=2, top_p=0.5), [0, 1, 0, 0, 0])
    np.testing.assert_allclose(scratch.next_probabilities(np.log(p), 0.5), p**2 / (p**2).sum())


@pytest.mark.parametrize(
    "bad", [dict(temperature=0), dict(temperature=-1), dict(top_k=0), dict(top_p=0), dict(top_p=1.5)]
)
def test_bad_cuts_are_refused(bad):
    for function, logits in (
        (scratch.next_probabilities, np.zeros(4)),
        (language.next_probabilities, torch.zeros(4)),
    ):
        with pytest.raises(ValueError, match=next(iter(bad))):
            function(logits, **bad)


@pytest.mark.parametrize(
    "logits", [[np.inf, 0.0], [np.nan, 0.0], [-np.inf, -np.inf], [[0.0, 1.0], [np.nan, 0.0]], 3.0], ids=str
)
def test_logits_without_a_finite_best_are_refused(logits):
    for function, given in (
        (scratch.next_probabilities, np.array(logits)),
        (language.next_probabilities, torch.tensor(logits)),
    ):
        with pytest.raises(ValueError, match="finite largest entry"):
            function(given, top_p=0.9)


@pytest.mark.parametrize("temperature", [1e-300, 1e-320, np.float32(0.5)])
def test_near_temperature_0_all_is_on_the_largest_and_what_is_hidden_stays_hidden(temperature):
    logits = [0.0, 4.0, -np.inf, 1.0]
    for p in (
        scratch.next_probabilities(np.array(logits), temperature, top_p=1.0),
        language.next_probabilities(torch.tensor(logits), temperature, top_p=1.0).numpy(),
    ):
        assert p.argmax() == 1 and p[2] == 0 and abs(p.sum() - 1) < 1e-6
        assert temperature > 0.1 or p[1] == 1


def test_cuts_of_half_precision_are_added_up_in_float32():
    """50,000 equal logits: added up in float16, 0.9 of them are never reached."""
    logits = np.zeros(50_000)
    kept = (scratch.next_probabilities(logits, top_p=0.9) > 0).sum()
    for half in (
        scratch.next_probabilities(logits.astype(np.float16), top_p=0.9),
        language.next_probabilities(torch.zeros(50_000, dtype=torch.bfloat16), top_p=0.9).float().numpy(),
    ):
        assert abs((half > 0).sum() - kept) < 50


# ------------------------------------------------------------------------------------------------- byte pairs


def test_byte_pairs_by_hand():
    tokenizer = scratch.BytePairs(["low", "low", "lower", "slow"], 2)
    assert [tokenizer.tokens[i] for i in (256, 257)] == [b"lo", b"low"]
    assert tokenizer.pieces("slower") == ["s", "low", "e", "r"]
    assert join([1, 1, 1, 2, 1, 1], (1, 1), 9) == [9, 1, 2, 9]


@pytest.mark.parametrize("text", ["", "a", "müller-øst", "日本 🙂", "smith"])
def test_every_text_comes_back(text):
    tokenizer = scratch.BytePairs(letter_names().validation[:2000], 100)
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_it_learns_and_writes_what_the_package_does():
    words = [*letter_names().validation[:4000], "aaaa", "aaa"]
    ours = scratch.BytePairs(words, 150)
    theirs = tokenizers.Tokenizer(BPE())
    theirs.pre_tokenizer = Whitespace()
    letters = len(set("".join(words)))
    theirs.train_from_iterator(words, BpeTrainer(vocab_size=letters + 150, show_progress=False))
    learned = {ours.tokens[i].decode() for i in range(256, 406)}
    assert learned == {token for token in theirs.get_vocab() if len(token) > 1}
    for word in letter_names().test[:500]:
        assert ours.pieces(word) == theirs.encode(word).tokens


def test_byte_pairs_end_where_nothing_is_left_and_refuse_what_is_no_text():
    assert len(scratch.BytePairs(["ab"], 50).merges) == 1
    with pytest.raises(TypeError, match="list of texts"):
        scratch.BytePairs("one text", 3)
    for words in ([3], [b"ab"], [["ab"]]):
        with pytest.raises(TypeError, match="Texts should be str"):
            scratch.BytePairs(words, 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="list of texts; got NoneType"):
        scratch.BytePairs(None, 3)  # type: ignore[arg-type]
    pieces = scratch.BytePairs(["ab"], 1)
    with pytest.raises(TypeError, match="Texts should be str"):
        pieces.encode(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="UTF-8"):
        pieces.encode("\ud800")
    for numbers, kind in (([300], ValueError), ([97.0], TypeError), ([True], TypeError), ("ab", TypeError)):
        with pytest.raises(kind, match="numbers should be"):
            pieces.decode(numbers)  # type: ignore[arg-type]
    assert pieces.decode([]) == "" and pieces.decode(np.array([97, 256])) == "aab"
