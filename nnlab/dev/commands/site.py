"""Builds the course as a folder for any static host: JupyterLab, Python and NumPy run in the reader's browser, and
nothing is installed. Cells that need PyTorch show what they printed, and the longest training runs are shorter. Python
for the browser (Pyodide) is loaded from its public address, or, with --pyodide, copied from a folder; --serve shows the
site on this machine.
"""

import functools
import http.server
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nnlab.dev import child, paths
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser
from nnlab.dev.say import Trouble, say
from nnlab.files import expand


def parse(words: Sequence[str]) -> Namespace:
    """`out`, `pyodide`, `cpu`, `serve`, `port`."""
    parser = Parser("site", __doc__)
    parser.add_argument("--out", metavar="FOLDER", default="site", help="where to write it (default: site)")
    parser.add_argument("--pyodide", metavar="FOLDER", help="an unpacked Pyodide to ship: no other host is asked")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    parser.add_argument("--serve", action="store_true", help="serve it on this machine afterwards, until Ctrl-C")
    parser.add_argument("--port", default="8000", help="of --serve (default: 8000)")
    options = parser.parse(words)
    if options.passed_on:
        parser.refuse(options.passed_on[0])
    parser.need_counts(options, "port")
    return options


def run(options: Namespace) -> int:
    """Build, and serve if asked."""
    ready = install.ensure(["site"], options.cpu)
    out = expand(options.out).resolve()
    if out in (paths.ROOT, *paths.ROOT.parents):
        raise Trouble(f"--out should be a folder of its own, not {out}.")
    words = [expand(options.pyodide).resolve()] if options.pyodide else []
    argv: list[str | Path] = [ready.python, "-m", "nnlab.dev.inside.site", out, *words]
    if code := child.run(argv, interpreter.child_env(ready.python), paths.ROOT):
        return code
    say(f"The site is in {out}: put the folder on any static host.")
    if options.serve:
        with server(out, int(options.port)) as serving:
            say(f"It is shown at http://127.0.0.1:{serving.server_port}/ until Ctrl-C.")
            serving.serve_forever()
    return 0


class Handler(http.server.SimpleHTTPRequestHandler):
    """Sends the site's files, and says nothing about each."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file, unless the page has been closed meanwhile."""
        with suppress(ConnectionError):
            super().copyfile(source, outputfile)


def server(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server of this folder, on this machine only; port 0 takes a free one. Raises Trouble if the port is taken."""
    try:
        return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=str(folder)))
    except OSError as error:
        raise Trouble(f"Port {port} cannot be used ({error.strerror}): name another with --port.") from None
