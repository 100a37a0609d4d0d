"""Save a training run to a file and resume it, bit for bit as if it had never stopped. Numbers and JSON, no pickle."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any
from zipfile import BadZipFile

import numpy as np

from nnlab.checks import Array
from nnlab.files import expand, replacing

from .module import Layer
from .optim import Optimizer
from .train import Step

FORMAT = 1


def save_checkpoint(
    path: str | os.PathLike[str],
    net: Layer,
    opt: Optimizer,
    step: Step,
    *,
    rng: np.random.Generator,
    schedules: Sequence[Any] = (),
) -> None:
    """Write all that training depends on: parameters, buffers, the optimizer's vectors, every generator, schedules.

    step is the last one that `fit` yielded, rng the generator that `fit` was given. The file is written whole or not at
    all. Raises OSError if the folder cannot be written."""
    optimizer = opt.state_dict()
    arrays = {f"net/{name}": value for name, value in net.state_dict().items()}
    arrays |= {f"opt/{name}": value for name, value in optimizer.items() if name in opt.state}
    rest = {
        "format": FORMAT,
        "step": step._asdict(),
        "opt": {name: value for name, value in optimizer.items() if name not in opt.state},
        "generators": [g.bit_generator.state for g in (rng, *net.generators())],
        "schedules": [schedule.state_dict() for schedule in schedules],
    }
    text = json.dumps(rest, default=lambda value: value.tolist())  # some generators keep arrays
    arrays["json"] = np.frombuffer(text.encode(), np.uint8)
    with replacing(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load_checkpoint(
    path: str | os.PathLike[str],
    net: Layer,
    opt: Optimizer,
    *,
    rng: np.random.Generator,
    schedules: Sequence[Any] = (),
) -> Step:
    """Put everything back in place and return the last step, for `fit(..., start=step)`.

    net, opt, rng and schedules must have been made as for the run that was saved. Raises ValueError that says what
    differs or that the file is damaged, and FileNotFoundError if there is none.
    """
    arrays, rest = _read(path)
    generators = [rng, *net.generators()]
    if len(rest["generators"]) != len(generators) or len(rest["schedules"]) != len(schedules):
        raise ValueError(
            f"{path} holds {len(rest['generators'])} generators and {len(rest['schedules'])} schedules; this run has "
            f"{len(generators)} and {len(schedules)}. Make network and schedules as in the run that was saved."
        )
    for generator, state in zip(generators, rest["generators"], strict=True):
        if generator.bit_generator.state["bit_generator"] != state["bit_generator"]:
            raise ValueError(
                f"{path} holds the state of {state['bit_generator']}, a different generator from this run's."
            )
    opt.load_state_dict({**rest["opt"], **_under("opt/", arrays)})
    net.load_state_dict(_under("net/", arrays))
    for generator, state in zip(generators, rest["generators"], strict=True):
        generator.bit_generator.state = state
    for schedule, state in zip(schedules, rest["schedules"], strict=True):
        schedule.load_state_dict(state)
    return Step(**rest["step"])


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, Any]]:
    try:
        with np.load(expand(path), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        rest = json.loads(arrays.pop("json").tobytes())
    except (ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(f"{path} is not a whole checkpoint: {error}") from error
    if rest.get("format") != FORMAT:
        raise ValueError(f"{path} is a checkpoint of format {rest.get('format')}; this version reads {FORMAT}.")
    return arrays, rest


def _under(prefix: str, arrays: dict[str, Array]) -> dict[str, Array]:
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}
