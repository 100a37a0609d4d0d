"""Chapter 21, Deployment: what its explorers compute is true."""

import numpy as np
import pytest

from nnlab.chapters.c21_deployment import drift_explorer as drifting
from nnlab.chapters.c21_deployment import load_explorer as loading
from nnlab.chapters.c21_deployment import quantising_explorer as quantising
from nnlab.chapters.c21_deployment.queueing import CALL, ROW, capacity, simulate
from nnlab.datasets import mnist, trained_cnn

# ------------------------------------------------------------------------------------------------- the queue


def test_a_lone_request_takes_one_call_and_all_are_answered_in_order():
    quiet = simulate(1, 1)
    assert np.median(quiet.latency) == pytest.approx(CALL + ROW) and quiet.busy < 0.01
    for most, wait in ((1, 0.0), (4, 0.0), (16, 3.0)):
        d = simulate(700, most, wait)
        assert d.sizes.sum() == len(d.latency) == 2000 and d.sizes.max() <= most
        assert d.latency.min() >= CALL + ROW - 1e-9


def test_waiting_times_are_those_of_the_textbook():
    """M/D/1: the mean wait is rho s / (2 (1 - rho)). 2,000 requests give it within a fifth at half load."""
    waits = [simulate(500, 1, seed=s).latency.mean() - (CALL + ROW) for s in range(12)]
    rho, s = 0.5 * 1.1, 1.1
    assert np.mean(waits) == pytest.approx(rho * s / (2 * (1 - rho)), rel=0.2)


def test_batches_raise_the_capacity_and_waiting_costs():
    assert capacity(1) == pytest.approx(909.1, abs=0.1) and capacity(32) > 8 * capacity(1)
    assert simulate(1200, 1).quantile(0.99) > 100 > simulate(1200, 2).quantile(0.99)
    assert simulate(100, 16, 10.0).quantile(0.5) == pytest.approx(10 + CALL + 2 * ROW, abs=0.5)
    assert (np.diff(loading.curve(1, 0.0)[1]) > 0).all()


# ------------------------------------------------------------------------------------------------- quantising


def test_the_grid_is_the_formula():
    w = np.array([[0.5, -1.0, 0.24], [0.1, 0.02, -0.05]])
    whole, scale = quantising.quantised(w, 3, False)
    assert scale.tolist() == [[1 / 3]] and np.allclose(whole[0], [2 / 3, -1, 1 / 3]) and not whole[1].any()
    each, scales = quantising.quantised(w, 3, True)
    np.testing.assert_allclose(scales.ravel(), [1 / 3, 0.1 / 3])
    np.testing.assert_allclose(each[1], [0.1, 0.1 / 3, -0.2 / 3])  # -1.5 steps: the even one
    for bits in range(2, 9):
        rounded, s = quantising.quantised(w, bits, True)
        assert (np.abs(rounded - w) <= s / 2 + 1e-12).all()


def test_the_accuracy_is_the_networks():
    x, labels = mnist("test")
    logits = trained_cnn()((x[:500] / 255).astype(np.float32)[:, None])
    assert quantising.quantising(8, quantising.SCALES[0]).before == np.mean(logits.argmax(axis=1) == labels[:500])


def test_few_bits_suffice_and_two_do_not():
    found = {(b, s): quantising.quantising(b, s) for b in range(2, 9) for s in quantising.SCALES}
    assert all(d.accuracy > 0.97 for (b, _), d in found.items() if b >= 3)
    one, each = (found[2, s].accuracy for s in quantising.SCALES)
    assert one < 0.7 < 0.8 < each
    assert all(found[b, quantising.SCALES[1]].error < found[b, quantising.SCALES[0]].error for b in range(2, 9))


# ------------------------------------------------------------------------------------------------- drift


def test_without_drift_small_windows_alarm_and_large_ones_do_not():
    def alarms(window):
        return np.mean([bool(drifting.drift(0, 0, 0.5, window, seed).alarms) for seed in range(21)])

    assert alarms(50) > 0.3 and alarms(500) == 0 == alarms(2000)
    accuracy = np.mean([drifting.drift(0, 0, 0.5, 2000, seed).accuracy for seed in range(21)])
    assert accuracy == pytest.approx(0.885, abs=0.01)


def test_alarm_and_harm_are_two_things():
    harmless = drifting.drift(0, 1.5, 0.5, 1000, 0)
    assert harmless.alarms == ["feature 2"] and harmless.accuracy > 0.86
    hidden = drifting.drift(1.4, 0, 0.2, 1000, 0)
    assert "confidence" not in hidden.alarms and hidden.accuracy < 0.75
