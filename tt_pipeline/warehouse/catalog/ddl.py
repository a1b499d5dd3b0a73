"""Writes the catalog as SQL: statements that create the tables, and comments on tables and columns."""

from collections.abc import Iterable, Iterator

from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.catalog.model import Table

SCHEMAS = {
    "core": "What TikTok returned, in typed columns: ids are BIGINT, instants are UTC, NULL means missing.",
    "ops": "What was requested, returned and loaded, and what is missing.",
    "marts": "Prepared for analysis: ids as text, latest counts, and the coverage with every number.",
}
"""The schemas and their meaning."""


def create_statements(tables: Iterable[Table]) -> Iterator[str]:
    """The statements that create the schemas and stored tables of an empty warehouse, without views."""
    yield from (f"create schema if not exists {schema}" for schema in SCHEMAS)
    yield from (create_table(table) for table in tables if table.is_stored)


def create_table(table: Table) -> str:
    """The statement that creates one table; a column is NOT NULL if its `missing` is empty."""
    columns = ",\n".join(
        f"  {column.name} {column.type}{'' if column.missing else ' not null'}" for column in table.columns
    )
    return f"create table {table.full_name} (\n{columns}\n)"


def comment_statements(tables: Iterable[Table]) -> Iterator[str]:
    """The statements that set the comments on tables, views and columns; DuckDB has no comments on schemas."""
    for table in tables:
        yield from words_of(table, kind="table" if table.is_stored else "view")


def words_of(table: Table, *, kind: str = "table") -> Iterator[str]:
    """The statements that set the comments on one table or view and on its columns."""
    yield f"comment on {kind} {table.full_name} is {sql_text(table.comment)}"
    for column in table.columns:
        yield f"comment on column {table.full_name}.{column.name} is {sql_text(column.comment)}"
