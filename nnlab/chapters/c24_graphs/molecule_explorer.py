"""Explorer of chapter 24: a molecule, what the network predicts for it, and what each atom contributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from nnlab import plots
from nnlab.datasets import molecules
from nnlab.explore.controls import Choice, Slider
from nnlab.explore.drawing.numbers import signed_colours
from nnlab.explore.explorer import Explorer, Goal
from nnlab.explore.widgets.spot import Spot

from .molecular_graphs import ELEMENTS, VALENCES, charged_nitro, features, hydrogens
from .molecule_network import trained_network

Array = NDArray[Any]
LEAST, MOST = 7, 22  # atoms of the molecules that are shown
BECOMES = {"as it is": 0, "carbon": 6, "nitrogen": 7, "oxygen": 8, "chlorine": 17}
DRAWING = (0.02, 0.1, 0.6, 0.76)  # left, bottom, width, height, as shares of the picture
HALF = (4.2, 3.0)  # half of the width and height that are drawn, in lengths of a bond, at least
STRONGEST = 6.0  # a share this far from the mean has the full colour
GOAL_GAIN = 1.0
PARACETAMOL = 118  # in the list of shown molecules, as 4-hydroxyacetanilide


@dataclass
class Molecule:
    """name; elements, charges: (A,); places: (A, 2), a bond about 1 long, centred; bonds: (B, 2); orders: (B,).
    measured: log10 of mol per litre."""

    name: str
    elements: Array
    charges: Array
    places: Array
    bonds: Array
    orders: Array
    measured: float


@cache
def shown_molecules() -> list[Molecule]:
    """Molecules of the test part with 7 to 22 atoms, in its order. Cached: do not write into them."""
    m = molecules("test")
    charges, orders = charged_nitro(m.elements, m.charges, m.bonds, m.orders)
    sizes = np.bincount(m.molecule)
    first = np.concatenate([[0], np.cumsum(sizes)])
    found = []
    for k in np.flatnonzero((sizes >= LEAST) & (sizes <= MOST)):
        atoms = slice(first[k], first[k + 1])
        mine = m.molecule[m.bonds[:, 0]] == k
        bonds = m.bonds[mine] - first[k]
        places = m.positions[atoms].astype(float)
        length = np.linalg.norm(places[bonds[:, 0]] - places[bonds[:, 1]], axis=1).mean()
        places = (places - (places.max(axis=0) + places.min(axis=0)) / 2) / length
        found.append(
            Molecule(m.names[k], m.elements[atoms], charges[atoms], places, bonds, orders[mine], m.solubility[k])
        )
    return found


def fits(molecule: Molecule, atom: int, element: int) -> bool:
    """Whether an element may take the place of an atom: its valence is enough for the bonds that are there."""
    used = int(molecule.orders[(molecule.bonds == atom).any(axis=1)].sum())
    return bool(used <= max(VALENCES[element])) and molecule.charges[atom] == 0


@dataclass
class Contributions:
    """shares: (A,) what each atom contributes, their mean is `predicted`; before: the prediction for the molecule as it
    is; symbols: (A,) as drawn; refused: whether the element has too small a valence for this place."""

    molecule: Molecule
    atom: int
    shares: Array
    predicted: float
    before: float
    symbols: list[str]
    refused: bool


def _shares(m: Molecule, elements: Array) -> Array:
    return trained_network().shares(*features(elements, m.charges, m.bonds, m.orders))


def _symbols(m: Molecule, elements: Array) -> list[str]:
    """Carbon is "", as chemists draw it; others with their hydrogens: OH, NH2."""
    bonded = np.bincount(m.bonds.ravel(), np.repeat(m.orders, 2), minlength=len(elements)).astype(int)
    held = hydrogens(elements, m.charges, bonded)
    found = []
    for element, charge, n in zip(elements, m.charges, held, strict=True):
        h = "" if n == 0 else "H" if n == 1 else f"H{'₂₃₄'[n - 2]}"
        sign = {1: "+", -1: "\N{MINUS SIGN}"}.get(int(charge), "")
        found.append("" if element == 6 else ELEMENTS.get(int(element), "?") + h + sign)
    return found


def contributions(which: int, click: tuple[float, ...], atom: int, becomes: str) -> Contributions:
    """Molecule number `which`, with one atom replaced. The explorer itself reads `click`."""
    m = shown_molecules()[which]
    atom = min(atom, len(m.elements) - 1)
    element = BECOMES[becomes]
    refused = element > 0 and not fits(m, atom, element)
    elements = m.elements.copy()
    if element and not refused:
        elements[atom] = element
    shares = _shares(m, elements)
    return Contributions(
        m, atom, shares, float(shares.mean()), float(_shares(m, m.elements).mean()), _symbols(m, elements), refused
    )


def limits(m: Molecule) -> tuple[float, float]:
    """Half of the width and height to draw, so that the molecule fits and bonds keep their angles."""
    half = (m.places.max(axis=0) - m.places.min(axis=0)) / 2 + 0.6
    grow = max(1.0, *(half / np.array(HALF)))
    return HALF[0] * grow, HALF[1] * grow


def atom_at(spot: tuple[float, ...], values: Mapping[str, Any]) -> dict[str, int]:
    """The atom next to a place (u, v) of the whole picture; {} outside of the drawing."""
    left, bottom, width, height = DRAWING
    m = shown_molecules()[values["which"]]
    share = np.array([(spot[0] - left) / width, (spot[1] - bottom) / height])
    if not ((share >= 0) & (share <= 1)).all():
        return {}
    return {"atom": int(np.hypot(*(m.places - (2 * share - 1) * limits(m)).T).argmin())}


def bond_lines(m: Molecule) -> list[Array]:
    """One line for each stroke of each bond: (2, 2) both ends."""
    ends = m.places[m.bonds]
    along = ends[:, 1] - ends[:, 0]
    across = np.column_stack([-along[:, 1], along[:, 0]]) * 0.09
    offsets = {1: (0.0,), 2: (-0.75, 0.75), 3: (-1.5, 0.0, 1.5)}
    return [
        line + by * side for line, side, order in zip(ends, across, m.orders, strict=True) for by in offsets[int(order)]
    ]


class MoleculeView:
    """Left the molecule, its atoms coloured by their shares; right the measured and the predicted solubility."""

    def __init__(self, figure: Figure):
        figure.set_layout_engine("none")  # clicks are looked for at DRAWING
        ax = figure.add_axes(DRAWING)
        ax.set(xlim=(-1, 1), ylim=(-1, 1), xticks=[], yticks=[])
        ax.grid(False)
        ax.spines[:].set_visible(False)
        style: dict[str, Any] = dict(animated=True, clip_on=False)
        self.bonds = LineCollection([], colors=plots.GREY, lw=1.6, **style)
        ax.add_collection(self.bonds)
        self.atoms = ax.scatter([0], [0], s=330, zorder=3, edgecolors=plots.GREY, linewidths=0.8, **style)
        (self.ring,) = ax.plot([], [], "o", ms=24, mfc="none", mec=plots.VERMILLION, mew=2.2, zorder=4, **style)
        self.symbols = [
            ax.text(0, 0, "", ha="center", va="center", fontsize=8, weight="bold", zorder=5, animated=True)
            for _ in range(MOST)
        ]
        right = figure.add_axes((0.76, 0.32, 0.22, 0.46))
        right.set(xlim=(-10, 2), ylim=(-0.6, 2.6), xlabel="log10 of mol per litre", xticks=[-10, -5, 0])
        right.set_yticks([2, 1, 0], ["measured", "network", "changed"])
        right.tick_params(axis="y", length=0)
        looks = ((2, plots.GREY), (1, plots.BLUE), (0, plots.VERMILLION))
        self.bars = [right.barh([k], [0], color=colour, animated=True)[0] for k, colour in looks]
        self.values = [right.text(0, k, "", va="center", ha="right", fontsize=8.5, animated=True) for k in (2, 1, 0)]
        self.title = figure.text(0.02, 0.93, "", weight="bold", va="center", animated=True)
        figure.text(0.66, 0.86, "Solubility", weight="bold", va="center", fontsize=9.5)
        self.note = figure.text(0.02, 0.045, "", va="center", fontsize=9, animated=True)
        self.change = figure.text(0.66, 0.14, "", va="center", fontsize=9.5, weight="bold", animated=True)

    def update(self, d: Contributions) -> None:
        m, (wide, high) = d.molecule, limits(d.molecule)
        scale = np.array([wide, high])
        self.bonds.set_segments([line / scale for line in bond_lines(m)])
        places = m.places / scale
        self.atoms.set_offsets(places)
        colours = signed_colours(d.shares - d.predicted, STRONGEST) / 255
        self.atoms.set_facecolor(list(map(tuple, colours)))
        self.atoms.set_sizes([330 * (HALF[0] / wide) ** 2])
        self.ring.set_data(places[[d.atom], 0], places[[d.atom], 1])
        self.ring.set_markersize(24 * HALF[0] / wide)
        for k, text in enumerate(self.symbols):
            text.set_visible(k < len(places))
            if k < len(places):
                text.set_position(tuple(places[k]))
                text.set_text(d.symbols[k])
        for bar, text, value in zip(self.bars, self.values, (m.measured, d.before, d.predicted), strict=True):
            inside = value < -6
            bar.set_width(value)
            text.set_text(f"{value:.1f}".replace("-0.0", "0.0"))
            text.set_x(-0.2 if inside else min(value, 0) - 0.2)
            text.set_color("white" if inside else "black")
        name = m.name.replace("_", " ").replace("\uffb4", "'")  # some primes came as a letter of Hangul
        name = name if len(name) <= 40 else name[:38] + "…"
        self.title.set_text(f"{name}: predicted {d.before:.1f}, measured {m.measured:.1f}".replace("-0.0", "0.0"))
        gain = d.predicted - d.before
        pull = "up" if d.shares[d.atom] > d.predicted else "down"
        self.note.set_text(
            f"Blue: more soluble than the molecule's mean; orange: less. The circled atom pulls it {pull}."
        )
        changed = f"changed by {gain:+.1f}" if abs(gain) > 0.05 else ""
        self.change.set_text("too many bonds for that" if d.refused else changed)


def molecule_explorer() -> Explorer:
    """A molecule of the test part, coloured by what each atom contributes; replace an atom and look again."""
    last = len(shown_molecules()) - 1
    return Explorer(
        compute=contributions,
        draw=MoleculeView,
        controls={
            "which": Slider(0, last, 1, PARACETAMOL, label="which molecule"),
            "click": Spot(label="Click an atom to choose it.", leads_to=atom_at),
            "atom": Slider(0, MOST - 1, 1, 0, label="atom"),
            "becomes": Choice(list(BECOMES), "as it is", label="replace it by"),
        },
        goal=Goal(
            "Find a molecule that one replaced atom makes ten times as soluble, 1 more on this scale.",
            lambda d: d.predicted - d.before >= GOAL_GAIN,
            solution=_solution(),
        ),
        size=(7.2, 4.0),
        alt="A molecule whose atoms are coloured by what they contribute to its predicted solubility, and three bars.",
    )


@cache
def _solution() -> dict[str, Any]:
    """The first atom and element that reach the goal in the molecule that is shown first, else in a later one."""
    for which in (PARACETAMOL, *range(len(shown_molecules()))):
        for atom in range(len(shown_molecules()[which].elements)):
            for name in BECOMES:
                d = contributions(which, (), atom, name)
                if d.predicted - d.before >= GOAL_GAIN:
                    return dict(which=which, atom=atom, becomes=name)
    raise AssertionError("No replacement reaches the goal.")
