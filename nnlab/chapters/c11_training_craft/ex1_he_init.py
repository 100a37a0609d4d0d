"""Exercise 11.1: He initialisation."""

from typing import Any

import numpy as np

from nnlab.chapters.c11_training_craft._ex1_answers import ALSO_RIGHT, WRONG
from nnlab.exercises.exercise import Case, Exercise


def _drawn(objects: Any, name: str, shape: tuple[int, ...], gain: float, seed: int = 0) -> np.ndarray:
    return np.asarray(getattr(objects, name)(shape, gain, np.random.default_rng(seed)), float)


def _shape(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> tuple[int, ...]:
    return _drawn(objects, name, shape, gain).shape


def _mean(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> float:
    return float(_drawn(objects, name, shape, gain).mean())


def _std(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> float:
    return float(_drawn(objects, name, shape, gain).std())


def _greatest(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> float:
    return float(np.abs(_drawn(objects, name, shape, gain)).max())


def _share_within_one_std(objects: Any, name: str, shape: tuple[int, ...], gain: float) -> float:
    w = _drawn(objects, name, shape, gain)
    return float((np.abs(w - w.mean()) < w.std()).mean())


def _two_layers_alike(objects: Any, name: str, shape: tuple[int, ...]) -> bool:
    """Whether two layers drawn from one generator, one after the other, are the same."""
    rng, make = np.random.default_rng(0), getattr(objects, name)
    return bool(np.array_equal(np.asarray(make(shape, 1.0, rng)), np.asarray(make(shape, 1.0, rng))))


def _same_seed_alike(objects: Any, name: str, shape: tuple[int, ...]) -> bool:
    return bool(np.array_equal(_drawn(objects, name, shape, 1.0), _drawn(objects, name, shape, 1.0)))


EXERCISE = Exercise(
    id="11.1",
    title="He initialisation",
    stub='''
        def he_normal(shape, gain, rng):
            """Return normal random weights with mean 0 and standard deviation gain / sqrt(fan_in).
            shape: (fan_out, fan_in), or (out_channels, in_channels, height, width) of a convolution"""
            ...  # your code


        def he_uniform(shape, gain, rng):
            """The same mean and standard deviation, but uniform between -bound and bound: what is bound?"""
            ...  # your code
        ''',
    hints=[
        "How many numbers does one output add up? For a convolution: how many pixels of how many channels? And how "
        "large is the standard deviation of uniform numbers between -1 and 1?",
        """
        fan_in = product of shape[1:]
        normal:   std = gain / sqrt(fan_in)
        uniform:  std = bound / sqrt(3), so bound = sqrt(3) · gain / sqrt(fan_in)
        """,
        """
        def he_normal(shape, gain, rng):
            fan_in = np.prod(shape[___:])
            return rng.normal(0, ___, shape)

        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(___ / np.prod(shape[___:]))
            return rng.uniform(___, bound, shape)
        """,
    ],
    solution="""
        def he_normal(shape, gain, rng):
            return rng.normal(0, gain / np.sqrt(np.prod(shape[1:])), shape)

        def he_uniform(shape, gain, rng):
            bound = gain * np.sqrt(3 / np.prod(shape[1:]))
            return rng.uniform(-bound, bound, shape)
        """,
    cases=[
        Case("he_normal: the shape", _shape, ("he_normal", (3, 5), 1.0), expected=(3, 5), hint=3),
        Case(
            "standard deviation for 100 inputs, 400 outputs, gain 1",
            _std,
            ("he_normal", (400, 100), 1.0),
            expected=0.1,
            hint=2,
            rtol=0.03,
        ),
        Case("mean", _mean, ("he_normal", (400, 100), 1.0), expected=0.0, hint=3, atol=0.004),
        Case(
            "it is normal: 68% of the weights are within one standard deviation",
            _share_within_one_std,
            ("he_normal", (400, 100), 1.0),
            expected=0.683,
            hint=3,
            atol=0.02,
        ),
        Case(
            "standard deviation with ReLU's gain",
            _std,
            ("he_normal", (400, 100), float(np.sqrt(2))),
            expected=0.1414,
            hint=2,
            rtol=0.03,
        ),
        Case(
            "a convolution: 4 channels of 5 x 3 pixels are 60 inputs",
            _std,
            ("he_normal", (400, 4, 5, 3), 1.0),
            expected=0.1291,
            hint=2,
            rtol=0.03,
        ),
        Case(
            "two layers drawn one after the other differ",
            _two_layers_alike,
            ("he_normal", (3, 5)),
            expected=False,
            hint=3,
        ),
        Case("the same seed, the same weights", _same_seed_alike, ("he_normal", (3, 5)), expected=True, hint=3),
        Case("he_uniform: the shape", _shape, ("he_uniform", (3, 5), 1.0), expected=(3, 5), hint=3),
        Case(
            "he_uniform: the same standard deviation",
            _std,
            ("he_uniform", (200, 100), 1.0),
            expected=0.1,
            hint=2,
            rtol=0.03,
        ),
        Case("he_uniform: mean", _mean, ("he_uniform", (200, 100), 1.0), expected=0.0, hint=3, atol=0.004),
        Case(
            "he_uniform: the largest weight is the bound, 0.1 · √3",
            _greatest,
            ("he_uniform", (200, 100), 1.0),
            expected=0.1732,
            hint=2,
            rtol=0.01,
        ),
        Case(
            "he_uniform: standard deviation with gain 2",
            _std,
            ("he_uniform", (200, 100), 2.0),
            expected=0.2,
            hint=2,
            rtol=0.03,
        ),
        Case(
            "he_uniform: standard deviation of a convolution of 60 inputs",
            _std,
            ("he_uniform", (400, 4, 5, 3), 1.0),
            expected=0.1291,
            hint=2,
            rtol=0.03,
        ),
        Case(
            "he_uniform: two layers drawn one after the other differ",
            _two_layers_alike,
            ("he_uniform", (3, 5)),
            expected=False,
            hint=3,
        ),
        Case(
            "he_uniform: the same seed, the same weights",
            _same_seed_alike,
            ("he_uniform", (3, 5)),
            expected=True,
            hint=3,
        ),
    ],
    wrong=WRONG,
    also_right=ALSO_RIGHT,
)
