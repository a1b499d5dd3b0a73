"""What an export is made from: how it is written, the content of each file, and how each column is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.reports.exports.column_formats import ColumnFormat, is_id, is_integer
from tt_pipeline.reports.exports.names import safe_names
from tt_pipeline.reports.pseudonymous.treatments import Treatment
from tt_pipeline.sql_text import sql_name
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse import Column, Table

_EXACT: Final = 2**53
_ROWS: Final = 10_000
_LEAST_MEMORY: Final = 512 * 1024 * 1024


def memory_for(published: Path) -> tuple[str]:
    """The setting of the memory that DuckDB uses to export tables; it sorts on disk what does not fit.

    It grows with the file, because some views cannot be computed on disk.
    """
    return (f"set memory_limit = '{max(_LEAST_MEMORY, published.stat().st_size) >> 20}MiB'",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How an export is written.

    Attributes:
        for_excel: CSV with a byte order mark, and an apostrophe before each id.
        created: The time of the export, UTC.
        base_url: The server that returned the data; None if it is not recorded.
        zone: A time zone, whose local times are written beside the instants in UTC; None writes none.
    """

    format: ExportFormat
    created: datetime
    for_excel: bool = False
    base_url: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The content of one table.

    Attributes:
        name: Name of the table, and of its file without suffix.
        relation: Its name in SQL.
        title: Its title in the Data Package.
        table: The table in the catalog; None for a query.
        columns: Descriptions of columns by name, for a query, and of columns that the table does not have.
        treatments: What happened to each column in a pseudonymous export; empty in any other.
    """

    name: str
    relation: str
    title: str
    table: Table | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    treatments: Mapping[str, Treatment] = field(default_factory=dict)

    @property
    def ordered(self) -> str:
        """SQL for the rows in the order of the keys, so that the same rows give the same bytes."""
        keys = self.table.keys if self.table else ()
        order = ", ".join(key for key in keys if not self.treatments or key in self.treatments)
        return f"(select * from {self.relation}{f' order by {order}' if order else ''})"


def column_formats(connection: duckdb.DuckDBPyConnection, source: Source) -> list[ColumnFormat]:
    """How each column of a source is written."""
    found = connection.execute(f"describe {source.relation}").fetchall()
    names = safe_names([column[0] for column in found])
    return [
        ColumnFormat(
            name=name,
            called=called,
            type=type_,
            is_id=is_id(called, type_) or _rounds(connection, source, called, type_),
        )
        for name, (called, type_, *_) in zip(names, found, strict=True)
    ]


def rows_of(connection: duckdb.DuckDBPyConnection, source: Source, values: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a source, read piece by piece; nothing else may use the connection meanwhile.

    Args:
        connection: A connection to the published file.
        source: Where the rows are.
        values: SQL of each value.
    """
    answer = connection.execute(f"select {', '.join(values)} from {source.ordered}")
    while rows := answer.fetchmany(_ROWS):
        yield from rows


def count_rows(connection: duckdb.DuckDBPyConnection, source: Source) -> int:
    """The number of rows of a source."""
    ((rows,),) = connection.execute(f"select count(*) from {source.relation}").fetchall()
    return int(rows)


def _rounds(connection: duckdb.DuckDBPyConnection, source: Source, called: str, type_: str) -> bool:
    """Whether a column of a query contains integers beyond 2^53, most likely ids under another name."""
    if source.table or not is_integer(type_):
        return False
    sql = f"select max(abs(cast({sql_name(called)} as hugeint))) > {_EXACT} from {source.relation}"
    return bool(connection.execute(sql).fetchall()[0][0])
