"""Batch inference: every row once, whatever the file, the chunks, the workers, and whenever it is killed."""

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile

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
    (folder / "._a.png").write_bytes(b"written by macOS")
    (folder / "b.png").mkdir()
    predict_file(tmp_path / "d.onnx", folder, tmp_path / "out.csv", rows=5)
    found = rows(tmp_path / "out.csv")
    assert [r["row"] for r in found] == [f"a,{k:02d}.png" for k in range(12)]
    assert sum(int(r["prediction"]) == y[k] for k, r in enumerate(found)) >= 11
    Image.new("L", (14, 56)).save(folder / "a.png")  # as many pixels
    with pytest.raises(ValueError, match=r"should have the shape \(1, 28, 28\), got \(56, 14\)"):
        predict_file(tmp_path / "d.onnx", folder, tmp_path / "out.csv", rows=1)


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


def test_parts_that_hold_no_work_may_be_claimed_again(model, tmp_path):
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("1,2,x\n")
    with pytest.raises(ValueError, match="Row 0"):
        predict_file(model, source, out)
    assert predict_file(model, write("csv", tmp_path), out) == 1  # the corrected file is another input
    is_right(out)


@pytest.mark.parametrize("changed", ["model", "input", "rows"])
def test_an_interrupted_job_is_not_finished_as_another(changed, make, tmp_path, monkeypatch):
    source, out, real, calls = write("csv", tmp_path), tmp_path / "out.csv", batch.score, []
    monkeypatch.setattr(batch, "score", lambda *job: calls.append(real(*job)) if len(calls) < 4 else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        predict_file(make("1"), source, out, rows=10)
    monkeypatch.setattr(batch, "score", real)
    if changed == "input":
        write("csv", tmp_path, X[::-1][:60])
    with pytest.raises(ValueError, match="parts of another model, input or chunk size"):
        predict_file(make("2" if changed == "model" else "1"), source, out, rows=20 if changed == "rows" else 10)
    assert not out.exists() and len(list((tmp_path / "out.csv.parts").glob("0*.csv"))) == 4


def test_two_runs_on_one_output(model, tmp_path):
    source, out, second = write("csv", tmp_path), tmp_path / "out.csv", []

    def again(done, total):
        if done == 2:
            with pytest.raises(ValueError, match=r"Another run is writing out\.csv"):
                predict_file(model, source, out, rows=10)
            second.append(done)

    assert predict_file(model, source, out, rows=10, progress=again) == 11 and second == [2]
    is_right(out)
    assert not (tmp_path / "out.csv.parts").exists()


def test_the_output_destroys_nothing_and_its_folder_is_made(model, tmp_path):
    source = write("csv", tmp_path)
    for out in (source, model, tmp_path):
        with pytest.raises(ValueError, match="should be a new file"):
            predict_file(model, source, out)
    assert source.stat().st_size > 1000 and model.stat().st_size > 1000
    predict_file(model, source, tmp_path / "new" / "deep" / "out.csv")
    is_right(tmp_path / "new" / "deep" / "out.csv")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff1,2,3\n4,5,6\n",
        "\ufeffa,b,c\n1,2,3\n4,5,6",
        "1,2,3\r\n4,5,6\r\n",
        "\n\na,b,c\n\n1,2,3\n  \n4,5,6\n",
        " 1 , 2 , 3 \n4,5,6\n",
    ],
)
@pytest.mark.parametrize("size", [1, 9])
def test_a_csv_of_any_program(text, size, model, tmp_path):
    (tmp_path / "in.CSV").write_bytes(text.encode())
    predict_file(model, tmp_path / "in.CSV", tmp_path / "out.csv", rows=size)
    is_right(tmp_path / "out.csv", np.array([[1.0, 2, 3], [4, 5, 6]]))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,2,3\n1,x,3\n", "Row 1 of in.csv should be numbers"),
        ("1,2,3\n1,2\n", "Row 1 of in.csv has 2 numbers"),
        ("1,2\n", "should have 3 numbers"),
        ("1,2,3\n1,nan,3\n", "Row 1 holds a number that is not from -10 to 10"),
        ("1,2,3\n4,5,6\n11,5,6\n", "Row 2 holds a number"),
        (",2,3\n4,5,6\n", "Row 0 of in.csv should be numbers"),
        ("1,2,\n", "Row 0 of in.csv should be numbers"),
        ('"1","2","3"\n4,5,6\n', "Row 0 of in.csv should be numbers"),
        ("1_0,2,3\n", "Row 0 of in.csv should be numbers"),
        ("1,2,3\n1_0,2,3\n", "Row 1 of in.csv should be numbers"),
        ("1,2,inf\n", "Row 0 holds a number"),
        ("1;2;3\n", "in.csv holds no examples"),
        ("a,b,c\n", "in.csv holds no examples"),
        ("", "in.csv holds no examples"),
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


@pytest.mark.parametrize("name", ["in.npz", "in.parquet", "cut.npz", "cut.parquet", "inside.npz"])
def test_a_damaged_file_is_said(name, model, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"no such file")
    if name.startswith("cut"):
        whole = write(path.suffix[1:], tmp_path, np.tile(X, (50, 1))).read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
    elif name == "inside.npz":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.npy", b"no array")
    with pytest.raises(ValueError, match=f"{path.name} can't be read: it is damaged"):
        predict_file(model, path, tmp_path / "out.csv")


def test_an_array_whose_end_is_missing_is_not_filled(model, tmp_path):
    content = io.BytesIO()
    np.save(content, X)
    with zipfile.ZipFile(tmp_path / "in.npz", "w") as archive:
        archive.writestr("x.npy", content.getvalue()[:-100])
    with pytest.raises(ValueError, match="damaged"):
        predict_file(model, tmp_path / "in.npz", tmp_path / "out.csv")


@pytest.mark.parametrize(
    "column", [pa.array(["1", "2"]), pa.array([True, False]), pa.array([1, 2], pa.timestamp("s")), pa.array([[1], [2]])]
)
def test_a_column_that_holds_no_numbers_is_named(column, model, tmp_path):
    pq.write_table(pa.table({"a": [1.0, 2.0], "b": column, "c": [1.0, 2.0]}), tmp_path / "in.parquet")
    with pytest.raises(ValueError, match=r"b in in\.parquet should be numbers"):
        predict_file(model, tmp_path / "in.parquet", tmp_path / "out.csv")


def test_pictures_that_are_not_what_they_should_be(model, tmp_path):
    for name, content, sentence in (
        ("a.png", b"no picture", r"a\.png can't be read"),
        ("a.png", Image.fromarray(np.array([[0, 300, 65535]], np.uint16)), "8 bits a pixel"),
        ("a.txt", b"text", "holds no examples"),
    ):
        folder = tmp_path / "pictures"
        folder.mkdir()
        content.save(folder / name) if isinstance(content, Image.Image) else (folder / name).write_bytes(content)
        with pytest.raises(ValueError, match=sentence):
            predict_file(model, folder, tmp_path / "out.csv")
        shutil.rmtree(folder)
