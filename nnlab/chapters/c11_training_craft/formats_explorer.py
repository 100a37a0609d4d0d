"""Explorer of chapter 11: every bit of a number in float32, bfloat16 and float16, and what loss scaling saves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from nnlab import plots
from nnlab.explore.controls import Levels, Slider, Toggle
from nnlab.explore.drawing.pixel_text import label, scale_of
from nnlab.explore.drawing.words import Words
from nnlab.explore.explorer import Explorer, Goal

Array = NDArray[Any]


class Format(NamedTuple):
    """How many bits of a number are its exponent and its fraction; one more, the first, is its sign."""

    name: str
    exponent: int
    fraction: int

    @property
    def bias(self) -> int:
        """What is added to the exponent before it is stored: 2^0 is stored as this number."""
        return int(2 ** (self.exponent - 1)) - 1

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float((2 - 2.0**-self.fraction) * 2.0**self.bias)

    @property
    def normal(self) -> float:
        """The smallest number with full precision."""
        return float(2.0 ** (1 - self.bias))

    @property
    def smallest(self) -> float:
        """The smallest number above zero: only the last bit of the fraction is set."""
        return self.normal * float(2.0**-self.fraction)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {row.name: row for row in (Format("float32", 8, 23), Format("bfloat16", 8, 7), Format("float16", 5, 10))}
)


def to_bits(values: Any, name: str) -> Array:
    """The bits of numbers in one of FORMATS, as uint32. They are rounded to float32 first, as a tensor's are.

    bfloat16 is the upper half of float32, rounded to the nearest, and to an even last bit where two are as near."""
    with np.errstate(over="ignore", under="ignore"):
        single = np.asarray(values, np.float64).astype(np.float32)
        if name == "float16":
            return single.astype(np.float16).view(np.uint16).astype(np.uint32)
    bits = single.view(np.uint32)
    if name == "float32":
        return bits
    odd = (bits >> np.uint32(16)) & np.uint32(1)
    return (bits + np.uint32(0x7FFF) + odd) >> np.uint32(16)


def from_bits(bits: Any, name: str) -> Array:
    """The numbers that such bits hold, float64: (-1)^sign (1 + fraction) 2^(exponent - bias).

    Exponent bits that are all 0 mean fraction 2^(1 - bias), without the 1 +: subnormal numbers, and zero. All 1 mean
    infinity (or, with a fraction, that it is no number)."""
    form = FORMATS[name]
    whole = np.asarray(bits).astype(np.int64)
    fraction = (whole & (2**form.fraction - 1)) / 2**form.fraction
    exponent = whole >> form.fraction & (2**form.exponent - 1)
    sign = np.where(whole >> (form.fraction + form.exponent), -1.0, 1.0)
    size = np.ldexp(fraction + (exponent > 0), np.maximum(exponent, 1) - form.bias)
    beyond = np.where(fraction > 0, np.nan, np.inf)
    return sign * np.where(exponent == 2**form.exponent - 1, beyond, size)


@dataclass
class StoredNumber:
    """A number in one format: the bits of value * scale, to be divided by the scale again."""

    value: float
    name: str
    scale: float
    bits: int

    @property
    def raw(self) -> float:
        """What the bits hold; infinity after an overflow."""
        return float(from_bits(self.bits, self.name))

    @property
    def held(self) -> float:
        """What is left of the number: what the bits hold, divided by the scale."""
        return self.raw / self.scale

    @property
    def error(self) -> float:
        """Relative error, 0 for exact and 1 for all lost; infinity after an overflow."""
        return abs(self.held - self.value) / abs(self.value)

    @property
    def state(self) -> str:
        """exact, rounded, subnormal, zero (underflow) or infinite (overflow)."""
        size = abs(self.raw)
        if not np.isfinite(size):
            return "infinite"
        if size < FORMATS[self.name].normal:
            return "subnormal" if size else "zero"
        return "rounded" if self.error else "exact"


@dataclass
class NumberInFormats:
    """One number, stored in the three formats, and in float16 once more with loss scaling."""

    value: float
    scale: float
    plain: dict[str, StoredNumber]
    scaled: StoredNumber


def stored(value: float, name: str, scale: float = 1.0) -> StoredNumber:
    """value * scale in the bits of a format."""
    return StoredNumber(value, name, scale, int(to_bits(value * scale, name)))


def number(digits: float, power: float, negative: bool, scale: float) -> NumberInFormats:
    """The number -digits or +digits times 10^power, in all formats."""
    value = float(f"{'-' if negative else ''}{digits!r}e{int(power)}")  # read as it is written: 0.1 is 0.1
    return NumberInFormats(
        value, scale, {name: stored(value, name) for name in FORMATS}, stored(value, "float16", scale)
    )


def smallest_scale(value: float, error: float = 0.01) -> float | None:
    """The smallest of SCALES with which float16 keeps `value` to within this relative error; None if none does."""
    return next((scale for scale in SCALES if stored(value, "float16", scale).error < error), None)


SCALES = [float(2**k) for k in range(17)]
GOAL_GRADIENT = 1e-8
_KINDS = ("#efe3ea", "#fbeccb", "#dbeefa"), (plots.PURPLE, plots.ORANGE, plots.SKY)  # of sign, exponent, fraction: 0, 1
_CELL = 19, 24  # width and height of a bit's cell, pixels
_INK = {"exact": "#00664b", "rounded": plots.BLACK, "subnormal": "#7a5200", "zero": "#9a3d00", "infinite": "#9a3d00"}
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@cache
def _tile(kind: int, bit: int, scale: int) -> Array:
    """A cell with its 0 or 1, (24, 19, 4) uint8 times `scale`, its lowest row first."""
    width, height = (scale * side for side in _CELL)
    image = Image.new("RGBA", (width - scale, height), _KINDS[bit][kind])
    where = ((width - scale) / 2, height / 2)
    label(image, str(bit), where, "black" if bit else "#5a5a5a", pixels=13 * scale)
    out = np.zeros((height, width, 4), np.uint8)
    out[:, :-scale] = np.asarray(image)[::-1]
    return out


class BitRow(Artist):
    """A row of cells with their lower left corner at (left, bottom) of the figure, in pixels; `show(bits, format)`."""

    def __init__(self, figure: Figure, left: int, bottom: int):
        super().__init__()
        self._at, self._now = (left, bottom), (0, FORMATS["float32"])
        self.set(zorder=4, animated=True)
        figure.add_artist(self)

    def show(self, bits: int, form: Format) -> None:
        """What the next draw shows."""
        self._now = bits, form

    def draw(self, renderer: Any) -> None:
        (bits, form), scale = self._now, scale_of(renderer)
        gap = np.zeros((scale * _CELL[1], scale * 6, 4), np.uint8)
        parts, place = [], form.exponent + form.fraction
        for kind, count in enumerate((1, form.exponent, form.fraction)):
            parts += [gap] if kind else []
            parts += [_tile(kind, bits >> (place - k) & 1, scale) for k in range(count)]
            place -= count
        left, bottom = (scale * place for place in self._at)
        gc = renderer.new_gc()
        renderer.draw_image(gc, left, bottom, np.concatenate(parts, axis=1))
        gc.restore()


def _short(value: float) -> str:
    """Nine digits, enough to tell float32 numbers apart."""
    return "infinity" if value == np.inf else "-infinity" if value == -np.inf else f"{value:.9g}"


def _parts(s: StoredNumber) -> str:
    """The bits read as a formula: 1.6 × 2⁻⁴."""
    form, raw = FORMATS[s.name], abs(s.raw)
    if s.state in ("zero", "infinite"):
        return ""
    power = max(int(np.frexp(raw)[1]) - 1, 1 - form.bias)
    return f"{'-' if s.raw < 0 else ''}{raw / 2.0**power:.6g} × 2{str(power).translate(_RAISED)}"


def _verdict(s: StoredNumber) -> str:
    if s.state == "zero":
        return "underflow: nothing is left"
    if s.state == "infinite":
        return "overflow: too large"
    if s.error == 0:
        return "exact" if s.state == "exact" else "subnormal, exact"
    error = f"{100 * s.error:.2g}%" if s.error >= 1e-4 else f"{s.error:.1e}"
    return f"{s.state}, off by {error}"


class FormatsView:
    """A row of bits for each format, and below where the number stands in what each format can hold."""

    HEIGHT, TOP, ROW = 520, 486, 86

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")
        for x, kind, text in ((14, 0, "sign"), (80, 1, "exponent"), (180, 2, "fraction")):
            at = (x / 700, (self.HEIGHT - 23) / self.HEIGHT)
            figure.text(*at, "■", color=_KINDS[1][kind], fontsize=13, va="baseline")
            figure.text(at[0] + 20 / 700, at[1], text, fontsize=10, va="baseline")
        self.rows = [BitRow(figure, 14, self.TOP - self.ROW * k - 58) for k in range(4)]
        ax = figure.add_axes((0.115, 0.085, 0.865, 0.165))
        ax.set(xscale="log", xlim=(1e-47, 1e41), ylim=(-0.6, 2.6))
        ax.set_xticks([10.0**k for k in range(-40, 41, 10)], [f"$10^{{{k}}}$" for k in range(-40, 41, 10)])
        ax.set_xticks([], minor=True)
        ax.set_yticks([2, 1, 0], list(FORMATS), fontsize=9)
        ax.grid(axis="y", visible=False)
        for y, form in zip((2, 1, 0), FORMATS.values(), strict=True):
            style: dict[str, Any] = dict(height=0.6, lw=0)
            ax.barh(y, form.largest - form.normal, left=form.normal, color=plots.SKY, **style)
            ax.barh(y, form.normal - form.smallest, left=form.smallest, color="#cfe6f5", **style)
        ax.set_title("What each can hold", pad=4)
        ax.text(1e41, 2.75, "pale: subnormal, with fewer digits", fontsize=9, color="#4a4a4a", va="bottom", ha="right")
        (self.here,) = ax.plot([], [], color=plots.BLACK, lw=1.8, animated=True)
        (self.there,) = ax.plot([], [], color=plots.VERMILLION, lw=1.8, ls="--", animated=True)
        self.words = Words(figure, 0, 0, 700, self.HEIGHT)

    def update(self, d: NumberInFormats) -> None:
        write = self.words.write
        self.words.wipe()
        write("the number: " + _short(d.value), 686, self.HEIGHT - 23, align="right", bold=True)
        for k, (bits, s) in enumerate(zip(self.rows, (*d.plain.values(), d.scaled), strict=True)):
            bits.show(s.bits, FORMATS[s.name])
            y = self.TOP - self.ROW * k - 26
            write(s.name, 14, y, bold=True)
            if s is d.scaled:
                write(f"× {d.scale:g}", 80, y, bold=True, colour="#9a3d00")
            write(_short(s.raw), 166, y)
            write(_parts(s), 312, y, points=9.5, colour=plots.GREY)
            if s is not d.scaled:
                write(_verdict(s), 686, y, _INK[s.state], align="right")
                continue
            write("divided by the scale again:", 686, y, points=9.5, colour=plots.GREY, align="right")
            write(_short(s.held), 352, y - 26)
            write(_verdict(s), 686, y - 26, _INK[s.state], align="right")
        size = abs(d.value)
        self.here.set_data([size, size], [-0.6, 2.6])
        scaled = [size * d.scale] * 2 if d.scale > 1 else []
        self.there.set_data(scaled, [-0.6, 0.6] if scaled else [])


def formats_explorer() -> Explorer:
    """A number, bit by bit, in the three formats that networks are trained in."""

    def preset(digits: float, power: int) -> dict[str, Any]:
        return dict(digits=digits, power=power, negative=False)

    return Explorer(
        compute=number,
        draw=FormatsView,
        controls={
            "digits": Slider(1.0, 9.9999, 0.0001, 1.0, label="digits"),
            "power": Slider(-46, 39, 1, -1, label="times ten to the power"),
            "negative": Toggle(False, label="negative"),
            "scale": Levels(SCALES, 1.0, label="loss scale", help="multiplied before, divided after; float16 only"),
        },
        presets={
            "0.1": preset(1.0, -1),
            "0.33333": preset(3.3333, -1),
            "65504": preset(6.5504, 4),
            "70000": preset(7.0, 4),
            "1e38": preset(1.0, 38),
            "1e-8": preset(1.0, -8),
            "1e-40": preset(1.0, -40),
        },
        goal=Goal(
            "1e-8 is a gradient that float16 turns into 0. Find the smallest loss scale with which less than 1% of it "
            "is lost.",
            lambda d: abs(d.value) == GOAL_GRADIENT and d.scale == smallest_scale(GOAL_GRADIENT),
            solution=dict(digits=1.0, power=-8, scale=256),
        ),
        size=(7.0, FormatsView.HEIGHT / plots.DPI),
        alt="The bits of one number in float32, bfloat16 and float16, what each of them really holds, and where the "
        "number stands in the range of each.",
    )
