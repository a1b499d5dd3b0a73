"""The canary: a request that always returns videos; it is sent if a search returned none."""

import logging
from collections.abc import Sequence
from datetime import date

from tt_pipeline.coverage import canary_kind_of, canary_query
from tt_pipeline.errors import ApiError
from tt_pipeline.ingestion.envelopes import subject_envelope
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.landing import day_load_id
from tt_pipeline.studies import StudyQuery
from tt_pipeline.vocabulary import Dataset

log = logging.getLogger(__name__)


def ask_canary(session: CollectionSession, query: StudyQuery, days: Sequence[date]) -> None:
    """If a look of the query returned nothing, check whether the server answers; at most one request a day.

    Raises:
        QuotaExhausted: No request is left; the days stay suspicious until they are collected again.
    """
    kind = canary_kind_of(query.query)
    with session.zone.lease(Dataset.CANARY):
        silent = session.coverage().searches.window_without_canary(query, days)
        if silent is None:
            return
        day, now = silent.last_day, session.clock.now()
        api = session.api_for(Dataset.CANARY, search=query.name, day=day)
        pages = api.video_pages(canary_query(kind), silent.first_day, day, label="canary", fields=("id",))
        try:
            page = next(pages)
        except ApiError as error:  # nothing is proven, so the days stay suspicious
            log.warning("canary not answered: %s", error)
            return
        with session.zone.writing(day_load_id(Dataset.CANARY, day, f"{session.run_id}-{kind}")) as writer:
            session.land(writer, subject_envelope(page, Dataset.CANARY, day, f"{kind} {now.isoformat()}", 1), "canary")
            writer.pack()
