"""Stores slow views as tables of the published file.

The catalog names them (`Loading.PUBLISHED`); docs/decisions/0001-marts-as-tables.md has the reasons and measurements.
In the writer's file they stay views, so that they always show all loaded rows; see also `kept_marts.py`.
"""

from pathlib import Path

import duckdb

from tt_pipeline.warehouse.catalog.ddl import words_of
from tt_pipeline.warehouse.check_results import warning_statements
from tt_pipeline.warehouse.kept_marts import KEPT, put_in_place
from tt_pipeline.warehouse.some_videos import attached


def store_slow_views(copy: Path) -> None:
    """Replace the slow views of a copy of the writer's file by the kept tables; nobody else may have the copy open."""
    with attached(copy) as connection:
        put_in_place(connection)
        _describe(connection)


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("use stored")
    connection.begin()  # otherwise each comment is written to the disk separately
    for table in KEPT:
        for sql in words_of(table):
            connection.execute(sql)
    for sql in list(warning_statements(connection)):
        connection.execute(sql)
    connection.commit()
