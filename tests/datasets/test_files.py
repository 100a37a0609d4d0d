"""The shipped data: shapes, types, ranges, counts, published checksums, splits, and the error in a damaged clone."""

import hashlib
import os
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits, load_sample_image

from nnlab import datasets
from nnlab.datasets import files, pictures

# The sha256 of the four IDX files as published, unpacked.
IDX = {
    "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
# Everything that is in the repository; the texts are not.
SHIPPED = ["mnist", "emoji", "electricity", "molecules", "air_routes", "names_by_country", "names", "word_vectors"]
CACHED = ["movie_snippets", "shakespeare"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a loader asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A data folder of one's own, with one small file in it."""
    for name in ("sha256.txt", "electricity.npz"):
        shutil.copy(files.FOLDER / name, tmp_path)
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    return tmp_path


def idx(magic, array):
    head = b"".join(int(number).to_bytes(4, "big") for number in (magic, *array.shape))
    return hashlib.sha256(head + array.astype(np.uint8).tobytes()).hexdigest()


def test_mnist_is_the_published_one():
    (train, a), (validation, b), (test, c) = (datasets.mnist(split) for split in ("train", "validation", "test"))
    assert [len(x) for x in (train, validation, test, a, b, c)] == [50_000, 10_000, 10_000] * 2
    assert {
        "train-images": idx(2051, np.concatenate([train, validation])),
        "train-labels": idx(2049, np.concatenate([a, b])),
        "t10k-images": idx(2051, test),
        "t10k-labels": idx(2049, c),
    } == IDX
    assert train.dtype == np.uint8 and a.dtype == np.int64 and train.shape[1:] == (28, 28)
    assert np.bincount(c).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_no_digit_is_in_two_splits():
    seen = [{image.tobytes() for image in datasets.mnist(split)[0]} for split in ("train", "validation", "test")]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])


def test_arrays_are_yours_to_change():
    images, labels = datasets.mnist("test")
    images[0], labels[0] = 0, 3
    again, _ = datasets.mnist("test")
    assert again[0].any()


def test_emoji():
    e = datasets.emoji()
    assert e.images.shape == (1906, 32, 32, 3) and e.images.dtype == np.uint8 and e.images.max() == 255
    assert e.labels.shape == (1906,) and e.labels.dtype == np.int64
    assert len(e.categories) == 9 and e.categories == sorted(e.categories)
    assert np.bincount(e.labels).tolist() == [85, 159, 270, 131, 264, 386, 169, 224, 218]
    assert e.names[0] == "grinning face" and e.characters[0] == "😀" and len(e.names) == len(e.characters) == 1906
    assert len(set(e.characters)) == 1906
    corners = e.images[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == 255).all(axis=(1, 2)).mean() > 0.7  # laid on white, cut at the right place
    face = e.images[0].astype(int)
    assert face[8, 16, 0] > 200 > face[8, 16, 2]  # yellow: red comes first, blue last


def test_electricity():
    hours, load = datasets.electricity()
    assert hours.shape == load.shape == (26_304,) and load.dtype == np.float64
    assert str(hours[0]) == "2012-01-01T00" and str(hours[-1]) == "2014-12-31T23"
    assert (np.diff(hours) == np.timedelta64(1, "h")).all()
    assert 5 < load.min() < 6 and 5578 < load.max() < 5579
    assert str(hours[17_544]) == "2014-01-01T00" and len(hours) - 17_544 == 8760
    assert load[hour(hours, "2013-03-31T01")] < 60  # the hour that did not exist
    assert np.abs(load[24:] - load[:-24])[17_520:].mean() == pytest.approx(84.5, abs=0.1)  # same as yesterday


def test_samples_are_those_of_scikit_learn():
    images, labels = datasets.small_digits()
    theirs = load_digits()
    assert np.array_equal(images, theirs.images) and np.array_equal(labels, theirs.target)
    assert images.dtype == np.uint8 and labels.dtype == np.int64
    ours, people = datasets.diabetes(), load_diabetes(scaled=False)
    assert np.array_equal(ours.features, people.data) and np.array_equal(ours.progression, people.target)
    assert ours.names == people.feature_names
    for name, file in pictures.NAMES.items():  # another JPEG decoder may round differently
        assert np.abs(pictures.photograph(name) - pictures.grey(load_sample_image(file))).max() < 0.02


