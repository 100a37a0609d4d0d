"""What Docker would fetch, taken from this computer, so that building the image needs no network."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nnlab.dev.paths import CONSTRAINTS, ROOT

# Of what wheels take from the system, only what the Dockerfile's own base has too is copied.
SYSTEM = re.compile(r"(ld-linux.*|lib(c|dl|m|pthread|rt|util|stdc\+\+|gcc_s))\.so")
SETTINGS = {Path("/etc/ld.so.cache"), Path("/etc/ssl/certs/ca-certificates.crt")}  # Debian's pip reads the second one
UNUSED = ["site-packages", "dist-packages", "test", "idlelib", "tkinter", "turtledemo", "lib2to3", "config-*"]
UNUSED += ["_tkinter*.so", "_test*.so", "*.opt-?.pyc"]


def base(folder: Path, wheels: Iterable[Distribution]) -> str:
    """Write a root file system into an empty folder: sh, the interpreter and standard library of this Python, and the C
    libraries that they and the wheels load. Returns the PATH on which `python` is found there."""
    python = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    for name in ("etc", "tmp", "proc", "dev", "sys"):
        (folder / name).mkdir()
    for name in ("bin", "sbin", "lib", "lib64"):
        if (link := Path("/", name)).is_symlink():
            (folder / name).symlink_to(os.readlink(link))
    library = _inside(folder, Path(sysconfig.get_path("stdlib")))
    # where Debian keeps the wheel of pip that `python -m venv` unpacks
    for tree in filter(None, (sysconfig.get_path("stdlib"), sysconfig.get_config_var("WHEEL_PKG_DIR"))):
        place = _inside(folder, Path(tree))
        shutil.copytree(tree, place, ignore=shutil.ignore_patterns(*UNUSED), ignore_dangling_symlinks=True)
    programs = [python, Path("/bin/sh")]
    inner = [Path("/") / file.relative_to(folder) for file in library.rglob("*.so")]
    outer = [Path(str(one.locate_file(f))) for one in wheels for f in one.files or [] if ".so" in f.name]
    system = {file for file in _libraries(outer) if SYSTEM.match(file.name)}
    for file in {*programs, *SETTINGS, *_libraries([*programs, *inner]), *system}:
        place = _inside(folder, file)
        if file.is_file() and not place.exists():
            shutil.copy2(file, place)
    if python.name != "python":
        (_inside(folder, python).parent / "python").symlink_to(python.name)
    (folder / "etc" / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    return f"{python.parent}:/usr/bin:/bin"


def _inside(folder: Path, file: Path) -> Path:
    """Where a file of this computer stands in the base. Links among its folders are followed; its own name is kept."""
    place = folder / os.path.realpath(file.parent)[1:] / file.name
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _libraries(files: list[Path]) -> set[Path]:
    """The shared libraries that the files load, where this computer's loader finds them."""
    said = subprocess.run(["ldd", *files], capture_output=True, text=True).stdout
    return {Path(name) for name in re.findall(r"^\t(?:\S+ => )?(/\S+) \(0x", said, re.MULTILINE)}


def installed() -> list[Distribution]:
    """What deploy/requirements.txt asks for and what that requires, as installed here; raises LookupError if something
    is missing or has another version than constraints.txt pins."""
    pins = re.findall(r"^([\w.-]+)==(\S+)$", CONSTRAINTS.read_text("utf-8"), re.MULTILINE)
    versions = {canonicalize_name(name): f"=={version}" for name, version in pins}
    lines = (ROOT / "deploy" / "requirements.txt").read_text("utf-8").splitlines()
    build = re.search(r'requires = \["(setuptools[^"]*)"\]', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert build, "pyproject.toml says what builds the package"
    todo = [Requirement(line) for line in [*lines, build[1]] if line and not line.startswith("#")]
    found: dict[str, Distribution] = {}
    while todo:
        one = todo.pop()
        name = canonicalize_name(one.name)
        if name in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        try:
            found[name] = distribution(one.name)
        except PackageNotFoundError:
            raise LookupError(f"{one.name} is not installed here") from None
        wanted = one.specifier & versions.get(name, "")
        if not wanted.contains(found[name].version, prereleases=True):
            raise LookupError(f"{one.name} should be {wanted}, and {found[name].version} is installed here")
        todo += [Requirement(text) for text in found[name].requires or []]
    return list(found.values())


def pack(one: Distribution, folder: Path) -> None:
    """A wheel of what is installed. Its scripts are left out: pip makes them again."""
    tags = re.findall(r"^Tag: (\S+)-(\S+)-(\S+)", one.read_text("WHEEL") or "", re.MULTILINE)
    tag = "-".join(".".join(sorted(set(part))) for part in zip(*tags, strict=True))
    name = re.sub(r"[-_.]+", "_", one.name)
    info = next(str(file.parent) for file in one.files or [] if file.name == "WHEEL" and len(file.parts) == 2)
    left_out = {f"{info}/{name}" for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")}
    rows = []
    with zipfile.ZipFile(folder / f"{name}-{one.version}-{tag}.whl", "w") as wheel:
        for file in one.files or []:
            if ".." in file.parts or file.suffix == ".pyc" or str(file) in left_out:
                continue
            data = file.read_binary()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            rows.append(f"{file},sha256={digest},{len(data)}\n")
            wheel.writestr(str(file), data)
        wheel.writestr(f"{info}/RECORD", "".join(rows) + f"{info}/RECORD,,\n")
