"""Ask the published file; it is opened read-only for as long as the question takes."""

from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from tt_pipeline.errors import UsageError
from tt_pipeline.warehouse.published import query, summary


def ask(published: Path, question: str) -> pl.DataFrame:
    """The answer to one statement in SQL.

    Raises:
        UsageError: Nothing is published yet, or DuckDB does not understand the statement.
    """
    if not published.exists():
        raise UsageError(f"{published} is not there yet: `tt collect` publishes it.")
    if not question.strip():
        raise UsageError('Nothing was asked; try `tt sql "from marts.videos limit 5"`.')
    try:
        return query(published, question)
    except duckdb.Error as error:
        raise UsageError(f"{error}") from error


def published_counts(published: Path) -> dict[str, int]:
    """How many videos, comments and users there are, and days of which everything is held."""
    return summary(published)


def published_at(published: Path) -> datetime:
    """When the file was published, UTC."""
    at: datetime = ask(published, "select published_at from ops.publish_info").item()
    return at
