"""A database in memory with the views of a warehouse file over the rows of some of its videos.

DuckDB cannot move lists that it aggregates to the disk, so that views with rows for each video are computed for a part
of the videos at a time; otherwise memory would grow with the warehouse.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.catalog import TABLES, Table
from tt_pipeline.warehouse.catalog.ddl import SCHEMAS
from tt_pipeline.warehouse.marts import statements
from tt_pipeline.warehouse.scratch import scratch_folder
from tt_pipeline.warehouse.writer import CONFIG

_VIDEOS_AT_A_TIME: Final = 4 * 122_880  # whole row groups
_ANY_ID: Final = (-(2**63), 2**63 - 1)
IN_RANGE: Final = "video_id::bigint between getvariable('first_id') and getvariable('last_id')"
"""The condition that limits a table to the present range of videos."""
IS_CHOSEN: Final = "video_id::bigint in (select video_id from chosen)"
"""The condition that limits a table to the videos of the temporary table `chosen`."""


@contextmanager
def attached(file: Path, *, is_read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory beside a warehouse file, whose name in it is `stored`; nobody else may have the file open.

    Args:
        file: The warehouse file.
        is_read_only: Whether the file stays as it is; other programs may then read it too.

    Raises:
        StorageFailed: The disk is full, or the folder cannot be written.
    """
    with (
        scratch_folder(file.parent) as folder,
        duckdb.connect(config={**CONFIG, "temp_directory": f"{folder}"}) as connection,
    ):
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach {sql_text(file)} as stored{' (read_only)' if is_read_only else ''}")
        connection.execute("create temp table chosen (video_id bigint)")
        for schema in SCHEMAS:
            connection.execute(f"create schema {schema}")
        show_ranges(connection)
        for sql in statements():
            connection.execute(sql)
        yield connection
        if not is_read_only:
            connection.execute("checkpoint stored")


def show_ranges(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the views show a range of videos, at first all."""
    show_range(connection, *_ANY_ID)
    for table in TABLES.values():
        if table.is_stored:
            show(connection, table)


def show_range(connection: duckdb.DuckDBPyConnection, first_id: int, last_id: int) -> None:
    """Let the views that show a range show this one, both ends inclusive."""
    connection.execute(f"set variable first_id = {first_id}; set variable last_id = {last_id}")


def show_chosen(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the views show the videos of the temporary table `chosen` alone."""
    for table in TABLES.values():
        if table.is_stored:
            show(connection, table, condition=IS_CHOSEN)


def show(
    connection: duckdb.DuckDBPyConnection, table: Table, *, stored_as: str = "", condition: str = IN_RANGE
) -> None:
    """Let a view read a table of the file, limited to the videos of a condition."""
    limited = f"where {condition}" if "video_id" in table.column_names else ""
    source = stored_as or f"stored.{table.full_name}"
    connection.execute(f"create or replace view {table.full_name} as from {source} {limited}")


def fill(connection: duckdb.DuckDBPyConnection, table: Table, stored_as: str) -> None:
    """Create a table of the file with all rows of a view, a range of videos at a time."""
    order = ", ".join(table.keys)
    connection.execute(f"create or replace table {stored_as} as from {table.full_name} limit 0")
    for _ in parts_of(connection, table):
        connection.execute(f"insert into {stored_as} select * from {table.full_name} order by {order}")
    show(connection, table, stored_as=stored_as)


def parts_of(connection: duckdb.DuckDBPyConnection, table: Table) -> Iterator[None]:
    """Let the views show one range of videos after another if the table has rows for each video; otherwise all."""
    for first_id, last_id in ranges(connection) if table.keys[0] == "video_id" else [_ANY_ID]:
        show_range(connection, first_id, last_id)
        yield


def ranges(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    """First and last id of each part, in ascending order; together they cover all ids."""
    numbered = "select video_id, row_number() over (order by video_id) as number from stored.core.videos"
    every = f"select video_id from ({numbered}) where number % {_VIDEOS_AT_A_TIME} = 0 order by video_id"
    lasts = [_ANY_ID[0] - 1, *(video_id for (video_id,) in connection.execute(every).fetchall()), _ANY_ID[1]]
    return ((before + 1, last) for before, last in pairwise(lasts))
