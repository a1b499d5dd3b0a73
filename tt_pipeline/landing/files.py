"""Landed files: appended line by line, each durable before the next request, compressed when whole.

A process that dies leaves at most one torn line at the end; readers ignore it, the next writer cuts it. Any other
damage is told line by line by `readings`; what becomes of such a file is decided in `mending.py`.
"""

import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import zstandard

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.envelope import Envelope, NotALandedPage
from tt_pipeline.safe_files import set_aside, storing, sync_folder

PLAIN = ".ndjson"
PACKED = ".ndjson.zst"
_CHUNK_BYTES = 1 << 20


class Stamp(NamedTuple):
    """What tells that a file is still the one that was read."""

    path: str
    size: int
    changed_ns: int


def stamp_of(path: Path) -> Stamp:
    """How a file looks now.

    Raises:
        FileNotFoundError: There is none.
    """
    found = path.stat()
    return Stamp(str(path), found.st_size, found.st_mtime_ns)


class OpenLoad:
    """The file of one load: a window's look, or a run's comments or users of a day; made by its first page."""

    def __init__(self, root: Path, load_id: str) -> None:
        """Get ready to append; a torn last line is cut.

        Args:
            root: The landing folder.
            load_id: The file's path below it, without suffix.
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
        """Add a page; when this returns it survives a power cut.

        Raises:
            StorageFailed: The disk is full, or the folder cannot be written; nothing was added.
        """
        with storing("Keeping an answer", self.path):
            file = self._file = self._file or self._open()
            _add_whole(file, envelope.line())
        return stamp_of(self.path)

    def pack(self) -> Path | None:
        """Compress the whole file in place of the plain one; None when no page ever came.

        Raises:
            StorageFailed: The disk is full, or the folder cannot be written; the plain one is left.
        """
        self._close()
        with storing("Packing", self.path):
            return pack(self.path) if self.path.exists() else None

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
    """Append and sync a line; where that fails the file ends where it did: another thread may have more luck."""
    before, rest = os.fstat(file.fileno()).st_size, memoryview(line)
    try:
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())
    except OSError:
        os.ftruncate(file.fileno(), before)
        raise


def pack(plain: Path) -> Path:
    """Write `x.ndjson.zst` beside `x.ndjson`, then remove the plain one; dying meanwhile loses nothing."""
    packed = plain.with_name(f"{plain.name}.zst")
    unfinished = packed.with_name(f".{packed.name}.tmp")
    with plain.open("rb") as source, unfinished.open("wb") as target:
        zstandard.ZstdCompressor(level=3, write_checksum=True).copy_stream(source, target)
        target.flush()
        os.fsync(target.fileno())
    if packed.exists() and packed.read_bytes() != unfinished.read_bytes():
        set_aside(packed, "damaged")  # else a process died between the next two steps
    unfinished.replace(packed)
    sync_folder(packed.parent)
    plain.unlink()
    return packed


def load_id_of(root: Path, path: Path) -> str:
    """The load's name: the path below the landing folder without suffix."""
    return path.relative_to(root).as_posix().removesuffix(".zst").removesuffix(PLAIN)


def landed_paths(root: Path) -> dict[str, Path]:
    """Every load and its file; where both forms lie the plain one is whole and wins."""
    plain = plain_paths(root)
    # Listed last: a file that is packed meanwhile is then in both lists instead of in neither.
    packed = sorted(path for path in root.rglob(f"*{PACKED}") if not path.name.startswith("."))
    return {load_id_of(root, path): path for path in [*packed, *plain]}


def landed_path(root: Path, load_id: str) -> Path | None:
    """The file of a load; None when there is none."""
    plain, packed = root / f"{load_id}{PLAIN}", root / f"{load_id}{PACKED}"
    # The plain one first: it goes only when the packed one is there.
    return next((path for path in (plain, packed) if path.exists()), None)


def plain_paths(folder: Path) -> list[Path]:
    """The files below a folder that are not packed."""
    return sorted(path for path in folder.rglob(f"*{PLAIN}") if not path.name.startswith("."))


def whole_lines(path: Path) -> Iterator[bytes]:
    """The lines that end; a torn one is left out.

    Raises:
        CorruptLanding: A compressed file cannot be unpacked, or is cut off.
    """
    rest = b""
    for chunk in _unpacked(path) if PACKED in path.name else _chunks(path):
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


def readings(path: Path) -> Iterator[Envelope | CorruptLanding]:
    """The pages of a landed file in the order they came; where one cannot be read, what is wrong with it."""
    try:
        for number, line in enumerate(whole_lines(path), start=1):
            yield _reading(path, number, line)
    except CorruptLanding as problem:
        yield problem


def _reading(path: Path, number: int, line: bytes) -> Envelope | CorruptLanding:
    try:
        return Envelope.read(line)
    except NotALandedPage as error:
        return CorruptLanding(path, number, f"is not a landed page ({error})", is_newer=error.is_newer)


def envelopes(path: Path) -> Iterator[Envelope]:
    """The pages of a landed file, in the order they came.

    Raises:
        CorruptLanding: A whole line is none of ours, or the file cannot be unpacked.
    """
    for reading in readings(path):
        if isinstance(reading, CorruptLanding):
            raise reading
        yield reading


def cut_torn_line(path: Path) -> None:
    """Remove what stands after the last newline; a file that ends with one, or is not there, stays."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
