"""Leases between machines: who may collect into a folder, publish, or is still running.

On one machine, locks on files do this, and the kernel releases them when a process ends (`safe_files.py`). Between
machines a lease is a row in the Postgres database of the ledger. Its holder renews it; without that it ends after a
minute, by the server's clock, so a machine that has died or lost the network keeps nobody waiting. Whoever was paused
for longer learns from `Lease.confirm` that the lease is lost, and writes nothing more.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final, Protocol, TypeVar

from tt_pipeline.clock import real_sleep
from tt_pipeline.errors import LeaseLost, TtPipelineError
from tt_pipeline.postgres import ConnectionLost, PostgresConnection, PostgresUrl

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")
_LASTS_S: Final = 60.0
_RENEWED_EVERY_S: Final = 15.0
_ASKS_EVERY_S: Final = 1.0
_LOCK: Final = 0x7474_6C65_6173_6573
"""Of the table; the number spells "ttleases"."""
_TABLE: Final = """
create table if not exists leases (
  token bigint generated always as identity primary key,
  name text not null,
  holder text not null,
  is_alone boolean not null,
  ends_at timestamptz not null
);
create index if not exists leases_by_name on leases (name)
"""
_END_OLD: Final = "delete from leases where name = ? and ends_at < clock_timestamp()"
_OTHERS: Final = "select holder from leases where name = ? and (is_alone or ?) limit 1"
_TAKE: Final = """
insert into leases (name, holder, is_alone, ends_at)
values (?, ?, ?, clock_timestamp() + ? * interval '1 second')
returning token
"""
_RENEW: Final = """
update leases set ends_at = clock_timestamp() + ? * interval '1 second'
where token = ? and ends_at >= clock_timestamp()
returning token
"""
_RELEASE: Final = "delete from leases where token = ?"
_IS_HELD: Final = "select count(*) from leases where name = ? and ends_at >= clock_timestamp()"


class Lease(Protocol):
    """The right to do something alone, or with others who share it."""

    def confirm(self) -> None:
        """Check that the lease still holds, and make it last a minute from now.

        Raises:
            LeaseLost: It ended, for example because this process was paused; another may have it.
        """
        ...


class Leases(Protocol):
    """Where leases between machines are kept."""

    def held(self, name: str, *, is_alone: bool = True) -> AbstractContextManager[Lease]:
        """Have a lease, waiting for others; with `is_alone=False` together with others who share it."""
        ...

    def held_if_free(self, name: str) -> AbstractContextManager[Lease | None]:
        """Have a lease alone if nobody has it; None otherwise."""
        ...

    def keep(self, name: str) -> None:
        """Have a lease, together with others, until this process ends."""
        ...

    def is_held(self, name: str) -> bool:
        """Whether somebody has this lease."""
        ...


class _AlwaysHeld:
    def confirm(self) -> None:
        """Nothing can be lost on one machine."""


class OneMachine:
    """No other machine: locks on files do everything."""

    @contextmanager
    def held(self, name: str, *, is_alone: bool = True) -> Iterator[Lease]:
        """Hold it."""
        del name, is_alone
        yield _AlwaysHeld()

    @contextmanager
    def held_if_free(self, name: str) -> Iterator[Lease | None]:
        """Hold it."""
        del name
        yield _AlwaysHeld()

    def keep(self, name: str) -> None:
        """Nobody else asks for it."""

    def is_held(self, name: str) -> bool:
        """Nobody on another machine has it."""
        del name
        return False


ONE_MACHINE: Final = OneMachine()


class PostgresLeases:
    """Leases in a Postgres database; a thread renews those of this process."""

    def __init__(self, url: PostgresUrl) -> None:
        """Connect, and create the table if it is missing.

        Raises:
            PostgresUnusable: The server cannot be reached, or refuses something.
        """
        self._server = PostgresConnection(url)
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._held: dict[int, str] = {}
        self._closes = threading.Event()
        self._renewing: threading.Thread | None = None
        self._kept(_create_table, is_alone=True)

    def close(self) -> None:
        """Stop renewing, and disconnect."""
        self._closes.set()
        if self._renewing:
            self._renewing.join()
        self._server.close()

    @contextmanager
    def held(self, name: str, *, is_alone: bool = True) -> Iterator[Lease]:
        """Have a lease, waiting for others.

        Raises:
            PostgresUnusable: The server cannot be reached, or refuses something.
        """
        has_told = False
        while (token := self._taken(name, is_alone=is_alone)) is None:
            if not has_told:
                log.warning("waiting for another machine or process to release its lease: %s", name)
                has_told = True
            real_sleep(_ASKS_EVERY_S)
        with self._until_released(name, token) as lease:
            yield lease

    @contextmanager
    def held_if_free(self, name: str) -> Iterator[Lease | None]:
        """Have a lease alone if nobody has it; None otherwise."""
        token = self._taken(name, is_alone=True)
        if token is None:
            yield None
            return
        with self._until_released(name, token) as lease:
            yield lease

    def keep(self, name: str) -> None:
        """Have a lease, together with others, until this process ends or these leases are closed."""
        token = self._taken(name, is_alone=False)
        if token is not None:
            self._renew_from_now_on(name, token)

    def is_held(self, name: str) -> bool:
        """Whether somebody has this lease."""
        return bool(self._kept(lambda server: server.execute(_IS_HELD, (name,)).fetchall())[0][0])

    def renew(self, token: int) -> bool:
        """Make a lease last a minute from now; whether it had not ended before."""
        return bool(self._kept(lambda server: server.execute(_RENEW, (_LASTS_S, token)).fetchall()))

    def _taken(self, name: str, *, is_alone: bool) -> int | None:
        def take(server: PostgresConnection) -> int | None:
            server.execute(_END_OLD, (name,))
            if server.execute(_OTHERS, (name, is_alone)).fetchall():
                return None
            ((token,),) = server.execute(_TAKE, (name, self._holder, is_alone, _LASTS_S)).fetchall()
            return int(token)

        return self._kept(take, is_alone=True)

    @contextmanager
    def _until_released(self, name: str, token: int) -> Iterator[Lease]:
        self._renew_from_now_on(name, token)
        try:
            yield _PostgresLease(self, name, token)
        finally:
            del self._held[token]
            with suppress(TtPipelineError):  # else it ends by itself
                self._kept(lambda server: server.execute(_RELEASE, (token,)))

    def _renew_from_now_on(self, name: str, token: int) -> None:
        self._held[token] = name
        if self._renewing is None:
            self._renewing = threading.Thread(target=self._renew_all, name="leases", daemon=True)
            self._renewing.start()

    def _renew_all(self) -> None:
        while not self._closes.wait(_RENEWED_EVERY_S):
            for token in tuple(self._held):
                try:
                    self.renew(token)
                except TtPipelineError as error:
                    log.warning("leases could not be renewed: %s", error)

    def _kept(self, work: Callable[[PostgresConnection], _Result], *, is_alone: bool = False) -> _Result:
        """Do something in one transaction, again after a lost connection; alone if it decides what others do."""
        while True:
            try:
                with self._server.transaction() as server:
                    if is_alone:
                        server.execute("select pg_advisory_xact_lock(?)", (_LOCK,))
                    return work(server)
            except ConnectionLost:
                self._server.open()


def _create_table(server: PostgresConnection) -> None:
    # Whoever may use the table need not be allowed to create tables.
    if not server.execute("select to_regclass('leases') is not null").fetchall()[0][0]:
        server.execute(_TABLE)


class _PostgresLease:
    def __init__(self, leases: PostgresLeases, name: str, token: int) -> None:
        self._leases, self._name, self._token = leases, name, token

    def confirm(self) -> None:
        """Check that the lease still holds, and make it last a minute from now.

        Raises:
            LeaseLost: It ended; another may have it.
            PostgresUnusable: The server cannot be reached.
        """
        if not self._leases.renew(self._token):
            raise LeaseLost(self._name)


@contextmanager
def leases_of(ledger: Path | PostgresUrl) -> Iterator[Leases]:
    """The leases that all machines with this ledger respect: in its database, or none beyond this machine.

    Raises:
        PostgresUnusable: The server cannot be reached, or refuses something.
    """
    if not isinstance(ledger, PostgresUrl):
        yield ONE_MACHINE
        return
    leases = PostgresLeases(ledger)
    try:
        yield leases
    finally:
        leases.close()


@cache
def leases_of_process(ledger: Path | PostgresUrl) -> Leases:
    """The same, open until this process ends."""
    return PostgresLeases(ledger) if isinstance(ledger, PostgresUrl) else ONE_MACHINE
