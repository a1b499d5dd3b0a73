"""Reads and writes the rows of exported files, in the three formats that exports have, so that rows can be cut out.

In a text file every row that does not change keeps its bytes: people have added columns, codes and cells of their own.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from tt_pipeline.safe_files import storing, sync, sync_folder

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_CELL: Final = 2**31 - 1
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFile:
    """A file that was read.

    Attributes:
        names: The columns; cells of a row beyond them have no name.
        write: Writes the rows, in the form that the file has; None is a row that goes.
    """

    path: Path
    names: Sequence[str]
    rows: Sequence[Row]
    write: Callable[[Path, Sequence[Row | None]], None]

    def replace_rows(self, rows: Sequence[Row | None]) -> None:
        """Replace the file, as a whole, by one with these rows, one for each of `rows`; its readers keep their rights.

        Raises:
            StorageFailed: The disk is full, or the folder cannot be written; the file is unchanged.
        """
        with storing("Removing data", self.path):
            replace_file(self.path, lambda unfinished: self.write(unfinished, rows))


def read_rows(path: Path) -> RowFile:
    """Read a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is damaged, or in another format.
    """
    try:
        return _READERS[path.suffix.lower()](path)
    except (csv.Error, pl.exceptions.PolarsError) as error:
        raise ValueError(str(error)) from error


def has_rows(path: Path) -> bool:
    """Whether a file has one of the formats."""
    return path.suffix.lower() in _READERS


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside another one, and put it in its place as a whole."""
    unfinished = path.with_name(f".{path.name}.part")
    try:
        write(unfinished)
        os.chmod(unfinished, path.stat().st_mode & 0o777)  # noqa: PTH101 — the readers of the file that it replaces
        sync(unfinished)
        unfinished.replace(path)
        sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _read_csv(path: Path) -> RowFile:
    raw = path.read_bytes()
    encoding = _encoding_of(raw)
    text = raw.decode(encoding)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    pieces = list(_records(text, delimiter))
    head, *body = pieces or [("", ())]

    def write(target: Path, rows: Sequence[Row | None]) -> None:
        kept = (_csv_piece(piece, row, delimiter) for piece, row in zip(body, rows, strict=True) if row is not None)
        target.write_bytes("".join((head[0], *kept)).encode(encoding))

    return RowFile(path=path, names=head[1], rows=[cells for _, cells in body], write=write)


def _encoding_of(raw: bytes) -> str:
    """The encoding; Excel may have saved the file in one of Windows, of which every byte is kept as it is."""
    if raw.startswith(_BOM):
        return "utf-8-sig"
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _records(text: str, delimiter: str) -> Iterator[tuple[str, Row]]:
    """The text and the cells of each record; a cell in quotation marks can have several lines."""
    # Not `splitlines`, which also breaks at characters that other programs write into a cell.
    lines = _Remembering(io.StringIO(text, newline=""))
    csv.field_size_limit(_LONGEST_CELL)
    for cells in csv.reader(lines, delimiter=delimiter):
        yield lines.taken(), tuple(cells)


class _Remembering:
    """Lines, and the text of those that were read since it was last taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines, self._read = iter(lines), ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._read += line
        return line

    def taken(self) -> str:
        """The text since the last call."""
        read, self._read = self._read, ""
        return read


def _csv_piece(piece: tuple[str, Row], row: Row, delimiter: str) -> str:
    text, cells = piece
    if row == cells:
        return text
    ending = text[len(text.rstrip("\r\n")) :]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=ending).writerow(row)
    return written.getvalue()


def _read_json_lines(path: Path) -> RowFile:
    # Not `splitlines`: a text in JSON may have other characters that it takes for the end of a line.
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    objects = [json.loads(line) for line in lines]
    if not all(isinstance(each, dict) for each in objects):
        raise ValueError("a line is not a JSON object")
    names = tuple(dict.fromkeys(name for each in objects for name in each))

    def write(target: Path, rows: Sequence[Row | None]) -> None:
        kept = zip(lines, objects, rows, strict=True)
        text = "".join(_json_line(line, each, names, row) for line, each, row in kept if row is not None)
        target.write_text(text, encoding="utf-8")

    return RowFile(path=path, names=names, rows=[tuple(map(each.get, names)) for each in objects], write=write)


def _json_line(line: str, before: Mapping[str, Any], names: Sequence[str], row: Row) -> str:
    after = {name: value for name, value in zip(names, row, strict=True) if name in before}
    return f"{line if after == before else json.dumps(after, ensure_ascii=False)}\n"


def _read_parquet(path: Path) -> RowFile:
    frame = pl.read_parquet(path)

    def write(target: Path, rows: Sequence[Row | None]) -> None:
        kept = [row for row in rows if row is not None]
        pl.DataFrame(kept, schema=frame.schema, orient="row").write_parquet(target, compression="zstd")

    return RowFile(path=path, names=frame.columns, rows=frame.rows(), write=write)


_READERS: Final[Mapping[str, Callable[[Path], RowFile]]] = MappingProxyType(
    {".csv": _read_csv, ".parquet": _read_parquet, ".jsonl": _read_json_lines, ".ndjson": _read_json_lines}
)
