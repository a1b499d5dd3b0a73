"""Files of a landing folder that is a copy: their lines, and which of them the shared landing zone does not have."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tt_pipeline.landing.known_objects import PACKED_FILE
from tt_pipeline.landing.object_store import Found
from tt_pipeline.landing.reading import whole_lines
from tt_pipeline.safe_files import replace_content, sync_folder

SEAL = b"sealed\n"
"""In place of the page after the last one; shorter than any page, so that a listing shows it by its size."""


def live(pages: Mapping[int, Found]) -> list[int]:
    """The numbers of the pages that the file has: those that are not removed."""
    sizes = {0, len(SEAL)}
    return sorted(number for number, found in pages.items() if number != PACKED_FILE and found.size not in sizes)


def next_number(pages: Mapping[int, Found]) -> int:
    """The number of the next page of an open load."""
    return max((0, *pages)) + 1


def pieces(content: bytes, known: Mapping[int, Found]) -> dict[int, bytes]:
    """What a file has of the pages that it is known to have; a page that is cut off is left out."""
    found, start = {number: b"" for number, page in known.items() if not page.size}, 0
    for number in live(known):
        piece = content[start : start + known[number].size]
        start += len(piece)
        if len(piece) == known[number].size and piece.endswith(b"\n"):
            found[number] = piece
    return found


def unsent_lines(content: bytes, known: Mapping[int, Found]) -> list[bytes]:
    """The lines of a file after the pages that it is known to have."""
    rest = content[sum(known[number].size for number in live(known)) :]
    return [line + b"\n" for line in rest.split(b"\n")[:-1]]


def divided(unsent: Sequence[bytes], beyond: Mapping[int, bytes | None]) -> tuple[list[bytes], list[bytes]]:
    """Which lines are still to be sent, and which come too late.

    Args:
        unsent: Lines that are not known to be in the shared landing zone; it may have them nevertheless.
        beyond: The pages that it has beside the known ones, by number; None for one that is removed.
    """
    place, is_ours = 0, True
    for number in sorted(beyond):
        page = beyond[number]
        is_ours = page is not None and page in unsent[place:]
        if page is not None and is_ours:
            place = unsent.index(page, place) + 1
    rest = list(unsent[place:])
    return (rest, []) if is_ours else ([], rest)


def whole(plain: Path) -> bytes:
    """What an uncompressed file has up to its last newline; nothing if there is no file."""
    try:
        content = plain.read_bytes()
    except FileNotFoundError:
        return b""
    return content[: content.rfind(b"\n") + 1]


def size_of(path: Path) -> int | None:
    """The size of a file in bytes; None if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def whole_size(plain: Path) -> int | None:
    """The size of an uncompressed file in bytes; -1 if it does not end with a newline, None if there is no file."""
    try:
        with plain.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            return size if not size or file.read(1) == b"\n" else -1
    except FileNotFoundError:
        return None


def append(plain: Path, content: bytes) -> None:
    """Add whole lines to a file; they survive a power cut."""
    with plain.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def cut_off(plain: Path, size: int) -> None:
    """Remove the last bytes of a file."""
    os.truncate(plain, max(0, plain.stat().st_size - size))


def write_content(path: Path, content: bytes) -> None:
    """Write a file as a whole: whoever is killed meanwhile leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_content(path, content, doing="pulling")


def unpack(packed: Path, plain: Path) -> None:
    """Replace a compressed file by a plain one; one that is there already is complete.

    Raises:
        CorruptLanding: The compressed file cannot be decompressed.
    """
    if not plain.is_file():
        write_content(plain, b"".join(whole_lines(packed)))
    remove(packed)


def remove(*paths: Path) -> None:
    """Delete files that need not exist."""
    for path in paths:
        if path.is_file():
            path.unlink()
            sync_folder(path.parent)
