"""The index: one row a landed page, so that questions about the landing zone need no reading of files.

It is a cache. Whatever it says can be rebuilt from the files, and is, whenever a file's size or time is not the one it
knows. When it cannot be read any more it is set aside, and this process asks it nothing further: an empty index would
say that nothing has landed yet, and everything would be bought again. The next opening fills a new one.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby, takewhile
from operator import itemgetter
from pathlib import Path
from sys import intern
from typing import Any

from tt_pipeline.landing.envelope import Envelope
from tt_pipeline.landing.files import Stamp
from tt_pipeline.landing.records import VideoFacts, data_of, fields_in, videos_in, whole
from tt_pipeline.safe_files import original_name
from tt_pipeline.sqlite_file import SqliteFile
from tt_pipeline.vocabulary import Dataset, Refusal, StopReason, Username, VideoId

_VERSION = 4
# No migration for a cache: it is read from the files again.
_UPGRADE = "drop table if exists files; drop table if exists pages; drop table if exists found;\
 drop table if exists unread; drop table if exists fields;"
_SCHEMA = """
create table if not exists files (
  load_id text primary key,
  path text not null,
  bytes integer not null,
  changed_ns integer not null,
  lines integer not null,
  dataset text not null,
  search text,
  fingerprint text,
  look integer not null,
  window_from text not null,
  window_to text not null
);
create table if not exists pages (
  load_id text not null,
  line integer not null,
  dataset text not null,
  subject text,
  look integer not null,
  fetched_at text not null,
  asked text not null,
  cursor integer,
  slots integer not null,
  records integer not null,
  by_day text not null,
  refusal text,
  ends text,
  primary key (load_id, line)
) without rowid;
create table if not exists found (
  load_id text not null,
  line integer not null,
  video_id integer not null,
  day text not null,
  username text,
  comment_count integer,
  playlist_id integer,
  mentions text
);
create table if not exists unread (
  load_id text not null,
  line integer not null,
  log_id text,
  records integer not null,
  reason text not null,
  primary key (load_id, line)
) without rowid;
create table if not exists fields (
  dataset text not null,
  field text not null,
  first_at text not null,
  last_at text not null,
  primary key (dataset, field)
) without rowid;
create index if not exists found_of_a_load on found (load_id);
create index if not exists pages_of_a_subject on pages (dataset, subject);
create index if not exists files_of_a_search on files (dataset, search, fingerprint);
"""

_ADD_FILE = """
insert into files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (load_id) do update
set path = excluded.path, bytes = excluded.bytes, changed_ns = excluded.changed_ns, lines = excluded.lines
"""
_ADD_PAGE = "insert or replace into pages values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_WINDOWS = """
select f.load_id, f.path, f.lines, f.search, f.fingerprint, f.look, f.window_from, f.window_to,
       p.fetched_at, p.slots, p.records, p.by_day, p.ends, coalesce(u.records, 0)
from files as f join pages as p using (load_id) left join unread as u using (load_id, line)
where f.dataset = 'videos'
order by f.load_id, p.line
"""
# Within a file the order of lines counts, not the time: a clock may be set back while comments are paged.
_SUBJECTS = """
select subject, pages.look, fetched_at, cursor, slots, pages.records, refusal, ends, coalesce(u.records, 0), window_from
from pages join files using (load_id) left join unread as u using (load_id, line)
where pages.dataset = ? and subject is not null and window_from between ? and ?
order by subject, pages.look, min(fetched_at) over (partition by subject, pages.look, load_id), load_id, line
"""
_FOUND = """
select video_id, day, username, comment_count, mentions, max(fetched_at)
from found join pages using (load_id, line) join files using (load_id)
where files.fingerprint in ({fingerprints}) and day between ? and ? and day between window_from and window_to
group by video_id order by video_id
"""
_FOUND_BY = """
select distinct video_id, fingerprint
from found join files using (load_id)
where files.fingerprint in ({fingerprints}) and day between ? and ? and day between window_from and window_to
"""
_ADD_UNREAD = """
insert or ignore into unread select load_id, line, ?, ?, ? from pages where load_id = ? and fetched_at = ?
"""
_UNREAD = """
select path, line, files.dataset, search, fingerprint, subject, window_from, window_to, fetched_at, log_id,
       unread.records, reason
