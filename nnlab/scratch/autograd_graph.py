"""Draws the graph of a `Value` as SVG: a box a value, from the leaves on the left to the result on the right.

Where graphviz is installed, its `dot` places the boxes; else each stands one column to the right of its parents.
"""

from __future__ import annotations

import shutil
import subprocess
from html import escape

from .autograd import Value

WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 132, 62, 64, 22, 10
MOST = 300  # boxes; more than that nobody reads

Places = dict[int, tuple[float, float]]  # id of a value -> centre of its box


class Svg(str):
    """The source of a picture; a notebook shows the picture."""

    def _repr_svg_(self) -> str:
        return str(self)


def draw(root: Value) -> Svg:
    """The picture. Each box gives label or operation, data and gradient; each arrow the slope."""
    nodes = root.graph()
    if len(nodes) > MOST:
        raise ValueError(f"The graph has {len(nodes):,} values; a picture of more than {MOST} cannot be read.")
    places = graphviz_places(nodes) or own_places(nodes)
    right = max(x for x, _ in places.values()) + WIDTH / 2 + EDGE
    bottom = max(y for _, y in places.values()) + HEIGHT / 2 + EDGE
    arrows = [
        _arrow(places[id(p)], places[id(node)], slope)
        for node in nodes
        for p, slope in zip(node.parents, node.slopes, strict=True)
    ]
    boxes = [_box(node, *places[id(node)]) for node in nodes]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {right:.0f} {bottom:.0f}" '
        f'width="{right:.0f}" height="{bottom:.0f}" font-family="sans-serif" font-size="13">'
        f"<title>Graph of {len(nodes)} values; the result is {root.data:.4g}</title>"
    )
    return Svg("\n".join([head, *arrows, *boxes, "</svg>"]))


def own_places(nodes: list[Value]) -> Places:
    """Column: one more than the greatest of the parents'. Within a column, values stand at their parents' heights."""
    column: dict[int, int] = {}
    for node in nodes:  # parents come first
        column[id(node)] = 1 + max((column[id(p)] for p in node.parents), default=-1)
    for node in reversed(nodes):  # a leaf moves right, next to the first thing made of it
        for p in node.parents:
            if not p.parents:
                column[id(p)] = max(column[id(p)], min(column[id(c)] for c in nodes if p in c.parents) - 1)
    places: Places = {}
    tallest = max(sum(c == k for c in column.values()) for k in set(column.values()))
    for k in range(max(column.values()) + 1):
        members = [node for node in nodes if column[id(node)] == k]
        members.sort(key=lambda node: sum(places[id(p)][1] for p in node.parents) / max(len(node.parents), 1))
        top = (tallest - len(members)) * (HEIGHT + GAP_Y) / 2
        for row, node in enumerate(members):
            x = EDGE + WIDTH / 2 + k * (WIDTH + GAP_X)
            places[id(node)] = (x, EDGE + HEIGHT / 2 + top + row * (HEIGHT + GAP_Y))
    return places


def graphviz_places(nodes: list[Value]) -> Places | None:
    """The centres that graphviz finds, or None where it is not installed or fails."""
    dot = shutil.which("dot")
    if dot is None:
        return None
    number = {id(node): i for i, node in enumerate(nodes)}
    size = f"width={WIDTH / 72}, height={HEIGHT / 72}"
    lines = [f"digraph {{ rankdir=LR; ranksep={GAP_X / 72}; node [shape=box, fixedsize=true, {size}];"]
    lines += [f"{i};" for i in number.values()]
    lines += [f"{number[id(p)]} -> {number[id(node)]};" for node in nodes for p in node.parents]
    try:
        run = subprocess.run(
            [dot, "-Tplain"], input="\n".join([*lines, "}"]), capture_output=True, text=True, timeout=10, check=True
        )
        return _read_plain(run.stdout, nodes)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def _read_plain(text: str, nodes: list[Value]) -> Places:
    """graphviz's plain format: "graph scale width height", then "node name x y ..." in inches from the bottom left."""
    rows = [line.split() for line in text.splitlines()]
    height = float(next(row for row in rows if row[0] == "graph")[3])
    places = {
        id(nodes[int(row[1])]): (EDGE + 72 * float(row[2]), EDGE + 72 * (height - float(row[3])))
        for row in rows
        if row[0] == "node"
    }
    if len(places) != len(nodes):
        raise ValueError("graphviz left boxes out")
    return places


def _box(node: Value, x: float, y: float) -> str:
    left, top = x - WIDTH / 2, y - HEIGHT / 2
    fill = "#e8f1fa" if node.op else "#fdf3dc"
    name = " = ".join(part for part in (node.label, node.op) if part)
    lines = [(name, "bold"), (f"data {node.data:.4g}", "normal"), (f"grad {node.grad:.4g}", "normal")]
    text = "".join(
        f'<text x="{x:.0f}" y="{top + 18 + 18 * i:.0f}" text-anchor="middle" font-weight="{weight}" fill="#1a1a1a">'
        f"{escape(line)}</text>"
        for i, (line, weight) in enumerate(lines)
    )
    place = f'x="{left:.0f}" y="{top:.0f}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<rect {place} rx="6" fill="{fill}" stroke="#777"/>{text}'


def _arrow(start: tuple[float, float], end: tuple[float, float], slope: float) -> str:
    x1, y1, x2, y2 = start[0] + WIDTH / 2, start[1], end[0] - WIDTH / 2, end[1]
    bend = (x2 - x1) / 2
    return (
        f'<path d="M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}" '
        f'fill="none" stroke="#777" stroke-width="1.5"/>'
        f'<path d="M{x2:.0f},{y2:.0f} l-8,-4 v8 z" fill="#777"/>'
        f'<text x="{(x1 + x2) / 2:.0f}" y="{(y1 + y2) / 2 - 4:.0f}" text-anchor="middle" font-size="11" fill="#777">'
        f"× {slope:.3g}</text>"
    )
