"""Columns of fields that the codebook gained after a warehouse file was made: they are added to the file, all NULL.

Other changes of the catalog need a numbered file in `migrations/`. Rows that were loaded before keep NULL in a new
column, because their pages were requested without the field.
"""

from collections.abc import Iterator

import duckdb

from tt_pipeline.warehouse.catalog import TABLES, Column


def add_columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Add every column of an API field that the file's tables lack and that may be NULL.

    Returns:
        What was added, as schema.table.column.
    """
    missing = list(lacking(connection))
    for table, column in missing:
        connection.execute(f"alter table {table} add column {column.name} {column.type}")
    return [f"{table}.{column.name}" for table, column in missing]


def lacking(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, Column]]:
    """The columns that `add_columns` would add, each with its table."""
    sql = "select schema_name || '.' || table_name, column_name from duckdb_columns() where not internal"
    found = set(connection.execute(sql).fetchall())
    tables = {table for table, _ in found}
    for name, table in TABLES.items():
        for column in table.columns if table.is_stored and name in tables else ():
            if (name, column.name) not in found and column.source and column.missing:
                yield name, column
