"""python3 -m nnlab lab [--cpu] [JupyterLab's own options, such as --no-browser or --port 8890]

Opens the workbook's start page in JupyterLab, making the environment first if it is missing. It registers no kernel
and changes no setting outside the clone.
"""

import os
from pathlib import Path

from nnlab._cli import child, environment, install, paths
from nnlab._cli.say import say


def lab_options(args: list[str]) -> list[str]:
    page = paths.START_PAGE if paths.START_PAGE.is_file() else paths.NOTEBOOKS
    options = [
        f"--ServerApp.root_dir={paths.ROOT}",
        f"--LabApp.default_url=/lab/tree/{page.relative_to(paths.ROOT).as_posix()}",
        # tabs of other projects do not belong here, nor these tabs in the home folder
        f"--LabApp.workspaces_dir={paths.ROOT / '.jupyter' / 'workspaces'}",
        # no pop-up about news, no request to a server
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in args:
        options.append("--allow-root")  # a container's only user; address and token stay Jupyter's safe defaults
    return options + args


def run(args: list[str]) -> int:
    ready = install.ensure([], cpu="--cpu" in args)
    options = lab_options([word for word in args if word != "--cpu"])
    say("Opening the workbook. Ctrl-C in this window ends it.")
    argv: list[str | Path] = [ready.python, "-m", "jupyterlab", *options]
    return child.run(argv, environment.child_env(ready.python), paths.ROOT)
