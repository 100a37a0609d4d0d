"""Checkpoints: written whole or not at all, read as numbers and never as code, and refused with a sentence."""

from __future__ import annotations

import os
import pickle
from collections import Counter, OrderedDict
from typing import Any

import numpy as np
import torch

from nnlab.files import expand, replacing

FORMAT = "nnlab training, format 1"
READABLE = (bool, int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size)


def save(path: str | os.PathLike[str], state: dict[str, Any]) -> None:
    """Write `state` (tensors, numbers, text, lists and dicts of them), whole or not at all.

    Whatever fails, a full disk or a power cut, the checkpoint that was there before is still there. Raises OSError with
    a sentence if it can't be written.
    """
    try:
        with replacing(path) as file:
            torch.save({"format": FORMAT, **state}, file)
    except (OSError, RuntimeError) as error:  # PyTorch's zip writer reports a full disk as RuntimeError
        path = expand(path)
        kept = f"The checkpoint that was there is unharmed: {path}." if path.exists() else "Nothing was saved before."
        raise OSError(f"The checkpoint can't be written ({error}). {kept} Free some space and start again.") from error


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """What `save` wrote, on the CPU. The file is read with weights_only=True: a pickle that would run code is refused.

    Raises FileNotFoundError if there is none, ValueError for a damaged or foreign file.
    """
    path = expand(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no checkpoint {path}: check the name, or train first.") from None
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{path} is no checkpoint of tensors and numbers: it is damaged, or a pickle that would run code when it "
            "is read.\nIt was not opened. Take the checkpoint that this training wrote."
        ) from error
    except (RuntimeError, EOFError, ValueError, OSError) as error:
        raise ValueError(f"{path} is damaged or no checkpoint ({_first_line(error)}). Take another one.") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise ValueError(
            f"{path} holds something else than a training saved by nnlab, or another format. Take another."
        )
    return state


def plain(thing: Any, name: str) -> Any:
    """`thing` in types that `load` reads: NumPy's numbers become Python's, its arrays lists; containers are copied.

    `name` is what the thing is called in the sentence. Raises TypeError for anything that `load` would refuse."""
    if isinstance(thing, (np.generic, np.ndarray)) and thing.dtype.kind in "biufcUS":
        return thing.tolist()
    if isinstance(thing, torch.Tensor) or type(thing) in READABLE:
        return thing
    if isinstance(thing, dict):
        made = {plain(key, f"a key of {name}"): plain(value, f"{name}[{key!r}]") for key, value in thing.items()}
        return (
            Counter(made) if isinstance(thing, Counter) else OrderedDict(made) if type(thing) is OrderedDict else made
        )
    if type(thing) in (list, tuple, set):
        return type(thing)(plain(value, f"{name}[{i}]") for i, value in enumerate(thing))
    for kind in (bool, int, float, str):
        if isinstance(thing, kind):  # a subclass, such as an enumeration's member
            return kind(thing)
    raise TypeError(
        f"A checkpoint can't hold {name}, of type {type(thing).__name__}: give numbers, text, tensors, and lists or "
        "dicts of them."
    )


def load_model(model: torch.nn.Module, weights: dict[str, torch.Tensor], path: str | os.PathLike[str]) -> None:
    """Load weights into the model. Where they don't fit, raise ValueError with the parameters that differ, and change
    nothing. `path` is the file they came from, for the sentence."""
    mine = {name: tuple(p.shape) for name, p in model.state_dict().items()}
    theirs = {name: tuple(p.shape) for name, p in weights.items()}
    if mine != theirs:
        differ = [
            f"{name}: {theirs.get(name, 'not there')} in the file, {mine.get(name, 'not there')} in the model"
            for name in sorted(mine.keys() | theirs.keys())
            if mine.get(name) != theirs.get(name)
        ]
        more = f"\n  and {len(differ) - 5} more" if len(differ) > 5 else ""
        listed = "\n  ".join(differ[:5])
        raise ValueError(f"{path} was saved by another architecture:\n  {listed}{more}\nMake the model as it was then.")
    model.load_state_dict(weights)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:100]
