"""The tables of an exported file as rows, and how a file is replaced by one without some of them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tt_pipeline.safe_files import storing, sync, sync_folder

Row = tuple[Any, ...]
Write = Callable[[Path, Sequence[Sequence[Row | None]]], None]
"""Writes the rows of each table to a file, in the form that the file has; None is a row that goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTable:
    """A table of a file.

    Attributes:
        name: Its name; of a file with one table, the name of the file without suffix.
        names: The columns; cells of a row beyond them have no name.
        has_profiles: Whether the first cell of a row is an account, and the others describe it.
    """

    name: str
    names: Sequence[str]
    rows: Sequence[Row]
    has_profiles: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFile:
    """A file that was read."""

    path: Path
    tables: Sequence[RowTable]
    write: Write

    @property
    def rows(self) -> list[Row]:
        """The rows of all tables."""
        return [row for table in self.tables for row in table.rows]

    def replace_rows(self, rows: Sequence[Sequence[Row | None]]) -> None:
        """Replace the file, as a whole, by one with these rows for each table; its readers keep their rights.

        Raises:
            StorageFailed: The disk is full, or the folder cannot be written; the file is unchanged.
            ValueError: The file has something that cannot be written again; it is unchanged.
        """
        with storing("Removing data", self.path):
            replace_file(self.path, lambda unfinished: self.write(unfinished, rows))


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
