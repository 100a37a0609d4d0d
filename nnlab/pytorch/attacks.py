"""Attacks on a classifier in PyTorch: inputs that look the same and get another answer. Original: `nnlab.scratch.fgsm`,
`nnlab.scratch.pgd`, whose docstrings have the formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from nnlab.checks import describe, need_number, need_size, pick

from .evaluating import evaluating

NORMS = {"linf": "linf", "l2": "l2"}


def fgsm(
    net: Callable[[torch.Tensor], torch.Tensor],
    x: torch.Tensor,
    labels: torch.Tensor,
    eps: float,
    *,
    target: torch.Tensor | None = None,
    low: float = 0.0,
    high: float = 1.0,
) -> torch.Tensor:
    """One step of the fast gradient sign method: clip(x + eps sign(dL/dx)). x: (N, ...) -> the same shape.

    Arguments and errors as `nnlab.scratch.fgsm`. Nothing is added to any parameter's `grad`.

    Goodfellow, Shlens and Szegedy 2015, "Explaining and Harnessing Adversarial Examples"."""
    return pgd(net, x, labels, eps, steps=1, step_size=eps, target=target, low=low, high=high)


def pgd(
    net: Callable[[torch.Tensor], torch.Tensor],
    x: torch.Tensor,
    labels: torch.Tensor,
    eps: float,
    *,
    steps: int = 20,
    step_size: float | None = None,
    norm: str = "linf",
    target: torch.Tensor | None = None,
    generator: torch.Generator | None = None,
    low: float = 0.0,
    high: float = 1.0,
) -> torch.Tensor:
    """Projected gradient descent: steps that raise the loss, each followed by a projection onto the ball of radius eps.

    Arguments and errors as `nnlab.scratch.pgd`; generator: begin at a random place of the ball, not at x. The network
    is asked in evaluation mode and is left in the mode it had; nothing is added to any parameter's `grad`.

    Madry et al. 2018, "Towards Deep Learning Models Resistant to Adversarial Attacks"."""
    _check(x, labels, target, low, high)
    if generator is not None and not isinstance(generator, torch.Generator):
        raise TypeError(f"generator should be PyTorch's, as torch.Generator() makes one; got {describe(generator)}.")
    eps = need_number(eps, "eps")
    need_size(steps, "steps")
    step_size = 2.5 * eps / steps if step_size is None else need_number(step_size, "step_size")
    norm = pick(NORMS, norm, "norm")
    sign, goal = (1.0, labels) if target is None else (-1.0, target)
    with evaluating(net), torch.inference_mode(False), torch.enable_grad():  # also where the caller switched them off
        x, goal = x.detach().clone(), goal.long().clone()
        z = x if generator is None else _project(x, x + _draw(x, eps, norm, generator), eps, norm, low, high)
        for _ in range(steps):
            z = z.detach().requires_grad_()
            y = net(z)
            _check_logits(y, labels)
            _check_logits(y, goal)
            (g,) = torch.autograd.grad(cross_entropy(y, goal, reduction="sum"), z)
            step = g.sign() if norm == "linf" else (g / _length(g).clamp_min(1e-12)).to(g.dtype)
            z = _project(x, z.detach() + sign * step_size * step, eps, norm, low, high)
    return z.detach()


def _project(x: torch.Tensor, z: torch.Tensor, eps: float, norm: str, low: float, high: float) -> torch.Tensor:
    if norm == "linf":
        return torch.minimum(torch.maximum(z, x - eps), x + eps).clamp(low, high)
    d = z - x
    d = (d * (eps / _length(d).clamp_min(1e-12)).clamp_max(1.0)).to(x.dtype)
    return (x + d).clamp(low, high)


def _length(d: torch.Tensor) -> torch.Tensor:
    d = d.to(torch.promote_types(d.dtype, torch.float32))  # in float16, 1e-12 is 0 and so is the square of 0.0001
    return d.flatten(1).norm(dim=1).reshape(-1, *[1] * (d.dim() - 1))


def _draw(x: torch.Tensor, eps: float, norm: str, generator: torch.Generator) -> torch.Tensor:
    """A random place of the ball: uniform in the cube; in the l2 ball a random direction and length."""
    options: dict[str, Any] = dict(generator=generator, device=x.device, dtype=x.dtype)
    if norm == "linf":
        return eps * (2 * torch.rand(x.shape, **options) - 1)
    d = torch.randn(x.shape, **options)
    return (eps * torch.rand((len(x), *[1] * (x.dim() - 1)), **options) * d / _length(d)).to(x.dtype)


def _check(x: Any, labels: Any, target: Any, low: float, high: float) -> None:
    for value, name in ((x, "x"), (labels, "labels"), (target, "target")):
        if not isinstance(value, torch.Tensor) and not (name == "target" and value is None):
            raise TypeError(f"{name} should be a tensor, got {type(value).__name__}: wrap it in torch.tensor(...).")
    if not x.is_floating_point():
        raise TypeError(f"x should be floating-point numbers, got {x.dtype}: write x.float() / 255 for bytes.")
    for value, name in ((labels, "labels"), (target, "target")):
        if value is not None and (value.shape != x.shape[:1] or value.is_floating_point() or value.dtype == torch.bool):
            got = f"{value.dtype} of shape {tuple(value.shape)}"
            raise ValueError(f"{name} should be {len(x)} whole numbers, one a row of x; got {got}.")
    if x.device.type == "meta":  # no values to look at
        return
    if x.numel() and not bool(((x >= low) & (x <= high)).all()):
        raise ValueError(
            f"x should be from {low:g} to {high:g}, got {x.min().item():g} to {x.max().item():g}: attack what is "
            f"before normalisation, or pass low= and high=."
        )
    if target is not None and bool((labels == target).any()):
        raise ValueError("target should differ from the label in every row: there is nothing to attack otherwise.")


def _check_logits(y: torch.Tensor, labels: torch.Tensor) -> None:
    if y.dim() != 2 or y.shape[1] < 2:
        raise ValueError(f"net should give two logits or more a row, (N, C), got shape {tuple(y.shape)}.")
    if not y.requires_grad:
        raise ValueError("The logits do not depend on x as far as PyTorch knows: leave out detach and no_grad in net.")
    if labels.device.type != "meta" and len(labels):
        least, most = int(labels.min()), int(labels.max())
        if not 0 <= least <= most < y.shape[1]:
            raise ValueError(f"Labels should be from 0 to {y.shape[1] - 1}, got {least} to {most}.")
