"""The training loop: the same numbers whether it runs through, is stopped and resumed, or is dealt to two processes."""

import os
import pickle
import random
import resource
import signal

import numpy as np
import pytest
import torch

from nnlab.pytorch import CNN, MLP, checkpoint, evaluate, tensors, train
from nnlab.pytorch.training import loop
from nnlab.pytorch.training.batches import Batches
from nnlab.pytorch.training.state import TrainingState


def data(seed, n=60):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1, 4, 4))
    return tensors(x, (x.mean(axis=(1, 2, 3)) > 0).astype(int))


def made(schedule="one cycle"):
    torch.manual_seed(1)
    model = CNN(classes=2, channels=(3,), hidden=5, size=4, dropout=0.3)
    opt = torch.optim.AdamW(model.parameters(), lr=0.01)
    if schedule == "plateau":
        return model, opt, torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=0)
    return model, opt, torch.optim.lr_scheduler.OneCycleLR(opt, 0.05, total_steps=12)


def go(path=None, schedule="one cycle", **options):
    model, opt, plan = made(schedule)
    options = {"epochs": 3, "batch_size": 16, "clip": 0.5, "seed": 3, "progress": False, "checkpoint": path} | options
    return model, opt, plan, train(model, data(0), data(1), opt, schedule=plan, **options)


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


class Crash(Exception):
    pass


def crash_after(steps, monkeypatch):
    """From here on the process dies in the middle of training, after so many steps."""
    step, taken = TrainingState.train_step, []

    def count(self, *args):
        if len(taken) == steps:
            raise Crash
        taken.append(1)
        return step(self, *args)

    monkeypatch.setattr(TrainingState, "train_step", count)


def test_ctrl_c_after_the_last_step_is_told_and_loses_nothing(tmp_path, monkeypatch):
    whole, *_ = go()

    def late(*args, **options):
        signal.raise_signal(signal.SIGINT)
        return measure(*args, **options)

    measure = loop.evaluate
    monkeypatch.setattr(loop, "evaluate", late)
    for epochs in (1, 2, 3):
        model, *_, history = go(tmp_path / "c.pt", epochs=epochs)
        assert history.stopped == "Ctrl-C" and len(history) == epochs
    assert same(model, whole)
    monkeypatch.undo()
    assert go(tmp_path / "c.pt")[-1].stopped is None


@pytest.mark.parametrize("amp", [None, "bfloat16"])
@pytest.mark.parametrize("schedule", ["one cycle", "plateau"])
@pytest.mark.parametrize("steps", [1, 3, 4, 6, 11])
def test_interrupted_at_any_step_and_resumed_it_is_bit_for_bit_the_same(tmp_path, monkeypatch, steps, schedule, amp):
    """With dropout, batch normalisation, shuffling, a schedule and mixed precision."""
    through, opt, plan, history = go(schedule=schedule, amp=amp)
    with monkeypatch.context() as patch:
        crash_after(steps, patch)
        with pytest.raises(Crash):
            go(tmp_path / "c.pt", schedule, every=1, amp=amp)
    torch.rand(7), np.random.rand(7), random.random()  # noqa: NPY002  a new process has other generators
    resumed, opt2, plan2, history2 = go(tmp_path / "c.pt", schedule, every=1, amp=amp)
    assert same(through, resumed)
    assert [row[:5] for row in history] == [row[:5] for row in history2]
    assert plan.state_dict() == plan2.state_dict()
    for a, b in zip(opt.state.values(), opt2.state.values(), strict=True):
        assert all(torch.equal(a[name], b[name]) for name in a)


def test_the_best_weights_are_in_the_model_at_the_end():
    model, _, _, history = go(epochs=6, schedule="plateau")
    assert min(row.validation_loss for row in history) == history.best.validation_loss
    assert evaluate(model, data(1)) == pytest.approx((history.best.validation_loss, history.best.accuracy))


def test_it_stops_when_nothing_gets_better():
    model, opt, _ = made()
    for group in opt.param_groups:
        group["lr"] = 0.0
    history = train(model.eval(), data(0), data(1), opt, epochs=50, patience=2, progress=False)
    assert history.stopped and "2 epochs" in history.stopped and len(history) < 50


def test_evaluate_is_what_one_computes_by_hand_and_leaves_the_mode():
    torch.manual_seed(0)
    model = MLP([16, 8, 2], dropout=0.5).train()
    x, y = data(5, 1100).tensors
    loss, accuracy = evaluate(model, data(5, 1100))
    assert model.training
    logits = model.eval()(x).detach()
    assert loss == pytest.approx(float(torch.nn.functional.cross_entropy(logits, y)), rel=1e-6)
    assert accuracy == float((logits.argmax(1) == y).double().mean())
    targets = tensors(x.numpy(), np.ones((1100, 2)))
    assert np.isnan(evaluate(model, targets, loss=torch.nn.functional.mse_loss)[1])  # no classes, no accuracy


def test_clipping_bounds_the_step():
    model, opt = MLP([16, 2]), None
    opt = torch.optim.SGD(model.parameters(), lr=1.0)
    before = torch.cat([p.detach().flatten() for p in model.parameters()])
    train(model, data(0), data(1), opt, epochs=1, batch_size=60, clip=0.01, progress=False)
    after = torch.cat([p.detach().flatten() for p in model.parameters()])
    assert float((after - before).norm()) == pytest.approx(0.01, rel=1e-3)