def hour(hours, text):
    return int(np.flatnonzero(hours == np.datetime64(text))[0])


@pytest.mark.parametrize(
    ("split", "count", "atoms", "bonds"), [("train", 1025, 13_323, 13_703), ("test", 257, 3348, 3450)]
)
def test_molecules(split, count, atoms, bonds):
    m = datasets.molecules(split)
    assert len(m.names) == len(m.smiles) == len(m.solubility) == count and m.solubility.dtype == np.float64
    assert len(m.molecule) == len(m.elements) == len(m.charges) == len(m.positions) == atoms
    assert m.bonds.shape == (bonds, 2) and m.orders.shape == (bonds,) and m.positions.dtype == np.float32
    assert all(a.dtype == np.int64 for a in (m.molecule, m.elements, m.charges, m.bonds, m.orders))
    assert m.solubility.min() > -11.7 and m.solubility.max() < 1.7
    assert set(m.elements.tolist()) <= {1, 6, 7, 8, 9, 15, 16, 17, 35, 50, 53} and set(m.orders.tolist()) == {1, 2, 3}
    assert np.abs(m.charges).max() <= 1
    assert np.array_equal(np.unique(m.molecule), np.arange(count)) and (np.diff(m.molecule) >= 0).all()
    assert np.array_equal(m.molecule[m.bonds[:, 0]], m.molecule[m.bonds[:, 1]])  # no bond leaves its molecule
    carbon = [sum(1 for i, c in enumerate(s) if c in "Cc" and s[i : i + 2] != "Cl") for s in m.smiles]
    assert np.array_equal(np.bincount(m.molecule, m.elements == 6), carbon)  # SMILES and graph agree


def test_the_first_molecule_is_pentane():
    m = datasets.molecules()
    assert m.names[0] == "n-pentane" and m.smiles[0] == "CCCCC" and m.solubility[0] == -3.18
    assert m.bonds[:4].tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]] and m.elements[:5].tolist() == [6] * 5


def test_molecules_of_the_two_splits_are_different_ones():
    train, test = datasets.molecules("train"), datasets.molecules("test")
    assert not set(train.names) & set(test.names) and len(set(train.smiles) & set(test.smiles)) == 3


def test_air_routes():
    a = datasets.air_routes()
    assert len(a.codes) == len(set(a.codes)) == len(a.names) == len(a.cities) == 352 and a.codes == sorted(a.codes)
    assert a.positions.shape == (352, 2) and a.routes.shape == (3017, 2) and a.routes.dtype == np.int64
    assert (a.routes[:, 0] < a.routes[:, 1]).all() and len({tuple(pair) for pair in a.routes.tolist()}) == 3017
    assert set(a.routes.ravel().tolist()) == set(range(352))  # every airport has a route
    assert a.positions[a.codes.index("ATL")] == pytest.approx([-84.4, 33.6], abs=0.1)


def test_names_by_country():
    names, labels, countries = datasets.names_by_country()
    assert len(names) == 5600 and labels.shape == (5600,) and labels.dtype == np.int64 and len(countries) == 14
    assert np.bincount(labels).tolist() == [400] * 14 and countries == sorted(countries)
    assert all(name.strip() == name and 2 <= len(name) <= 40 for name in names)
    for i in range(14):
        assert len({name for name, label in zip(names, labels, strict=True) if label == i}) == 400


@pytest.mark.parametrize(
    ("kind", "count", "first"), [("female", 4275, "MARY"), ("male", 1219, "JAMES"), ("last", 88_799, "SMITH")]
)
def test_names(kind, count, first):
    names, percent = datasets.names(kind)
    assert len(names) == len(set(names)) == count == len(percent) and names[0] == first
    assert all(name.isascii() and name.isalpha() and name.isupper() for name in names)
    assert (np.diff(percent) <= 0).all() and 79 < percent.sum() < 91


def test_word_vectors():
    words, vectors = datasets.word_vectors()
    assert len(words) == len(set(words)) == 20_000 and vectors.shape == (20_000, 50) and vectors.dtype == np.float32
    assert words[:3] == ["the", ",", "."] and np.abs(vectors).max() < 5.5
    row = dict(zip(words, vectors, strict=True))
    sought = row["king"] - row["man"] + row["woman"]
    nearest = np.argsort(-(vectors @ sought) / np.linalg.norm(vectors, axis=1))[:2]
    assert [words[i] for i in nearest] == ["king", "queen"]


