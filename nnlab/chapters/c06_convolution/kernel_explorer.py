"""Explorer of chapter 06: a 3 x 3 kernel slides over a picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets.pictures import NAMES, digit, grey, photograph, uploaded
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import Numbers, Raster, grey_colours, signed_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.upload import Upload
from nnlab.scratch import Conv2d

Array = NDArray[Any]
CELLS = {"↖": "top left", "↑": "top", "↗": "top right", "←": "left", "•": "middle", "→": "right"}
CELLS |= {"↙": "bottom left", "↓": "bottom", "↘": "bottom right"}
CELL_NAMES = tuple(f"k{i}{j}" for i in range(3) for j in range(3))
_RNG = np.random.default_rng(0)


def convolve(x: Array, kernel: Array, stride: int = 1, padding: int = 0) -> Array:
    """x: (H, W) with zeros around it, kernel: (3, 3) -> (H', W'): `nnlab.scratch.Conv2d` with this one kernel."""
    layer = Conv2d(1, 1, 3, stride, padding, bias=False, rng=_RNG, dtype=x.dtype)
    layer.params["weight"][...] = kernel
    return layer(x[None, None])[0, 0]


@cache
def _probes() -> dict[str, Array]:
    """Test pictures (8, 8): all one grey, a vertical edge, a horizontal one."""
    step = np.repeat([0.0, 1.0], 4)
    return {"flat": np.ones((8, 8)), "vertical": np.tile(step, (8, 1)), "horizontal": np.tile(step, (8, 1)).T}


@dataclass
class KernelResponse:
    """A kernel on a picture. picture: with its padding, (H + 2 padding, W + 2 padding); result: (H', W').

    position: (row, column) of the pixel of the result that is shown; window: (3, 3), the pixels it comes from.
    responses: the largest absolute result on a flat picture, on a vertical edge and on a horizontal one."""

    picture: Array
    kernel: Array
    result: Array
    stride: int
    padding: int
    position: tuple[int, int]
    window: Array
    responses: dict[str, float]

    @property
    def products(self) -> Array:
        """Each pixel of the window times the kernel's weight there, (3, 3); their sum is the result."""
        return self.window * self.kernel

    @property
    def signed(self) -> bool:
        """Whether flat areas give 0, so that the result is a picture of differences."""
        return abs(float(self.kernel.sum())) < 1e-6


