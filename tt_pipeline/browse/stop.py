"""Stops the work for a page: after a time limit, or when the browser no longer waits."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import duckdb

from tt_pipeline.errors import QueryStopped

_Answer = TypeVar("_Answer")


class Stop:
    """Stops queries that run in another thread.

    Attributes:
        limit_s: The time limit of the page, in seconds.
    """

    def __init__(self, limit_s: float = 30) -> None:
        self.limit_s = limit_s
        self._reason: QueryStopped | None = None
        self._connections: list[duckdb.DuckDBPyConnection] = []

    def watch(self, connection: duckdb.DuckDBPyConnection) -> None:
        """From now on, the queries of this connection can be stopped."""
        self._connections.append(connection)

    def now(self, reason: QueryStopped) -> None:
        """Interrupt what runs; call it again for what began in the meantime."""
        self._reason = self._reason or reason
        for connection in self._connections:
            with suppress(duckdb.Error):  # it has just been closed
                connection.interrupt()

    def check(self) -> None:
        """Raise the reason if the work is to be stopped.

        Raises:
            QueryStopped: It is.
        """
        if self._reason:
            raise self._reason

    def within(
        self, seconds: float, connection: duckdb.DuckDBPyConnection, ask: Callable[[], _Answer]
    ) -> _Answer | None:
        """What a query returns, or None if it takes longer than so many seconds.

        Raises:
            QueryStopped: The whole work was stopped.
        """
        timer = threading.Timer(seconds, connection.interrupt)
        timer.start()
        try:
            return ask()
        except duckdb.InterruptException:
            self.check()
            return None
        finally:
            timer.cancel()
            timer.join()
