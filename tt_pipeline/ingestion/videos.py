"""Collect the missing pages of a search on some days: unfinished windows first, then new ones."""

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tt_pipeline.counted import counted
from tt_pipeline.coverage import (
    DayCoverage,
    StudyCoverage,
    Window,
    cut_windows,
    days_between,
    is_too_wide,
    looks_of_query,
    looks_to_begin,
    max_days_per_window,
    query_includes,
)
from tt_pipeline.errors import AnswerRejected, ApiError, SearchIdRefused, UnexpectedResponse, WindowTooHeavy
from tt_pipeline.ingestion.bookkeeping import Tally, carry_out
from tt_pipeline.ingestion.canary import ask_canary
from tt_pipeline.ingestion.collector import land_pages
from tt_pipeline.ingestion.density import days_spanned
from tt_pipeline.ingestion.envelopes import end_marker, video_envelope
from tt_pipeline.ingestion.report import CollectReport, DayReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.landing import Envelope, Index, LandingWriter, WindowEntry, videos_of, window_load_id
from tt_pipeline.query import Query, with_short_lists
from tt_pipeline.research_api import OUTAGE_CODES, Page, Resume
from tt_pipeline.studies import Search, StudyQuery
from tt_pipeline.vocabulary import Dataset, SearchStatus, StopReason

log = logging.getLogger(__name__)

QUERIES = "queries"
"""Folder of the leases on queries; pages lie in folders named after the search."""
_FINAL = frozenset(
    {
        SearchStatus.COMPLETE,
        SearchStatus.EARLY,
        SearchStatus.UNAVAILABLE,
        SearchStatus.PARTIAL,
        SearchStatus.CAPPED,
        SearchStatus.SUSPICIOUS,
        SearchStatus.OUTSIDE,
    }
)


def collect_videos(
    session: CollectionSession, search: Search, days: Sequence[date], *, again_since: datetime | None = None
) -> CollectReport:
    """Land all looks at these days that are due and have not landed; a complete day costs nothing.

    Args:
        session: The open data dir and its client.
        search: The search to collect.
        days: UTC days; those outside the search's own range cost nothing.
        again_since: Collect again every day that has no look since this instant, complete or not.
    """

    def work(tally: Tally) -> None:
        for query in search.queries:
            within = [day for day in days if query_includes(query, day)]
            # The query is leased too, so that another process does not request the same windows under another name.
            with (
                session.zone.lease(QUERIES, query.fingerprint[:8]),
                session.zone.lease(Dataset.VIDEOS, query.name, query.fingerprint[:8]),
            ):
                QueryCollector(session, query, tally, session.index).collect(within, again_since=again_since)
            ask_canary(session, query, within)

    return carry_out(
        session,
        f"videos/{search.name}",
        Dataset.VIDEOS,
        search=search.name,
        work=work,
        state=lambda: video_reports(session.coverage(), search, days),
    )