def test_float16_uses_a_scaler_whose_state_is_kept(tmp_path):
    model, *_ = go(tmp_path / "c.pt", amp="float16")
    assert checkpoint.load(tmp_path / "c.pt")["scaler"]["scale"] > 1
    assert all(p.dtype == torch.float32 for p in model.parameters())


def test_the_log_is_what_tensorboard_reads(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    *_, history = go(log=tmp_path / "log", epochs=3)
    log = EventAccumulator(str(tmp_path / "log"))
    log.Reload()
    assert {"loss/train", "loss/validation", "learning rate", "gradient norm"} <= set(log.Tags()["scalars"])
    logged = [event.value for event in log.Scalars("loss/validation")]
    assert logged == pytest.approx([row.validation_loss for row in history])


# ---- batches ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 7, 16, 33])
def test_every_example_once_an_epoch_and_another_order_the_next(n):
    batches = Batches(n, 8, seed=0)
    first = [i for batch in batches for i in batch]
    batches.epoch = 1
    second = [i for batch in batches for i in batch]
    assert sorted(first) == sorted(second) == list(range(n)) and (first != second or n < 3)
    assert [len(b) for b in batches] == batches.sizes()


def test_several_processes_share_the_batches_of_one():
    whole = list(Batches(50, 8, seed=4))
    parts = [list(Batches(50, 8, seed=4, rank=rank, count=3)) for rank in range(3)]
    for i, batch in enumerate(whole[:-1]):
        assert sorted(batch) == sorted(parts[0][i] + parts[1][i] + parts[2][i])
    assert len(parts[0]) == len(whole) - 1  # the last batch of 2 can't be dealt to 3


# ---- files that are damaged, foreign, or can't be written ------------------------------------------------------------


def test_a_pickle_that_would_run_code_is_refused_unopened(tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "pwned"),)

    (tmp_path / "c.pt").write_bytes(pickle.dumps(Evil(), protocol=2))
    torch.save({"format": checkpoint.FORMAT, "model": Evil()}, tmp_path / "d.pt")
    for name in ("c.pt", "d.pt"):
        with pytest.raises(ValueError, match="would run code"):
            go(tmp_path / name)
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.999])
def test_a_damaged_checkpoint_is_refused_with_a_sentence_and_left_alone(tmp_path, keep):
    path = tmp_path / "c.pt"
    go(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: keep if isinstance(keep, int) else int(keep * len(whole))])
    broken = path.read_bytes()
    with pytest.raises(ValueError, match=r"c\.pt is (damaged|no checkpoint)"):
        go(path)
    assert path.read_bytes() == broken


def test_a_foreign_file_is_refused(tmp_path):
    torch.save(MLP([2, 3]).state_dict(), tmp_path / "c.pt")
    with pytest.raises(ValueError, match="something else than a training saved by nnlab"):
        go(tmp_path / "c.pt")
    with pytest.raises(FileNotFoundError, match=r"no checkpoint .*none\.pt"):
        checkpoint.load(tmp_path / "none.pt")


def test_another_architecture_names_the_parameters_that_differ(tmp_path):
    go(tmp_path / "c.pt")
    model = CNN(classes=2, channels=(4,), hidden=5, size=4)
    before = {name: p.clone() for name, p in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"0\.weight: \(3, 1, 3, 3\) in the file, \(4, 1, 3, 3\) in the model"):
        opt = torch.optim.AdamW(model.parameters())
        train(model, data(0), data(1), opt, epochs=1, checkpoint=tmp_path / "c.pt", progress=False)
    assert all(torch.equal(p, before[name]) for name, p in model.state_dict().items())
    with pytest.raises(ValueError, match="was saved with a schedule"):
        model, opt, _ = made()
        train(model, data(0), data(1), opt, epochs=1, checkpoint=tmp_path / "c.pt", progress=False)


def test_a_full_disk_loses_nothing_saved_before(tmp_path):
    """A real limit on the size of files, as a full disk would set it."""
    path = tmp_path / "c.pt"
    go(path, epochs=1)
    saved = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(saved) // 2, hard))
    try:
        with pytest.raises(OSError, match=r"can't be written.*unharmed.*Free some space"):
            go(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == saved and list(tmp_path.iterdir()) == [path]  # nothing half written lies about
    through, *_ = go()
    assert same(go(path)[0], through)


def test_a_loss_that_is_no_number_stops_with_a_sentence_and_keeps_the_last_checkpoint(tmp_path):
    model, opt, _ = made()
    path = tmp_path / "c.pt"
    train(model, data(0), data(1), opt, epochs=1, checkpoint=path, progress=False)
    saved = path.read_bytes()
    x, y = data(0).tensors
    broken = torch.utils.data.TensorDataset(torch.where(x > 2, torch.nan, x), y)
    with pytest.raises(FloatingPointError, match="loss is nan in epoch 2"):
        train(model, broken, data(1), opt, epochs=3, checkpoint=path, every=1, progress=False)
    assert path.read_bytes() == saved


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"epochs": 0}, "epochs should be a whole number of at least 1; got 0"),
        ({"patience": 0}, "patience should be"),
        ({"every": 1.5}, "every should be"),
        ({"clip": 0}, "clip should be greater than 0"),
        ({"amp": "half"}, 'amp should be None, "bfloat16" or "float16"; got \'half\''),
        ({"batch_size": 0}, "batch_size=0"),
    ],
)
def test_options_that_cannot_work_get_a_sentence(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        go(**options)
