"""What a page shows in place of an explorer that needs a library which is not installed: a sentence."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from nnlab import host

LOOK = "padding:4px 10px;border-radius:4px;border-left:5px solid #0072B2;background:#eaf2f8;color:#1a1a1a"


class Missing:
    """Stands for an explorer. `text` is what a notebook shows instead: "This needs PyTorch, which ..." """

    def __init__(self, error: ModuleNotFoundError):
        self.text = host.needs((error.name or "a library").split(".")[0])

    def _repr_html_(self) -> str:
        return f'<div role="note" style="{LOOK}">{html.escape(self.text)}</div>'

    def __repr__(self) -> str:
        return self.text


def is_foreign(error: ModuleNotFoundError) -> bool:
    """Whether what is missing is a library, not a module of nnlab itself."""
    return bool(error.name) and not str(error.name).startswith("nnlab")


@cache  # one function each time that it is asked for
def or_missing(make: Callable[..., Any]) -> Callable[..., Any]:
    """`make`, which returns a `Missing` where a library is not installed."""

    @wraps(make)
    def made(*args: Any, **options: Any) -> Any:
        try:
            return make(*args, **options)
        except ModuleNotFoundError as error:
            if not is_foreign(error):
                raise
            return Missing(error)

    return made
