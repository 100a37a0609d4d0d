"""Explorer of chapter 06: output sizes and receptive fields of convolutions in sequence."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch.layers.conv import out_size

MAX_LAYERS, MAX_SIZE, MARGIN = 4, 32, 10  # layers, inputs, cells of padding drawn on either side


@dataclass(frozen=True)
class LayerSize:
    """One layer along one axis: its kernel, stride and padding, its `size` in cells (0: nothing is left), how many
    inputs one cell sees (`field`), how many inputs apart two neighbours are (`jump`), and where the middle of the
    first cell stands (`start`), counted in inputs."""

    kernel: int
    stride: int
    padding: int
    size: int
    field: int
    jump: int
    start: float


def real_cells(cells: set[int], row: LayerSize) -> set[int]:
    """Those of the cells that are not padding."""
    return cells & set(range(row.size))


@dataclass
class LayerSizes:
    """rows[0] is the input. seen[k]: the cells of row k that the chosen output is made of, which may lie in the
    padding (below 0, or from `size` on); nothing is in them where nothing comes out."""

    rows: list[LayerSize]
    seen: list[set[int]]

    @property
    def inputs(self) -> int:
        """How many inputs the chosen output depends on, padding not counted."""
        return len(real_cells(self.seen[0], self.rows[0]))


def stack_sizes(size: int, layers: list[tuple[int, int, int]], percent: int = 50) -> LayerSizes:
    """Sizes and receptive fields of layers (kernel, stride, padding), one after the other.

    size -> floor((size + 2 padding - kernel) / stride) + 1; field grows by (kernel - 1) jump; jump times stride."""
    rows = [LayerSize(1, 1, 0, size, 1, 1, 0.0)]
    for kernel, stride, padding in layers:
        last = rows[-1]
        fits = last.size > 0 and last.size + 2 * padding >= kernel
        rows.append(
            LayerSize(
                kernel,
                stride,
                padding,
                out_size(last.size, kernel, stride, padding) if fits else 0,
                last.field + (kernel - 1) * last.jump,
                last.jump * stride,
                last.start + ((kernel - 1) / 2 - padding) * last.jump,
            )
        )
    seen = [{(rows[-1].size - 1) * percent // 100} if rows[-1].size else set()]
    for row in reversed(rows[1:]):
        first = [i * row.stride - row.padding for i in real_cells(seen[0], row)]
        seen.insert(0, {i + a for i in first for a in range(row.kernel)})
    return LayerSizes(rows, seen)


class SizesView:
    """A row of cells for each layer, the input lowest. One output cell is blue, and so is all that it depends on."""

    def __init__(self, figure: Figure):
        self.cells_at, words = figure.subplots(1, 2, width_ratios=[1.75, 1])
        self.cells_at.set(
            xlim=(-MARGIN, MAX_SIZE - 1 + MARGIN),
            ylim=(-0.75, MAX_LAYERS + 0.75),
            yticks=range(MAX_LAYERS + 1),
            xticks=[],
        )
        self.cells_at.set_yticklabels(["input", *(f"layer {k}" for k in range(1, MAX_LAYERS + 1))])
        self.cells_at.set_title(" ")
        self.title = self.cells_at.text(
            0, 1.03, "", transform=self.cells_at.transAxes, weight="bold", size=10.5, animated=True
        )
        words.set(xlim=(0, 1), ylim=(-0.75, MAX_LAYERS + 0.75))
        words.axis("off")
        words.set_title("Sizes by the formula")
        for ax in (self.cells_at, words):
            ax.grid(False)
            ax.spines[:].set_visible(False)
        self.cells_at.tick_params(length=0)
        self.lines = self.cells_at.add_collection(LineCollection([], colors=plots.BLUE, linewidths=1, animated=True))
        self.cells = self.cells_at.add_collection(PolyCollection([], linewidths=0.6, animated=True))
        self.texts = [words.text(0, k, "", va="center", fontsize=9, linespacing=1.5, animated=True) for k in range(5)]
        self.none = self.cells_at.text(MAX_SIZE / 2, 0, "", ha="center", va="center", color="#a63c00", animated=True)

    def update(self, d: LayerSizes) -> None:
        boxes, fills, edges, lines = [], [], [], []
        for k, row in enumerate(d.rows):
            above = d.rows[k + 1] if k + 1 < len(d.rows) else None
            pad = above.padding if above and row.size else 0
            half = 0.43 * min(row.jump, 3)
            for i in range(-pad, row.size + pad):
                x = row.start + i * row.jump
                if not -MARGIN + half < x < MAX_SIZE - 1 + MARGIN - half:
                    continue  # padding of a deep layer lies far outside
                boxes.append([(x - half, k - 0.2), (x + half, k - 0.2), (x + half, k + 0.2), (x - half, k + 0.2)])
                inside, on = 0 <= i < row.size, i in d.seen[k]
                fills.append((plots.BLUE if on else "#dbe9f4") if inside else (plots.SKY if on else plots.PAPER))
                edges.append(plots.GREY if inside else "#b0b0ac")
            if above and d.seen[k]:
                top = real_cells(d.seen[k + 1], above)
                for mine, its, side in ((min(d.seen[k]), min(top), -1), (max(d.seen[k]), max(top), 1)):
                    x = above.start + its * above.jump + side * 0.43 * min(above.jump, 3)
                    lines.append([(row.start + mine * row.jump + side * half, k + 0.2), (x, k + 0.8)])
        self.cells.set_verts(boxes)
        self.cells.set_facecolor(fills)
        self.cells.set_edgecolor(edges)
        self.lines.set_segments(lines)
        for k, text in enumerate(self.texts):
            text.set_text(_words(d.rows, k) if k < len(d.rows) else "")
        inputs = d.rows[0].size
        self.title.set_text(
            f"One output depends on {d.inputs} of {inputs} inputs" if d.seen[-1] else "No output is left"
        )
        self.none.set_text("")
        for k in range(1, len(d.rows)):
            if d.rows[k - 1].size and not d.rows[k].size:
                room = d.rows[k - 1].size + 2 * d.rows[k].padding
                self.none.set_position((MAX_SIZE / 2, k))
                self.none.set_text(f"A kernel of {d.rows[k].kernel} does not fit on {room}: nothing comes out.")


def _words(rows: list[LayerSize], k: int) -> str:
    """The formula with its numbers, the receptive field, the jump."""
    row = rows[k]
    if k == 0:
        return f"{row.size} cells"
    if not row.size:
        return "no output"
    total = f"({rows[k - 1].size} + 2·{row.padding} − {row.kernel})"
    return f"⌊{total} / {row.stride}⌋ + 1 = {row.size}\nreceptive field {row.field}, jump {row.jump}"


def _compute(size: int, layers: int, look: int, **values: int) -> LayerSizes:
    each = [(values[f"kernel{k}"], values[f"stride{k}"], values[f"padding{k}"]) for k in range(1, layers + 1)]
    return stack_sizes(size, each, look)


def output_size_explorer() -> Explorer:
    """How large the outputs of convolutions are, and how much of the input one output sees."""
    each = {}
    for k in range(1, MAX_LAYERS + 1):
        each[f"kernel{k}"] = Slider(1, 7, 1, 3, label=f"kernel {k}", narrow=True)
        each[f"stride{k}"] = Slider(1, 3, 1, 1, label=f"stride {k}", narrow=True)
        each[f"padding{k}"] = Slider(0, 3, 1, 0, label=f"padding {k}", narrow=True)
    return Explorer(
        compute=_compute,
        draw=SizesView,
        controls={
            "size": Slider(5, MAX_SIZE, 1, 28, label="input", unit="cells"),
            "layers": Slider(1, MAX_LAYERS, 1, 2, label="layers"),
            **each,
            "look": Slider(0, 100, 1, 50, label="output looked at", unit="%"),
        },
        idle=lambda values: [name for name in each if int(name[-1]) > values["layers"]],
        goal=Goal(
            "From 28 inputs, with kernels of 3 or less, let one output depend on all 28 of them.",
            lambda d: d.inputs == d.rows[0].size == 28 and all(row.kernel <= 3 for row in d.rows),
            solution=dict(layers=4, stride1=3, stride2=3, stride3=3, padding1=1, padding2=1, padding3=1, padding4=1),
        ),
        size=(7.0, 3.5),
        alt="A row of cells for each layer, with the cells that one output depends on, and the sizes in numbers.",
    )
