"""A Postgres server that several machines share: its address, and a connection that outlives short failures.

psycopg is imported when a connection is made, because only the extra `distributed` installs it.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from tt_pipeline.clock import real_sleep
from tt_pipeline.errors import PostgresUnusable, SettingsError

_INSTALL: Final = "pip install 'tt-pipeline[distributed]'"
_SCHEMES: Final = ("postgresql://", "postgres://")
_WAITS_S: Final = 60.0
"""How long a server that cannot be reached is tried again; a restart takes a few seconds."""
_PAUSE_S: Final = 0.5
# A server whose machine has gone is noticed after ten seconds, instead of after two hours.
_OPTIONS: Final = {
    "connect_timeout": 10,
    "application_name": "tt_pipeline",
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


@dataclass(frozen=True, slots=True)
class PostgresUrl:
    """The address of a database, as libpq reads it; its password is never shown."""

    url: str

    @classmethod
    def read(cls, text: str) -> "PostgresUrl | None":
        """The address that a setting has; None if it is not one of Postgres."""
        return cls(text.strip()) if text.strip().startswith(_SCHEMES) else None

    def __str__(self) -> str:
        """Host, port and name of the database."""
        try:
            parts = urlsplit(self.url)
            port = f":{parts.port}" if parts.port else ""
            return f"postgresql://{parts.hostname or 'localhost'}{port}/{unquote(parts.path).strip('/')}"
        except ValueError:
            return "postgresql://…"

    __repr__ = __str__


class ConnectionLost(Exception):
    """The server went away during a transaction, of which nothing or everything was kept; `open` connects again."""


class PostgresConnection:
    """One connection for the threads of a process, which use it in turn."""

    def __init__(self, url: PostgresUrl, *, is_read_only: bool = False) -> None:
        """Connect.

        Raises:
            SettingsError: psycopg is not installed.
            PostgresUnusable: The server cannot be reached, or refuses this user.
        """
        self.url, self._is_read_only = url, is_read_only
        self._turn = threading.RLock()
        self._connection = self._connected()

    def open(self) -> None:
        """Connect again if the connection was lost, waiting up to a minute for a server that is restarted.

        Raises:
            PostgresUnusable: It still cannot be reached.
        """
        ends_at = time.monotonic() + _WAITS_S
        with self._turn:
            while self._connection.closed:
                try:
                    self._connection = self._connected()
                except PostgresUnusable:
                    if time.monotonic() > ends_at:
                        raise
                    real_sleep(_PAUSE_S)

    def _connected(self) -> Any:
        psycopg = _psycopg()
        try:
            connection = psycopg.connect(self.url.url, autocommit=True, cursor_factory=psycopg.ClientCursor, **_OPTIONS)
        except psycopg.Error as error:
            raise PostgresUnusable(f"{self.url}", _first_line(error)) from None
        connection.read_only = self._is_read_only
        return connection

    def close(self) -> None:
        """Disconnect."""
        with self._turn, suppress(Exception):
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator["PostgresConnection"]:
        """Everything that is executed within is kept, or nothing of it.

        Raises:
            ConnectionLost: The server went away.
            PostgresUnusable: The server refuses a statement, for example because its disk is full.
        """
        with self._turn, self._told(), self._connection.transaction():
            yield self

    def execute(self, sql: str, values: Sequence[object] = ()) -> Any:
        """The cursor of a statement, in which `?` stands for each value."""
        return self._connection.execute(_with_percent(sql), values)

    def copy_in(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Add many rows, each with all columns of the table in their order."""
        with self._connection.cursor() as cursor, cursor.copy(f"copy {table} from stdin") as copy:
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def _told(self) -> Iterator[None]:
        psycopg = _psycopg()
        try:
            yield
        except psycopg.Error as error:
            if self._connection.closed or isinstance(error, psycopg.InterfaceError):
                self.close()
                raise ConnectionLost(_first_line(error)) from error
            raise PostgresUnusable(f"{self.url}", _first_line(error)) from None


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError:
        raise SettingsError("TT_LEDGER", "needs psycopg, which is not installed", remedy=_INSTALL) from None
    return psycopg


@lru_cache
def _with_percent(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def _first_line(error: Exception) -> str:
    """What the server says, without details that could have a value or an address with a password."""
    return str(error).strip().partition("\n")[0]