def test_fewer_words_can_be_had():
    words, vectors = datasets.word_vectors(10)
    assert len(words) == 10 and vectors.shape == (10, 50)
    with pytest.raises(ValueError, match="at most 20,000"):
        datasets.word_vectors(20_001)


@pytest.mark.skipif(
    not (files.FOLDER / "cache/movie_snippets.tsv").is_file() and not os.environ.get("CI"), reason="not fetched"
)
def test_movie_snippets():
    texts, ratings = datasets.movie_snippets()
    assert len(texts) == 10_605 and ratings.shape == (10_605,) and all(text.strip() for text in texts)
    assert (ratings >= 0.5).sum() == 4996 and (ratings <= -0.5).sum() == 5076 and np.abs(ratings).max() <= 4


@pytest.mark.skipif(not (files.FOLDER / "cache/shakespeare.txt").is_file(), reason="not fetched")
def test_shakespeare():
    text = datasets.shakespeare()
    assert len(text) == 5_057_280 and len(set(text)) == 84 and "To be, or not to be" in text


@pytest.mark.parametrize(
    ("load", "wrong"), [(datasets.mnist, "tset"), (datasets.molecules, "tset"), (datasets.names, "lost")]
)
def test_an_unknown_part_is_told(load, wrong):
    with pytest.raises(ValueError, match=f"'{wrong}'. Did you mean '(test|last)'"):
        load(wrong)


def test_a_missing_file_is_told_with_its_cure(clone):
    with pytest.raises(FileNotFoundError, match=r"data/emoji.npz is missing: `git checkout -- data/emoji.npz`"):
        datasets.emoji()


def test_a_damaged_file_is_told_with_its_cure(clone):
    assert len(datasets.electricity().hours) == 26_304
    files._checked.cache_clear()  # as in another process
    whole = (clone / "electricity.npz").read_bytes()
    for broken in (whole[:-1], whole[:100] + b"x" + whole[101:], b""):
        (clone / "electricity.npz").write_bytes(broken)
        for _ in range(2):  # what failed is looked at again
            with pytest.raises(
                ValueError, match=r"electricity.npz is damaged .*`git checkout -- data/electricity.npz`"
            ):
                datasets.electricity()
    (clone / "electricity.npz").write_bytes(whole)
    assert len(datasets.electricity().hours) == 26_304


def test_a_missing_list_of_checksums_is_told(clone):
    (clone / "sha256.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"data/sha256.txt is missing: `git checkout"):
        datasets.electricity()


def test_a_file_without_a_checksum_is_told(clone):
    (clone / "sha256.txt").write_bytes(b"")
    with pytest.raises(ValueError, match=r"sha256.txt does not name electricity.npz: `git checkout"):
        datasets.electricity()


def test_the_list_of_checksums_may_have_windows_line_ends(clone):
    text = (clone / "sha256.txt").read_bytes().replace(b"\n", b"\r\n")
    (clone / "sha256.txt").write_bytes(text)
    assert len(datasets.electricity().hours) == 26_304


@pytest.mark.parametrize("name", CACHED)
def test_a_text_that_is_not_shipped_says_how_to_fetch_it(clone, name):
    with pytest.raises(FileNotFoundError, match=f"is not shipped: `python data/build.py {name}`"):
        getattr(datasets, name)()
    (clone / "cache").mkdir()
    (clone / "cache/sha256.txt").write_text(f"{'0' * 64} shakespeare.txt\n{'0' * 64} movie_snippets.tsv\n")
    for file in ("shakespeare.txt", "movie_snippets.tsv"):
        (clone / "cache" / file).write_text("half of i")
    with pytest.raises(ValueError, match=f"is damaged .*`python data/build.py {name}`.* fetches it"):
        getattr(datasets, name)()


def test_a_checksum_is_looked_at_once(clone, monkeypatch):
    datasets.electricity()
    monkeypatch.setattr(hashlib, "sha256", None)
    datasets.electricity()


@pytest.mark.parametrize("name", SHIPPED + CACHED)
def test_every_loader_states_its_licence_and_its_split(name):
    text = getattr(datasets, name).__doc__
    assert any(word in text for word in ("CC BY", "Apache", "MIT", "public domain", "PDDL", "belong to their authors"))
    assert "split" in text


def test_the_folder_is_the_clones():
    assert Path(__file__).parents[2] / "data" == files.FOLDER
