"""The index has one row for each landed page, so that most queries need not read files.

It is a cache: a file whose size or time has changed since the index read it is read again. If SQLite cannot read the
index, it is renamed and this process stops with an error, because with an empty index it would request everything
again. The next process fills a new index from the files.
"""

import copy
import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from tt_pipeline.ids import whole_number
from tt_pipeline.landing import index_sql as sql
from tt_pipeline.landing.entries import (
    FieldSeen,
    PageEntry,
    UnreadPage,
    WindowEntry,
    file_name,
    found_of,
    page_of,
    playlist_subject,
    unread_page_of,
    window_of,
)
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.layout import dataset_name
from tt_pipeline.landing.location import LandedFile
from tt_pipeline.landing.reading import Stamp
from tt_pipeline.landing.records import VideoFacts, data_of, fields_in, videos_in
from tt_pipeline.landing.unreadable import Unreadable
from tt_pipeline.safe_files import original_name, printable
from tt_pipeline.sqlite_file import SqliteFile
from tt_pipeline.vocabulary import Dataset, StopReason, Username, VideoId


class PageKey(NamedTuple):
    """The key of a page within its landed file.

    Attributes:
        subject: For a playlist its account and its id.
        request: The first page of a restarted search has another end_date, so it is another page.
    """

    subject: str | None
    look: int
    request: str
    fetched_at: str


def key_of(envelope: Envelope) -> PageKey:
    """The key of a page."""
    fetched_at = envelope.fetched_at.astimezone(UTC).isoformat()
    return PageKey(_subject(envelope), envelope.look, _request_key(envelope), fetched_at)


