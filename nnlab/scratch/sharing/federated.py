"""Federated learning: data stay with their owners, and only parameters travel. A state is a dict of arrays by name, as
`net.state_dict()` gives it. McMahan et al. (2017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nnlab.checks import (
    Array,
    as_array,
    as_float,
    describe,
    need_axes,
    need_integers,
    need_number,
    need_rng,
    need_shape,
    need_size,
)

from ..clip import grad_norm

State = Mapping[str, Array]


def fedavg(states: Sequence[State], sizes: Sequence[float] | Array) -> dict[str, Array]:
    """The average of the clients' parameters, each client weighted by its number of examples, as new arrays:

    w = sum_k n_k w_k / sum_k n_k

    states: K states of equal names and shapes; sizes: (K,), the n_k, not negative and not all 0. A client without
    examples counts for nothing, whatever its state holds. Raises ValueError for no client, another number of sizes, a
    negative or infinite size, for names or shapes that differ, and for a state that is not finite: it would spoil all.
    Source: FederatedAveraging, McMahan et al. (2017)."""
    states = list(states)
    n = as_float(sizes, "sizes").astype(np.float64)
    if not states:
        raise ValueError("fedavg needs the state of at least one client, got none.")
    need_shape(n, (len(states),), "sizes, one number a client,")
    if not np.isfinite(n).all() or n.min() < 0 or n.sum() == 0:
        raise ValueError(f"sizes should be finite, at least 0 and not all 0; got {n.tolist()}.")
    _alike(states)
    taking_part = [(k, share, states[k]) for k, share in enumerate(n / n.sum()) if share > 0]
    for k, _, state in taking_part:
        for name, value in state.items():
            if not np.isfinite(as_float(value, name)).all():
                raise ValueError(f"{name} of client {k} is not finite: leave that client out of this round.")
    return {name: sum(share * as_float(s[name], name) for _, share, s in taking_part) for name in states[0]}


def difference(state: State, start: State) -> dict[str, Array]:
    """A client's update: its parameters less those it began with, by name. Raises ValueError unless both are alike."""
    _alike([start, state])
    return {name: as_float(state[name], name) - as_float(start[name], name) for name in start}


def add_proximal_(grads: State, params: State, start: State, mu: float) -> None:
    """Add FedProx's pull to the gradients, in place: the gradient of mu / 2 |w - w_start|^2 is mu (w - w_start).

    grads, params, start: equal names and shapes; mu >= 0. Raises ValueError otherwise, TypeError for gradients that are
    no floating arrays and could not be changed in place. Li et al. (2020)."""
    mu = need_number(mu, "mu")
    _alike([start, params, grads])
    for name, g in grads.items():
        if not isinstance(g, np.ndarray) or g.dtype.kind != "f" or not g.flags.writeable:
            raise TypeError(
                f"The gradient of {name} should be a floating array that may be changed, got {describe(g)}."
            )
        g += mu * (params[name] - start[name])


def clip_update(update: State, limit: float) -> dict[str, Array]:
    """The update, no longer than limit: u min(1, limit / |u|), |u| its length over all arrays. New arrays.

    Raises ValueError for a limit that is not positive or an update that is not finite: no factor makes it finite."""
    limit = _positive(limit, "limit")
    _alike([update])
    update = {name: as_float(value, name) for name, value in update.items()}
    length = grad_norm(update)
    if not np.isfinite(length):
        raise ValueError(f"The update has length {length}: leave that client out of this round.")
    factor = min(1.0, limit / length) if length else 1.0
    return {name: factor * u for name, u in update.items()}


def private_mean(updates: Sequence[State], limit: float, noise: float, *, rng: np.random.Generator) -> dict[str, Array]:
    """The mean of K clipped updates, with noise that hides each client:

    (sum_k clip(u_k, limit) + N(0, (noise limit)^2)) / K

    noise is the noise multiplier: the standard deviation in units of `limit`, the most that one client can add to the
    sum. Raises ValueError for no update, updates that are not alike, a limit not above 0, or noise below 0. Source:
    DP-FedAvg, McMahan et al. (2018)."""
    updates = list(updates)
    if not updates:
        raise ValueError("private_mean needs at least one update, got none.")
    _alike(updates)
    noise = need_number(noise, "noise")
    need_rng(rng)
    clipped = [clip_update(update, limit) for update in updates]
    return {
        name: (sum(u[name] for u in clipped) + rng.normal(0, noise * limit, np.shape(first))) / len(updates)
        for name, first in updates[0].items()
    }


def dirichlet_split(labels: Array, clients: int, alpha: float, *, rng: np.random.Generator) -> list[Array]:
    """Rows of a data set dealt to clients that may be unlike: of each class, client k gets the share p_k, and
    p ~ Dirichlet(alpha, ..., alpha) is drawn for every class.

    alpha large: every client has every class alike. alpha near 0: each class belongs to one client. labels: (N,) class
    numbers -> one array of row numbers a client, in rising order; some may be empty. Raises ValueError unless clients
    >= 1 and alpha is positive and finite. Source: Hsu, Qi and Brown (2019)."""
    labels = need_integers(labels, "labels", 2**31)
    need_axes(labels, "N", "labels")
    need_size(clients, "clients")
    alpha = _positive(alpha, "alpha")
    need_rng(rng)
    dealt: list[list[Array]] = [[] for _ in range(clients)]
    for k in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == k))
        # of Gamma variables; if all are 0, which a tiny alpha rounds them to, one client gets the class
        shares = rng.gamma(min(alpha, 1e100), size=clients)  # all equal there, and their sum still a number
        shares = shares / shares.sum() if shares.sum() > 0 else np.eye(clients)[rng.integers(clients)]
        ends = np.round(np.cumsum(shares)[:-1] * len(rows)).astype(int)
        for mine, part in zip(dealt, np.split(rows, ends), strict=True):
            mine.append(part)
    return [np.sort(np.concatenate(parts)) if parts else np.zeros(0, int) for parts in dealt]


def _positive(value: float, name: str) -> float:
    value = need_number(value, name)
    if not 0 < value < np.inf:
        raise ValueError(f"{name} should be a finite number above 0, got {value:g}.")
    return value


def _alike(states: Sequence[State]) -> None:
    """Raise TypeError or ValueError unless all are dicts of arrays with the first one's names and shapes."""
    for state in states:
        if not isinstance(state, Mapping):
            raise TypeError(f"A state should be a dict of arrays by name, got {describe(state)}.")
        if state.keys() != states[0].keys():
            raise ValueError(f"All states should have the names {sorted(states[0])}, got {sorted(state)}.")
        for name, value in state.items():
            need_shape(as_array(value, name), as_array(states[0][name], name).shape, name)
