"""Resuming with changed arguments: what is asked for now holds, or a sentence names what differs."""

import warnings

import numpy as np
import pytest
import torch

from nnlab.pytorch import MLP, tensors, train

plans = torch.optim.lr_scheduler


def rows(n=64):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4))
    return tensors(x, (x[:, 0] > 0).astype(int))


def go(
    path=None,
    schedule=lambda o: None,
    *,
    lr=0.05,
    make=torch.optim.Adam,
    data=None,
    loss=None,
    weight_decay=0,
    **options,
):
    torch.manual_seed(0)
    model = MLP((4, 8, 2))
    opt = make(model.parameters(), lr=lr, weight_decay=weight_decay)
    plan = schedule(opt)
    data = data or rows()
    options = {"epochs": 3, "batch_size": 16, "progress": False} | options
    loss = loss or torch.nn.functional.cross_entropy
    history = train(model, data, data, opt, schedule=plan, checkpoint=path, loss=loss, **options)
    return model, opt, plan, history


def rates_of(schedule, steps, lr=0.05):
    """The rates of a schedule by itself, before each step and after the last."""
    opt = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=lr)
    plan, rates = schedule(opt), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps):
            rates.append(opt.param_groups[0]["lr"])
            plan.step()
    return [*rates, opt.param_groups[0]["lr"]]


class Interrupt(Exception):
    pass


def interrupted(path, after, **options):
    """Training that dies in the loss of the step that follows `after` steps."""
    calls = []

    def loss(y, target):
        if torch.is_grad_enabled():
            calls.append(1)
            if len(calls) > after:
                raise Interrupt
        return torch.nn.functional.cross_entropy(y, target)

    with pytest.raises(Interrupt):
        go(path, loss=loss, every=1, **options)


