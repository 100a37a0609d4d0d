"""How many threads NumPy and PyTorch compute with on the processor: one, unless you ask for more.

The course's matrices are small. On two cores beside other work, a second thread made a training step of a small network
slower, not faster, because each operation waits for threads that have no core: three kernels with chapter 05 took over
280 s, with one thread each 39 s. Several threads pay for large convolutions and matrix products: set NNLAB_THREADS to
their number before Python starts. A limit in OMP_NUM_THREADS and its like is left as it is.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

OWN = "NNLAB_THREADS"
COMMON = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
BY_DEFAULT = "NNLAB_THREADS_BY_DEFAULT"  # what nnlab itself put into COMMON: for a process started by it, no limit


def limited() -> bool:
    """Whether you or the surroundings have said how many, in NNLAB_THREADS or in one of the common variables."""
    ours = ("", os.environ.get(BY_DEFAULT, ""))
    return bool(os.environ.get(OWN, "").strip()) or any(os.environ.get(name, "") not in ours for name in COMMON)


def wanted() -> int | None:
    """NNLAB_THREADS if it is set; None if one of the common variables sets a limit, which then holds; else 1.

    Raises ValueError if NNLAB_THREADS is not a whole number from 1."""
    if own := os.environ.get(OWN, "").strip():
        if not own.isascii() or not own.isdecimal() or int(own) < 1:
            raise ValueError(f"{OWN} should be a whole number from 1, such as 4; got {own!r}.")
        return int(own)
    return None if limited() else 1


def limit() -> None:
    """Set the threads of this process and of those that it starts; importing nnlab does it.

    The variables are read when NumPy and PyTorch are first imported; where that is over, they are told."""
    if (threads := wanted()) is None:
        return
    if not limited():
        os.environ[BY_DEFAULT] = str(threads)
    os.environ.update(dict.fromkeys(COMMON, str(threads)))
    if "numpy" in sys.modules:
        with suppress(ModuleNotFoundError):  # an installation begins without it, and a browser has one thread
            from threadpoolctl import threadpool_limits

            threadpool_limits(threads)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)
