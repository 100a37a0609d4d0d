"""The formulas of the learning-rate schedules: each a pure function of the step, an epoch or a batch as you call it."""

from __future__ import annotations

import math


def step_lr(step: int, lr: float, step_size: int, gamma: float = 0.1) -> float:
    """lr gamma^floor(step / step_size): lr times gamma after every step_size steps."""
    return lr * gamma ** (step // step_size)


def exponential_lr(step: int, lr: float, gamma: float) -> float:
    """lr gamma^step: lr times gamma after every step."""
    return lr * gamma**step


def cosine_annealing_lr(step: int, lr: float, T_max: int, eta_min: float = 0.0) -> float:
    """eta_min + (lr - eta_min) (1 + cos(pi step / T_max)) / 2: from lr to eta_min in T_max steps, then back up.

    Source: Loshchilov & Hutter 2017."""
    return eta_min + (lr - eta_min) * (1 + math.cos(math.pi * step / T_max)) / 2


def linear_warmup(
    step: int, lr: float, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
) -> float:
    """lr (start_factor + (end_factor - start_factor) min(step / total_iters, 1)): a rise to lr, or to a share of it."""
    return lr * (start_factor + (end_factor - start_factor) * min(step / total_iters, 1))


def cyclic_lr(
    step: int,
    base_lr: float,
    max_lr: float,
    step_size_up: int = 2000,
    step_size_down: int | None = None,
    mode: str = "triangular",
    gamma: float = 1.0,
) -> float:
    """Up from base_lr to max_lr in step_size_up steps, down again in step_size_down, and so on. Source: Smith 2017.

    The height of a peak stays ("triangular"), halves from cycle to cycle ("triangular2") or shrinks by gamma at each
    step ("exp_range")."""
    down = step_size_up if step_size_down is None else step_size_down
    cycle, place = divmod(step, step_size_up + down)
    height = place / step_size_up if place <= step_size_up else 1 - (place - step_size_up) / down
    scale = {"triangular": 1.0, "triangular2": 0.5**cycle, "exp_range": gamma**step}[mode]
    return base_lr + (max_lr - base_lr) * height * scale


def one_cycle_lr(
    step: int,
    max_lr: float,
    total_steps: int,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> float:
    """Up from max_lr / div_factor to max_lr in the first pct_start of the steps, then down to almost nothing.

    The last rate is max_lr / div_factor / final_div_factor. Source: Smith & Topin 2019."""
    first = max_lr / div_factor
    top, end = pct_start * total_steps - 1, total_steps - 1  # the steps of the largest and of the last rate
    if step < top:
        start, stop, share = first, max_lr, step / top
    else:
        start, stop, share = max_lr, first / final_div_factor, min((step - top) / max(end - top, 1e-12), 1)
    if anneal_strategy == "linear":
        return start + (stop - start) * share
    return stop + (start - stop) * (1 + math.cos(math.pi * share)) / 2
