"""`python -m nnlab.serve MODEL.onnx`: the service without the rest of the command line, as a container starts it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .settings import TOKEN, parse, token
from .supervisor import Supervisor


def main(argv: Sequence[str], prog: str = "python -m nnlab.serve") -> int:
    """Serve until it is stopped. 0 after a stop, 1 for a mistake, said in one sentence."""
    about = f"Serves a model over HTTP. A bearer token, if it is to want one, stands in the variable {TOKEN}."
    try:
        settings = parse(argv, argparse.ArgumentParser(prog=prog, description=about, allow_abbrev=False))
        if token() is None and not settings.loopback:
            print(f"Anyone who reaches {settings.host} may call it: set {TOKEN} to a secret.", file=sys.stderr)
        return Supervisor(settings).run()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main(sys.argv[1:]))
