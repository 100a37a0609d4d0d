"""Chapter 18, Transfer learning: what its explorers compute is true."""

import numpy as np
import pytest
import torch

from nnlab.chapters.c18_transfer import neighbours_explorer as neighbours
from nnlab.chapters.c18_transfer import start_explorer as start
from nnlab.chapters.c18_transfer import unfreezing_explorer as unfreezing
from nnlab.datasets import emoji, picture_features, tuning_runs
from nnlab.datasets.pictures import emoji_split
from nnlab.datasets.trained import TUNING
from nnlab.pytorch.backbone import FEATURES, efficientnet_lite0

# ------------------------------------------------------------------------------------------------- neighbours


@pytest.mark.parametrize("measure", neighbours.MEASURES)
@pytest.mark.parametrize("space", ["pixels", "features"])
def test_the_nearest_are_the_nearest(space, measure):
    x = (emoji().images.reshape(1906, -1) / 255.0) if space == "pixels" else picture_features().astype(float)
    rows, _, test = emoji_split()
    for i in (0, 140, 477):
        if measure == "angle":
            gap = 1 - x[rows] @ x[test[i]] / np.linalg.norm(x[rows], axis=1) / np.linalg.norm(x[test[i]])
        else:
            gap = np.linalg.norm(x[rows] - x[test[i]], axis=1)
        wanted = np.sort(gap)[: neighbours.MOST]
        found = neighbours.ranking(space, measure)[i]
        place = {row: k for k, row in enumerate(rows)}
        np.testing.assert_allclose(gap[[place[row] for row in found]], wanted, atol=1e-3)


def test_a_vote_is_counted():
    labels, test = emoji().labels, emoji_split()[2]
    for k in (1, 4, 15):
        right = []
        for near, truth in zip(neighbours.ranking("features", "angle"), labels[test], strict=True):
            votes = labels[near[:k]].tolist()
            most = max(map(votes.count, votes))
            equal = {c for c in votes if votes.count(c) == most}
            right.append(truth in equal if len(equal) > 1 else truth == equal.pop())
            if len(equal) > 1 and k == 1:
                raise AssertionError("one vote has no equals")
        assert neighbours.accuracy("features", "angle", k) <= np.mean(right) + 1e-9
        if k == 1:
            assert neighbours.accuracy("features", "angle", 1) == pytest.approx(np.mean(right))


def test_features_are_worth_more_than_pixels():
    for measure in neighbours.MEASURES:
        for k in range(1, neighbours.MOST + 1):
            d = neighbours.neighbours(0, measure, k)
            assert d.accuracy["features"] > d.accuracy["pixels"] + 0.05


def test_no_neighbour_is_a_test_picture():
    rows = set(emoji_split()[0].tolist())
    d = neighbours.neighbours(200, "angle", 3)
    assert all(set(near.tolist()) <= rows for near in d.near.values()) and d.query in emoji_split()[2]
    for space, near in d.near.items():
        assert (emoji().labels[near] == emoji().labels[d.query]).tolist() == d.same[space].tolist()


# ------------------------------------------------------------------------------------------------- unfreezing


def test_the_costs_are_the_networks():
    net, counted = efficientnet_lite0(weights=False), {}
    for name, module in net.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            module.register_forward_hook(
                lambda m, _, y, name=name: counted.update({name: y[0].numel() * m.weight[0].numel()})
            )
    with torch.inference_mode():
        net(torch.zeros(1, 3, 64, 64))
    assert sum(counted.values()) / 1e6 == pytest.approx(unfreezing.FORWARD, abs=0.1)
    for layers, parameters in unfreezing.PARAMETERS.items():
        n = 0 if layers == "none" else int(layers)
        last = dict(list(net.named_children())[len(net) - n :])
        assert parameters == sum(p.numel() for m in last.values() for p in m.parameters()) + 9 * FEATURES + 9
        trained = sum(count for name, count in counted.items() if name.split(".")[0] in last) / 1e6
        assert trained == pytest.approx(unfreezing.TRAINED[layers], abs=0.1)


def test_every_setting_is_looked_up_where_it_was_stored():
    runs = tuning_runs()
    for i, n in enumerate(TUNING["layers"]):
        for j, rate in enumerate(TUNING["rates"]):
            d = unfreezing.unfreezing(str(n), f"{rate:g}")
            np.testing.assert_array_equal(d.curves, runs.grid_curve[i, j])
            np.testing.assert_array_equal(d.test, runs.grid_test[i, j])
            assert d.validation[d.here] == pytest.approx(runs.grid_kept[i, j].mean())
    d = unfreezing.unfreezing("none", unfreezing.RATES[0])
    np.testing.assert_array_equal(d.curves, runs.head_curve[:, -5:])
    assert d.validation[d.here] == pytest.approx(runs.head_kept.mean()) and len(d.validation) == 10


# ------------------------------------------------------------------------------------------------- start


def test_the_pictures_needed_lie_between_the_points():
    for name, values in zip(start.STARTS, tuning_runs().sizes.mean(axis=2), strict=True):
        for n, value in zip(start.pictures_in_all(), values, strict=True):
            assert start.needed(value, name) == pytest.approx(n, rel=1e-6)
        between = start.needed((values[1] + values[2]) / 2, name)
        assert between == pytest.approx(np.sqrt(180 * 360), rel=1e-6)
        assert start.needed(values[-1] + 0.01, name) is None and start.needed(0.1, name) == pytest.approx(90)


def test_what_the_runs_show():
    """Over three seeds: from random weights to frozen features to tuned layers; the claims of the chapter."""
    scratch, frozen, tuned = tuning_runs().sizes
    assert frozen[-1].min() >= 0.78 and tuned[-1].mean() >= 0.8 and scratch[-1].mean() < 0.7
    assert tuned[-1].mean() > frozen[-1].mean() and (frozen.mean(axis=1) > scratch.mean(axis=1) + 0.08).all()
