"""`fit` is a loop the caller owns; a checkpoint resumes bit for bit."""

import numpy as np
import pytest

from nnlab import scratch as s
from nnlab.scratch import fit, load_checkpoint, predict, save_checkpoint

N, BATCH, EPOCHS = 50, 8, 4  # 7 steps an epoch, the last of 2 rows
DATA = np.random.default_rng(9).normal(size=(N, 6))
LABELS = (DATA[:, 0] > DATA[:, 1]).astype(int)


def run(kind="adam", seed=0, dtype=np.float64, bits=np.random.PCG64):
    """A network with everything that has state: dropout, running means, an optimizer's vectors, schedules."""
    rng = np.random.Generator(bits(seed))
    net = s.Sequential(
        s.Linear(6, 8, rng=rng, dtype=dtype),
        s.BatchNorm1d(8, dtype=dtype),
        s.ReLU(),
        s.Dropout(0.3, rng=rng),  # the same generator as fit's
        s.Sequential(s.Dropout(0.1, rng=np.random.default_rng(5)), s.Linear(8, 2, rng=rng, dtype=dtype)),
    )
    opt = s.OPTIMIZERS[kind].make(net.params, 0.05)
    return net, opt, rng, [s.CosineAnnealingLR(opt, 40), s.ReduceLROnPlateau(opt, patience=2, factor=0.9)]


def go(net, opt, rng, schedules, start=None, until=None):
    records = []
    for step in fit(
        net, s.CrossEntropyLoss(), opt, DATA.astype(net[0].params["weight"].dtype), LABELS,
        epochs=EPOCHS, batch_size=BATCH, rng=rng, max_norm=1.0, start=start,
    ):  # fmt: skip
        schedules[0].step()
        if step.last_of_epoch:
            schedules[1].step(step.loss)
        records.append(step)
        if step.step == until:
            break
    return records


def facts(records):
    """All but the time, which no run repeats."""
    return [(r.epoch, r.step, r.loss, r.lr, r.grad_norm, r.last_of_epoch, r.seed) for r in records]


@pytest.mark.parametrize("kind", s.OPTIMIZERS)
@pytest.mark.parametrize("stop", [1, 7, 10, 14, 27])  # within an epoch, at its end, near the last step
def test_resuming_from_a_checkpoint_is_bit_for_bit(kind, stop, tmp_path):
    whole = run(kind)
    records = go(*whole)
    first = run(kind)
    before = go(*first, until=stop)
    save_checkpoint(tmp_path / "run.npz", *first[:2], before[-1], rng=first[2], schedules=first[3])
    second = run(kind, seed=77)
    start = load_checkpoint(tmp_path / "run.npz", *second[:2], rng=second[2], schedules=second[3])
    assert start == before[-1]
    after = go(*second, start=start)
    assert facts(before + after) == facts(records)
    for name, value in whole[0].state_dict().items():
        np.testing.assert_array_equal(second[0].state_dict()[name], value)
    assert whole[2].random() == second[2].random()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_all_types_and_generators_are_kept(bits, dtype, tmp_path):
    whole = run(dtype=dtype, bits=bits)
    records = go(*whole)
    first = run(dtype=dtype, bits=bits)
    before = go(*first, until=10)
    save_checkpoint(tmp_path / "run.npz", *first[:2], before[-1], rng=first[2], schedules=first[3])
    second = run(seed=77, dtype=dtype, bits=bits)
    start = load_checkpoint(tmp_path / "run.npz", *second[:2], rng=second[2], schedules=second[3])
    assert facts(before + go(*second, start=start)) == facts(records)
    assert {p.dtype for p in second[0].params.values()} == {np.dtype(dtype)}


