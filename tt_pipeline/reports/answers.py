"""Query the published file; it is opened read-only, only while the query runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.statements import read_question
from tt_pipeline.warehouse import OF_DAMAGE, connect_published, published_summary, query_file


def query_published(published: Path, question: str) -> pl.DataFrame:
    """The result of one SQL query, perhaps with settings and temporary tables before it.

    Nothing outside the published file is read, and nothing is written.

    Raises:
        UsageError: Nothing is published yet, DuckDB does not understand the query, or it is more than a query.
        WriterLocked: Another program holds the file for writing.
    """
    asked = read_question(question)
    check_published(published)
    if not question.strip():
        raise UsageError('The query is empty; write one, for example `tt sql "from marts.videos limit 5"`.')
    try:
        return query_file(published, asked.query, settings=asked.settings)
    except OF_DAMAGE as error:
        raise _unreadable(published, error) from error
    except duckdb.Error as error:
        raise UsageError(f"{error}") from error


def open_warehouse(published: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the published file; its time zone is UTC.

    Raises:
        UsageError: Nothing is published yet, or the file is not a DuckDB database.
        WriterLocked: Another program has the file open for writing.
    """
    check_published(published)
    try:
        return connect_published(published)
    except duckdb.Error as error:
        raise UsageError(f"{published} cannot be opened: {error}") from error


@contextmanager
def reading(published: Path) -> Iterator[None]:
    """Say what to do if DuckDB cannot read the published file.

    Raises:
        UsageError: Nothing is published yet, or the file is damaged.
    """
    check_published(published)
    try:
        yield
    except duckdb.Error as error:
        raise _unreadable(published, error) from error


def _unreadable(published: Path, error: duckdb.Error) -> UsageError:
    remedy = "If it is damaged, `tt rebuild` makes it again from the landed pages and sends no request."
    return UsageError(f"{published} cannot be read: {error}\n{remedy}")


def check_published(published: Path) -> None:
    """Check that the published file exists.

    Raises:
        UsageError: It does not exist; the message says how to publish.
    """
    if not published.exists():
        raise UsageError(
            f"{published} does not exist yet: run `tt collect`, or `tt rebuild` if pages have landed already."
        )


def published_counts(published: Path) -> dict[str, int]:
    """The numbers of videos, comments, users and complete days.

    Raises:
        UsageError: Nothing is published yet, or the file is damaged.
    """
    with reading(published):
        return published_summary(published)


def published_at(published: Path) -> datetime:
    """When the file was published, UTC."""
    at: datetime = query_published(published, "select published_at from ops.publish_info").item()
    return at
