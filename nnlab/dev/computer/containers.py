"""Whether a container can be built and run here, without importing anything that must be installed first."""

import os
import shutil
import subprocess
import sys

CURE = "install buildah (on Debian and Ubuntu `sudo apt-get install --no-install-recommends buildah`)"
REFUSED = "mounts and networks of its own are refused here"
# mounts, network and process numbers that end with the command that follows, however that ends
OWN = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


def as_root() -> list[str]:
    """What comes before a command that builds: nothing for root; anyone else becomes root of the user and group numbers
    that /etc/subuid and /etc/subgid give them."""
    return [] if os.geteuid() == 0 else ["buildah", "unshare", "--"]


def cannot_build() -> str:
    """Why no container can be built here, with the cure; empty if one can. What is needed is tried: mounts, a network,
    and process numbers of its own, and a user who is neither root nor the one who types."""
    if sys.platform != "linux":
        return "only Linux has what a container is made of"
    if not shutil.which("buildah"):
        return CURE
    for name in ("unshare", "setpriv", "mount", "umount"):
        if not shutil.which(name):
            return f"there is no program {name}: install util-linux, and on Debian also the package mount"
    inside = "mount -t tmpfs tmpfs /tmp && setpriv --reuid=10001 --regid=10001 --clear-groups true"
    found = subprocess.run(
        [*as_root(), *OWN, "sh", "-c", inside], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if found.returncode == 0:
        return ""
    why = (found.stderr.strip().splitlines() or [f"status {found.returncode}"])[-1]
    return (
        f"{REFUSED} ({why}): run it as root outside a container or in a privileged one, or as a user to whom "
        "/etc/subuid gives more numbers"
    )
