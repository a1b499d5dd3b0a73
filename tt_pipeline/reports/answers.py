"""Ask the published file; it is opened read-only for as long as the question takes."""

from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from tt_pipeline.errors import UsageError
from tt_pipeline.warehouse import connect_published, published_summary, query_file


def query_published(published: Path, question: str) -> pl.DataFrame:
    """The answer to one statement in SQL.

    Raises:
        UsageError: Nothing is published yet, or DuckDB does not understand the statement.
        WriterLocked: Another program holds the file for writing.
    """
    check_published(published)
    if not question.strip():
        raise UsageError('Nothing was asked; try `tt sql "from marts.videos limit 5"`.')
    try:
        return query_file(published, question)
    except duckdb.Error as error:
        raise UsageError(f"{error}") from error


def open_warehouse(published: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the file as it is now; its time zone is UTC.

    Raises:
        UsageError: Nothing is published yet, or the file is none of DuckDB's.
        WriterLocked: Another program holds the file for writing.
    """
    check_published(published)
    try:
        return connect_published(published)
    except duckdb.Error as error:
        raise UsageError(f"{published} cannot be opened: {error}") from error


def check_published(published: Path) -> None:
    """Pass when something is published.

    Raises:
        UsageError: Nothing is; the message says what publishes it.
    """
    if not published.exists():
        raise UsageError(
            f"{published} is not there yet: `tt collect` publishes it; `tt rebuild` does from what has landed already."
        )


def published_counts(published: Path) -> dict[str, int]:
    """How many videos, comments and users there are, and days of which everything is held."""
    return published_summary(published)


def published_at(published: Path) -> datetime:
    """When the file was published, UTC."""
    at: datetime = query_published(published, "select published_at from ops.publish_info").item()
    return at
