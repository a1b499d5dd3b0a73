"""Notes which videos have changed since the last publication, so that only their rows of marts are computed again.

The notes are in the writer's file, and are written in the transactions that change the videos.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import duckdb

from tt_pipeline.warehouse.catalog import TABLES

if TYPE_CHECKING:
    import polars as pl

TOUCHED: Final = "kept.touched"
_HAS_NOTES: Final = """
select count(*) from duckdb_columns()
where database_name = current_database() and schema_name = 'kept' and table_name = 'touched'
  and column_name = 'video_id'
"""
_TABLES: Final = tuple(
    table.full_name
    for table in TABLES.values()
    if table.is_stored and {"video_id", "load_id"} <= set(table.column_names)
)


def touch_videos_of(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str]) -> None:
    """Note every video of which these loads have rows, before these are deleted."""
    theirs = "load_id in (select unnest($1))"
    for table in _TABLES:
        touch_videos_in(connection, f"select distinct video_id from {table} where {theirs}", [[*load_ids]])


def touch_videos(connection: duckdb.DuckDBPyConnection, rows: "pl.DataFrame") -> None:
    """Note every video of rows that a load adds."""
    if "video_id" in rows.columns:
        connection.register("touching", rows.select("video_id").unique())
        touch_videos_in(connection, "select video_id from touching")
        connection.unregister("touching")


def touch_videos_in(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] | None = None) -> None:
    """Note the videos that a query returns, if there are notes: the first publication computes all videos."""
    if has_notes(connection):
        connection.execute(f"insert into {TOUCHED} (video_id) {query}", values)


def has_notes(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file notes what changes: since its first publication."""
    ((tables,),) = connection.execute(_HAS_NOTES).fetchall()
    return bool(tables)
