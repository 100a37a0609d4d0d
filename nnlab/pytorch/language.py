"""Training models of the next token, measuring them in nats, and letting them write."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from nnlab.checks import need_number

from .device import device
from .evaluating import evaluating
from .models.transformer import GPT, Cache
from .tensor_checks import need_positive

IGNORED = -100
LEAST = 1e-30  # a temperature below it is 0 in float32, and 0 / 0 no number


def next_token_loss(logits: torch.Tensor, targets: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """Cross-entropy in nats a token. logits: (N, T, V); targets: (N, T), -100 where none is asked.

    Raises ValueError for other shapes: (T, N) targets would fit when flattened, and be wrong."""
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"targets should have shape {tuple(logits.shape[:-1])}, a token for each row of logits; "
            f"got {tuple(targets.shape)}."
        )
    return cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, reduction=reduction)


def train_steps(
    model: torch.nn.Module,
    x: torch.Tensor,
    y: torch.Tensor,
    *,
    steps: int,
    batch_size: int = 256,
    lr: float = 3e-3,
    weight_decay: float = 0.01,
    warmup: float = 0.05,
    max_norm: float = 1.0,
    seed: int = 0,
    make: Any = None,
) -> Iterator[float]:
    """Train on batches of x and y, one a step, and yield each batch's loss before its step: the caller owns the loop.

    x, y: (N, T) tokens and targets, drawn in a new order each epoch by `seed`. AdamW; the rate rises over the share
    `warmup` of the steps and falls as a cosine to a tenth; the gradient is clipped to `max_norm`. make: a function
    (x, y, generator) -> (x, y) that changes each batch, to hide tokens, say. Computes where the model lives. Raises
    ValueError for steps or batches below 1, shares outside of 0 to 1, x and y of different or no length, and a batch
    in which no token is asked."""
    need_positive(steps, "steps"), need_positive(batch_size, "batch_size")
    need_number(warmup, "warmup", high=1.0), need_number(max_norm, "max_norm")
    _need_rows(x, y)
    generator = torch.Generator().manual_seed(seed)
    opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay, betas=(0.9, 0.99))
    rise = max(1, round(warmup * steps))

    def share(step: int) -> float:
        if step < rise:
            return (step + 1) / rise
        return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))

    schedule = torch.optim.lr_scheduler.LambdaLR(opt, share)
    where = next(model.parameters()).device
    order = torch.randperm(len(x), generator=generator)
    at = 0
    for _ in range(steps):
        if at + batch_size > len(order):
            order, at = torch.randperm(len(x), generator=generator), 0
        rows = order[at : at + batch_size]
        at += batch_size
        batch = (x[rows], y[rows])
        inputs, targets = make(*batch, generator) if make is not None else batch
        if not (targets != IGNORED).any():
            raise ValueError("A batch asks for no token, so its loss would be NaN: take larger batches, or hide more.")
        model.train()
        opt.zero_grad()
        loss = next_token_loss(model(inputs.to(where)), targets.to(where))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
        opt.step()
        schedule.step()
        yield loss.item()


@torch.no_grad()
def nats(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor, batch_size: int = 1000) -> float:
    """The mean cross-entropy of all asked tokens, in nats a token. x, y: (N, T), targets -100 where none is asked.

    The model's mode is as before afterwards. Raises ValueError for x and y of different or no length, and if no token
    is asked."""
    need_positive(batch_size, "batch_size")
    _need_rows(x, y)
    asked = int((y != IGNORED).sum())
    if asked == 0:
        raise ValueError("There is nothing to average: no token is asked.")
    where, total = next(model.parameters()).device, 0.0
    with evaluating(model):
        for a, b in zip(x.split(batch_size), y.split(batch_size), strict=True):
            total += next_token_loss(model(a.to(where)), b.to(where), "sum").item()
    return total / asked


def _need_rows(x: torch.Tensor, y: torch.Tensor) -> None:
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x and y should have the same number of rows, at least one; got {len(x)} and {len(y)}.")


def next_probabilities(
    logits: torch.Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> torch.Tensor:
    """What is drawn from: softmax(logits / temperature), cut to the top_k most probable tokens, then to the fewest that
    together hold top_p, and divided by what is left. logits: (..., V) -> the same shape; each row sums to 1.

    Half precision is added up in float32. The NumPy original, `nnlab.scratch.next_probabilities`, says what is refused.
    Sources: Fan et al. 2018 (top-k), Holtzman et al. 2020."""
    if (temperature := need_number(temperature, "temperature")) == 0:
        raise ValueError("temperature should be above 0; got 0. Take the argmax for no chance at all.")
    wide = logits if logits.dtype == torch.float64 else logits.float()
    if wide.dim() == 0 or not (wide.is_meta or wide.amax(dim=-1).isfinite().all()):
        raise ValueError(
            "logits should have an axis of tokens, with a finite largest entry in each row; NaN or infinite."
        )
    p = ((wide - wide.amax(dim=-1, keepdim=True)) / max(temperature, LEAST)).softmax(dim=-1)
    order = p.argsort(dim=-1, descending=True, stable=True)
    ranked = p.gather(-1, order)
    keep = torch.ones_like(ranked, dtype=torch.bool)
    if top_k is not None:
        keep[..., need_positive(top_k, "top_k") :] = False
    if top_p is not None:
        if need_number(top_p, "top_p", high=1.0) == 0:
            raise ValueError("top_p should be above 0 and at most 1; got 0.")
        within = ranked * keep
        within = within / within.sum(dim=-1, keepdim=True)
        keep &= within.cumsum(dim=-1) - within < top_p  # what stands before a token must not be enough already
    ranked = ranked * keep
    ranked = ranked / ranked.sum(dim=-1, keepdim=True)
    return torch.zeros_like(p).scatter(-1, order, ranked).to(logits.dtype)


@torch.no_grad()
def generate(
    model: GPT,
    start: torch.Tensor,
    tokens: int,
    *,
    generator: torch.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    cache: bool = True,
) -> torch.Tensor:
    """Let the model write `tokens` more tokens after each row of `start`, (N, T) -> (N, T + tokens).

    With a cache each step reads one new token, without it all of them; the tokens drawn are the same. T + tokens - 1
    may be at most the model's length, and the model must be causal: ValueError otherwise, before anything is written.
    The model's mode is as before afterwards."""
    if not model.causal:
        raise ValueError(f"{type(model).__name__} fills gaps and sees both sides: only a causal model writes.")
    if start.shape[-1] + need_positive(tokens, "tokens") - 1 > model.length:
        raise ValueError(
            f"This model reads {model.length} positions: from {start.shape[-1]} tokens on it can write at most "
            f"{max(0, model.length - start.shape[-1] + 1)} more; {tokens} were asked for."
        )
    if not isinstance(generator, torch.Generator):
        raise TypeError(f"generator should be a torch.Generator; got {type(generator).__name__}.")
    kept = Cache() if cache else None
    text, new = start, start
    with evaluating(model):
        for _ in range(tokens):
            logits = model(new, kept) if kept is not None else model(text)
            p = next_probabilities(logits[:, -1], temperature, top_k, top_p)
            new = torch.multinomial(p.float().cpu(), 1, generator=generator).to(text)
            text = torch.cat([text, new], dim=1)
    return text


def on_device(*arrays: Any) -> list[torch.Tensor]:
    """Arrays of whole numbers as int64 tensors on `device()`."""
    return [torch.as_tensor(a, dtype=torch.int64, device=device()) for a in arrays]
