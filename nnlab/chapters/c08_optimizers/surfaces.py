"""Surfaces for the race: one row of `SURFACES` each, and `own_surface`, which makes a row of a learner's function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab.checks import describe

Array = NDArray[Any]
Point = tuple[float, float]


class Surface(NamedTuple):
    """fn(x, y) is the height, of numbers or arrays; gradient(x, y) its two slopes. window: the square that is shown,
    (x low, x high, y low, y high). minima: the lowest points. rates: a learning rate for SGD, momentum and Nesterov
    with which most of them converge, and one for RMSprop, Adam and AdamW."""

    name: str
    fn: Callable[[Any, Any], Any]
    gradient: Callable[[Any, Any], tuple[Any, Any]]
    window: tuple[float, float, float, float]
    minima: tuple[Point, ...]
    formula: str
    start: Point
    rates: Point

    @property
    def width(self) -> float:
        """Of the window, which is as high as it is wide."""
        return self.window[1] - self.window[0]

    @property
    def lowest(self) -> float:
        """The height of the lowest point."""
        return min(float(self.fn(*point)) for point in self.minima)

    def to_percent(self, x: float, y: float) -> Point:
        """A point as percent of the window, from its lower left corner."""
        left, _, bottom, _ = self.window
        return 100 * (x - left) / self.width, 100 * (y - bottom) / self.width

    def from_percent(self, across: float, up: float) -> Point:
        """The point at this percentage of the window."""
        left, _, bottom, _ = self.window
        return left + across * self.width / 100, bottom + up * self.width / 100


def _beale(x: Any, y: Any) -> Any:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _beale_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    return (
        2 * (a * (y - 1) + b * (y**2 - 1) + c * (y**3 - 1)),
        2 * x * (a + 2 * b * y + 3 * c * y**2),
    )


def _himmelblau_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    a, b = x**2 + y - 11, x + y**2 - 7
    return 4 * a * x + 2 * b, 2 * a + 4 * b * y


_TURN = 2 * np.pi
_ROWS = [
    Surface(
        "bowl",
        lambda x, y: (x**2 + y**2) / 2,
        lambda x, y: (x, y),
        (-3, 3, -3, 3),
        ((0.0, 0.0),),
        r"(x^2 + y^2) / 2",
        (-2.4, 1.8),
        (0.1, 0.1),
    ),
    Surface(
        "ravine",  # 50 times as steep one way as the other
        lambda x, y: x**2 / 50 + y**2,
        lambda x, y: (x / 25, 2 * y),
        (-6, 6, -6, 6),
        ((0.0, 0.0),),
        r"x^2/50 + y^2",
        (-5.1, 2.4),
        (0.5, 0.1),
    ),
    Surface(
        "rosenbrock",  # Rosenbrock 1960
        lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        lambda x, y: (-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)),
        (-2, 2, -1, 3),
        ((1.0, 1.0),),
        r"(1 - x)^2 + 100 (y - x^2)^2",
        (-1.2, 2.0),
        (0.001, 0.3),
    ),
    Surface(
        "beale",  # Beale 1958
        _beale,
        _beale_gradient,
        (-4.5, 4.5, -4.5, 4.5),
        ((3.0, 0.5),),
        r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
        (0.9, 1.8),
        (0.003, 0.2),
    ),
    Surface(
        "saddle",
        lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4,
        lambda x, y: (x, y**3 - y),
        (-2, 2, -2, 2),
        ((0.0, 1.0), (0.0, -1.0)),
        r"x^2/2 - y^2/2 + y^4/4",
        (-1.6, 0.02),
        (0.05, 0.02),
    ),
    Surface(
        "himmelblau",  # Himmelblau 1972
        lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
        _himmelblau_gradient,
        (-5, 5, -5, 5),
        ((3.0, 2.0), (-2.805118, 3.131313), (-3.77931, -3.283186), (3.584428, -1.848127)),
        r"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
        (-0.5, -0.5),
        (0.005, 0.1),
    ),
    Surface(
        "rastrigin",  # Rastrigin 1974; here with waves a tenth as high
        lambda x, y: x**2 + y**2 - np.cos(_TURN * x) - np.cos(_TURN * y) + 2,
        lambda x, y: (2 * x + _TURN * np.sin(_TURN * x), 2 * y + _TURN * np.sin(_TURN * y)),
        (-3, 3, -3, 3),
        ((0.0, 0.0),),
        r"x^2 + y^2 - \cos 2\pi x - \cos 2\pi y + 2",
        (-2.4, 1.8),
        (0.02, 0.3),
    ),
]

SURFACES: dict[str, Surface] = {row.name: row for row in _ROWS}

# ---------------------------------------------------------------------------------------------- one of your own

GRID = 121  # points along each side where a learner's function is evaluated
_WANTED = "surface should be a function f(x, y) that returns one number"


def mesh(window: tuple[float, float, float, float], size: int = GRID) -> tuple[Array, Array]:
    """x and y, both (size, size), of points that cover a window; rows go from low to high y."""
    x, y = np.meshgrid(np.linspace(*window[:2], size), np.linspace(*window[2:], size))
    return x, y


class OwnFunction:
    """A learner's f(x, y): takes numbers or arrays, and gives finite numbers or a ValueError with a sentence.

    A function written for arrays gets arrays; any other is called point by point."""

    def __init__(self, fn: Callable[[Any, Any], Any]):
        self.fn, self.name = fn, getattr(fn, "__name__", "f")
        self.for_arrays = False

    def __call__(self, x: Any, y: Any) -> Any:
        if np.ndim(x) == 0:
            return self.at(float(x), float(y))
        if self.for_arrays:
            with np.errstate(all="ignore"):  # what is not finite is reported below
                z = np.asarray(self.fn(x, y), float)
            bad = np.argwhere(~np.isfinite(z))
            if len(bad):
                self.at(float(x[tuple(bad[0])]), float(y[tuple(bad[0])]))
            return z
        return np.array([self.at(*point) for point in zip(x.ravel(), y.ravel(), strict=True)]).reshape(x.shape)

    def at(self, x: float, y: float) -> float:
        """The height at one point."""
        where = f"at x = {x:.4g}, y = {y:.4g}"
        try:
            with np.errstate(all="ignore"):
                z = self.fn(x, y)
        except Exception as error:
            raise ValueError(f"{self.name}(x, y) failed {where}: {type(error).__name__}: {error}.") from error
        if z is None:
            raise ValueError(f"{self.name}(x, y) returned None {where}. Does it end with `return`?")
        try:
            height = float(np.asarray(z, float).reshape(()))
        except (TypeError, ValueError):
            raise ValueError(f"{self.name}(x, y) should return one number {where}, got {describe(z)}.") from None
        if not np.isfinite(height):
            raise ValueError(f"{self.name}(x, y) is {height} {where}: it should be a finite number there.")
        return height

    def try_arrays(self, x: Array, y: Array) -> None:
        """Find out whether it understands arrays: same shape, and the same numbers as point by point."""
        try:
            with np.errstate(all="ignore"):
                z = np.asarray(self.fn(x, y), float)
        except Exception:
            return
        some = [(i, i * 7 % len(x)) for i in range(0, len(x), 11)]
        self.for_arrays = z.shape == x.shape and np.allclose(
            [z[at] for at in some], [self.at(x[at], y[at]) for at in some]
        )


def own_surface(
    fn: Callable[[Any, Any], Any],
    start: Point | None = None,
    window: tuple[float, float, float, float] = (-3, 3, -3, 3),
) -> Surface:
    """A row for a learner's function f(x, y). Its gradient is taken by central differences, its minima are searched
    for on a grid. Raises TypeError or ValueError where `fn` or `window` cannot be used."""
    _need_two_arguments(fn)
    window = need_window(window)
    f, (x, y) = OwnFunction(fn), mesh(window)
    f.at(float(x[0, 0]), float(y[0, 0]))  # what is wrong everywhere is reported here
    f.try_arrays(x, y)
    z = f(x, y)
    width = window[1] - window[0]
    h = 1e-5 * width

    def gradient(x: Any, y: Any) -> tuple[Any, Any]:
        return (f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)

    bend = max(float(np.abs(np.diff(z, 2, axis=axis)).max()) for axis in (0, 1)) * ((GRID - 1) / width) ** 2
    begin = (window[0] + 0.2 * width, window[2] + 0.8 * width) if start is None else start
    minima = tuple(_refine(f, point, width / (GRID - 1), window) for point in _low_points(x, y, z))
    # Gradient descent is stable below 2 / curvature.
    return Surface("yours", f, gradient, window, minima, f.name, begin, (1 / max(bend, 1e-3), 0.02 * width))


def _need_two_arguments(fn: Any) -> None:
    if not callable(fn):
        raise TypeError(f"{_WANTED}, or one of {', '.join(SURFACES)}; got {describe(fn)}.")
    try:
        signature = inspect.signature(fn)
    except (TypeError, ValueError):  # built in: it has no signature
        return
    try:
        signature.bind(0.0, 0.0)
    except TypeError:
        raise TypeError(f"{_WANTED}; {getattr(fn, '__name__', 'yours')}{signature} does not take two.") from None


def need_window(window: Any) -> tuple[float, float, float, float]:
    """A window checked: (x low, x high, y low, y high), as high as it is wide."""
    wanted = "window should be (x low, x high, y low, y high), as high as it is wide"
    try:
        left, right, bottom, top = (float(edge) for edge in window)
    except (TypeError, ValueError):
        raise ValueError(f"{wanted}; got {describe(window)}.") from None
    if not (np.isfinite([left, right, bottom, top]).all() and left < right):
        raise ValueError(f"{wanted}; got {describe(window)}.")
    if not np.isclose(right - left, top - bottom):
        raise ValueError(f"{wanted}: this one is {right - left:g} wide and {top - bottom:g} high.")
    return left, right, bottom, top


def _low_points(x: Array, y: Array, z: Array) -> list[Point]:
    """Grid points that are lower than their neighbours and as low as any, to a thousandth of the heights' range."""
    inner = z[1:-1, 1:-1]
    around = [z[1 + i : GRID - 1 + i, 1 + j : GRID - 1 + j] for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
    low = np.all([inner < other for other in around], axis=0) & (inner <= z.min() + 1e-3 * np.ptp(z))
    found = [(float(x[i + 1, j + 1]), float(y[i + 1, j + 1])) for i, j in np.argwhere(low)[:9]]
    if found:
        return found
    i, j = np.unravel_index(z.argmin(), z.shape)  # on the edge, or flat: the lowest that there is
    return [(float(x[i, j]), float(y[i, j]))]


def _refine(f: OwnFunction, point: Point, reach: float, window: tuple[float, float, float, float]) -> Point:
    """Look around a point on finer and finer grids inside the window; stay where the function has no value."""
    a, b = point
    for _ in range(12):
        x, y = mesh((a - reach, a + reach, b - reach, b + reach), 9)
        x, y = np.clip(x, *window[:2]), np.clip(y, *window[2:])  # a slope goes on falling outside
        try:
            i, j = np.unravel_index(f(x, y).argmin(), x.shape)
        except ValueError:
            break
        a, b, reach = float(x[i, j]), float(y[i, j]), reach / 2
    return a, b
