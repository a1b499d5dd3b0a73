"""Atomic writes, leases between processes, and renaming of damaged files, for every room that stores files.

This module knows no file contents and deletes no files.
"""

import errno
import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from tt_pipeline.clock import real_now, real_sleep
from tt_pipeline.errors import StorageFailed, TtPipelineError

log = logging.getLogger(__name__)

_POLL_S = 0.1
_MOST_TRIES = 3
_PAUSE_S = 0.01

_REFUSALS = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.EISDIR),
)
_MESSAGES = (
    *map(os.strerror, _REFUSALS),
    # SQLite's messages for the same errors.
    *("database or disk is full", "unable to open database file", "readonly database", "disk I/O error"),
)


@contextmanager
def storing(doing: str, place: Path) -> Iterator[None]:
    """Turn a refused write of ours, DuckDB or SQLite into StorageFailed.

    Args:
        doing: The first words of the message, for example "Publishing".
        place: The file or folder.

    Raises:
        StorageFailed: The disk is full, or the place is not writable.
    """
    try:
        yield
    except TtPipelineError:
        raise
    except Exception as error:
        problem = refusal_of(error)
        if problem is None:
            raise
        raise StorageFailed(doing, place, problem) from error


def refusal_of(error: Exception) -> str | None:
    """Why the operating system refused a write or an open; None for any other error."""
    if isinstance(error, OSError):
        return error.strerror if error.errno in _REFUSALS else None
    return next((words for words in _MESSAGES if words in str(error)), None)


def write_whole(file: Path, text: str) -> None:
    """Write a small file atomically: a reader sees the old text or the new one, even after a power failure."""
    with storing("Writing", file):
        if file.exists() and file.read_bytes() == text.encode():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(file, text) as unfinished:
            unfinished.replace(file)


def replace_content(file: Path, content: bytes, *, doing: str) -> None:
    """Replace a file as a whole; a process that is killed meanwhile leaves the old one, and `.<name>.<doing>.tmp`."""
    unfinished = file.with_name(f".{file.name}.{doing}.tmp")
    with unfinished.open("wb") as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    unfinished.replace(file)
    sync_folder(file.parent)


@contextmanager
def written_beside(file: Path, text: str) -> Iterator[Path]:
    """Yield a hidden file with the text, to be renamed or linked to `file`; then the new name is synced.

    Only the owner can read the file. Nothing of it is left after an error.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            target.write(text.encode())
            target.flush()
            os.fsync(target.fileno())
        yield unfinished
        sync_folder(file.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make new file names in a folder survive a power failure."""
    sync(folder)


def sync(path: Path) -> None:
    """Make the content of a file, or the file names in a folder, survive a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(file: Path, *, companions: tuple[str, ...] = (), reason: str = "damaged") -> Path:
    """Rename an unusable file to `<name>.damaged-<instant>`, so that nothing overwrites it, and return the new path.

    Args:
        file: An existing file.
        companions: Suffixes of files that belong to it, for example "-wal"; they are renamed before it.
        reason: What stands in place of "damaged".

    Raises:
        StorageFailed: It is a device, a pipe or a folder, which is never renamed.
    """
    if not file.is_file():  # renaming a device such as /dev/null would break the machine
        remedy = "Move it away, or name another path in the settings"
        raise StorageFailed("Renaming", file, "is not a file", remedy=remedy)
    aside = file.with_name(f"{file.name}.{reason}-{instant_name()}")
    for suffix in companions:
        companion = file.with_name(f"{file.name}{suffix}")
        if companion.exists():
            companion.rename(aside.with_name(f"{aside.name}{suffix}"))
    file.rename(aside)
    sync_folder(file.parent)
    return aside


def instant_name() -> str:
    """The machine's current time (UTC, to the microsecond) as part of a file name."""
    return f"{real_now():%Y%m%dT%H%M%S%fZ}"


MENDED = ".mended-"


def mended_name(name: str) -> str:
    """The name for the readable part of a damaged file, or of such a part that was damaged again."""
    return f"{original_name(name)}{MENDED}{instant_name()}"


