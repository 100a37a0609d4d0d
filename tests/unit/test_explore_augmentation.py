"""The preview of transforms: what it draws is torchvision's, and nothing global is disturbed."""

import numpy as np
import torch

from nnlab.explore.augmentation import augment

STILL = dict(rotation=0, shift=0, zoom=0, flip=False, erase=False, noise=0, seed=0)


def test_without_any_transform_all_twelve_are_the_picture():
    d = augment("six", **STILL)
    assert d.variants.shape == (12, 1, 28, 28) and d.reads == [6] * 12
    np.testing.assert_allclose(d.variants, np.broadcast_to(d.picture, d.variants.shape), atol=1e-6)


def test_a_small_rotation_keeps_the_reading_and_a_large_one_makes_nines():
    for seed in range(3):
        assert set(augment("six", **STILL | {"rotation": 15, "seed": seed}).reads) == {6}
        assert 9 in augment("six", **STILL | {"rotation": 180, "seed": seed}).reads


def test_a_flip_mirrors_about_half_of_them():
    d = augment("rocket", **STILL | {"flip": True})
    mirrored = [np.allclose(v, d.picture[..., ::-1], atol=1e-6) for v in d.variants]
    kept = [np.allclose(v, d.picture, atol=1e-6) for v in d.variants]
    assert sum(mirrored) + sum(kept) == 12 and 1 <= sum(mirrored) <= 11 and d.reads == []


def test_erasing_and_noise_change_every_one_differently():
    for option in ({"erase": True}, {"noise": 0.2}):
        d = augment("two", **STILL | option)
        assert all(np.abs(v - d.picture).max() > 0.1 for v in d.variants)
        assert len({v.tobytes() for v in d.variants}) > 6


def test_the_seed_decides_and_the_global_generator_stays():
    torch.manual_seed(3)
    wanted = torch.rand(2)
    torch.manual_seed(3)
    first, again, other = (augment("face", **STILL | {"rotation": 40, "seed": seed}).variants for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert torch.equal(torch.rand(2), wanted)