def slide(x: Array, kernel: Array, stride: int, padding: int, across: int, down: int) -> KernelResponse:
    """The kernel's result on x: (H, W), and the window `across` and `down` percent of the way."""
    result = convolve(x, kernel, stride, padding)
    i, j = ((n - 1) * percent // 100 for n, percent in zip(result.shape, (down, across), strict=True))
    padded = np.pad(x, padding)
    window = padded[i * stride : i * stride + 3, j * stride : j * stride + 3]
    responses = {name: float(np.abs(convolve(probe, kernel)).max()) for name, probe in _probes().items()}
    return KernelResponse(padded, kernel, result, stride, padding, (i, j), window, responses)


def _short(value: float) -> str:
    """Few digits: 1, -0.5, 0.11."""
    return f"{value:z.0f}" if abs(value - round(value)) < 5e-3 else f"{value:.2f}"


class KernelView:
    """Above the picture and the result, below one window times the kernel, whose products add up to one pixel."""

    def __init__(self, figure: Figure):
        above, below = figure.subfigures(2, 1, height_ratios=[2.35, 1.4])  # type: ignore[misc]
        self.pictures = above.subplots(1, 2)
        tables = below.subplots(1, 4, width_ratios=[1, 1, 1, 0.72])
        self.images, self.frames, self.marks, self.titles = [], [], [], []
        for ax in self.pictures:
            ax.set(xticks=[], yticks=[], aspect="equal", title=" ")
            ax.grid(False)
            ax.spines[:].set_visible(False)
            self.images.append(Raster(ax))
            self.frames.append(ax.add_patch(Rectangle((0, 0), 1, 1, fill=False, ec=plots.GREY, lw=1, animated=True)))
            self.marks.append(ax.add_patch(Rectangle((0, 0), 3, 3, fill=False, ec=plots.PURPLE, lw=2, animated=True)))
            self.titles.append(ax.text(0, 1.03, "", transform=ax.transAxes, weight="bold", animated=True))
        for ax, title in zip(tables, ("The window", "× the kernel", "= nine products", "added up"), strict=True):
            ax.set_title(title)
        self.tables = [Numbers(ax) for ax in tables[:3]]
        self.total = Numbers(tables[3], 11)
        self._shape: tuple[int, int] | None = None

    def update(self, d: KernelResponse) -> None:
        p, s, (i, j) = d.padding, d.stride, d.position
        height, width = (n - 2 * p for n in d.picture.shape)
        if self._shape != (height, width):  # only for another picture: it moves the axes
            self._shape = (height, width)
            for ax in self.pictures:
                high = max(height, width / 1.5) + 4  # always 3 : 2, so that the axes keep their place
                ax.set(xlim=(-2, 1.5 * high - 2), ylim=(high - 2, -2))
        rows, columns = d.result.shape
        scale = 0.2 * max(float(np.abs(d.kernel).sum()), 1e-6)  # 0.5 would be an edge from black to white
        self._put(0, grey_colours(d.picture), (-p, width + p, height + p, -p))
        colours = signed_colours(d.result, scale) if d.signed else grey_colours(d.result)
        self._put(1, colours, (0, columns, rows, 0))
        room = max(0.0, width / 160 * 1.5)  # the mark of one pixel of a photograph would not be seen
        for mark, (y, x), side in zip(self.marks, ((i * s - p, j * s - p), (i, j)), (3, 1), strict=True):
            mark.set_bounds(x - room, y - room, side + 2 * room, side + 2 * room)
        self.titles[0].set_text(f"Picture {height} × {width}" + (f", {p} of zeros around it" if p else ""))
        self.titles[1].set_text(f"Result {rows} × {columns}" + (": flat areas give 0" if d.signed else ""))
        largest = max(float(np.abs(d.kernel).max()), 1e-6)
        colours_of_tables = (
            grey_colours(d.window),
            signed_colours(d.kernel, largest),
            signed_colours(d.products, largest),
        )
        for table, values, look in zip(self.tables, (d.window, d.kernel, d.products), colours_of_tables, strict=True):
            table.show([[_short(v) for v in row] for row in values], look)
        self.total.show([[_short(float(d.result[i, j]))]], colours[i : i + 1, j : j + 1])

    def _put(self, k: int, colours: Array, extent: tuple[float, float, float, float]) -> None:
        self.images[k].show(colours, extent)
        left, right, bottom, top = extent
        self.frames[k].set_bounds(left, top, right - left, bottom - top)


def _setting(numbers: str, divisor: int = 1) -> dict[str, int]:
    return {**dict(zip(CELL_NAMES, map(int, numbers.split()), strict=True)), "divisor": divisor}


PRESETS = {
    "identity": _setting("0 0 0  0 1 0  0 0 0"),
    "blur": _setting("1 1 1  1 1 1  1 1 1", 9),
    "sharpen": _setting("0 -1 0  -1 5 -1  0 -1 0"),
    "horizontal edges": _setting("-1 -2 -1  0 0 0  1 2 1"),  # Sobel's
    "all edges": _setting("0 1 0  1 -4 1  0 1 0"),  # Laplace's
    "emboss": _setting("-2 -1 0  -1 1 1  0 1 2"),
}


def _compute(own: Array | None, image: str, upload: str, stride: int, padding: int, **values: int) -> KernelResponse:
    if upload:
        x = uploaded(upload)
    elif image == "yours":
        assert own is not None
        x = own
    else:
        x = digit() if image == "digit" else photograph(image)
    numbers = [values.pop(name) / values["divisor"] for name in CELL_NAMES]
    kernel = np.array(numbers, np.float32).reshape(3, 3)
    return slide(x, kernel, stride, padding, values["across"], values["down"])


def kernel_explorer(picture: Any = None) -> Explorer:
    """Set the nine weights of a kernel, and see its effect on a photograph.

    picture: one of your own, as a path or an array (H, W) or (H, W, 3); it can also be chosen in the page."""
    own, start = None if picture is None else grey(picture), PRESETS["horizontal edges"]
    cells = {
        name: Slider(-8, 8, 1, start[name], label=sign, help=f"the kernel's weight, {words}", narrow=True)
        for name, (sign, words) in zip(CELL_NAMES, CELLS.items(), strict=True)
    }
    return Explorer(
        compute=partial(_compute, own),
        draw=KernelView,
        controls={
            **cells,
            "divisor": Slider(1, 16, 1, 1, label="all divided by"),
            "stride": Slider(1, 3, 1, 1, label="stride"),
            "padding": Slider(0, 2, 1, 0, label="padding"),
            "across": Slider(0, 100, 1, 50, label="window, across", unit="%"),
            "down": Slider(0, 100, 1, 40, label="window, down", unit="%"),
            "image": Choice([*(["yours"] if own is not None else []), *NAMES, "digit"], label="picture"),
            "upload": Upload(label="or one of yours", help="a JPEG or PNG file; it stays on this computer"),
        },
        goal=Goal(
            "Find a kernel for vertical edges: 0 in flat areas, 0 along a horizontal edge, and at least 1, or at most "
            "-1, on a vertical edge from black to white.",
            lambda d: max(d.responses["flat"], d.responses["horizontal"]) < 1e-6 and d.responses["vertical"] >= 1,
            solution=_setting("-1 0 1  -2 0 2  -1 0 1"),
        ),
        presets=PRESETS,
        size=(7.0, 4.3),
        alt="A picture and what a 3 x 3 kernel makes of it, and one window times the kernel, added up to one pixel.",
    )
