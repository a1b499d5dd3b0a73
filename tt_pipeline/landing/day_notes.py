"""Notes on days: how many of its videos or accounts have which status, so that nobody reads old records again.

Whoever reads a day first marks it (`begin`), and writes the note afterwards (`write`). SQLite itself deletes the row of
a day in the transaction that adds or deletes a page which could change it (the triggers in `NOTES_SCHEMA`). So a page
that lands between `begin` and `write` takes the mark away, and nothing is noted.
"""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from tt_pipeline.sqlite_file import SqliteFile
from tt_pipeline.vocabulary import Dataset, StopReason

_EPOCH: Final = date(1970, 1, 1).toordinal()
# The day of the second of upload, which a video's id contains; nearly every video is found on this day.
_UPLOADED: Final = f"({{video_id}} >> 32) / 86400 + {_EPOCH}"
_ELSEWHERE: Final = f"day <> {_UPLOADED.format(video_id='video_id')}"
_WINDOW: Final = (
    "day between (select window_from from files where file = {row}.file)"
    " and (select window_to from files where file = {row}.file)"
)
_DATASET_OF_FILE: Final = "(select dataset from files where file = {row}.file)"
_SUBJECT: Final = "{row}.subject"
_SUBJECT_OF_UNREAD: Final = "(select subject from pages where file = {row}.file and line = {row}.line)"


def _of_video(subject: str, *, also: str = "") -> str:
    """The notes on comments of the days on which a page's video was found: its window, and where TikTok moved it."""
    video_id = f"cast({subject} as integer)"
    uploaded = f"day = {_UPLOADED.format(video_id=video_id)}{also}"
    moved = f"day in (select day from found where video_id = {video_id} and {_ELSEWHERE.replace('day', 'found.day')})"
    return f"dataset = 'comments' and ({_WINDOW} or {uploaded} or {moved})"


# The subject of a page of replies is a video or a comment; the id of a comment says nothing about the day of its video.
_IS_VIDEO: Final = " and exists (select 1 from pages where dataset = 'comments' and subject = {row}.subject)"
_COMMENTS: Final = _of_video(_SUBJECT)
_REPLIES: Final = _of_video(_SUBJECT, also=_IS_VIDEO)
_UNREAD: Final = _of_video(_SUBJECT_OF_UNREAD)
_USERS: Final = "dataset = 'users'"
_FETCHED: Final = "cast(julianday(substr({row}.fetched_at, 1, 10)) - 1721424.5 as integer)"
# A profile belongs to every day that names the account. One that ended well changes only days that lack an account, and
# days after its own.
_PROFILE: Final = (
    "dataset = 'users' and ({row}.ends is null"
    f" or {{row}}.ends in ('{StopReason.UNAVAILABLE}', '{StopReason.LIST_MISSING}')"
    f" or day > {_FETCHED} or lacks > 0)"
)
_TRIGGERS: Final = (
    ("videos_landed", "insert on pages", "{row}.dataset = 'videos'", _WINDOW),
    ("videos_forgotten", "delete on pages", "{row}.dataset = 'videos'", _WINDOW),
    ("comments_landed", "insert on pages", "{row}.dataset = 'comments'", _COMMENTS),
    ("comments_forgotten", "delete on pages", "{row}.dataset = 'comments'", _COMMENTS),
    ("replies_landed", "insert on pages", "{row}.dataset = 'replies'", _REPLIES),
    ("replies_forgotten", "delete on pages", "{row}.dataset = 'replies'", _REPLIES),
    ("profile_landed", "insert on pages", "{row}.dataset = 'users'", _PROFILE),
    ("profile_forgotten", "delete on pages", "{row}.dataset = 'users'", _USERS),
    ("comments_unread", "insert on unread", f"{_DATASET_OF_FILE} in ('comments', 'replies')", _UNREAD),
    ("comments_read", "delete on unread", f"{_DATASET_OF_FILE} in ('comments', 'replies')", _UNREAD),
    ("profiles_unread", "insert on unread", f"{_DATASET_OF_FILE} = 'users'", _USERS),
    ("profiles_read", "delete on unread", f"{_DATASET_OF_FILE} = 'users'", _USERS),
)
"""Name, event, of which pages, and which notes they delete; `{row}` is the page that is added or deleted."""


