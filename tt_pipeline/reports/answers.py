"""Ask the published file; it is opened read-only for as long as the question takes."""

from pathlib import Path

import duckdb
import polars as pl

from tt_pipeline.errors import UsageError


def ask(published: Path, query: str) -> pl.DataFrame:
    """The answer to one statement.

    Raises:
        UsageError: Nothing is published yet, or DuckDB does not understand the statement.
    """
    if not published.exists():
        raise UsageError(f"{published} is not there yet: `tt collect` publishes it.")
    with duckdb.connect(str(published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            answer = connection.sql(query)
            return pl.DataFrame() if answer is None else answer.pl()
        except duckdb.Error as error:
            raise UsageError(f"{error}") from error
