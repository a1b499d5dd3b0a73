"""Stores slow views as tables of the published file.

The catalog names them (`Loading.PUBLISHED`); docs/decisions/0001-marts-as-tables.md has the reasons and measurements.
In the writer's file they stay views, so that they always show all loaded rows.

Views with one or more rows for each video are computed for a part of the videos at a time, because DuckDB cannot move
lists that it aggregates to the disk, and memory would grow with the warehouse. For each part, a database in memory has
the same views over the rows of these videos in the copy.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb

from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.catalog import TABLES, Loading, Table
from tt_pipeline.warehouse.catalog.ddl import SCHEMAS, words_of
from tt_pipeline.warehouse.check_results import warning_statements
from tt_pipeline.warehouse.marts import statements
from tt_pipeline.warehouse.writer import CONFIG

_VIDEOS_AT_A_TIME = 4 * 122_880  # whole row groups
_ANY_ID = (-(2**63), 2**63 - 1)


def store_slow_views(copy: Path) -> None:
    """Replace the slow views of a copy of the writer's file by tables; nobody else may have the copy open."""
    spilled = {"temp_directory": str(copy.with_name("spilled"))}  # a database in memory would use the current folder
    with duckdb.connect(config={**CONFIG, **spilled}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {sql_text(copy)} as copy")
        _show_some_videos(connection)
        for table in TABLES.values():
            if table.loading is Loading.PUBLISHED:
                _store(connection, table)
        _describe(connection)
        connection.execute("checkpoint copy")


def _show_some_videos(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the views over the copy's tables again, limited to the videos from `first_id` to `last_id`."""
    for schema in SCHEMAS:
        connection.execute(f"create schema {schema}")
    for table in TABLES.values():
        if table.is_stored:
            _show(connection, table)
    for sql in statements():
        connection.execute(sql)


def _show(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    of_some = "where video_id::bigint between getvariable('first_id') and getvariable('last_id')"
    condition = of_some if "video_id" in table.column_names else ""
    connection.execute(f"create or replace view {table.full_name} as from copy.{table.full_name} {condition}")


def _store(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    name, order = table.full_name, ", ".join(table.keys)
    connection.execute(f"drop view copy.{name}; create table copy.{name} as from {name} limit 0")
    for first_id, last_id in _ranges(connection) if table.keys[0] == "video_id" else [_ANY_ID]:
        connection.execute(f"set variable first_id = {first_id}; set variable last_id = {last_id}")
        connection.execute(f"insert into copy.{name} select * from {name} order by {order}")
    _show(connection, table)


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("use copy")
    connection.begin()  # otherwise each comment is written to the disk separately
    for table in TABLES.values():
        if table.loading is Loading.PUBLISHED:
            for sql in words_of(table):
                connection.execute(sql)
    for sql in list(warning_statements(connection)):
        connection.execute(sql)
    connection.commit()


def _ranges(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    """First and last id of each part, in ascending order; together they cover all ids."""
    numbered = "select video_id, row_number() over (order by video_id) as number from copy.core.videos"
    every = f"select video_id from ({numbered}) where number % {_VIDEOS_AT_A_TIME} = 0 order by video_id"
    lasts = [_ANY_ID[0] - 1, *(video_id for (video_id,) in connection.execute(every).fetchall()), _ANY_ID[1]]
    return ((before + 1, last) for before, last in pairwise(lasts))
