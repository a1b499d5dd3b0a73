"""Makes envelopes, the lines that land, from pages of the client."""

from datetime import date, datetime
from typing import Final

from tt_pipeline.coverage import Window
from tt_pipeline.errors import AnswerRejected
from tt_pipeline.landing import MOST_LINE_BYTES, Envelope, text_and_base64
from tt_pipeline.rejected_answer import RejectedAnswer
from tt_pipeline.research_api import REJECTED, Page
from tt_pipeline.studies import StudyQuery
from tt_pipeline.vocabulary import Dataset, StopReason

_MOST_GROWTH: Final = 8
"""How many times longer a line can be than its body: U+FFFD in place of one byte takes six, base64 another third."""


def video_envelope(page: Page, query: StudyQuery, window: Window, look: int) -> Envelope:
    """A page of a query.

    Raises:
        AnswerRejected: The line would be too long for the warehouse.
    """
    days = (window.first_day, window.last_day)
    return _envelope(page, Dataset.VIDEOS, days, look, search=query.name, fingerprint=query.fingerprint)


def subject_envelope(
    page: Page, dataset: Dataset, day: date, subject: str, look: int, *, search: str | None = None
) -> Envelope:
    """A page about a video, a creator or an account list.

    Args:
        search: The reserved name of one-off collections; None for collections of a study.

    Raises:
        AnswerRejected: The line would be too long for the warehouse.
    """
    return _envelope(page, dataset, (day, day), look, search=search, subject=subject)


def end_marker(
    endpoint: str,
    at: datetime,
    ends: StopReason,
    *,
    status: int = 200,
    log_id: str | None = None,
    rejected: tuple[RejectedAnswer, ...] = (),
) -> Page:
    """A page without records that notes why nothing follows; it lands like an answer, so that a restart knows it.

    Args:
        rejected: What is kept of the answers that could not be read, or exceeded a limit.
    """
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
        rejected=rejected,
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
    body, body_base64 = text_and_base64(page.body)
    envelope = Envelope(
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
        body=body,
        body_base64=body_base64,
        scrubbed=page.scrubbed,
        rejected=tuple(answer.as_json() for answer in page.rejected),
    )
    if len(page.body) < MOST_LINE_BYTES // _MOST_GROWTH or len(envelope.line()) <= MOST_LINE_BYTES:
        return envelope
    raise _too_long(page)


def _too_long(page: Page) -> AnswerRejected:
    """The error for a page whose line the warehouse could not read; it keeps the beginning of the answer."""
    reason = f"its line would have more than {MOST_LINE_BYTES:,} bytes"
    error = AnswerRejected(page.endpoint, status=page.status, code=REJECTED, message=reason, log_id=page.log_id)
    error.rejected = (*page.rejected, RejectedAnswer.of(page.body, reason))
    return error
