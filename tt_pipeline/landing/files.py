"""Landed files: appended line by line, each durable before the next request, compressed when whole.

A process that dies leaves at most one torn line at the end; readers ignore it, the next writer cuts it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import zstandard

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.envelope import Envelope

PLAIN = ".ndjson"
PACKED = ".ndjson.zst"
_CHUNK_BYTES = 1 << 20


class LandedFile:
    """The open file of one load: a window's look, or a run's comments or users of a day."""

    def __init__(self, root: Path, load_id: str) -> None:
        """Open for appending; a torn last line is cut.

        Args:
            root: The landing folder.
            load_id: The file's path below it, without suffix.
        """
        self.load_id = load_id
        self.path = root / f"{load_id}{PLAIN}"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        packed = root / f"{load_id}{PACKED}"
        if packed.exists() and not self.path.exists():
            raise CorruptLanding(packed, None, "is whole, and nothing can be added to it")
        cut_torn_line(self.path)
        self._file = self.path.open("ab")
        sync_folder(self.path.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def append(self, envelope: Envelope) -> int:
        """Add a page; when this returns it survives a power cut. Gives the file's size in bytes."""
        self._file.write(envelope.line())
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def pack(self) -> Path:
        """Compress the whole file in place of the plain one; nothing is lost if the process dies meanwhile."""
        self._file.close()
        return pack(self.path)


def pack(plain: Path) -> Path:
    """Write `x.ndjson.zst` beside `x.ndjson` and remove the plain one."""
    packed = plain.with_name(f"{plain.name}.zst")
    unfinished = packed.with_name(f".{packed.name}.tmp")
    with plain.open("rb") as source, unfinished.open("wb") as target:
        zstandard.ZstdCompressor(level=3, write_checksum=True).copy_stream(source, target)
        target.flush()
        os.fsync(target.fileno())
    unfinished.replace(packed)
    sync_folder(packed.parent)
    plain.unlink()
    return packed


def load_id_of(root: Path, path: Path) -> str:
    """The load's name: the path below the landing folder without suffix."""
    return path.relative_to(root).as_posix().removesuffix(".zst").removesuffix(PLAIN)


def landed_paths(root: Path) -> dict[str, Path]:
    """Every load and its file; where a crash left both forms the plain one is whole and wins."""
    found = {load_id_of(root, path): path for path in sorted(root.rglob(f"*{PACKED}")) if not path.name.startswith(".")}
    return found | {load_id_of(root, path): path for path in sorted(root.rglob(f"*{PLAIN}"))}


def whole_lines(path: Path) -> Iterator[bytes]:
    """The lines that end; a torn one is left out.

    Raises:
        CorruptLanding: A compressed file cannot be unpacked, or is cut off.
    """
    rest = b""
    for chunk in _unpacked(path) if path.name.endswith(PACKED) else _chunks(path):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line + b"\n" for line in lines)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _unpacked(path: Path) -> Iterator[bytes]:
    unpacking = zstandard.ZstdDecompressor().decompressobj()
    try:
        yield from (unpacking.decompress(chunk) for chunk in _chunks(path))
    except zstandard.ZstdError as error:
        raise CorruptLanding(path, None, f"cannot be unpacked ({error})") from error
    if not unpacking.eof:  # a cut file unpacks without an error, to fewer pages
        raise CorruptLanding(path, None, "is cut off")


def envelopes(path: Path) -> Iterator[Envelope]:
    """The pages of a landed file, in the order they came.

    Raises:
        CorruptLanding: A whole line is none of ours.
    """
    for number, line in enumerate(whole_lines(path), start=1):
        try:
            yield Envelope.read(line)
        except (ValueError, KeyError, TypeError) as error:
            raise CorruptLanding(path, number, f"is not a landed page ({error})") from error


def write_whole(file: Path, text: str) -> None:
    """Make a small file say this; a reader, or a crash, sees the old text or the new one and never a part."""
    if file.exists() and file.read_text() == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    unfinished.write_text(text)
    unfinished.replace(file)


def cut_torn_line(path: Path) -> None:
    """Remove what stands after the last newline; a file that ends with one, or is not there, stays."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)


def sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_free(file: Path) -> bool:
    """Whether nobody holds a lease on this file; one that is gone was let go."""
    if not file.exists():
        return True
    with file.open("r+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def lease(file: Path) -> Iterator[None]:
    """Be the only one, in any process, who holds this file; waits while another does.

    The kernel lets go when the process ends, however it ends.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
