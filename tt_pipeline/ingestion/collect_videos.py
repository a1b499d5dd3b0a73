"""Buy what is missing of a search on some days: unfinished windows first, then new ones."""

import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime

from tt_pipeline.coverage.search_days import DayCoverage, draws_wanted, in_range, windows_of
from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.coverage.windows import Window, cut, days_between, is_too_wide, widest_window
from tt_pipeline.errors import ApiError, SearchIdRefused, WindowTooHeavy
from tt_pipeline.ingestion.bookkeeping import Tally, Walk, carry_out
from tt_pipeline.ingestion.canary import ask_canary
from tt_pipeline.ingestion.density import days_spanned
from tt_pipeline.ingestion.envelopes import statement, video_envelope
from tt_pipeline.ingestion.report import CollectReport, DayReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.landing import Envelope, LandingWriter, WindowEntry, envelopes, videos_of, window_load_id
from tt_pipeline.research_api import Page, Resume
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import Dataset, SearchStatus, StopReason

log = logging.getLogger(__name__)

_QUERIES = "queries"
"""Folder of the leases on queries; their pages lie under the names they were asked by."""
_STATED = frozenset(
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
    """Land every look at these days that is due and not complete; a complete day costs nothing.

    Args:
        session: What it works with.
        search: Whose query is asked.
        days: UTC days; those outside the search's own range cost nothing.
        again_since: Buy one more look at days that were not looked at since then, whatever there is.
    """

    def work(tally: Tally) -> None:
        for asked in search.asked:
            within = [day for day in days if in_range(asked, day)]
            # A query is its own identity: under another name the same windows would be bought by another process.
            with (
                session.zone.lease(_QUERIES, asked.fingerprint[:8]),
                session.zone.lease(Dataset.VIDEOS, asked.name, asked.fingerprint[:8]),
            ):
                _finish_and_buy(session, asked, within, tally, again_since=again_since)
            ask_canary(session, asked, within)

    return carry_out(
        session,
        f"videos/{search.name}",
        Dataset.VIDEOS,
        search=search.name,
        work=work,
        state=lambda: state_videos(session.holdings(), search, days),
    )


def _finish_and_buy(
    session: CollectionSession, search: Search, days: Sequence[date], tally: Tally, *, again_since: datetime | None
) -> None:
    unfinished = [
        entry
        for entry in windows_of(search, session.zone.index.windows())
        if entry.ends is None and any(entry.covers(day) for day in days)
    ]
    for entry in unfinished:
        _finish(session, search, entry, tally)
    if again_since:  # an interrupted look that was asked for is the one more
        days = [day for day in days if not any(entry.covers(day) for entry in unfinished)]
    now, looks = session.clock.now(), session.study.looks
    held = session.holdings()
    wanted = {
        day.day: draws_wanted(day, now=now, looks=looks, again_since=again_since) for day in held.coverage(search, days)
    }
    if search.is_part and any(wanted.values()):  # one request brings all its ids, whatever day was asked for
        days = days_between(search.first_day, search.last_day or search.first_day)
        wanted = dict.fromkeys(days, 1)
    if search.sample:
        for day in (day for day, draws in wanted.items() for _ in range(draws)):
            _buy(session, search, Window(first_day=day, last_day=day), tally)
    else:
        missing = [day for day, draws in wanted.items() if draws]
        _buy_days(session, search, missing, tally, slots_per_day=held.slots_per_day(search))


def _buy_days(
    session: CollectionSession, search: Search, days: Sequence[date], tally: Tally, *, slots_per_day: float | None
) -> None:
    """Ask for the days in windows as wide as their density allows; the first page tells it where nothing has."""
    for window in cut(days, max_days=1 if search.max_videos_per_day else widest_window(slots_per_day)):
        density = _buy(session, search, window, tally, may_narrow=slots_per_day is None)
        if density is not None:
            rest = [day for day in days if day >= window.first_day]
            _buy_days(session, search, rest, tally, slots_per_day=density)
            return


def _finish(session: CollectionSession, search: Search, entry: WindowEntry, tally: Tally) -> None:
    session.yield_to_daily_run()
    window = Window(first_day=entry.first_day, last_day=entry.last_day)
    with session.zone.writing(entry.load_id) as writer:
        landing = _WindowLanding(session, search, window, entry.look, writer, tally, slots_held=entry.slots)
        landing.go_on(resume_point(envelopes(writer.path)))


def _buy(
    session: CollectionSession, search: Search, window: Window, tally: Tally, *, may_narrow: bool = False
) -> float | None:
    """Buy a window whole; or, where its first page shows that it is too wide, that page, and give the slots a day."""
    session.yield_to_daily_run()
    look = _next_look(session, search, window)
    load_id = window_load_id(search.name, search.fingerprint, (window.first_day, window.last_day), look)
    with session.zone.writing(load_id) as writer:
        return _WindowLanding(session, search, window, look, writer, tally, may_narrow=may_narrow).go_on(None)


def _next_look(session: CollectionSession, search: Search, window: Window) -> int:
    looks = [
        entry.look
        for entry in windows_of(search, session.zone.index.windows())
        if any(entry.covers(day) for day in window.days)
    ]
    return 1 + max(looks, default=0)


@dataclass(frozen=True, slots=True)
class _WindowLanding:
    """One look at one window, being landed.

    Attributes:
        slots_held: Places of the result that earlier pages of this look scanned.
    """

    session: CollectionSession
    search: Search
    window: Window
    look: int
    writer: LandingWriter
    tally: Tally
    may_narrow: bool = False
    slots_held: int = 0

    def go_on(self, resume: Resume | None) -> float | None:
        """Land every page that is missing; what the server cannot bear is halved, down to a day.

        Returns:
            Slots a day, if the first page showed that the window is too wide; None when the window is done.
        """
        try:
            return self._land_pages(resume)
        except (WindowTooHeavy, SearchIdRefused) as error:
            self._give_up(error)
            return None

    def _land_pages(self, resume: Resume | None) -> float | None:
        with self.tally.walk() as walk, _forgotten_when_too_heavy(walk):
            for page in self._up_to_cap(self._pages(resume)):
                self.session.land(self.writer, self._envelope(page), f"videos/{self.search.name} {self.window}")
                walk.count(page)
                density = page.slots / days_spanned(page, self.window)
                if self.may_narrow and walk.pages == 1 and is_too_wide(self.window, density):
                    self._narrow(density)
                    walk.forget()  # the narrower windows buy these slots once more
                    return density
        self.writer.pack()
        return None

    def _pages(self, resume: Resume | None) -> Iterator[Page]:
        api = self.session.api_for(Dataset.VIDEOS, search=self.search.name, day=self.window.first_day)
        first_day, last_day = self.window.first_day, self.window.last_day
        random = self.search.sample.random if self.search.sample else None
        return api.video_pages(
            self.search.query, first_day, last_day, asked=self.search.name, resume=resume, random=random
        )

    def _up_to_cap(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The pages until the study wants no more of a day."""
        cap, slots = self.search.max_videos_per_day or math.inf, self.slots_held
        for page in pages:
            slots += page.slots
            if slots >= cap and page.ends is None:
                yield replace(page, ends=StopReason.VIDEO_CAP)
                return
            yield page

    def _envelope(self, page: Page) -> Envelope:
        return video_envelope(page, self.search, self.window, self.look)

    def _narrow(self, density: float) -> None:
        log.info("window narrowed: search=%s window=%s slots_a_day=%.0f", self.search.name, self.window, density)
        self._state(StopReason.SPLIT, status=200)

    def _give_up(self, error: ApiError) -> None:
        is_day = self.window.first_day == self.window.last_day
        ends = StopReason.UNAVAILABLE if is_day else StopReason.SPLIT
        self._state(ends, status=error.status or 0, log_id=error.log_id)
        if is_day:
            log.warning("day unavailable: search=%s day=%s log_id=%s", self.search.name, self.window, error.log_id)
            return
        log.info("window halved: search=%s window=%s", self.search.name, self.window)
        for half in self.window.halves():
            _buy(self.session, self.search, half, self.tally)

    def _state(self, ends: StopReason, *, status: int, log_id: str | None = None) -> None:
        """Land a line without records that says why the window has no more."""
        page = statement("video_query", self.session.clock.now(), ends, status=status, log_id=log_id)
        self.writer.append(self._envelope(page))
        self.writer.pack()


@contextmanager
def _forgotten_when_too_heavy(walk: Walk) -> Iterator[None]:
    """What landed of a window that is given up is bought once more, so it is no part of the lower bound."""
    try:
        yield
    except (WindowTooHeavy, SearchIdRefused):
        walk.forget()
        raise


def resume_point(landed: Iterable[Envelope]) -> Resume | None:
    """Where paging goes on after these pages; None when there are none."""
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


def state_videos(held: Holdings, search: Search, days: Sequence[date]) -> list[DayReport]:
    """What is held of a search on each of these days, now."""
    return [_day_report(day) for day in held.coverage(search, days)]


def _day_report(held: DayCoverage) -> DayReport:
    last = held.windows[-1] if held.windows else None
    facts: dict[str, int | str] = {"looks": held.looks}
    if last:
        facts |= {
            "window": f"{Window(first_day=last.first_day, last_day=last.last_day)}",
            "pages_of_window": last.pages,
            "slots_of_window": last.slots,
            "hidden_slots_of_window": last.slots - last.records,
        }
    if held.note:
        facts["why"] = held.note
    return DayReport(
        day=held.day,
        status=held.status.value,
        is_stated=held.status in _STATED,
        is_complete=held.status in {SearchStatus.COMPLETE, SearchStatus.CAPPED, SearchStatus.OUTSIDE},
        rows=held.records or 0,
        facts=facts,
    )