LENGTHS = {
    "cosine": lambda n: lambda o: plans.CosineAnnealingLR(o, n),
    "one cycle": lambda n: lambda o: plans.OneCycleLR(o, 0.05, n),
    "linear": lambda n: lambda o: plans.LinearLR(o, 1.0, 0.1, n),
    "polynomial": lambda n: lambda o: plans.PolynomialLR(o, n),
    "steps": lambda n: lambda o: plans.StepLR(o, n // 2),
    "milestones": lambda n: lambda o: plans.MultiStepLR(o, [n // 2, n - 1]),
    "lambda": lambda n: lambda o: plans.LambdaLR(o, lambda k: 1 - k / (n + 1)),
    "cycles": lambda n: lambda o: plans.CyclicLR(o, 0.01, 0.1, n, cycle_momentum=False),
    "scaled cycles": lambda n: (
        lambda o: plans.CyclicLR(
            o, 0.01, 0.1, 4, cycle_momentum=False, scale_fn=lambda k: 1 / n, scale_mode="iterations"
        )
    ),
    "restarts": lambda n: lambda o: plans.CosineAnnealingWarmRestarts(o, n),
    "sequence": lambda n: (
        lambda o: plans.SequentialLR(o, [plans.LinearLR(o, 0.1, 1.0, 2), plans.CosineAnnealingLR(o, n)], [2])
    ),
    "chain": lambda n: (
        lambda o: plans.ChainedScheduler([plans.LinearLR(o, 0.1, 1.0, 2), plans.CosineAnnealingLR(o, n)], optimizer=o)
    ),
}


@pytest.mark.parametrize("name", LENGTHS)
def test_a_longer_schedule_holds_as_if_it_had_been_asked_for_from_the_start(tmp_path, name):
    schedule = LENGTHS[name]
    go(tmp_path / "c.pt", schedule(4), epochs=1)
    _, opt, _, history = go(tmp_path / "c.pt", schedule(12), epochs=3)
    wanted = rates_of(schedule(12), 12)
    assert [row.lr for row in history[1:]] == pytest.approx([wanted[8], wanted[12]], rel=1e-9)
    assert opt.param_groups[0]["lr"] == pytest.approx(wanted[12], rel=1e-9)


@pytest.mark.parametrize("name", LENGTHS)
def test_an_unchanged_schedule_continues_bit_for_bit(tmp_path, name):
    schedule = LENGTHS[name](12)
    through, *_ = go(None, schedule)
    interrupted(tmp_path / "c.pt", 6, schedule=schedule)
    resumed, *_ = go(tmp_path / "c.pt", schedule)
    assert all(torch.equal(p, q) for p, q in zip(through.parameters(), resumed.parameters(), strict=True))


def test_another_kind_of_schedule_holds(tmp_path):
    go(tmp_path / "c.pt", LENGTHS["cosine"](12), epochs=1)
    _, opt, _, _ = go(tmp_path / "c.pt", LENGTHS["linear"](12))
    assert opt.param_groups[0]["lr"] == pytest.approx(rates_of(LENGTHS["linear"](12), 12)[12])


def test_the_same_objects_can_be_trained_on(tmp_path):
    torch.manual_seed(0)
    model = MLP((4, 8, 2))
    opt = torch.optim.Adam(model.parameters(), lr=0.05)
    plan = plans.CosineAnnealingLR(opt, 12)
    options = {"batch_size": 16, "schedule": plan, "progress": False}
    for epochs in (1, 3):
        train(model, rows(), rows(), opt, epochs=epochs, checkpoint=tmp_path / "c.pt", **options)
    through, *_ = go(None, lambda o: plans.CosineAnnealingLR(o, 12))
    assert all(torch.equal(p, q) for p, q in zip(through.parameters(), model.parameters(), strict=True))
    plan.T_max = 24
    with pytest.raises(ValueError, match=r"differs from that in .*c\.pt and has been stepped: make a new one"):
        train(model, rows(), rows(), opt, epochs=4, checkpoint=tmp_path / "c.pt", **options)


def test_a_schedule_that_is_too_short_is_refused(tmp_path):
    with pytest.raises(ValueError, match="total_steps=8, but 3 epochs of 4 batches take 4 more"):
        go(tmp_path / "c.pt", LENGTHS["one cycle"](8))
    assert not (tmp_path / "c.pt").exists()
    go(tmp_path / "c.pt", LENGTHS["one cycle"](12))
    with pytest.raises(ValueError, match="stands after step 12, where this OneCycleLR has already ended"):
        go(tmp_path / "c.pt", LENGTHS["one cycle"](8), epochs=4)


def test_a_plateau_and_the_rate_and_weight_decay_asked_for_hold(tmp_path):
    def plateau(**options):
        return lambda o: plans.ReduceLROnPlateau(o, threshold=1e9, threshold_mode="abs", **options)

    go(tmp_path / "c.pt", plateau(factor=0.5, patience=0), epochs=3)
    _, opt, plan, _ = go(tmp_path / "c.pt", plateau(factor=0.1, patience=1), epochs=4)
    assert (plan.factor, plan.patience) == (0.1, 1) and opt.param_groups[0]["lr"] == pytest.approx(0.005)
    go(tmp_path / "d.pt", epochs=1)
    _, opt, _, history = go(tmp_path / "d.pt", lr=0.01, weight_decay=0.1, epochs=2)
    assert opt.param_groups[0]["lr"] == history[-1].lr == 0.01 and opt.param_groups[0]["weight_decay"] == 0.1
    assert float(opt.state[next(iter(opt.state))]["step"]) == 8  # the moments were kept
    go(tmp_path / "e.pt", LENGTHS["cosine"](12), epochs=1)
    _, opt, _, _ = go(tmp_path / "e.pt", LENGTHS["cosine"](12), lr=0.5, epochs=2)
    assert opt.param_groups[0]["lr"] == pytest.approx(rates_of(LENGTHS["cosine"](12), 8, lr=0.5)[8])


def test_a_rate_set_by_hand_during_training_is_kept(tmp_path):
    def set_by_hand(o):
        o.register_step_post_hook(lambda opt, *_: opt.param_groups[0].update(lr=0.002))

    go(tmp_path / "c.pt", set_by_hand, epochs=1)
    _, opt, _, _ = go(tmp_path / "c.pt", epochs=2)
    assert opt.param_groups[0]["lr"] == 0.002


def test_another_optimizer_is_refused(tmp_path):
    go(tmp_path / "c.pt", epochs=1)
    with pytest.raises(ValueError, match="was saved with Adam, now the optimizer is SGD"):
        go(tmp_path / "c.pt", make=torch.optim.SGD)


def test_patience_and_epochs_asked_for_now_hold(tmp_path):
    path, still = tmp_path / "c.pt", {"lr": 0.0, "make": torch.optim.SGD}
    *_, history = go(path, patience=2, epochs=9, **still)
    assert len(history) == 3 and "2 epochs" in history.stopped
    assert len(go(path, patience=2, epochs=9, **still)[3]) == 3  # asked for the same: nothing more to do
    *_, history = go(path, patience=4, epochs=9, **still)
    assert len(history) == 5 and "4 epochs" in history.stopped
    *_, history = go(path, epochs=7, **still)
    assert len(history) == 7 and history.stopped is None
    with pytest.raises(ValueError, match=r"epochs=6, but .* holds 7 epochs"):
        go(path, epochs=6, **still)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"batch_size": 16}, "batch_size was 4 and is 16"),
        ({"data": rows(60)}, "the number of rows was 64 and is 60"),
        ({"seed": 5}, "seed was 0 and is 5"),
    ],
)
def test_in_the_middle_of_an_epoch_the_order_of_rows_cannot_change(tmp_path, changed, sentence):
    path = tmp_path / "c.pt"
    interrupted(path, 6, batch_size=4)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"middle of an epoch, and {sentence}"):
        go(path, **{"batch_size": 4} | changed)
    assert path.read_bytes() == before
    through, resumed = go(None, batch_size=4)[0], go(path, batch_size=4)[0]
    assert all(torch.equal(p, q) for p, q in zip(through.parameters(), resumed.parameters(), strict=True))


def test_between_epochs_batch_size_data_and_seed_may_change(tmp_path):
    go(tmp_path / "c.pt", epochs=1)
    *_, history = go(tmp_path / "c.pt", epochs=2, batch_size=4, data=rows(60), seed=5)
    assert len(history) == 2


def test_mixed_precision_may_be_switched_on_and_off(tmp_path):
    for epochs, amp in ((1, None), (2, "float16"), (3, None)):
        assert len(go(tmp_path / "c.pt", epochs=epochs, amp=amp)[3]) == epochs
