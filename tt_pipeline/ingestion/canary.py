"""The canary: a request that always returns videos; it is sent if a search returned none."""

import logging
from collections.abc import Sequence
from datetime import date

from tt_pipeline.codebook.endpoints import VIDEO_QUERY
from tt_pipeline.coverage import canary_kind_of, canary_query
from tt_pipeline.errors import ApiError
from tt_pipeline.ingestion.envelopes import end_marker, subject_envelope
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.landing import day_load_id
from tt_pipeline.research_api import OUTAGE_CODES, Page
from tt_pipeline.studies import StudyQuery
from tt_pipeline.vocabulary import Dataset, StopReason

log = logging.getLogger(__name__)


def ask_canary(session: CollectionSession, query: StudyQuery, days: Sequence[date]) -> None:
    """If a look of the query returned nothing, check whether the server answers; at most one request a day.

    Raises:
        QuotaExhausted: No request is left; the days stay suspicious until they are collected again.
    """
    kind = canary_kind_of(query.query)
    with session.zone.lease(Dataset.CANARY):
        coverage = session.coverage()
        silent = coverage.searches.window_without_canary(query, days)
        if silent is None or coverage.landed.unreadable(Dataset.CANARY):  # an unreadable canary may be of today
            return
        day, now = silent.last_day, session.clock.now()
        api = session.api_for(Dataset.CANARY, search=query.name, day=day)
        pages = api.video_pages(canary_query(kind), silent.first_day, day, label="canary", fields=("id",))
        with session.zone.writing(day_load_id(Dataset.CANARY, day, f"{session.run_id}-{kind}"), packs=True) as writer:

            def land(page: Page) -> None:
                subject = f"{kind} {now.isoformat()}"
                session.land(writer, subject_envelope(page, Dataset.CANARY, day, subject, 1), "canary")

            try:
                land(next(pages))
            except ApiError as error:  # nothing is proven, so the days stay suspicious
                log.warning("canary not answered: %s", error)
                if error.code in OUTAGE_CODES:  # nothing was sent
                    return
                land(
                    end_marker(
                        VIDEO_QUERY.name,
                        session.clock.now(),
                        StopReason.UNAVAILABLE,
                        status=error.status or 0,
                        log_id=error.log_id,
                        rejected=error.rejected,
                    )
                )
