"""What an environment holds, measured against pyproject.toml. Run by the interpreter that is asked about.

It reads metadata and imports nothing heavy, so it answers in a fraction of a second. Prints one line of JSON.
"""

import json
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any


def installed(name: str, strict: bool) -> str | None:
    """The version of a distribution, or None. `strict` also wants RECORD, which pip writes last: without it the
    package was cut off half-way. Packages of conda or Debian may lack RECORD, so others are not asked for it."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    whole = found.read_text("METADATA") or found.read_text("PKG-INFO")
    if not whole or (strict and found.read_text("RECORD") is None):
        return None
    return found.version


def installed_from(root: Path) -> bool:
    """Whether nnlab is installed here from this very folder: a clone that was moved must be installed again."""
    # all of them: the clone's own egg-info can stand on the path before the installed one
    places = [one.read_text("direct_url.json") for one in metadata.distributions(name="nnlab")]
    return any(json.loads(place).get("url") == root.as_uri() for place in places if place)


def texts(project: dict[str, Any], extras: list[str]) -> list[str]:
    """The requirements as they are written, those of `extras` included."""
    return project["dependencies"] + [text for extra in extras for text in project["optional-dependencies"][extra]]


def by_name(project: dict[str, Any], extras: list[str], strict: bool) -> list[dict[str, Any]]:
    """Without `packaging` no range can be read, so the environment is not ready; what is there is still reported."""
    rows = []
    for text in texts(project, extras):
        name = re.split(r"[^\w.-]", text)[0]
        found = installed(name, strict) if name != "packaging" else None
        rows.append({"name": name, "wanted": text.removeprefix(name), "found": found, "ok": found is not None})
    return rows


def requirements(project: dict[str, Any], extras: list[str], strict: bool) -> list[dict[str, Any]]:
    """One row a requirement: name, wanted, found (or None), ok."""
    from packaging.requirements import Requirement

    rows = []
    for text in texts(project, extras):
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        found = installed(wanted.name, strict)
        ok = found is not None and wanted.specifier.contains(found, prereleases=True)
        rows.append({"name": wanted.name, "wanted": str(wanted.specifier), "found": found, "ok": ok})
    return rows


def pair(strict: bool) -> dict[str, Any] | None:
    """torchvision works with the torch it was built for, and its own metadata says which: a row if they differ."""
    from packaging.requirements import Requirement

    torch, vision = installed("torch", strict), installed("torchvision", strict)
    if torch is None or vision is None:
        return None
    for text in metadata.requires("torchvision") or []:
        wanted = Requirement(text)
        if wanted.name == "torch" and not wanted.specifier.contains(torch, prereleases=True):
            needs = f"{wanted.specifier} for torchvision {vision}"
            return {"name": "torch", "wanted": needs, "found": torch, "ok": False}
    return None


def main(pyproject: Path, extras: list[str]) -> dict[str, Any]:
    """The report on the running interpreter: python, prefix, ours, requirements, ready."""
    root = pyproject.parent
    strict = Path(sys.prefix).resolve() == (root / ".venv").resolve()
    report: dict[str, Any] = {"python": list(sys.version_info[:3]), "prefix": sys.prefix, "ours": strict}
    project = tomllib.loads(pyproject.read_text("utf-8"))["project"]
    try:
        rows = requirements(project, extras, strict)
        torn = pair(strict)
        rows += [torn] if torn else []
    except ImportError:
        rows = by_name(project, extras, strict)
    if strict:
        here = installed_from(root)
        rows.append({"name": "nnlab", "wanted": f"from {root}", "found": "yes" if here else None, "ok": here})
    return report | {"requirements": rows, "ready": all(row["ok"] for row in rows)}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2:])))
