"""Landed files are read page by page, plain or compressed. A last line without its newline is left out.

A process that is killed leaves at most one such line. Any other damage is returned as a problem of its line; what is
kept of a damaged file is decided in `mending.py`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import zstandard

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.envelope import Envelope, NotALandedPage
from tt_pipeline.landing.layout import PACKED
from tt_pipeline.safe_files import printable

_CHUNK_BYTES = 1 << 16
"""Of a compressed file they become half a megabyte; reading a megabyte at once takes 40 % longer."""


class Stamp(NamedTuple):
    """Path, size and time of a file: while they are the same, the file is the one that was read."""

    path: str
    size: int
    changed_ns: int


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file now.

    Raises:
        FileNotFoundError: There is no such file.
    """
    found = path.stat()
    return Stamp(printable(str(path)), found.st_size, found.st_mtime_ns)


def whole_lines(path: Path) -> Iterator[bytes]:
    """The lines that end with a newline.

    Raises:
        CorruptLanding: A compressed file cannot be decompressed, or is cut off.
    """
    rest = b""
    for chunk in _unpacked(path) if PACKED in path.name else _chunks(path):
        first, *others = chunk.split(b"\n")
        rest += first
        for other in others:
            yield rest + b"\n"
            rest = other


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
    if not unpacking.eof:  # a file that is cut off decompresses without an error, to fewer pages
        raise CorruptLanding(path, None, "is cut off")


def readings(path: Path) -> Iterator[Envelope | CorruptLanding]:
    """The pages of a file in the order they came; in place of each page that cannot be read, what is wrong with it."""
    try:
        for number, line in enumerate(whole_lines(path), start=1):
            yield _reading(path, number, line)
    except CorruptLanding as problem:
        yield problem


def _reading(path: Path, number: int, line: bytes) -> Envelope | CorruptLanding:
    try:
        return Envelope.read(line)
    except NotALandedPage as error:
        return CorruptLanding(path, number, f"is not a landed page ({error})", later_version=error.later_version)


def envelopes(path: Path) -> Iterator[Envelope]:
    """The pages of a file in the order they came.

    Raises:
        CorruptLanding: A line is not a landed page, or the file cannot be decompressed.
    """
    for reading in readings(path):
        if isinstance(reading, CorruptLanding):
            raise reading
        yield reading
