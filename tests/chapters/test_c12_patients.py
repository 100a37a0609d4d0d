"""The clinic: instruments against PyTorch and nnlab.scratch; every patient is ill as it arrived and well once fixed."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from nnlab import scratch
from nnlab.chapters.c12_debugging_clinic import (
    BIN_EDGES,
    FAULTS,
    PATIENTS,
    REFUTATIONS,
    Data,
    ExaminedRun,
    Instruments,
    UnreadableRunError,
    examine,
    measures,
)
from nnlab.chapters.c12_debugging_clinic.measures import (
    accumulated_gradients,
    cross_entropy,
    dropout_rate,
    final_gradient_norm,
    largest_gradient_norm,
    mean_absolute_error,
    naive_error,
    repeat_agreement,
    training_mode_share,
)
from nnlab.chapters.c12_debugging_clinic.patient import Patient, Sign
from nnlab.chapters.c12_debugging_clinic.rows import digits
from nnlab.exercises import ALL
from nnlab.twins import copy_weights


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def small(activation=nn.ReLU):
    return nn.Sequential(nn.Linear(3, 5), activation(), nn.Linear(5, 2))


def one_step(net, x, y, opt=None, panel=None, clip=None):
    """One noted step of a classifier -> its reading, and the gradients that the optimizer found."""
    opt = opt or torch.optim.SGD(net.parameters(), lr=0.1)
    panel = panel or Instruments()
    panel.watch(net, opt)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    if clip:
        nn.utils.clip_grad_norm_(net.parameters(), clip)
    grads = [p.grad.clone() for p in net.parameters()]
    opt.step()
    panel.note(loss)
    return panel.readings[-1], grads


def input_stats(reading):
    return reading.input_mean, reading.input_std


def rows(n=8, dtype=torch.float32):
    return torch.randn(n, 3, dtype=dtype) * 2 + 1, torch.randint(2, (n,))


def test_gradient_norms_are_pytorchs():
    reading, grads = one_step(small(), *rows())
    assert reading.gradient_norm == pytest.approx(float(nn.utils.get_total_norm(grads)), rel=1e-6)
    assert list(reading.gradient_norms) == ["0 Linear", "2 Linear"]
    assert reading.gradient_norms["2 Linear"] == pytest.approx(float(nn.utils.get_total_norm(grads[2:])), rel=1e-6)


def test_gradient_norms_are_those_of_the_same_network_in_numpy():
    net, (x, y) = small().double(), rows(dtype=torch.float64)
    rng = np.random.default_rng(0)
    twin = scratch.Sequential(scratch.Linear(3, 5, rng=rng), scratch.ReLU(), scratch.Linear(5, 2, rng=rng))
    copy_weights(twin, net)
    loss = scratch.CrossEntropyLoss()
    loss(twin(x.numpy()), y.numpy())
    twin.backward(loss.backward())
    reading, _ = one_step(net, x, y)
    for label, layer in (("0 Linear", twin.layers[0]), ("2 Linear", twin.layers[2])):
        norm = np.sqrt(sum((grad**2).sum() for grad in layer.grads.values()))
        assert reading.gradient_norms[label] == pytest.approx(norm, rel=1e-12)


def test_gradients_are_read_as_the_optimizer_finds_them():
    reading, _ = one_step(small(), *rows(), clip=0.01)
    assert reading.gradient_norm == pytest.approx(0.01, rel=1e-3)


def test_update_over_weight_of_plain_sgd():
    net = small()
    weights = nn.utils.parameters_to_vector(net[0].parameters()).norm().item()
    reading, grads = one_step(net, *rows(), opt=torch.optim.SGD(net.parameters(), lr=0.25))
    gradient = float(nn.utils.get_total_norm(grads[:2]))
    assert reading.update_ratios["0 Linear"] == pytest.approx(0.25 * gradient / weights, rel=1e-4)


def test_dead_units_are_those_that_are_0_for_every_row():
    net = small()
    with torch.no_grad():
        net[0].bias[:2] = -100.0  # two of five
        net[0].bias[2:] = 100.0
    reading, _ = one_step(net, *rows())
    assert reading.dead_shares == {"1 ReLU": pytest.approx(0.4)}
    net[0].weight.data.zero_()
    net[0].bias.data = torch.tensor([0.0, 1, 1, 1, 1])  # one unit
    assert one_step(net, *rows())[0].dead_shares["1 ReLU"] == pytest.approx(0.2)


def test_histograms_count_every_unit_of_every_row():
    reading, _ = one_step(small(), *rows(8))
    assert reading.output_counts["1 ReLU"].sum() == 8 * 5 and len(reading.output_counts["1 ReLU"]) == len(BIN_EDGES) - 1
    net = nn.Sequential(nn.Unflatten(1, (1, 1, 3)), nn.Conv2d(1, 4, 1), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2))
    with torch.no_grad():
        net[1].weight.zero_()
        net[1].bias[:] = torch.tensor([-1.0, 1, 1, 1])
    reading, _ = one_step(net, *rows(8))
    assert reading.output_counts["2 ReLU"].sum() == 8 * 4 * 3
    assert reading.dead_shares["2 ReLU"] == pytest.approx(0.25)  # a channel is a unit


def test_recurrent_layers_count_what_is_not_padding():
    lstm, lengths = nn.LSTM(2, 6, batch_first=True), torch.tensor([4, 1, 3])
    opt, panel = torch.optim.SGD(lstm.parameters(), lr=0.1), Instruments()
    panel.watch(lstm, opt)
    x = torch.randn(3, 4, 2)
    out, _ = lstm(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
    loss = out.data.square().mean()
    loss.backward()
    opt.step()
    panel.note(loss)
    assert panel.readings[0].output_counts["LSTM"].sum() == 8 * 6
    read = torch.cat([row[:n] for row, n in zip(x, lengths, strict=True)])
    assert input_stats(panel.readings[0]) == pytest.approx(
        (float(read.mean()), float(read.std(correction=0))), rel=1e-5
    )


def test_inputs_are_those_of_the_first_layer_that_is_called():
    x, y = rows()
    for net in (small(), nn.ModuleList(small())):
        panel, opt = Instruments(), torch.optim.SGD(net.parameters(), lr=0.1)
        panel.watch(net, opt)
        loss = nn.functional.cross_entropy(net[2](net[1](net[0](x))), y)
        loss.backward()
        opt.step()
        panel.note(loss)
        assert input_stats(panel.readings[0]) == pytest.approx((float(x.mean()), float(x.std(correction=0))))


def loop(net, backward, steps=3):
    """Steps with this way from loss to gradients -> the readings; `backward(opt, loss)`."""
    opt, panel = torch.optim.SGD(net.parameters(), lr=0.1), Instruments()
    panel.watch(net, opt)
    for _ in range(steps):
        x, y = rows()
        loss = nn.functional.cross_entropy(net(x), y)
        backward(opt, loss)
        opt.step()
        panel.note(loss)
    panel.release()
    assert not any(p._backward_hooks or p._post_accumulate_grad_hooks for p in net.parameters())
    return panel.readings


def test_a_step_that_carries_an_older_gradient_is_seen():
    def clear(opt, loss):
        opt.zero_grad()
        loss.backward()

    def clear_to_zeros(opt, loss):
        opt.zero_grad(set_to_none=False)
        loss.backward()

    def clipped(opt, loss):
        loss.backward()
        nn.utils.clip_grad_norm_([p for group in opt.param_groups for p in group["params"]], 0.1)

    def in_halves(opt, loss):
        opt.zero_grad()
        (loss / 2).backward(retain_graph=True)
        (loss / 2).backward()

    def by_hand(opt, loss):
        for p, grad in zip(*(lambda p: (p, torch.autograd.grad(loss, p)))(opt.param_groups[0]["params"]), strict=True):
            p.grad = grad

    for sound in (clear, clear_to_zeros, in_halves, by_hand):
        assert not any(reading.accumulated for reading in loop(small(), sound)), sound
    for sums in (lambda opt, loss: loss.backward(), clipped):
        assert [reading.accumulated for reading in loop(small(), sums)] == [False, True, True]


def test_mode_and_dropout_are_read():
    net = nn.Sequential(nn.Linear(3, 400), nn.Dropout(0.8), nn.Linear(400, 2))
    readings = loop(net, lambda opt, loss: loss.backward())
    assert all(reading.training and 0.75 < reading.dropout_rate < 0.85 for reading in readings)
    net[1].eval()
    readings = loop(net, lambda opt, loss: loss.backward())
    assert not any(reading.training or reading.dropout_rate for reading in readings)
    assert training_mode_share(ExaminedRun(readings, None, digits(), None)) == 0
    assert dropout_rate(ExaminedRun(readings, None, digits(), None)) == 0


def test_evaluation_is_not_counted():
    net, (x, y) = small(), rows()
    opt, panel = torch.optim.SGD(net.parameters(), lr=0.1), Instruments()
    panel.watch(net, opt)
    with torch.no_grad():
        net(1000 * x)
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
    with torch.no_grad():
        net(1000 * x[:1])
    panel.note(loss)
    assert panel.readings[0].output_counts["1 ReLU"].sum() == len(x) * 5
    assert panel.readings[0].input_mean == pytest.approx(float(x.mean()))


def test_hooks_are_gone_after_release():
    net = small()
    opt, panel = torch.optim.SGD(net.parameters(), lr=0.1), Instruments()
    for _ in range(2):  # the second watch lets go of the first
        panel.watch(net, opt)
    assert all(len(module._forward_pre_hooks) == 1 for module in net.modules())
    panel.release()
    assert not any(module._forward_pre_hooks or module._forward_hooks for module in net.modules())
    assert not opt._optimizer_step_pre_hooks and not opt._optimizer_step_post_hooks


def test_hooks_are_gone_when_a_run_fails():
    net = small()

    def train(data, panel):
        panel.watch(net, torch.optim.SGD(net.parameters(), lr=0.1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        examine(train, digits())
    assert not any(module._forward_hooks for module in net.modules())


def test_numbers_out_of_range_are_read_without_a_crash():
    reading, _ = one_step(small(nn.Tanh), torch.full((4, 3), torch.nan), torch.zeros(4).long())
    assert np.isnan(reading.loss) and np.isnan(reading.gradient_norm) and reading.output_counts["1 Tanh"].sum() == 0


LOOPS = {
    "in this order": "panel.watch(opt, net)",
    "watches nothing yet": "panel.note(0.0)",
    "made no step": "panel.watch(net, opt)\n    panel.note(0.0)",
    "No step was noted": "panel.watch(net, opt)",
    "more than 5 steps": "panel.watch(net, opt)\n    for i in range(9):\n        opt.step()",
    "writes into the data": "data.x.mul_(2)\n    panel.watch(net, opt)\n    opt.step()\n    panel.note(0.0)",
}


@pytest.mark.parametrize("words", LOOPS)
def test_misuse_is_reported(words):
    space = {"torch": torch, "small": small}
    start = "def train(data, panel):\n    net = small()\n    opt = torch.optim.SGD(net.parameters(), lr=0.1)\n    "
    exec(start + LOOPS[words], space)
    kept = digits().x.clone()
    with pytest.raises(UnreadableRunError, match=words):
        examine(space["train"], digits(), max_steps=5)
    assert torch.equal(digits().x, kept), "a patient's data stays as it is"


IN_NO_HURRY = PATIENTS["in no hurry"].fixed.replace("(net, opt)", '(net, opt, fault="learning rate too low")')
RETURN, NOTE = "    return net", "        panel.note(loss)\n"
TROUBLES = {
    "Write one of these names": ('"learning rate too low"', '"slow"'),
    "fault says nothing yet": ('"learning rate too low"', '"..."'),
    "No step was noted": (NOTE, ""),
    "made no step since": (NOTE, NOTE + NOTE),
    "more than 150 steps": ("(150, 64)", "(1500, 64)"),
    "writes into the data": ("    for rows", "    data.x.mul_(2)\n    for rows"),
    "train returned None": (RETURN, ""),
    "it gave (400,)": (RETURN, "    return lambda x: net(x).argmax(1)"),
    "loss at the end: nan": ("panel.note(loss)", "panel.note(loss * float('nan'))"),
    "It raised NameError": ("    for rows", "    undefined\n    for rows"),
    "It learns from the validation rows": (
        "    for rows",
        "    data = type(data)(data.x_val, data.y_val, data.x, data.y)\n    for rows",
    ),
}


@pytest.mark.parametrize("words", TROUBLES)
def test_a_check_says_in_a_sentence_what_is_wrong(words):
    old, new = TROUBLES[words]
    assert old in IN_NO_HURRY
    exercise = ALL["12.2"]
    report = exercise.check(exercise.build(IN_NO_HURRY.replace(old, new)).train)
    assert not report.solved and words in report.text, report.text
    assert exercise.check(exercise.build(IN_NO_HURRY).train).solved


def test_a_sign_reports_what_it_should_be():
    seen = PATIENTS["stuck at 2.3"].after
    one = lambda _: 1.0  # noqa: E731
    assert Sign("loss", one, high=2).report(seen, seen) == "loss: 1 (was 1)"
    assert Sign("loss", one, high=0.5).report(seen, seen) == "loss: 1 (was 1); it should be at most 0.5"
    assert Sign("loss", one, low=1.5).report(seen, seen) == "loss: 1 (was 1); it should be at least 1.5"
    assert Sign("loss", one, low=2, high=3).report(seen, seen) == "loss: 1 (was 1); it should be between 2 and 3"
    assert not Sign("loss", lambda _: np.nan).is_healthy(seen)


def test_a_fix_that_fixes_nothing_is_reported():
    patient = Patient("x", "", "dead ReLU", "def train(data, panel): pass", (("lr", "LR"),), "", digits, ())
    with pytest.raises(ValueError, match="nothing to fix at 'lr'"):
        _ = patient.fixed


def test_the_patients_are_complete():
    assert [patient.fault for patient in PATIENTS.values()].count("class imbalance") == 1
    of_no_patient = {"vanishing gradients", "inputs not scaled", "overfitting"}
    assert {patient.fault for patient in PATIENTS.values()} == {*FAULTS} - of_no_patient and len(PATIENTS) == 11
    assert list(FAULTS) == sorted(FAULTS, key=str.lower), "the order of the patients would give them away"
    for patient in PATIENTS.values():
        assert patient.symptom.endswith(".") and patient.history.endswith(".") and patient.signs
        assert patient.fault.lower() not in patient.history.lower()
        assert all(len(line) <= 104 for line in patient.broken.splitlines())


@pytest.mark.parametrize("name", PATIENTS)
def test_a_patient_is_ill_as_it_arrived_and_well_once_fixed(name):
    patient = PATIENTS[name]
    for seed in range(5):
        broken, fixed = (examine(patient.train(way), patient.data, seed) for way in (False, True))
        assert not patient.signs[0].is_healthy(broken), (seed, patient.signs[0].report(broken, broken))
        assert all(sign.is_healthy(fixed) for sign in patient.signs), [s.report(fixed, broken) for s in patient.signs]
        assert len(fixed.readings) == len(broken.readings)
    assert fixed.loss_leakage == 0, "it learns nothing from the validation rows"


@pytest.mark.parametrize("name", PATIENTS)
def test_a_patient_is_the_same_each_time(name):
    patient = PATIENTS[name]
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    np.testing.assert_array_equal(examine(patient.train(), patient.data).losses, patient.before.losses)
    assert torch.equal(state, torch.get_rng_state()), "examining draws nothing from the global generator"
    assert torch.get_num_threads() == threads


def test_one_batch_repeats_the_first_rows():
    data = Data(torch.arange(20.0).reshape(10, 2), torch.arange(10), torch.zeros(3, 2), torch.zeros(3))
    batch = data.one_batch(4)
    assert batch.y.tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    assert torch.equal(batch.x, data.x[batch.y]) and batch.x_val is data.x_val
    assert data.one_batch(32).y.tolist() == data.y.tolist()


def test_symptoms_and_histories_are_true():
    """The numbers in the patients' symptoms and histories."""
    before = {patient.fault: patient.before for patient in PATIENTS.values()}
    dead = before["dead ReLU"]
    assert all(
        reading.dead_shares["1 ReLU"] == 1 and reading.gradient_norms["0 Linear"] == 0 for reading in dead.readings
    )
    assert dead.final_loss == pytest.approx(np.log(10), abs=0.02)
    low = before["learning rate too low"].readings
    assert all(1e-5 < update < 3e-4 for reading in low for update in reading.update_ratios.values())
    assert max(reading.dead_shares["1 ReLU"] for reading in low) < 0.2
    high = before["learning rate too high"].readings
    assert (
        high[0].gradient_norm < 1 < 50 < high[-1].loss and largest_gradient_norm(before["learning rate too high"]) < 20
    )
    assert 0.2 < high[0].update_ratios["0 Linear"] < 1 and 0.2 < high[0].update_ratios["2 Linear"] < 1
    floor = np.log(np.e + 9) - 1
    assert min(before["softmax twice"].losses) > floor == pytest.approx(1.4612, abs=1e-4)
    slow = before["learning rate too low"].losses
    assert 0.005 < slow[:15].mean() - slow[-15:].mean() < 0.02, "by a hundredth"
    assert measures.accuracy(before["softmax twice"]) > 0.5 and before["softmax twice"].final_loss > 1.5
    grown = before["zero_grad missing"]
    assert accumulated_gradients(grown) == 149
    assert grown.losses[:50].min() < 0.5 < np.log(10) < grown.final_loss
    assert (
        grown.readings[0].gradient_norm
        < 1
        < 5 * final_gradient_norm(PATIENTS["first better, then worse"].after)
        < final_gradient_norm(grown)
    )
    shuffled = PATIENTS["one in ten"]
    one_batch, sound = (examine(shuffled.train(way), shuffled.data.one_batch()).final_loss for way in (False, True))
    assert sound < 0.1 < 2 < one_batch
    assert abs(shuffled.before.losses - np.log(10)).max() < 0.2, "the loss hardly leaves 2.3"
    assert [*high[0].update_ratios.values()] == pytest.approx([0.25, 0.75], abs=0.02)
    assert 0.5 < high[0].gradient_norm < 0.7 and low[0].gradient_norms["0 Linear"] == pytest.approx(0.3, abs=0.05)
    assert measures.update_ratio(before["leakage through the scaler"]) == pytest.approx(6e-3, abs=1e-3)
    assert measures.update_ratio(before["softmax twice"]) > 1e-2 < measures.update_ratio(before["padding read"])
    assert before["padding read"].data.x[1].sum() == 8, "the hint's name of eight letters"
    exploded = before["exploding gradients"]
    assert 30 < exploded.readings[0].gradient_norm < 300 and not np.nanmax(exploded.losses) < 1e4
    padded = before["padding read"]
    assert padded.final_loss == pytest.approx(np.log(4), abs=0.1) and padded.data.x.shape[1:] == (20, 42)
    leak, honest = before["leakage through the scaler"], PATIENTS["better than it will be"].after
    assert leak.readings[0].input_mean == pytest.approx(-0.64, abs=0.01)
    assert input_stats(honest.readings[0]) == pytest.approx((0, 1), abs=1e-5)


