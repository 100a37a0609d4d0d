"""The clinic's panel shows what the instruments read, of patients and of a learner's own run."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from nnlab.chapters.c12_debugging_clinic import BIN_EDGES, PATIENTS, Data, ExaminedRun, Reading
from nnlab.chapters.c12_debugging_clinic.clinic_explorer import YOURS, clinic_explorer
from nnlab.chapters.c12_debugging_clinic.clinic_view import ClinicView, _short, layer_colours
from nnlab.chapters.c12_debugging_clinic.recorded_run import (
    AS_ARRIVED,
    FIRST,
    FIXED,
    at_step,
    curve,
    one_batch_report,
    record,
)
from nnlab.chapters.c12_debugging_clinic.rows import digits
from nnlab.chapters.c12_debugging_clinic.training_panel import training_panel
from nnlab.explore.drawing.canvas import Canvas


def healthy(data, panel):
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    opt = torch.optim.SGD(net.parameters(), lr=0.5)
    panel.watch(net, opt)
    for rows in torch.randint(len(data.x), (40, 64)):
        loss = nn.functional.cross_entropy(net(data.x[rows]), data.y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        panel.note(loss)
    return net


def drawn_view(run):
    canvas = Canvas(ClinicView, (9.0, 5.0))
    canvas.draw(at_step(run, 1))
    return canvas.view


def test_a_curve_leaves_out_what_is_not_finite():
    finite = curve([1.0, np.nan, 3.0, np.inf])
    assert finite.steps.tolist() == [1, 3] and finite.values.tolist() == [1, 3]
    assert finite.at(3) == 3 and finite.at(2) is None


@pytest.mark.parametrize("name", PATIENTS)
def test_the_panel_shows_what_was_read(name):
    explorer = clinic_explorer(name)
    for state, seen in ((AS_ARRIVED, PATIENTS[name].before), (FIXED, PATIENTS[name].after)):
        explorer.set(state=state, step=3)
        shown, read = explorer.data.run, seen.readings[2]
        assert shown.loss.at(3) == read.loss
        for layer, norm in read.gradient_norms.items():
            assert shown.gradient_norms[layer].at(3) == norm
            assert shown.update_ratios[layer].at(3) == read.update_ratios[layer]
        for layer, counts in read.output_counts.items():
            assert shown.dead_shares[layer].at(3) == read.dead_shares[layer]
            assert shown.output_shares[layer][2] == pytest.approx(counts / counts.sum())
        assert (shown.input_mean.at(3), shown.input_std.at(3)) == (read.input_mean, read.input_std)


def test_the_line_of_guessing_is_ln_of_the_classes():
    loss = {name: clinic_explorer(name).data.run.guessing_loss for name in PATIENTS}
    assert loss["stuck at 2.3"] == pytest.approx(np.log(10)) and loss["since the long name"] == pytest.approx(np.log(4))
    assert loss["95% right"] == pytest.approx(np.log(2))
    assert loss["into the millions"] == loss["better than it will be"] == 0


@pytest.mark.parametrize("state", [AS_ARRIVED, FIXED])
@pytest.mark.parametrize("name", PATIENTS)
def test_no_panel_names_the_fault(name, state):
    explorer = clinic_explorer(name)
    explorer.set(state=state)
    explorer.frame()
    texts = [text.get_text() for text in explorer._canvas.figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    texts.append(explorer.actions["Overfit one batch"].act(explorer))
    assert not any(PATIENTS[name].fault in text for text in texts)


def test_the_panel_opens_at_step_1_and_can_show_the_first_ten():
    explorer = clinic_explorer("into the millions")
    explorer.frame()
    view = explorer._canvas.view
    assert explorer.data.step == 1 and view.norms.get_xlim()[1] == 151
    explorer.set(steps=FIRST, step=60)
    explorer.frame()
    assert (explorer.data.step, explorer.data.last) == (10, 10) and view.norms.get_xlim()[1] == 11
    short = record("short", ExaminedRun([Reading(loss=1.0)] * 3, None, digits(), healthy))
    assert (at_step(short, 5, FIRST).step, at_step(short, 5, FIRST).last) == (3, 3)


def test_a_loss_of_0_stays_on_a_logarithmic_axis():
    readings = [Reading(loss=loss) for loss in (2.0, 0.0, 400.0)]
    view = drawn_view(record("mine", ExaminedRun(readings, None, digits(), healthy)))
    assert view.loss.get_yscale() == "log" and "less is drawn at\nthe lower edge" in [
        t.get_text() for t in view.loss.texts
    ]
    drawn = view.loss.lines[-2].get_ydata()  # the last line is that of guessing
    assert drawn[1] > view.loss.get_ylim()[0] > 0 and drawn[0] == 2


def test_numbers_are_short():
    texts = [_short(value) for value in (0, 0.00434, 0.1, 31.4, 2.1e6, 3e-5, 4e-12, -2e7)]
    assert texts == ["0", "0.0043", "0.1", "31", "2e6", "3e-5", "4e-12", "-2e7"]


def test_the_button_trains_on_one_batch():
    patient = PATIENTS["one in ten"]
    explorer = clinic_explorer("one in ten")
    said = explorer.actions["Overfit one batch"].act(explorer)
    assert "32 rows over and over, 150 steps: the loss comes to 2." in said and "A sound run" in said
    explorer.set(state=FIXED)
    said = explorer.actions["Overfit one batch"].act(explorer)
    assert "comes to 0.0" in said and "A sound" not in said
    seen = []
    one_batch_report(lambda data, panel: (seen.append(data), healthy(data, panel)), patient.data)
    assert len(seen[0].x.unique(dim=0)) == 32


def test_a_loss_that_is_not_a_number_is_noted():
    def broken(data, panel):
        net = nn.Linear(64, 10)
        opt = torch.optim.SGD(net.parameters(), lr=0.1)
        panel.watch(net, opt)
        for step in range(8):
            loss = net(data.x).sum() * (1.0 if step < 4 else np.nan)
            opt.zero_grad()
            loss.backward()
            opt.step()
            panel.note(loss)

    explorer = training_panel(broken, digits())
    assert explorer.data.run.first_nonfinite == 5
    explorer.frame()
    view = explorer._canvas.view
    said = [text.get_text() for text in (*view.loss.texts, *view.dead.texts)]
    assert "not a number\nfrom step 5" in said and "no activations to read" in said
    assert "not a number any more" in explorer.actions["Overfit one batch"].act(explorer)


def test_integers_and_nothing_at_all_are_drawn():
    readings = [Reading(loss=1.0, gradient_norms={"0 Linear": 0.0}, update_ratios={"0 Linear": 0.0}) for _ in range(3)]
    data = Data(*[torch.zeros(4, 2), torch.tensor([0, 1, 2, 1])] * 2)
    shown = record("mine", ExaminedRun(readings, None, data, healthy))
    assert len(shown.input_mean.values) == 0 and shown.guessing_loss == pytest.approx(np.log(3))
    said = [text.get_text() for ax in drawn_view(shown).axes.flat for text in ax.texts]
    assert "0 is drawn at\nthe lower edge" in said and "integers go in:\nno standard deviation" in said


def test_your_own_run_is_shown_next_to_the_one_that_arrived():
    explorer = clinic_explorer("stuck at 2.3", healthy)
    assert explorer.values["state"] == YOURS and explorer.data.run.length == 40
    assert max(explorer.data.run.dead_shares["1 ReLU"].values) < 0.5
    explorer.set(state=AS_ARRIVED)
    assert min(explorer.data.run.dead_shares["1 ReLU"].values) == 1
    assert explorer.frame() != clinic_explorer("stuck at 2.3", healthy).frame()


def test_an_activation_has_its_layers_colour():
    shown = clinic_explorer("two answers").data.run
    colours = layer_colours(shown)
    assert colours["1 ReLU"] == colours["0 Linear"] != colours["3 Linear"]
    assert set(shown.output_shares) == {"1 ReLU"} and shown.output_shares["1 ReLU"].shape == (150, len(BIN_EDGES) - 1)


def test_the_goal_needs_patient_and_step():
    explorer = clinic_explorer()
    explorer.set(**explorer.goal.solution)
    assert explorer.reached
    for change in (dict(step=4), dict(step=2), dict(patient="stuck at 2.3", step=1), dict(state=FIXED)):
        explorer.set(**{**explorer.goal.solution, **change})
        assert not explorer.reached, change


def test_misuse_is_reported():
    with pytest.raises(ValueError, match="patient"):
        clinic_explorer("nobody")
    with pytest.raises(ValueError, match="Name the patient"):
        clinic_explorer(train=healthy)
    with pytest.raises(RuntimeError, match="Keep panel"):
        clinic_explorer("stuck at 2.3", lambda data, panel: None)


def test_importing_the_explorer_loads_no_torch():
    module = "nnlab.chapters.c12_debugging_clinic.clinic_explorer"
    code = f"import sys, {module}; print('torch' in sys.modules, 'sklearn' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]
