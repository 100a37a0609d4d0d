"""What the explorers of chapter 08 compute is true: against PyTorch, the formulas, and theory; bad input is told."""

import math
import warnings

import numpy as np
import pytest
import torch

from nnlab.chapters.c08_optimizers.adam_explorer import SIGNALS, adam_trace, signal
from nnlab.chapters.c08_optimizers.race_explorer import own_values, to_map
from nnlab.chapters.c08_optimizers.race_run import DIVERGENCE, MAX_STEPS, convergence_step
from nnlab.chapters.c08_optimizers.race_view import MAP, WIDTH
from nnlab.chapters.c08_optimizers.surfaces import SURFACES, own_surface
from nnlab.chapters.c08_optimizers.sweep_explorer import MAX_STEPS as SWEEP_STEPS
from nnlab.chapters.c08_optimizers.sweep_explorer import MINIMUM, RATES, ROTATION, sweep, sweeps
from nnlab.explore import adam_explorer, race_explorer, sweep_explorer
from nnlab.explore.widgets.spot import Spot
from nnlab.scratch import OPTIMIZERS

EVERY = pytest.mark.parametrize("surface", SURFACES.values(), ids=list(SURFACES))

# ------------------------------------------------------------------------------------------------- surfaces


@EVERY
def test_a_gradient_is_the_slope_of_its_surface(surface):
    left, right, bottom, top = surface.window
    rng, h = np.random.default_rng(0), 1e-6
    x, y = rng.uniform(left, right, 200), rng.uniform(bottom, top, 200)
    gx, gy = surface.gradient(x, y)
    size = 1 + np.hypot(gx, gy)
    assert np.max(np.abs((surface.fn(x + h, y) - surface.fn(x - h, y)) / (2 * h) - gx) / size) < 1e-6
    assert np.max(np.abs((surface.fn(x, y + h) - surface.fn(x, y - h)) / (2 * h) - gy) / size) < 1e-6


@EVERY
def test_its_minima_are_the_lowest_points(surface):
    left, right, bottom, top = surface.window
    rng = np.random.default_rng(0)
    heights = surface.fn(rng.uniform(left, right, 50_000), rng.uniform(bottom, top, 50_000))
    for x, y in surface.minima:
        assert math.hypot(*surface.gradient(x, y)) < 1e-3
        assert surface.fn(x, y) <= heights.min() + 1e-9
        assert left < x < right and bottom < y < top
    assert right - left == top - bottom, "the map is square"


@EVERY
def test_its_own_start_and_rates_can_be_set(surface):
    values = own_values(surface)
    explorer = race_explorer(surface.name)
    explorer.set(**values)
    np.testing.assert_allclose(surface.from_percent(values["across"], values["up"]), surface.start, atol=1e-6)
    assert values["lr"] == surface.rates[0] and values["adaptive_lr"] == surface.rates[1]


# ------------------------------------------------------------------------------------------------- the race

TORCH = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr),
    "adam": lambda p, lr: torch.optim.Adam(p, lr),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr),
}


@pytest.mark.parametrize("name", ["ravine", "rosenbrock", "saddle"])
def test_the_trails_are_those_of_pytorch(name):
    race, surface = race_explorer(name), SURFACES[name]
    race.advance(100)
    for row, make in TORCH.items():
        p = torch.tensor(race.data.start, dtype=torch.float64, requires_grad=True)
        opt = make([p], race.values["lr" if row in ("sgd", "momentum", "nesterov") else "adaptive_lr"])
        trail = [p.detach().numpy().copy()]
        for _ in range(len(race.data.tracks[row].trajectory) - 1):
            opt.zero_grad()
            surface.fn(p[0], p[1]).backward()
            opt.step()
            trail.append(p.detach().numpy().copy())
        assert len(trail) == 101
        np.testing.assert_allclose(race.data.tracks[row].trajectory, trail, atol=1e-10)


def test_converged_means_to_stay():
    bowl = SURFACES["bowl"]  # 6 wide: within 0.06 of (0, 0)
    far, near = [1.0, 0.0], [0.05, 0.0]
    assert convergence_step(np.array([far, far, near, near]), bowl) == 2
    assert convergence_step(np.array([far, near, far, near]), bowl) == 3, "the first time it only flew past"
    assert convergence_step(np.array([far, near, far]), bowl) is None
    assert convergence_step(np.array([near, near]), bowl) == 0
    assert convergence_step(np.array([[2.99, 2.0], [-2.81, 3.13]]), SURFACES["himmelblau"]) == 0, (
        "any of its minima will do"
    )


