"""Makes SQLite files of other programs smaller; the files of ours are in `sqlite_file`."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

_WAITS_S: Final = 5
_PAGE_SIZE_AT: Final = slice(16, 18)


def page_size(file: Path) -> int:
    """The size of a page in bytes, of which each table and index takes one at least; 0 for a new file."""
    with file.open("rb") as content:
        return int.from_bytes(content.read(_PAGE_SIZE_AT.stop)[_PAGE_SIZE_AT], "big")


def shrink(file: Path, deletions: Sequence[tuple[str, Sequence[str]]], *, new_page_size: int | None = None) -> bool:
    """Delete rows, and write the file again without the room that they took.

    Args:
        file: The file; other processes may have it open.
        deletions: SQL statements with their parameters.
        new_page_size: For a file that hardly anybody reads or writes any more; None keeps the size and journal.

    Returns:
        Whether it was done; if another process is using the file, it stays as it is.
    """
    try:
        with closing(sqlite3.connect(file, timeout=_WAITS_S, isolation_level=None)) as database:
            if new_page_size:  # a file with a write-ahead log keeps its page size
                database.execute("pragma journal_mode = delete").fetchall()
                database.execute(f"pragma page_size = {new_page_size:d}")
            database.execute("begin immediate")
            for statement, parameters in deletions:
                database.execute(statement, parameters)
            database.execute("commit")
            database.execute("vacuum")
            database.execute("pragma wal_checkpoint(truncate)").fetchall()
    except sqlite3.OperationalError:
        return False
    return True
