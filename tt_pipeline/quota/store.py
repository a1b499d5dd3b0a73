"""Where the tables of a ledger are: a SQLite file of one machine, or a Postgres database of several."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from tt_pipeline.clock import Clock
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.quota import ledger_sql
from tt_pipeline.quota.postgres_store import PostgresStore
from tt_pipeline.sqlite_file import ReadOnlySqliteFile, SqliteFile


class Statements(Protocol):
    """What the ledger uses of a connection."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Any:
        """The cursor of a statement."""
        ...


class Store(Protocol):
    """Where the tables of a ledger are: a SQLite file, or a Postgres database."""

    @property
    def connection(self) -> Statements:
        """Use it only within `reading` or `writing`."""
        ...

    def open(self) -> None:
        """Open it again after FileSetAside or ConnectionLost."""
        ...

    def close(self) -> None:
        """Close it."""
        ...

    def reading(self) -> AbstractContextManager[object]:
        """Read while nobody writes."""
        ...

    def writing(self) -> AbstractContextManager[object]:
        """Write alone, everything or nothing."""
        ...

    def copy_to(self, file: Path) -> None:
        """Write a copy into a new SQLite file."""
        ...


def open_store(place: Path | PostgresUrl, clock: Clock, *, is_read_only: bool) -> Store:
    """Open or create the tables of a ledger; read-only ones are neither changed nor upgraded.

    Raises:
        NewerFile: A later version of tt_pipeline made them.
        PostgresUnusable: The database cannot be reached, or refuses something.
        ClockWrong: This machine's clock and the database's differ by more than a minute.
    """
    if isinstance(place, PostgresUrl):
        return PostgresStore(place, clock, is_read_only=is_read_only)
    if is_read_only:
        return ReadOnlySqliteFile(place)
    # synchronous stays FULL, so that a power failure loses no commit (measured: 1 ms a commit here).
    return SqliteFile(
        place, schema=ledger_sql.SQLITE_TABLES, version=ledger_sql.LEDGER_VERSION, copied=ledger_sql.TABLES
    )
