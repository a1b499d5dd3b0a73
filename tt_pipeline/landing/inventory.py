"""What has landed, for who only looks: nothing is made, mended, leased or waited for.

`LandingZone` brings its index up to date and sets damaged files aside; here the index is believed as far as it knows a
file as it is, and the others are read.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.entries import FileEntry
from tt_pipeline.landing.files import Stamp, landed_paths, stamp_of, whole_lines
from tt_pipeline.landing.zone import LEASE
from tt_pipeline.safe_files import is_free
from tt_pipeline.vocabulary import Dataset


def landed_files(root: Path) -> list[FileEntry]:
    """Every file, in the order of names; of one that cannot be read to its end, what is lost counts as a line."""
    known = _known(root / "index.sqlite")
    return [
        FileEntry(load_id=load_id, path=path, lines=_lines(path, known), dataset=Dataset(load_id.split("/")[0]))
        for load_id, path in sorted(landed_paths(root).items())
        if load_id.split("/")[0] in list(Dataset)
    ]


def is_being_collected(root: Path) -> bool:
    """Whether a process is at work in any folder now."""
    return not all(is_free(file) for file in root.rglob(LEASE))


def _lines(path: Path, known: Mapping[Stamp, int]) -> int:
    lines = 0
    try:
        stamp = stamp_of(path)
        if stamp in known:
            return known[stamp]
        for _ in whole_lines(path):
            lines += 1
    except (CorruptLanding, OSError):
        lines += 1
    return lines


def _known(index: Path) -> dict[Stamp, int]:
    try:
        with closing(sqlite3.connect(f"{index.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("select path, bytes, changed_ns, lines from files").fetchall()
    except (sqlite3.Error, UnicodeDecodeError):  # not begun yet, damaged, or of another version
        return {}
    return {Stamp(*stamp): lines for *stamp, lines in rows}
