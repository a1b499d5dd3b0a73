"""A page of the client becomes a landed line."""

from datetime import date, datetime

from tt_pipeline.coverage.windows import Window
from tt_pipeline.errors import ApiError
from tt_pipeline.landing import Envelope
from tt_pipeline.research_api import Page
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import Dataset, StopReason


def video_envelope(page: Page, search: Search, window: Window, look: int) -> Envelope:
    """A page of a search."""
    days = (window.first_day, window.last_day)
    return _envelope(page, Dataset.VIDEOS, days, look, search=search.name, fingerprint=search.fingerprint)


def subject_envelope(page: Page, dataset: Dataset, day: date, subject: str, look: int) -> Envelope:
    """A page of a video's comments, or a creator's profile."""
    return _envelope(page, dataset, (day, day), look, subject=subject)


def statement(endpoint: str, fetched_at: datetime, ends: StopReason, *, status: int, log_id: str | None = None) -> Page:
    """A page without records that says why no more can be had; it lands like an answer, so that it is remembered."""
    return Page(
        endpoint=endpoint,
        request={},
        fetched_at=fetched_at,
        status=status,
        body=b"{}",
        records=(),
        slots=0,
        cursor=None,
        has_more=False,
        search_id=None,
        log_id=log_id,
        ends=ends,
    )


def unavailable(error: ApiError, endpoint: str, fetched_at: datetime) -> Page:
    """What is landed of a video or creator on which the server failed."""
    return statement(endpoint, fetched_at, StopReason.UNAVAILABLE, status=error.status or 0, log_id=error.log_id)


def _envelope(
    page: Page,
    dataset: Dataset,
    days: tuple[date, date],
    look: int,
    *,
    search: str | None = None,
    fingerprint: str | None = None,
    subject: str | None = None,
) -> Envelope:
    return Envelope(
        dataset=dataset,
        search=search,
        fingerprint=fingerprint,
        look=look,
        window_from=days[0],
        window_to=days[1],
        subject=subject,
        endpoint=page.endpoint,
        request=dict(page.request),
        fetched_at=page.fetched_at,
        status=page.status,
        log_id=page.log_id,
        cursor=page.cursor,
        has_more=page.has_more,
        search_id=page.search_id,
        slots=page.slots,
        records=len(page.records),
        refusal=page.refusal,
        ends=page.ends,
        body=page.body.decode(),
    )
