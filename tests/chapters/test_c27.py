"""Chapter 27, Searching and sharing: its table, its clients, its agent, its explorers and its last page are true."""

import warnings
from types import ModuleType

import gymnasium
import numpy as np
import pytest
import torch

from nnlab.chapters.c27_sharing import agent, cartpole, federation, leak, searching, sheet
from nnlab.chapters.c27_sharing import clients_explorer as clients
from nnlab.chapters.c27_sharing import leak_explorer as leaks
from nnlab.chapters.c27_sharing import pareto_explorer as fronts
from nnlab.chapters.c27_sharing.build_network import network
from nnlab.chapters.c27_sharing.cartpole_explorer import cartpole_explorer
from nnlab.chapters.c27_sharing.space import EVERY, GENES, Architecture, parameters
from nnlab.datasets import flower_state, sharing_records
from nnlab.glossary import cell_of
from tests.data_scripts import load_script


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load_script("train_sharing", monkeypatch)


# ------------------------------------------------------------------------------------------------- architectures


def test_parameters_are_counted_as_pytorch_counts_them():
    assert len(EVERY) == 320 == len(set(EVERY))
    for genes in EVERY[::7]:
        net = network(genes)
        assert sum(p.numel() for p in net.parameters()) == parameters(genes)
        assert net(torch.zeros(2, 1, 14, 14)).shape == (2, 10)


def test_genes_that_the_space_does_not_have_are_refused():
    with pytest.raises(ValueError, match="kernel should be one of 3, 5; got"):
        network(Architecture(2, 4, 4, 0, 0))


def test_a_network_is_made_on_any_device_and_in_any_type():
    with torch.device("meta"):
        net = network(Architecture(4, 8, 5, 1, 16))
    assert all(p.device.type == "meta" for p in net.parameters())
    half = network(Architecture(4, 8, 5, 1, 16)).to(torch.bfloat16).eval()
    assert half(torch.zeros(2, 1, 14, 14, dtype=torch.bfloat16)).dtype == torch.bfloat16


def test_the_records_are_what_their_docstring_says():
    records = sharing_records()
    assert records.validation.shape == records.test.shape == (320, 2)
    assert records.validation.min() > 0.5 and records.validation.max() < 0.97
    assert records.returns.shape == (5, 40, 16) and records.returns.min() >= 1 and records.returns.max() == 500
    assert {name: values.shape for name, values in records.policies.items()} == {
        "0.weight": (3, 41, 16, 4),
        "0.bias": (3, 41, 16),
        "2.weight": (3, 41, 2, 16),
        "2.bias": (3, 41, 2),
    }


def test_the_script_trains_what_the_table_says(script):
    genes = Architecture(0, 0, 3, 0, 0)
    validation, test = script.train(genes, 0)
    assert abs(validation / 1000 - sharing_records().validation[EVERY.index(genes), 0]) < 0.03
    assert abs(test / 2000 - sharing_records().test[EVERY.index(genes), 0]) < 0.03
    same = [script.expressed(Architecture(0, 0, k, n, 16)) for k in (3, 5) for n in (0, 1)]
    assert len(set(same)) == 1 and script.expressed(Architecture(4, 0, 3, 0, 8)) != same[0]
    assert script.expressed(Architecture(4, 0, 3, 0, 8)) == script.expressed(Architecture(0, 4, 3, 0, 8))


# ------------------------------------------------------------------------------------------------- searching


def test_a_mutation_changes_one_gene():
    rng = np.random.default_rng(0)
    for _ in range(100):
        one = searching.drawn(rng)
        other = searching.mutated(one, rng)
        assert sum(a != b for a, b in zip(one, other, strict=True)) == 1 and other in searching.PLACES


def test_searches_have_their_trials_and_the_whole_table_has_the_whole_area():
    assert searching.area(EVERY) == pytest.approx(1)
    for tried in (fronts.tried("evolution", 0), fronts.tried("random", 0), searching.nsga2(40, 0)):
        assert set(tried) <= set(EVERY) and 0.5 < searching.area(tried) <= 1
    assert len(searching.nsga2(40, 0)) == 40 and len(fronts.tried("evolution", 0)) == 100
    first = searching.random_trials(10, np.random.default_rng(3))
    assert searching.evolve(30, lambda genes: 0.0, np.random.default_rng(3))[:10] == first


def test_evolution_finds_the_best_of_an_easy_problem():
    def cost(genes: Architecture) -> float:
        return float(sum(GENES[name].index(value) for name, value in genes._asdict().items()))

    tried = searching.evolve(150, cost, np.random.default_rng(0))
    assert min(map(cost, tried)) == 0


# ------------------------------------------------------------------------------------------------- federation


def test_one_full_step_is_the_step_of_the_heap_in_the_explorer():
    for alpha in clients.ALPHAS[:3]:
        d = clients.federated(alpha, 1, 0)
        np.testing.assert_allclose(d.accuracy, d.pooled, atol=1e-12)
        assert d.counts.sum() == clients.DIGITS
    assert clients.federated(0.03, 10, 1).accuracy[-1] < clients.federated(100.0, 10, 1).accuracy[-1] - 0.05


def test_flowers_average_is_ours():
    ours = federation.rounds(
        federation.flower_clients(), count=federation.FLOWER.rounds, steps=federation.FLOWER.steps
    )[-1].state
    for name, value in flower_state().items():
        np.testing.assert_allclose(value, ours[name], atol=1e-9)


