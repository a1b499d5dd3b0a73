"""Requests one page of a search before it is collected, to show its videos and estimate their number a day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from tt_pipeline.codebook.limits import WINDOW_DAYS
from tt_pipeline.counted import counted
from tt_pipeline.coverage import Window
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion.density import days_spanned
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.studies import Search, StudyQuery
from tt_pipeline.vocabulary import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The result of one request for a search.

    Attributes:
        videos: As the API sent them, newest first.
        videos_per_day: Estimated from the times in the ids.
        slots_per_day: Estimated slots a day, including hidden videos; the number of requests depends on them.
    """

    window: Window
    videos: tuple[dict[str, Any], ...]
    videos_per_day: float
    slots_per_day: float


def try_search(session: CollectionSession, search: Search) -> Trial:
    """Request the first page of the search's latest days, or of its latest ids; the page is shown and not stored.

    Raises:
        UsageError: No day of the search is old enough to be found, or all its ids were deleted on request.
    """
    query, window = _latest(search, session.clock.now(), after_days=session.study.looks[0])
    sent = session.without_taken_down(query.query)
    if sent is None:
        raise UsageError(f"The latest ids of {search.name} were deleted on request: nothing is requested for them.")
    api = session.api_for(Dataset.VIDEOS, is_stored=False)  # no day of the search costs more for it
    pages = api.video_pages(sent, window.first_day, window.last_day, label=search.name)
    (page,) = islice(pages, 1)
    days = days_spanned(page, window)
    return Trial(
        window=window,
        videos=page.records,
        videos_per_day=len(page.records) / days,
        slots_per_day=page.slots / days,
    )


def _latest(search: Search, now: datetime, *, after_days: int) -> tuple[StudyQuery, Window]:
    """The query and days of the one request; for a long list of ids its latest part."""
    youngest = now.astimezone(UTC).date() - timedelta(days=after_days)
    last_day = min(search.last_day or date.max, youngest)
    if last_day < search.first_day:
        raise UsageError(
            f"No day of {search.name} is {counted(after_days, 'day')} old yet; videos show up to two days late."
        )
    query = max((part for part in search.queries if part.first_day <= last_day), key=lambda part: part.first_day)
    last_day = min(query.last_day or last_day, last_day)
    return query, Window(first_day=max(query.first_day, last_day - timedelta(days=WINDOW_DAYS - 1)), last_day=last_day)
