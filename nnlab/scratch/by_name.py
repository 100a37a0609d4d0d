"""Arrays by name. An assignment by name reaches the array that a layer computes with and an optimizer holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from nnlab.checks import Array, as_float, need_shape, pick


class Named(dict[str, Array]):
    """A dict whose every way of writing goes through `self[name] = value`, and whose names stay. A copy is a dict."""

    def update(self, *others: Any, **named: Array) -> None:
        for name, value in dict(*others, **named).items():
            self[name] = value

    def __ior__(self, other: Any) -> Any:  # type: ignore[misc]
        self.update(other)
        return self

    def setdefault(self, name: str, value: Any = None) -> Array:
        if name not in self:
            self[name] = value
        return self[name]

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("The names here are those of the layers: none can be taken out.")

    __delitem__ = pop = popitem = clear = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


class Own(Named):
    """The `params` or `buffers` of one layer. Its `__init__` adds arrays; `close` ends that.

    From then on `layer.params["weight"] = value` copies the value into the array, which keeps its type. A different
    shape or an unknown name raises ValueError, deleting one TypeError."""

    def __init__(self, arrays: Mapping[str, Array] | None = None, closed: bool = False):
        super().__init__(arrays or {})
        self._closed = closed

    def close(self) -> None:
        """No further names."""
        self._closed = True

    def __setitem__(self, name: str, value: Array) -> None:
        if not self._closed:
            super().__setitem__(name, value)
        elif self.get(name) is not value:  # it is where `layer.params[name] -= step` ends
            _write(pick(self, name, "entry"), value, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return Own, (dict(self), self._closed)


class ByName(Named):
    """The `params`, `grads` or `buffers` (`kind`) of layers, under their number and name, "0.weight", "2.bias".

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
        if self._kind == "grads":
            value = as_float(value, str(name))
            need_shape(value, wanted.shape, str(name))
            self._layers[int(number)].grads[inner] = value
        else:
            _write(wanted, value, name)
            value = wanted
        super().__setitem__(name, value)


def _write(array: Array, value: Any, name: str) -> None:
    """Copy `value` into `array`; ValueError where the shape differs."""
    value = as_float(value, str(name))
    need_shape(value, array.shape, str(name))
    array[...] = value