def test_a_client_that_is_away_or_has_nothing_does_not_count():
    some = federation.deal(1.0, 3, n=60)
    empty = [*some, federation.Client(np.zeros((0, 196)), np.zeros(0, int))]
    (with_it,) = federation.rounds(empty, count=1, steps=2)
    (without,) = federation.rounds(some, count=1, steps=2)
    assert with_it.present == without.present == [0, 1, 2]
    assert all(np.array_equal(with_it.state[name], value) for name, value in without.state.items())
    (nobody,) = federation.rounds(some, count=1, steps=2, present=lambda k: [])
    assert all(np.array_equal(nobody.state[n], v) for n, v in federation.network().state_dict().items())


def test_a_strong_pull_keeps_clients_near():
    (client,) = federation.deal(100.0, 1, n=100)
    start = federation.network().state_dict()
    far, near = (
        federation.local_training(federation.network(), start, client, steps=20, mu=mu, rng=np.random.default_rng(0))
        for mu in (0.0, 5.0)
    )
    lengths = [sum(float(((s[n] - start[n]) ** 2).sum()) for n in start) for s in (far, near)]
    assert lengths[1] < 0.3 * lengths[0]


# ------------------------------------------------------------------------------------------------- a leak


def test_a_digit_is_read_back_exactly_and_noise_hides_it():
    for digit in range(0, 10, 3):
        d = leaks.leaked(digit, 1, 0.0)
        assert d.curve[0] > 0.999999 and d.curve[-1] < 0.2 and (np.diff(d.curve) < 0.02).all()
    assert leaks.leaked(3, 8, 0.0).closest < 0.95
    flat = leak.read_back({"0.weight": np.zeros((3, 5)), "0.bias": np.zeros(3)})
    assert not flat.any() and leak.likeness(flat, np.ones(5)) == 0


# ------------------------------------------------------------------------------------------------- the pole


def test_the_pole_is_gymnasiums():
    env, rng = gymnasium.make("CartPole-v1"), np.random.default_rng(0)
    for seed in range(5):
        env.reset(seed=seed)
        state = np.asarray(env.unwrapped.state, float)[None]
        for _ in range(500):
            action = int(rng.integers(2)) if seed else int(cartpole.rule(state)[0])
            _, _, fallen, over, _ = env.step(action)
            state = cartpole.step(state, np.array([action]))
            np.testing.assert_allclose(state[0], env.unwrapped.state, rtol=1e-9, atol=1e-12)
            assert bool(cartpole.fallen(state)[0]) == fallen
            if fallen or over:
                break


def test_lengths_are_those_of_single_episodes():
    start = cartpole.start(20, np.random.default_rng(0))
    together = cartpole.lengths(cartpole.rule, start)
    assert together.tolist() == [int(cartpole.lengths(cartpole.rule, each[None])[0]) for each in start]
    assert cartpole.lengths(lambda s: np.zeros(len(s)), start).max() < 20
    with pytest.raises(ValueError, match="state should have"):
        cartpole.lengths(cartpole.rule, np.zeros(4))


def test_returns_and_gradient():
    np.testing.assert_allclose(agent.discounted(np.ones(3), 0.5), [1.75, 1.5, 1.0])
    net = agent.beginner(np.random.default_rng(0))
    rng = np.random.default_rng(1)
    states, actions, weights = rng.normal(size=(7, 4)), rng.integers(2, size=7), rng.normal(size=7)
    agent.policy_gradient(net, states, actions, weights)
    twin = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2)).double()
    twin.load_state_dict({name: torch.tensor(value) for name, value in net.state_dict().items()})
    chosen = twin(torch.tensor(states)).log_softmax(1)[torch.arange(7), torch.tensor(actions)]
    (-(torch.tensor(weights) * chosen).mean()).backward()
    for name, p in twin.named_parameters():
        np.testing.assert_allclose(net.grads[name], p.grad.numpy(), atol=1e-12)


def test_an_episode_stops_counting_when_the_pole_falls():
    states, actions, played = agent.play(agent.beginner(np.random.default_rng(0)), 6, np.random.default_rng(0))
    assert states.shape == (*played.shape, 4) and actions.shape == played.shape
    assert (np.diff(played.astype(int), axis=0) <= 0).all() and played[0].all() and played[-1].any()
    for k in range(6):  # replayed one by one, each falls after as many steps
        state = states[0, k][None]
        for t in range(played[:, k].sum()):
            assert not cartpole.fallen(state)[0]
            state = cartpole.step(state, actions[t, k : k + 1])
        assert cartpole.fallen(state)[0] or played[:, k].all()


def test_an_agent_learns():
    scores, kept = agent.train(0, 12)
    assert len(kept) == 13 and scores.shape == (12, 16) and scores[-1].mean() > 3 * scores[0].mean()


def test_the_explorer_counts_the_steps_of_its_rule():
    explorer = cartpole_explorer()
    explorer.set(who="rule", start=4)
    explorer.restart()
    explorer.advance(500)
    start = cartpole.start(1, np.random.default_rng((4, 27)))
    assert explorer.data.steps == cartpole.lengths(cartpole.rule, start)[0]


# ------------------------------------------------------------------------------------------------- the last page


@pytest.mark.parametrize("advice", sheet.ADVICE, ids=lambda advice: advice.text)
def test_every_piece_of_advice_leads_to_a_cell(advice):
    assert cell_of(sheet.as_term(advice)), f"no text cell of chapter {advice.chapter} has {advice.find!r}"


def test_formulas_can_be_typeset():
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("agg")
    for formula in sheet.FORMULAS:
        assert formula.latex.count("{") == formula.latex.count("}") and "|" not in formula.latex
        plain = formula.latex.replace(r"\top", "T").replace(r"\lVert", r"\|").replace(r"\rVert", r"\|")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parser.parse(f"${plain}$")
    assert sheet.formulas().count("\n") == len(sheet.FORMULAS) + 1
