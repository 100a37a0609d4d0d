"""Both sources next to each other, with the proof below."""

from __future__ import annotations

import inspect
import textwrap

import numpy as np

from nnlab.checks import pick
from nnlab.twins.proof import Parity, parity
from nnlab.twins.rows import TWINS, Twin


class SideBySide:
    """NumPy's source, PyTorch's lines, and the proof that they agree."""

    def __init__(self, ours: str, theirs: str, proof: Parity):
        self.ours, self.theirs, self.proof = ours, theirs, proof

    def _repr_html_(self) -> str:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        pre = "margin:4px 0 0;background:transparent;color:#1a1a1a;font-size:12px;line-height:1.35;white-space:pre"
        look = HtmlFormatter(noclasses=True, nobackground=True, cssclass="source", prestyles=pre)
        card = "flex:1 1 320px;min-width:0;background:#fdfdfb;color:#1a1a1a;padding:6px 12px;overflow-x:auto"
        cards = "".join(
            f'<div style="{card}"><b>{title}</b>{highlight(code, PythonLexer(), look)}</div>'
            for title, code in (("NumPy, from scratch", self.ours), ("PyTorch", self.theirs))
        )
        return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{cards}</div>{self.proof._repr_html_()}'

    def __repr__(self) -> str:
        return f"--- NumPy\n{self.ours}\n--- PyTorch\n{self.theirs}\n{self.proof!r}"


def side_by_side(name: str, seed: int = 0) -> SideBySide:
    """The NumPy source of a row of `TWINS` next to the PyTorch lines that do the same, with the proof.

    Raises ValueError, with the nearest name, for an unknown row."""
    row: Twin = pick(TWINS, name, "twin")
    rng = np.random.default_rng(seed)
    ours, theirs = row.make(rng)
    proof = parity(ours, theirs, row.input(rng), *row.more, rng=rng)
    source = "\n".join(textwrap.dedent(inspect.getsource(f)) for f in row.sources)
    made = row.theirs.removeprefix("lambda x: ")
    inputs = "x, edge_index" if row.more else "x"
    lines = f"y = {made}" if made != row.theirs else f"layer = {made}\ny = layer({inputs})"
    return SideBySide(source, f"import torch\n\n{lines}\ny.backward(dy)   # autograd: no derivative to write\n", proof)
