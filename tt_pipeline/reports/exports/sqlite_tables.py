"""Writes tables as one file of SQLite, in which each table has its name: `select * from "marts.videos"`.

Ids are text, because R and JavaScript round integers beyond 2^53. Instants and days are ISO 8601 texts, true is 1.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from tt_pipeline.reports.exports.column_formats import ColumnFormat
from tt_pipeline.reports.exports.plain_texts import TextChanges, without_nul
from tt_pipeline.sql_text import sql_name

FILE: Final = "warehouse.sqlite"
_AT_ONCE: Final = 10_000
_TYPES: Final = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


@contextmanager
def new_file(file: Path) -> Iterator[sqlite3.Connection]:
    """Make a new file, whose tables are written in one transaction."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma journal_mode = off")  # an export that fails is deleted as a whole
        connection.execute("pragma synchronous = off")  # the folder is synced in the end
        yield connection
        connection.commit()


def write_table(
    connection: sqlite3.Connection,
    name: str,
    columns: Sequence[ColumnFormat],
    rows: Iterable[Sequence[Any]],
    changes: TextChanges,
) -> int:
    """Write a table; returns the number of its rows."""
    described = ", ".join(f"{sql_name(each.name)} {_TYPES.get(each.field_type, 'TEXT')}" for each in columns)
    connection.execute(f"create table {sql_name(name)} ({described})")
    insert = f"insert into {sql_name(name)} values ({', '.join('?' * len(columns))})"
    texts = [(place, each.name) for place, each in enumerate(columns) if each.field_type == "string"]
    written, remaining = 0, iter(rows)
    while piece := [_without_nul(row, texts, changes) for row in islice(remaining, _AT_ONCE)]:
        connection.executemany(insert, piece)
        written += len(piece)
    return written


def _without_nul(row: Sequence[Any], texts: Sequence[tuple[int, str]], changes: TextChanges) -> Sequence[Any]:
    odd = [(place, name) for place, name in texts if row[place] is not None and "\x00" in row[place]]
    if not odd:
        return row
    plain = list(row)
    for place, name in odd:
        plain[place] = without_nul(plain[place], name, changes)
    return plain
