"""Draws the graph of a `Value` as SVG: a box for each value, from the leaves on the left to the result on the right.

A box stands one column to the right of its parents, and an arrow that passes a column gets a lane between its boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 132, 62, 64, 22, 10
MOST = 300  # boxes; a larger picture cannot be read


class Node(Protocol):
    """What is drawn of a `Value`; stated here so that `autograd.py` imports this module and not the other way round."""

    data: float
    grad: float
    label: str
    op: str
    slopes: tuple[float, ...]

    @property
    def parents(self) -> Sequence[Node]: ...


Point = tuple[float, float]
Edge = tuple[int, int]  # ids of a parent and of what is made of it
Layout = tuple[dict[int, Point], dict[Edge, list[Point]]]  # centres of boxes; points that an arrow passes on its way


class Svg(str):
    """The source of a picture; a notebook shows the picture."""

    def _repr_svg_(self) -> str:
        return str(self)


def draw(nodes: Sequence[Node]) -> Svg:
    """The picture. Each box gives label or operation, data and gradient; each arrow the slope.

    nodes: as `Value.graph` gives them, parents first and the result last. More than MOST raise ValueError."""
    if len(nodes) > MOST:
        raise ValueError(f"The graph has {len(nodes):,} values; a picture of more than {MOST} cannot be read.")
    places, routes = layout(nodes)
    right = max(x for x, _ in places.values()) + WIDTH / 2 + MARGIN
    lanes = [y for points in routes.values() for _, y in points]
    bottom = max([y + HEIGHT / 2 for _, y in places.values()] + lanes) + MARGIN
    arrows = [
        _arrow([places[id(p)], *routes.get((id(p), id(node)), []), places[id(node)]], slope)
        for node in nodes
        for p, slope in zip(node.parents, node.slopes, strict=True)
    ]
    boxes = [_box(node, *places[id(node)]) for node in nodes]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {right:.0f} {bottom:.0f}" '
        f'width="{right:.0f}" height="{bottom:.0f}" style="max-width:100%;height:auto" font-family="sans-serif" '
        'font-size="13">'
        f"<title>Graph of {len(nodes)} values; the result is {nodes[-1].data:.4g}</title>"
    )
    return Svg("\n".join([head, *arrows, *boxes, "</svg>"]))


def layout(nodes: Sequence[Node]) -> Layout:
    """Column: one more than the greatest of the parents'. In it, boxes and lanes are sorted by parents' heights."""
    column: dict[int, int] = {}
    for node in nodes:  # parents come first
        column[id(node)] = 1 + max((column[id(p)] for p in node.parents), default=-1)
    for node in nodes:  # a leaf moves right, next to the first thing made of it
        uses = [column[id(c)] for c in nodes if any(p is node for p in c.parents)]
        if uses and not node.parents:
            column[id(node)] = min(uses) - 1
    edges = {(id(p), id(node)) for node in nodes for p in node.parents}
    last = max(column.values())
    columns: list[list[int | Edge]] = [[n for n in column if column[n] == k] for k in range(last + 1)]
    for parent, child in edges:
        for k in range(column[parent] + 1, column[child]):
            columns[k].append((parent, child))
    parents = {id(node): [id(p) for p in node.parents] for node in nodes}
    y: dict[int | Edge, float] = {}
    places: dict[int, Point] = {}
    routes: dict[Edge, list[Point]] = {}
    tallest = max(sum(_tall(item) for item in items) for items in columns)
    for k, items in enumerate(columns):

        def preferred_height(item: int | Edge) -> float:
            """In the middle of where its arrows come from."""
            before: list[int | Edge] = [item[0]] if isinstance(item, tuple) else [*parents[item]]
            heights = [y[item] if item in y else y[p] for p in before if p in y]
            return sum(heights) / len(heights) if heights else 0.0

        items.sort(key=preferred_height)
        top = MARGIN + (tallest - sum(map(_tall, items))) / 2
        x = MARGIN + WIDTH / 2 + k * (WIDTH + GAP_X)
        for item in items:
            y[item] = top + _tall(item) / 2
            top += _tall(item)
            if isinstance(item, tuple):
                routes.setdefault(item, []).extend([(x - WIDTH / 2, y[item]), (x + WIDTH / 2, y[item])])
            else:
                places[item] = (x, y[item])
    return places, routes


def _tall(item: int | Edge) -> float:
    """How much of a column a box or a lane takes."""
    return GAP_Y if isinstance(item, tuple) else HEIGHT + GAP_Y


def _box(node: Node, x: float, y: float) -> str:
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


def _arrow(points: list[Point], slope: float) -> str:
    """From the right side of the first box to the left side of the last, through the points between."""
    (x, y), (x2, y2) = points[0], points[-1]
    x, x2 = x + WIDTH / 2, x2 - WIDTH / 2
    path = f"M{x:.0f},{y:.0f}"
    for x1, y1 in [*points[1:-1], (x2, y2)]:
        bend = (x1 - x) / 2
        path += f" C{x + bend:.0f},{y:.0f} {x1 - bend:.0f},{y1:.0f} {x1:.0f},{y1:.0f}"
        label_x, label_y, x, y = (x + x1) / 2, (y + y1) / 2, x1, y1
    return (
        f'<path d="{path}" fill="none" stroke="#777" stroke-width="1.5"/>'
        f'<path d="M{x2:.0f},{y2:.0f} l-8,-4 v8 z" fill="#777"/>'
        f'<text x="{label_x:.0f}" y="{label_y - 4:.0f}" text-anchor="middle" font-size="11" fill="#777">'
        f"× {slope:.3g}</text>"
    )