def test_leakage_flatters_by_a_measured_amount():
    """Five seeds: wrong by 190 kW with the leak, by more than 1.5 times that without it; the naive forecast by 133."""
    patient = PATIENTS["better than it will be"]
    leak, honest = (
        [mean_absolute_error(examine(patient.train(way), patient.data, seed)) for seed in range(5)]
        for way in (False, True)
    )
    assert 160 < min(leak) <= max(leak) < 220 and min(honest) > 1.5 * max(leak)
    assert mean_absolute_error(patient.after) == pytest.approx(330, abs=30), "the symptom says 330"
    assert naive_error(patient.after) == naive_error(patient.before) == pytest.approx(132.7, abs=0.1)


def examined(result, data):
    return ExaminedRun([], result, data, None)


def test_cross_entropy_takes_logits_and_probabilities():
    data, net = digits(), nn.Linear(64, 10).requires_grad_(False)
    logits, probabilities = (cross_entropy(examined(f, data)) for f in (net, lambda x: net(x).softmax(1)))
    assert logits == pytest.approx(float(nn.functional.cross_entropy(net(data.x_val), data.y_val)), rel=1e-5)
    assert probabilities == pytest.approx(logits, rel=1e-5)


def test_outputs_alone_and_among_others():
    data = digits()
    assert measures.batch_dependence(examined(lambda x: x, data)) == 0
    assert measures.batch_dependence(examined(lambda x: x - x.mean(0), data)) > 0.5
    names = PATIENTS["since the long name"].data
    assert int(names.x_val[0].any(1).sum()) == int(names.x[0].any(1).sum()) == 20, "a long one on each side"
    assert (
        measures.cropping_dependence(examined(lambda x: x.sum(1), names))
        == measures.padding_dependence(examined(lambda x: x.sum(1), names))
        == 0
    )
    assert (
        measures.cropping_dependence(examined(lambda x: x.mean(1), names))
        > 0.01
        < measures.padding_dependence(examined(lambda x: x.mean(1), names))
    )
    to_8 = examined(lambda x: x[:, :8].mean(1), names)
    assert measures.padding_dependence(to_8) == 0 and measures.cropping_dependence(to_8) > 0.01


