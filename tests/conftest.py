"""Under `pytest -n 2`: which tests must share one process."""

from typing import Any

import pytest


def together(nodeid: str) -> str:
    """Tests with the same answer run in one process, in order."""
    file = nodeid.split("::")[0]
    if file.endswith(".ipynb"):
        return file  # the cells of a notebook need one kernel
    if "browser/" in file:
        return "browser"  # two browsers at a time would slow each other down
    return nodeid


# pytest-xdist's own groups (--dist loadgroup) are without effect in 3.8 under pytest 9, so the split is stated here
@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return together(nodeid)

    return Together(config, log)
