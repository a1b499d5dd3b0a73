"""Which tables and columns the published file has, with their meaning from the catalog."""

from dataclasses import dataclass
from typing import Final

import duckdb

from tt_pipeline.errors import UsageError
from tt_pipeline.sql_text import sql_name
from tt_pipeline.warehouse import TABLES, Column, full_name

_COLUMNS: Final = """\
select schema_name, table_name, column_name, data_type, comment
from duckdb_columns()
where not internal and database_name = current_database()
order by column_index"""
_STORED: Final = """\
select schema_name || '.' || table_name
from duckdb_tables()
where not internal and database_name = current_database()"""
_NUMBERS: Final = frozenset({"BIGINT", "INTEGER", "HUGEINT", "DOUBLE"})
COMPARED: Final = _NUMBERS | {"DATE", "TIMESTAMP WITH TIME ZONE", "BOOLEAN"}
"""Types whose values are compared as such; all others are compared as text."""
_DAYS: Final = frozenset({"DATE", "TIMESTAMP WITH TIME ZONE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownColumn:
    """A column of the published file.

    Attributes:
        type: As DuckDB names it.
        meaning: What the column and NULL in it mean; empty if the catalog does not know the column.
        known: Its row of the catalog.
    """

    name: str
    type: str
    meaning: str
    known: Column | None

    @property
    def sql(self) -> str:
        """Its name in SQL."""
        return sql_name(self.name)

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers to calculate with, and no ids."""
        return self.type in _NUMBERS and not self.name.endswith("_id")

    @property
    def has_days(self) -> bool:
        """Whether its values are days or instants."""
        return self.type in _DAYS

    @property
    def text_sql(self) -> str:
        """Its values as text."""
        return f"cast({self.sql} as varchar)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTable:
    """A table or view of the published file.

    Attributes:
        grain: What one row is; empty if the catalog does not know the table.
        keys: The columns that identify a row; empty if the catalog does not know them.
        is_stored: Whether its rows are stored, so that counting them is quick.
    """

    schema: str
    name: str
    columns: tuple[ShownColumn, ...]
    is_stored: bool

    @property
    def full_name(self) -> str:
        """The name with its schema."""
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """Its name in SQL."""
        return f"{sql_name(self.schema)}.{sql_name(self.name)}"

    @property
    def grain(self) -> str:
        """What one row is; empty if the catalog does not know the table."""
        known = TABLES.get(self.full_name)
        return known.grain if known else ""

    @property
    def meaning(self) -> str:
        """What it is for; empty if the catalog does not know the table."""
        known = TABLES.get(self.full_name)
        return " ".join(part for part in (known.meaning, known.freshness) if part) if known else ""

    @property
    def keys(self) -> tuple[ShownColumn, ...]:
        """The columns that identify a row; none if the catalog or the file lacks one of them."""
        known = TABLES.get(self.full_name)
        found = [column for column in self.columns if known and column.name in known.keys]
        return tuple(found) if known and len(found) == len(known.keys) else ()

    def column(self, name: str) -> ShownColumn:
        """The column of that name.

        Raises:
            UsageError: There is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise UsageError(f"{self.full_name} has no column {name[:100]!r}.")


def read_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, ShownTable]:
    """Every table and view by its full name: those for analysis first, in the order of the data dictionary."""
    stored = {name for (name,) in connection.execute(_STORED).fetchall()}
    columns = dict[tuple[str, str], list[ShownColumn]]()
    for schema, table, name, kind, comment in connection.execute(_COLUMNS).fetchall():
        columns.setdefault((schema, table), []).append(_column(schema, table, name, kind, comment))
    found = [
        ShownTable(schema=schema, name=name, columns=tuple(those), is_stored=f"{schema}.{name}" in stored)
        for (schema, name), those in columns.items()
    ]
    order = list(TABLES)
    last = len(order)

    def place(table: ShownTable) -> tuple[bool, int, str]:
        known = order.index(table.full_name) if table.full_name in TABLES else last
        return (table.schema != "marts", known, table.full_name)

    return {table.full_name: table for table in sorted(found, key=place)}


def find_table(tables: dict[str, ShownTable], name: str) -> ShownTable:
    """The table of that name, with or without its schema.

    Raises:
        UsageError: There is none; the message names the nearest one.
    """
    return tables[full_name(name[:100], tables)]


def _column(schema: str, table: str, name: str, kind: str, comment: str | None) -> ShownColumn:
    of_table = TABLES.get(f"{schema}.{table}")
    known = next((column for column in of_table.columns if column.name == name), None) if of_table else None
    return ShownColumn(name=name, type=kind, meaning=known.explained() if known else comment or "", known=known)
