"""The published file, opened read-only: what reports and commands ask of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

_SUMMARY = """
select
  (select count(*) from core.videos) as videos,
  (select count(*) from core.comments) as comments,
  (select count(*) from core.users) as users,
  (select count(distinct day_date) from ops.search_coverage where status in ('complete', 'early')) as days
"""


@contextmanager
def open_published(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the file as it is now; its time zone is UTC."""
    with duckdb.connect(file, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def query(file: Path, sql: str, **values: object) -> pl.DataFrame:
    """Rows of the published warehouse as a frame.

    Args:
        file: The published file.
        sql: One query; `$name` stands for a value.
        values: Bound to their names.
    """
    with open_published(file) as connection:
        answer = connection.sql(sql, params=values or None)
        # A statement that asks nothing has no answer; DuckDB's stubs do not say so.
        return pl.DataFrame() if answer is None else answer.pl()  # type: ignore[redundant-expr]


def summary(file: Path) -> dict[str, int]:
    """How many videos, comments and users there are, and days of which everything is held."""
    return query(file, _SUMMARY).row(0, named=True)
