"""The network: padding is never read, both final states are, and attention adds up to 1."""

import numpy as np
import pytest
import torch

from nnlab import scratch
from nnlab.pytorch import evaluate, train
from nnlab.pytorch.text import TextClassifier, Tokenizer, encode_batch, initial_vectors, text_data

POOLING = pytest.mark.parametrize("pooling", ["mean", "states", "attention"])
IDS = torch.tensor([[2, 5, 3, 0, 0], [4, 0, 0, 0, 0], [6, 2, 3, 5, 4]])


def network(pooling, **more):
    torch.manual_seed(0)
    return TextClassifier(8, embedding_dim=4, hidden_size=3, pooling=pooling, **more).eval()


@POOLING
def test_a_text_is_answered_alike_alone_and_padded(pooling):
    net = network(pooling)
    together = net(IDS)
    assert together.shape == (3, 2)
    for row, length in zip(range(3), (3, 1, 5), strict=True):
        assert torch.allclose(net(IDS[row : row + 1, :length])[0], together[row], atol=1e-6)
    assert torch.allclose(net(torch.nn.functional.pad(IDS, (0, 9))), together, atol=1e-6)


def test_both_final_states_are_those_of_the_lstm_in_numpy():
    net = network("states").double()
    ours = scratch.LSTM(4, 3, bidirectional=True, rng=np.random.default_rng(0))
    for name, value in net.lstm.state_dict().items():
        ours.params[name][...] = value.numpy()
    table = net.embedding.weight.detach().numpy()
    for row, length in zip(IDS, (3, 1, 5), strict=True):
        ours(table[row[:length].numpy()][None])
        wanted = np.concatenate(list(ours.h_n), axis=1)[0]
        head = wanted @ net.head.weight.detach().numpy().T + net.head.bias.detach().numpy()
        np.testing.assert_allclose(net(row[None])[0].detach().numpy(), head, atol=1e-12)


def test_attention_weights_add_up_to_1_and_are_0_on_padding():
    net = network("attention")
    a = net.attention(IDS)
    assert torch.allclose(a.sum(dim=1), torch.ones(3)) and (a[IDS == 0] == 0).all() and a[1, 0] == 1
    with pytest.raises(ValueError, match="this network has 'states'"):
        network("states").attention(IDS)


def test_padding_has_no_gradient_and_frozen_vectors_have_none():
    net = network("states").train()
    net(IDS).sum().backward()
    assert (net.embedding.weight.grad[0] == 0).all() and (net.embedding.weight.grad[2] != 0).any()
    frozen = network("mean", freeze=True, vectors=np.ones((8, 4)))
    assert not frozen.embedding.weight.requires_grad and (frozen.embedding.weight[1:] == 1).all()
    assert (frozen.embedding.weight[0] == 0).all()


def test_initial_vectors_are_given_ones_where_there_are_some():
    known = Tokenizer(["film", "quibbling"])
    start = initial_vectors(known, ["the", "film"], np.arange(6.0).reshape(2, 3), np.random.default_rng(0))
    assert start.shape == (4, 3) and start.dtype == np.float32
    assert start[2].tolist() == [3, 4, 5] and (start[0] == 0).all() and 0 < np.abs(start[3]).max() < 1


@POOLING
def test_it_learns_which_words_are_good(pooling):
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["film", "plot", "a", "the"], rng.integers(1, 6))) for _ in range(120)]
    y = np.arange(120) % 2
    texts = [f"{text} {'good' if label else 'bad'} {text}" for text, label in zip(texts, y, strict=True)]
    known = Tokenizer.fit(texts, max_length=20)
    torch.manual_seed(0)
    net = TextClassifier(len(known), embedding_dim=8, hidden_size=8, pooling=pooling, dropout=0.0)
    data = text_data(known, texts, y)
    train(net, data, data, torch.optim.Adam(net.parameters(), lr=0.05), epochs=8, batch_size=20, progress=False)
    assert evaluate(net, data)[1] > 0.95


def given_vectors(vectors, rng=0):
    rng = np.random.default_rng(0) if rng == 0 else rng
    return initial_vectors(Tokenizer(["a"]), ["a"], vectors, rng)


def test_numbers_of_any_width_are_tokens():
    model = network("states").eval()
    assert all(torch.equal(model(IDS.to(kind)), model(IDS)) for kind in (torch.uint8, torch.int16, torch.int32))


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda: TextClassifier(8, pooling="max"), ValueError, "one of mean, states, attention; got 'max'"),
        (lambda: TextClassifier(0), ValueError, "vocabulary_size"),
        (lambda: TextClassifier(8, vectors=np.ones((7, 50))), ValueError, r"shape \(8, 50\)"),
        (lambda: network("states")(IDS.float()), TypeError, "whole numbers"),
        (lambda: network("states")(IDS[0]), ValueError, r"shape \(N, L\)"),
        (lambda: network("mean")(torch.zeros(2, 3, dtype=torch.long)), ValueError, "padding only"),
        (lambda: network("states")(IDS[:0]), ValueError, "no texts"),
        (lambda: network("states")(torch.tensor([[0, 2, 3]])), ValueError, "Padding, 0, should stand after"),
        (lambda: network("mean")(torch.tensor([[2, 0, 3]])), ValueError, "Padding, 0, should stand after"),
        (lambda: network("mean")(torch.tensor([[2, -1]])), ValueError, "from 0 to 7; got -1 to 2"),
        (lambda: network("mean")(torch.tensor([[2, 8]])), ValueError, "from 0 to 7; got 2 to 8"),
        (lambda: given_vectors(np.full((1, 3), np.nan)), ValueError, "vectors should be finite"),
        (lambda: given_vectors(np.ones((1, 3)), rng=None), TypeError, "rng should be a generator"),
        (lambda: encode_batch(Tokenizer([]), "text"), TypeError, "one text"),
        (lambda: encode_batch(Tokenizer([]), []), ValueError, "at least one text"),
        (lambda: text_data(Tokenizer([]), ["a"], np.array([0.5])), ValueError, "whole numbers, one for each text"),
        (
            lambda: initial_vectors(Tokenizer([]), ["a"], np.ones((2, 3)), np.random.default_rng(0)),
            ValueError,
            r"\(1, d\)",
        ),
    ],
)
def test_bad_input_is_a_sentence(act, error, words):
    with pytest.raises(error, match=words):
        act()
