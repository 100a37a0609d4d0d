"""`python3 -m nnlab COMMAND`: the one way in.

Whoever starts this may have an old Python, so this file is written for old ones too: it stops them with a sentence
before anything newer is read.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    import shutil

    _which = getattr(shutil, "which", lambda name: None)
    _newer = [name for name in ("python3.13", "python3.12", "python3.11", "python3.14") if _which(name)]
    _cure = "type `" + _newer[0] + " -m nnlab` instead." if _newer else "install it, then type this again with it."
    _this = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit("nnlab needs Python 3.11 or newer, and this is Python " + _this + ": " + _cure)

from nnlab.dev.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
