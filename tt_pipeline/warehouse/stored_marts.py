"""Views that would keep their readers waiting become tables of the published file.

Which they are stands in the catalog (`Loading.PUBLISHED`); why, and what was measured, in
docs/decisions/0001-marts-as-tables.md. The writer's file keeps them as views, so that nothing in it can be behind.

Views with a row or more a video are computed for some of the videos at a time: DuckDB does not bring lists that it
gathers to the disk, so what it needs would grow with the warehouse. The same views over those videos' rows alone stand
in a database in memory, through which the copy is seen.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import duckdb

from tt_pipeline.warehouse.catalog import TABLES, Loading, Table
from tt_pipeline.warehouse.catalog.ddl import SCHEMAS, words_of
from tt_pipeline.warehouse.marts import statements
from tt_pipeline.warehouse.writer import CONFIG

_VIDEOS_AT_A_TIME = 4 * 122_880  # whole row groups
_ANY_ID = (-(2**63), 2**63 - 1)


def store_slow_views(copy: Path) -> None:
    """Give a copy of the writer's file, which nobody else has open, the tables that the catalog promises to readers."""
    spilled = {"temp_directory": str(copy.with_name("spilled"))}  # of a database in memory: the folder we stand in
    with duckdb.connect(config={**CONFIG, **spilled}) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{_quoted(copy)}' as copy")
        _show_some_videos(connection)
        for table in TABLES.values():
            if table.loading is Loading.PUBLISHED:
                _store(connection, table)
        _describe(connection)
        connection.execute("checkpoint copy")


def _show_some_videos(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the views anew over the copy's tables, of which they see the videos from `first_id` to `last_id`."""
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
    connection.begin()  # or each comment would be brought to the disk alone
    for table in TABLES.values():
        if table.loading is Loading.PUBLISHED:
            for sql in words_of(table):
                connection.execute(sql)
    connection.commit()


def _ranges(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, int]]:
    """First and last id of neighbours that are few enough to be computed together; no id is left out."""
    numbered = "select video_id, row_number() over (order by video_id) as number from copy.core.videos"
    every = f"select video_id from ({numbered}) where number % {_VIDEOS_AT_A_TIME} = 0 order by video_id"
    lasts = [_ANY_ID[0] - 1, *(video_id for (video_id,) in connection.execute(every).fetchall()), _ANY_ID[1]]
    return ((before + 1, last) for before, last in pairwise(lasts))


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
