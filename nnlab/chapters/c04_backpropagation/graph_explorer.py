"""Explorer of chapter 04: a computation graph, forward and backward one node at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from nnlab import plots
from nnlab.explore.controls import Slider
from nnlab.explore.explorer import Explorer, Goal
from nnlab.scratch import Value

# name, column, row, what it is made of; the loss of one neuron with one input: L = (tanh(w x + b) - t)^2
NODES = [
    ("x", 0, 3, ()),
    ("w", 0, 2, ()),
    ("b", 0, 1, ()),
    ("t", 0, 0, ()),
    ("w·x", 1, 2.5, ("x", "w")),
    ("z", 2, 2, ("w·x", "b")),
    ("tanh z", 3, 2, ("z",)),
    ("error", 4, 1.4, ("tanh z", "t")),
    ("L", 5, 1.4, ("error",)),
]

EDGES = [(parent, name) for name, _, _, parents in NODES for parent in parents]
FORWARD = [name for name, _, _, parents in NODES if parents]  # computed in this order
BACKWARD = FORWARD[::-1]
STEPS = len(FORWARD) + 1 + len(BACKWARD)


@dataclass
class GraphState:
    """Values, gradients and local slopes (parent, node) computed so far, and a sentence on what happened last."""

    step: int
    values: dict[str, float]
    grads: dict[str, float]
    slopes: dict[tuple[str, str], float]
    now: str
    w_grad: float


def graph_steps(step: int, x: float, w: float, b: float, t: float) -> GraphState:
    """Compute the graph node by node for `step` steps: first forward, then dL/dL = 1, then backward."""
    node = {"x": Value(x), "w": Value(w), "b": Value(b), "t": Value(t)}
    node["w·x"] = node["x"] * node["w"]
    node["z"] = node["w·x"] + node["b"]
    node["tanh z"] = node["z"].tanh()
    node["error"] = node["tanh z"] - node["t"]
    node["L"] = node["error"] ** 2
    node["L"].backward()
    done = FORWARD[: min(step, len(FORWARD))]
    values = {name: node[name].data for name in ["x", "w", "b", "t", *done]}
    back = BACKWARD[: max(0, step - len(FORWARD) - 1)]
    grads = {"L": 1.0} if step > len(FORWARD) else {}
    slopes = {}
    for name in back:
        parents = next(parents for node_name, _, _, parents in NODES if node_name == name)
        for parent, slope in zip(parents, node[name].slopes, strict=True):
            slopes[parent, name] = slope
            grads[parent] = node[parent].grad
    now = "move the step to begin" if step == 0 else f"forward: {done[-1]}"
    if step == len(FORWARD) + 1:
        now = "backward begins: dL/dL = 1"
    elif back:
        now = f"backward through {back[-1]}: gradient times slope"
    return GraphState(step, values, grads, slopes, now, node["w"].grad)


class GraphView:
    """Boxes with values (blue) and gradients (red); on the arrows the local slopes."""

    def __init__(self, figure: Figure):
        ax = figure.subplots()
        ax.set(xlim=(-0.5, 5.55), ylim=(-0.65, 3.75))
        ax.set_axis_off()
        place = {name: (column, row) for name, column, row, _ in NODES}
        arrow = dict(arrowstyle="-|>", color=plots.GREY, lw=1.2, shrinkA=27, shrinkB=27)
        for parent, name in EDGES:
            ax.annotate("", place[name], place[parent], arrowprops=arrow)
        for name, (column, row) in place.items():
            ax.text(column, row + 0.36, name, ha="center", weight="bold")
            frame = FancyBboxPatch((column - 0.2, row), 0.4, 0.2, "round,pad=0.05", fc="white", ec=plots.GREY)
            ax.add_patch(frame)
        centre: dict[str, Any] = dict(ha="center", va="center", animated=True)
        self.values = {name: ax.text(c, r + 0.1, "", color=plots.FORWARD, **centre) for name, (c, r) in place.items()}
        self.grads = {
            name: ax.text(c, r - 0.27, "", color="#a84400", weight="bold", **centre) for name, (c, r) in place.items()
        }
        self.slopes = {
            (a, b): ax.text(
                (place[a][0] + place[b][0]) / 2,
                (place[a][1] + place[b][1]) / 2 + 0.16,
                "",
                fontsize=8.5,
                **centre,
            )
            for a, b in EDGES
        }
        self.now = ax.text(2.2, 3.5, "", ha="left", weight="bold", animated=True)
        ax.text(2.2, 3.2, "blue: value    red: dL/d(this)    on arrows: local slope", color=plots.GREY, fontsize=9)

    def update(self, d: GraphState) -> None:
        for name, text in self.values.items():
            text.set_text(f"{d.values[name]:z6.3f}" if name in d.values else "   ?   ")
        for name, text in self.grads.items():
            text.set_text(f"{d.grads[name]:+z.3f}" if name in d.grads else "")
        for edge, text in self.slopes.items():
            text.set_text(f"×{d.slopes[edge]:z.2f}" if edge in d.slopes else "")
            text.set_visible(edge in d.slopes)
        self.now.set_text(d.now)


def graph_explorer() -> Explorer:
    """Backpropagation through one neuron and its loss, one node at a time."""
    return Explorer(
        compute=graph_steps,
        draw=GraphView,
        controls={
            "step": Slider(0, STEPS, 1, len(FORWARD) + 4, label="step (arrow keys)"),
            "x": Slider(-2.0, 2.0, 0.1, 0.5, label="input x"),
            "w": Slider(-3.0, 3.0, 0.1, 2.0, label="weight w"),
            "b": Slider(-2.0, 2.0, 0.1, -0.4, label="bias b"),
            "t": Slider(-1.0, 1.0, 0.1, -0.5, label="target t"),
        },
        goal=Goal(
            "Go to the last step. Then find an input x for which w gets no gradient, though the error is not zero.",
            lambda d: d.step == STEPS and abs(d.w_grad) < 1e-9 and abs(d.values["error"]) > 0.05,
            solution=dict(step=STEPS, x=0.0),
        ),
        alt="The graph of one neuron's loss, with each node's value, gradient, and the local slopes on the arrows.",
        size=(7.0, 4.2),
    )
