"""What has landed of a one-off search, and what is missing: reads the index and landed pages, and sends nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from tt_pipeline.coverage import Window, cut_windows, looks_of_query
from tt_pipeline.ids import video_id_of
from tt_pipeline.landing import Envelope, Index, WindowEntry, records_of, videos_of
from tt_pipeline.query import Query
from tt_pipeline.research_api import Resume
from tt_pipeline.studies import StudyQuery
from tt_pipeline.vocabulary import ONCE, StopReason


@dataclass(frozen=True, slots=True)
class Position:
    """Where a search continues."""

    search_id: str
    cursor: int

    @classmethod
    def behind(cls, page: Envelope) -> "Position | None":
        """The place behind a page; None if the answer did not name it."""
        return cls(page.search_id, page.cursor) if page.search_id and page.cursor is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSearch:
    """A query over some UTC days.

    Attributes:
        begins: Where an earlier search stopped; None for the beginning.
    """

    query: Query
    window: Window
    begins: Position | None = None

    @property
    def study_query(self) -> StudyQuery:
        """The query under the reserved name.

        A search that begins in the middle has a fingerprint of its own, so that its days never count as complete.
        """
        begins = {"search_id": self.begins.search_id, "cursor": self.begins.cursor} if self.begins else {}
        return StudyQuery(
            name=ONCE,
            query=self.query,
            first_day=self.window.first_day,
            last_day=self.window.last_day,
            fingerprint=self.query.fingerprint(**begins),
        )

    @property
    def resume(self) -> Resume | None:
        """Where the first page is; None for the beginning."""
        if self.begins is None:
            return None
        return Resume(request={}, cursor=self.begins.cursor, search_id=self.begins.search_id, may_restart=False)


@dataclass(frozen=True)
class LandedSearch:
    """A one-off search and the looks at its days that have landed.

    Days that a search of the study has completely count too. One-off looks never count for a study.

    Attributes:
        earlier_pages: Landed pages before the place at which the search shall continue.
    """

    search: OneSearch
    index: Index
    earlier_pages: int = 0

    @cached_property
    def looks(self) -> list[WindowEntry]:
        """The looks at these days, oldest first: its own, and complete ones of the study's searches."""
        windows = looks_of_query(self.search.study_query, self.index.windows())
        usable = (each for each in windows if each.search == ONCE or each.ends is StopReason.COMPLETE)
        return [look for look in usable if look.ends is not StopReason.SPLIT and any(map(look.covers, self._days))]

    @property
    def unfinished(self) -> list[WindowEntry]:
        """Looks that continue with their next page."""
        return [look for look in self._latest if self._continues(look)]

    @property
    def missing(self) -> list[Window]:
        """The days of which no look has landed, or only one on which the server failed, in windows of 30 days."""
        return cut_windows(day for day in self._days if not self._has_begun(self._latest_by_day.get(day)))

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not (self.unfinished or self.missing)

    @property
    def pages(self) -> int:
        """Landed pages of its own latest looks, from the place at which the search shall continue."""
        return sum(look.pages for look in self._latest if look.search == ONCE) - self.earlier_pages

    @property
    def newest_pages(self) -> int:
        """Those of its landed pages that are newer than the newest missing day; older ones do not make up for it."""
        if not self.missing:
            return self.pages
        newest = max(window.last_day for window in self.missing)
        return sum(look.pages for look in self._latest if look.search == ONCE and look.first_day > newest)

    @property
    def position(self) -> Position | None:
        """Where it continues; None if it is complete, or if several windows are unfinished."""
        unfinished = self.unfinished
        return Position.behind(_last_page(unfinished[0])) if len(unfinished) == 1 and not self.missing else None

    def records(self) -> list[dict[str, Any]]:
        """Each video of these days once, as it came last, the newest first.

        Videos that the latest complete look at their day no longer had are left out.
        """
        found: dict[int, dict[str, Any]] = {}
        for look in self.looks:
            wanted = {day for day in self._days if look.covers(day) and look.first_at >= self._valid_since(day)}
            found |= dict(_videos(look, wanted))
        return [found[number] for number in sorted(found, reverse=True)]

    def _valid_since(self, day: date) -> datetime:
        looks = [look for look in self.looks if look.covers(day)]
        complete = [look for look in looks if look.ends is StopReason.COMPLETE]
        return (complete[-1:] or looks)[0].first_at

    @property
    def _days(self) -> list[date]:
        return self.search.window.days

    @cached_property
    def _latest_by_day(self) -> dict[date, WindowEntry]:
        return {day: look for look in self.looks for day in self._days if look.covers(day)}

    @property
    def _latest(self) -> list[WindowEntry]:
        """The looks that are the latest at one of the days."""
        return list({look.load_id: look for look in self._latest_by_day.values()}.values())

    def _has_begun(self, look: WindowEntry | None) -> bool:
        return look is not None and (look.ends is StopReason.COMPLETE or self._continues(look))

    def _continues(self, look: WindowEntry) -> bool:
        """Whether a look is unfinished and its days are all wanted."""
        window = self.search.window
        return look.ends is None and window.first_day <= look.first_day and look.last_day <= window.last_day


def _videos(look: WindowEntry, days: set[date]) -> Iterator[tuple[int, dict[str, Any]]]:
    for page in look.location.envelopes() if days else ():
        inside = {video.video_id for video in videos_of(page) if video.day in days}
        for record in records_of(page):
            if (number := video_id_of(record)) in inside:
                yield number, record


def _last_page(look: WindowEntry) -> Envelope:
    *_, last = look.location.envelopes()
    return last


def landed_search(search: OneSearch, index: Index) -> LandedSearch:
    """The search with what has landed of it; if the pages before its place have landed, of the whole search."""
    if search.begins:
        whole = LandedSearch(replace(search, begins=None), index)
        for look in whole.looks:
            for number, page in enumerate(look.location.envelopes(), start=1):
                if Position.behind(page) == search.begins:
                    return replace(whole, earlier_pages=number)
    return LandedSearch(search, index)
