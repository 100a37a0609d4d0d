"""Under `pytest -n 2 --dist loadgroup`: what must share one process says so here."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        if item.path.suffix == ".ipynb":  # the cells of a notebook, in order, in one kernel
            item.add_marker(pytest.mark.xdist_group(str(item.path)))
        elif "browser" in item.path.parts:  # one browser at a time: two of them measure each other
            item.add_marker(pytest.mark.xdist_group("browser"))
