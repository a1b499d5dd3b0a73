"""Disks that fail: a full one, and one after a power cut, which has only what was synced."""

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR

import pytest


class SyncedDisk:
    """Records each `fsync`, which still happens; an unsynced content or name counts as lost."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Begin to record."""
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._fsync: Callable[[int], None] = os.fsync
        monkeypatch.setattr(os, "fsync", self._record)

    def after_power_cut(self, file: Path) -> bytes | None:
        """The content that the file has then; None if it is missing, and b"" if only its name was synced."""
        inode = self._names.get(file.parent.stat().st_ino, {}).get(file.name)
        return None if inode is None else self._contents.get(inode, b"")

    def _record(self, descriptor: int) -> None:
        self._fsync(descriptor)
        synced, place = os.fstat(descriptor), Path(f"/proc/self/fd/{descriptor}")
        if S_ISDIR(synced.st_mode):
            self._names[synced.st_ino] = {path.name: path.lstat().st_ino for path in place.iterdir()}
        else:
            self._contents[synced.st_ino] = place.read_bytes()


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The system refuses to write beyond, as a full disk does.

    Python writes compiled modules meanwhile no more: it does not notice that one was cut off, and every later import
    would fail.
    """
    writes_no_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
        sys.dont_write_bytecode = writes_no_bytecode
