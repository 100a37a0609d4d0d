"""The pole on the cart: Gymnasium's CartPole-v1 for many carts at once, in NumPy.

A state is (x, speed of the cart, angle of the pole, speed of the angle) in metres, radians and seconds. Twin:
`gymnasium.make("CartPole-v1")`, whose formulas (Barto, Sutton and Anderson, 1983) these are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import as_float, need_axes, need_last, need_size

Array = NDArray[Any]
Policy = Callable[[Array], Array]  # states (N, 4) -> actions (N,), 0 to the left, 1 to the right
GRAVITY, CART, POLE, HALF, FORCE, TICK = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02  # HALF: of the pole's length
EDGE, TILT, LONGEST = 2.4, 12 * np.pi / 180, 500  # where an episode ends


def start(n: int, rng: np.random.Generator) -> Array:
    """n states (n, 4), all four numbers uniform from -0.05 to 0.05."""
    return rng.uniform(-0.05, 0.05, (need_size(n, "n"), 4))


def step(state: Array, action: Array) -> Array:
    """The states 0.02 seconds later, by Euler's method. state: (N, 4); action: (N,), 0 or 1, a push of 10 N."""
    _, v, angle, w = state.T
    total, c, s = CART + POLE, np.cos(angle), np.sin(angle)
    push = (np.where(action == 1, FORCE, -FORCE) + POLE * HALF * w**2 * s) / total
    turn = (GRAVITY * s - c * push) / (HALF * (4 / 3 - POLE * c**2 / total))
    along = push - POLE * HALF * turn * c / total
    return state + TICK * np.stack([v, along, w, turn], axis=1)


def fallen(state: Array) -> Array:
    """Whether the cart has left +-2.4 m or the pole +-12 degrees, (N,)."""
    return (np.abs(state[:, 0]) > EDGE) | (np.abs(state[:, 2]) > TILT)


def lengths(policy: Policy, state: Array, longest: int = LONGEST) -> Array:
    """For how many steps a policy keeps each pole up, at most `longest`. state: (N, 4), where they start -> (N,).

    Raises ValueError unless state has the shape (N, 4)."""
    state = as_float(state, "state")
    need_axes(state, "N features", "state")
    need_last(state, 4, "a state has four numbers", "state")
    steps, alive = np.zeros(len(state), int), np.arange(len(state))
    for _ in range(longest):
        if not len(alive):
            break
        state = step(state, policy(state))
        steps[alive] += 1  # the step in which it falls counts, as in Gymnasium
        left = ~fallen(state)
        state, alive = state[left], alive[left]
    return steps


def rule(state: Array) -> Array:
    """The one-line rule: push to where the pole leans and turns, angle + speed of the angle > 0."""
    return (state[:, 2] + state[:, 3] > 0).astype(int)
