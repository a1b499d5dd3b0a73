"""The catalog as SQL: what makes the tables and says in DuckDB what they mean."""

from collections.abc import Iterable, Iterator

from tt_pipeline.warehouse.catalog.model import Table

SCHEMAS = {
    "core": "What TikTok answered, typed: ids BIGINT, instants in UTC, missing is NULL.",
    "ops": "What was asked, answered and loaded, and what is missing.",
    "marts": "Made for reading: ids as text, latest counts, coverage beside every number.",
}
"""The schemas and their meaning."""


def create_statements(tables: Iterable[Table]) -> Iterator[str]:
    """What makes an empty warehouse; views are made elsewhere."""
    yield from (f"create schema if not exists {schema}" for schema in SCHEMAS)
    yield from (create_table(table) for table in tables if table.is_stored)


def create_table(table: Table) -> str:
    """One table. NOT NULL stands where the catalog says that a column is never missing."""
    columns = ",\n".join(
        f"  {column.name} {column.type}{'' if column.missing else ' not null'}" for column in table.columns
    )
    return f"create table {table.full_name} (\n{columns}\n)"


def comment_statements(tables: Iterable[Table]) -> Iterator[str]:
    """What puts the catalog's words beside each table, view and column; DuckDB takes none for schemas."""
    for table in tables:
        yield from words_of(table, kind="table" if table.is_stored else "view")


def words_of(table: Table, *, kind: str = "table") -> Iterator[str]:
    """What puts the catalog's words beside a table or a view, and beside its columns."""
    yield f"comment on {kind} {table.full_name} is {_text(table.comment)}"
    for column in table.columns:
        yield f"comment on column {table.full_name}.{column.name} is {_text(column.comment)}"


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
