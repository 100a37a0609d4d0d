"""Windows of a series: what they hold, and the sentences for what leaks or has no regular hours."""

from __future__ import annotations

import numpy as np
import pytest

from nnlab.datasets import electricity, refuse_leak, windows
from nnlab.datasets.time_series import SeriesWindows, need_hours

T0 = np.datetime64("2014-01-01T00")


def hours(count, first=T0):
    return first + np.arange(count)


def refused(function, *args, error=ValueError, **keywords):
    with pytest.raises(error) as caught:
        function(*args, **keywords)
    text = str(caught.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 240, text
    return text


def test_every_place_is_a_question():
    w = windows(np.arange(10.0), 3, 2)
    assert w.x.shape == (6, 3) and w.y.shape == (6, 2)
    assert w.start.tolist() == [3, 4, 5, 6, 7, 8]
    for x, y, s in zip(w.x, w.y, w.start, strict=True):
        assert x.tolist() == [s - 3, s - 2, s - 1] and y.tolist() == [s, s + 1]
    assert w.targets().tolist() == list(range(3, 10)) and w.inputs().tolist() == list(range(8))


def test_gap_and_step():
    w = windows(np.arange(20.0), 4, 2, gap=3, step=5)
    assert w.start.tolist() == [7, 12, 17] and w.x[0].tolist() == [0, 1, 2, 3] and w.y[0].tolist() == [7, 8]
    assert w.inputs().tolist() == [*range(0, 4), *range(5, 9), *range(10, 14)]


def test_windows_are_copies():
    series = np.arange(10.0)
    w = windows(series, 3, 2)
    w.x[:], w.y[:] = -1, -1
    assert series.tolist() == list(range(10))


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_a_split_shares_no_target_and_leaves_out_what_stands_on_both_sides(horizon):
    w = windows(np.arange(50.0), 4, horizon)
    train, validation, test = w.split(20, 35)
    assert train.targets().max() < 20 <= validation.targets().min()
    assert validation.targets().max() < 35 <= test.targets().min()
    assert len(w.start) - sum(len(p.start) for p in (train, validation, test)) == 2 * (horizon - 1)
    assert test.inputs().min() < 35, "a test window may read what came before"


def test_split_refuses():
    w = windows(np.arange(50.0), 4, 3)
    assert "should rise" in refused(w.split, 30, 20)
    assert "part 1 has no window" in refused(w.split, 4)
    assert "part 2 has no window" in refused(w.split, 49)


def test_a_random_split_leaks_and_the_sentence_says_where():
    w = windows(np.arange(100.0), 5, 2)
    mask = np.random.default_rng(0).random(len(w.start)) < 0.3
    text = refused(refuse_leak, w.take(~mask), w.take(mask))
    assert "tested values are targets in training too" in text and "cut in time" in text
    assert refuse_leak(*w.split(60)) is None


def test_other_leaks():
    w = windows(np.arange(100.0), 5, 2, step=2)
    early, late = w.take(w.start < 40), w.take(w.start > 60)
    assert "trained on what comes after it" in refused(refuse_leak, late, early)
    one = windows(np.arange(100.0), 5, 1, gap=4)
    text = refused(refuse_leak, one.take(one.start > 30), one.take(np.arange(len(one.start)) == 0))
    assert "tested values" in text or "reach to" in text
    by_first = windows(np.arange(30.0), 4, 3)
    before = by_first.start < 20
    assert "targets in training too, the first at 20" in refused(
        refuse_leak, by_first.take(before), by_first.take(~before)
    )


def test_inputs_that_are_tested():
    train = SeriesWindows(np.zeros((1, 3)), np.zeros((1, 1)), np.array([6]))  # reads 3, 4, 5
    test = SeriesWindows(np.zeros((1, 3)), np.zeros((1, 1)), np.array([4]))
    assert "are inputs in training too" in refused(refuse_leak, train, test)


def test_what_windows_refuses():
    series = np.arange(30.0)
    assert "gap=-1 leaks" in refused(windows, series, 4, 2, gap=-1)
    assert "at least 34 values, got 30" in refused(windows, series, 10, 24)
    assert "gap 5" in refused(windows, series, 10, 20, gap=5)
    assert "NaN" in refused(windows, np.where(series == 7, np.nan, series), 4) and "at 7" in refused(
        windows, np.where(series == 7, np.nan, series), 4
    )
    assert "one row of numbers" in refused(windows, series.reshape(5, 6), 4)
    refused(windows, series, 0)
    refused(windows, series, 4, 2.5, error=TypeError)
    refused(windows, ["a", "b"], 1, error=TypeError)
    refused(windows, np.ma.masked_array(series, series > 9), 2, error=TypeError)
    assert "one entry for each" in refused(windows, series, 4, hours=hours(29))


def test_hours_that_are_not_regular():
    good = hours(48)
    assert np.array_equal(need_hours(good, 48), good)
    assert "3 hours are missing after 2014-01-01T04" in refused(need_hours, np.delete(good, [5, 6, 7]), 45)
    twice = np.insert(good, 5, good[5])
    assert "2014-01-01T05 stands twice:" in refused(need_hours, twice, 49)
    assert "sort the series" in refused(need_hours, good[::-1], 48)
    assert "NaT" in refused(need_hours, np.where(good == good[3], np.datetime64("NaT"), good), 48)
    refused(need_hours, np.arange(48), 48, error=TypeError)
    assert "2 such places" in refused(need_hours, np.delete(good, [5, 20]), 46)


def test_a_change_of_clocks_is_named():
    spring = hours(48, np.datetime64("2014-03-30T00"))
    assert "clocks went forward" in refused(need_hours, np.delete(spring, 1), 47)
    autumn = hours(48, np.datetime64("2014-10-26T00"))
    assert "clocks went back" in refused(need_hours, np.insert(autumn, 1, autumn[1]), 49)
    tuesday = hours(48, np.datetime64("2014-03-25T00"))
    assert "clocks" not in refused(need_hours, np.delete(tuesday, 1), 47)


def test_the_electricity_is_regular():
    found, load = electricity()
    w = windows(load, 168, 24, step=24, hours=found)
    assert len(w.start) == 1089 and np.isfinite(w.x).all()


def test_a_part_without_windows_is_refused():
    found = windows(np.arange(40.0), 4, 2)
    with pytest.raises(ValueError, match="at least one window"):
        refuse_leak(found.take(slice(0, 0)), found)
