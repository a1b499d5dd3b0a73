"""Lists the landed files for commands that only read: it creates, changes and locks nothing, and does not wait.

`LandingZone` updates its index and renames damaged files. The inventory uses the index as it is found, for the files
that have not changed since, and reads the others.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tt_pipeline.errors import CorruptLanding
from tt_pipeline.landing.identity import known_identity
from tt_pipeline.landing.index_sql import REQUESTS_ON
from tt_pipeline.landing.layout import LEASE, PLAIN, dataset_name, name_of
from tt_pipeline.landing.listing import landed_path, listing, shown
from tt_pipeline.landing.location import LandedFile, Location
from tt_pipeline.landing.reading import stamp_of, whole_lines
from tt_pipeline.safe_files import is_free
from tt_pipeline.vocabulary import Dataset


class Inventory:
    """The files of a landing folder, which need not exist."""

    def __init__(self, root: Path) -> None:
        """Nothing is read before a method is called."""
        self._root = root

    def locations(self) -> list[Location]:
        """Every landed file."""
        return [self._location(path) for path in listing(self._root).landed.values()]

    def locations_of(self, dataset: Dataset) -> list[Location]:
        """The landed files of a dataset; those of others are not even listed."""
        found = listing(self._root, start=self._root / dataset).landed
        return [self._location(path) for path in found.values()]

    def files(self) -> list[LandedFile]:
        """Every landed file in the order of load_ids, with the number of lines that can be read."""
        known = _known(self._root)
        return [
            LandedFile(
                root=self._root,
                name=name_of(self._root, path),
                dataset=Dataset(dataset_name(load_id)),
                lines=_lines(load_id, path, known),
            )
            for load_id, path in listing(self._root).landed.items()
        ]

    def changed(self) -> list[Location]:
        """Files that have changed since the index read them or that it does not know; also those that are gone."""
        known = _known(self._root)
        found = [
            self._location(path)
            for load_id, path in listing(self._root).landed.items()
            if _known_lines(load_id, path, known) is None
        ]
        gone = (load_id for load_id in known if landed_path(self._root, load_id) is None)
        return [*found, *(Location(root=self._root, name=f"{load_id}{PLAIN}") for load_id in gone)]

    def changed_since(self, instant: datetime) -> list[Location]:
        """Files that were written since an instant of the machine's clock."""
        since = instant.timestamp() * 1e9
        landed = listing(self._root).landed.values()
        return [self._location(path) for path in landed if _changed_ns(path) > since]

    def damaged(self) -> list[Location]:
        """Damaged files, each renamed to `….damaged-<instant>` when that was found."""
        return [self._location(path) for path in listing(self._root).damaged]

    def left_out(self) -> dict[str, str]:
        """Why each other file is not read, by its name: copies that somebody made, folders, links, odd names."""
        return {shown(self._root, path): problem for path, problem in listing(self._root).left_out.items()}

    def closed(self) -> dict[str, str]:
        """Folders that cannot be read, and the reason."""
        return {shown(self._root, path): problem for path, problem in listing(self._root).closed.items()}

    def identity(self) -> str | None:
        """The name of the folder; None while it has none."""
        return known_identity(self._root)

    def requests_on(self, day: date) -> dict[Dataset, int]:
        """How many requests a UTC day answered, at least, as far as the index knows; by dataset."""
        rows = _select(self._root, REQUESTS_ON, day.isoformat(), (day + timedelta(days=1)).isoformat())
        return {Dataset(dataset): int(pages) for dataset, pages in rows}

    def is_being_collected(self) -> bool:
        """Whether a process is collecting into any folder now."""
        return not all(is_free(file) for file in self._root.rglob(LEASE) if file.is_file())

    def _location(self, path: Path) -> Location:
        return Location(root=self._root, name=name_of(self._root, path))


def _changed_ns(path: Path) -> int:
    try:
        return stamp_of(path).changed_ns
    except OSError:
        return 0


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
    rows = _select(root, "select load_id, bytes, changed_ns, lines from files")
    return {load_id: _Known(*file) for load_id, *file in rows}


def _select(root: Path, query: str, *values: str) -> list[tuple[Any, ...]]:
    """Rows of the index; none if there is no index yet, or if it is damaged or of another version."""
    index = root / "index.sqlite"
    try:
        with closing(sqlite3.connect(f"{index.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()
    except (sqlite3.Error, UnicodeDecodeError):
        return []
