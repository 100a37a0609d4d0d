"""Builds the site with JupyterLite: `python -m nnlab.dev.inside.site OUT [PYODIDE]`, in the finished environment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nnlab
from nnlab.dev import paths
from nnlab.dev.say import Trouble, say
from nnlab.dev.site import start
from nnlab.dev.site.needs import Needs
from nnlab.dev.site.pages import page
from nnlab.dev.site.wheels import all_wheels

# The release that the test of the site runs: Python, compilers and libraries are those of 0.27.6, which the kernel's
# package names. The form of the address is the one in that release's own pyodide.js.
PUBLIC = "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/"
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "anywidget", "@jupyterlite/pyodide-kernel-extension")
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
LEFT_OUT = ("cache", "__pycache__")
# The arrow keys move a slider. In JupyterLab they also fold headings, wherever the focus is.
SHORTCUTS = [
    {"command": "notebook:move-cursor-heading-above-or-collapse", "keys": ["ArrowLeft"]},
    {"command": "notebook:move-cursor-heading-below-or-expand", "keys": ["ArrowRight"]},
]
SELECTOR = ".jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite) :focus"
SETTINGS = {
    "@jupyterlab/shortcuts-extension:shortcuts": {
        "shortcuts": [{**one, "selector": SELECTOR, "disabled": True} for one in SHORTCUTS]
    },
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},  # all of a page is there for a search
}


def build(out: Path, pyodide: Path | None) -> None:
    """Write the site into `out`, which must be empty or a site. pyodide: a folder to copy it from, instead of PUBLIC.

    Raises Trouble where `out` holds something else, or `pyodide` no Pyodide."""
    if out.exists() and any(out.iterdir()) and not (out / "jupyter-lite.json").is_file():
        raise Trouble(f"{out} holds something else than a site: name an empty folder with --out.")
    if pyodide and not (pyodide / "pyodide-lock.json").is_file():
        raise Trouble(f"{pyodide} holds no pyodide-lock.json: --pyodide takes the folder of an unpacked Pyodide.")
    with tempfile.TemporaryDirectory() as temporary:
        lite = Path(temporary)
        write_pages(lite / "content")
        write_config(lite)
        argv = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(lite / "out")]
        made = subprocess.run(argv, cwd=lite, capture_output=True, text=True)
        if made.returncode:
            raise Trouble(f"JupyterLite could not build the site:\n{(made.stdout + made.stderr)[-3000:]}")
        started = lite / "out" / "static" / "nnlab"
        packages = all_wheels(paths.ROOT / "nnlab", nnlab.__version__, started)
        write_json(started / "packages.json", packages)
        script = (Path(__file__).parents[1] / "site" / "pyodide.js").read_text("utf-8")
        (started / "pyodide.js").write_text(script.replace("{{pyodide}}", "../pyodide/" if pyodide else PUBLIC))
        if pyodide:
            shutil.copytree(pyodide, lite / "out" / "static" / "pyodide")
        (lite / "out" / "index.html").write_text(start.page(), "utf-8")
        shutil.copyfile(lite / "out" / "lab" / "favicon.ico", lite / "out" / "favicon.ico")
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(lite / "out", out)


def write_pages(content: Path) -> None:
    """The notebooks, the data, and what the cut cells printed, as the reader's drive shows them."""
    stored = content / "data" / "stored"
    needs = Needs(paths.ROOT / "nnlab")
    for path in sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        made = page(path, needs)
        write_json(content / "notebooks" / path.name, made.notebook)
        if made.stored:
            write_json(stored / f"{path.stem}.json", made.stored)
        say(f"{path.stem}: {made.cells - made.cut} of {made.cells} code cells run in the browser")
    for path in sorted((paths.ROOT / "data").rglob("*")):
        inside = path.relative_to(paths.ROOT / "data")
        if path.is_file() and path.suffix in (".npz", ".txt", ".json") and not set(LEFT_OUT) & set(inside.parts):
            (content / "data" / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, content / "data" / inside)


def write_config(lite: Path) -> None:
    """What JupyterLite reads: which parts to build, the kernel's start, two shortcuts less."""
    extensions = [str(Path(sys.prefix) / "share" / "jupyter" / "labextensions" / name) for name in EXTENSIONS]
    config = {
        "apps": ["lab", "repl"],
        "contents": [str(lite / "content")],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": extensions,
    }
    write_json(lite / "jupyter_lite_config.json", {"LiteBuildConfig": config})
    started = {"pyodideUrl": "./static/nnlab/pyodide.js", "disablePyPIFallback": True}
    started["loadPyodideOptions"] = {"packages": ["ssl", "jedi"]}  # not loaded: pyodide.js drops them
    data = {"appName": "nnlab", "litePluginSettings": {KERNEL: started}}
    write_json(lite / "jupyter-lite.json", {"jupyter-lite-schema-version": 0, "jupyter-config-data": data})
    write_json(lite / "overrides.json", SETTINGS)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, its folder made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")


def main(words: list[str]) -> int:
    """OUT and, if Pyodide is to be copied, its folder."""
    try:
        build(Path(words[0]), Path(words[1]) if len(words) > 1 else None)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