@dataclass(frozen=True, slots=True)
class QueryCollector:
    """Collects windows of one query; the caller has the lease of the query.

    Attributes:
        index: The looks that it continues and numbers.
        pages_of: Takes the pages of a look, and yields those that shall be requested.
        begins: Where the first page of a look is; None at the beginning of the result.
    """

    session: CollectionSession
    query: StudyQuery
    tally: Tally
    index: Index
    pages_of: Callable[[Iterator[Page]], Iterator[Page]] = iter
    begins: Resume | None = None

    def collect(self, days: Sequence[date], *, again_since: datetime | None) -> None:
        """Finish the windows of these days that are unfinished, then request the looks that are missing."""
        unfinished = [look for look in self._looks(self._readable(days)) if look.ends is None]
        for look in unfinished:
            self.finish(look)
        if again_since:  # an interrupted look that `again_since` wanted is the one look more
            days = [day for day in days if not any(look.covers(day) for look in unfinished)]
        coverage = self.session.coverage()
        draws = self._draws_wanted(coverage, days, again_since=again_since)
        if self.query.sample:
            for day in (day for day, number in draws.items() for _ in range(number)):
                self.request(Window(first_day=day, last_day=day))
        else:
            missing = [day for day, number in draws.items() if number]
            self._request_days(missing, slots_per_day=coverage.searches.slots_per_day(self.query))

    def _readable(self, days: Sequence[date]) -> list[date]:
        """The days of which every landed page can be read."""
        if not self.session.zone.index.unreadable:
            return list(days)
        covered = self.session.coverage().searches.days(self.query, days)
        return [day.day for day in covered if not day.is_unreadable]

    def _draws_wanted(
        self, coverage: StudyCoverage, days: Sequence[date], *, again_since: datetime | None
    ) -> dict[date, int]:
        now, look_ages = self.session.clock.now(), self.session.study.looks
        every = coverage.searches.days(self.query, days)
        draws = {
            covered.day: looks_to_begin(covered, now=now, look_ages=look_ages, again_since=again_since)
            for covered in every
        }
        if self.query.is_id_list and any(draws.values()):  # one request returns all its ids, whichever day is missing
            if any(covered.is_unreadable for covered in every):
                return {}
            return dict.fromkeys(days_between(self.query.first_day, self.query.last_day or self.query.first_day), 1)
        return draws

    def _request_days(self, days: Sequence[date], *, slots_per_day: float | None) -> None:
        """Request the days in windows as wide as their density allows; a first page shows a density not yet known."""
        for window in cut_windows(
            days, max_days=1 if self.query.max_videos_per_day else max_days_per_window(slots_per_day)
        ):
            density = self.request(window, may_narrow=slots_per_day is None)
            if density is not None:
                rest = [day for day in days if day >= window.first_day]
                self._request_days(rest, slots_per_day=density)
                return

    def _looks(self, days: Iterable[date]) -> list[WindowEntry]:
        """Earlier looks that cover one of these days."""
        if not (days := list(days)):
            return []
        windows = self.index.windows(self.query.fingerprint, min(days), max(days))
        looks = looks_of_query(self.query, windows)
        return [look for look in looks if any(look.covers(day) for day in days)]

    def finish(self, look: WindowEntry) -> None:
        """Land the missing pages of a look."""
        self.session.yield_to_daily_run()
        window = Window(first_day=look.first_day, last_day=look.last_day)
        with self.session.zone.writing(look.load_id) as writer:
            landing = _WindowLanding(self, window, look.look, writer, earlier_slots=look.slots)
            landing.go_on(resume_point(writer.envelopes()))

    def request(self, window: Window, *, may_narrow: bool = False) -> float | None:
        """Land a whole window, or only its first page if that shows that the window is too wide.

        Returns:
            Slots a day if the window was too wide; None if the window has ended.
        """
        self.session.yield_to_daily_run()
        look = 1 + max((earlier.look for earlier in self._looks(window.days)), default=0)
        days = (window.first_day, window.last_day)
        with self.session.zone.writing(window_load_id(self.query.name, self.query.fingerprint, days, look)) as writer:
            return _WindowLanding(self, window, look, writer, may_narrow=may_narrow).go_on(None)


