"""data/: every file has a licence, a source and a checksum, and the script that makes them is careful."""

import functools
import importlib.util
import io
import os
import pickle
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

DATA = Path(__file__).parents[2] / "data"
LICENCES = (
    "CC BY-SA 3.0",
    "CC BY-SA 4.0",
    "CC BY 4.0",
    "Apache-2.0",
    "BSD-3-Clause",
    "MIT",
    "PDDL 1.0",
    "public domain",
)
# Not data: what describes it, what makes it, what is fetched.
ABOUT = {"README.md", "build.py", "sha256.txt", "cache", "licences", "__pycache__"}
ABOUT |= {"export_keras.py", "export_keras_tensorflow.py", "export_flower.py", "export_flower_parties.py"}
# weights and records of networks: train_*.py and export_*.py make them, out of the data next to them
TRAINED = {
    "cnn.npz",
    "digits.npz",
    "flower.npz",
    "forecasts.npz",
    "gpt.npz",
    "graphs.npz",
    "generative.npz",
    "keras_curve.npz",
    "keras_exports.json",
    "pictures.npz",
    "recurrent.npz",
    "robust.npz",
    "search.npz",
    "sharing.npz",
    "smaller.npz",
    "text.npz",
    "transfer.npz",
    "vit.npz",
}


@functools.cache
def build():
    spec = importlib.util.spec_from_file_location("nnlab_data_build", DATA / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows():
    """The README's table of files: name -> (licence, bytes, sha256)."""
    text = (DATA / "README.md").read_text("utf-8")
    found = re.findall(r"^\| `([\w.]+)` \| .*? \| ([^|]+) \| ([\d,]+) \| ([0-9a-f]{64}) \|$", text, re.M)
    return {name: (licence, int(size.replace(",", "")), digest) for name, licence, size, digest in found}


def test_every_file_is_in_the_readme_with_a_licence_and_its_checksum():
    there = {
        path.name for path in DATA.iterdir() if path.name not in ABOUT and not path.name.startswith((".", "train_"))
    }
    assert there == set(rows()) == {file for file, _ in build().SHIPPED.values()} | TRAINED
    for name, (licence, size, _) in rows().items():
        assert any(known in licence for known in LICENCES), name
        assert (DATA / name).stat().st_size == size
    assert build().sums(DATA) == {name: digest for name, (_, _, digest) in rows().items()}


def test_what_is_written_is_listed_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(build(), "HERE", tmp_path)
    for file in ("b.npz", "a.npz", "cache/text.txt"):
        build().write(file, b"some")
    digest = "a6b46dd0d1ae5e86cbc8f37e75ceeb6760230c1ca4ffbcb0c97b96dd7d9c464b"
    assert (tmp_path / "sha256.txt").read_bytes().decode() == f"{digest}  a.npz\n{digest}  b.npz\n"
    assert (tmp_path / "cache/sha256.txt").read_bytes().decode() == f"{digest}  text.txt\n"


def test_the_readme_names_every_package_with_its_checksum():
    text = (DATA / "README.md").read_text("utf-8")
    for pin, digest in build().PINS.items():
        assert f"| `{pin}` | {digest} |" in text


def test_the_whole_is_small():
    assert sum((DATA / name).stat().st_size for name in rows()) < 25_000_000


def test_no_registry_and_no_machine_is_named():
    for name in ("README.md", "build.py", "sha256.txt"):
        assert not re.search(r"pypi|npmjs|registry|index-url|/home/|/tmp/|/work/", (DATA / name).read_text("utf-8"))


def test_what_is_packed_twice_has_the_same_bytes(monkeypatch):
    arrays = {"a": np.arange(1000).reshape(50, 20), "b": np.array(["é", "word"])}
    first = build().npz(**arrays)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert build().npz(**arrays) == first
    with np.load(io.BytesIO(first), allow_pickle=False) as back:
        assert all(np.array_equal(back[name], array) for name, array in arrays.items())


def test_check_tells_another_packing_from_other_contents(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build(), "HERE", tmp_path)
    made = build().npz(a=np.arange(100))
    loose = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(loose, "w", zipfile.ZIP_STORED) as new:
        new.writestr("a.npy", old.read("a.npy"))
    for shipped, good, word in (
        (made, True, "the same bytes"),
        (loose.getvalue(), True, "another zlib"),
        (build().npz(a=np.arange(101)), False, "DIFFERENT"),
    ):
        (tmp_path / "x.npz").write_bytes(shipped)
        assert build().check("x.npz", made) is good and word in capsys.readouterr().out


def test_the_pickle_reader_makes_arrays():
    x = np.arange(6.0).reshape(2, 3)
    old = pickle.dumps((x, x), protocol=3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert np.array_equal(build().OnlyArrays(io.BytesIO(old), encoding="latin1").load()[1], x)


@pytest.mark.parametrize("bad", [os.system, eval, np.load, Path("x")])
def test_the_pickle_reader_makes_nothing_else(bad):
    with pytest.raises(pickle.UnpicklingError, match="the pickle asks for"):
        build().OnlyArrays(io.BytesIO(pickle.dumps(bad))).load()


def test_an_archive_that_is_not_the_pinned_one_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(build(), "ARCHIVES", tmp_path)
    (tmp_path / "names").mkdir()
    (tmp_path / "names" / "names-0.3.0.tar.gz").write_bytes(b"something else")
    with pytest.raises(SystemExit, match=r"is not the archive of names==0.3.0"):
        build().member("names==0.3.0", "names-0.3.0/names/dist.all.last")


@pytest.mark.parametrize("pin", ["names==0.3.0", "emoji-datasource-google@16.0.0"])
def test_a_failed_fetch_is_told_and_leaves_nothing(pin, tmp_path, monkeypatch):
    monkeypatch.setattr(build(), "ARCHIVES", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: "npm")
    monkeypatch.setattr("subprocess.run", lambda *_, **__: SimpleNamespace(returncode=1))
    with pytest.raises(SystemExit, match=f"{pin} could not be fetched"):
        build().archive(pin)
    assert not list(tmp_path.iterdir())


def test_no_npm_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SystemExit, match="comes by npm, which is not installed"):
        build().fetch("emoji-datasource-google@16.0.0", tmp_path)


def test_an_unknown_name_is_told(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["build.py", "mnits"])
    with pytest.raises(SystemExit):
        build().main()
    assert "unknown: mnits; known: mnist" in capsys.readouterr().err