class Index:
    """The SQLite file in a landing folder.

    Attributes:
        unreadable: Files and folders that could not be read when the index was last brought up to date.
        bought_twice_here: What this object has added to `pages_bought_twice`; that one reads the whole index.
    """

    unreadable: tuple[Unreadable, ...] = ()
    bought_twice_here: int = 0

    def __init__(self, file: Path) -> None:
        """Open the file, or create it."""
        self._root, self._which = file.parent, sql.EVERYTHING
        # Rows that a power cut takes are read from the files again.
        self._file = SqliteFile(file, schema=sql.SCHEMA, version=sql.VERSION, upgrade=sql.UPGRADE, synchronous="off")

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
            self._add_line(load_id, line, stamp, envelope)
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
        rows = self._read("select subject, look, asked, fetched_at from pages where load_id = ? order by line", load_id)
        return [PageKey(*row) for row in rows]

    def windows(
        self, fingerprint: str = "", first_day: date = date.min, last_day: date = date.max
    ) -> list[WindowEntry]:
        """Every look at every window; or of one query, at the windows that overlap these days."""
        days = (last_day.isoformat(), first_day.isoformat())
        grouped: dict[str, list[tuple[Any, ...]]] = {}
        for row in self._read(sql.WINDOWS.format(which=self._which), fingerprint, fingerprint, *days):
            grouped.setdefault(row[0], []).append(row)
        return [window_of(self._root, rows) for rows in grouped.values()]

    def looks(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> Iterator[PageEntry]:
        """Every look at every subject of these days; the looks at a subject follow each other."""
        query = sql.SUBJECTS.format(which=self._which)
        rows = self._read(query, dataset.value, first_day.isoformat(), last_day.isoformat())
        for _, pages in groupby(rows, key=itemgetter(0, 1)):
            yield page_of(list(pages))

    def subjects(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> dict[str, PageEntry]:
        """The latest look at each subject of these days: a video's comments, a creator's profile, a list."""
        return {look.subject: look for look in self.looks(dataset, first_day, last_day)}

    def last_look(self, dataset: Dataset, subject: str) -> int:
        """The highest number of a look at a subject, also of one-off looks; 0 before the first."""
        return int(self._read(sql.LAST_LOOK, dataset.value, subject)[0][0])

    def found_videos(self, fingerprints: Collection[str], first_day: date, last_day: date) -> list[VideoFacts]:
        """Every video that these queries found on these days, once; videos outside their window are left out."""
        query = sql.FOUND.format(fingerprints=", ".join("?" * len(fingerprints)), which=self._which)
        values = (*fingerprints, first_day.isoformat(), last_day.isoformat())
        with self._file.reading() as db:  # row by row: the rows of 3.65 million videos took 1.2 GB beside them
            return [found_of(*row) for row in db.execute(query, values)]

    def found_by(self, fingerprints: Collection[str], first_day: date, last_day: date) -> dict[VideoId, set[str]]:
        """Which of these queries found each video on these days."""
        query = sql.FOUND_BY.format(fingerprints=", ".join("?" * len(fingerprints)), which=self._which)
        found: dict[VideoId, set[str]] = {}
        for video_id, fingerprint in self._read(query, *fingerprints, first_day.isoformat(), last_day.isoformat()):
            found.setdefault(VideoId(video_id), set()).add(fingerprint)
        return found

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
            db.execute("delete from unread")
            for load_id, fetched_at, log_id, records, reason in pages:
                page = {"load_id": load_id, "fetched_at": fetched_at.astimezone(UTC).isoformat(), "log_id": log_id}
                db.execute(sql.ADD_UNREAD, page | {"records": records, "reason": reason})

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

    def _read(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with self._file.reading() as db:
            return db.execute(sql, values).fetchall()

    @property
    def _db(self) -> sqlite3.Connection:
        return self._file.connection

    def _replace(self, load_id: str, stamp: Stamp, pages: Iterable[Envelope]) -> int:
        line = 0
        self._forget(load_id)
        for line, envelope in enumerate(pages, start=1):
            self._add_line(load_id, line, stamp, envelope)
        if not line and original_name(load_id) != load_id:  # its row says that no page of the damaged file was kept
            self._db.execute(sql.ADD_FILE, (load_id, *stamp, 0, dataset_name(load_id), None, None, 0, "", ""))
        return line

    def _bought_twice_with(self, load_id: str, envelope: Envelope) -> int:
        """How many more pages are requested twice with this one: itself, or all of a window that it splits."""
        if envelope.ends is StopReason.SPLIT:
            own = 0 if _is_statement(envelope) else 1
            return int(self._db.execute(sql.REQUESTED_PAGES, (load_id,)).fetchone()[0]) + own
        key = key_of(envelope)
        page = {
            "dataset": envelope.dataset,
            "search": envelope.search,
            "fingerprint": envelope.fingerprint,
            "subject": key.subject,
            "look": key.look,
            "asked": key.request,
            "window_from": envelope.window_from.isoformat(),
            "window_to": envelope.window_to.isoformat(),
        }
        is_there = sql.IS_THERE_OF_WINDOW if key.subject is None else sql.IS_THERE_OF_SUBJECT
        used = {name: value for name, value in page.items() if f":{name}" in is_there}
        return len(self._db.execute(is_there, used).fetchall())

    def _forget(self, load_id: str) -> None:
        self._db.execute("delete from found where load_id = ?", (load_id,))
        self._db.execute("delete from pages where load_id = ?", (load_id,))
        self._db.execute("delete from unread where load_id = ?", (load_id,))
        self._db.execute("delete from files where load_id = ?", (load_id,))

    def _add_line(self, load_id: str, line: int, stamp: Stamp, envelope: Envelope) -> None:
        """Add a page, and store how far its file is read."""
        window = (envelope.window_from.isoformat(), envelope.window_to.isoformat())
        identity = (envelope.dataset.value, envelope.search, envelope.fingerprint, envelope.look, *window)
        self._db.execute(sql.ADD_FILE, (load_id, *stamp, line, *identity))
        self._add_page(load_id, line, envelope)

    def _add_page(self, load_id: str, line: int, envelope: Envelope) -> None:
        is_video = envelope.dataset is Dataset.VIDEOS
        # Of other datasets the first page of a file shows which keys there are: parsing each page costs half of this.
        data = data_of(envelope) if is_video or line == 1 else {}
        found = videos_in(data) if is_video else []
        key = key_of(envelope)
        fields = {printable(field) for field in fields_in(data)}
        seen = (key.fetched_at, key.fetched_at)
        self._db.executemany(sql.ADD_FIELD, [(envelope.dataset, field, *seen) for field in fields])
        self._db.executemany(
            "insert into found values (?, ?, ?, ?, ?, ?, ?, ?)",
            [(load_id, line, *_found(video)) for video in found],
        )
        self._db.execute(
            sql.ADD_PAGE,
            (
                *(load_id, line, envelope.dataset.value, key.subject, key.look, key.fetched_at, key.request),
                *(whole_number(envelope.cursor), envelope.slots, envelope.records),
                json.dumps(Counter(video.day.isoformat() for video in found)),
                *(envelope.refusal, envelope.ends),
            ),
        )


def _found(video: VideoFacts) -> tuple[int | str | None, ...]:
    mentions = json.dumps(video.mentions) if video.mentions else None
    return video.video_id, video.day.isoformat(), video.username, video.comment_count, video.playlist_id, mentions


def _subject(envelope: Envelope) -> str | None:
    playlist_id = envelope.request.get("playlist_id") if envelope.dataset is Dataset.PLAYLISTS else None
    return playlist_subject(envelope.subject, playlist_id) if envelope.subject and playlist_id else envelope.subject


def _is_statement(envelope: Envelope) -> bool:
    """Whether tt_pipeline wrote it; every other page is an answer."""
    return not envelope.request or envelope.body == "{}"


def _request_key(envelope: Envelope) -> str:
    """The key of a request within its look: its end_date and cursor."""
    request = envelope.request
    if _is_statement(envelope):
        return f"statement {envelope.fetched_at.isoformat()}"
    return f"{request.get('end_date', '')}:{request.get('cursor') or 0}"
