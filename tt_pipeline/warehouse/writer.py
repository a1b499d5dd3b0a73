"""Opens the writer's file for one process and a short time; creates or updates its tables if necessary.

No other process may have the file open. It must not be copied while it is open, because closing any handle to a file
releases the process's POSIX locks on it (measured). Analysts read the copy that `publish.py` makes.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import duckdb

from tt_pipeline.clock import Clock
from tt_pipeline.errors import NewerFile, RebuildNeeded, SchemaMismatch, StorageFailed, WriterLocked
from tt_pipeline.safe_files import refusal_of
from tt_pipeline.warehouse.added_columns import add_columns, lacking
from tt_pipeline.warehouse.catalog import TABLES, Table
from tt_pipeline.warehouse.catalog.ddl import comment_statements, create_statements
from tt_pipeline.warehouse.catalog.ops import OLDEST_DUCKDB
from tt_pipeline.warehouse.known_breaks import known_breaks
from tt_pipeline.warehouse.marts import statements as mart_statements
from tt_pipeline.warehouse.migrations import migrations, present_version

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

log = logging.getLogger(__name__)

SCHEMA_VERSION = present_version(migrations())
"""The version of the tables of a new file."""
VERSION = version("tt-pipeline")
"""The version of this program, for `made_by`."""

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": f"v{OLDEST_DUCKDB}.0",
    "memory_limit": "1GB",  # loads as fast as with four; what is larger goes over the disk
    "autoinstall_known_extensions": False,  # DuckDB would download one to open the file of another database
}
"""Settings with which the writer's and the published file are opened for writing."""


_COPIES: Final = re.compile(r"\b(select|update|alter column)\b", re.IGNORECASE)
"""SQL of a migration that reads or rewrites rows."""
_MB: Final = 1_000_000
_NEWER: Final = re.compile(r"version number (?P<found>\d+), but we can only read .*?(?P<known>\d+)\D*$", re.MULTILINE)


@dataclass(slots=True)
class Writer:
    """An open writer's file; use it as a context.

    Attributes:
        steps: Migrations, by the version that the file has afterwards.
        is_read_only: Open the file for reading: it must exist, and is not updated.
    """

    file: Path
    clock: Clock
    steps: Mapping[int, str] = field(default_factory=migrations)
    is_read_only: bool = False
    _connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        """Open the file; create it if it does not exist, and migrate it if it is older.

        Raises:
            WriterLocked: Another process holds it.
            NewerFile: A later tt_pipeline or DuckDB made it.
            duckdb.Error: It cannot be read; see `is_unusable`.
            RebuildNeeded: Its tables are not those of its version: it was made before a release.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self._connection = _connect(self.file, is_read_only=self.is_read_only)
        try:
            found = self._version_found()
            if not self.is_read_only:
                self._bring_up_to_date(found)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The open connection; its time zone is UTC."""
        if self._connection is None:
            raise RuntimeError("a Writer is used inside `with Writer(...)`")
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Commit at the end of the `with` block; after an error, roll back all its changes."""
        self.connection.begin()
        try:
            yield self.connection
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def query(self, sql: str, **values: object) -> "pl.DataFrame":
        """The rows of a query as a frame."""
        return self.connection.sql(sql, params=values or None).pl()

    def replace(self, table: str, frame: "pl.DataFrame") -> None:
        """Replace all rows of a table by these rows.

        Raises:
            SchemaMismatch: The frame's columns are not those of the catalog.
        """
        with self.transaction() as connection:
            connection.execute(f"delete from {table}")
            insert(connection, table, frame)

    def insert(self, table: str, frame: "pl.DataFrame") -> None:
        """Add rows; the transaction is the caller's.

        Raises:
            SchemaMismatch: The frame's columns are not those of the catalog.
        """
        insert(self.connection, table, frame)

    def coming_update(self) -> str | None:
        """What opening the file for writing would do to its tables; None for a new file, or if nothing would change."""
        found, present = self._version_found(), present_version(self.steps)
        if found is None or (found == present and not any(lacking(self.connection))):
            return None
        size = f"{self.file.stat().st_size / _MB:,.1f} MB"
        what = f"has the tables of version {found} and gets those of version {present}"
        if found == present:
            what = "lacks columns and gets them"
        copies = any(_COPIES.search(sql) for sql in self._what_leads_there(found))
        rows = f"up to {size} of rows are copied in it" if copies else "no row is copied"
        return f"{self.file} ({size}) {what}, completely or not at all; {rows}"

    def _version_found(self) -> int | None:
        present, found = present_version(self.steps), _version_of(self.connection)
        if found is not None and found > present:
            raise NewerFile(self.file, found=found, known=present)
        return found

    def _bring_up_to_date(self, found: int | None) -> None:
        present = present_version(self.steps)
        if update := self.coming_update():
            log.warning("%s.", update)
        with self.transaction() as connection:
            for sql in self._what_leads_there(found):
                connection.execute(sql)
            added = add_columns(connection)
            _check_columns(connection, self.file)
            if added or found != present:
                describe(connection)
            if found != present:
                row = {"version": present, "applied_at": self.clock.now(), "made_by": VERSION}
                insert(connection, "ops.schema_versions", one_row("ops.schema_versions", row))
        if added:
            log.info("columns added: %s", ", ".join(added))

    def _what_leads_there(self, found: int | None) -> Iterator[str]:
        if found is None:
            yield from create_statements(TABLES.values())
        else:
            yield from (self.steps[step] for step in sorted(self.steps) if step > found)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def insert(connection: duckdb.DuckDBPyConnection, table: str, frame: "pl.DataFrame") -> None:
    """Add rows.

    Raises:
        SchemaMismatch: The frame's columns are not those of the catalog.
    """
    wanted = TABLES[table].frame_schema
    if frame.schema != wanted:
        if set(frame.schema.items()) != set(wanted.items()):
            raise SchemaMismatch(table, _difference(frame.schema, wanted))
        frame = frame.select(wanted.names())
    connection.register("rows_to_insert", frame)
    connection.execute(f"insert into {table} by name select * from rows_to_insert")
    connection.unregister("rows_to_insert")


def _difference(found: "pl.Schema", wanted: "pl.Schema") -> str:
    parts = [f"column {name} is missing" for name in wanted if name not in found]
    parts += [f"column {name} is not of this table" for name in found if name not in wanted]
    parts += [
        f"column {name} is {found[name]} instead of {wanted[name]}"
        for name in wanted
        if name in found and found[name] != wanted[name]
    ]
    return "; ".join(parts)


def _connect(file: Path, *, is_read_only: bool) -> duckdb.DuckDBPyConnection:
    if file.exists() and not file.is_file():  # opening a pipe would wait for ever
        raise StorageFailed("Opening the warehouse", file, "is not a file", remedy="Move it away")
    try:
        connection = duckdb.connect(file, read_only=is_read_only, config=CONFIG)
    except duckdb.IOException as error:
        if holder := holder_of(error):
            raise WriterLocked(file, holder) from error
        if newer := _NEWER.search(str(error)):
            raise NewerFile(file, found=int(newer["found"]), known=int(newer["known"]), of="DuckDB") from error
        raise
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # it would be written into the output of our commands
    return connection


OF_DAMAGE: Final = (duckdb.IOException, duckdb.SerializationException, duckdb.InternalException, duckdb.FatalException)
"""What DuckDB raises for a damaged file; the same kinds have other causes too, such as a full disk."""


def is_unusable(file: Path) -> bool:
    """Whether a database file is damaged: read from the first row to the last, which nobody may hold for writing.

    A file that is missing, locked, not readable for this user, or made by a later DuckDB is not damaged.

    Raises:
        duckdb.Error: Of another kind, such as out of memory or interrupted: nobody knows whether it is damaged.
    """
    if not file.exists():
        return False
    try:
        read_every_row(file)
    except OF_DAMAGE as error:
        return not (holder_of(error) or _NEWER.search(str(error)) or refusal_of(error))
    return False


def read_every_row(file: Path) -> None:
    """Read a database file from the first row to the last, so that DuckDB compares every block with its checksum.

    Raises:
        duckdb.Error: A block is damaged.
    """
    with duckdb.connect(file, read_only=True, config={"autoinstall_known_extensions": False}) as connection:
        connection.execute("set enable_progress_bar = false")
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            connection.execute(f'select max(hash(t)) from "{schema}"."{table}" as t').fetchall()


def holder_of(error: duckdb.Error) -> str | None:
    """The process that has the lock, from DuckDB's message; with its command line if the system shows it."""
    named = re.search(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)", str(error))
    if named is None:
        return None
    command = Path(f"/proc/{named['pid']}/cmdline")
    try:
        words = command.read_text(encoding="utf-8", errors="replace").replace("\0", " ")
    except OSError:
        words = named["program"]
    return f"process {named['pid']} ({' '.join(words.split()) or named['program']})"


