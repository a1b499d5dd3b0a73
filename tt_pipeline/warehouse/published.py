"""Opens and queries the published file, read-only, for reports and commands."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from tt_pipeline.errors import WriterLocked
from tt_pipeline.warehouse.writer import holder_of

_FRAMED: Final = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL[^[]*|BOOLEAN|VARCHAR|DATE|TIME|TIMESTAMP[^[]*)(\[\])*"
)
"""Types that polars reads unchanged, also in lists."""

_SUMMARY = """
select
  (select count(*) from core.videos) as videos,
  (select count(*) from core.comments) as comments,
  (select count(*) from core.users) as users,
  (select count(distinct day_date) from ops.search_coverage where status in ('complete', 'early')) as days
"""


def connect_published(file: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the file as it is now; its time zone is UTC.

    Raises:
        WriterLocked: Another program has the file open for writing.
        duckdb.Error: The file is not a DuckDB database.
    """
    try:
        connection = duckdb.connect(file, read_only=True)
    except duckdb.IOException as error:
        if holder := holder_of(error):
            raise WriterLocked(file, holder, instead="open it read-only there") from error
        raise
    connection.execute("set timezone = 'UTC'")
    return connection


@contextmanager
def open_published(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same connection as a context manager, which closes it."""
    with connect_published(file) as connection:
        yield connection


def query_file(file: Path, sql: str, **values: object) -> pl.DataFrame:
    """Rows of the published warehouse as a frame.

    Args:
        file: The published file.
        sql: One query; `$name` is a parameter.
        values: The values of the parameters, by name.
    """
    with open_published(file) as connection:
        answer = connection.sql(sql, params=values or None)
        # A statement that is not a query has no result; DuckDB's stubs do not say so.
        return pl.DataFrame() if answer is None else _in_a_frame(answer).pl()  # type: ignore[redundant-expr]


def _in_a_frame(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The same rows, with DuckDB's text for values of types that polars cannot store or print, such as intervals."""
    if all(_FRAMED.fullmatch(str(kind)) for kind in answer.types):
        return answer
    columns = enumerate(zip(answer.columns, answer.types, strict=True), start=1)
    return answer.project(", ".join(_framed(place, name, str(kind)) for place, (name, kind) in columns))


def _framed(place: int, name: str, kind: str) -> str:
    value = f"#{place}" if _FRAMED.fullmatch(kind) else f"cast(#{place} as varchar)"
    return f'{value} as "{name.replace(chr(34), chr(34) * 2)}"'


def published_summary(file: Path) -> dict[str, int]:
    """The numbers of videos, comments, users and complete days."""
    return query_file(file, _SUMMARY).row(0, named=True)
