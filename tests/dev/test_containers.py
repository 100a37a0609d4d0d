"""Whether a container can be built: each reason why not is a sentence."""

import sys
from pathlib import Path

import pytest

from nnlab.dev.computer import containers


def program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found, and root as the one who types."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(containers.os, "geteuid", lambda: 0, raising=False)
    return tmp_path


def test_without_buildah(programs: Path) -> None:
    assert containers.cannot_build() == containers.CURE


def test_without_a_program_of_the_system(programs: Path) -> None:
    for name, lacks in (("buildah", "unshare"), ("unshare", "setpriv"), ("setpriv", "mount"), ("mount", "umount")):
        program(programs / name, "exit 1")
        assert f"there is no program {lacks}: " in containers.cannot_build()


def test_where_mounts_are_refused(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("setpriv", "mount", "umount"):
        program(programs / name, "exit 1")
    program(programs / "buildah", 'echo "buildah: $*" >&2; exit 1')
    program(programs / "unshare", 'echo "unshare failed: Operation not permitted" >&2; exit 1')
    assert "(unshare failed: Operation not permitted)" in containers.cannot_build()
    monkeypatch.setattr(containers.os, "geteuid", lambda: 1000, raising=False)
    assert "(buildah: unshare -- unshare --mount" in containers.cannot_build()


def test_where_all_is_well(programs: Path) -> None:
    for name in ("buildah", "setpriv", "mount", "umount"):
        program(programs / name, "exit 1")
    program(programs / "unshare", "exit 0")
    assert containers.cannot_build() == ""


def test_on_another_system(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "only Linux" in containers.cannot_build()
