"""A file through a model, however large the file: in chunks, resumed after a kill, written whole or not at all.

The input is cut into chunks. Each finished chunk is a file of its own in the folder `OUTPUT.parts`, so that a second
start only does what is missing; when all are there they become OUTPUT. Doing a chunk twice gives the same file, which
is why a worker that dies needs no care: Dask gives its chunk to another one.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from nnlab.checks import need_size
from nnlab.files import expand, replacing

from .model import ServedModel
from .sources import Source, open_source

HEADER = "row,prediction,probability\n"
AHEAD = 4  # chunks a worker of Dask has in hand, so that it never waits for its next one


def predict_file(
    model: str | os.PathLike[str],
    source: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    rows: int = 4096,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write `output`, a CSV with a line for each example of `source`: row (the number, or a picture's file name),
    prediction and probability. Returns how many chunks this call computed; those of an interrupted one are kept.

    source: a .csv (numbers, one example a line, with or without a header), .npz (its array "x", or its only one),
    .parquet (its columns in order), or a folder of pictures. rows: of a chunk. workers: 1 computes here, more start
    Dask's local processes; scheduler: the address of a Dask cluster, whose machines must see the same files.
    progress: is told the chunks done and all of them.

    Raises ValueError for rows that are not what the model takes (with the first such row), for an input without rows,
    if the parts of another model, input or chunk size lie there, if another run is writing the same output, and for
    an output that is a folder, the input or the model."""
    need_size(rows, "rows"), need_size(workers, "workers")
    loaded, found, out = _model(str(expand(model))), open_source(source), expand(output)
    if out.is_dir() or out.resolve() in (expand(source).resolve(), expand(model).resolve()):
        raise ValueError(f"The output {out.name} should be a new file, not a folder, the input or the model.")
    chunks = found.chunks(rows)
    if not chunks:
        raise ValueError(f"{expand(source).name} holds no examples.")
    parts = out.with_name(out.name + ".parts")
    job = {"model": loaded.sha256, "source": found.fingerprint(), "rows": rows, "chunks": len(chunks)}
    parts.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(parts / "lock", timeout=0):
            _claim(parts, job)
            return _finish(str(expand(model).resolve()), found, out, chunks, workers, scheduler, progress)
    except Timeout:
        raise ValueError(f"Another run is writing {out.name}: wait for it, or choose another output.") from None


def _finish(
    model: str,
    source: Source,
    out: Path,
    chunks: list[Any],
    workers: int,
    scheduler: str | None,
    progress: Callable[[int, int], None],
) -> int:
    """Compute the parts that are missing, and make the output of all. Returns how many were missing."""
    parts = out.with_name(out.name + ".parts")
    missing = [(k, chunk) for k, chunk in enumerate(chunks) if not _part(parts, k).exists()]
    jobs = [(model, source, chunk, str(_part(parts, k).resolve())) for k, chunk in missing]
    kept = len(chunks) - len(jobs)
    progress(kept, len(chunks))
    for k, _ in enumerate(_run(jobs, workers, scheduler), 1):
        progress(kept + k, len(chunks))
    with replacing(out) as file:
        file.write(HEADER.encode())
        for k in range(len(chunks)):
            with open(_part(parts, k), "rb") as part:
                shutil.copyfileobj(part, file)
    shutil.rmtree(parts)
    return len(jobs)


def score(model: str, source: Source, chunk: Any, part: str) -> str:
    """Compute one chunk and write its part, whole or not at all. Runs in this process or on a worker."""
    loaded = _model(model)
    text = io.StringIO()
    for names, x in source.read(chunk):
        probabilities = loaded.probabilities(_checked(x, names, loaded))
        labels = probabilities.argmax(axis=1)
        for name, label, p in zip(names, labels, probabilities.max(axis=1), strict=True):
            text.write(f"{_quoted(name)},{_quoted(loaded.card.classes[label])},{p:.6f}\n")
    with replacing(part) as file:
        file.write(text.getvalue().encode())
    return part


@lru_cache(maxsize=2)
def _model(path: str) -> ServedModel:
    return ServedModel(path)


def _quoted(value: Any) -> str:
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n\r') else text


def _checked(x: NDArray[Any], names: Any, model: ServedModel) -> NDArray[np.float32]:
    card = model.card
    if x[0].size != np.prod(card.shape):
        raise ValueError(f"An example should have {np.prod(card.shape)} numbers ({card.shape}), got {x[0].size}.")
    sides, wanted = (tuple(n for n in shape if n > 1) for shape in (x.shape[1:], card.shape))
    if x.ndim > 2 and sides != wanted:  # as many numbers, in another order
        raise ValueError(f"An example should have the shape {card.shape}, got {x.shape[1:]}.")
    flat = x.reshape(len(x), -1).astype(np.float32)
    bad = ~(np.isfinite(flat) & (flat >= card.low) & (flat <= card.high)).all(axis=1)
    if bad.any():
        raise ValueError(
            f"Row {names[int(bad.argmax())]} holds a number that is not from {card.low:g} to {card.high:g}."
        )
    return flat.reshape(len(x), *card.shape)


def _part(parts: Path, k: int) -> Path:
    return parts / f"{k:08d}.csv"


def _claim(parts: Path, job: dict[str, Any]) -> None:
    """Note what the parts belong to, or refuse those of another job. A job that finished no part may be changed."""
    note = parts / "job.json"
    if note.exists() and any(parts.glob("0*.csv")):
        if json.loads(note.read_text()) != job:
            raise ValueError(
                f"{parts.name} holds parts of another model, input or chunk size: finish that job, or remove it."
            )
        return
    with replacing(note) as file:
        file.write(json.dumps(job).encode())


def _run(jobs: list[tuple[Any, ...]], workers: int, scheduler: str | None) -> Iterator[Any]:
    """The jobs' results as they come."""
    if not jobs:
        return
    if workers == 1 and scheduler is None:
        yield from (score(*job) for job in jobs)
        return
    from distributed import Client, LocalCluster, as_completed  # here: it takes a second to load

    if scheduler is not None:
        client = Client(scheduler, timeout=20)
        cluster = None
    else:
        quiet: dict[str, Any] = dict(dashboard_address=None, silence_logs=50)
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", **quiet)
        client = Client(cluster)
    try:
        todo: Iterable[tuple[Any, ...]] = iter(jobs)
        lanes = AHEAD * max(1, len(client.scheduler_info()["workers"]))
        first = [client.submit(score, *job, pure=False) for _, job in zip(range(lanes), todo, strict=False)]
        running = as_completed(first)
        for future in running:
            yield future.result()
            for job in todo:
                running.add(client.submit(score, *job, pure=False))
                break
    finally:
        client.close()
        if cluster is not None:
            cluster.close()
