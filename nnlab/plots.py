"""One visual language for all chapters: colours, style, and drawing functions that take an Axes.

Figures are `matplotlib.figure.Figure`, never pyplot's: no global state, nothing left open, nothing shown twice.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from nnlab.checks import pick
from nnlab.png import encode_small
from nnlab.scratch.optim import OPTIMIZERS

# Okabe & Ito's palette: eight colours that colour-blind readers tell apart.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILLION, PURPLE = (
    "#000000",
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
CLASSES = (ORANGE, BLUE, GREEN, PURPLE, SKY, VERMILLION, BLACK, YELLOW)
CLASS_MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")  # shape repeats what colour says
FORWARD, GRADIENT = BLUE, VERMILLION  # what flows forward, what flows back
NUMPY, TORCH = dict(marker="o", color=BLUE), dict(marker="x", color=VERMILLION)
TRAIN, VALIDATION, TEST = "-", "--", ":"
GREY, PAPER = "#6b6b6b", "#fdfdfb"

# Weights and outputs: negative orange, zero white, positive blue; the same hues as classes 0 and 1.
DIVERGING = LinearSegmentedColormap.from_list("nnlab_diverging", [(0.0, ORANGE), (0.5, "#ffffff"), (1.0, BLUE)])

STYLE: dict[str, Any] = {
    "figure.facecolor": PAPER,  # its own paper, so that it reads on a light and on a dark page
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same glyphs everywhere
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e0",
    "axes.axisbelow": True,
    "lines.linewidth": 2,
    "legend.frameon": False,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE, VERMILLION, SKY, BLACK]),
}
DPI = 100  # dots an inch, the pixels of a page
SHARP = 2  # times DPI: what rests is drawn for screens with two dots a pixel


class Look(NamedTuple):
    """How an optimizer is written and drawn: its label, its colour and its marker."""

    label: str
    color: str
    marker: str


_LOOKS = {
    "sgd": Look("SGD", BLACK, "o"),
    "momentum": Look("momentum", BLUE, "^"),
    "nesterov": Look("Nesterov", SKY, "v"),
    "rmsprop": Look("RMSprop", ORANGE, "s"),
    "adam": Look("Adam", VERMILLION, "D"),
    "adamw": Look("AdamW", PURPLE, "P"),
}
# for all others, in the order of OPTIMIZERS; seven colours and six markers repeat a pair only after 42
_SPARE_COLOURS = (GREEN, ORANGE, PURPLE, BLUE, VERMILLION, SKY, BLACK)
_SPARE_MARKERS = ("X", "*", "h", "p", "<", ">")


def look(optimizer: str) -> Look:
    """Label, colour and marker of a row of `nnlab.scratch.optim.OPTIMIZERS`: the same in every explorer.

    A row without a look of its own gets the next colour and marker of the palette that are free, and its name as its
    label. Raises ValueError for a name that is not in the table."""
    pick(OPTIMIZERS, optimizer, "optimizer")
    if optimizer in _LOOKS:
        return _LOOKS[optimizer]
    k = [name for name in OPTIMIZERS if name not in _LOOKS].index(optimizer)
    label = optimizer.replace("_", " ")
    return Look(label, _SPARE_COLOURS[k % len(_SPARE_COLOURS)], _SPARE_MARKERS[k % len(_SPARE_MARKERS)])


@contextmanager
def style() -> Iterator[None]:
    """A context in which figures are made and drawn in the workbook's style.

    Only the settings of STYLE are kept and put back: Matplotlib's own `rc_context` copies all 300, for every frame."""
    settings: Any = matplotlib.rcParams
    before = {name: settings[name] for name in STYLE}
    try:
        settings.update(STYLE)
        yield
    finally:
        settings.update(before)


def figure(width: float = 7.0, height: float = 3.5, columns: int = 1, rows: int = 1) -> tuple[Figure, Any]:
    """A figure of width x height inches, and its axes (one, or an array of them).

    From here on Matplotlib draws in the workbook's style, since titles and legends take theirs when they are made.
    -> the figure, and one Axes or an array (rows, columns) of them without axes of length 1."""
    matplotlib.rcParams.update(STYLE)  # type: ignore[arg-type]
    fig = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    return fig, fig.subplots(rows, columns)


