"""One SQLite file of ours, shared by threads and processes, and what happens when it cannot be used any more.

A file that is damaged, or that a newer version made, is set aside under a name that says so and a new one begins;
nothing is deleted. Whoever reads or writes holds a lock beside the file meanwhile, and looks whether it is still the
one that was opened: nobody writes into a file that another process has just set aside. What the tables mean belongs
elsewhere.
"""

import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tt_pipeline.errors import FileSetAside
from tt_pipeline.safe_files import set_aside, storing

log = logging.getLogger(__name__)

_WAITS_S = 60
_COMPANIONS = ("-wal", "-shm")
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What reading a damaged file raises: the latter when SQLite's own message quotes what stands in it."""


class _Newer(Exception):
    """A later version of tt_pipeline made the file."""


class SqliteFile:
    """An open file; `connection` is only to be used within `reading` or `writing`."""

    connection: sqlite3.Connection

    def __init__(
        self,
        file: Path,
        *,
        schema: str,
        version: int,
        upgrade: str = "",
        copied: Sequence[str] = (),
        synchronous: str = "full",
    ) -> None:
        """Open the file, or make it; what cannot be used is set aside first.

        Args:
            file: Beside it lie SQLite's own `-wal` and `-shm`, and `.lock`, which keeps processes apart.
            schema: Statements that make what is missing.
            version: Of the tables; a file without one is taken for an older one.
            upgrade: Statements that make an older file fit for `schema`.
            copied: Tables whose rows, as far as they can be read, go on in the new file.
            synchronous: "full" survives a power cut to the last commit; "off" is for what can be made again.
        """
        self.file = file
        self._schema, self._version, self._upgrade, self._copied = schema, version, upgrade, copied
        self._synchronous = synchronous
        self._turn = threading.Lock()
        self._opened: tuple[int, int] | None = None
        with storing("Opening", file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._lock = file.with_name(f"{file.name}.lock").open("w")
            self.open()

    def open(self) -> None:
        """Open the file anew if it is not the one that was opened."""
        with self._turn, self._locked(fcntl.LOCK_EX):
            if self._opened is None or self._opened != _identity(self.file):
                self._close()
                self._open_or_begin_anew()

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._close()
            self._lock.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Have a turn at the file.

        Raises:
            FileSetAside: It cannot be used any more, or another process found so; `open` opens the new one.
        """
        with self._having_turn(fcntl.LOCK_SH):
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Have a turn at the file in one transaction.

        Raises:
            FileSetAside: It cannot be used any more, or another process found so; `open` opens the new one.
        """
        # SQLite's own waiting polls, up to ten times a second, and who asks most often wins; the lock wakes who waits.
        with self._having_turn(fcntl.LOCK_EX), _transaction(self.connection):
            yield self.connection

    @contextmanager
    def _having_turn(self, lock: int) -> Iterator[None]:
        with self._turn:
            try:
                with self._locked(lock):
                    if self._opened is None or self._opened != _identity(self.file):
                        raise FileSetAside(self.file, "it was found damaged and set aside")
                    yield
            except _UNREADABLE as error:
                if not _is_damage(error):
                    with storing("Using", self.file):
                        raise
                self._give_up(str(error))
                raise FileSetAside(self.file, str(error)) from error

    @contextmanager
    def _locked(self, lock: int) -> Iterator[None]:
        fcntl.flock(self._lock, lock)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _give_up(self, problem: str) -> None:
        """Set the file aside, if nobody has done so meanwhile; `open` is needed before the next turn."""
        with self._locked(fcntl.LOCK_EX):
            is_ours = self._opened == _identity(self.file)
            self._close()
            if is_ours:
                self._begin_anew("damaged", problem)
                self._close()

    def _open_or_begin_anew(self) -> None:
        try:
            if self.file.exists() and not self.file.stat().st_size:
                self._begin_anew("damaged", "is empty")
            else:
                self._connect()
        except _Newer as newer:
            self._close()
            self._begin_anew("newer", str(newer))
        except _UNREADABLE as error:
            self._close()
            if not _is_damage(error):
                raise
            self._begin_anew("damaged", str(error))

    def _begin_anew(self, why: str, problem: str) -> None:
        aside = set_aside(self.file, why, companions=_COMPANIONS)
        self._connect()
        copied = self._copy_readable(aside) if self._copied else 0
        kept = f" with the {copied:,} rows of it that could be read; what else it held is not counted"
        log.error(
            "%s is %s (%s). It is kept as %s and a new one begins%s.",
            *(self.file, why, problem, aside.name),
            kept if self._copied else "",
        )

    def _connect(self) -> None:
        self.connection = sqlite3.connect(
            self.file, timeout=_WAITS_S, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        self._opened = _identity(self.file)
        # The version stands in the file before anything else does, also before it becomes a WAL file.
        ((found,),) = self.connection.execute("pragma user_version").fetchall()
        if found > self._version:
            raise _Newer(f"version {found}; this tt_pipeline knows {self._version}")
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute(f"pragma synchronous = {self._synchronous}")
        _quick_check(self.connection)
        self._fit(found)

    def _fit(self, found: int) -> None:
        if found < self._version:
            self.connection.executescript(self._upgrade)
        self.connection.executescript(self._schema)
        if found < self._version:
            self.connection.execute(f"pragma user_version = {self._version}")

    def _close(self) -> None:
        if self._opened is not None:
            self.connection.close()
            self._opened = None

    def _copy_readable(self, aside: Path) -> int:
        uri = f"{aside.resolve().as_uri()}?mode=ro"
        with _transaction(self.connection), closing(sqlite3.connect(uri, uri=True)) as old:
            old.execute("pragma writable_schema = on")  # else SQLite reads nothing at all of a file that was cut off
            return sum(_copy_table(old, self.connection, table) for table in self._copied)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # IMMEDIATE takes the write lock before anything is read: two processes never decide on the same count.
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):  # a damaged file cannot even do that; what went wrong first is raised
            connection.execute("rollback")
        raise
    connection.execute("commit")


def _copy_table(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> int:
    """Copy rows from the newest down to the first unreadable one, then from the oldest up."""
    copied = 0
    for order in ("desc", "asc"):
        try:
            columns = [name for name in _columns(new, table) if name in _columns(old, table)]
            places = ", ".join("?" * len(columns))
            add = f"insert or ignore into {table} ({', '.join(columns)}) values ({places})"
            for row in old.execute(f"select {', '.join(columns)} from {table} order by rowid {order}"):
                copied += new.execute(add, row).rowcount
        except _UNREADABLE:
            continue
        break
    return copied


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"pragma table_info({table})").fetchall()]


def _quick_check(connection: sqlite3.Connection) -> None:
    # Reads the whole file. Measured: 0.2 s for 115 MB, which a year of 1,000 requests a day makes.
    ((told,),) = connection.execute("pragma quick_check(1)").fetchall()
    if told != "ok":
        raise sqlite3.DatabaseError(told)


def _is_damage(error: Exception) -> bool:
    """A lock, a full disk or a wrong statement are subclasses of their own and no damage of the file."""
    return type(error) in _UNREADABLE or "decode to UTF-8" in str(error)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 — asked before every statement; Path.stat is twice as slow
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
