"""An explorer as it stands in the page: its picture, its controls, its buttons."""

from __future__ import annotations

import base64
import io
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

from nnlab import explore, plots
from nnlab.explore import Choice, Explorer, Slider, Text, Toggle
from nnlab.explore.controls import Control, Levels
from tests.browser.jupyterlab import NotebookPage

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
VIEW = "application/vnd.jupyter.widget-view+json"
CHOICE, LINE = ".widget-toggle-buttons", ".widget-text input"
SECONDS = 15.0  # how long anything may take before it counts as not happening; far more than it takes

# by notebook: what was seen of each picture before anything ran, and the page's text then
STORED: dict[str, tuple[list[dict[str, bool]], str]] = {}

SEEN = """images => images.map((img) => {
    const box = img.getBoundingClientRect();
    return {seen: img.complete && img.naturalWidth > 100 && box.width > 100 && box.height > 50};
})"""


class Shown:
    """One explorer of an open notebook. `twin` is the same explorer here, without a page: what should be seen."""

    def __init__(self, nb: NotebookPage, index: int, twin: Explorer | None = None, exact: bool = True):
        self.nb, self.index, self.twin, self.exact = nb, index, twin, exact
        self.seen: dict[str, np.ndarray] = {}
        self.matched = b"", b""  # the page's last picture that was the twin's, and the twin's
        self.cell: Locator = nb.page.locator(".jp-Cell").nth(index)
        self.nb.ask("index => nn.cells()[index].node.scrollIntoView({block: 'center'})", index)  # pictures come and go
        self.wait(lambda: self.cell.locator(".jupyter-button").count(), "its buttons are shown")
        if twin and not twin.groups:
            wanted = {
                kind: sum(kind_of(c) is kind for c in twin.controls.values()) for kind in (Slider, Choice, Toggle, Text)
            }
            self.wait(lambda: self.handles.count() == wanted[Slider], "all sliders are shown")
            self.wait(lambda: self.cell.locator(CHOICE).count() == wanted[Choice], "all choices are shown")
            self.wait(lambda: self.cell.locator(LINE).count() == wanted[Text], "all lines of text are shown")

    @property
    def handles(self) -> Locator:
        return self.cell.locator(".noUi-handle")

    def control(self, name: str) -> Locator:
        """What takes the keyboard for a control; a choice has one button an option."""
        assert self.twin
        kind = kind_of(self.twin.controls[name])
        same = [other for other, c in self.twin.controls.items() if kind_of(c) is kind]
        kinds = {Slider: ".noUi-handle", Choice: CHOICE, Toggle: "input[type=checkbox]", Text: LINE}
        return self.cell.locator(kinds[kind]).nth(same.index(name))

    def type_value(self, name: str, value: float) -> None:
        """Write a number into a slider's readout."""
        assert self.twin
        sliders = [other for other, c in self.twin.controls.items() if kind_of(c) is Slider]
        readout = self.cell.locator(".widget-hslider .widget-readout").nth(sliders.index(name))
        readout.focus()
        keys = self.nb.page.keyboard
        keys.press("ControlOrMeta+a")
        keys.insert_text(str(value))
        keys.press("Enter")

    def move(self, name: str, value: Any) -> None:
        """Set a control from the keyboard."""
        assert self.twin
        control = self.twin.controls[name]
        if isinstance(control, Slider):
            self.type_value(name, value)
        elif isinstance(control, Levels):
            self.control(name).press("Home")
            for _ in range(list(control.levels).index(value)):
                self.control(name).press("ArrowRight")
        elif isinstance(self.twin.controls[name], Text):
            self.control(name).focus()
            keys = self.nb.page.keyboard
            keys.press("ControlOrMeta+a")
            keys.press("Delete")
            keys.type(value)
        elif isinstance(self.twin.controls[name], Choice):
            self.control(name).get_by_role("button", name=value, exact=True).press("Enter")
        else:
            self.control(name).press("Space")

    def button(self, text: str) -> Locator:
        return self.cell.get_by_role("button", name=text, exact=True)

    def press(self, text: str) -> None:
        """Press a button by keyboard."""
        self.button(text).focus()
        self.nb.page.keyboard.press("Enter")

    def src(self) -> str:
        return str(self.nb.ask("index => nn.picture(index).src", self.index))

    def png(self) -> bytes:
        return base64.b64decode(self.src().partition("base64,")[2])

    def pixels(self) -> np.ndarray:
        return decode(self.png())

    def note(self) -> str:
        return self.cell.locator("[role=status]").first.inner_text()

    def error(self) -> str:
        """The sentence about a setting that cannot be shown; '' if none is visible."""
        alert = self.cell.locator("[role=alert]")
        return alert.inner_text() if alert.count() and alert.is_visible() else ""

    def wait(self, what: Callable[[], Any], why: str, seconds: float = SECONDS) -> None:
        """Ask again and again until it is so."""
        end = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < end, f"cell {self.index}: not seen within {seconds:.0f} s: {why}"
            self.nb.page.wait_for_timeout(15)

    def shows_twin(self, why: str) -> None:
        """The picture becomes the one that the twin draws."""
        assert self.twin
        if not self.exact or "seconds" in self.twin.values.values():  # seconds are measured: the twin has others
            return self.shows_its_own(why)
        plain = self.twin.frame()  # as long as it moves; sharp at rest
        looked_at: list[bytes] = []  # a picture is read once, not each time it is asked for

        def seen() -> bool:
            assert self.twin
            png = self.png()
            if png in looked_at:
                return False
            looked_at.append(png)
            if png == self.matched[0]:
                return plain == self.matched[1]
            if not (same := png == plain):
                picture, wanted = decode(png), decode(plain)
                if picture.shape != wanted.shape:
                    wanted = decode(self.twin.frame(plots.SHARP))
                same = alike(picture, wanted)
            if same:
                self.matched = png, plain
            return same

        try:
            self.wait(seen, why)
        except AssertionError:
            folder = tempfile.mkdtemp(prefix="nnlab-pictures-")
            sharp = self.twin.frame(plots.SHARP)
            for name, kept in (("seen", self.png()), ("wanted", plain), ("sharp", sharp)):
                Path(folder, f"{name}.png").write_bytes(kept)
            raise AssertionError(f"cell {self.index}: {why}: compare the pictures in {folder}") from None

    def shows_its_own(self, why: str) -> None:
        """An explorer of what only the notebook has: other values, another picture; the same values, the same."""
        assert self.twin
        values = str(self.twin.values)
        if values in self.seen:
            return self.wait(lambda: alike(self.pixels(), self.seen[values]), why)
        before = next(reversed(self.seen.values())) if self.seen else None
        if before is not None:
            self.wait(lambda: not alike(self.pixels(), before), why)
        self.quiet(500)
        self.seen[values] = self.pixels()  # the sharp one, as `before`
        assert before is None or not alike(self.seen[values], before), why

    def move_everything(self, skip: str = "") -> None:
        """Every control one step, to both ends and through its options, then every preset, by keyboard: after each key
        the page shows the picture that the values mean."""
        twin = self.twin
        assert twin
        for name, control in twin.controls.items():
            if not isinstance(control, (Slider, Levels, Choice, Toggle, Text)) or not self.control(name).is_visible():
                continue  # another kind has tests of its own; what its group hides is not there for a hand either
            if name == skip or (isinstance(control, Choice) and not self.exact):
                continue  # what the notebook gave it is one more option, which the twin has not
            for key, value in moves(control):
                if isinstance(control, (Slider, Levels)):
                    self.control(name).press(key)
                else:
                    self.move(name, value)
                twin.set(**{name: value})
                self.shows_twin(f"{name} = {value} after {key}")
                assert not self.error()
        for name, values in twin.presets.items():
            self.press(name)
            twin.set(**values)
            self.shows_twin(f"the preset {name}")

    def quiet(self, milliseconds: int = 500) -> None:
        """The sharp picture, the last of a move, has come, and no new one for this long."""
        script = """([index, ms]) => {
            const img = nn.picture(index), now = performance.now();
            if (img?.src !== nn.last_src) { nn.last_src = img?.src; nn.last_change = now; }
            return now - nn.last_change > ms && img?.naturalWidth > 1.5 * Number(img.getAttribute('width'));
        }"""
        self.nb.ask("() => { nn.last_src = null; }")
        self.nb.until(script, [self.index, milliseconds])