def _trigger(name: str, event: str, pages: str, deleted: str) -> str:
    row = "new" if event.startswith("insert") else "old"
    return (
        f"create trigger if not exists {name} after {event} when {pages.format(row=row)} begin"
        f" delete from day_notes where {deleted.format(row=row)}; end;\n"
    )


NOTES_SCHEMA: Final = f"""
create table if not exists day_notes (
  dataset text not null,
  day integer not null,
  rules text not null,
  token text not null,
  noted_at real,
  until real,
  to_request integer,
  lacks integer,
  counts text,
  primary key (dataset, day, rules)
) without rowid;
create index if not exists found_on_another_day on found (video_id, day) where {_ELSEWHERE};
""" + "".join(_trigger(*each) for each in _TRIGGERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayNote:
    """What is known of a day without reading its pages.

    Attributes:
        counts: Numbers of videos by status, or of accounts; the readers in `coverage/` know the keys.
        to_request: How many videos or accounts need a request.
        lacks: How many videos or accounts are missing or have failed, also those that are not requested again.
        until: The instant at which waiting changes something, for example because a failed video may be tried again.
        token: Differs after each change of the day's pages; "" for a note that is not written.
    """

    counts: Mapping[str, int]
    to_request: int
    lacks: int
    until: datetime | None
    token: str = ""


class DayNotes:
    """The table of an index; a note counts for the rules under which it was written."""

    def __init__(self, file: SqliteFile) -> None:
        """Use the index in this file."""
        self._file = file

    def read(self, dataset: Dataset, rules: str, now: datetime) -> dict[date, DayNote]:
        """The notes of a dataset under these rules that are right at this instant."""
        query = """
            select day, counts, to_request, lacks, until, token from day_notes
            where dataset = ? and rules = ? and noted_at <= ? and (until is null or until > ?)
        """
        at = now.timestamp()
        with self._file.reading() as db:
            rows = db.execute(query, (dataset.value, rules, at, at)).fetchall()
        return {
            date.fromordinal(day): DayNote(
                counts=json.loads(counts),
                to_request=to_request,
                lacks=lacks,
                until=None if until is None else datetime.fromtimestamp(until, UTC),
                token=token,
            )
            for day, counts, to_request, lacks, until, token in rows
        }

    def begin(self, dataset: Dataset, rules: str, days: Iterable[date]) -> str:
        """Mark days before their records are read; rows of other rules are deleted. Returns the token of the marks."""
        token = uuid.uuid4().hex
        rows = [(dataset.value, day.toordinal(), rules, token) for day in days]
        with self._file.writing() as db:
            db.execute("delete from day_notes where dataset = ? and rules <> ?", (dataset.value, rules))
            db.executemany("insert or replace into day_notes (dataset, day, rules, token) values (?, ?, ?, ?)", rows)
        return token

    def write(self, dataset: Dataset, rules: str, token: str, notes: Mapping[date, DayNote], now: datetime) -> None:
        """Write the notes of marked days; a day whose pages have changed meanwhile gets none."""
        update = """
            update day_notes set counts = ?, to_request = ?, lacks = ?, until = ?, noted_at = ?
            where dataset = ? and day = ? and rules = ? and token = ?
        """
        rows = [
            (
                *(json.dumps(note.counts), note.to_request, note.lacks),
                *(note.until and note.until.timestamp(), now.timestamp()),
                *(dataset.value, day.toordinal(), rules, token),
            )
            for day, note in notes.items()
        ]
        with self._file.writing() as db:
            db.executemany(update, rows)

    def forget(self) -> None:
        """Delete every note."""
        with self._file.writing() as db:
            db.execute("delete from day_notes")
