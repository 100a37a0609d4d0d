"""The image, built by buildah."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from nnlab.dev.paths import CONSTRAINTS, ROOT
from nnlab.dev.say import Trouble

from . import stand_ins

NEEDED = [CONSTRAINTS, *(ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE", "nnlab", "deploy"))]


class Buildah:
    """buildah with a store of its own. Each layer is a plain folder, and a step of the build a chroot: of all drivers
    and isolations these ask least of the computer."""

    def __init__(self, folder: Path):
        self.words = ["buildah", "--storage-driver", "vfs"]
        self.words += ["--root", str(folder / "store"), "--runroot", str(folder / "run")]
        (folder / "helpers").mkdir()
        # newer ones do nothing before they find the program that makes networks, which nothing here calls
        (folder / "helpers" / "netavark").touch(0o755)
        settings = folder / "containers.conf"
        settings.write_text(f'[engine]\nhelper_binaries_dir = ["{folder / "helpers"}"]\n')
        self.env = {**os.environ, "CONTAINERS_CONF": str(settings)}

    def __call__(self, *words: object) -> str:
        found = subprocess.run([*self.words, *map(str, words)], stdout=subprocess.PIPE, text=True, env=self.env)
        if found.returncode:
            raise Trouble(f"`buildah {words[0]}` failed with status {found.returncode}: its own words stand above.")
        return found.stdout.strip()


def build(folder: Path, model: Path) -> tuple[Path, dict[str, Any]]:
    """Build the image in an empty folder. Returns its file system, and its settings.

    Raises Trouble if buildah fails, or if the environment lacks a package."""
    buildah, wheels, context = Buildah(folder), folder / "wheels", folder / "context"
    try:
        packages = stand_ins.installed()
    except LookupError as error:
        raise Trouble(f"{error}: the image is made of what `python3 -m nnlab setup` installs.") from None
    wheels.mkdir()
    for one in packages:
        stand_ins.pack(one, wheels)
    base = buildah("from", "scratch")
    path = stand_ins.base(Path(buildah("mount", base)), packages)
    buildah("config", "--env", f"PATH={path}", base)
    buildah("commit", "--quiet", "--rm", base, "localhost/base")
    context.mkdir()
    for source in NEEDED:
        if source.is_dir():
            shutil.copytree(source, context / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, context)
    shutil.copy(model, context / "model.onnx")
    options: list[object] = ["--isolation", "chroot", "--format", "docker", "--volume", f"{wheels}:/wheels:ro"]
    for limit in ("nofile", "nproc"):  # newer ones raise them, which not all may
        options += ["--ulimit", f"{limit}=1024:1024"]
    options += ["--build-arg", "PYTHON=localhost/base", "--build-arg", "MODEL=model.onnx", "--tag", "served"]
    options += ["--file", ROOT / "deploy/Dockerfile", "--ignorefile", ROOT / "deploy/Dockerfile.dockerignore"]
    buildah("build", *options, context)
    root = Path(buildah("mount", buildah("from", "served")))
    return root, json.loads(buildah("inspect", "served"))["Docker"]["config"]
