"""Enough room is checked before a long download, not after."""

import platform
import shutil
from pathlib import Path

from nnlab.dev.say import Trouble

# measured on Linux x86_64 at the worst moment: what is installed plus the downloads that are being unpacked
NEEDED_GB = {"cuda": 9.0, "cpu": 2.5, "rest": 1.0}


def check_disk(folder: Path, cpu: bool, has_torch: bool) -> None:
    """Raise Trouble if `folder` has too little room for what is still to come."""
    # on macOS and Windows the package index carries only the small CPU (or Metal) build
    small = cpu or platform.system() != "Linux"
    needed = NEEDED_GB["rest" if has_torch else "cpu" if small else "cuda"]
    free = shutil.disk_usage(folder).free / 1e9
    if free < needed:
        hint = "" if small or has_torch else f", or add `--cpu`, which needs {NEEDED_GB['cpu']} GB"
        raise Trouble(
            f"The disk has {free:.1f} GB free and this needs {needed} GB: free some space and run this again{hint}."
        )