from unread join pages using (load_id, line) join files using (load_id) order by load_id, line
"""
_ADD_FIELD = """
insert into fields values (?1, ?2, ?3, ?3)
on conflict (dataset, field) do update
set first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)
"""
_PLAYLISTS = """
select distinct username, playlist_id
from found join files using (load_id)
where playlist_id is not null and username is not null and fingerprint in ({fingerprints})
order by username, playlist_id
"""
_BOUGHT_TWICE = """
select coalesce(sum(bought - 1), 0) from (
  select count(*) as bought from pages join files using (load_id)
  group by pages.dataset, files.search, files.fingerprint, files.window_from, files.window_to, pages.subject,
           pages.look, asked
  having count(*) > 1
)
"""
_GIVEN_UP = """
select count(*) from pages
where asked not like 'statement%' and load_id in (select load_id from pages where ends = 'split')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A landed file, as the loader needs it."""

    load_id: str
    path: Path
    lines: int
    dataset: Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEntry:
    """One look at a window of days by one query: what its pages sum up to.

    Attributes:
        look: The n-th time that days of this window were asked for.
        by_day: Records by the UTC day of their create_time, strays outside the window too.
        unread: Records that the warehouse could not read.
        ends: Why the last page has no successor; None while the window is unfinished.
    """

    load_id: str
    path: Path
    search: str
    fingerprint: str
    look: int
    first_day: date
    last_day: date
    pages: int
    slots: int
    records: int
    by_day: dict[date, int]
    first_at: datetime
    last_at: datetime
    ends: StopReason | None
    unread: int = 0

    def covers(self, day: date) -> bool:
        """Whether the day was asked for."""
        return self.first_day <= day <= self.last_day

    @property
    def strays(self) -> int:
        """Records whose day was not asked for."""
        return sum(count for day, count in self.by_day.items() if not self.covers(day))


_day = cache(date.fromisoformat)


def _facts(
    video_id: int, day: str, username: str | None, comment_count: int | None, mentions: str | None, _: str
) -> VideoFacts:
    return VideoFacts(
        video_id=VideoId(video_id),
        day=_day(day),
        username=Username(intern(username)) if username else None,  # a creator has many videos
        comment_count=comment_count,
        mentions=tuple(map(Username, json.loads(mentions))) if mentions else (),
    )


_FAILURES = {
    StopReason.UNAVAILABLE,
    StopReason.CURSOR_MISSING,
    StopReason.CURSOR_STUCK,
    StopReason.EMPTY_PAGES,
    StopReason.TOO_MANY_PAGES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntry:
    """What is known of a subject (a video's comments, a creator's profile, an account's list) after a look.

    Attributes:
        subject: Video id or username; of a playlist both its account and its id, because each has looks of its own.
        day: On whose behalf it was asked for first: a video's day, the day of an observation; whenever pages came.
        cursor: Where the next page starts.
        failures: Times in a row that the server failed on it, up to now.
        unread: Records that the warehouse could not read.
        ends: Why nothing follows; None while pages are missing.
    """

    subject: str
    look: int
    day: date
    first_at: datetime
    last_at: datetime
    pages: int
    slots: int
    records: int
    cursor: int
    failures: int
    refusal: Refusal | None
    ends: StopReason | None
    unread: int = 0

    def is_whole_since(self, since: datetime) -> bool:
        """Whether this look was begun since then and has ended."""
        return self.ends is not None and self.first_at >= since


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage:
    """A landed page of which the warehouse could not read records."""

    path: Path
    line: int
    dataset: Dataset
    search: str | None
    fingerprint: str | None
    subject: str | None
    first_day: date
    last_day: date
    fetched_at: datetime
    log_id: str | None
    records: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSeen:
    """A key that records of a dataset had, and from when to when."""

    dataset: Dataset
    field: str
    first_at: datetime
    last_at: datetime


class Index:
    """The SQLite file over a landing folder."""

    def __init__(self, file: Path) -> None:
        """Open the file, or make it."""
        # What a power cut takes is read from the files again.
        self._file = SqliteFile(file, schema=_SCHEMA, version=_VERSION, upgrade=_UPGRADE, synchronous="off")

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
        sql = "update files set path = ?, bytes = ?, changed_ns = ? where load_id = ?"
        with self._file.writing() as db:
            if not db.execute(sql, (*stamp, load_id)).rowcount:
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

    def windows(self) -> list[WindowEntry]:
        """Every look at every window."""
        grouped: dict[str, list[tuple[Any, ...]]] = {}
        for row in self._read(_WINDOWS):
            grouped.setdefault(row[0], []).append(row)
        return [_window(rows) for rows in grouped.values()]

    def looks(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> Iterator[PageEntry]:
        """Every look at every subject that landed under these days; a subject's looks in their order."""
        rows = self._read(_SUBJECTS, dataset.value, first_day.isoformat(), last_day.isoformat())
        for _, pages in groupby(rows, key=itemgetter(0, 1)):
            yield _page(list(pages))

    def subjects(self, dataset: Dataset, first_day: date = date.min, last_day: date = date.max) -> dict[str, PageEntry]:
        """The latest look at each video's comments, or each creator's profile, that landed under these days."""
        return {look.subject: look for look in self.looks(dataset, first_day, last_day)}

    def found_videos(self, fingerprints: Collection[str], first_day: date, last_day: date) -> list[VideoFacts]:
        """Every video that these queries found on these days, once; strays are left out."""
        sql = _FOUND.format(fingerprints=", ".join("?" * len(fingerprints)))
        values = (*fingerprints, first_day.isoformat(), last_day.isoformat())
        with self._file.reading() as db:  # row by row: the rows of 3.65 million videos took 1.2 GB beside them
            return [_facts(*row) for row in db.execute(sql, values)]

    def found_by(self, fingerprints: Collection[str], first_day: date, last_day: date) -> dict[VideoId, set[str]]:
        """Which of these queries found each video on these days."""
        sql = _FOUND_BY.format(fingerprints=", ".join("?" * len(fingerprints)))
        found: dict[VideoId, set[str]] = {}
        for video_id, fingerprint in self._read(sql, *fingerprints, first_day.isoformat(), last_day.isoformat()):
            found.setdefault(VideoId(video_id), set()).add(fingerprint)
        return found

    def known_playlists(self, fingerprints: Collection[str]) -> list[tuple[Username, int]]:
        """Playlists that videos found by these queries name, with the account that made the video."""
        sql = _PLAYLISTS.format(fingerprints=", ".join("?" * len(fingerprints)))
        return [(Username(username), playlist_id) for username, playlist_id in self._read(sql, *fingerprints)]

    def replace_unread(self, pages: Iterable[tuple[str, datetime, str | None, int, str]]) -> None:
        """Note what the warehouse says of pages it could not read, in place of what it said before.

        Args:
            pages: load_id, fetched_at, log_id, records that are missing, and why.
        """
        with self._file.writing() as db:
            db.execute("delete from unread")
            for load_id, fetched_at, log_id, records, reason in pages:
                at = fetched_at.astimezone(UTC).isoformat()
                db.execute(_ADD_UNREAD, (log_id, max(1, records), reason, load_id, at))

    def unread(self) -> list[UnreadPage]:
        """Pages that the warehouse could not read, as of its last load."""
        return [_unread_page(row) for row in self._read(_UNREAD)]

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
        return int(self._read(_BOUGHT_TWICE)[0][0]) + int(self._read(_GIVEN_UP)[0][0])

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
            self._db.execute(_ADD_FILE, (load_id, *stamp, 0, dataset, None, None, 0, "", ""))
        return line

    def _forget(self, load_id: str) -> None:
        self._db.execute("delete from found where load_id = ?", (load_id,))
        self._db.execute("delete from pages where load_id = ?", (load_id,))
        self._db.execute("delete from unread where load_id = ?", (load_id,))
        self._db.execute("delete from files where load_id = ?", (load_id,))

    def _add_file(self, entry: FileEntry, stamp: Stamp, envelope: Envelope) -> None:
        window = (envelope.window_from.isoformat(), envelope.window_to.isoformat())
        identity = (entry.dataset.value, envelope.search, envelope.fingerprint, envelope.look, *window)
        self._db.execute(_ADD_FILE, (entry.load_id, *stamp, entry.lines, *identity))

    def _add_page(self, load_id: str, line: int, envelope: Envelope) -> None:
        is_video = envelope.dataset is Dataset.VIDEOS
        # Of other datasets the first page of a file is enough to see which keys there are: parsing costs half of this.
        data = data_of(envelope) if is_video or line == 1 else {}
        found = videos_in(data) if is_video else []
        fetched_at = envelope.fetched_at.astimezone(UTC).isoformat()
        self._db.executemany(_ADD_FIELD, [(envelope.dataset, field, fetched_at) for field in fields_in(data)])
        self._db.executemany(
            "insert into found values (?, ?, ?, ?, ?, ?, ?, ?)",
            [(load_id, line, *_found(video)) for video in found],
        )
        self._db.execute(
            _ADD_PAGE,
            (
                *(load_id, line, envelope.dataset.value, _subject(envelope), envelope.look),
                fetched_at,
                *(_asked(envelope), whole(envelope.cursor), envelope.slots, envelope.records),
                json.dumps(Counter(video.day.isoformat() for video in found)),
                *(envelope.refusal, envelope.ends),
            ),
        )


def _unread_page(row: tuple[Any, ...]) -> UnreadPage:
    path, line, dataset, search, fingerprint, subject, first_day, last_day, fetched_at, log_id, records, reason = row
    return UnreadPage(
        path=Path(path),
        line=line,
        dataset=Dataset(dataset),
        search=search,
        fingerprint=fingerprint,
        subject=subject,
        first_day=date.fromisoformat(first_day),
        last_day=date.fromisoformat(last_day),
        fetched_at=datetime.fromisoformat(fetched_at),
        log_id=log_id,
        records=records,
        reason=reason,
    )


def _found(video: VideoFacts) -> tuple[int | str | None, ...]:
    mentions = json.dumps(video.mentions) if video.mentions else None
    return video.video_id, video.day.isoformat(), video.username, video.comment_count, video.playlist_id, mentions


def playlist_subject(username: str, playlist_id: int) -> str:
    """How the index calls a playlist of an account."""
    return f"{username} {playlist_id}"


def _subject(envelope: Envelope) -> str | None:
    playlist_id = envelope.request.get("playlist_id") if envelope.dataset is Dataset.PLAYLISTS else None
    return playlist_subject(envelope.subject, playlist_id) if envelope.subject and playlist_id else envelope.subject


def _asked(envelope: Envelope) -> str:
    """What tells the pages of one look apart: a restarted search asks for fewer days from cursor 0."""
    request = envelope.request
    if not request or envelope.body == "{}":  # a statement, not an answer
        return f"statement {envelope.fetched_at.isoformat()}"
    return f"{request.get('end_date', '')}:{request.get('cursor') or 0}"


def _window(rows: list[tuple[Any, ...]]) -> WindowEntry:
    load_id, path, lines, search, fingerprint, look, first_day, last_day = rows[0][:8]
    by_day: Counter[str] = Counter()
    for row in rows:
        by_day.update(json.loads(row[11]))
    return WindowEntry(
        load_id=load_id,
        path=Path(path),
        search=search,
        fingerprint=fingerprint,
        look=look,
        first_day=date.fromisoformat(first_day),
        last_day=date.fromisoformat(last_day),
        pages=lines,
        slots=sum(row[9] for row in rows),
        records=sum(row[10] for row in rows),
        by_day={date.fromisoformat(day): count for day, count in by_day.items()},
        first_at=datetime.fromisoformat(rows[0][8]),
        last_at=datetime.fromisoformat(rows[-1][8]),
        ends=StopReason(rows[-1][12]) if rows[-1][12] else None,
        unread=sum(row[13] for row in rows),
    )


def _page(rows: list[tuple[Any, ...]]) -> PageEntry:
    subject, look, first_at = rows[0][:3]
    last_at, refusal, ends = rows[-1][2], rows[-1][6], rows[-1][7]
    cursors = [row[3] for row in rows if row[3] is not None]
    return PageEntry(
        subject=subject,
        look=look,
        day=date.fromisoformat(rows[0][-1]),
        first_at=datetime.fromisoformat(first_at),
        last_at=datetime.fromisoformat(last_at),
        pages=len(rows),
        slots=sum(row[4] for row in rows),
        records=sum(row[5] for row in rows),
        cursor=cursors[-1] if cursors else 0,
        failures=sum(1 for _ in takewhile(lambda row: row[7] in _FAILURES, reversed(rows))),
        refusal=Refusal(refusal) if refusal else None,
        ends=StopReason(ends) if ends else None,
        unread=sum(row[8] for row in rows),
    )
