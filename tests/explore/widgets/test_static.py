"""The JavaScript and CSS that run in the page: they parse, keep a few rules, load nothing, and a wheel carries them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from nnlab.explore.widgets import pad, page, pointer, spot, upload

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(page.__file__).parent / "static"
SCRIPTS, STYLES = sorted(FOLDER.glob("*.js")), sorted(FOLDER.glob("*.css"))

# what may not stand in a script, and why
FORBIDDEN = {
    r"[^=!]==[^=]|!=[^=]": "=== and !== compare without converting",
    r"\bvar\b": "let and const end with their block",
    r"\b(eval|innerHTML|document\.write)\b": "texts of a learner must never become code",
    r"https?:|\bimport\b|\bfetch\b": "the page loads nothing",
    r"\bconsole\.|\bdebugger\b": "left over from debugging",
    r"\t| +$": "spaces only, and none at the end of a line",
    r"^.{121,}": "120 columns",
}


@pytest.mark.skipif(not shutil.which("node"), reason="Node.js parses them; without it, the browser tests run them")
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_parses_as_a_module(path: Path) -> None:
    argv = [str(shutil.which("node")), "--input-type=module", "--check", "-"]
    checked = subprocess.run(argv, input=path.read_text("utf-8"), capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_keeps_the_rules(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "export default {render};" in text
    for pattern, why in FORBIDDEN.items():
        code = re.sub(r" *//.*", "", text) if "https" not in pattern else text
        assert not re.search(pattern, code, re.M), f"{path.name}: {why}"


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_is_balanced_and_touches_only_what_is_ours(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("{") == text.count("}") and "url(" not in text and "@import" not in text
    for rule in re.findall(r"([^{}]+)\{", text):
        assert all("nnlab-" in selector for selector in rule.split(",")), rule


def test_every_file_is_in_use_and_in_the_wheel() -> None:
    widgets = (pad.PadWidget, pointer.PointerWidget, spot.SpotWidget, upload.UploadWidget)
    used = {text for widget in widgets for text in (widget._esm, widget._css)}
    assert used == {path.read_text("utf-8") for path in (*SCRIPTS, *STYLES)}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    carried = {path for pattern in settings["nnlab.explore.widgets"] for path in FOLDER.parent.glob(pattern)}
    assert carried == set(FOLDER.iterdir())
