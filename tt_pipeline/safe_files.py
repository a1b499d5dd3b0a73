"""What every room that keeps files needs: whole writes, leases between processes, and setting aside what is damaged.

Nothing here knows what stands in a file. Nothing here deletes.
"""

import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tt_pipeline.clock import real_now
from tt_pipeline.errors import StorageFailed, TtPipelineError

log = logging.getLogger(__name__)

_REFUSALS = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO),
    *(errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.EISDIR),
)
_IN_WORDS = (
    *map(os.strerror, _REFUSALS),
    # SQLite's own words for the same.
    *("database or disk is full", "unable to open database file", "readonly database", "disk I/O error"),
)


@contextmanager
def storing(doing: str, place: Path) -> Iterator[None]:
    """Give what the machine refuses a name, whoever met it: we, DuckDB or SQLite.

    Args:
        doing: Begins the message, for example "Publishing".
        place: The file or folder.

    Raises:
        StorageFailed: The disk is full, or the place cannot be written.
    """
    try:
        yield
    except TtPipelineError:
        raise
    except Exception as error:
        problem = _refusal(error)
        if problem is None:
            raise
        raise StorageFailed(doing, place, problem) from error


def _refusal(error: Exception) -> str | None:
    if isinstance(error, OSError):
        return error.strerror if error.errno in _REFUSALS else None
    return next((words for words in _IN_WORDS if words in str(error)), None)


def write_whole(file: Path, text: str) -> None:
    """Make a small file say this; a reader, or a crash, sees the old text or the new one and never a part."""
    with storing("Writing", file):
        if file.exists() and file.read_text() == text:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
        unfinished.write_text(text)
        unfinished.replace(file)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def set_aside(file: Path, why: str, *, companions: tuple[str, ...] = ()) -> Path:
    """Rename a file that cannot be used, so that nothing overwrites it: `<name>.<why>-<instant>`.

    Args:
        file: It is there.
        why: One word: damaged, newer.
        companions: Suffixes of files that belong to it, for example "-wal"; they go along, and before it.
    """
    aside = file.with_name(f"{file.name}.{why}-{instant_name()}")
    for suffix in companions:
        companion = file.with_name(f"{file.name}{suffix}")
        if companion.exists():
            companion.rename(aside.with_name(f"{aside.name}{suffix}"))
    file.rename(aside)
    sync_folder(file.parent)
    return aside


def instant_name() -> str:
    """The machine's instant in UTC as a part of a file name; no two are the same."""
    return f"{real_now():%Y%m%dT%H%M%S%fZ}"


MENDED = ".mended-"


def mended_name(name: str) -> str:
    """The name under which the good part of a file that was set aside goes on."""
    return f"{name}{MENDED}{instant_name()}"


def original_name(name: str) -> str:
    """The name before anything was mended; of a file that never was, its own."""
    return name.partition(MENDED)[0]


def is_free(file: Path) -> bool:
    """Whether nobody holds a lease on this file; one that is gone was let go."""
    if not file.exists():
        return True
    with file.open("r+") as handle:
        return _take_if_free(handle.fileno())


@contextmanager
def lease(file: Path) -> Iterator[None]:
    """Be the only one, in any process, who holds this file; waits, and says so, while another does.

    The kernel lets go when the process ends, however it ends.
    """
    with _lease_file(file) as handle:
        if not _take_if_free(handle.fileno()):
            log.warning("waiting for another process of tt_pipeline that works here: %s", file)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def lease_if_free(file: Path) -> Iterator[bool]:
    """Hold this file if nobody does; says whether."""
    with _lease_file(file) as handle:
        yield _take_if_free(handle.fileno())


@contextmanager
def reading_if_free(file: Path) -> Iterator[bool]:
    """Keep others from taking this lease while we read, if nobody holds it; says whether. Makes and changes no file."""
    if not file.exists():
        yield True
        return
    with file.open() as handle:
        yield _take_if_free(handle.fileno())


def _lease_file(file: Path) -> TextIO:
    with storing("Taking the lease", file):
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("w")


def _take_if_free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
