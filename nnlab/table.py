"""A small table that reads well as HTML and as plain text."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any


class Table:
    """Rows under column names. In a notebook it shows as an HTML table, elsewhere as aligned text.

    Cells are converted to text by `str`; LaTeX between dollar signs is typeset by the notebook. Raises ValueError for a
    row with more or fewer cells than there are columns.
    """

    def __init__(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = ""):
        self.columns = [str(name) for name in columns]
        self.rows = [[str(cell) for cell in row] for row in rows]
        self.caption = caption
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"A row should have {len(self.columns)} cells ({', '.join(columns)}), got {row}.")

    def _repr_html_(self) -> str:
        def line(cells: list[str], tag: str) -> str:
            inner = "".join(f'<{tag} style="text-align:left">{html.escape(c, quote=False)}</{tag}>' for c in cells)
            return f"<tr>{inner}</tr>"

        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        body = "".join(line(row, "td") for row in self.rows)
        table = f"<table>{caption}<thead>{line(self.columns, 'th')}</thead><tbody>{body}</tbody></table>"
        return f'<div style="overflow-x:auto">{table}</div>'  # on a narrow page the table scrolls, not the page

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]

        def line(cells: list[str]) -> str:
            return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

        rule = "  ".join("-" * width for width in widths)
        lines = [line(self.columns), rule, *map(line, self.rows)]
        return "\n".join([self.caption, *lines] if self.caption else lines)
