"""The arrays of a container by name, "0.weight", "2.bias": a dict that writes through to the layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from nnlab.checks import Array, as_float, need_shape, pick


class ByName(dict[str, Array]):
    """The `params`, `grads` or `buffers` (`kind`) of layers, under their number and name.

    `net.params["0.weight"] = value` copies the value into the layer's own array, so that an optimizer, which holds that
    array, sees it; `net.grads["0.weight"] = value` becomes the layer's gradient. The shape must be the parameter's.
    Names are fixed: an unknown one raises ValueError, deleting one TypeError. A copy is a plain dict."""

    def __init__(self, layers: Sequence[Any], kind: str):
        super().__init__(
            {f"{i}.{name}": a for i, layer in enumerate(layers) for name, a in getattr(layer, kind).items()}
        )
        self._layers, self._kind = layers, kind

    def __setitem__(self, name: str, value: Array) -> None:
        if name in self and self[name] is value:  # what `net.params[name] -= step` ends with
            return
        like = "params" if self._kind == "grads" else self._kind
        number, _, inner = str(name).partition(".")
        known = {f"{i}.{key}": a for i, layer in enumerate(self._layers) for key, a in getattr(layer, like).items()}
        wanted: Array = pick(known, name, "entry")
        value = as_float(value, str(name))
        need_shape(value, wanted.shape, str(name))
        if self._kind == "grads":
            self._layers[int(number)].grads[inner] = value
        else:
            wanted[...] = value
            value = wanted
        super().__setitem__(name, value)

    def update(self, *others: Any, **named: Array) -> None:
        for name, value in dict(*others, **named).items():
            self[name] = value

    def __ior__(self, other: Any) -> ByName:  # type: ignore[override,misc]
        self.update(other)
        return self

    def setdefault(self, name: str, value: Any = None) -> Array:
        if name not in self:
            self[name] = value
        return self[name]

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(f"The names in {self._kind} are those of the layers: none can be taken out of a network.")

    __delitem__ = pop = popitem = clear = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)
