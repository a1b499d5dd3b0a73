"""Counts the keys of a warehouse of any version, to compare it with the one that will replace it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.errors import WriterLocked
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.writer import CONFIG, holder_of

COUNTED: Final = tuple(
    table for table in TABLES.values() if table.is_stored and (table.schema == "core" or table.name == "requests")
)
"""The tables with collected data and requests."""


def table_counts(file: Path) -> dict[str, int]:
    """Different keys by table; tables that an earlier version of the file lacks are left out.

    Raises:
        WriterLocked: Another process has the file open for writing.
        duckdb.Error: The file cannot be read.
    """
    try:
        connection = duckdb.connect(file, read_only=True, config={"memory_limit": CONFIG["memory_limit"]})
    except duckdb.IOException as error:
        if holder := holder_of(error):
            raise WriterLocked(file, holder) from error
        raise
    found = {}
    with connection:
        for table in COUNTED:
            keys = ", ".join(table.keys)
            try:
                # Keys and not rows, because a rebuild removes repeated keys.
                ((number,),) = connection.execute(
                    f"select count(*) from (select distinct {keys} from {table.full_name})"
                ).fetchall()
            except (duckdb.CatalogException, duckdb.BinderException):
                continue
            found[table.full_name] = int(number)
    return found


def table_losses(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """The tables that would have fewer keys, as text."""
    return [
        f"{table} {rows:,} → {after.get(table, 0):,}" for table, rows in before.items() if after.get(table, 0) < rows
    ]