def test_the_records_say_what_happened():
    net, opt, rng, schedules = run()
    records = go(net, opt, rng, schedules)
    assert [r.step for r in records] == list(range(1, 7 * EPOCHS + 1))
    assert [r.epoch for r in records] == [1 + i // 7 for i in range(7 * EPOCHS)]
    assert [r.step for r in records if r.last_of_epoch] == [7, 14, 21, 28]
    assert records[0].lr == 0.05 and records[1].lr == s.cosine_annealing_lr(1, 0.05, 40)
    assert all(np.isfinite(r.loss) and r.grad_norm > 0 and r.seconds > 0 for r in records)
    assert len({r.seed for r in records}) == EPOCHS


def test_each_epoch_sees_every_row_once_in_a_new_order():
    class Recorder(s.Identity):
        def forward(self, x):
            seen.extend(x[:, 0].astype(int))
            return super().forward(x)

    seen = []
    net = s.Sequential(Recorder(), s.Linear(1, 1, rng=np.random.default_rng(0)))
    x = np.arange(20.0)[:, None]
    options = {"epochs": 2, "batch_size": 6, "rng": np.random.default_rng(0)}
    list(fit(net, s.MSELoss(), s.SGD(net.params, 0.0), x, x, **options))
    assert sorted(seen[:20]) == sorted(seen[20:]) == list(range(20)) and seen[:20] != seen[20:]
    seen.clear()
    list(fit(net, s.MSELoss(), s.SGD(net.params, 0.0), x, x, shuffle=False, **options))
    assert seen == [*range(20), *range(20)]


def test_the_caller_owns_the_loop():
    net, opt, rng, _ = run()
    steps = fit(net, s.CrossEntropyLoss(), opt, DATA, LABELS, epochs=1000, batch_size=BATCH, rng=rng)
    start = net.state_dict()
    assert opt.t == 0  # nothing happens before the first step is asked for
    next(steps)
    assert opt.t == 1 and not np.array_equal(start["0.weight"], net.params["0.weight"])
    outputs = predict(net, DATA)  # in evaluation, between two steps
    assert outputs.shape == (N, 2) and net.training
    np.testing.assert_allclose(outputs, predict(net, DATA, batch_size=7), rtol=1e-12)
    net.eval()
    next(steps)
    assert net.training and opt.t == 2
    assert predict(net.eval(), DATA[:0]).shape == (0, 2) and not net.training


def test_data_and_labels_are_not_written_to():
    x, y = DATA.copy(), LABELS.copy()
    x.setflags(write=False)
    y.setflags(write=False)
    net, opt, rng, _ = run()
    list(fit(net, s.CrossEntropyLoss(), opt, x, y, epochs=1, batch_size=BATCH, rng=rng))


def test_clipping_bounds_the_step():
    rng = np.random.default_rng(0)
    net = s.Linear(6, 1, rng=rng)
    opt = s.SGD(net.params, lr=1.0)
    before = net.state_dict()
    options = {"epochs": 1, "batch_size": N, "rng": rng}
    (step,) = fit(net, s.MSELoss(), opt, DATA, 100 * np.ones((N, 1)), max_norm=0.5, **options)
    moved = np.sqrt(sum(((before[k] - p) ** 2).sum() for k, p in net.params.items()))
    assert step.grad_norm > 0.5 and moved == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"x": DATA[:3]}, ValueError, "the same number of rows"),
        ({"x": DATA[:0], "y": LABELS[:0]}, ValueError, "at least 1"),
        ({"epochs": -1}, ValueError, "epochs"),
        ({"epochs": 1.5}, TypeError, "epochs"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"rng": 3}, TypeError, "default_rng"),
        ({"max_norm": -1}, ValueError, "max_norm"),
        ({"loss": "mse"}, TypeError, "loss should be a Loss"),
        ({"opt": 0.1}, TypeError, "opt should be a Optimizer"),
        ({"start": s.Step(3, 2, 0.0, 0.0, 0.0, 0.0, False, 1)}, ValueError, "same data and batch_size"),
    ],
)
def test_bad_input_gets_a_sentence_at_once(change, error, words):
    net, opt, rng, _ = run()
    options = {"net": net, "loss": s.CrossEntropyLoss(), "opt": opt, "x": DATA, "y": LABELS}
    options |= {"epochs": 1, "batch_size": BATCH, "rng": rng}
    with pytest.raises(error, match=words):
        fit(**{**options, **change})


def test_a_checkpoint_that_does_not_fit_or_is_damaged_gets_a_sentence(tmp_path):
    net, opt, rng, schedules = run()
    step = go(net, opt, rng, schedules, until=3)[-1]
    path = tmp_path / "run.npz"
    save_checkpoint(path, net, opt, step, rng=rng, schedules=schedules)
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]
    with pytest.raises(ValueError, match="schedules"):
        load_checkpoint(path, net, opt, rng=rng)
    with pytest.raises(ValueError, match="a different generator"):
        load_checkpoint(path, net, opt, rng=np.random.Generator(np.random.MT19937(0)), schedules=schedules)
    with pytest.raises(ValueError, match="Expected a state with"):
        load_checkpoint(path, net, s.SGD(net.params), rng=rng, schedules=schedules)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="not a whole checkpoint"):
        load_checkpoint(path, net, opt, rng=rng, schedules=schedules)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="not a whole checkpoint"):
        load_checkpoint(path, net, opt, rng=rng, schedules=schedules)


def test_a_network_learns():
    rng = np.random.default_rng(0)
    net = s.MLP([6, 16, 2], rng=rng)
    opt = s.Adam(net.params, lr=0.02)
    losses = [r.loss for r in fit(net, s.CrossEntropyLoss(), opt, DATA, LABELS, epochs=60, batch_size=16, rng=rng)]
    assert np.mean(losses[-4:]) < 0.1 * np.mean(losses[:4])
    assert (predict(net, DATA).argmax(axis=1) == LABELS).mean() == 1
