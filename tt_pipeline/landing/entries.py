"""The values that the index returns: looks at windows and at subjects, unread pages, fields of records.

This module makes values from rows of the index. `index.py` selects the rows; `coverage/` decides what they mean.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import takewhile
from pathlib import Path
from sys import intern
from typing import Any

from tt_pipeline.landing.layout import PACKED, PLAIN
from tt_pipeline.landing.location import Location
from tt_pipeline.landing.records import VideoFacts
from tt_pipeline.vocabulary import Dataset, Refusal, StopReason, Username, VideoId

_FAILURES = {
    StopReason.UNAVAILABLE,
    StopReason.CURSOR_MISSING,
    StopReason.CURSOR_STUCK,
    StopReason.EMPTY_PAGES,
    StopReason.TOO_MANY_PAGES,
    StopReason.END_UNSTATED,
    StopReason.LIST_MISSING,
}
_day = cache(date.fromordinal)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEntry:
    """One look at a window of days by one query, summed over its pages.

    Attributes:
        look: Number of the look, from 1; for a random sample the number of the draw.
        by_day: Number of records by the UTC day of their create_time, also for days outside the window.
        unread: Records that the warehouse could not read.
        ends: Why no page follows the last one; None while the window is unfinished.
    """

    location: Location
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

    @property
    def load_id(self) -> str:
        """The key of the look's file."""
        return self.location.load_id

    def covers(self, day: date) -> bool:
        """Whether the window contains the day."""
        return self.first_day <= day <= self.last_day

    @property
    def strays(self) -> int:
        """Records whose day is outside the window."""
        return sum(count for day, count in self.by_day.items() if not self.covers(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntry:
    """One look at a subject: a video's comments, a creator's profile, or an account's list.

    Attributes:
        subject: Video id or username; for a playlist its account and its id, because each playlist has looks.
        day: The day of the video or of the observation, which can be earlier than the request.
        cursor: The cursor of the next page.
        failures: Number of consecutive times that the server failed on it.
        unread: Records that the warehouse could not read.
        ends: Why no page follows; None while pages are missing.
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
        """Whether this look began at that instant or later, and has ended."""
        return self.ends is not None and self.first_at >= since


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadPage:
    """A landed page with records that the warehouse could not read."""

    location: Location
    line: int
    dataset: Dataset
    search: str | None
    fingerprint: str | None
    look: int
    subject: str | None
    first_day: date
    last_day: date
    fetched_at: datetime
    log_id: str | None
    records: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSeen:
    """A JSON key that records of a dataset had, and when it was first and last seen."""

    dataset: Dataset
    field: str
    first_at: datetime
    last_at: datetime


def playlist_subject(username: str, playlist_id: int) -> str:
    """The subject under which the index keeps a playlist of an account."""
    return f"{username} {playlist_id}"


def file_name(load_id: str, path: str) -> str:
    """The name of a load's file below the landing folder; the folder may have been moved since the path was stored."""
    return f"{load_id}{PACKED if path.endswith(PACKED) else PLAIN}"


def window_of(root: Path, rows: list[tuple[Any, ...]]) -> WindowEntry:
    """One look at a window, from the rows that `WINDOWS` selects for its pages."""
    load_id, path, lines, search, fingerprint, look, first_day, last_day = rows[0][:8]
    by_day: Counter[str] = Counter()
    for row in rows:
        by_day.update(json.loads(row[11]))
    return WindowEntry(
        location=Location(root=root, name=file_name(load_id, path)),
        search=search,
        fingerprint=fingerprint,
        look=look,
        first_day=_day(first_day),
        last_day=_day(last_day),
        pages=lines,
        slots=sum(row[9] for row in rows),
        records=sum(row[10] for row in rows),
        by_day={_day(int(day)): count for day, count in by_day.items()},
        first_at=datetime.fromisoformat(rows[0][8]),
        last_at=datetime.fromisoformat(rows[-1][8]),
        ends=StopReason(rows[-1][12]) if rows[-1][12] else None,
        unread=sum(row[13] for row in rows),
    )


def page_of(rows: list[tuple[Any, ...]]) -> PageEntry:
    """One look at a subject, from the rows that `SUBJECTS` selects for its pages."""
    subject, look, first_at = rows[0][:3]
    last_at, refusal, ends = rows[-1][2], rows[-1][6], rows[-1][7]
    cursors = [row[3] for row in rows if row[3] is not None]
    return PageEntry(
        subject=subject,
        look=look,
        day=_day(rows[0][-1]),
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


def found_of(
    video_id: int, day: int, username: str | None, comment_count: int | None, mentions: str | None, _: str
) -> VideoFacts:
    """A video, from a row that `FOUND` selects."""
    return VideoFacts(
        video_id=VideoId(video_id),
        day=_day(day),
        username=Username(intern(username)) if username else None,  # a creator has many videos
        comment_count=comment_count,
        mentions=tuple(map(Username, json.loads(mentions))) if mentions else (),
    )


def unread_page_of(root: Path, row: tuple[Any, ...]) -> UnreadPage:
    """A page, from a row that `UNREAD` selects."""
    load_id, path, line, dataset, search, fingerprint, look, subject, first_day, last_day, *answer = row
    fetched_at, log_id, records, reason = answer
    return UnreadPage(
        location=Location(root=root, name=file_name(load_id, path)),
        line=line,
        dataset=Dataset(dataset),
        search=search,
        fingerprint=fingerprint,
        look=look,
        subject=subject,
        first_day=_day(first_day),
        last_day=_day(last_day),
        fetched_at=datetime.fromisoformat(fetched_at),
        log_id=log_id,
        records=records,
        reason=reason,
    )
