"""What pip, uv and venv say when they fail, and the one sentence that a learner needs instead."""

import platform
import re
import sys
import urllib.request

# first match wins: pip reports a broken network as "no matching distribution" too, so the cause stands before it
KNOWN = [
    (
        r"No space left on device|Errno 28\b|os error 28\b|not enough space on the disk|Disk quota exceeded",
        "The disk is full: free some space (`--cpu` takes far less) and run this again, it goes on where it stopped.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError|invalid peer certificate|UnknownIssuer",
        "The download server's certificate is not trusted here: behind a filtering network, put its certificate's "
        "file in the variables PIP_CERT and SSL_CERT_FILE; else check this machine's clock. Then run this again.",
    ),
    (
        r"ProxyError|Cannot connect to proxy|Proxy Authentication|Tunnel connection failed|tunnel error",
        "The proxy refused the download: check the variables HTTPS_PROXY and HTTP_PROXY and run this again.",
    ),
    (
        r"name resolution|Name or service not known|getaddrinfo failed|nodename nor servname|dns error|"
        r"Network is unreachable|No route to host|Failed to establish a new connection|Connection refused|"
        r"Connection reset|RemoteDisconnected|timed out|ConnectTimeout|ReadTimeout|IncompleteRead|"
        r"Max retries exceeded|error sending request|Connection aborted|Connection broken",
        "The download server cannot be reached: check the network{proxy} and run this again, which goes on where it "
        "stopped.",
    ),
    (
        r"DO NOT MATCH THE HASHES|BadZipFile|is not a zip file|checksum mismatch|[Hh]ash mismatch",
        "A download arrived damaged: run this again.",
    ),
    (
        r"HTTP error 5\d\d|\b5\d\d (Server Error|Internal Server Error|Bad Gateway|Service Unavailable)",
        "The download server has a fault of its own: run this again in a few minutes.",
    ),
    (
        r"HTTP error 4\d\d|\b4\d\d Client Error|401 Unauthorized|403 Forbidden",
        "The download server refused to answer: check the package index in pip's settings (`pip config list`).",
    ),
    (
        r"enable Long Path|filename or extension is too long|File name too long",
        "A path got too long: move the clone to a short path, such as C:\\nnlab, and run this again.",
    ),
    (
        r"Permission denied|Errno 13\b|Access is denied|WinError 5\b|WinError 32\b|Read-only file system|os error 13\b",
        "A file cannot be written: close programs that use `.venv`, make sure that the clone is yours to write in, "
        "and run this again.",
    ),
    (
        r"MemoryError|Cannot allocate memory|out of memory|Errno 12\b",
        "The memory ran out: close other programs and run this again.",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies|No solution found",
        "The wanted versions contradict one another: look for a constraint in pip's settings (`pip config list`).",
    ),
    (
        r"No matching distribution found for (?P<name>[\w.-]+)|(?P<name2>[\w-]+)==\S+ has no wheels with a matching|"
        r"Could not find a version that satisfies (?:the requirement )?(?P<name3>[\w.-]+)",
        "There is no {name} for Python {python} on {machine}: use {cure}.",
    ),
    (
        r"Failed building wheel|Failed to build|Microsoft Visual C\+\+|error: subprocess-exited-with-error|"
        r"metadata-generation-failed",
        "A package comes without a ready-made build for Python {python} on {machine}: use {cure}.",
    ),
]


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
    """The sentence for a failed run's output, or None if it says nothing known."""
    for pattern, sentence in KNOWN:
        found = re.search(pattern, output)
        if found:
            name = next(filter(None, found.groupdict().values()), "package")
            python = ".".join(map(str, sys.version_info[:2]))
            machine = f"{platform.system()} {platform.machine()}"
            return sentence.format(name=name, python=python, machine=machine, cure=cure(), proxy=proxy())
    return None
