"""Opens and queries the published file, read-only, for reports and commands."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import WriterLocked
from tt_pipeline.sql_text import sql_name, sql_text
from tt_pipeline.warehouse.first_rows import SHOWN_UNCHANGED, FirstRows, first_rows, with_text
from tt_pipeline.warehouse.scratch import overflow_folder
from tt_pipeline.warehouse.writer import holder_of

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

_DAYS_OF_PYTHON: Final = (-719_162, 2_932_896)
"""Year 1 to year 9999, in days since 1970."""
_A_DAY: Final = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}

_LANDING = "select landing_id, landed_files from ops.publish_info"
_SUMMARY = """
select
  (select count(*) from core.videos) as videos,
  (select count(*) from core.comments) as comments,
  (select count(*) from core.users) as users,
  (select count(distinct day_date) from ops.search_coverage where status in ('complete', 'early')) as days
"""


_CLOSED: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,  # a name in SQL never means a variable of ours
}


def connect_published(file: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the file as it is now; its time zone is UTC. It can read other files too.

    Raises:
        WriterLocked: Another program has the file open for writing.
        duckdb.Error: The file is not a DuckDB database.
    """
    with _naming_the_holder(file):
        connection = duckdb.connect(file, read_only=True)
    connection.execute("set timezone = 'UTC'")
    return connection


@contextmanager
def open_published(
    file: Path, *, settings: Sequence[str] = (), folder: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection that can open no file but the published one; it is closed in the end.

    A COPY could still replace the published file: run no SQL of users without `reports/statements.py`.

    Args:
        file: The published file.
        settings: SQL that is run before DuckDB's configuration is locked.
        folder: A folder to which files may be written all the same.

    Raises:
        WriterLocked: Another program holds the file for writing.
        Error: DuckDB's; the file is none of its own.
    """
    # The file is attached, because connections of one process to one file share their configuration.
    with (
        overflow_folder(DataDir(file.parent).internal) as overflow,
        duckdb.connect(config={**_CLOSED, "temp_directory": overflow}) as connection,
    ):
        with _naming_the_holder(file):
            connection.execute(f"attach {sql_text(file)} as {sql_name(file.stem)} (read_only)")
        for sql in (f"use {sql_name(file.stem)}", "set timezone = 'UTC'", *settings):
            connection.execute(sql)
        if folder is not None:
            connection.execute(f"set allowed_directories = [{sql_text(folder.resolve())}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection


@contextmanager
def _naming_the_holder(file: Path) -> Iterator[None]:
    if file.exists() and not file.is_file():  # opening a pipe would wait for ever
        raise duckdb.IOException(f"{file} is not a regular file; move it elsewhere")
    try:
        yield
    except duckdb.IOException as error:
        if holder := holder_of(error):
            raise WriterLocked(file, holder, instead="open it read-only there") from error
        raise


def query_file(
    file: Path,
    sql: str,
    *,
    settings: Sequence[str] = (),
    on_open: Callable[[duckdb.DuckDBPyConnection], object] | None = None,
    **values: object,
) -> "pl.DataFrame":
    """Rows of the published warehouse as a frame.

    Args:
        file: The published file.
        sql: One query; `$name` stands for a value.
        settings: SQL that is run before DuckDB's configuration is locked.
        on_open: Called with the connection before the query runs.
        values: Bound to their names.
    """
    import polars as pl

    with open_published(file, settings=settings) as connection:
        if on_open:
            on_open(connection)
        answer = connection.sql(sql, params=values or None)
        # A statement that is not a query has no result; DuckDB's stubs do not say so.
        return pl.DataFrame() if answer is None else _as_frame(answer)  # type: ignore[redundant-expr]


def query_rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query of the published warehouse."""
    with open_published(file) as connection:
        return connection.execute(sql).fetchall()


def query_first_rows(
    file: Path,
    sql: str,
    *,
    most: int,
    settings: Sequence[str] = (),
    on_open: Callable[[duckdb.DuckDBPyConnection], object] | None = None,
) -> FirstRows:
    """Up to `most` rows of a query; the other arguments are those of `query_file`."""
    with open_published(file, settings=settings) as connection:
        if on_open:
            on_open(connection)
        answer = connection.sql(sql)
        if answer is None:  # as in `query_file`
            return FirstRows(columns=(), rows=(), height=0)
        return first_rows(answer, most)


def _as_frame(answer: duckdb.DuckDBPyRelation) -> "pl.DataFrame":
    """The rows, with DuckDB's text for values that polars or Python cannot store: intervals, dates beyond year 9999."""
    as_text = {place for place, kind in enumerate(answer.types) if not SHOWN_UNCHANGED.fullmatch(str(kind))}
    frame = with_text(answer, as_text).pl()
    beyond = {place for place, column in enumerate(frame) if _is_beyond_python(column)}
    return with_text(answer, as_text | beyond).pl() if beyond else frame


def _is_beyond_python(column: "pl.Series") -> bool:
    """Whether a date or instant, perhaps in a list, is before year 1 or after year 9999, as DuckDB's infinity is."""
    import polars as pl

    while isinstance(column.dtype, pl.List):
        column = column.explode()
    if isinstance(column.dtype, pl.Date):
        days = column.to_physical()
    elif isinstance(column.dtype, pl.Datetime):
        days = column.to_physical() // _A_DAY[column.dtype.time_unit]
    else:
        return False
    return not days.drop_nulls().is_between(*_DAYS_OF_PYTHON).all()


def published_landing(file: Path) -> tuple[str, int] | None:
    """The landing folder of which a published file is made, and how many files it had; None if it does not say.

    Raises:
        duckdb.Error: There is no such file, or it cannot be read.
    """
    with open_published(file) as connection:
        known = connection.execute(
            "select count(*) from duckdb_columns() where table_name = 'publish_info' and column_name = 'landed_files'"
        ).fetchall()
        rows = connection.execute(_LANDING).fetchall() if known == [(1,)] else []
    return next(((str(zone), int(loads)) for zone, loads in rows if loads is not None), None)


def published_summary(file: Path) -> dict[str, int]:
    """The numbers of videos, comments, users and complete days."""
    (counts,) = query_rows(file, _SUMMARY)
    return dict(zip(("videos", "comments", "users", "days"), counts, strict=True))