@dataclass(frozen=True, slots=True)
class _WindowLanding:
    """One look at one window, while its pages land.

    Attributes:
        earlier_slots: Slots of the pages of this look that landed before an interruption.
    """

    collector: QueryCollector
    window: Window
    look: int
    writer: LandingWriter
    may_narrow: bool = False
    earlier_slots: int = 0

    @property
    def session(self) -> CollectionSession:
        return self.collector.session

    @property
    def query(self) -> StudyQuery:
        return self.collector.query

    def go_on(self, resume: Resume | None) -> float | None:
        """Land every page that is missing; a window on which the server fails is halved, down to a day.

        Returns:
            Slots a day, if the first page showed that the window is too wide; None when the window has ended.
        """
        query = self.session.without_taken_down(self.query.query)
        if query is None:  # nothing is requested; the canary has to show that the server answers, as for any empty day
            self._land_end_marker(StopReason.COMPLETE)
            return None
        try:
            too_wide = land_pages(
                self._up_to_cap(self._pages(query, resume)),
                self._land,
                self.collector.tally,
                repeated_if=self._is_too_wide,
                repeated_after=(WindowTooHeavy, SearchIdRefused),
            )
        except (WindowTooHeavy, SearchIdRefused) as error:
            if self.collector.begins:  # smaller windows would begin at their first page
                raise
            self._give_up(error)
            return None
        except (AnswerRejected, UnexpectedResponse) as error:  # smaller windows would get the same answer
            if error.code in OUTAGE_CODES:  # nothing was sent for this window
                raise
            self._land_unavailable(error)
            if isinstance(error, UnexpectedResponse):
                raise
            return None
        if too_wide is None:
            self.writer.pack()
            return None
        density = self._density(too_wide)
        log.info("window narrowed: search=%s window=%s slots_a_day=%.0f", self.query.name, self.window, density)
        self._land_end_marker(StopReason.SPLIT)
        return density

    def _pages(self, query: Query, resume: Resume | None) -> Iterator[Page]:
        first_day, last_day, name = self.window.first_day, self.window.last_day, self.query.name
        api = self.session.api_for(Dataset.VIDEOS, search=name, day=first_day)
        random = self.query.sample.random if self.query.sample else None
        begins = resume or self.collector.begins
        if begins and begins.request and self.session.tombstones:  # words stand in it for what was deleted
            begins = replace(begins, request={**begins.request, "query": with_short_lists(query).body()})
        pages = api.video_pages(query, first_day, last_day, label=name, resume=begins, random=random)
        return self.collector.pages_of(pages)

    def _up_to_cap(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The pages until the study's cap on the videos of a day is reached."""
        cap, slots = self.query.max_videos_per_day or math.inf, self.earlier_slots
        for page in pages:
            slots += page.slots
            if slots >= cap and page.ends is None:
                yield replace(page, ends=StopReason.VIDEO_CAP)
                return
            yield page

    def _is_too_wide(self, page: Page, number: int) -> bool:
        """Whether the window's first page shows that narrower windows should be requested instead."""
        return self.may_narrow and number == 1 and is_too_wide(self.window, self._density(page))

    def _density(self, page: Page) -> float:
        return page.slots / days_spanned(page, self.window)

    def _land(self, page: Page) -> None:
        self.session.land(self.writer, self._envelope(page), f"videos/{self.query.name} {self.window}")

    def _envelope(self, page: Page) -> Envelope:
        return video_envelope(page, self.query, self.window, self.look)

    def _give_up(self, error: ApiError) -> None:
        if self.window.first_day == self.window.last_day:
            self._land_unavailable(error)
            return
        self._land_end_marker(StopReason.SPLIT, error)
        log.info("window halved: search=%s window=%s", self.query.name, self.window)
        for half in self.window.halves():
            self.collector.request(half)

    def _land_unavailable(self, error: ApiError) -> None:
        self._land_end_marker(StopReason.UNAVAILABLE, error)
        log.warning("days unavailable: search=%s days=%s: %s", self.query.name, self.window, error)

    def _land_end_marker(self, ends: StopReason, error: ApiError | None = None) -> None:
        """Land a line without records that notes why the window has no more."""
        now, status = self.session.clock.now(), (error.status or 0) if error else 200
        log_id, rejected = (error.log_id, error.rejected) if error else (None, ())
        page = end_marker("video_query", now, ends, status=status, log_id=log_id, rejected=rejected)
        self.writer.append(self._envelope(page))
        self.writer.pack()


def resume_point(landed: Iterable[Envelope]) -> Resume | None:
    """The place from which paging continues after these pages; None without pages."""
    last: Envelope | None = None
    lowest: list[int] = []
    for last in landed:
        inside = [v.video_id for v in videos_of(last) if last.window_from <= v.day <= last.window_to]
        lowest = [min([*lowest, *inside])] if lowest or inside else []
    if last is None:
        return None
    return Resume(
        request=last.request, cursor=last.cursor, search_id=last.search_id, lowest_id=min(lowest, default=None)
    )


def video_reports(coverage: StudyCoverage, search: Search, days: Sequence[date]) -> list[DayReport]:
    """The report on a search for each of these days."""
    return [_day_report(covered) for covered in coverage.searches.days(search, days)]


def _day_report(covered: DayCoverage) -> DayReport:
    last = covered.windows[-1] if covered.windows else None
    facts: dict[str, int | str] = {"looks": f"{covered.complete_looks}"}
    if last:
        window, hidden = Window(first_day=last.first_day, last_day=last.last_day), last.slots - last.records
        facts["window"] = f"{window}: {counted(last.pages, 'page')}, {last.slots:,} places, {hidden:,} of them hidden"
    if covered.note:
        facts["why"] = covered.note
    return DayReport(
        day=covered.day,
        status=covered.status.value,
        has_final_status=covered.status in _FINAL,
        is_complete=covered.status in {SearchStatus.COMPLETE, SearchStatus.CAPPED, SearchStatus.OUTSIDE},
        rows=covered.records or 0,
        facts=facts,
    )
