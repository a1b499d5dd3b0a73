"""The index: one row a landed page, so that questions about the landing zone need no reading of files.

It is a cache. Whatever it says can be rebuilt from the files, and is, whenever a file's size or time is not the one it
knows. When it cannot be read any more it is set aside, and this process asks it nothing further: an empty index would
say that nothing has landed yet, and everything would be bought again. The next opening fills a new one.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from tt_pipeline.landing import index_sql as sql
from tt_pipeline.landing.entries import (
    FieldSeen,
    FileEntry,
    PageEntry,
    UnreadPage,
    WindowEntry,
    found_of,
    page_of,
    playlist_subject,
    unread_page_of,
    window_of,
)
from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.reading import Stamp
from tt_pipeline.landing.records import VideoFacts, data_of, fields_in, videos_in, whole
from tt_pipeline.safe_files import original_name
from tt_pipeline.sqlite_file import SqliteFile
from tt_pipeline.vocabulary import Dataset, Username, VideoId


class PageKey(NamedTuple):
    """What tells the pages of a landed file apart.

    Attributes:
        subject: Of a playlist both its account and its id.
    """

    subject: str | None
    look: int
    asked: str
    fetched_at: str


def key_of(envelope: Envelope) -> PageKey:
    """The key of a page."""
    fetched_at = envelope.fetched_at.astimezone(UTC).isoformat()
    return PageKey(_subject(envelope), envelope.look, _asked(envelope), fetched_at)


class Index:
    """The SQLite file over a landing folder."""

    def __init__(self, file: Path) -> None:
        """Open the file, or make it."""
        # What a power cut takes is read from the files again.
        self._file = SqliteFile(file, schema=sql.SCHEMA, version=sql.VERSION, upgrade=sql.UPGRADE, synchronous="off")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def known_stamps(self) -> dict[str, Stamp]:
        """How every load's file looked when the index read it."""
        rows = self._read("select load_id, path, bytes, changed_ns from files")
        return {load_id: Stamp(*stamp) for load_id, *stamp in rows}

    def add_page(self, entry: FileEntry, stamp: Stamp, envelope: Envelope) -> None:
        """Note a page that was just landed; it is the file's last."""
        with self._file.writing():
            if entry.lines == 1:
                self._forget(entry.load_id)
            self._add_file(entry, stamp, envelope)
            self._add_page(entry.load_id, entry.lines, envelope)

    def replace_file(self, load_id: str, stamp: Stamp, pages: Iterable[Envelope]) -> int:
        """Read a file anew, page by page; gives their number."""
        with self._file.writing():
            return self._replace(load_id, stamp, pages)

    def moved(self, load_id: str, stamp: Stamp, pages: Iterable[Envelope]) -> None:
        """Note that a file was packed; its pages are read only where another process has forgotten them."""
        update = "update files set path = ?, bytes = ?, changed_ns = ? where load_id = ?"
        with self._file.writing() as db:
            if not db.execute(update, (*stamp, load_id)).rowcount:
                self._replace(load_id, stamp, pages)

    def forget(self, load_id: str) -> None:
        """Drop a file that is gone."""
        with self._file.writing():
            self._forget(load_id)

    def files(self) -> list[FileEntry]:
        """Every landed file, in the order of names."""
        rows = self._read("select load_id, path, lines, dataset from files order by load_id")
        return [
            FileEntry(load_id=load_id, path=Path(path), lines=lines, dataset=Dataset(dataset))
            for load_id, path, lines, dataset in rows
        ]

    def page_keys(self, load_id: str) -> list[PageKey]:
        """The pages of a file as the index last read it, in the order of lines."""
        rows = self._read("select subject, look, asked, fetched_at from pages where load_id = ? order by line", load_id)
        return [PageKey(*row) for row in rows]

    def windows(self) -> list[WindowEntry]:
        """Every look at every window."""
        grouped: dict[str, list[tuple[Any, ...]]] = {}
        for row in self._read(sql.WINDOWS):
            grouped.setdefault(row[0], []).append(row)
        return [window_of(rows) for rows in grouped.values()]

    def looks(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> Iterator[PageEntry]:
        """Every look at every subject that landed under these days; a subject's looks in their order."""
        rows = self._read(sql.SUBJECTS, dataset.value, first_day.isoformat(), last_day.isoformat())
        for _, pages in groupby(rows, key=itemgetter(0, 1)):
            yield page_of(list(pages))

    def subjects(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> dict[str, PageEntry]:
        """The latest look at each video's comments, or each creator's profile, that landed under these days."""
        return {look.subject: look for look in self.looks(dataset, first_day, last_day)}

    def found_videos(self, fingerprints: Collection[str], first_day: date, last_day: date) -> list[VideoFacts]:
        """Every video that these queries found on these days, once; strays are left out."""
        query = sql.FOUND.format(fingerprints=", ".join("?" * len(fingerprints)))
        values = (*fingerprints, first_day.isoformat(), last_day.isoformat())
        with self._file.reading() as db:  # row by row: the rows of 3.65 million videos took 1.2 GB beside them
            return [found_of(*row) for row in db.execute(query, values)]

    def found_by(self, fingerprints: Collection[str], first_day: date, last_day: date) -> dict[VideoId, set[str]]:
        """Which of these queries found each video on these days."""
        query = sql.FOUND_BY.format(fingerprints=", ".join("?" * len(fingerprints)))
        found: dict[VideoId, set[str]] = {}
        for video_id, fingerprint in self._read(query, *fingerprints, first_day.isoformat(), last_day.isoformat()):
            found.setdefault(VideoId(video_id), set()).add(fingerprint)
        return found

    def known_playlists(self, fingerprints: Collection[str]) -> list[tuple[Username, int]]:
        """Playlists that videos found by these queries name, with the account that made the video."""
        query = sql.PLAYLISTS.format(fingerprints=", ".join("?" * len(fingerprints)))
        return [(Username(username), playlist_id) for username, playlist_id in self._read(query, *fingerprints)]

    def replace_unread(self, pages: Iterable[tuple[str, datetime, str | None, int, str]]) -> None:
        """Note what the warehouse says of pages it could not read, in place of what it said before.

        Args:
            pages: load_id, fetched_at, log_id, records that are missing, and why.
        """
        with self._file.writing() as db:
            db.execute("delete from unread")
            for load_id, fetched_at, log_id, records, reason in pages:
                at = fetched_at.astimezone(UTC).isoformat()
                db.execute(sql.ADD_UNREAD, (log_id, records, reason, load_id, at))

    def unread(self) -> list[UnreadPage]:
        """Pages that the warehouse could not read, as of its last load."""
        return [unread_page_of(row) for row in self._read(sql.UNREAD)]

    def fields(self) -> list[FieldSeen]:
        """Every key that records had."""
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
        """Pages that were paid for more than once within one look, or given up for narrower windows."""
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
            entry = FileEntry(load_id=load_id, path=Path(stamp.path), lines=line, dataset=envelope.dataset)
            self._add_file(entry, stamp, envelope)
            self._add_page(load_id, line, envelope)
        if not line and original_name(load_id) != load_id:  # its row says that nothing is left of the damaged one
            dataset = load_id.split("/", 1)[0]
            self._db.execute(sql.ADD_FILE, (load_id, *stamp, 0, dataset, None, None, 0, "", ""))
        return line

    def _forget(self, load_id: str) -> None:
        self._db.execute("delete from found where load_id = ?", (load_id,))
        self._db.execute("delete from pages where load_id = ?", (load_id,))
        self._db.execute("delete from unread where load_id = ?", (load_id,))
        self._db.execute("delete from files where load_id = ?", (load_id,))

    def _add_file(self, entry: FileEntry, stamp: Stamp, envelope: Envelope) -> None:
        window = (envelope.window_from.isoformat(), envelope.window_to.isoformat())
        identity = (entry.dataset.value, envelope.search, envelope.fingerprint, envelope.look, *window)
        self._db.execute(sql.ADD_FILE, (entry.load_id, *stamp, entry.lines, *identity))

    def _add_page(self, load_id: str, line: int, envelope: Envelope) -> None:
        is_video = envelope.dataset is Dataset.VIDEOS
        # Of other datasets the first page of a file is enough to see which keys there are: parsing costs half of this.
        data = data_of(envelope) if is_video or line == 1 else {}
        found = videos_in(data) if is_video else []
        key = key_of(envelope)
        self._db.executemany(sql.ADD_FIELD, [(envelope.dataset, field, key.fetched_at) for field in fields_in(data)])
        self._db.executemany(
            "insert into found values (?, ?, ?, ?, ?, ?, ?, ?)",
            [(load_id, line, *_found(video)) for video in found],
        )
        self._db.execute(
            sql.ADD_PAGE,
            (
                *(load_id, line, envelope.dataset.value, key.subject, key.look, key.fetched_at, key.asked),
                *(whole(envelope.cursor), envelope.slots, envelope.records),
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


def _asked(envelope: Envelope) -> str:
    """What tells the pages of one look apart: a restarted search asks for fewer days from cursor 0."""
    request = envelope.request
    if not request or envelope.body == "{}":  # a statement, not an answer
        return f"statement {envelope.fetched_at.isoformat()}"
    return f"{request.get('end_date', '')}:{request.get('cursor') or 0}"
