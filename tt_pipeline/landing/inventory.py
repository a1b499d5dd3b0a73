"""What has landed, for who only looks: nothing is made, mended, leased or waited for.

`LandingZone` brings its index up to date and sets damaged files aside; here the index is believed as far as it knows a
file as it is, and the others are read.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.entries import FileEntry
from tt_pipeline.landing.layout import LEASE, PLAIN, landed_path, landed_paths
from tt_pipeline.landing.reading import readings, stamp_of, whole_lines
from tt_pipeline.safe_files import is_free
from tt_pipeline.vocabulary import Dataset


class _Seen(NamedTuple):
    """A file when the index read it."""

    size: int
    changed_ns: int
    lines: int


def landed_files(root: Path) -> list[FileEntry]:
    """Every file, in the order of names, with the whole lines of it that can be read."""
    known = _known(root)
    return [
        FileEntry(load_id=load_id, path=path, lines=_lines(load_id, path, known), dataset=Dataset(_dataset(load_id)))
        for load_id, path in sorted(landed_paths(root).items())
        if _dataset(load_id) in list(Dataset)
    ]


def unknown_paths(root: Path) -> list[Path]:
    """Files that are not as the index knows them, also those that are gone."""
    known = _known(root)
    found = [path for load_id, path in landed_paths(root).items() if _known_lines(load_id, path, known) is None]
    return [*found, *(root / f"{load_id}{PLAIN}" for load_id in known if landed_path(root, load_id) is None)]


def problems_in(path: Path) -> Iterator[CorruptLanding]:
    """What is wrong with each line of a landed file, read from its first byte to its last."""
    try:
        yield from (reading for reading in readings(path) if isinstance(reading, CorruptLanding))
    except FileNotFoundError:
        yield CorruptLanding(path, None, "is gone")
    except OSError as error:
        yield CorruptLanding(path, None, f"cannot be read ({error.strerror})")


def is_being_collected(root: Path) -> bool:
    """Whether a process is at work in any folder now."""
    return not all(is_free(file) for file in root.rglob(LEASE))


def _dataset(load_id: str) -> str:
    return load_id.split("/", maxsplit=1)[0]


def _lines(load_id: str, path: Path, known: Mapping[str, _Seen]) -> int:
    if (lines := _known_lines(load_id, path, known)) is not None:
        return lines
    lines = 0
    try:
        for _ in whole_lines(path):
            lines += 1
    except (CorruptLanding, OSError):
        pass  # `problems_in` tells
    return lines


def _known_lines(load_id: str, path: Path, known: Mapping[str, _Seen]) -> int | None:
    """Lines of a file that is as the index saw it, wherever the data dir lay then."""
    try:
        found = stamp_of(path)
    except OSError:
        return None
    seen = known.get(load_id)
    return seen.lines if seen and (seen.size, seen.changed_ns) == (found.size, found.changed_ns) else None


def _known(root: Path) -> dict[str, _Seen]:
    index = root / "index.sqlite"
    try:
        with closing(sqlite3.connect(f"{index.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("select load_id, bytes, changed_ns, lines from files").fetchall()
    except (sqlite3.Error, UnicodeDecodeError):  # not begun yet, damaged, or of another version
        return {}
    return {load_id: _Seen(*seen) for load_id, *seen in rows}
