"""Which objects of the shared landing zone the files of this machine contain, and in which version.

It is a cache. Where it is missing, files and objects are compared byte by byte; a page that only the files have is sent
to the shared landing zone.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tt_pipeline.landing.object_store import Found
from tt_pipeline.sqlite_file import SqliteFile

_VERSION: Final = 1
_SCHEMA: Final = """
create table if not exists objects (
  load_id text not null,
  number integer not null,
  etag text not null,
  size integer not null,
  primary key (load_id, number)
) without rowid;
"""
PACKED_FILE: Final = -1
"""In place of the number of a page: the compressed file of a load."""


class KnownObjects:
    """The table in `shared.sqlite` of a landing folder."""

    def __init__(self, root: Path) -> None:
        """Open the file, or create it."""
        self._file = SqliteFile(root / "shared.sqlite", schema=_SCHEMA, version=_VERSION, synchronous="normal")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def every(self) -> dict[str, dict[int, Found]]:
        """The objects of every load, by their number."""
        found: dict[str, dict[int, Found]] = {}
        with self._file.reading() as db:
            for load_id, number, etag, size in db.execute("select * from objects"):
                found.setdefault(load_id, {})[number] = Found(etag, size)
        return found

    def of(self, load_id: str) -> dict[int, Found]:
        """The objects of a load, by their number: that of a page, from 1, or `PACKED_FILE`."""
        query = "select number, etag, size from objects where load_id = ? order by number"
        with self._file.reading() as db:
            return {number: Found(etag, size) for number, etag, size in db.execute(query, (load_id,))}

    def add(self, load_id: str, number: int, found: Found) -> None:
        """Note that the file of a load contains an object."""
        with self._file.writing() as db:
            db.execute("insert or replace into objects values (?, ?, ?, ?)", (load_id, number, *found))

    def replace(self, load_id: str, objects: Mapping[int, Found]) -> None:
        """Note that the file of a load contains these objects and nothing else."""
        rows = [(load_id, number, *found) for number, found in objects.items()]
        with self._file.writing() as db:
            db.execute("delete from objects where load_id = ?", (load_id,))
            db.executemany("insert into objects values (?, ?, ?, ?)", rows)

    def forget(self, load_id: str = "") -> None:
        """Note nothing of a load, because its file is about to change; of all loads without one."""
        with self._file.writing() as db:
            db.execute("delete from objects where load_id = ? or ? = ''", (load_id, load_id))
