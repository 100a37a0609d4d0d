"""Differential privacy: what the Gaussian mechanism costs, by Renyi's divergence (Mironov, 2017).

A mechanism is (epsilon, delta)-private if, for every data set with one person more or less, no outcome becomes more
than e^epsilon times as likely, but for a probability of delta. Here it is a sum to which a person adds a vector of
length 1 at most, plus noise with standard deviation `noise` in each entry, repeated for some steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nnlab.checks import need_number, need_size

ORDERS = (*(1 + k / 10 for k in range(1, 100)), *range(11, 64), 80, 128, 256, 512)  # where epsilon is looked for


def gaussian_rdp(noise: float, order: float) -> float:
    """Renyi divergence of the given order between N(0, noise^2) and N(1, noise^2): order / (2 noise^2).

    Raises ValueError unless noise > 0 and order > 1. Source: Mironov (2017), Proposition 7."""
    noise, order = _checked(noise), need_number(order, "order", 1.0)
    if order == 1:
        raise ValueError("order should be above 1, got 1.")
    return order / (2 * noise**2)


def sampled_gaussian_rdp(noise: float, rate: float, order: int) -> float:
    """The same where each person takes part in a step only with probability `rate`, for a whole order a >= 2:

    log( sum_{k=0..a} (a over k) (1 - rate)^(a - k) rate^k e^{k (k - 1) / (2 noise^2)} ) / (a - 1)

    Raises ValueError unless noise > 0, 0 < rate <= 1. Source: Mironov, Talwar and Zhang (2019), Section 3.3."""
    noise, rate, a = _checked(noise), _rate(rate), need_size(order, "order", 2)
    if rate == 1:
        return gaussian_rdp(noise, a)
    k = np.arange(a + 1)
    choose = [math.lgamma(a + 1) - math.lgamma(j + 1) - math.lgamma(a - j + 1) for j in k]
    terms = choose + (a - k) * math.log1p(-rate) + k * math.log(rate) + k * (k - 1) / (2 * noise**2)
    top = terms.max()  # as in softmax: the greatest exponent is taken out, so that nothing overflows
    return float(top + math.log(np.exp(terms - top).sum())) / (a - 1)


def epsilon(noise: float, steps: int, delta: float, *, rate: float = 1.0, orders: Sequence[float] = ORDERS) -> float:
    """The epsilon that `steps` rounds cost at this delta: divergences add up, and every order gives a bound.

    min over a of  steps RDP(a) + log((a - 1) / a) - (log delta + log a) / (a - 1)

    An upper bound. rate: the probability of taking part in a step; below 1 only whole orders are used. Raises
    ValueError unless noise > 0, steps >= 1, 0 < delta < 1, 0 < rate <= 1. Source: Mironov (2017); the last step by
    Canonne, Kamath and Steinke (2020), Proposition 12."""
    noise, steps, rate = _checked(noise), need_size(steps, "steps"), _rate(rate)
    delta = need_number(delta, "delta", 0.0, below=1.0)
    if delta == 0:
        raise ValueError("delta should be above 0: Gaussian noise is private but for a small probability.")
    found = []
    for a in orders if rate == 1 else sorted({int(a) for a in orders if a >= 2}):
        rdp = gaussian_rdp(noise, a) if rate == 1 else sampled_gaussian_rdp(noise, rate, int(a))
        found.append(steps * rdp + math.log((a - 1) / a) - (math.log(delta) + math.log(a)) / (a - 1))
    if not found:
        raise ValueError("orders should hold at least one number above 1, or below rate 1 a whole one of at least 2.")
    return max(0.0, min(found))


def gaussian_delta(noise: float, steps: int, epsilon: float) -> float:
    """The exact delta of `steps` rounds without sampling, the closed form that checks the accountant:

    Phi(1 / (2 s) - epsilon s) - e^epsilon Phi(-1 / (2 s) - epsilon s),  s = noise / sqrt(steps)

    Source: Balle and Wang (2018), Theorem 8."""
    s = _checked(noise) / math.sqrt(need_size(steps, "steps"))
    epsilon = need_number(epsilon, "epsilon")

    def phi(z: float) -> float:
        return math.erfc(-z / math.sqrt(2)) / 2

    tail = phi(-1 / (2 * s) - epsilon * s)
    return phi(1 / (2 * s) - epsilon * s) - (math.exp(epsilon + math.log(tail)) if tail else 0.0)  # e^710 overflows


def _checked(noise: float) -> float:
    noise = need_number(noise, "noise")
    if noise == 0:
        raise ValueError("noise should be above 0: without noise nothing is hidden, and epsilon is infinite.")
    if not 1e-100 < noise < 1e100:
        raise ValueError(f"noise should be from 1e-100 to 1e100, beyond which its square is no number; got {noise:g}.")
    return noise


def _rate(rate: float) -> float:
    rate = need_number(rate, "rate", 0.0, 1.0)
    if rate == 0:
        raise ValueError("rate should be above 0: nobody would ever take part.")
    return rate
