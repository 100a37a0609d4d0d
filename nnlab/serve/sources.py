"""Files of examples that are larger than memory: cut into chunks, of which any can be read without the others."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnlab.files import expand

Piece = tuple[Sequence[Any], NDArray[Any]]  # names of the rows, and the rows
PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
BOM = b"\xef\xbb\xbf"  # some programs write it before a CSV
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)  # what reading a zip raises


class Source(Protocol):
    """A file or folder; it can be sent to a worker, who opens it again."""

    def fingerprint(self) -> list[Any]:
        """What is different when the content is: name, size and time of change."""

    def chunks(self, rows: int) -> list[Any]:
        """The chunks, in order, of about `rows` rows each."""

    def read(self, chunk: Any) -> Iterator[Piece]:
        """Names and rows of one chunk, in one or more pieces."""


def open_source(path: str | os.PathLike[str]) -> Source:
    """The source for a path, by its ending. ValueError for another ending, FileNotFoundError without the file."""
    found = expand(path).resolve()
    if found.is_dir():
        return Pictures(found)
    ending = found.suffix.lower()
    kinds: dict[str, Any] = {".csv": Lines, ".npz": Npz, ".parquet": Parquet}
    if not found.exists():
        raise FileNotFoundError(f"There is no input {found.name}: check its path.")
    if ending not in kinds:
        raise ValueError(f"The input should be .csv, .npz, .parquet or a folder of pictures, got {found.name}.")
    source: Source = kinds[ending](found)
    return source


@contextmanager
def _readable(path: Path, *errors: type[Exception]) -> Iterator[None]:
    """What a library raises for a damaged file, as one sentence."""
    try:
        yield
    except errors as error:
        raise ValueError(f"{path.name} can't be read: it is damaged, or not what its name says.") from error


def _stat(path: Path) -> list[Any]:
    found = path.stat()
    return [path.name, found.st_size, found.st_mtime_ns]


@dataclass(frozen=True)
class Lines:
    """A CSV of numbers; a first line without any number is a header. A chunk is (first row, rows, where it begins in
    the file)."""

    path: Path

    def fingerprint(self) -> list[Any]:
        return _stat(self.path)

    def chunks(self, rows: int) -> list[tuple[int, int, int]]:
        """One pass over the file, which keeps nothing but where each chunk begins."""
        found: list[tuple[int, int, int]] = []
        row = begin = 0
        first = True
        with open(self.path, "rb") as file:
            place = len(BOM) if file.read(len(BOM)) == BOM else 0
            file.seek(place)
            for line in file:
                if line.strip() and not (first and _is_header(line)):
                    if row % rows == 0:
                        begin = place
                    row += 1
                    if row % rows == 0:
                        found.append((row - rows, rows, begin))
                place += len(line)
                first = first and not line.strip()
        if row % rows:
            found.append((row - row % rows, row % rows, begin))
        return found

    def read(self, chunk: tuple[int, int, int]) -> Iterator[Piece]:
        first, rows, begin = chunk
        values: list[list[float]] = []
        with open(self.path, "rb") as file:
            file.seek(begin)
            while len(values) < rows:
                line = file.readline()
                if line.strip():
                    values.append(self._numbers(line, first + len(values), values))
        yield range(first, first + rows), np.array(values)

    def _numbers(self, line: bytes, row: int, before: list[list[float]]) -> list[float]:
        try:
            found = [_number(word) for word in line.split(b",")]
        except ValueError:
            raise ValueError(f"Row {row} of {self.path.name} should be numbers between commas.") from None
        if before and len(found) != len(before[0]):
            raise ValueError(f"Row {row} of {self.path.name} has {len(found)} numbers, others have {len(before[0])}.")
        return found


def _number(word: bytes) -> float:
    if b"_" in word:  # Python reads 1_0 as ten
        raise ValueError
    return float(word)


def _is_header(line: bytes) -> bool:
    """Whether no word is a number: a line with a missing or quoted one is a bad row, which must not be passed over."""
    for word in line.split(b","):
        with suppress(ValueError):
            _number(word.strip(b" \t\r\n\"'"))
            return False
    return True


@dataclass(frozen=True)
class Npz:
    """An array in a .npz, read from its zip without unpacking the rest. A chunk is (first row, rows)."""

    path: Path

    def fingerprint(self) -> list[Any]:
        return _stat(self.path)

    def _open(self, archive: zipfile.ZipFile) -> tuple[Any, tuple[int, ...], np.dtype[Any]]:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        name = "x.npy" if "x.npy" in names else names[0] if len(names) == 1 else None
        if name is None:
            raise ValueError(f"{self.path.name} should hold an array x, it holds {', '.join(names) or 'none'}.")
        file = archive.open(name)
        with _readable(self.path, ValueError, KeyError):
            version = np.lib.format.read_magic(file)
            header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
            shape, fortran, dtype = header[version](file)
        if fortran or dtype.kind not in "fiu" or len(shape) < 2:  # objects would be pickles
            order = ", column by column" if fortran else ""
            raise ValueError(f"{name} in {self.path.name} should be rows of numbers, got {shape} of {dtype}{order}.")
        return file, shape, dtype

    def chunks(self, rows: int) -> list[tuple[int, int]]:
        with _readable(self.path, *DAMAGED), zipfile.ZipFile(self.path) as archive:
            file, shape, _ = self._open(archive)
            file.close()
        return [(k, min(rows, shape[0] - k)) for k in range(0, shape[0], rows)]

    def read(self, chunk: tuple[int, int]) -> Iterator[Piece]:
        first, rows = chunk
        with _readable(self.path, *DAMAGED), zipfile.ZipFile(self.path) as archive:
            file, shape, dtype = self._open(archive)
            with file:
                size = int(np.prod(shape[1:])) * dtype.itemsize
                file.seek(first * size, os.SEEK_CUR)
                content = file.read(rows * size)
                if len(content) < rows * size:
                    raise EOFError
                x = np.frombuffer(content, dtype).reshape(rows, *shape[1:])
        yield range(first, first + rows), x


@dataclass(frozen=True)
class Parquet:
    """Columns of numbers, in their order. A chunk is a row group, which is read in pieces, whatever its size."""

    path: Path

    def fingerprint(self) -> list[Any]:
        return _stat(self.path)

    def chunks(self, rows: int) -> list[tuple[int, int, int]]:
        """The file's own row groups; `rows` is the size of a piece."""
        import pyarrow.parquet

        with _readable(self.path, pyarrow.ArrowException), pyarrow.parquet.ParquetFile(self.path) as file:
            sizes = [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
            columns = file.schema_arrow
        for column in columns:
            if not (pyarrow.types.is_integer(column.type) or pyarrow.types.is_floating(column.type)):
                raise ValueError(f"{column.name} in {self.path.name} should be numbers, it is {column.type}.")
        return [(sum(sizes[:k]), k, rows) for k, size in enumerate(sizes) if size and len(columns)]

    def read(self, chunk: tuple[int, int, int]) -> Iterator[Piece]:
        import pyarrow.parquet

        first, group, rows = chunk
        with _readable(self.path, pyarrow.ArrowException), pyarrow.parquet.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=rows, row_groups=[group]):
                x = np.column_stack([np.asarray(c.to_numpy(zero_copy_only=False), np.float64) for c in batch.columns])
                yield range(first, first + len(x)), x
                first += len(x)


