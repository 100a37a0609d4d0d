"""Facts about this computer that need no package."""

import os
import platform
import re
import subprocess
from pathlib import Path


def cpu_name() -> str:
    """The processor's name as its maker gives it, or else its architecture."""
    system = platform.system()
    if system == "Linux":
        try:
            found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
        except OSError:
            found = None
        return found[1] if found else platform.machine()
    if system == "Darwin":
        argv = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(argv, capture_output=True, text=True).stdout.strip() or platform.machine()
    return os.environ.get("PROCESSOR_IDENTIFIER", platform.machine())


def cores() -> int:
    """Those that this process may use, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
