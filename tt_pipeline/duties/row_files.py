"""Reads and writes the rows of exported files, in the three formats that exports have, so that rows can be cut out."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from tt_pipeline.safe_files import storing, sync, sync_folder

_BOM: Final = b"\xef\xbb\xbf"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFile:
    """A file that was read.

    Attributes:
        write: Writes other rows of the same columns in the form that the file has.
    """

    path: Path
    rows: Sequence[Row]
    write: Callable[[Path, Iterable[Row]], None]

    def replace_rows(self, rows: Iterable[Row]) -> None:
        """Replace the file, as a whole, by one with these rows; its readers keep their rights.

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
    text = raw.decode("utf-8-sig")
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    head, *body = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter)) or [[]]

    def write(target: Path, rows: Iterable[Row]) -> None:
        encoding = "utf-8-sig" if raw.startswith(_BOM) else "utf-8"
        with target.open("w", encoding=encoding, newline="") as file:
            lines = csv.writer(file, delimiter=delimiter, lineterminator="\r\n" if b"\r\n" in raw else "\n")
            lines.writerow(head)
            lines.writerows([row.get(name, "") for name in head] for row in rows)

    return RowFile(path=path, rows=[dict(zip(head, cells, strict=False)) for cells in body], write=write)


def _read_json_lines(path: Path) -> RowFile:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]

    def write(target: Path, kept: Iterable[Row]) -> None:
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
        target.write_text(lines, encoding="utf-8")

    return RowFile(path=path, rows=rows, write=write)


def _read_parquet(path: Path) -> RowFile:
    frame = pl.read_parquet(path)

    def write(target: Path, rows: Iterable[Row]) -> None:
        pl.DataFrame(list(rows), schema=frame.schema).write_parquet(target, compression="zstd")

    return RowFile(path=path, rows=frame.to_dicts(), write=write)


_READERS: Final[Mapping[str, Callable[[Path], RowFile]]] = MappingProxyType(
    {".csv": _read_csv, ".parquet": _read_parquet, ".jsonl": _read_json_lines, ".ndjson": _read_json_lines}
)
