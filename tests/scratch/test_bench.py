"""The bench of the engine: both sides of each row can be prepared and do their work. No test asserts a time."""

import pytest
import threadpoolctl

from tests.bench import engine as bench


@pytest.mark.parametrize("row", [row for row in bench.ROWS if row.peer == "torch"], ids=lambda row: row.title)
def test_both_sides_of_a_row_work(row):
    for side in (bench.HERE, row.peer):
        work = row.make(side)
        work()
        work()


def test_a_line_says_whether_the_goal_was_reached():
    row = bench.ROWS[0]
    assert bench.line(row, 1.0, 10.0).endswith("0.10     0.35  reached")
    assert bench.line(row, 1.0, 2.0).endswith("0.50     0.35  MISSED")
    assert "1/2000" in bench.line(row, 1.0, 2000.0)


def test_the_kernel_of_the_matrix_products_is_named(monkeypatch):
    known = {"user_api": "blas", "internal_api": "openblas", "version": "0.3.31", "architecture": "Haswell"}
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [known, {"user_api": "openmp"}])
    assert bench.products() == "NumPy's matrix products: openblas 0.3.31 for Haswell"
    monkeypatch.setattr(threadpoolctl, "threadpool_info", list)
    assert bench.products().endswith("a library that does not tell")
