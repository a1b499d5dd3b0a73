"""Copies the landing folder, also while pages are added to it, and back.

A copy of a file that grows ends at a whole line. A file that has not changed since it was copied is not read again.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from tt_pipeline.landing.identity import IDENTITY
from tt_pipeline.landing.layout import PLAIN, name_of
from tt_pipeline.landing.listing import landed_path, listing
from tt_pipeline.safe_files import sync_folder

_CHUNK_BYTES: Final = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFile:
    """A file that was copied.

    Attributes:
        size: Bytes that were copied.
        sha256: Of these bytes.
        changed_ns: When the original was last changed, in nanoseconds of Unix time.
    """

    size: int
    sha256: str
    changed_ns: int


def copy_landing(root: Path, to: Path, known: Mapping[str, CopiedFile]) -> Iterator[tuple[str, CopiedFile, bool]]:
    """Copy every landed file, every damaged one that was kept, and the folder's identity.

    Args:
        root: The landing folder.
        to: Where the copies are, under the same names.
        known: The copies that are there already.

    Yields:
        The name of each file below the folder, its copy, and whether it was copied now.
    """
    found = listing(root)
    for path in (root / IDENTITY, *found.landed.values(), *found.damaged):
        present = _present(root, path)
        if present is None:
            continue
        name, before = name_of(root, present), known.get(name_of(root, present))
        if before is not None and _is_unchanged(present, to / name, before):
            yield name, before, False
        else:
            yield name, copy_file(present, to / name, is_growing=present.name.endswith(PLAIN)), True


def _present(root: Path, path: Path) -> Path | None:
    """The file, or the compressed one that has replaced it since the folder was listed; None if it is gone."""
    return path if path.is_file() else landed_path(root, name_of(root, path).rpartition(PLAIN)[0])


def _is_unchanged(path: Path, copy: Path, known: CopiedFile) -> bool:
    stat = path.stat()
    return (stat.st_mtime_ns, stat.st_size) == (known.changed_ns, known.size) and copy.is_file()


def copy_file(path: Path, to: Path, *, is_growing: bool = False, size: int | None = None) -> CopiedFile:
    """Copy a file; the copy has its name only when it is whole and on disk.

    Args:
        path: The original.
        to: The copy.
        is_growing: Whether a last line without its newline is left out.
        size: Copy only this number of bytes; None for all.

    Raises:
        OSError: The original cannot be read, or the copy cannot be written.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_name(f".{to.name}.copying")
    digest, written = hashlib.sha256(), 0
    try:
        with path.open("rb") as source, unfinished.open("wb") as target:
            changed_ns = os.fstat(source.fileno()).st_mtime_ns
            for chunk in (_whole_lines if is_growing else _chunks)(_limited(source, size)):
                target.write(chunk)
                digest.update(chunk)
                written += len(chunk)
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(to)
        sync_folder(to.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return CopiedFile(size=written, sha256=digest.hexdigest(), changed_ns=changed_ns)


_Read = Callable[[], bytes]


def _limited(source: BinaryIO, size: int | None) -> _Read:
    left = size

    def read() -> bytes:
        nonlocal left
        chunk = source.read(_CHUNK_BYTES if left is None else min(_CHUNK_BYTES, left))
        left = None if left is None else left - len(chunk)
        return chunk

    return read


def _chunks(read: _Read) -> Iterator[bytes]:
    return iter(read, b"")


def _whole_lines(read: _Read) -> Iterator[bytes]:
    rest = b""
    for chunk in _chunks(read):
        lines, newline, after = chunk.rpartition(b"\n")
        if newline:
            yield rest + lines + newline
            rest = after
        else:
            rest += chunk
