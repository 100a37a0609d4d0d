"""Opens the workbook's start page in JupyterLab, making the environment first if it is missing. It registers no kernel
and changes no setting outside the clone. All other options are JupyterLab's own, such as --no-browser or --port 8890;
`python3 -m nnlab lab -- --help` lists them.
"""

import os
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from nnlab.dev import child, paths
from nnlab.dev.environment import install, interpreter
from nnlab.dev.options import Parser
from nnlab.dev.say import say

CONFIG = Path(__file__).parents[1] / "jupyter"


def parse(words: Sequence[str]) -> Namespace:
    """`cpu`, and in `passed_on` what JupyterLab is to know."""
    parser = Parser("lab", __doc__, usage="%(prog)s [--cpu] [JupyterLab's own options]")
    parser.add_argument("--cpu", action="store_true", help="take PyTorch's CPU build if the environment must be made")
    return parser.parse_own(words)


def lab_options(words: Sequence[str]) -> list[str]:
    """JupyterLab's options: ours, then those that were typed, which win."""
    page = paths.START_PAGE if paths.START_PAGE.is_file() else paths.NOTEBOOKS
    options = [
        f"--ServerApp.root_dir={paths.ROOT}",
        f"--LabApp.default_url=/lab/tree/{page.relative_to(paths.ROOT).as_posix()}",
        # tabs of other projects do not belong here, nor these tabs in the home folder
        f"--LabApp.workspaces_dir={paths.ROOT / '.jupyter' / 'workspaces'}",
        # no request to a server
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in words:
        options.append("--allow-root")  # a container's only user; address and token stay Jupyter's safe defaults
    return [*options, *words]


def lab_env(python: Path, **more: str) -> dict[str, str]:
    """The variables that JupyterLab gets: our page_config.json, which keeps it from asking about news over the page,
    is read before the learner's own configuration, which stays as it is."""
    known = os.environ.get("JUPYTER_CONFIG_PATH")
    more["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(CONFIG), *filter(None, [known])])
    return interpreter.child_env(python, **more)


def run(options: Namespace) -> int:
    """Start JupyterLab and wait for its end."""
    ready = install.ensure([], options.cpu)
    say("Opening the workbook. Ctrl-C in this window ends it.")
    argv: list[str | Path] = [ready.python, "-m", "jupyterlab", *lab_options(options.passed_on)]
    return child.run(argv, lab_env(ready.python), paths.ROOT)
