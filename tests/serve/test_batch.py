"""Batch inference: every row once, whatever the file, the chunks, the workers, and whenever it is killed."""

import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from nnlab.serve import batch
from nnlab.serve.batch import predict_file
from nnlab.serve.sources import open_source

X = np.random.default_rng(0).uniform(-9, 9, (103, 3)).round(3)


def write(kind, folder, x=X):
    path = folder / f"in.{kind}"
    if kind == "csv":
        path.write_text("a,b,c\n" + "\n".join(",".join(map(str, row)) for row in x) + "\n\n")
    elif kind == "npz":
        np.savez_compressed(path, x=x.astype(np.float32), y=np.zeros(2))
    else:
        pq.write_table(pa.table({f"c{k}": x[:, k] for k in range(x.shape[1])}), path, row_group_size=20)
    return path


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def is_right(path, x=X):
    found = rows(path)
    p = np.exp(x[:, :2]) / np.exp(x[:, :2]).sum(axis=1, keepdims=True)
    assert [int(r["row"]) for r in found] == list(range(len(x)))
    assert [r["prediction"] for r in found] == ["ab"[k] for k in p.argmax(axis=1)]
    np.testing.assert_allclose([float(r["probability"]) for r in found], p.max(axis=1), atol=2e-6)


@pytest.mark.parametrize("kind", ["csv", "npz", "parquet"])
@pytest.mark.parametrize("size", [1, 20, 103, 500])
def test_every_kind_of_file_in_every_size_of_chunk(kind, size, model, tmp_path):
    out = tmp_path / "out.csv"
    predict_file(model, write(kind, tmp_path), out, rows=size)
    is_right(out)
    assert not (tmp_path / "out.csv.parts").exists()


def test_a_folder_of_pictures(tmp_path):
    from nnlab.datasets import mnist
    from nnlab.serve.digits import write_digits

    x, y = mnist("test")
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "note.txt").write_text("no picture")
    for k in range(12):
        Image.fromarray(x[k]).save(folder / f"a,{k:02d}.png")
    write_digits(tmp_path / "d.onnx")
    predict_file(tmp_path / "d.onnx", folder, tmp_path / "out.csv", rows=5)
    found = rows(tmp_path / "out.csv")
    assert [r["row"] for r in found] == [f"a,{k:02d}.png" for k in range(12)]
    assert sum(int(r["prediction"]) == y[k] for k, r in enumerate(found)) >= 11


def test_what_was_interrupted_goes_on(model, tmp_path, monkeypatch):
    source, out = write("csv", tmp_path), tmp_path / "out.csv"
    real, calls = batch.score, []

    def dies(*job):
        if len(calls) == 4:
            raise KeyboardInterrupt
        calls.append(real(*job))

    monkeypatch.setattr(batch, "score", dies)
    with pytest.raises(KeyboardInterrupt):
        predict_file(model, source, out, rows=10)
    assert not out.exists()
    monkeypatch.setattr(batch, "score", real)
    seen = []
    assert predict_file(model, source, out, rows=10, progress=lambda done, total: seen.append((done, total))) == 7
    assert seen[0] == (4, 11) and seen[-1] == (11, 11)
    is_right(out)


def test_a_kill_loses_no_row_and_doubles_none(model, tmp_path):
    x = np.tile(X, (200, 1))
    source, out = write("csv", tmp_path, x), tmp_path / "out.csv"
    words = [sys.executable, "-m", "nnlab.dev.inside.predict", *map(str, (model, source, out)), "50", "1"]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    parts, end = tmp_path / "out.csv.parts", time.monotonic() + 60
    while len(list(parts.glob("0*.csv"))) < 5 and time.monotonic() < end and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done = subprocess.run(words, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0 and "Written to" in done.stdout, done.stderr
    is_right(out, x)


def test_two_workers_of_dask(model, tmp_path):
    out = tmp_path / "out.csv"
    assert predict_file(model, write("parquet", tmp_path), out, rows=7, workers=2) == 6
    is_right(out)


def test_parts_of_another_job_are_refused(model, make, tmp_path):
    source, out = write("csv", tmp_path), tmp_path / "out.csv"
    batch._claim(tmp_path / "out.csv.parts", {"model": "another"})
    with pytest.raises(ValueError, match="parts of another model"):
        predict_file(model, source, out)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,2,3\n1,x,3\n", "Row 1 of in.csv should be numbers"),
        ("1,2,3\n1,2\n", "Row 1 of in.csv has 2 numbers"),
        ("1,2\n", "should have 3 numbers"),
        ("1,2,3\n1,nan,3\n", "Row 1 holds a number that is not from -10 to 10"),
        ("1,2,3\n4,5,6\n11,5,6\n", "Row 2 holds a number"),
    ],
)
def test_bad_rows_are_named(text, sentence, model, tmp_path):
    (tmp_path / "in.csv").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        predict_file(model, tmp_path / "in.csv", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_other_inputs_are_refused(tmp_path):
    (tmp_path / "in.txt").write_text("")
    with pytest.raises(ValueError, match=r"should be \.csv, \.npz, \.parquet"):
        open_source(tmp_path / "in.txt")
    with pytest.raises(FileNotFoundError, match=r"no input none\.csv"):
        open_source(tmp_path / "none.csv")
    np.savez(tmp_path / "two.npz", a=X, b=X)
    with pytest.raises(ValueError, match="should hold an array x"):
        open_source(tmp_path / "two.npz").chunks(5)
    np.savez(tmp_path / "objects.npz", x=np.array([[{}]], dtype=object))
    with pytest.raises(ValueError, match="rows of numbers"):
        open_source(tmp_path / "objects.npz").chunks(5)
