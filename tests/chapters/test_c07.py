"""What the explorers of chapter 07 compute is true, and a line of text takes what people type."""

import numpy as np
import pytest
import torch

from nnlab.chapters.c07_recurrent import gates_explorer as gates
from nnlab.chapters.c07_recurrent import names_net
from nnlab.chapters.c07_recurrent import through_time_explorer as through_time
from nnlab.datasets import names_by_country, recurrent_weights
from nnlab.explore import Text, gates_explorer, unrolled_explorer
from nnlab.scratch import sigmoid

# ------------------------------------------------------------------------------------------------- a line of text


def test_a_text_is_short_enough_or_told():
    text = Text("word", 6, ["apple"], label="a word")
    assert text.check("") == "" and text.check("apples") == "apples"
    with pytest.raises(ValueError, match="a word has at most 6 characters; got 7: 'oranges'"):
        text.check("oranges")
    with pytest.raises(TypeError, match="a word is a text, such as 'word'; got 7"):
        text.check(7)
    with pytest.raises(ValueError, match="at most 6"):
        Text("word", 6, ["oranges"])
    assert all(text.check(value) == value for value in text.extremes())


def test_what_is_typed_beyond_its_length_is_cut():
    widget = Text("word", 6).widget("name")
    widget.value = "oranges"
    assert widget.value == "orange"


# ------------------------------------------------------------------------------------------------- names


def test_the_unrolled_network_is_a_gru_step_after_step():
    """Against the formula, letter by letter, of the weights as they are shipped."""
    w = recurrent_weights("names")
    letters, h = w["letters"].tolist(), np.zeros(32)
    reading = names_net.read_name("Müller")
    for t, letter in enumerate("müller"):
        from_x = w["weight_ih_l0"][:, letters.index(letter)] + w["bias_ih_l0"]
        from_h = w["weight_hh_l0"] @ h + w["bias_hh_l0"]
        r, z = sigmoid(from_x[:32] + from_h[:32]), sigmoid(from_x[32:64] + from_h[32:64])
        h = (1 - z) * np.tanh(from_x[64:] + r * from_h[64:]) + z * h
        np.testing.assert_allclose(reading.hidden[t], h, atol=1e-6)
        logits = w["out_weight"] @ h + w["out_bias"]
        np.testing.assert_allclose(reading.p[t], np.exp(logits) / np.exp(logits).sum(), atol=1e-6)


def test_it_reads_names_that_it_was_not_trained_on():
    names, labels, _ = names_by_country()
    kept_back = np.random.default_rng(0).permutation(len(names))[:1120]  # as data/train_recurrent.py splits
    some = kept_back[:300]
    right = np.mean([names_net.read_name(names[i]).p[-1].argmax() == labels[i] for i in some])
    assert 0.58 < right < 0.72  # 0.64 of all 1,120; chance is 0.07


def test_a_name_is_read_as_it_is_meant():
    small, capital = names_net.read_name("müller"), names_net.read_name("MÜLLER")
    np.testing.assert_array_equal(small.p, capital.p)
    decomposed = names_net.read_name("mu\N{COMBINING DIAERESIS}ller")
    np.testing.assert_array_equal(small.p, decomposed.p)
    assert small.known.all()


def test_unknown_letters_and_no_letters():
    strange = names_net.read_name("Жan")
    assert strange.known.tolist() == [False, True, True]
    empty = names_net.read_name("")
    assert empty.p.shape == (0, 14) and empty.shown == -1 and not empty.changes_its_mind(0.1)
    assert names_net.read_name("Jan", 99).shown == 2 and names_net.read_name("Jan", 1).shown == 0


def test_what_a_change_of_mind_is():
    swedish = names_net.read_name("Rossinen")
    early, late = swedish.answer(5), swedish.answer(7)
    assert early[0] == "Sweden" and late[0] == "Finland" and min(early[1], late[1]) > 0.6
    assert swedish.changes_its_mind(0.6)
    assert not names_net.read_name("Rossin").changes_its_mind(0.6)  # it ends on the first mind
    assert not names_net.read_name("Müller").changes_its_mind(0.6)


def test_every_word_is_drawn():
    explorer = unrolled_explorer()
    for name in ("", "a", "$x$_{2}^", "漢字\t\n", "ß" * 16, "Müller"):
        explorer.set(name=name)
        assert len(explorer.png()) > 1000
    with pytest.raises(ValueError, match="at most 16 characters; got 17"):
        explorer.set(name="a" * 17)
    assert explorer.values["name"] == "Müller"


def test_the_axes_stand_where_they_stand_whatever_is_shown_first():
    found = []
    for name in ("", "Ж" * 16, "W" * 16):
        explorer = unrolled_explorer()
        explorer.set(name=name)
        explorer.frame()
        found.append([axes.get_position().bounds for axes in explorer._canvas.figure.axes])
    np.testing.assert_allclose(found[1:], [found[0]] * 2)


# ------------------------------------------------------------------------------------------------- gates


def remember(**values):
    return gates_explorer().compute(**values)


