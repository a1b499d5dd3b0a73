"""Query the published file; it is opened read-only, only while the query runs."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import StudyEnded, UsageError, WriterLocked
from tt_pipeline.reports.statements import Question, only_reads, read_question
from tt_pipeline.warehouse import (
    OF_DAMAGE,
    TABLES,
    FirstRows,
    connect_published,
    failed_checks,
    nearest_name,
    published_summary,
    query_file,
    query_first_rows,
    query_rows,
)

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

OnOpen = Callable[[duckdb.DuckDBPyConnection], object]
_NO_TABLE: Final = re.compile(r'Table with name "?(?P<name>[\w.]+)"? does not exist')
_TABLE: Final = re.compile(r"\b\w+\.\w+\b")
_WRITES: Final = re.compile(r'statement of type "(?P<kind>\w+)" .* read-only mode')
_COLUMNS: Final = """\
select schema_name || '.' || table_name as table_name, column_name, data_type
from duckdb_columns()
where not internal and database_name = current_database()
order by column_index"""

# Those of one-off searches without those that a study found too; grouping all videos would take longer.
_OF_ONE_OFFS: Final = """\
with once as materialized (select distinct video_id from core.found_videos where kind = 'once')
select (select count(*) from once) - (
  select count(distinct video_id) from core.found_videos where kind <> 'once' and video_id in (from once)
)"""


def query_published(published: Path, question: str, *, on_open: OnOpen | None = None) -> "pl.DataFrame":
    """The result of one SQL query, perhaps with settings and temporary tables before it.

    Nothing outside the published file is read, and nothing is written.

    Args:
        published: The published file.
        question: The SQL.
        on_open: Called with DuckDB's connection before the query runs, so that another thread can interrupt it.

    Raises:
        UsageError: Nothing is published yet, DuckDB does not understand the query, or it is more than a query.
        WriterLocked: Another program holds the file for writing.
    """
    with _answering(published, question) as asked:
        return query_file(published, asked.query, settings=asked.settings, on_open=on_open)


def first_rows_published(published: Path, question: str, *, most: int, on_open: OnOpen | None = None) -> FirstRows:
    """Up to `most` rows of the result of one SQL query; everything else is as in `query_published`."""
    with _answering(published, question) as asked:
        return query_first_rows(published, asked.query, most=most, settings=asked.settings, on_open=on_open)


def rows_published(published: Path, query: str) -> list[tuple[Any, ...]]:
    """All rows of one SQL query, as Python's values; it raises what `query_published` raises."""
    with _answering(published, query):
        return query_rows(published, query)


@contextmanager
def _answering(published: Path, question: str) -> Iterator[Question]:
    """Split the SQL, and say what to do if DuckDB cannot answer it."""
    asked = read_question(question)
    check_published(published)
    if not question.strip():
        raise UsageError('The query is empty; write one, for example `tt sql "from marts.videos limit 5"`.')
    try:
        yield asked
    except OF_DAMAGE as error:
        raise _unreadable(published, error) from error
    except duckdb.Error as error:
        raise UsageError(_missing_table(error, question) or _would_write(error) or f"{error}") from error


def _missing_table(error: duckdb.Error, question: str) -> str | None:
    """What to say if the query names a table that does not exist; None for any other error."""
    found = _NO_TABLE.search(f"{error}")
    if not found:
        return None
    typed = re.search(rf"[\w.]*\b{re.escape(found['name'])}\b", question)
    name = typed[0] if typed else found["name"]
    near = nearest_name(name, TABLES)
    hint = f"Did you mean {near}{', without quotes' if near == name else ''}? " if near else ""
    return f"There is no table {name}. {hint}`tt sql .tables` lists them."


def _would_write(error: duckdb.Error) -> str | None:
    """What to say if the SQL would change the published file; None for any other error."""
    found = _WRITES.search(f"{error}")
    return found and only_reads(found["kind"])


def published_columns(published: Path) -> dict[str, dict[str, str]]:
    """The columns of each published table with their types in SQL, by its full name, in the order of the catalog.

    Raises:
        UsageError: Nothing is published yet, or the file is damaged.
    """
    with reading(published):
        rows = query_rows(published, _COLUMNS)
    columns: dict[str, dict[str, str]] = {name: {} for name in TABLES}
    for table, column, kind in rows:
        columns.setdefault(table, {})[column] = kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
    return {table: found for table, found in columns.items() if found}


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
def reading(published: Path, *, only_damage: bool = False) -> Iterator[None]:
    """Say what to do if DuckDB cannot read the published file.

    Args:
        published: The published file.
        only_damage: Leave errors as they are that a file cannot cause.

    Raises:
        UsageError: Nothing is published yet, or the file is damaged.
    """
    check_published(published)
    causes = OF_DAMAGE if only_damage else (duckdb.Error,)
    try:
        yield
    except causes as error:
        raise _unreadable(published, error) from error


def _unreadable(published: Path, error: duckdb.Error) -> UsageError:
    remedy = "If it is damaged, `tt rebuild` makes it again from the landed pages and sends no request."
    return UsageError(f"{published} cannot be read: {error}\n{remedy}")


def check_published(published: Path) -> None:
    """Check that the published file exists.

    Raises:
        UsageError: It does not exist; the message says how to publish.
        StudyEnded: It was deleted with the study.
    """
    if not published.exists():
        DataDir(published.parent).check_not_ended()
        raise UsageError(
            f"{published} does not exist yet: run `tt collect`, or `tt rebuild` if pages have landed already."
        )


def failed_checks_of(published: Path, text: str) -> list[str]:
    """What failed checks found about the tables that a text names with their schema, one sentence each.

    Nothing if there is no such file, or if it cannot be read.
    """
    named = set(_TABLE.findall(text.lower())) & TABLES.keys()
    with suppress(UsageError, StudyEnded, WriterLocked), open_warehouse(published) as connection:
        return failed_checks(connection, named)
    return []


def published_counts(published: Path) -> dict[str, int]:
    """The numbers of videos, comments, users and complete days.

    Raises:
        UsageError: Nothing is published yet, or the file is damaged.
    """
    with reading(published):
        return published_summary(published)


def published_at(published: Path) -> datetime:
    """When the file was published, UTC."""
    ((at_us,),) = rows_published(published, "select epoch_us(published_at) from ops.publish_info")
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at_us)


def published_queries(published: Path) -> frozenset[tuple[str, str]]:
    """Names and fingerprints of the queries that the study had when the file was published."""
    return frozenset(rows_published(published, "select search, fingerprint from ops.searches where is_current"))


def videos_of_one_offs(published: Path) -> int:
    """The number of published videos that only one-off searches found."""
    ((number,),) = rows_published(published, _OF_ONE_OFFS)
    return int(number)
