"""The index has one row for each landed page, so that most queries need not read files.

It is a cache: a file whose size or time has changed since the index read it is read again. If SQLite cannot read the
index, it is renamed and this process stops with an error, because with an empty index it would request everything
again. The next process fills a new index from the files.
"""

import copy
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from tt_pipeline.landing import index_sql as sql
from tt_pipeline.landing.day_notes import DayNotes
from tt_pipeline.landing.entries import (
    FieldSeen,
    PageEntry,
    UnreadPage,
    WindowEntry,
    file_name,
    found_of,
    page_of,
    unread_page_of,
    window_of,
)
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.index_rows import (
    FieldTimes,
    PageKey,
    Row,
    file_row,
    found_rows,
    is_statement,
    key_of,
    page_row,
)
from tt_pipeline.landing.layout import dataset_name
from tt_pipeline.landing.location import LandedFile
from tt_pipeline.landing.reading import Stamp
from tt_pipeline.landing.records import PageContents, VideoFacts, contents_of
from tt_pipeline.landing.unreadable import Unreadable
from tt_pipeline.safe_files import original_name
from tt_pipeline.sqlite_file import SqliteFile
from tt_pipeline.vocabulary import Dataset, StopReason, Username, VideoId


class Index:
    """The SQLite file in a landing folder.

    Attributes:
        unreadable: Files and folders that could not be read when the index was last brought up to date.
        day_notes: What is known of the comments and profiles of days without reading their pages.
        bought_twice_here: What this object has added to `pages_bought_twice`; that one reads the whole index.
    """

    unreadable: tuple[Unreadable, ...] = ()
    bought_twice_here: int = 0

    def __init__(self, file: Path) -> None:
        """Open the file, or create it."""
        self._root, self._which = file.parent, sql.EVERYTHING
        # Rows that a power cut takes are read from the files again.
        self._file = SqliteFile(file, schema=sql.SCHEMA, version=sql.VERSION, upgrade=sql.UPGRADE, synchronous="off")
        self.day_notes = DayNotes(self._file)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def of_studies(self) -> "Index":
        """A view of the same index without the files of one-off collections: their windows, looks and videos."""
        return self._showing(sql.OF_STUDIES)

    def of_once(self) -> "Index":
        """A view of the same index with the files of one-off collections alone."""
        return self._showing(sql.OF_ONCE)

    def _showing(self, which: str) -> "Index":
        view = copy.copy(self)
        view._which = which  # noqa: SLF001 — a copy of ourselves
        return view

    def known_stamps(self) -> dict[str, Stamp]:
        """The stamp that each load's file had when the index read it."""
        rows = self._read("select load_id, path, bytes, changed_ns from files")
        return {load_id: Stamp(*stamp) for load_id, *stamp in rows}

    def add_page(self, load_id: str, line: int, stamp: Stamp, envelope: Envelope) -> None:
        """Add the page that was just appended to a file."""
        with self._file.writing():
            if line == 1:
                self._forget(load_id)
            twice = self._bought_twice_with(load_id, envelope)
            file, seen = self._add_file(load_id, stamp, line, file_row(envelope)), FieldTimes()
            self._add_page(file, line, envelope, seen)
            self._db.executemany(sql.ADD_FIELD, seen.rows())
        self.bought_twice_here += twice

    def replace_file(self, load_id: str, stamp: Stamp, pages: Iterable[Envelope]) -> int:
        """Replace the rows of a file by those of these pages; returns how many pages there are."""
        with self._file.writing():
            return self._replace(load_id, stamp, pages)

    def moved(self, load_id: str, stamp: Stamp, pages: Iterable[Envelope]) -> None:
        """Store the new path of a file; its pages are read only if another process has deleted their rows."""
        update = "update files set path = ?, bytes = ?, changed_ns = ? where load_id = ?"
        with self._file.writing() as db:
            if not db.execute(update, (*stamp, load_id)).rowcount:
                self._replace(load_id, stamp, pages)

    def forget(self, load_id: str) -> None:
        """Delete the rows of a file."""
        with self._file.writing():
            self._forget(load_id)

    def vacuum(self) -> None:
        """Write the file again, so that nothing of deleted rows is left in it."""
        self._file.vacuum()

    def files(self) -> list[LandedFile]:
        """Every landed file in the order of load_ids."""
        rows = self._read(sql.FILES.format(which=self._which))
        return [
            LandedFile(root=self._root, name=file_name(load_id, path), lines=lines, dataset=Dataset(dataset))
            for load_id, path, lines, dataset in rows
        ]

    def number_of_files(self) -> int:
        """How many landed files there are."""
        return int(self._read("select count(*) from files")[0][0])

    def requests_on(self, day: date) -> dict[Dataset, int]:
        """How many requests a UTC day answered, at least: pages that came on it, by dataset."""
        following = day + timedelta(days=1)
        rows = self._read(sql.REQUESTS_ON, day.isoformat(), following.isoformat())
        return {Dataset(dataset): int(pages) for dataset, pages in rows}

    def page_keys(self, load_id: str) -> list[PageKey]:
        """The pages that a file had when the index last read it, in the order of lines."""
        return [PageKey(*row) for row in self._read(sql.PAGE_KEYS, load_id)]

    def windows(
        self, fingerprint: str = "", first_day: date = date.min, last_day: date = date.max
    ) -> list[WindowEntry]:
        """Every look at every window; or of one query, at the windows that overlap these days."""
        days = (last_day.toordinal(), first_day.toordinal())
        grouped: dict[str, list[tuple[Any, ...]]] = {}
        for row in self._read(sql.WINDOWS.format(which=self._which), fingerprint, fingerprint, *days):
            grouped.setdefault(row[0], []).append(row)
        return [window_of(self._root, rows) for rows in grouped.values()]

    def looks(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> Iterator[PageEntry]:
        """Every look at every subject of these days; the looks at a subject follow each other."""
        query = sql.SUBJECTS.format(which=self._which)
        return _looks(self._read(query, dataset.value, first_day.toordinal(), last_day.toordinal()))

    def subjects(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> dict[str, PageEntry]:
        """The latest look at each subject of these days: a video's comments, a creator's profile, a list."""
        return {look.subject: look for look in self.looks(dataset, first_day, last_day)}

    def some_subjects(self, dataset: Dataset, subjects: Collection[str]) -> dict[str, PageEntry]:
        """The latest look at each of these subjects, of any day."""
        rows = self._read(sql.SOME_SUBJECTS.format(which=self._which), dataset.value, json.dumps(list(subjects)))
        return {look.subject: look for look in _looks(rows)}

    def last_look(self, dataset: Dataset, subject: str) -> int:
        """The highest number of a look at a subject, also of one-off looks; 0 before the first."""
        return int(self._read(sql.LAST_LOOK, dataset.value, subject)[0][0])

    def found_videos(self, fingerprints: Collection[str], first_day: date, last_day: date) -> list[VideoFacts]:
        """Every video that these queries found on these days, once; videos outside their window are left out."""
        query, values = self._about_found(sql.FOUND, fingerprints, first_day, last_day)
        with self._file.reading() as db:  # row by row: the rows of 3.65 million videos took 1.2 GB beside them
            return [found_of(*row) for row in db.execute(query, values)]

    def found_by(self, fingerprints: Collection[str], first_day: date, last_day: date) -> dict[VideoId, set[str]]:
        """Which of these queries found each video on these days."""
        query, values = self._about_found(sql.FOUND_BY, fingerprints, first_day, last_day)
        found: dict[VideoId, set[str]] = {}
        with self._file.reading() as db:
            for video_id, fingerprint in db.execute(query, values):
                found.setdefault(VideoId(video_id), set()).add(fingerprint)
        return found

    def _about_found(
        self, query: str, fingerprints: Collection[str], first_day: date, last_day: date
    ) -> tuple[str, dict[str, Any]]:
        """A query about found videos, and its values."""
        queries = {f"query_{number}": each for number, each in enumerate(fingerprints)}
        names = ", ".join(f":{name}" for name in queries)
        days = {"first_day": first_day.toordinal(), "last_day": last_day.toordinal()}
        return query.format(fingerprints=names, which=self._which), {**queries, **days}

    def known_playlists(self, fingerprints: Collection[str]) -> list[tuple[Username, int]]:
        """Playlists of the videos that these queries found, each with the account that posted the video."""
        query = sql.PLAYLISTS.format(fingerprints=", ".join("?" * len(fingerprints)), which=self._which)
        return [(Username(username), playlist_id) for username, playlist_id in self._read(query, *fingerprints)]

    def replace_unread(self, pages: Iterable[tuple[str, datetime, str | None, int, str]]) -> None:
        """Replace the list of pages that the warehouse could not read.

        Args:
            pages: load_id, fetched_at, log_id, how many records are missing, and the reason.
        """
        with self._file.writing() as db:
            wanted: dict[tuple[int, int], Row] = {}
            for load_id, fetched_at, log_id, records, reason in pages:
                page = {"load_id": load_id, "fetched_at": fetched_at.astimezone(UTC).isoformat(), "log_id": log_id}
                for row in db.execute(sql.UNREAD_ROWS, page | {"records": records, "reason": reason}).fetchall():
                    wanted.setdefault(row[:2], row)
            # A row that stays is not written again, because that would delete the notes on its day.
            present, new = set(db.execute(sql.PRESENT_UNREAD).fetchall()), set(wanted.values())
            db.executemany("delete from unread where file = ? and line = ?", [row[:2] for row in present - new])
            db.executemany("insert into unread values (?, ?, ?, ?, ?)", new - present)

    def unread(self) -> list[UnreadPage]:
        """Pages that the warehouse could not read at its last load."""
        return [unread_page_of(self._root, row) for row in self._read(sql.UNREAD)]

    def fields(self) -> list[FieldSeen]:
        """Every JSON key that records had."""
        return [
            FieldSeen(
                dataset=Dataset(dataset),
                field=field,
                first_at=datetime.fromisoformat(first_at),
                last_at=datetime.fromisoformat(last_at),
            )
            for dataset, field, first_at, last_at in self._read("select * from fields order by dataset, field")
        ]

    def pages_bought_twice(self) -> int:
        """Pages requested more than once within one look, or dropped because a narrower window replaced theirs."""
        return int(self._read(sql.BOUGHT_TWICE)[0][0]) + int(self._read(sql.GIVEN_UP)[0][0])

    def _read(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._file.reading() as db:
            return db.execute(sql, values).fetchall()

    @property
    def _db(self) -> sqlite3.Connection:
        return self._file.connection

    def _replace(self, load_id: str, stamp: Stamp, pages: Iterable[Envelope]) -> int:
        file = line = 0
        seen = FieldTimes()
        self._forget(load_id)
        for line, envelope in enumerate(pages, start=1):
            file = file or self._add_file(load_id, stamp, line, file_row(envelope))
            self._add_page(file, line, envelope, seen)
        self._db.executemany(sql.ADD_FIELD, seen.rows())
        if line:
            self._db.execute("update files set lines = ? where file = ?", (line, file))
        elif original_name(load_id) != load_id:  # its row says that no page of the damaged file was kept
            self._add_file(load_id, stamp, 0, (dataset_name(load_id), None, None, 0, 0, 0))
        return line

    def _bought_twice_with(self, load_id: str, envelope: Envelope) -> int:
        """How many more pages are requested twice with this one: itself, or all of a window that it splits."""
        if envelope.ends is StopReason.SPLIT:
            own = 0 if is_statement(envelope) else 1
            return int(self._db.execute(sql.REQUESTED_PAGES, (load_id,)).fetchone()[0]) + own
        key = key_of(envelope)
        page = {
            "dataset": envelope.dataset,
            "search": envelope.search,
            "fingerprint": envelope.fingerprint,
            "subject": key.subject,
            "look": key.look,
            "asked": key.request,
            "window_from": envelope.window_from.toordinal(),
            "window_to": envelope.window_to.toordinal(),
        }
        is_there = sql.IS_THERE_OF_WINDOW if key.subject is None else sql.IS_THERE_OF_SUBJECT
        used = {name: value for name, value in page.items() if f":{name}" in is_there}
        return len(self._db.execute(is_there, used).fetchall())

    def _forget(self, load_id: str) -> None:
        for delete in sql.FORGET:
            self._db.execute(delete, (load_id,))

    def _add_file(self, load_id: str, stamp: Stamp, lines: int, row: Row) -> int:
        """Store how far a file is read; returns its number."""
        self._db.execute(sql.ADD_FILE, (load_id, *stamp, lines, *row))
        ((file,),) = self._db.execute("select file from files where load_id = ?", (load_id,)).fetchall()
        return int(file)

    def _add_page(self, file: int, line: int, envelope: Envelope, seen: FieldTimes) -> None:
        # Of other datasets the first page of a file shows which keys there are: parsing each page costs half of this.
        is_read = envelope.dataset is Dataset.VIDEOS or line == 1
        fields, found = contents_of(envelope) if is_read else PageContents(set(), [])
        seen.add(envelope, fields)
        self._db.execute(sql.ADD_PAGE, page_row(file, line, envelope, found))
        ((page,),) = self._db.execute("select page from pages where file = ? and line = ?", (file, line)).fetchall()
        self._db.executemany(sql.ADD_FOUND, found_rows(page, found))


def _looks(rows: list[tuple[Any, ...]]) -> Iterator[PageEntry]:
    """Looks at subjects, from rows in the order of the queries."""
    for _, pages in groupby(rows, key=itemgetter(0, 1)):
        yield page_of(list(pages))
