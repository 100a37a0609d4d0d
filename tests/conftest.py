"""Which tests must share one process under `pytest -n 2`, and which are left out of `test --changed`."""

import gc
import os
import re
from typing import Any

import pytest

SUBJECT = r"\[(\d\d\.\d+|[a-z_]+\])"  # the id of an exercise, or the name of an explorer


def together(nodeid: str) -> str:
    """Tests with the same answer run in one process, in order."""
    file = nodeid.split("::")[0]
    if file.endswith(".ipynb"):
        return file  # the cells of a notebook need one kernel
    if file.startswith("tests/container/"):
        return file  # the image is built once
    if "browser/" in file:
        page = re.search(r"\d\d_\w+\.ipynb", nodeid)
        return page[0].replace(".", " in the browser.") if page else file  # a page is opened and run once for its tests
    if file.startswith(("tests/contracts/", "tests/chapters/")) and (which := re.search(SUBJECT, nodeid)):
        return which[0]  # what one exercise or explorer has computed is kept for its other tests
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


def pytest_sessionstart() -> None:
    """Looking for what can be freed, a quarter of the time that it takes to collect the tests, finds nothing then."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of tests that go through all notebooks, keep those of the notebooks named in NNLAB_NOTEBOOKS, if it is set."""
    if (names := os.environ.get("NNLAB_NOTEBOOKS")) is None:
        return
    kept, left_out = [], []
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {}).values()
        notebooks = {word for value in params for word in re.findall(r"\b\d\d_\w+\.ipynb", str(value))}
        (kept if notebooks <= set(names.split()) else left_out).append(item)
    items[:] = kept
    if left_out:
        config.hook.pytest_deselected(items=left_out)