def original_name(name: str) -> str:
    """The name without the suffix of `mended_name`."""
    return name.partition(MENDED)[0]


def printable(text: str) -> str:
    """The text with every character escaped that a terminal, a log or a database cannot take, such as a newline."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def is_free(file: Path) -> bool:
    """Whether no process has a lease on this file; a missing file has none."""
    if not file.exists():
        return True
    with _reading(file) as handle:
        return _take(handle, fcntl.LOCK_SH)


@contextmanager
def lease(file: Path) -> Iterator[None]:
    """Have the exclusive lease on this file; while another process has it, log a warning and wait.

    The kernel releases the lease when the process ends, however it ends.
    """
    with _lease_file(file) as handle:
        if not _take_if_free(handle.fileno()):
            log.warning("waiting for another tt_pipeline process to release its lease: %s", file)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def lease_if_free(file: Path) -> Iterator[bool]:
    """Take the lease on this file if it is free; yields whether it was."""
    with _lease_file(file) as handle:
        yield _take_if_free(handle.fileno())


@contextmanager
def shared_lease(file: Path) -> Iterator[None]:
    """Take the lease on this file together with others who share it; wait while somebody has it alone."""
    with _lease_file(file) as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


@contextmanager
def lease_within(file: Path, wait_s: float) -> Iterator[bool]:
    """Take the lease on this file, waiting at most `wait_s` seconds for others; yields whether it was taken."""
    ends_at = time.monotonic() + wait_s
    with _lease_file(file) as handle:
        while not (is_taken := _take_if_free(handle.fileno())) and time.monotonic() < ends_at:
            real_sleep(_POLL_S)
        yield is_taken


@contextmanager
def shared_lease_if_free(file: Path) -> Iterator[int | None]:
    """Take the lease on this file if it is free; yields its descriptor, or None.

    A child process that inherits the descriptor keeps the lease until it ends, even if this process ends before.
    """
    with _lease_file(file) as handle:
        yield handle.fileno() if _take_if_free(handle.fileno()) else None


def keep_lease(file: Path, note: str = "") -> None:
    """Take the lease on this file, which nobody may have, until this process ends; the file appears with its lock.

    Args:
        file: The file.
        note: What the file contains, for people and other processes.
    """
    _create_locked(file, note)  # never closed


@contextmanager
def new_lease(file: Path, note: str = "") -> Iterator[Path]:
    """Have the lease on a new file, which appears with its lock; the caller deletes the file before the end.

    Args:
        file: The file.
        note: What the file contains, for people and other processes.
    """
    handle = _create_locked(file, note)
    try:
        yield file
    finally:
        os.close(handle)


def _create_locked(file: Path, note: str = "") -> int:
    with storing("Taking the lease", file):
        file.parent.mkdir(parents=True, exist_ok=True)
        unlocked = file.with_name(f".{file.name}")
        handle = os.open(unlocked, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with suppress(OSError):  # on a full disk the lock alone does its work
            os.write(handle, note.encode())
        unlocked.replace(file)
        return handle


@contextmanager
def reading_if_free(file: Path) -> Iterator[bool]:
    """Take the lease for reading if it is free; yields whether it was. Creates and changes no file."""
    if not file.exists():
        yield True
        return
    with _reading(file) as handle:
        yield _take(handle, fcntl.LOCK_SH)


@contextmanager
def _reading(file: Path) -> Iterator[int]:
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # opening a pipe would wait for a writer
    try:
        yield handle
    finally:
        os.close(handle)


def _lease_file(file: Path) -> TextIO:
    with storing("Taking the lease", file):
        file.parent.mkdir(parents=True, exist_ok=True)
        # Also for reading: a pipe in the place of the file would wait for a reader.
        return os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w")


def _take_if_free(handle: int) -> bool:
    """Take the lease; tries again for a moment, because a process that only tests the lease has it for microseconds."""
    for _ in range(_MOST_TRIES - 1):
        if _take(handle, fcntl.LOCK_EX):
            return True
        real_sleep(_PAUSE_S)
    return _take(handle, fcntl.LOCK_EX)


def _take(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