@pytest.mark.parametrize("name", PATIENTS)
def test_every_wrong_name_is_refuted(name):
    """A sentence on what the fault would show, one on what this patient shows; the numbers are the patient's."""
    patient = PATIENTS[name]
    for fault in FAULTS:
        if fault == patient.fault:
            continue
        said = REFUTATIONS[fault](patient.before)
        assert said.endswith(".") and ("ere " in said or "At step 1" in said) and "nan" not in said.lower(), said
        assert patient.fault not in said, said
    first = patient.before.readings[0]
    if patient.fault != "zero_grad missing":
        assert f"Here 0 of {len(patient.before.readings)} do" in REFUTATIONS["zero_grad missing"](patient.before)
    if patient.fault != "dead ReLU":
        assert max(first.dead_shares.values()) < 0.5
    if patient.fault not in ("learning rate too high", "exploding gradients"):
        assert max(first.update_ratios.values()) < 0.3, "not near 1"
    if patient.fault != "learning rate too low":
        assert max(first.update_ratios.values()) > 5e-3, "not far below 1e-3"
    if patient.fault != "exploding gradients":
        assert first.gradient_norm < 10 and largest_gradient_norm(patient.before) < 100
    if patient.fault != "eval mode forgotten":
        assert repeat_agreement(patient.before) == 1
    if patient.fault != "leakage through the scaler":
        assert patient.before.loss_leakage == 0
    if patient.fault != "dead ReLU":
        assert first_to_last(first) > 0.1
    if patient.fault != "softmax twice":
        low, high = patient.before.predict(patient.data.x_val).aminmax()
        assert low < 0 or high > 1
    assert max(map(abs, input_stats(first))) < 10


def first_to_last(reading):
    first, *_, last = reading.gradient_norms.values()
    return first / last


EXERCISES = {exercise.title: exercise for exercise in ALL.values() if exercise.title in PATIENTS}


@pytest.mark.parametrize("name", EXERCISES)
def test_a_check_says_why_it_is_not(name):
    exercise, patient = EXERCISES[name], PATIENTS[name]
    for fault in FAULTS:
        if fault != patient.fault:
            train = exercise.build(patient.broken.replace("(net, opt)", f'(net, opt, fault="{fault}")')).train
            train.__globals__.update(torch=torch, nn=nn)
            report = exercise.check(train)
            text = " ".join(report.text.split())
            assert f"It is not {fault}." in text and not report.solved
            wrong = exercise.wrong.get(f"named {fault}")
            assert (wrong.message if wrong else REFUTATIONS[fault](patient.before)) in text, text
