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


def cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Those that this process may use, which in a container can be fewer than the machine has: some containers hide
    cores, others give a share of the time, in microseconds of each period ("200000 100000": two cores)."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        share, period = map(int, quota.read_text("ascii").split())
    except (OSError, ValueError):  # no container, or no share: "max 100000"
        return there
    return max(1, min(there, share // period))
