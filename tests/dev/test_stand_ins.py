"""What stands in for Docker's downloads: packages as they are installed here, packed as wheels again."""

import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nnlab.dev.image import stand_ins


def test_a_wheel_holds_what_is_installed(tmp_path: Path) -> None:
    """setuptools: it carries other distributions' records inside. flatbuffers: two tags, and no scripts."""
    for name, tag in (("setuptools", "py3-none-any"), ("flatbuffers", "py2.py3-none-any")):
        one = distribution(name)
        stand_ins.pack(one, tmp_path)
        with zipfile.ZipFile(tmp_path / f"{name}-{one.version}-{tag}.whl") as wheel:
            names = wheel.namelist()
            (record,) = (n for n in names if n == f"{name}-{one.version}.dist-info/RECORD")
            rows = wheel.read(record).decode().splitlines()
            assert [row.rsplit(",", 2)[0] for row in rows] == names and not any(".pyc" in n for n in names)
            for source in one.files or []:
                if source.suffix == ".py":
                    assert wheel.read(str(source)) == source.read_binary()


def test_the_packages_are_those_of_the_recipe_and_what_they_need() -> None:
    names = {one.name.lower() for one in stand_ins.installed()}
    assert {"flask", "werkzeug", "onnxruntime", "numpy", "waitress", "setuptools"} <= names
    assert not names & {"torch", "pytest", "onnx", "matplotlib"}


def test_another_version_or_none_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def old(name: str) -> Any:
        return SimpleNamespace(version="0.1", requires=[]) if name == "waitress" else Distribution.from_name(name)

    monkeypatch.setattr(stand_ins, "distribution", old)
    with pytest.raises(LookupError, match=r"^waitress should be ==\d.*, and 0\.1 is installed here$"):
        stand_ins.installed()

    def none(name: str) -> Any:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(stand_ins, "distribution", none)
    with pytest.raises(LookupError, match="is not installed here"):
        stand_ins.installed()