@dataclass(frozen=True)
class Pictures:
    """A folder of grey pictures; pixels become numbers from 0 to 1. A chunk is a tuple of file names."""

    path: Path

    def _names(self) -> list[str]:
        found = (one for one in self.path.iterdir() if one.suffix.lower() in PICTURES and one.is_file())
        return sorted(one.name for one in found if not one.name.startswith("."))

    def fingerprint(self) -> list[Any]:
        return [self.path.name, *(_stat(self.path / name) for name in self._names())]

    def chunks(self, rows: int) -> list[tuple[str, ...]]:
        names = self._names()
        return [tuple(names[k : k + rows]) for k in range(0, len(names), rows)]

    def read(self, chunk: tuple[str, ...]) -> Iterator[Piece]:
        from PIL import Image

        broken = (OSError, SyntaxError, Image.DecompressionBombError)
        pixels = []
        for name in chunk:
            with _readable(self.path / name, *broken), Image.open(self.path / name) as picture:
                if picture.mode[0] in "IF":  # 16 or 32 bits, of which 8 would be cut off
                    raise ValueError(f"{name} in {self.path.name} should have 8 bits a pixel, it has more.")
                pixels.append(np.asarray(picture.convert("L"), np.float32) / 255)
        if len({one.shape for one in pixels}) > 1:
            raise ValueError(f"The pictures in {self.path.name} should all have the same size.")
        yield chunk, np.stack(pixels)
