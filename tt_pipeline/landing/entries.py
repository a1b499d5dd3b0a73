"""What the index says, typed: landed files, looks at windows and at subjects, unread pages, keys of records.

Here belongs how rows become values; which rows are asked for is `index.py`'s question, and what they mean for a study
`ingestion/`'s.
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

from tt_pipeline.landing.records import VideoFacts
from tt_pipeline.vocabulary import Dataset, Refusal, StopReason, Username, VideoId

_FAILURES = {
    StopReason.UNAVAILABLE,
    StopReason.CURSOR_MISSING,
    StopReason.CURSOR_STUCK,
    StopReason.EMPTY_PAGES,
    StopReason.TOO_MANY_PAGES,
}
_day = cache(date.fromisoformat)


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
    """A key that records of a dataset had, and from when to when."""

    dataset: Dataset
    field: str
    first_at: datetime
    last_at: datetime


def playlist_subject(username: str, playlist_id: int) -> str:
    """How the index calls a playlist of an account."""
    return f"{username} {playlist_id}"


def window_of(rows: list[tuple[Any, ...]]) -> WindowEntry:
    """One look at a window, of the rows of its pages as `WINDOWS` gives them."""
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


def page_of(rows: list[tuple[Any, ...]]) -> PageEntry:
    """One look at a subject, of the rows of its pages as `SUBJECTS` gives them."""
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


def found_of(
    video_id: int, day: str, username: str | None, comment_count: int | None, mentions: str | None, _: str
) -> VideoFacts:
    """A video of a row of `FOUND`."""
    return VideoFacts(
        video_id=VideoId(video_id),
        day=_day(day),
        username=Username(intern(username)) if username else None,  # a creator has many videos
        comment_count=comment_count,
        mentions=tuple(map(Username, json.loads(mentions))) if mentions else (),
    )


def unread_page_of(row: tuple[Any, ...]) -> UnreadPage:
    """A page of a row of `UNREAD`."""
    path, line, dataset, search, fingerprint, look, subject, first_day, last_day, *answer = row
    fetched_at, log_id, records, reason = answer
    return UnreadPage(
        path=Path(path),
        line=line,
        dataset=Dataset(dataset),
        search=search,
        fingerprint=fingerprint,
        look=look,
        subject=subject,
        first_day=date.fromisoformat(first_day),
        last_day=date.fromisoformat(last_day),
        fetched_at=datetime.fromisoformat(fetched_at),
        log_id=log_id,
        records=records,
        reason=reason,
    )
