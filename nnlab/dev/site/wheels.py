"""Wheels that a page loads: nnlab, and the pure libraries that Pyodide has not, packed from what is installed here.

Nothing is fetched: a wheel is a zip of a library's files with their names and sums.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# each with what must be loaded before it, by Pyodide's names
LIBRARIES = {
    "comm": ["traitlets"],
    "ipywidgets": ["comm", "ipython", "traitlets"],
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "psygnal": [],
    "typing-extensions": [],
}
OURS = ["numpy", "matplotlib", "pillow", "pygments", "ipywidgets", "anywidget"]  # before nnlab
WHEEL = b"Wheel-Version: 1.0\nGenerator: nnlab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
COMPILED = (".so", ".pyd", ".dylib", ".pyc")


def pack(name: str, version: str, files: dict[str, bytes], metadata: str, folder: Path) -> Path:
    """Write a pure wheel and return its path. files: by their path inside it. The same files give the same bytes."""
    stem = f"{name.replace('-', '_')}-{version}"
    files = dict(files)
    files[f"{stem}.dist-info/METADATA"] = metadata.encode()
    files[f"{stem}.dist-info/WHEEL"] = WHEEL
    record = f"{stem}.dist-info/RECORD"
    rows = [f"{path},sha256={_sum(data)},{len(data)}" for path, data in sorted(files.items())]
    files[record] = "\n".join([*rows, f"{record},,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{stem}-py3-none-any.whl"
    with ZipFile(made, "w", ZIP_DEFLATED) as wheel:
        for path, data in sorted(files.items()):
            wheel.writestr(ZipInfo(path), data, ZIP_DEFLATED)
    return made


def _sum(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def nnlab_wheel(package: Path, version: str, folder: Path) -> Path:
    """nnlab as it stands in the clone, without its command line."""
    files = {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.relative_to(package).parts[0] != "dev"
    }
    return pack("nnlab", version, files, f"Metadata-Version: 2.1\nName: nnlab\nVersion: {version}\n", folder)


def library_wheel(name: str, folder: Path) -> Path:
    """An installed library, without what is compiled and what lies outside the packages, such as pages' files."""
    found = distribution(name)
    files = {
        path.as_posix(): Path(str(path.locate())).read_bytes()
        for path in found.files or []
        if ".." not in path.parts and not path.parts[0].endswith(".dist-info") and path.suffix not in COMPILED
    }
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {found.version}\n"
    return pack(name, found.version, files, metadata, folder)


def entry(wheel: Path, depends: list[str]) -> dict[str, Any]:
    """What Pyodide's lock file says about a wheel that lies next to it."""
    with ZipFile(wheel) as opened:
        tops = {name.split("/")[0].removesuffix(".py") for name in opened.namelist() if ".dist-info/" not in name}
    name, version, *_ = wheel.name.split("-")
    return {
        "name": name.replace("_", "-"),
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": sorted(tops),
        "depends": depends,
        "unvendored_tests": False,
    }


def all_wheels(package: Path, version: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Write all wheels into a folder; their entries for Pyodide's lock file, by name."""
    entries = [entry(library_wheel(name, folder), depends) for name, depends in LIBRARIES.items()]
    entries.append(entry(nnlab_wheel(package, version, folder), OURS))
    return {one["name"]: one for one in entries}
