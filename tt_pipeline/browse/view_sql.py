"""The SQL of a view: which rows, in which order. Values of people are bound, names come from the file's own columns."""

from dataclasses import dataclass, field
from typing import Final

import duckdb

from tt_pipeline.browse.tables import COMPARED, ShownColumn, ShownTable
from tt_pipeline.browse.view import PAGE_SIZE, Condition, Filter, View
from tt_pipeline.errors import UsageError

LONGEST_VALUE: Final = 300
"""Characters of a value in a table; the page of a row has more."""
_COMPARISONS: Final = {
    Condition.IS: "=",
    Condition.IS_NOT: "is distinct from",
    Condition.AT_LEAST: ">=",
    Condition.AT_MOST: "<=",
}


@dataclass(slots=True)
class Where:
    """Conditions, and the values that are bound to their names."""

    conditions: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The `where` clause; "" if there is no condition."""
        return f" where {' and '.join(self.conditions)}" if self.conditions else ""

    def bind(self, value: str) -> str:
        """The name of a value in SQL."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}::varchar"


def where(connection: duckdb.DuckDBPyConnection, table: ShownTable, view: View) -> Where:
    """The rows that a view chooses.

    Raises:
        UsageError: A filter names a column that does not exist, or compares it with a value of another kind.
    """
    found = Where()
    if view.search:
        found.conditions.append(_contains_anywhere(table, found.bind(view.search)))
    for each in view.filters:
        found.conditions.append(_filter(connection, table.column(each.column), each, found))
    return found


def page_sql(table: ShownTable, view: View, chosen: Where) -> str:
    """The rows of a page and one more: each column as text, which is cut, then the keys as whole texts.

    Raises:
        UsageError: The column to sort by does not exist.
    """
    shown = [f"left({column.text_sql}, {LONGEST_VALUE + 1})" for column in table.columns]
    keys = [column.text_sql for column in table.keys]
    rows = f"select * from {table.sql}{chosen.sql}{_order(table, view)} limit {PAGE_SIZE + 1} offset {view.skipped}"
    return f"select {', '.join(shown + keys)} from ({rows})"


def count_sql(table: ShownTable, chosen: Where) -> str:
    """The number of rows."""
    return f"select count(*) from {table.sql}{chosen.sql}"


def _order(table: ShownTable, view: View) -> str:
    if not view.sort:
        return ""
    first = table.column(view.sort)
    # The keys decide between equal values, so that no row is on two pages or on none.
    further = [column.sql for column in table.keys if column != first]
    direction = "desc" if view.is_descending else "asc"
    return f" order by {', '.join([f'{first.sql} {direction} nulls last', *further])}"


def _contains_anywhere(table: ShownTable, text: str) -> str:
    tests = [f"contains(lower({column.text_sql}), lower({text}))" for column in table.columns if _is_text(column)]
    tests += [f"{column.sql} = try_cast({text} as bigint)" for column in table.columns if column.type == "BIGINT"]
    return f"({' or '.join(tests)})" if tests else "false"


def _is_text(column: ShownColumn) -> bool:
    return column.type.startswith("VARCHAR")


def _filter(connection: duckdb.DuckDBPyConnection, column: ShownColumn, chosen: Filter, into: Where) -> str:
    match chosen.condition:
        case Condition.MISSING:
            return f"{column.sql} is null"
        case Condition.PRESENT:
            return f"{column.sql} is not null"
        case Condition.CONTAINS:
            return f"contains(lower({column.text_sql}), lower({into.bind(chosen.value)}))"
    comparison = _COMPARISONS[chosen.condition]
    if column.type not in COMPARED:
        return f"{column.text_sql} {comparison} {into.bind(chosen.value)}"
    ((is_none,),) = connection.execute(
        f"select try_cast($value::varchar as {column.type}) is null", {"value": chosen.value}
    ).fetchall()
    if is_none:
        raise UsageError(
            f"{chosen.value!r} cannot be compared with {column.name}, whose values are {_KINDS[column.type]}."
        )
    return f"{column.sql} {comparison} cast({into.bind(chosen.value)} as {column.type})"


_KINDS: Final = {
    "BIGINT": "whole numbers",
    "INTEGER": "whole numbers",
    "HUGEINT": "whole numbers",
    "DOUBLE": "numbers",
    "BOOLEAN": "true or false",
    "DATE": "days such as 2026-10-01",
    "TIMESTAMP WITH TIME ZONE": "instants such as 2026-10-01 12:00 (UTC)",
}
