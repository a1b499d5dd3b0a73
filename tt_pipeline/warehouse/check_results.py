"""Makes and reads the rows of `ops.check_results`, and names the failed checks in comments of the published file.

Whoever warns of a failed check reads these rows: `tt_pipeline.open()`, exports, and the comments of marts.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

import duckdb

from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline.warehouse.checks import CheckResult
from tt_pipeline.warehouse.writer import Writer

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

_SEPARATOR: Final = ", "
_IS_THERE: Final = """
select count(*) from duckdb_tables() where table_name = 'check_results' and database_name = current_database()
"""
_FAILED: Final = "select check_name, concerns, message from ops.check_results where not has_passed order by all"


def result_rows(writer: Writer, checks: Collection[CheckResult], checked_at: datetime) -> "pl.DataFrame":
    """The rows of `ops.check_results`: one for each breach and each passed check; none if nothing is loaded."""
    import polars as pl

    is_empty = writer.query("select 1 from ops.loads limit 1").is_empty()
    rows = [] if is_empty else [row for check in checks for row in _rows_of(check, checked_at)]
    return pl.DataFrame(rows, schema=TABLES["ops.check_results"].frame_schema)


def _rows_of(check: CheckResult, checked_at: datetime) -> Iterator[dict[str, object]]:
    row: dict[str, object] = {
        "check_name": check.name,
        "search": None,
        "has_passed": check.passed,
        "severity": check.severity.value,
        "message": check.message,
        "counted": 0,
        "out_of": None,
        "concerns": _SEPARATOR.join(check.concerns) or None,
        "remedy": check.remedy or None,
        "checked_at": checked_at,
    }
    if check.passed:
        yield row
    for each in check.breaches:
        yield row | {"search": each.search, "message": each.message, "counted": each.counted, "out_of": each.out_of}


def failed_checks(connection: duckdb.DuckDBPyConnection, tables: Collection[str] | None = None) -> list[str]:
    """What failed checks found, one sentence for each breach; empty for a file that was published without them.

    Args:
        connection: To the published file.
        tables: Only breaches that concern one of these tables.
    """
    return [
        message
        for _, concerned, message in _failed(connection)
        if tables is None or not set(concerned).isdisjoint(tables)
    ]


def warning_statements(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """The statements that add the failed checks to the comments of the marts that they concern."""
    failed = _failed(connection)
    for table in TABLES.values():
        found = [f"{message} ({name})" for name, concerned, message in failed if table.full_name in concerned]
        if found and table.schema == "marts":
            kind = "table" if table.loading is Loading.PUBLISHED else "view"
            comment = f"{table.comment} FAILED CHECKS, see ops.check_results: {' '.join(found)}"
            yield f"comment on {kind} {table.full_name} is {sql_text(comment)}"


def _failed(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, list[str], str]]:
    """Name, concerned tables and message of each breach."""
    if connection.execute(_IS_THERE).fetchall() == [(0,)]:
        return []
    rows = connection.execute(_FAILED).fetchall()
    return [(name, (concerns or "").split(_SEPARATOR), message) for name, concerns, message in rows]
