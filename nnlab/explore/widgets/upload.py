"""A control to take a picture from the learner's own disk. It stays on their machine, and only its grey is kept.

The page makes it small before it is sent: a photograph of 10 MB would break the notebook's line to its kernel.
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
from nnlab.explore.widgets.pad_page import CSS

_ESM = """
function render({model, el}) {
  const make = (tag, text, parent) => {
    const made = parent.appendChild(document.createElement(tag));
    made.textContent = text;
    return made;
  };
  const side = model.get('side'), least = model.get('least');
  el.classList.add('nnlab-pad');
  el.setAttribute('data-lm-suppress-shortcuts', 'true');  // JupyterLab leaves our keys alone
  make('span', model.get('description'), el).className = 'nnlab-pad-label';
  const input = make('input', '', el), remove = make('button', 'Remove', el), note = make('small', '', el);
  input.type = 'file';
  input.accept = 'image/*';
  input.title = model.get('help');
  input.setAttribute('aria-label', model.get('description'));
  note.setAttribute('role', 'status');
  remove.title = 'Go back to the pictures that are here';
  const set = value => { model.set('value', value); model.save_changes(); };
  const tell = () => { remove.disabled = !model.get('value'); };
  remove.onclick = () => { input.value = note.textContent = ''; set(''); };
  input.onchange = async () => {
    if (!input.files.length) return;
    note.textContent = '';
    try {
      const image = await createImageBitmap(input.files[0]);
      const scale = Math.min(1, side / Math.max(image.width, image.height));
      const [width, height] = [image.width, image.height].map(n => Math.max(least, Math.round(n * scale)));
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const c = canvas.getContext('2d');
      c.imageSmoothingQuality = 'high';
      c.fillStyle = 'white';  // below what is transparent
      c.fillRect(0, 0, width, height);
      c.drawImage(image, 0, 0, width, height);
      const rgba = c.getImageData(0, 0, width, height).data;
      let grey = '';
      for (let i = 0; i < rgba.length; i += 4) {
        grey += String.fromCharCode(Math.round(0.299 * rgba[i] + 0.587 * rgba[i + 1] + 0.114 * rgba[i + 2]));
      }
      set(`${width}x${height}:${btoa(grey)}`);
    } catch (error) {
      note.textContent = 'The browser cannot read this file as a picture. Try a JPEG or a PNG.';
    }
  };
  model.on('change:value', tell);
  tell();
}
export default {render};
"""


class UploadWidget(anywidget.AnyWidget):
    """The control in the page."""

    _esm = _ESM
    _css = CSS
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
    keeps: bool = True  # Reset leaves it alone; it has its own button to remove the picture

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
