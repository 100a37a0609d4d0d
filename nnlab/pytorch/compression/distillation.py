"""Distillation: a small network learns from what a large one answers."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from nnlab.checks import need_number


def distillation_loss(
    student: torch.Tensor,
    teacher: torch.Tensor,
    labels: torch.Tensor | None = None,
    temperature: float = 4.0,
    share: float = 1.0,
) -> torch.Tensor:
    """share T^2 KL(p || q) + (1 - share) cross-entropy with the labels, the mean over rows in nats,

    p = softmax(teacher / T), q = softmax(student / T). student, teacher: logits (N, C); labels: (N,) class numbers, not
    needed if share is 1. T^2 keeps the gradient's size, which falls as 1 / T^2. The teacher gets no gradient.

    Raises ValueError for logits of two shapes or without rows, a temperature that is not above 0, a share outside 0 to
    1 and labels that are missing or of another shape.

    Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network"."""
    for logits, name in ((student, "student"), (teacher, "teacher")):
        if not isinstance(logits, torch.Tensor) or logits.dim() != 2 or not len(logits):
            came = getattr(logits, "shape", type(logits).__name__)
            raise ValueError(f"{name} should be a tensor of logits (N, C), with at least one row; got {came}.")
    if student.shape != teacher.shape:
        raise ValueError(f"student and teacher should have one shape, got {student.shape} and {teacher.shape}.")
    temperature = need_number(temperature, "temperature")
    if temperature == 0:
        raise ValueError("temperature should be above 0, got 0.")
    share = need_number(share, "share", 0.0, 1.0)
    if share < 1 and (labels is None or labels.shape != student.shape[:1] or labels.is_floating_point()):
        came = None if labels is None else f"{labels.dtype} of shape {tuple(labels.shape)}"
        raise ValueError(f"labels should be {len(student)} class numbers where share is below 1, got {came}.")
    p, q = log_softmax(teacher.detach() / temperature, dim=1), log_softmax(student / temperature, dim=1)
    soft = temperature**2 * kl_div(q, p, reduction="batchmean", log_target=True)
    return soft if labels is None or share == 1 else share * soft + (1 - share) * cross_entropy(student, labels.long())
