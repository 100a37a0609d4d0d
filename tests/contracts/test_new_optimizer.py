"""A new optimizer is one row of OPTIMIZERS: the race and the sweep of chapter 08 take it without another change."""

import numpy as np
import pytest

from nnlab import plots
from nnlab.explore import race_explorer, sweep_explorer
from nnlab.scratch import OPTIMIZERS
from nnlab.scratch.optim import SGD, Optimizer, OptimizerRow


class SignSGD(Optimizer):
    """theta <- theta - lr sign(g): a toy."""

    def update(self, g, lr):
        np.sign(g, out=g)
        g *= lr


@pytest.fixture(params=[(SignSGD, {}), (SGD, {"momentum": 0.5})], ids=["a class of its own", "options of another"])
def toy(request, monkeypatch):
    opt, options = request.param
    name = f"toy_{opt.__name__}"
    row = OptimizerRow(name, opt, options, r"\theta \leftarrow \theta - \eta g", "torch.optim.SGD", "tests")
    monkeypatch.setitem(OPTIMIZERS, name, row)
    return name


def test_the_race_runs_it(toy):
    race = race_explorer("bowl")
    race.advance(150)
    assert list(race.data.tracks) == list(OPTIMIZERS)
    track = race.data.tracks[toy]
    assert len(track.trajectory) == 151 and (track.trajectory[-1] != race.data.start).all()
    race.frame()
    view = race._canvas.view
    np.testing.assert_array_equal(np.transpose(view.trajectories[toy].get_data()), track.trajectory)
    assert race.controls[f"show_{toy}"].label == plots.look(toy).label
    assert plots.look(toy).label in race.controls["lr"].help + race.controls["adaptive_lr"].help
    race.set(**{f"show_{toy}": False})
    assert toy not in race.data.shown and set(race.data.shown) == set(OPTIMIZERS) - {toy}


def test_its_options_are_its_own(toy):
    """The momentum slider is for the rows momentum and Nesterov; a row with 0.5 keeps 0.5."""
    one, other = race_explorer("bowl"), race_explorer("bowl")
    other.set(momentum=0.3)
    for race in (one, other):
        race.advance(5)
    np.testing.assert_array_equal(one.data.tracks[toy].trajectory, other.data.tracks[toy].trajectory)
    assert (one.data.tracks["momentum"].trajectory != other.data.tracks["momentum"].trajectory).any()


def test_the_sweep_runs_it(toy):
    sweep = sweep_explorer()
    steps, rate = sweep.data.best(toy)
    assert steps > 0 and rate > 0 and list(sweep.data.steps) == list(OPTIMIZERS)
    sweep.frame()
    x, y = sweep._canvas.view.dots[toy].get_data()
    assert (list(x), list(y)) == ([rate], [steps])


def test_its_look_is_its_own(toy):
    marker = plots.look(toy).marker
    others = [plots.look(name) for name in OPTIMIZERS if name != toy]
    assert marker not in {look.marker for look in others}


@pytest.mark.parametrize("count", [1, 2, 4])
def test_rows_of_the_tables_stay_inside_and_apart(count, monkeypatch):
    for k in range(count):
        monkeypatch.setitem(OPTIMIZERS, f"toy_{k}", OPTIMIZERS["sgd"]._replace(name=f"toy_{k}"))
    for explorer, lowest in ((race_explorer("bowl"), 34), (sweep_explorer(), 140)):
        explorer.frame()
        view = explorer._canvas.view
        bottoms = [view._bottom(k) for k in range(len(OPTIMIZERS))]
        assert bottoms[-1] >= lowest and np.diff(bottoms).max() <= -14
    assert len({plots.look(name) for name in OPTIMIZERS}) == len(OPTIMIZERS)
