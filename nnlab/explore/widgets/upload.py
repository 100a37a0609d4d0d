"""A control to take a picture from the learner's own disk. It stays on their machine, and only its grey is kept.

The page makes it small before it is sent: a photograph of 10 MB would break the connection to the kernel.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from nnlab.datasets.pictures import LEAST, SIDE
from nnlab.explore.widgets.page import static


class UploadWidget(anywidget.AnyWidget):
    """The control in the page."""

    _esm = static("upload.js")
    _css = static("pad.css")
    value = traitlets.Unicode("").tag(sync=True)
    side = traitlets.Int(SIDE).tag(sync=True)
    least = traitlets.Int(LEAST).tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)
    help = traitlets.Unicode("").tag(sync=True)


@dataclass(frozen=True)
class Upload:
    """A control whose value is a picture in grey as text "width x height:bytes in base64"; "" where there is none."""

    value: str = ""
    label: str = ""
    help: str = ""
    keeps: bool = True  # Reset does not touch it; it has its own button to remove the picture

    def check(self, value: Any) -> str:
        """`value` if it holds a picture or "", else a ValueError."""
        if value == "":
            return ""
        found = re.fullmatch(r"(\d{1,3})x(\d{1,3}):([A-Za-z0-9+/]+=*)", value) if isinstance(value, str) else None
        if found:
            width, height = int(found[1]), int(found[2])
            try:
                whole = len(base64.b64decode(found[3], validate=True)) == width * height
            except binascii.Error:
                whole = False
            if whole and min(width, height) >= LEAST and max(width, height) <= SIDE:
                return str(value)
        raise ValueError(
            f"{self.label or 'The picture'} is text 'WIDTHxHEIGHT:BASE64', {LEAST} to {SIDE} pixels a side; "
            f"got {str(value)[:40]!r}."
        )

    def extremes(self) -> list[str]:
        """No picture, and a small one."""
        ramp = bytes(range(0, 240, 2))
        return ["", f"10x12:{base64.b64encode(ramp).decode()}"]

    def widget(self, name: str) -> UploadWidget:
        """The control for a page."""
        text = self.label or name
        return UploadWidget(value=self.value, description=text, help=self.help or text)
