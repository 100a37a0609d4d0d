"""Attacks: they stay where they are allowed, raise the loss, and equal PyTorch's, step by step."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnlab import scratch
from nnlab.pytorch import CNN, MLP, attacks
from nnlab.scratch import CrossEntropyLoss, fgsm, pgd
from nnlab.twins import copy_weights

RNG = np.random.default_rng(0)
SMALL = dict(in_channels=1, classes=4, channels=(3, 4), hidden=6, size=8, dropout=0.5)
X, LABELS = RNG.uniform(0, 1, (6, 1, 8, 8)), np.array([0, 1, 2, 3, 0, 1])
TARGET = (LABELS + 1) % 4


def pair() -> tuple[scratch.CNN, CNN]:
    """The same network in both, float64, in training mode: an attack has to ask it in evaluation mode."""
    ours, theirs = scratch.CNN(**SMALL, rng=np.random.default_rng(1)), CNN(**SMALL).double()
    copy_weights(ours, theirs)
    return ours, theirs


def loss(net, x, labels) -> float:
    net.eval()
    return CrossEntropyLoss()(net(x), labels)


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("target", [None, TARGET])
@pytest.mark.parametrize("steps", [1, 7])
def test_both_implementations_agree(norm, target, steps):
    ours, theirs = pair()
    t = None if target is None else torch.tensor(target)
    options = dict(steps=steps, norm=norm)
    mine = pgd(ours, X, LABELS, 0.3, target=target, **options)
    other = attacks.pgd(theirs, torch.tensor(X), torch.tensor(LABELS), 0.3, target=t, **options)
    np.testing.assert_allclose(mine, other.numpy(), atol=1e-9)
    assert ours.training and theirs.training, "the mode comes back"
    assert all(p.grad is None for p in theirs.parameters())


def test_fgsm_is_its_formula():
    ours, theirs = pair()
    ours.eval()
    criterion = CrossEntropyLoss(reduction="sum")
    criterion(ours(X), LABELS)
    wanted = np.clip(X + 0.1 * np.sign(ours.backward(criterion.backward())), 0, 1)
    np.testing.assert_allclose(fgsm(ours, X, LABELS, 0.1), wanted)
    twin = attacks.fgsm(theirs, torch.tensor(X), torch.tensor(LABELS), 0.1)
    np.testing.assert_allclose(twin.numpy(), wanted, atol=1e-12)


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("rng", [None, 3])
def test_it_stays_where_it_is_allowed_and_raises_the_loss(norm, rng):
    ours, theirs = pair()
    before = X.copy()
    z = pgd(ours, X, LABELS, 0.2, norm=norm, rng=None if rng is None else np.random.default_rng(rng))
    g = None if rng is None else torch.Generator().manual_seed(rng)
    twin = attacks.pgd(theirs, torch.tensor(X), torch.tensor(LABELS), 0.2, norm=norm, generator=g).numpy()
    for each in (z, twin):
        d = (each - X).reshape(6, -1)
        far = np.abs(d).max() if norm == "linf" else np.linalg.norm(d, axis=1).max()
        assert far <= 0.2 + 1e-12 and each.min() >= 0 and each.max() <= 1
        assert loss(ours, each, LABELS) > loss(ours, X, LABELS)
    np.testing.assert_array_equal(X, before)


def test_a_target_is_approached():
    ours, _ = pair()
    for norm in ("linf", "l2"):
        assert loss(ours, pgd(ours, X, LABELS, 0.3, norm=norm, target=TARGET), TARGET) < loss(ours, X, TARGET)


def test_no_strength_changes_nothing_and_float32_stays():
    ours, theirs = pair()
    np.testing.assert_array_equal(pgd(ours, X, LABELS, 0.0), X)
    np.testing.assert_array_equal(pgd(ours, X, LABELS, 0.0, norm="l2"), X)
    assert fgsm(ours, X.astype(np.float32), LABELS, 0.1).dtype == np.float32
    few = torch.tensor(X, dtype=torch.bfloat16), torch.tensor(LABELS)
    assert attacks.pgd(theirs.bfloat16(), *few, 0.1, steps=2).dtype == torch.bfloat16
    assert attacks.pgd(theirs.bfloat16(), *few, 0.1, steps=2, norm="l2").dtype == torch.bfloat16


def test_it_runs_on_any_device():
    """The meta device computes shapes only, and fails where a tensor lies on another device."""
    net = MLP([4, 5, 3]).to("meta")
    x, labels = torch.zeros(2, 4, device="meta"), torch.zeros(2, dtype=torch.long, device="meta")
    for norm in ("linf", "l2"):
        z = attacks.pgd(net, x, labels, 0.1, norm=norm, steps=2, target=labels)
        assert z.device.type == "meta" and z.shape == (2, 4)


BAD = [
    (dict(eps=-0.1), ValueError, "eps should be a finite number of at least 0, got -0.1"),
    (dict(eps="0.1"), TypeError, "eps should be a number"),
    (dict(target=LABELS), ValueError, "target should differ from the label in every row"),
    (dict(x=2 * X), ValueError, r"x should be from 0 to 1, got .*: attack what is before normalisation"),
    (dict(x=np.where(X > 0.5, np.nan, X)), ValueError, "x should be from 0 to 1"),
    (dict(labels=LABELS[:3]), ValueError, "labels"),
    (dict(labels=LABELS / 2), (TypeError, ValueError), "labels should be"),
    (dict(norm="l7"), ValueError, "There is no norm named 'l7'"),
    (dict(steps=0), ValueError, "steps should be at least 1"),
    (dict(step_size=-1.0), ValueError, "step_size should be"),
]


@pytest.mark.parametrize(("bad", "kind", "sentence"), BAD)
def test_bad_input_gets_a_sentence(bad, kind, sentence):
    ours, theirs = pair()
    arguments = dict(x=X, labels=LABELS, eps=0.1) | bad
    with pytest.raises(kind, match=sentence):
        pgd(ours, **arguments)
    tensors = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in arguments.items()}
    with pytest.raises(kind, match=sentence):
        attacks.pgd(theirs, **tensors)


def test_bytes_and_arrays_get_a_sentence_in_pytorch():
    _, theirs = pair()
    with pytest.raises(TypeError, match=r"x should be floating-point numbers, got torch.uint8: write x.float\(\)"):
        attacks.fgsm(theirs, torch.zeros(6, 1, 8, 8, dtype=torch.uint8), torch.tensor(LABELS), 0.1)
    with pytest.raises(TypeError, match="x should be a tensor, got ndarray"):
        attacks.fgsm(theirs, X, torch.tensor(LABELS), 0.1)


def test_each_layer_gets_its_mode_back_even_after_an_error():
    net, twin = pair()
    net.train(), twin.train()
    net.layers[-2].eval(), twin[-2].eval()  # one part frozen in a mode of its own
    modes = [layer.training for layer in net.leaves()]
    assert len(set(modes)) == 2
    fgsm(net, X, LABELS, 0.1)
    attacks.fgsm(twin, torch.tensor(X), torch.tensor(LABELS), 0.1)
    for x in (X, X[:, :, :5]):
        if x is not X:
            with pytest.raises(ValueError, match="x should"):
                fgsm(net, x, LABELS, 0.1)
            with pytest.raises(ValueError, match="takes x of shape"):
                attacks.fgsm(twin, torch.tensor(x), torch.tensor(LABELS), 0.1)
        assert [layer.training for layer in net.leaves()] == modes == [part.training for part in twin]
    assert net.training and twin.training


def test_a_single_logit_cannot_be_attacked():
    with pytest.raises(ValueError, match="two logits"):
        fgsm(scratch.MLP([4, 1], rng=RNG), X[:2, 0, 0, :4], np.zeros(2, int), 0.1)
    with pytest.raises(ValueError, match="two logits"):
        attacks.fgsm(torch.nn.Linear(4, 1), torch.rand(2, 4), torch.zeros(2, dtype=torch.long), 0.1)


@pytest.mark.parametrize("size", [1e-2, 1e-4, 1e-6])
def test_a_small_gradient_in_float16_has_a_direction(size):
    g = np.full((1, 4), size, np.float16)
    assert scratch.attacks.L2Norm.direction(g) == pytest.approx(np.full((1, 4), 0.5), rel=0.01)
    net = torch.nn.Linear(4, 2).half()
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[1.0] * 4, [-1.0] * 4]) * size)
    x = torch.full((1, 4), 0.5).half()
    moved = attacks.pgd(net, x, torch.tensor([0]), 0.2, norm="l2", steps=1, step_size=0.2) - x
    assert moved.numpy() == pytest.approx(np.full((1, 4), -0.1), abs=2e-3)


def test_it_works_where_gradients_are_switched_off():
    _, twin = pair()
    x, labels = torch.tensor(X), torch.tensor(LABELS)
    expected = attacks.fgsm(twin, x, labels, 0.1)
    for off in (torch.no_grad(), torch.inference_mode()):
        with off:
            assert torch.equal(attacks.fgsm(twin, x, labels.int(), 0.1), expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": torch.tensor([0, 1, 2, 3, 0, -100])}, "from 0 to 3, got -100 to 3"),
        ({"target": torch.tensor([1, 2, 3, 0, 1, 4])}, "from 0 to 3, got 0 to 4"),
        ({"labels": torch.ones(6, dtype=torch.bool)}, "torch.bool"),
        ({"steps": 0, "step_size": 0.1}, "steps should be at least 1"),
        ({"generator": np.random.default_rng(0)}, "torch.Generator"),
    ],
)
def test_pytorchs_version_refuses_in_a_sentence(change, message):
    with pytest.raises((ValueError, TypeError), match=message):
        attacks.pgd(pair()[1], **({"x": torch.tensor(X), "labels": torch.tensor(LABELS), "eps": 0.1} | change))