def kind_of(control: Control) -> type:
    """The class of a control; a slider over levels stands in the page as any other slider."""
    return Slider if isinstance(control, Levels) else type(control)


def decode(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int16)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """The same picture, but for the grey of a few edge pixels."""
    return one.shape == other.shape and float((np.abs(one - other).max(2) > 24).mean()) < 1e-4


def moves(control: Slider | Levels | Choice | Toggle | Text) -> list[tuple[str, Any]]:
    """Keys, and the value that each leaves the control at."""
    if isinstance(control, Toggle):
        return [("Space", not control.value), ("Space", control.value)]
    if isinstance(control, Text):
        return [("typing", example) for example in ["", *control.examples]]
    if isinstance(control, Choice):
        return [("Enter", option) for option in control.options]
    if isinstance(control, Levels):
        after = [level for level in control.levels if level > control.value][:1]
        return [*(("ArrowRight", level) for level in after), ("End", control.levels[-1]), ("Home", control.levels[0])]
    step = control.value * 10**control.step if control.log else control.value + control.step
    one = [("ArrowRight", step)] if step <= control.max else []
    return [*one, ("End", control.max), ("Home", control.min)]


def explorers(nb: NotebookPage, cells: list[dict[str, Any]]) -> Iterator[Shown]:
    """Every explorer of explore.ALL that the notebook shows. One that is given a text has the same for its twin."""
    for cell in [cell for cell in cells if cell["type"] == "code"]:
        for name, text, argument in re.findall(r"\b(\w+)_explorer\((?:\"([^\"]*)\"\))?([\w\"']*)", cell["source"]):
            if name in explore.ALL and any(VIEW in output.get("data", {}) for output in cell["outputs"]):
                make: Callable[..., Explorer] = explore.ALL[name]
                twin = make(text) if text else make()
                yield Shown(nb, cell["index"], twin, exact=bool(text) or not argument)