def _version_of(connection: duckdb.DuckDBPyConnection) -> int | None:
    ((exists,),) = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'ops' and table_name = 'schema_versions'"
    ).fetchall()
    if not exists:
        return None
    ((number,),) = connection.execute("select max(version) from ops.schema_versions").fetchall()
    return int(number)


def _check_columns(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    found = connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() where not internal"
    ).fetchall()
    stored = [table for table in TABLES.values() if table.is_stored]
    wanted = {(table.full_name, column.name, column.type.value) for table in stored for column in table.columns}
    differing = sorted({table for table, *_ in wanted.difference(found)})
    if differing:
        raise RebuildNeeded(file, differing)


def describe(connection: duckdb.DuckDBPyConnection) -> None:
    """Make views, macros, comments and reference rows what this version says they are."""
    for sql in mart_statements():
        connection.execute(sql)
    _comment(connection)
    connection.execute("delete from ops.known_breaks")
    insert(connection, "ops.known_breaks", known_breaks())


_COMMENTS = """
select schema_name || '.' || table_name, '', comment from duckdb_tables() where not internal
union all
select schema_name || '.' || view_name, '', comment from duckdb_views() where not internal
union all
select schema_name || '.' || table_name, column_name, comment from duckdb_columns() where not internal
"""


def _comment(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the catalog's words beside the tables and views that have others: each word takes DuckDB 0.4 ms.

    A view that was made again has none; a table keeps its own.
    """
    found = set(connection.execute(_COMMENTS).fetchall())
    differing = [table for table in TABLES.values() if not found.issuperset(_words(table))]
    connection.execute(";\n".join(comment_statements(differing)))


def _words(table: Table) -> Iterator[tuple[str, str, str]]:
    yield table.full_name, "", table.comment
    yield from ((table.full_name, column.name, column.comment) for column in table.columns)


def one_row(table: str, columns: Mapping[str, object]) -> "pl.DataFrame":
    """One row of the table as a frame."""
    import polars as pl

    return pl.DataFrame([columns], schema=TABLES[table].frame_schema)
