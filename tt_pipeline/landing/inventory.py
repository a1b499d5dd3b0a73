"""Lists the landed files for commands that only read: it creates, changes and locks nothing, and does not wait.

`LandingZone` updates its index and renames damaged files. The inventory uses the index as it is found, for the files
that have not changed since, and reads the others.
"""

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.layout import (
    LEASE,
    PACKED,
    PLAIN,
    dataset_name,
    landed_path,
    landed_paths,
    name_of,
)
from tt_pipeline.landing.location import LandedFile, Location
from tt_pipeline.landing.reading import stamp_of, whole_lines
from tt_pipeline.safe_files import is_free
from tt_pipeline.vocabulary import Dataset

_KEPT_DAMAGED = re.compile(r"\.(damaged|newer)-\d{8}T\d{12}Z$")


class Inventory:
    """The files of a landing folder, which need not exist."""

    def __init__(self, root: Path) -> None:
        """Nothing is read before a method is called."""
        self._root = root

    def locations(self) -> list[Location]:
        """Every landed file."""
        return [self._location(path) for path in landed_paths(self._root).values()]

    def files(self) -> list[LandedFile]:
        """Every landed file of a known dataset in the order of load_ids, with the lines that can be read."""
        known = _known(self._root)
        return [
            LandedFile(
                root=self._root,
                name=name_of(self._root, path),
                dataset=Dataset(dataset_name(load_id)),
                lines=_lines(load_id, path, known),
            )
            for load_id, path in sorted(landed_paths(self._root).items())
            if dataset_name(load_id) in list(Dataset)
        ]

    def changed(self) -> list[Location]:
        """Files that have changed since the index read them or that it does not know; also those that are gone."""
        known = _known(self._root)
        found = [
            self._location(path)
            for load_id, path in landed_paths(self._root).items()
            if _known_lines(load_id, path, known) is None
        ]
        gone = (load_id for load_id in known if landed_path(self._root, load_id) is None)
        return [*found, *(Location(root=self._root, name=f"{load_id}{PLAIN}") for load_id in gone)]

    def damaged(self) -> list[Location]:
        """Damaged files, each renamed to `….damaged-<instant>` or `….newer-<instant>` when that was found."""
        return [location for location in self.not_landed() if _KEPT_DAMAGED.search(location.name)]

    def not_landed(self) -> list[Location]:
        """Files beside the landed ones that nothing reads: the damaged ones, and copies that somebody made."""
        named = (path for path in sorted(self._root.rglob(f"*{PLAIN}*")) if not path.name.startswith("."))
        return [self._location(path) for path in named if path.is_file() and not path.name.endswith((PLAIN, PACKED))]

    def is_being_collected(self) -> bool:
        """Whether a process is collecting into any folder now."""
        return not all(is_free(file) for file in self._root.rglob(LEASE))

    def _location(self, path: Path) -> Location:
        return Location(root=self._root, name=name_of(self._root, path))


class _Known(NamedTuple):
    """A file when the index read it."""

    size: int
    changed_ns: int
    lines: int


def _lines(load_id: str, path: Path, known: Mapping[str, _Known]) -> int:
    if (lines := _known_lines(load_id, path, known)) is not None:
        return lines
    lines = 0
    try:
        for _ in whole_lines(path):
            lines += 1
    except (CorruptLanding, OSError):
        pass  # `Location.problems` says why
    return lines


def _known_lines(load_id: str, path: Path, known: Mapping[str, _Known]) -> int | None:
    """Lines of a file that has not changed since the index read it; the data dir may have been moved meanwhile."""
    try:
        found = stamp_of(path)
    except OSError:
        return None
    file = known.get(load_id)
    return file.lines if file and (file.size, file.changed_ns) == (found.size, found.changed_ns) else None


def _known(root: Path) -> dict[str, _Known]:
    index = root / "index.sqlite"
    try:
        with closing(sqlite3.connect(f"{index.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("select load_id, bytes, changed_ns, lines from files").fetchall()
    except (sqlite3.Error, UnicodeDecodeError):  # there is none yet, or it is damaged, or of another version
        return {}
    return {load_id: _Known(*file) for load_id, *file in rows}
