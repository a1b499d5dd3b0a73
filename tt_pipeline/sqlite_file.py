"""One SQLite file of ours, shared by threads and processes, and replaced by a new one when it becomes unusable.

A damaged file is renamed to say so, and a new one is started; nothing is deleted. A file that a later version made is
refused and stays as it is. Every read and write takes a lock file and checks that the database is still the one that
was opened, so that no process writes into a file that another one has just renamed. The meaning of the tables belongs
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
from typing import Final

from tt_pipeline.clock import real_now
from tt_pipeline.counted import counted
from tt_pipeline.errors import FileSetAside, NewerFile
from tt_pipeline.safe_files import set_aside, storing

log = logging.getLogger(__name__)

_WAITS_S = 60
COMPANIONS: Final = ("-wal", "-shm")
"""Suffixes of the files that SQLite makes beside a database."""
_START_OF_SYSTEM: Final = Path("/proc/sys/kernel/random/boot_id")
_TICK_S: Final = 0.05
"""Two writes within a tick of the file system's clock, usually 4 ms, leave the same time."""
_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""Errors of reading a damaged file; the second when SQLite's own message quotes undecodable text from it."""


class SqliteFile:
    """An open SQLite file; use `connection` only within `reading` or `writing`."""

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
        """Open or create the file; an unusable one is renamed first.

        Args:
            file: In the same folder are SQLite's own `-wal` and `-shm`, and `.lock`, the lock between processes.
            schema: SQL that creates missing tables.
            version: Version of the tables; a file without one counts as older.
            upgrade: SQL that prepares an older file for `schema`.
            copied: Tables whose readable rows are copied into the new file.
            synchronous: "full" keeps every commit through a power failure; "off" is for data that can be rebuilt.

        Raises:
            NewerFile: A later version made the file.
        """
        self.file = file
        self._schema, self._version, self._upgrade, self._copied = schema, version, upgrade, copied
        self._synchronous = synchronous
        self._thread_lock = threading.Lock()
        self._opened: tuple[int, int] | None = None
        with storing("Opening", file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _lock_of(file).open("a+")  # its content stays
            try:
                self.open()
            except BaseException:
                self._lock.close()
                raise

    def open(self) -> None:
        """Open the file again if another file has replaced it."""
        with self._thread_lock, self._locked(fcntl.LOCK_EX):
            if self._opened is None or self._opened != _identity(self.file):
                self._close()
                self._open_or_begin_anew()

    def close(self) -> None:
        """Close the file."""
        with self._thread_lock:
            self._close()
            self._lock.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read with a shared lock.

        Raises:
            FileSetAside: The file became unusable, here or in another process; `open` opens the new one.
        """
        with self._locked_file(fcntl.LOCK_SH):
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction with an exclusive lock.

        Raises:
            FileSetAside: The file became unusable, here or in another process; `open` opens the new one.
        """
        # SQLite's own waiting polls, up to ten times a second, and is unfair; flock wakes the waiting process.
        with self._locked_file(fcntl.LOCK_EX), _transaction(self.connection):
            yield self.connection

    def copy_to(self, file: Path) -> None:
        """Write a copy into a new file; others may write meanwhile.

        Raises:
            FileSetAside: The file became unusable, here or in another process; `open` opens the new one.
        """
        with self.reading() as db, closing(sqlite3.connect(file)) as copy:
            db.backup(copy)

    def vacuum(self) -> None:
        """Write the file again, so that nothing of deleted rows is left in it or in its `-wal`.

        Raises:
            FileSetAside: The file became unusable, here or in another process; `open` opens the new one.
        """
        with self._locked_file(fcntl.LOCK_EX):
            self.connection.execute("vacuum")
            self.connection.execute("pragma wal_checkpoint(truncate)")

    @contextmanager
    def _locked_file(self, lock: int) -> Iterator[None]:
        with self._thread_lock:
            try:
                with self._locked(lock):
                    if self._opened is None or self._opened != _identity(self.file):
                        raise FileSetAside(self.file, "another process found it damaged and renamed it")
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
        """Rename the file if no other process has; call `open` before the next read or write."""
        with self._locked(fcntl.LOCK_EX):
            is_ours = self._opened == _identity(self.file)
            self._close()
            if is_ours:
                self._begin_anew(problem)
                self._close()

    def _open_or_begin_anew(self) -> None:
        try:
            if self.file.exists() and not self.file.stat().st_size:
                self._begin_anew("is empty")
            else:
                self._connect()
        except NewerFile:
            self._close()
            raise
        except _UNREADABLE as error:
            self._close()
            if not _is_damage(error):
                raise
            self._begin_anew(str(error))

    def _begin_anew(self, problem: str) -> None:
        aside = set_aside(self.file, companions=COMPANIONS)
        self._connect()
        copied = self._copy_readable(aside) if self._copied else 0
        kept = f" with the {counted(copied, 'row')} of it that could be read; unreadable rows are not counted"
        log.error(
            "%s is damaged (%s). It was renamed to %s, and a new one was started%s.",
            *(self.file, problem, aside.name),
            kept if self._copied else "",
        )

    def _connect(self) -> None:
        self.connection = sqlite3.connect(
            self.file, timeout=_WAITS_S, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        self._opened = _identity(self.file)
        # The version is written to the file first, before it becomes a WAL file.
        ((found,),) = self.connection.execute("pragma user_version").fetchall()
        if found > self._version:
            raise NewerFile(self.file, found=found, known=self._version)
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute(f"pragma synchronous = {self._synchronous}")
        self._check_if_changed()
        self._fit(found)

    def _check_if_changed(self) -> None:
        """Read the whole file to check it, unless it is as it was after the last such check."""
        if is_as_checked(self.file):
            return
        stamp, age_s = _stamp(self.file), real_now().timestamp() - self.file.stat().st_mtime
        _quick_check(self.connection)
        if age_s > _TICK_S:
            with suppress(OSError):  # on a full disk the next process checks the file again
                os.ftruncate(self._lock.fileno(), 0)
                os.pwrite(self._lock.fileno(), stamp.encode(), 0)

    def _fit(self, found: int) -> None:
        if 0 < found < self._version:  # a new file has version 0
            log.warning(
                "%s (%.1f MB, version %d) is brought to version %d now; %s.",
                *(self.file, self.file.stat().st_size / 1e6, found, self._version),
                "it is filled again from the files beside it" if self._upgrade else "no row is copied",
            )
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
            old.execute("pragma writable_schema = on")  # without it SQLite reads nothing of a truncated file
            return sum(_copy_table(old, self.connection, table) for table in self._copied)


class ReadOnlySqliteFile:
    """An existing SQLite file for commands that change nothing: no lock, no new file, no upgrade."""

    connection: sqlite3.Connection

    def __init__(self, file: Path) -> None:
        """Open the file.

        Raises:
            sqlite3.Error: It cannot be read.
        """
        self.file = file
        self._thread_lock = threading.Lock()
        self.open()

    def open(self) -> None:
        """Open the file again."""
        self.connection = connect_read_only(self.file)

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read in a thread of its own turn."""
        with self._thread_lock:
            yield self.connection

    def copy_to(self, file: Path) -> None:
        """Write a copy into a new file."""
        with self.reading() as db, closing(sqlite3.connect(file)) as copy:
            db.backup(copy)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Nothing can be written.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError(f"{self.file} is open for reading")
        yield self.connection


def is_as_checked(file: Path) -> bool:
    """Whether an existing file is unchanged since it was last read as a whole and found undamaged.

    After a restart of the computer no file is: a power failure can lose what was written without changing the stamp.
    """
    stamp = _stamp(file)
    try:
        return bool(stamp) and _lock_of(file).read_text(encoding="utf-8") == stamp
    except (OSError, UnicodeDecodeError):
        return False


def _stamp(file: Path) -> str:
    """Changes with each write into the file, and with a restart; "" if the system does not name its starts."""
    try:
        started = _START_OF_SYSTEM.read_text(encoding="ascii").strip()
    except OSError:
        return ""
    found = file.stat()
    return f"{started} {found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _lock_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.lock")


def check_version(file: Path, known: int) -> None:
    """Refuse a file that a later version made; a file that is missing or cannot be read is not refused.

    Raises:
        NewerFile: A later version made it.
    """
    if not file.is_file():
        return
    with suppress(sqlite3.Error), closing(connect_read_only(file)) as connection:
        ((found,),) = connection.execute("pragma user_version").fetchall()
        if found > known:
            raise NewerFile(file, found=found, known=known)


def connect_read_only(file: Path) -> sqlite3.Connection:
    """Open an existing SQLite file and create no file beside it.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    # Without a -wal nobody has the file open; SQLite would create one to read a file in WAL mode.
    is_in_use = file.with_name(f"{file.name}-wal").exists()
    uri = f"{file.resolve().as_uri()}?mode=ro{'' if is_in_use else '&immutable=1'}"
    return sqlite3.connect(uri, uri=True, timeout=_WAITS_S, check_same_thread=False)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # IMMEDIATE takes the write lock before the first read, so that two processes never decide on the same count.
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        with suppress(sqlite3.Error):  # fails on a damaged file; the first error is raised
            connection.execute("rollback")
        raise
    connection.execute("commit")


def _copy_table(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> int:
    """Copy rows from the newest down to the first unreadable one, then from the oldest up; return their number."""
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
    ((result,),) = connection.execute("pragma quick_check(1)").fetchall()
    if result != "ok":
        raise sqlite3.DatabaseError(result)


def _is_damage(error: Exception) -> bool:
    """Locks, full disks and wrong SQL raise subclasses, so only these exact types mean a damaged file."""
    return type(error) in _UNREADABLE or "decode to UTF-8" in str(error)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 — called before every statement; Path.stat is twice as slow
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