def show(fig: Figure, alt: str) -> None:
    """Display a finished figure as one picture. `alt` describes it in words, for readers who cannot see it.

    Raises ValueError if `alt` is empty."""
    from IPython.display import display

    if not alt.strip():
        raise ValueError("Describe in `alt` what the figure shows: it is all that some readers get.")
    with style():
        agg = FigureCanvasAgg(fig)
        fig.set_dpi(DPI * SHARP)
        agg.draw()
        fig.set_dpi(DPI)
    width, height = (round(size * DPI) for size in fig.get_size_inches())
    bundle, metadata = picture(encode_small(np.asarray(agg.buffer_rgba())), alt, width, height)
    display(bundle, raw=True, metadata=metadata)
    display({"text/html": spoken(alt), "text/plain": ""}, raw=True)


def spoken(alt: str) -> str:
    """Invisible HTML for screen readers with `alt`: JupyterLab gives its pictures no alt text of their own."""
    hidden = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
    return f'<span style="{hidden}">Picture: {html.escape(alt)}</span>'


def picture(png: bytes, alt: str, width: int, height: int) -> tuple[dict[str, str], ...]:
    """The mime bundle and metadata of a picture of width x height pixels: it is still shown on a code host, in exported
    pages and without a kernel."""
    bundle = {"image/png": base64.b64encode(png).decode(), "text/plain": f"[picture: {alt}]"}
    return bundle, {"image/png": {"width": width, "height": height, "alt": alt}}  # type: ignore[dict-item]


def scatter_classes(
    ax: Axes, x: np.ndarray, labels: np.ndarray, names: Sequence[str] = (), **options: Any
) -> list[Any]:
    """Points x (N, 2), colour and marker by class label (N,), an integer below 8. Returns one artist for each class.

    names: of the classes, for the legend. options: as `Axes.scatter` takes them."""
    shown = []
    for k in np.unique(labels):
        mine = labels == k
        look: dict[str, Any] = dict(
            color=CLASSES[k], marker=CLASS_MARKERS[k], edgecolors="white", linewidths=0.8, s=40, zorder=3
        )
        label = names[k] if len(names) else f"class {k}"
        shown.append(ax.scatter(x[mine, 0], x[mine, 1], label=label, **(look | options)))
    return shown


def surface(ax: Axes, values: np.ndarray, extent: tuple[float, float, float, float], **options: Any) -> AxesImage:
    """Values (rows from low to high y, columns from low to high x) as a coloured field, -1 orange to 1 blue.

    extent: (x low, x high, y low, y high). options: as `Axes.imshow` takes them."""
    look: dict[str, Any] = dict(
        cmap=DIVERGING, vmin=-1, vmax=1, origin="lower", aspect="auto", alpha=0.55, interpolation="bilinear"
    )
    ax.grid(False)
    return ax.imshow(values, extent=extent, **(look | options))


def grid(extent: tuple[float, float, float, float], size: int = 60) -> np.ndarray:
    """size x size points that cover extent (x low, x high, y low, y high), as rows (size * size, 2) for `surface`."""
    u, v = np.meshgrid(np.linspace(*extent[:2], size), np.linspace(*extent[2:], size))
    return np.column_stack([u.ravel(), v.ravel()])


def border(w: np.ndarray, b: float, extent: tuple[float, float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Two points of the line w.x + b = 0, far outside the picture: their x (2,) and their y (2,); w: (2,).

    Two empty arrays where w is zero."""
    length = float(np.hypot(*w))
    if length < 1e-9:
        return np.array([]), np.array([])
    foot, along = -b * w / length**2, np.array([-w[1], w[0]]) / length
    reach = 4 * max(map(abs, extent)) + float(np.abs(foot).max())
    ends = np.array([foot - reach * along, foot + reach * along])
    return ends[:, 0], ends[:, 1]