@pytest.mark.parametrize("forced", [{}, {"forget": "forced shut", "since": 9}, {"input": "forced open", "since": 3}])
def test_the_gates_are_an_lstm_step_after_step(forced):
    """Against the formula, step by step, of the weights as they are shipped."""
    w, d = recurrent_weights("memory"), remember(**forced)
    h = c = 0.0
    for t, x in enumerate(d.x):
        sums = w["weight_ih_l0"] @ x + w["weight_hh_l0"][:, 0] * h + w["bias_ih_l0"] + w["bias_hh_l0"]
        (i, f, o), g = sigmoid(sums[[0, 1, 3]]), np.tanh(sums[2])
        if forced and t + 1 >= forced["since"]:
            i, f = (1.0, f) if "input" in forced else (i, 0.0)
        c = f * c + i * g
        h = o * np.tanh(c)
        np.testing.assert_allclose([*d.gates[t], d.c[t], d.h[t]], [i, f, o, c, h], atol=1e-6)
        assert d.answer[t] == pytest.approx(w["out_weight"][0, 0] * h + w["out_bias"][0], abs=1e-6)


def test_it_stores_keeps_and_says_what_it_was_told():
    for value in (-1.0, -0.4, 0.0, 0.7):
        for step in (1, 12, 23):
            d = remember(value=value, step=step, again=0)
            assert d.target[-1] == value and abs(d.answer[-1] - value) < 0.15
            assert np.abs(d.answer[:-1]).max() < 0.1
            assert d.gates[step - 1, 0] > 0.85 and np.delete(d.gates[:, 0], step - 1).max() < 0.05
            assert d.gates[step - 1, 1] < 0.1 and np.delete(d.gates[:, 1], step - 1).min() > 0.95


def test_what_forcing_a_gate_does():
    assert abs(remember(again=0, forget="forced shut").answer[-1]) < 0.1  # forgotten
    assert abs(remember(again=0, input="forced shut").answer[-1]) < 0.1  # never written
    assert np.all(remember(output="forced shut").h == pytest.approx(0))  # never said
    early = remember(again=0, output="forced open")
    assert np.abs(early.answer[3:] - 0.8).max() < 0.2  # said all the time
    told = remember(again=0, input="forced open")
    assert abs(told.answer[-1] - 0.8) > 0.5  # everything is written


def test_forced_after_the_last_step_that_matters_changes_nothing_before():
    learned, forced = remember(), remember(forget="forced shut", since=24)
    np.testing.assert_array_equal(learned.c[:23], forced.c[:23])
    assert abs(forced.answer[-1]) < 0.1 < abs(learned.answer[-1])


def test_the_goal_needs_both_gates():
    goal = gates.keeps_the_first
    assert not goal(remember()) and not goal(remember(again=0))
    assert not goal(remember(forget="forced open", since=8)) and not goal(remember(input="forced shut", since=8))
    assert goal(remember(forget="forced open", input="forced shut", since=8))


def test_storing_at_the_same_step_twice_is_storing_once():
    assert remember(step=10, again=10, value=0.3).stored == [0.3]


# ------------------------------------------------------------------------------------------------- through time


@pytest.mark.parametrize("cell", through_time.CELLS)
@pytest.mark.parametrize(("length", "scale", "keep"), [(5, 1.0, 0.0), (30, 2.5, 3.0)])
def test_the_gradient_of_each_state_is_pytorchs(cell, length, scale, keep):
    """Against autograd, of the same layer: dL/dh_t, where L is what the random last gradient belongs to."""
    rng = np.random.default_rng(4)
    layer = through_time.CELLS[cell](through_time.INPUT_SIZE, through_time.HIDDEN_SIZE, rng=rng)
    x = torch.tensor(rng.normal(size=(through_time.MAX_LENGTH, 1, through_time.INPUT_SIZE)))
    last = torch.tensor(rng.normal(size=(1, through_time.HIDDEN_SIZE)))
    twin = getattr(torch.nn, f"{cell}Cell")(through_time.INPUT_SIZE, through_time.HIDDEN_SIZE, dtype=torch.float64)
    with torch.no_grad():
        for name, value in twin.named_parameters():
            value.copy_(torch.tensor(layer.params[f"{name}_l0"]))
        twin.weight_hh *= scale
        if cell != "RNN":
            twin.bias_ih[through_time.HIDDEN_SIZE : 2 * through_time.HIDDEN_SIZE] += keep
    h, state = [], torch.zeros(1, through_time.HIDDEN_SIZE, dtype=torch.float64)
    memory = torch.zeros_like(state)
    for t in range(length):
        if cell == "LSTM":
            state, memory = twin(x[t], (state, memory))
        else:
            state = twin(x[t], state)
        state.retain_grad()
        h.append(state)
    (h[-1] * last).sum().backward()
    sizes = np.array([each.grad.norm().item() for each in h])
    found = through_time.gradients(cell, length, scale, keep, 4)
    np.testing.assert_allclose(found, sizes / sizes[-1], rtol=1e-8)


def test_every_cell_vanishes_as_pytorch_starts_and_open_gates_keep_the_gradient():
    for seed in range(10):
        plain = through_time.gradients_by_step(100, 1.0, 0.0, seed)
        assert max(plain.first(cell) for cell in through_time.CELLS) < 1e-15
        kept = through_time.gradients_by_step(100, 1.0, 4.0, seed)
        assert min(kept.first("LSTM"), kept.first("GRU")) > 1e-4 and kept.first("RNN") < 1e-15


def test_large_recurrent_weights_make_the_rnn_explode():
    firsts = [through_time.gradients("RNN", 100, 5.0, 0.0, seed)[0] for seed in range(10)]
    assert np.median(firsts) > 1e3 and sum(first > 1e3 for first in firsts) >= 6  # not with every seed


def test_what_is_kept_is_not_written_to():
    with pytest.raises(ValueError, match="read-only"):
        through_time.gradients("RNN", 5, 1.0, 0.0, 0)[0] = 1
