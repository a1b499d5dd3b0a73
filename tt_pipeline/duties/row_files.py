"""Reads and writes the rows of exported files, in every format that exports have, so that rows can be cut out.

In a text file every row that does not change keeps its bytes: people have added columns, codes and cells of their own.
"""

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import duckdb
import polars as pl

from tt_pipeline.duties.database_rows import read_duckdb, read_sqlite
from tt_pipeline.duties.network_rows import read_network
from tt_pipeline.duties.row_tables import Row, RowFile, RowTable, Write
from tt_pipeline.duties.statistics_rows import read_statistics
from tt_pipeline.duties.workbook_rows import read_workbook

_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_CELL: Final = 2**31 - 1


def read_rows(path: Path) -> RowFile:
    """Read a file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is damaged, or in another format.
    """
    try:
        return _READERS[path.suffix.lower()](path)
    except (csv.Error, pl.exceptions.PolarsError, duckdb.Error, sqlite3.Error, BadZipFile, ParseError) as error:
        raise ValueError(str(error)) from error


def has_rows(path: Path) -> bool:
    """Whether a file has one of the formats."""
    return path.suffix.lower() in _READERS


def _read_csv(path: Path) -> RowFile:
    raw = path.read_bytes()
    encoding = _encoding_of(raw)
    text = raw.decode(encoding)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    pieces = list(_records(text, delimiter))
    head, *body = pieces or [("", ())]

    def write(target: Path, tables: Sequence[Sequence[Row | None]]) -> None:
        (rows,) = tables
        kept = (_csv_piece(piece, row, delimiter) for piece, row in zip(body, rows, strict=True) if row is not None)
        target.write_bytes("".join((head[0], *kept)).encode(encoding))

    return _one_table(path, head[1], [cells for _, cells in body], write)


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

    def write(target: Path, tables: Sequence[Sequence[Row | None]]) -> None:
        (rows,) = tables
        kept = zip(lines, objects, rows, strict=True)
        text = "".join(_json_line(line, each, names, row) for line, each, row in kept if row is not None)
        target.write_text(text, encoding="utf-8")

    return _one_table(path, names, [tuple(map(each.get, names)) for each in objects], write)


def _json_line(line: str, before: Mapping[str, Any], names: Sequence[str], row: Row) -> str:
    after = {name: value for name, value in zip(names, row, strict=True) if name in before}
    return f"{line if after == before else json.dumps(after, ensure_ascii=False)}\n"


def _read_parquet(path: Path) -> RowFile:
    frame = pl.read_parquet(path)

    def write(target: Path, tables: Sequence[Sequence[Row | None]]) -> None:
        kept = [row for row in tables[0] if row is not None]
        pl.DataFrame(kept, schema=frame.schema, orient="row").write_parquet(target, compression="zstd")

    return _one_table(path, frame.columns, frame.rows(), write)


def _one_table(path: Path, names: Sequence[str], rows: Sequence[Row], write: Write) -> RowFile:
    return RowFile(path=path, tables=(RowTable(name=path.stem, names=names, rows=rows),), write=write)


_READERS: Final[Mapping[str, Callable[[Path], RowFile]]] = MappingProxyType(
    {
        ".csv": _read_csv,
        ".parquet": _read_parquet,
        ".jsonl": _read_json_lines,
        ".ndjson": _read_json_lines,
        ".xlsx": read_workbook,
        ".sqlite": read_sqlite,
        ".duckdb": read_duckdb,
        ".dta": read_statistics,
        ".sav": read_statistics,
        ".gexf": read_network,
        ".graphml": read_network,
    }
)
