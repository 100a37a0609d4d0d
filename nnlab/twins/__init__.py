"""What in `nnlab.scratch` must equal what in PyTorch, and the proof that it does.

`TWINS` is the table; the parity tests walk it. `parity(...)` shows the same proof in a notebook, and
`side_by_side(...)` adds both sources. PyTorch is loaded when a proof is asked for, which raises ModuleNotFoundError,
with a sentence, where it is not installed.
"""

from nnlab.twins.proof import TOLERANCE, Parity, copy_weights, loss_parity, optimizer_parity, parity
from nnlab.twins.rows import TWINS, Twin
from nnlab.twins.side_by_side import SideBySide, side_by_side

__all__ = [
    "TOLERANCE",
    "TWINS",
    "Parity",
    "SideBySide",
    "Twin",
    "copy_weights",
    "loss_parity",
    "optimizer_parity",
    "parity",
    "side_by_side",
]
