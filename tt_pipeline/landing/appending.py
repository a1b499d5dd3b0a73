"""Landed files are written page by page, each page on disk before the next request, and compressed when complete.

A process that is killed leaves at most one line without its newline; the next one that appends removes it.
"""

import os
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import zstandard

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.layout import PACKED, PLAIN
from tt_pipeline.landing.reading import Stamp, stamp_of
from tt_pipeline.safe_files import set_aside, storing, sync_folder

_BLOCK: Final = 65_536


class OpenFile:
    """The file of one load, open for appending; the first page creates it."""

    def __init__(self, root: Path, load_id: str) -> None:
        """Prepare to append, and remove a last line without its newline.

        Args:
            root: The landing folder.
            load_id: Names the file.

        Raises:
            CorruptLanding: The file is compressed, so it is complete.
        """
        self.load_id = load_id
        self.path = root / f"{load_id}{PLAIN}"
        packed = root / f"{load_id}{PACKED}"
        if packed.exists() and not self.path.exists():
            raise CorruptLanding(packed, None, "is whole, and nothing can be added to it")
        cut_torn_line(self.path)
        self._file: FileIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def append(self, envelope: Envelope) -> Stamp:
        """Add a page; when this returns, the page survives a power cut.

        Raises:
            StorageFailed: The disk is full, or the folder cannot be written; nothing was added.
        """
        with storing("Keeping an answer", self.path):
            file = self._file = self._file or self._open()
            _add_whole(file, envelope.line())
        return stamp_of(self.path)

    def pack(self, share: Callable[[Path], None]) -> Path | None:
        """Replace the plain file by a compressed one; None when no page ever came.

        Args:
            share: As in `pack`.

        Raises:
            StorageFailed: The disk is full, or the folder cannot be written; the plain file is left.
        """
        self._close()
        with storing("Packing", self.path):
            return pack(self.path, share) if self.path.exists() else None

    def _open(self) -> FileIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what a full disk did not take must not be written later, in the middle of the file.
        file = FileIO(self.path, "ab")
        sync_folder(self.path.parent)
        return file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _add_whole(file: FileIO, line: bytes) -> None:
    """Append a line and sync it. An error leaves the file as it was, so that another thread can try."""
    before, rest = os.fstat(file.fileno()).st_size, memoryview(line)
    try:
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except OSError:
        os.ftruncate(file.fileno(), before)
        raise


def pack(plain: Path, share: Callable[[Path], None] = lambda _: None) -> Path:
    """Write `x.ndjson.zst` beside `x.ndjson`, then remove the plain file; a kill meanwhile loses nothing.

    Args:
        plain: The file.
        share: Called with the compressed file before it has its name; if it raises, the plain file is left.
    """
    packed = plain.with_name(f"{plain.name}.zst")
    unfinished = packed.with_name(f".{packed.name}.tmp")
    with plain.open("rb") as source, unfinished.open("wb") as target:
        zstandard.ZstdCompressor(level=3, write_checksum=True).copy_stream(source, target)
        target.flush()
        os.fsync(target.fileno())
    share(unfinished)
    if packed.exists() and packed.read_bytes() != unfinished.read_bytes():
        set_aside(packed)  # equal files mean that a process was killed between the next two steps
    unfinished.replace(packed)
    sync_folder(packed.parent)
    plain.unlink(missing_ok=True)
    return packed


def cut_torn_line(path: Path) -> bool:
    """Remove everything after the last newline; returns whether there was something. The file need not exist."""
    if not path.exists():
        return False
    with path.open("rb") as content:
        size = content.seek(0, os.SEEK_END)
        whole = _end_of_lines(content, size)
    if whole < size:
        os.truncate(path, whole)
    return whole < size


def _end_of_lines(content: BinaryIO, size: int) -> int:
    """Position after the last newline, searched from the end because files are large and lines are short."""
    start = size
    while start > 0:
        end, start = start, max(0, start - _BLOCK)
        content.seek(start)
        newline = content.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
    return 0
