"""A ledger in a Postgres database: of several machines.

Whoever writes has an advisory lock until the transaction ends. So no two processes decide on the same count, and ids
become visible in their order: a reader that asks for the rows after the last one that it knows misses none.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from tt_pipeline.clock import Clock, SystemClock
from tt_pipeline.errors import ClockWrong, NewerFile, PostgresUnusable
from tt_pipeline.postgres import PostgresConnection, PostgresUrl
from tt_pipeline.quota.ledger_sql import LEDGER_VERSION, POSTGRES_TABLES, SQLITE_TABLES, TABLES

_LOCK: Final = 0x7474_6C65_6467_6572
"""Of all ledgers in a database; the number spells "ttledger"."""
_VERSION: Final = "create table if not exists ledger_version (version integer not null)"
_EXISTS: Final = "select to_regclass('ledger_version') is not null"
_MOST_SECONDS_APART: Final = 60


class PostgresStore:
    """The tables of a ledger on a server; use `connection` only within `reading` or `writing`."""

    def __init__(self, url: PostgresUrl, clock: Clock, *, is_read_only: bool = False) -> None:
        """Connect, and create the tables if the database has none.

        Raises:
            PostgresUnusable: The server cannot be reached, or refuses something; read-only: it has no ledger.
            NewerFile: A later version of tt_pipeline made the tables.
            ClockWrong: This machine's clock and the server's differ by more than a minute.
        """
        self.connection = PostgresConnection(url, is_read_only=is_read_only)
        try:
            self._check_clock(clock)
            if not is_read_only and not self._has_tables():
                self._create_tables()
            self._check_version()
        except BaseException:
            self.connection.close()
            raise

    def open(self) -> None:
        """Connect again after the connection was lost.

        Raises:
            PostgresUnusable: The server could not be reached for a minute.
        """
        self.connection.open()

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[PostgresConnection]:
        """Read.

        Raises:
            ConnectionLost: The server went away; `open` connects again.
        """
        with self.connection.transaction():
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[PostgresConnection]:
        """Write in one transaction, alone.

        Raises:
            ConnectionLost: The server went away; everything was kept or nothing, and `open` connects again.
        """
        with self.connection.transaction():
            self.connection.execute("select pg_advisory_xact_lock(?)", (_LOCK,))
            yield self.connection

    def copy_to(self, file: Path) -> None:
        """Write every row into a new SQLite ledger."""
        with self.reading() as server, closing(sqlite3.connect(file, isolation_level=None)) as copy:
            copy.executescript(SQLITE_TABLES)
            copy.execute("begin")
            for table in TABLES:
                rows = server.execute(f"select * from {table}")
                places = ", ".join("?" * len(rows.description))
                copy.executemany(f"insert into {table} values ({places})", rows)
            copy.execute("commit")
            copy.execute(f"pragma user_version = {LEDGER_VERSION}")

    def _check_clock(self, clock: Clock) -> None:
        if not isinstance(clock, SystemClock):  # that of a demonstration is not the server's
            return
        with self.reading() as server:
            before = clock.now().timestamp()
            ((of_server,),) = server.execute("select extract(epoch from clock_timestamp())::float8").fetchall()
        apart = before - of_server
        if abs(apart) > _MOST_SECONDS_APART:
            raise ClockWrong(f"{self.connection.url}", seconds=apart)

    def _has_tables(self) -> bool:
        with self.reading() as server:
            return bool(server.execute(_EXISTS).fetchall()[0][0])

    def _create_tables(self) -> None:
        with self.writing() as server:
            server.execute(_VERSION)
            server.execute(POSTGRES_TABLES)
            server.execute(
                "insert into ledger_version select ? where not exists (select from ledger_version)", (LEDGER_VERSION,)
            )

    def _check_version(self) -> None:
        if not self._has_tables():
            raise PostgresUnusable(f"{self.connection.url}", "it has no ledger yet, because no request was sent")
        with self.reading() as server:
            ((found,),) = server.execute("select max(version) from ledger_version").fetchall()
        if found > LEDGER_VERSION:
            raise NewerFile(Path(f"{self.connection.url}"), found=found, known=LEDGER_VERSION)
