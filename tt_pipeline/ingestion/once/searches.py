"""Collect a one-off search: the unfinished windows and the missing days, the newest first."""

from dataclasses import dataclass

from tt_pipeline.coverage import Window, cut_windows
from tt_pipeline.ingestion.bookkeeping import Tally, carry_out
from tt_pipeline.ingestion.once.extent import Extent, PageLimit, PageLimitReached
from tt_pipeline.ingestion.once.landed_search import LandedSearch, OneSearch, landed_search
from tt_pipeline.ingestion.report import CollectReport, DayReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import QUERIES, QueryCollector
from tt_pipeline.landing import Index, WindowEntry
from tt_pipeline.vocabulary import ONCE, Dataset, SearchStatus


def pages_of_search(search: OneSearch, extent: Extent, index: Index) -> int:
    """The most pages that `collect_search` would request, each for one request unless the server fails."""
    landed = landed_search(search, index)
    return 0 if landed.is_complete and not extent.again else extent.left(landed.newest_pages)


def collect_search(session: CollectionSession, search: OneSearch, extent: Extent) -> CollectReport:
    """Land the pages of a search that are missing, up to the extent; what has landed costs nothing.

    The report has one entry, for the last day: `complete`, or `capped` if more follows.
    """

    def work(tally: Tally) -> None:
        wanted = landed_search(search, session.zone.index).search
        short = wanted.study_query.fingerprint[:8]
        with session.zone.lease(QUERIES, short), session.zone.lease(Dataset.VIDEOS, ONCE, short):
            _collect(session, landed_search(search, session.zone.index), extent, tally)

    def state() -> list[DayReport]:
        landed = landed_search(search, session.zone.index)
        status = SearchStatus.COMPLETE if landed.is_complete else SearchStatus.CAPPED
        is_complete = landed.is_complete
        day = search.window.last_day
        return [
            DayReport(
                day=day, status=status, has_final_status=True, is_complete=is_complete, rows=len(landed.records())
            )
        ]

    return carry_out(session, f"videos/{ONCE}", Dataset.VIDEOS, search=ONCE, work=work, state=state)


def _collect(session: CollectionSession, landed: LandedSearch, extent: Extent, tally: Tally) -> None:
    left = extent.left(landed.newest_pages)
    limit, query = PageLimit(left), landed.search.study_query
    index, begins = session.zone.index.of_once(), landed.search.resume
    collector = QueryCollector(session, query, tally, index, pages_of=limit.within, begins=begins)
    try:
        for piece in _pieces(landed, extent):
            if piece.look and not extent.left(landed.pages + left - limit.left):
                break  # the missing days are there, and older pages make up the number
            piece.collect(collector)
    except PageLimitReached:
        pass  # the look stays unfinished: it continues at its next page


@dataclass(frozen=True, slots=True)
class _Piece:
    """A window to request, or an unfinished look at it to continue."""

    window: Window
    look: WindowEntry | None = None

    def collect(self, collector: QueryCollector) -> None:
        if self.look:
            collector.finish(self.look)
        else:
            collector.request(self.window)


def _pieces(landed: LandedSearch, extent: Extent) -> list[_Piece]:
    if extent.again:
        pieces = [_Piece(window) for window in cut_windows(landed.search.window.days)]
    else:
        begun = [_Piece(Window(first_day=look.first_day, last_day=look.last_day), look) for look in landed.unfinished]
        pieces = begun + [_Piece(window) for window in landed.missing]
    return sorted(pieces, key=lambda piece: piece.window.last_day, reverse=True)
