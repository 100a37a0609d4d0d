"""The few failures of pip, uv and venv whose own words do not say what to do, and the sentence that does."""

import platform
import re
import shutil
import sys
import urllib.request
from pathlib import Path

# first match wins: pip reports a broken network as "no matching distribution" too, so the cause stands before it
KNOWN = [
    (
        r"No space left on device|os error 28\b|not enough space on the disk|Disk quota exceeded",
        "The disk is full: free some space (`--cpu` takes far less) and run this again, which continues where it "
        "stopped.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|invalid peer certificate",
        "The download server's certificate is not trusted here: behind a filtering network, put its certificate's "
        "file in the variables PIP_CERT and SSL_CERT_FILE; else check this machine's clock. Then run this again.",
    ),
    (
        r"ProxyError|Cannot connect to proxy|Proxy Authentication",
        "The proxy refused the download: check the variables HTTPS_PROXY and HTTP_PROXY and run this again.",
    ),
    (
        r"NewConnectionError|Name(?:Resolution)?Error.*resol|name resolution|getaddrinfo failed|nodename nor servname|"
        r"dns error|Network is unreachable|Connection (?:refused|reset|aborted|broken)|[Tt]imed out|IncompleteRead",
        "The download server cannot be reached: check the network{proxy} and run this again, which continues where it "
        "stopped.",
    ),
    (
        r"No matching distribution found|has no wheels with a matching|Failed (?:to build|building wheel)|"
        r"subprocess-exited-with-error",
        "A package (named above) has no ready-made build for Python {python} on {machine}: use {cure}.",
    ),
]
FULL = 50e6  # bytes: with fewer free, whatever an installer says, the disk is why it failed


def cure() -> str:
    """Where ready-made builds exist, PyTorch's being the rarest."""
    python = "a 64-bit Python from 3.11 to 3.14"
    if platform.system() == "Darwin":
        return f"{python} made for Apple's own processors, on macOS 14 or newer"
    return python


def proxy() -> str:
    """A proxy that does not answer looks like a server that does not, to pip too: so it is named."""
    named = urllib.request.getproxies().get("https")
    return f" and the proxy {named.rsplit('@')[-1]} (set in HTTPS_PROXY)" if named else ""


def explain(output: str) -> str | None:
    """The sentence for what a failed program wrote, or None if it says nothing known."""
    for pattern, sentence in KNOWN:
        if re.search(pattern, output):
            python = ".".join(map(str, sys.version_info[:2]))
            machine = f"{platform.system()} {platform.machine()}"
            return sentence.format(python=python, machine=machine, cure=cure(), proxy=proxy())
    return None


def failure(log_text: str, code: int, log: Path) -> str:
    """The sentence for an installer that ended with `code` and wrote `log_text`; its own words stand above it. Of uv
    there is no log, but pip has gone the same way just before."""
    if code in (-9, 137):
        return (
            "The installer was killed, most likely because the memory ran out: close other programs and run this again."
        )
    if shutil.disk_usage(log.parent).free < FULL:
        log_text = f"No space left on device\n{log_text}"
    return explain(log_text) or f"The installation failed, see above: run this again to retry. (More is in {log}.)"
