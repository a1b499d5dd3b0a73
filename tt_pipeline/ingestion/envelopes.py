"""Makes envelopes, the lines that land, from pages of the client."""

from datetime import date, datetime

from tt_pipeline.coverage import Window
from tt_pipeline.landing import Envelope
from tt_pipeline.research_api import Page
from tt_pipeline.studies import StudyQuery
from tt_pipeline.vocabulary import Dataset, StopReason


def video_envelope(page: Page, query: StudyQuery, window: Window, look: int) -> Envelope:
    """A page of a query."""
    days = (window.first_day, window.last_day)
    return _envelope(page, Dataset.VIDEOS, days, look, search=query.name, fingerprint=query.fingerprint)


def subject_envelope(page: Page, dataset: Dataset, day: date, subject: str, look: int) -> Envelope:
    """A page about a video, a creator or an account list."""
    return _envelope(page, dataset, (day, day), look, subject=subject)


def end_marker(endpoint: str, at: datetime, ends: StopReason, *, status: int, log_id: str | None = None) -> Page:
    """A page without records that says why no page follows; it lands like an answer, so that later processes know."""
    return Page(
        endpoint=endpoint,
        request={},
        fetched_at=at,
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
