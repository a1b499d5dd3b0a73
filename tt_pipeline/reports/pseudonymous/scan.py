"""Proves that no handle is in the files of an export: reads every value and every byte again before they are kept."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final
from zipfile import ZipFile

import duckdb

from tt_pipeline.errors import HandleLeft
from tt_pipeline.reports.exports.read_back import can_read, read_tables
from tt_pipeline.reports.pseudonymous.folding import folded
from tt_pipeline.reports.pseudonymous.handles import Handles
from tt_pipeline.reports.pseudonymous.masking import without_masks
from tt_pipeline.reports.pseudonymous.pseudonymised import labels_of, without_own_words
from tt_pipeline.reports.pseudonymous.treatments import Treatment
from tt_pipeline.sql_text import sql_name, sql_text

_ROWS: Final = 10_000
_CHUNK: Final = 1 << 22
_LONGEST: Final = 1 << 10
"""Bytes that two chunks share, so that no handle is cut: handles have at most 24 characters."""
_ZEROS: Final = re.compile(rb"\0+")
"""Unused space in a file of DuckDB."""
_TAGS: Final = re.compile("<[^>]*>")
"""The markup of a workbook, whose words are nobody's handle."""
_CERTAIN: Final = 10
"""Bytes of a handle that compressed bytes do not contain by chance, not even in a file of 100 GB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTable:
    """A table in a file of an export.

    Attributes:
        name: Its name, by which a DuckDB file has it.
        treatments: What happened to each column.
    """

    file: Path
    name: str
    treatments: Mapping[str, Treatment]

    def connected(self, connection: duckdb.DuckDBPyConnection) -> str:
        """SQL that reads it on a connection."""
        file = sql_text(self.file.resolve())
        match self.file.suffix:
            case ".csv":
                return f"read_csv({file}, all_varchar = true, header = true)"
            case ".parquet":
                return f"read_parquet({file})"
            case _:
                connection.execute(f"attach if not exists {file} as exported (read_only)")
                return f"exported.{self.name}"


def scan(folder: Path, tables: list[WrittenTable], handles: Handles, *, zone: str = "") -> int:
    """Search every value and every byte of an export for the handles; returns how many handles were looked for.

    In texts that people wrote, every handle is looked for. Elsewhere, handles that are words of the export (names of
    columns, statuses, country codes) or digits alone are not: they cannot be told from it. In compressed bytes, only
    handles of ten bytes or more are looked for, because shorter ones are there by chance; the values in these bytes are
    read too.

    Args:
        folder: The export.
        tables: What was done to the tables in it.
        handles: What is looked for.
        zone: A time zone that descriptions name; a handle such as `berlin` cannot be told from it.

    Raises:
        HandleLeft: One was found; the message names file and column, not the handle.
    """
    labels = labels_of(handles).without(re.split(r"\W+", folded(zone)))
    for file in dict.fromkeys(table.file for table in tables if can_read(table.file)):
        _scan_values(file, [table for table in tables if table.file == file], handles, labels)
    tables = [table for table in tables if not can_read(table.file)]
    with duckdb.connect(config={"temp_directory": "", "autoinstall_known_extensions": False}) as connection:
        for table in tables:
            relation = table.connected(connection)
            for column, treatment in table.treatments.items():
                if treatment is Treatment.KEPT:  # numbers, times, true and false
                    continue
                for text in _values(connection, relation, column):
                    if _has_handle(text, treatment, handles, labels):
                        raise HandleLeft(table.file.name, column)
    certain = labels.of_at_least(_CERTAIN)
    for file in sorted(folder.iterdir()):
        is_text = file.suffix in {".csv", ".json", ".jsonl", ".sha256"}
        texts, sought = (_lines(file), labels) if is_text else (_bytes_of(file), certain)
        if any(_is_in_bytes(text, sought) for text in texts):
            raise HandleLeft(file.name, None)
    return len(handles)


def _scan_values(file: Path, tables: list[WrittenTable], handles: Handles, labels: Handles) -> None:
    """Search every value of a file that DuckDB does not read, also what no table of ours is, such as a codebook."""
    for table in read_tables(file):
        treatments: Mapping[str, Treatment] = next(
            (each.treatments for each in tables if each.name in {"", table.name}), {}
        )
        texts = _Texts(table.columns)
        for row in table.rows:
            texts.add(row)
            if texts.is_full:
                _check(file, texts, treatments, handles, labels)
                texts = _Texts(table.columns)
        _check(file, texts, treatments, handles, labels)


class _Texts:
    """The different texts of some rows, by column."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.of_column: dict[str, set[str]] = {name: set() for name in columns}
        self._columns, self._rows = columns, 0

    def add(self, row: Sequence[Any]) -> None:
        for name, value in zip(self._columns, row, strict=False):
            if isinstance(value, list | dict):
                self.of_column[name].add(str(value))
            elif isinstance(value, str):
                self.of_column[name].add(value)
        self._rows += 1

    @property
    def is_full(self) -> bool:
        return self._rows >= _ROWS


def _check(file: Path, texts: _Texts, treatments: Mapping[str, Treatment], handles: Handles, labels: Handles) -> None:
    for column, found in texts.of_column.items():
        treatment = treatments.get(column, Treatment.NAMES_REPLACED)
        if treatment is not Treatment.KEPT and _has_handle("\n".join(found), treatment, handles, labels):
            raise HandleLeft(file.name, column)


def _has_handle(text: str, treatment: Treatment, handles: Handles, labels: Handles) -> bool:
    if treatment is Treatment.MASKED:
        return handles.is_in(folded(without_masks(text)))
    return labels.is_in(without_own_words(folded(text)))


def _values(connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> Iterator[str]:
    """The different values of a column as texts, many at once."""
    texts = f"(select cast({sql_name(column)} as varchar) as found from {relation})"
    answer = connection.execute(f"select distinct found from {texts} where found is not null")
    while rows := answer.fetchmany(_ROWS):
        yield "\n".join(value for (value,) in rows)


def _is_in_bytes(text: str, handles: Handles) -> bool:
    return handles.is_in(without_own_words(folded(without_masks(text))))


def _lines(file: Path) -> Iterator[str]:
    """A text file, many whole lines at once, so that no word is cut."""
    with file.open("rb") as opened:
        while lines := opened.readlines(_CHUNK):
            yield b"".join(lines).decode("utf-8", "replace")


def _bytes_of(file: Path) -> Iterator[str]:
    """The bytes of a file as text; of a workbook, which is a zip file, the texts of its parts."""
    if file.suffix != ".xlsx":
        yield from _chunks(file)
        return
    with ZipFile(file) as workbook:
        for part in workbook.namelist():
            with workbook.open(part) as opened:
                yield from (_TAGS.sub(" ", text) for text in _decoded(opened))


def _chunks(file: Path) -> Iterator[str]:
    """The bytes of a file as text; what is no text in it becomes a sign that no handle has."""
    with file.open("rb") as opened:
        yield from _decoded(opened)


def _decoded(opened: IO[bytes]) -> Iterator[str]:
    end = b""
    while chunk := opened.read(_CHUNK):
        yield _ZEROS.sub(b" ", end + chunk).decode("utf-8", "replace")
        end = chunk[-_LONGEST:]
