"""Write an export as one DuckDB file, in which every program with DuckDB finds all tables under their names."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from tt_pipeline.sql_text import sql_name, sql_text

FILE: Final = "warehouse.duckdb"
_NAME: Final = "exported"


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, file: Path) -> Iterator[None]:
    """Make a new file, into which the functions below write; in the end it is whole, without a file beside it."""
    connection.execute(f"attach {sql_text(file.resolve())} as {_NAME}")
    try:
        connection.execute("begin")  # one transaction is written to disk once
        yield
        connection.execute("commit")
        connection.execute(f"checkpoint {_NAME}")
    finally:
        connection.execute(f"detach {_NAME}")


def write_table(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> int:
    """Write the result of a query as a table; returns the number of its rows."""
    if "." in name:
        connection.execute(f"create schema if not exists {_NAME}.{sql_name(name.partition('.')[0])}")
    ((rows,),) = connection.execute(f"create table {_place(name)} as {query}").fetchall()
    return int(rows)


def comment(connection: duckdb.DuckDBPyConnection, name: str, resource: Mapping[str, Any]) -> None:
    """Write the descriptions of a table and its columns into the file."""
    if text := resource.get("description"):
        connection.execute(f"comment on table {_place(name)} is {sql_text(text)}")
    for field in resource["schema"]["fields"]:
        text = sql_text(field["description"])
        connection.execute(f"comment on column {_place(name)}.{sql_name(field['name'])} is {text}")


def _place(name: str) -> str:
    schema, dot, table = name.rpartition(".")
    return f"{_NAME}.{sql_name(schema)}.{sql_name(table)}" if dot else f"{_NAME}.main.{sql_name(name)}"