def test_an_optimizer_that_diverges_is_named_and_stays_out():
    race = race_explorer("ravine")
    race.set(lr=2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        race.advance(MAX_STEPS)
        assert len(race.frame()) > 1000
    track = race.data.tracks["sgd"]
    assert track.diverged_at == len(track.trajectory) - 1 < 10
    # On the ravine SGD takes y to (1 - 2 lr) y at each step.
    np.testing.assert_allclose(track.trajectory[:, 1], race.data.start[1] * (-3.0) ** np.arange(len(track.trajectory)))
    assert abs(track.trajectory[-1, 1]) > DIVERGENCE * 12 >= abs(track.trajectory[-2, 1])
    assert "SGD" in race.data.sentence and "too high" in race.data.sentence and "Adam" not in race.data.sentence
    race.set(show_sgd=False)
    assert race.data.shown == [name for name in OPTIMIZERS if name != "sgd"] and "SGD" not in race.data.sentence


def test_a_race_ends_when_everybody_is_there_or_out():
    race = race_explorer("bowl")
    while not race.finished:
        race.advance(2)  # as Play does
    last = max(track.converged_at for track in race.data.tracks.values())
    assert last + 30 <= race.steps <= last + 31


def test_a_click_moves_the_start_there_and_restarts():
    race = race_explorer("bowl")
    race.advance(20)
    left, bottom, side = MAP
    u, v = (left + 0.75 * side) / WIDTH, (bottom + 0.25 * side) / (100 * race.size[1])
    race.set(click=(u, v))
    assert race.steps == 0 and race.values["click"] == ()
    np.testing.assert_allclose(race.data.start, (1.5, -1.5), atol=0.01)
    before = dict(race.values)
    race.set(click=(0.99, 0.99))  # beside the map
    assert race.values == before
    np.testing.assert_allclose(to_map((left / WIDTH, bottom / (100 * race.size[1]))), 0, atol=0.1)


def test_a_click_is_a_place():
    spot = Spot()
    assert spot.check([0.25, 1]) == (0.25, 1.0) and spot.check([]) == ()
    for bad in (3, (0.5,), (0.5, 1.5), ("a", 1), (math.nan, 0)):
        with pytest.raises(ValueError, match="both from 0 to 1"):
            spot.check(bad)


def test_another_surface_brings_its_start_and_rates():
    race = race_explorer("bowl")
    race.set(surface="rosenbrock")
    assert race.data.start == pytest.approx(SURFACES["rosenbrock"].start)
    assert race.values["lr"] == SURFACES["rosenbrock"].rates[0]
    race.set(surface="bowl", lr=0.3)
    assert race.values["lr"] == 0.3, "what is asked for goes first"


# ------------------------------------------------------------------------------------------------- your own function


def bump(x, y):
    return (x - 1) ** 2 + 3 * (y + 0.5) ** 2


@pytest.mark.parametrize(
    "fn",
    [
        bump,
        lambda x, y: math.pow(x - 1, 2) + 3 * math.pow(y + 0.5, 2),  # numbers only
        lambda x, y: bump(x, y) if x > 0 else bump(x, y) + 0 * y,  # an array has no truth
        lambda x, y: np.array([bump(x, y)]).sum(),  # takes an array, and gives one number for all
        lambda x, y: torch.tensor(bump(x, y), dtype=torch.float64),
        lambda *point: bump(*point),
    ],
)
def test_a_function_of_ones_own(fn):
    race = race_explorer(fn, start=(-2, 2))
    surface = race.data.surface
    assert race.data.start == pytest.approx((-2, 2))
    np.testing.assert_allclose(surface.minima, [(1, -0.5)], atol=1e-3)
    np.testing.assert_allclose(surface.gradient(0.3, 0.7), (2 * -0.7, 6 * 1.2), rtol=1e-7)
    race.advance(MAX_STEPS)
    assert race.data.tracks["momentum"].converged_at and race.data.tracks["adam"].converged_at
    assert len(race.frame()) > 1000


def test_several_minima_of_ones_own_are_all_found():
    surface = own_surface(SURFACES["himmelblau"].fn, window=(-5, 5, -5, 5))
    np.testing.assert_allclose(sorted(surface.minima), sorted(SURFACES["himmelblau"].minima), atol=2e-3)


def test_a_flat_or_falling_function_is_shown_as_well():
    for fn in (lambda x, y: 3.0, lambda x, y: x - y):
        race = race_explorer(fn)
        race.advance(20)
        assert len(race.frame()) > 1000


@pytest.mark.parametrize(
    ("fn", "lowest"),
    [
        (lambda x, y: x + y, -6),
        (lambda x, y: -(x**2) - y**2, -18),
        (lambda x, y: 3.0, 3),
        (lambda x, y: (x - 3.01) ** 2 + y**2, 1e-4),  # its bottom lies just outside
    ],
)
def test_the_lowest_point_is_one_that_is_shown(fn, lowest):
    surface = own_surface(fn)
    assert all(-3 <= part <= 3 for point in surface.minima for part in point)
    assert surface.lowest == pytest.approx(lowest, abs=1e-6)


def test_outside_and_below_the_lowest_point_has_height_0():
    race = race_explorer(lambda x, y: x + y, start=(-2, -2))
    race.set(lr=0.1)
    race.advance(20)
    track = race.data.tracks["sgd"]
    assert track.height[0] == pytest.approx(2) and track.trajectory[-1].sum() < -7
    assert track.height[-1] == 0 and (np.diff(track.height) <= 0).all()


def without_return(x, y):
    x + y


@pytest.mark.parametrize(
    ("fn", "error", "sentence"),
    [
        (lambda x: x, TypeError, "does not take two"),
        (lambda x, y, z: x, TypeError, "does not take two"),
        (3, TypeError, "a function f.x, y. that returns one number, or one of bowl, ravine"),
        (without_return, ValueError, "without_return.x, y. returned None .* end with `return`"),
        (lambda x, y: np.log(x), ValueError, "is nan at x = .*finite"),
        (lambda x, y: math.log(x), ValueError, "failed at x = -3, y = -3: ValueError"),
        (lambda x, y: 1 / 0, ValueError, "ZeroDivisionError"),
        (lambda x, y: (x, y), ValueError, "should return one number .* got tuple"),
        (lambda x, y: "high", ValueError, "should return one number"),
        (lambda x, y: 1j, ValueError, "should return one number"),
        ("bowls", ValueError, "Did you mean 'bowl'"),
    ],
)
def test_a_bad_function_gets_a_sentence(fn, error, sentence):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error, match=sentence):
            race_explorer(fn)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (dict(start=3), "a pair"),
        (dict(start=(1, 2, 3)), "a pair"),
        (dict(start=(9, 0)), "x from -3 to 3 and y from -3 to 3; got .9, 0."),
        (dict(start=(math.nan, 0)), "should lie in the window"),
        (dict(window=(0, 1, 0)), "x low, x high"),
        (dict(window=(0, 1, 0, 2)), "1 wide and 2 high"),
        (dict(window=(1, 0, 1, 0)), "x low, x high"),
    ],
)
def test_a_bad_start_or_window_gets_a_sentence(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        race_explorer(bump, **options)


def test_where_a_function_has_no_value_the_descent_stops_with_a_sentence():
    race = race_explorer(lambda x, y: math.sqrt(x + 3.0001) - 0.01 * y, start=(-2.5, 0))
    race.set(lr=1.0)
    race.advance(200)
    assert race.data.tracks["sgd"].diverged_at
    assert "failed at x = " in race.data.sentence
    assert all(np.isfinite(track.trajectory).all() for track in race.data.tracks.values())
    assert len(race.frame()) > 1000


# ------------------------------------------------------------------------------------------------- Adam's inside


@pytest.mark.parametrize("kind", SIGNALS)
@pytest.mark.parametrize(("beta1", "beta2", "eps"), [(0.9, 0.999, 1e-8), (0.0, 0.5, 0.1), (0.99, 0.0, 1.0)])
def test_adam_is_what_its_formulas_say(kind, beta1, beta2, eps):
    d = adam_trace(kind, beta1, beta2, 0.01, eps, size=10.0, at=1)
    m = v = 0.0
    for t, g in enumerate(10 * signal(kind), start=1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        found = [10 * d.m[t - 1], 100 * d.v[t - 1], 10 * d.m_hat[t - 1], 100 * d.v_hat[t - 1]]
        np.testing.assert_allclose(found, [m, v, m_hat, v_hat], rtol=1e-10, atol=1e-12)
        assert d.step[t - 1] == pytest.approx(0.01 * m_hat / (math.sqrt(v_hat) + eps), abs=1e-14)
        assert d.raw_step[t - 1] == pytest.approx(0.01 * m / (math.sqrt(v) + eps), abs=1e-14)


def test_the_first_step_without_correction():
    """(1 - β1) / √(1 - β2) times as long, whatever the gradient."""
    for beta1, beta2 in [(0.9, 0.999), (0.9, 0.9999), (0.99, 0.99), (0.0, 0.0)]:
        d = adam_trace("noisy", beta1, beta2, 0.1, 0.0, 1.0, 1)
        assert d.first_ratio == pytest.approx((1 - beta1) / math.sqrt(1 - beta2))
        assert abs(d.step[0]) == pytest.approx(0.1), "the corrected one is as long as the learning rate"


def test_only_one_beta2_reaches_the_goal():
    explorer = adam_explorer()
    levels = explorer.controls["beta2"].levels
    assert [b for b in levels if explorer.goal.reached(explorer.compute(beta2=b))] == [0.9999]


def test_adams_steps_do_not_know_how_large_the_gradients_are():
    small, large = (adam_trace("sparse", 0.9, 0.999, 0.1, 0.0, size, 1) for size in (1.0, 1000.0))
    np.testing.assert_allclose(small.step, large.step, rtol=1e-12)


# ------------------------------------------------------------------------------------------------- the sweep


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_many_rates_at_once_are_many_runs(name):
    """A single run, with `step` of nnlab.scratch, for a few of the rates."""
    steps, diverged = sweep(name, 10, 0.9)
    slope = ROTATION @ np.diag([1, 0.1]) @ ROTATION.T
    for k in (5, 20, 26, 30, 38, 44):
        at = ROTATION @ [1.0, 1.0] + MINIMUM
        options = {"momentum": 0.9} if name in ("momentum", "nesterov") else {}
        opt = OPTIMIZERS[name].make({"at": at}, float(RATES[k]), **options)
        distance = [math.sqrt(2)]
        while len(distance) <= SWEEP_STEPS and distance[-1] < 1e7:
            opt.step({"at": slope @ (at - MINIMUM)})
            distance.append(float(np.linalg.norm(at - MINIMUM)))
        assert diverged[k] == (max(distance) > 1e6 * math.sqrt(2))
        last = max(t for t, far in enumerate(distance) if far > 0.01 * math.sqrt(2))
        assert steps[k] == (0 if diverged[k] or last == SWEEP_STEPS else last + 1)


def test_theory_of_gradient_descent():
    """At rate 2 / (1 + 1/k) the distance shrinks by (k - 1) / (k + 1) a step; from 2 on it grows.

    Where one of both directions dies out early, what is left begins at 1 / √2 of the distance."""
    for condition in (10, 50, 100):
        steps, diverged = sweep("sgd", condition, 0.0)
        assert diverged[RATES > 2.2].all() and not diverged[RATES < 2].any()
        best = int(steps[steps > 0].min())
        theory = math.log(100 / math.sqrt(2)) / math.log((condition + 1) / (condition - 1))
        assert theory <= best <= 1.25 * theory, "the best of a row of rates is close to the best of all"


def test_no_optimizer_overflows():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in OPTIMIZERS:
            for condition in (1, 150):
                sweep.__wrapped__(name, condition, 0.98)


def test_the_line_stands_at_the_rate_of_the_slider():
    assert [RATES[sweeps(10, 0.9, lr).rate_index] for lr in (1e-3, 1.0, 10.0)] == pytest.approx([1e-3, 1.0, 10.0])


def test_the_goal_of_the_sweep_needs_an_ill_conditioned_bowl():
    explorer = sweep_explorer()
    reached = [c for c in explorer.controls["condition"].levels if explorer.goal.reached(explorer.compute(condition=c))]
    assert reached and min(reached) >= 70
