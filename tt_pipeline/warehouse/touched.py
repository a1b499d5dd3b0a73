"""Notes which videos have changed since the last publication, so that only their rows of marts are computed again.

The notes are in the writer's file, and are written in the transactions that change the videos.
"""

from collections.abc import Sequence
from typing import Final

import duckdb
import polars as pl

from tt_pipeline.warehouse.catalog import TABLES

TOUCHED: Final = "kept.touched"
_TABLES: Final = tuple(
    table.full_name
    for table in TABLES.values()
    if table.is_stored and {"video_id", "load_id"} <= set(table.column_names)
)


def touch_videos_of(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str]) -> None:
    """Note every video of which these loads have rows, before these are deleted."""
    if _is_noted(connection):
        for table in _TABLES:
            connection.execute(
                f"insert into {TOUCHED} select distinct video_id from {table} where load_id in (select unnest($1))",
                [[*load_ids]],
            )


def touch_videos(connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
    """Note every video of rows that a load adds."""
    if "video_id" in rows.columns and _is_noted(connection):
        connection.register("touching", rows.select("video_id").unique())
        connection.execute(f"insert into {TOUCHED} select video_id from touching")
        connection.unregister("touching")


def _is_noted(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether there are marts to keep; the first publication makes them of all videos."""
    ((tables,),) = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'kept' and database_name = current_database()"
    ).fetchall()
    return bool(tables)
