"""Runs the SQL of report and passport on one read-only connection, so that all numbers are of the same publication."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.answers import reading
from tt_pipeline.reports.study_report.selection import EVERYTHING, Selection
from tt_pipeline.settings import is_loopback
from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse import open_published

Row = Mapping[str, Any]
_SQL: Final = files(__package__) / "sql"
_MEMORY: Final = "set memory_limit = '600MB'"
"""Of a million videos the largest query needs 400 MB; DuckDB writes what is beyond to a temporary folder."""
_STUDY: Final = """
select study
from ops.requests
semi join (from ops.searches where kind = 'study') using (search)
group by study
order by max(reserved_at) desc, study
limit 1"""
_SERVER: Final = "select published_at, api_base_url from ops.publish_info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The result of a query.

    Attributes:
        sql: The query, as `tt sql` runs it.
        columns: Names, in the order of the query.
        rows: Its rows.
    """

    sql: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def total(self, column: str) -> int:
        """The sum of a column of whole numbers, in which NULL counts as 0."""
        return sum(int(row[column] or 0) for row in self.rows)

    def dates(self) -> tuple[date, date] | None:
        """The first and last of all days in the rows; None without a day. The first day of a month is none."""
        days = [
            each
            for row in self.rows
            for name, each in row.items()
            if name != "month_date" and isinstance(each, date) and not isinstance(each, datetime)
        ]
        return (min(days), max(days)) if days else None

    def without(self, columns: frozenset[str]) -> "Rows":
        """The same rows without these columns."""
        kept = tuple(column for column in self.columns if column not in columns)
        return Rows(sql=self.sql, columns=kept, rows=tuple({name: row[name] for name in kept} for row in self.rows))


def largest_searches(rows: Rows, columns: Sequence[str], most: int) -> list[Row]:
    """The rows of the searches with the largest sums of these columns, in the order of the rows."""
    sums: dict[str, int] = {}
    for row in rows.rows:
        sums[row["search"]] = sums.get(row["search"], 0) + sum(int(row[column] or 0) for column in columns)
    kept = set(sorted(sums, key=lambda search: (-sums[search], search))[:most])
    return [row for row in rows.rows if row["search"] in kept]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStudy:
    """The published file while a report is made of it.

    Attributes:
        file: The published file.
        connection: Reads it alone.
        title: The study's title in its latest request; None if the file has no request of it.
        zone: The time zone of hours, for example UTC or Europe/Berlin.
        published_at: When the file was published, UTC.
        is_simulated: Whether a simulator answered.
    """

    file: Path
    connection: duckdb.DuckDBPyConnection
    title: str | None
    zone: str
    published_at: datetime
    is_simulated: bool

    def written(self, sql: str) -> str:
        """The SQL with the zone and the title in place of `:zone` and `:study`, so that `tt sql` can run it."""
        # Without a title every request counts: `study = study` is always true.
        values = {":zone": sql_text(self.zone), ":study": "study" if self.title is None else sql_text(self.title)}
        return re.sub(":(zone|study)\\b", lambda name: values[name[0]], sql)

    def query(self, sql: str) -> Rows:
        """The rows of a query that was `written`.

        Raises:
            Error: DuckDB's; a table or column is missing if an older version published the file.
        """
        found = self.connection.execute(sql)
        columns = tuple(column[0] for column in found.description)
        rows = tuple(dict(zip(columns, values, strict=True)) for values in found.fetchall())
        return Rows(sql=sql, columns=columns, rows=rows)

    def rows_of(self, name: str) -> Rows:
        """The rows of a file in the folder `sql`."""
        return self.query(self.written(sql_of(name)))


def sql_of(name: str) -> str:
    """The SQL file with this name in the folder `sql`, without the extension."""
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8").strip().removesuffix(";")


@contextmanager
def open_study(published: Path, *, zone: str = "UTC", selection: Selection = EVERYTHING) -> Iterator[PublishedStudy]:
    """Open the published file; everything that is read until the end is of the same publication.

    Args:
        published: The published file.
        zone: Time zone of hours.
        selection: Searches and days to which all rows are limited.

    Raises:
        UsageError: Nothing is published, the file is damaged or of a version without the needed tables, or there is no
            such zone.
        WriterLocked: Another program holds the file for writing.
    """
    with reading(published), open_published(published, settings=(_MEMORY,)) as connection:
        _check_zone(connection, zone)
        try:
            ((published_at, server),) = connection.execute(_SERVER).fetchall()
            title = connection.execute(_STUDY).fetchone()
            for sql in selection.statements(published.stem):
                connection.execute(sql)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise UsageError(
                f"{published} was published by an older version of tt_pipeline, and the report needs newer tables: "
                "run `tt rebuild`, which publishes again and sends no request."
            ) from error
        yield PublishedStudy(
            file=published,
            connection=connection,
            title=title[0] if title else None,
            zone=zone,
            published_at=published_at.astimezone(UTC),
            is_simulated=server is not None and is_loopback(server),
        )


def _check_zone(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    try:
        connection.execute(f"select timezone({sql_text(zone)}, now())")
    except duckdb.Error:
        raise UsageError(
            f"--zone {zone!r} is not a time zone; write a name such as Europe/Berlin or America/New_York."
        ) from None
