"""The pages: each function reads the published file and returns a page as HTML."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.browse.days import HEIGHT, WIDTH, rows_per_day
from tt_pipeline.browse.opening import Publication, opened, read_publication
from tt_pipeline.browse.rendering import rendered
from tt_pipeline.browse.row_page import links_of, read_row, row_query, traceable
from tt_pipeline.browse.sql_box import MOST_ROWS, Answer, answer_query, check_query
from tt_pipeline.browse.stop import Stop
from tt_pipeline.browse.tables import ShownTable, find_table, read_tables
from tt_pipeline.browse.view import PAGE_SIZE, Condition, View, read_view
from tt_pipeline.browse.view_sql import LONGEST_VALUE, count_sql, page_sql, where
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import UsageError
from tt_pipeline.reports import read_identifier, trace
from tt_pipeline.warehouse import failed_checks

_COUNT_WITHIN_S: Final = 3.0
"""How long a page waits for the number of rows; without it the page only says whether more follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a browser requests.

    Attributes:
        path: The named parts of the address.
        pairs: Names and values of the address, or of the form.
    """

    path: Mapping[str, str]
    pairs: Sequence[tuple[str, str]]

    def get(self, name: str) -> str:
        """The last value of a name; empty if there is none."""
        return dict(self.pairs).get(name, "")


Page = Callable[[Path, Asked, Stop], str]


def tables_page(published: Path, _asked: Asked, stop: Stop) -> str:
    """All tables with their meaning; stored ones with their number of rows."""
    with opened(published, stop) as connection:
        publication, tables = read_publication(connection, published), read_tables(connection)
        stored = [table for table in tables.values() if table.is_stored]
        counts = " union all ".join(f"select {place}, count(*) from {table.sql}" for place, table in enumerate(stored))
        found = connection.execute(counts).fetchall() if stored else []
    rows = {stored[place].full_name: number for place, number in found}
    schemas = list(dict.fromkeys(table.schema for table in tables.values()))
    return rendered("tables.html", publication=publication, tables=list(tables.values()), schemas=schemas, rows=rows)


def table_page(published: Path, asked: Asked, stop: Stop) -> str:
    """A page of the rows that the person chose."""
    view = read_view(asked.pairs)
    with opened(published, stop) as connection:
        publication, table = read_publication(connection, published), _table(connection, asked)
        chosen = where(connection, table, view)
        found = connection.execute(page_sql(table, view, chosen), chosen.values or None).fetchall()
        problems = _failed_checks(connection, table)
        height = _height(connection, stop, count_sql(table, chosen), chosen.values)
    width = len(table.columns)
    rows = [(row[:width], row_query(table, row[width:]) if table.keys else None) for row in found[:PAGE_SIZE]]
    return rendered(
        "table.html",
        publication=publication,
        table=table,
        view=view,
        rows=rows,
        has_more=len(found) > PAGE_SIZE,
        height=height,
        problems=problems,
        conditions=list(Condition),
        longest=LONGEST_VALUE,
        days=[column for column in table.columns if column.has_days],
    )


def row_page(published: Path, asked: Asked, stop: Stop) -> str:
    """A row in full."""
    with opened(published, stop) as connection:
        publication, table = read_publication(connection, published), _table(connection, asked)
        row = read_row(connection, table, dict(asked.pairs))
    return rendered(
        "row.html", publication=publication, table=table, row=row, links=links_of(row), traceable=traceable(row)
    )


def days_page(published: Path, asked: Asked, stop: Stop) -> str:
    """A chart of the rows per day, of the rows that the person chose."""
    view = read_view(asked.pairs)
    with opened(published, stop) as connection:
        publication, table = read_publication(connection, published), _table(connection, asked)
        column = table.column(asked.get("by"))
        if not column.has_days:
            raise UsageError(f"{column.name} has no days.")
        chart = rows_per_day(connection, table, column, where(connection, table, view))
    return rendered(
        "days.html",
        publication=publication,
        table=table,
        view=view,
        column=column,
        chart=chart,
        width=WIDTH,
        height=HEIGHT,
        others=[each for each in table.columns if each.has_days and each != column],
    )


def sql_form(published: Path, asked: Asked, stop: Stop) -> str:
    """The SQL box; an address can fill it in, and only the button of the page runs it."""
    return _sql_page(published, asked.get("query") or "from marts.videos", stop, is_run=False)


def sql_answer(published: Path, asked: Asked, stop: Stop) -> str:
    """The SQL box with the answer to its query."""
    check_query(asked.get("query"))
    return _sql_page(published, asked.get("query"), stop, is_run=True)


def _sql_page(published: Path, query: str, stop: Stop, *, is_run: bool) -> str:
    answer: Answer | None = None
    with opened(published, stop) as connection:
        publication, tables = read_publication(connection, published), read_tables(connection)
        if is_run:
            answer = answer_query(connection, query)
    return rendered(
        "sql.html",
        publication=publication,
        tables=list(tables),
        query=query,
        answer=answer,
        most_rows=MOST_ROWS,
        limit_s=stop.limit_s,
        longest=LONGEST_VALUE,
    )


def trace_page(published: Path, asked: Asked, stop: Stop) -> str:
    """What `tt trace` prints: the requests that returned an id or handle, and all that contains it."""
    what = read_identifier(asked.get("what"))
    with opened(published, stop) as connection:
        publication = read_publication(connection, published)
    found = trace(DataDir(published.parent), what, before_each_file=stop.check)
    requests = [json.dumps(page.request, ensure_ascii=False, indent=1) for page in found.pages]
    return rendered(
        "trace.html", publication=publication, found=found, pages=list(zip(found.pages, requests, strict=True))
    )


def problem_page(message: str, query: str | None = None) -> str:
    """A page with what went wrong, and the query to correct."""
    return rendered("problem.html", publication=None, message=message, query=query)


def _table(connection: duckdb.DuckDBPyConnection, asked: Asked) -> ShownTable:
    return find_table(read_tables(connection), asked.path["table"])


def _height(connection: duckdb.DuckDBPyConnection, stop: Stop, sql: str, values: dict[str, str]) -> int | None:
    """The number of rows; None if counting takes too long."""
    found = stop.within(_COUNT_WITHIN_S, connection, lambda: connection.execute(sql, values or None).fetchone())
    return int(found[0]) if found else None


def _failed_checks(connection: duckdb.DuckDBPyConnection, table: ShownTable) -> list[str]:
    try:
        return failed_checks(connection, {table.full_name})
    except duckdb.Error:  # an older version lacks a column
        return []


__all__ = [
    "Asked",
    "Page",
    "Publication",
    "View",
    "days_page",
    "problem_page",
    "row_page",
    "sql_answer",
    "sql_form",
    "table_page",
    "tables_page",
    "trace_page",
]
