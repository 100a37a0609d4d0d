"""Training models of the next token, measuring them in nats, and letting them write."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from .device import device
from .models.transformer import GPT, Cache
from .tensor_checks import need_positive

IGNORED = -100


def next_token_loss(logits: torch.Tensor, targets: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """Cross-entropy in nats a token. logits: (N, T, V); targets: (N, T), -100 where none is asked."""
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
    (x, y, generator) -> (x, y) that changes each batch, to hide tokens, say. Computes where the model lives."""
    need_positive(steps, "steps")
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
    """The mean cross-entropy of all asked tokens, in nats a token. x, y: (N, T), targets -100 where none is asked."""
    model.eval()
    where = next(model.parameters()).device
    total = 0.0
    for a, b in zip(x.split(batch_size), y.split(batch_size), strict=True):
        total += next_token_loss(model(a.to(where)), b.to(where), "sum").item()
    return total / int((y != IGNORED).sum())


def next_probabilities(
    logits: torch.Tensor, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None
) -> torch.Tensor:
    """What is drawn from: softmax(logits / temperature), cut to the top_k most probable tokens, then to the fewest that
    together hold top_p, and divided by what is left. logits: (..., V) -> the same shape; each row sums to 1.

    The NumPy original is `nnlab.scratch.next_probabilities`. Sources: Fan et al. 2018 (top-k), Holtzman et al. 2020."""
    if not temperature > 0:
        raise ValueError(f"temperature should be above 0; got {temperature}. Take the argmax for no chance at all.")
    p = (logits / temperature).softmax(dim=-1)
    order = p.argsort(dim=-1, descending=True, stable=True)
    ranked = p.gather(-1, order)
    keep = torch.ones_like(ranked, dtype=torch.bool)
    if top_k is not None:
        keep[..., need_positive(top_k, "top_k") :] = False
    if top_p is not None:
        if not 0 < top_p <= 1:
            raise ValueError(f"top_p should be above 0 and at most 1; got {top_p}.")
        within = ranked * keep
        within = within / within.sum(dim=-1, keepdim=True)
        keep &= within.cumsum(dim=-1) - within < top_p  # what stands before a token must not be enough already
    ranked = ranked * keep
    ranked = ranked / ranked.sum(dim=-1, keepdim=True)
    return torch.zeros_like(p).scatter(-1, order, ranked)


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
    may be at most the model's length."""
    model.eval()
    kept = Cache() if cache else None
    text, new = start, start
    for _ in range(need_positive(tokens, "tokens")):
        logits = model(new, kept) if kept is not None else model(text)
        p = next_probabilities(logits[:, -1], temperature, top_k, top_p)
        new = torch.multinomial(p.float().cpu(), 1, generator=generator).to(text.device)
        text = torch.cat([text, new], dim=1)
    return text


def on_device(*arrays: Any) -> list[torch.Tensor]:
    """Arrays of whole numbers as int64 tensors on `device()`."""
    return [torch.as_tensor(a, dtype=torch.int64, device=device()) for a in arrays]
