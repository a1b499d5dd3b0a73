"""Reads the rows of databases in exports, SQLite and DuckDB, and writes databases without some of them."""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.duties.row_tables import Row, RowFile, RowTable
from tt_pipeline.sql_text import sql_name, sql_text

_TABLES: Final = """
select schema_name, table_name, comment from duckdb_tables() where database_name = 'old' and not internal order by all
"""
_OTHERS: Final = "select count(*) from duckdb_views() where database_name = 'old' and not internal"


def read_sqlite(path: Path) -> RowFile:
    """Read a file of SQLite.

    Raises:
        sqlite3.Error: It is damaged, or a table has no rowid.
        ValueError: Another program writes it.
    """
    if (log := path.with_name(f"{path.name}-wal")).exists() and log.stat().st_size:
        raise ValueError("another program has it open; close it there")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
        names = [name for (name,) in found if not name.startswith("sqlite_")]
        tables, numbers = list[RowTable](), list[list[int]]()
        for name in names:
            answer = connection.execute(f"select rowid, * from {sql_name(name)} order by rowid")
            columns = [column[0] for column in answer.description[1:]]
            rows = answer.fetchall()
            tables.append(RowTable(name=name, names=columns, rows=[row[1:] for row in rows]))
            numbers.append([row[0] for row in rows])

    def write(target: Path, kept: Sequence[Sequence[Row | None]]) -> None:
        shutil.copyfile(path, target)
        with closing(sqlite3.connect(target)) as connection:
            connection.execute("pragma secure_delete = on")
            for table, rowids, rows in zip(tables, numbers, kept, strict=True):
                _change(connection, table, rowids, rows)
            connection.commit()
            connection.execute("vacuum")

    return RowFile(path=path, tables=tables, write=write)


def _change(connection: sqlite3.Connection, table: RowTable, rowids: Sequence[int], rows: Sequence[Row | None]) -> None:
    name = sql_name(table.name)
    gone = [(rowid,) for rowid, row in zip(rowids, rows, strict=True) if row is None]
    connection.executemany(f"delete from {name} where rowid = ?", gone)
    values = ", ".join(f"{sql_name(column)} = ?" for column in table.names)
    both = zip(rowids, rows, table.rows, strict=True)
    changed = [(*new, rowid) for rowid, new, old in both if new is not None and new != old]
    connection.executemany(f"update {name} set {values} where rowid = ?", changed)


def read_duckdb(path: Path) -> RowFile:
    """Read a file of DuckDB.

    Raises:
        duckdb.Error: It is damaged, or another program has it open for writing.
        ValueError: It has views of somebody, which cannot be written again.
    """
    with _attached(path) as connection:
        ((others,),) = connection.execute(_OTHERS).fetchall()
        if others:
            raise ValueError("it has views that tt_pipeline did not make")
        places = [
            (f"{sql_name(schema)}.{sql_name(name)}", f"{schema}.{name}" if schema != "main" else name, comment)
            for schema, name, comment in connection.execute(_TABLES).fetchall()
        ]
        tables = []
        for place, name, _ in places:
            answer = connection.execute(f"select * from old.{place} order by rowid")
            columns = [column[0] for column in answer.description or ()]
            tables.append(RowTable(name=name, names=columns, rows=answer.fetchall()))

    def write(target: Path, kept: Sequence[Sequence[Row | None]]) -> None:
        # A new file, because blocks of the old one would keep what was deleted.
        with _attached(path) as connection:
            connection.execute(f"attach {sql_text(target)} as new")
            for (place, _, _), table, rows in zip(places, tables, kept, strict=True):
                _write_table(connection, place, table, rows)
            connection.execute("checkpoint new")

    return RowFile(path=path, tables=tables, write=write)


def _write_table(
    connection: duckdb.DuckDBPyConnection, place: str, table: RowTable, rows: Sequence[Row | None]
) -> None:
    """Copy the rows that stay as they are, and add those that have changed; comments are copied too."""
    old, new = f"old.{place}", f"new.{place}"
    connection.execute(f"create schema if not exists new.{place.partition('.')[0]}")
    connection.execute("create or replace temp table others (number bigint)")
    both = enumerate(zip(rows, table.rows, strict=True))
    others = [number for number, (row, before) in both if row != before]
    if others:
        connection.execute("insert into others select unnest($numbers)", {"numbers": others})
    # The n-th row by rowid, because a row that somebody has deleted leaves a gap.
    connection.execute(f"""
        create table {new} as select * exclude (place) from (
          select *, row_number() over (order by rowid) - 1 as place from {old}
        ) where place not in (select number from others) order by place
    """)
    changed = [row for number in others if (row := rows[number]) is not None]
    if changed:
        connection.executemany(f"insert into {new} values ({', '.join('?' * len(table.names))})", changed)
    schema, name = (part.strip('"') for part in place.split(".", 1))
    said = {"schema": schema, "name": name}
    of_table = connection.execute(
        f"select comment from ({_TABLES}) where schema_name = $schema and table_name = $name", said
    )
    for (comment,) in of_table.fetchall():
        if comment:
            connection.execute(f"comment on table {new} is {sql_text(comment)}")
    of_columns = connection.execute(
        "select column_name, comment from duckdb_columns() where database_name = 'old' and schema_name = $schema"
        " and table_name = $name and comment is not null",
        said,
    )
    for column, comment in of_columns.fetchall():
        connection.execute(f"comment on column {new}.{sql_name(column)} is {sql_text(comment)}")


def _attached(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"temp_directory": "", "autoinstall_known_extensions": False})
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach {sql_text(path)} as old (read_only)")
    except duckdb.Error:
        connection.close()
        raise
    return connection
