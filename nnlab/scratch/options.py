"""One place that refuses what PyTorch takes and we do not: the sentence names the option and what there is instead."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

_GROUPS = "one learning rate and one set of options serve all parameters; make a second optimizer for others"
_SPEED = "it changes PyTorch's speed and no number, and there is nothing to choose here"
_WINDOWS = "what does not fill a window at the right and at the bottom is left out; use padding"
_REDUCTION = 'use reduction="mean", "sum" or "none"'
_MOMENTUM = "only the learning rate is scheduled, as with cycle_momentum=False"
_RESUME = "use load_state_dict to go on from a later step"
_SELF = "x is query, key and value in one, of embed_dim features"

INSTEAD = {
    "ceil_mode": _WINDOWS,
    "return_indices": "backward remembers where each maximum came from",
    "dilation": "the entries of a window lie side by side; a Conv2d can have them apart",
    "padding_mode": "padding is zeros; use numpy.pad on x for others",
    "count_include_pad": "padding counts as zeros",
    "divisor_override": "the sum is divided by the size of the kernel",
    "bias": "weight and bias come together; affine=False leaves both out",
    "device": "NumPy computes on the processor",
    "dtype": "results have the type of the input",
    "inplace": "inputs are never written to",
    "weight": 'use reduction="none" and weigh the losses, or see pos_weight and CrossEntropyLoss',
    "pos_weight": "see BCEWithLogitsLoss",
    "size_average": _REDUCTION,
    "reduce": _REDUCTION,
    "ignore_index": "leave those entries out of prediction and target, or see CrossEntropyLoss",
    "max_norm": "clip with clip_grad_norm_ in the training loop",
    "norm_type": "clip with clip_grad_norm_ in the training loop",
    "scale_grad_by_freq": "a row's gradient is the sum over the places where it was looked up",
    "sparse": "gradients are whole arrays",
    "proj_size": "the state has hidden_size numbers",
    "batch_first": "x is always batch first: (N, T, features)",
    "kdim": _SELF,
    "vdim": _SELF,
    "add_bias_kv": _SELF,
    "add_zero_attn": _SELF,
    "amsgrad": "v is the running mean, not its largest value so far",
    "maximize": "losses are minimised; turn the sign of the loss around",
    "decoupled_weight_decay": "use AdamW",
    "foreach": _SPEED,
    "fused": _SPEED,
    "capturable": _SPEED,
    "differentiable": _SPEED,
    "param_groups": _GROUPS,
    "last_epoch": _RESUME,
    "verbose": "read the rate from optimizer.lr",
    "cycle_momentum": _MOMENTUM,
    "base_momentum": _MOMENTUM,
    "max_momentum": _MOMENTUM,
    "epochs": "give total_steps = epochs * batches of an epoch",
    "steps_per_epoch": "give total_steps = epochs * batches of an epoch",
    "three_phase": "there are two phases, up and down",
    "scale_fn": "use mode and gamma",
    "scale_mode": "use mode and gamma",
}


class Options:
    """Base of layers, losses, optimizers and schedules: a keyword that the class does not have raises TypeError.

    `_made` runs when the `__init__` of the class itself is done, after those of its bases."""

    def _made(self) -> None:
        pass

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        if "__init__" in vars(cls):
            cls.__init__ = _checked(cls.__init__)  # type: ignore[method-assign]


def _checked(init: Callable[..., None]) -> Any:
    """`init`, which first looks at the names of its keywords."""
    parameters = list(inspect.signature(init).parameters.values())[1:]
    hands_on = any(p.kind is p.VAR_KEYWORD for p in parameters)  # whatever it hands them on to looks at them
    known = [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]

    @functools.wraps(init)
    def checked(self: Any, *args: Any, **options: Any) -> None:
        for name in options:
            if name not in known and not hands_on:
                raise TypeError(refusal(type(self).__name__, name, known))
        init(self, *args, **options)
        if type(self).__init__ is checked:
            self._made()

    return checked


def refusal(owner: str, name: str, known: list[str]) -> str:
    """The sentence."""
    near = get_close_matches(name, known, n=1)
    reason = f": {INSTEAD[name]}." if name in INSTEAD else f". Did you mean {near[0]!r}?" if near else "."
    takes = f"It takes {', '.join(known)}." if known else "It takes no options."
    return f"{owner} has no option {name!r}{reason} {takes}"
