"""The collection session of a run: an open data dir with a client that may send requests.

The module of each dataset decides what is requested.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.coverage import (
    Workspace,
    accept_key,
    check_key,
    check_source,
    known_key,
    open_workspace,
    recall_key,
    remember_source,
)
from tt_pipeline.errors import DailyRunWaiting, QuotaNotConfirmed
from tt_pipeline.ids import id_number
from tt_pipeline.ingestion.completeness import check_landing_is_there
from tt_pipeline.ingestion.in_flight import lanes_for
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.ingestion.versions import check_versions
from tt_pipeline.landing import Envelope, LandingWriter, redacted, without_erased_values
from tt_pipeline.query import Query, without_values
from tt_pipeline.quota import BucketUse, LedgerGate, Purpose, RequestLimit
from tt_pipeline.research_api import AnswerLimits, ResearchApi, Reservation, SendGate
from tt_pipeline.settings import Settings, credentials_source, is_loopback
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import Bucket, ConditionField, Dataset

log = logging.getLogger(__name__)

MOST_IN_FLIGHT = 8
"""The most requests in flight at once, and so the most that a killed process loses. The connection pool of httpx gets
slower above about 32 (measured)."""


class ProgressListener(Protocol):
    """Is notified of each landed page and each report, to show progress."""

    def landed(self, what: str, records: int, use: BucketUse) -> None:
        """A page of `what` (for example "comments of 2026-10-02") has landed."""
        ...

    def finished(self, report: CollectReport) -> None:
        """A collection has ended, complete or not."""
        ...


class LogProgress:
    """Writes progress to the log, which Dagster shows on the run's page."""

    def landed(self, what: str, records: int, use: BucketUse) -> None:
        """Log one line a page."""
        log.info("page landed: %s records=%d quota=%s", what, records, use)

    def finished(self, report: CollectReport) -> None:
        """Log the receipt."""
        log.info("collected: %s %s", report.asset, report.receipt)


@dataclass(frozen=True, kw_only=True)
class CollectionSession(Workspace):
    """A workspace with a client that may send.

    Attributes:
        run_id: Names this collection in the ledger and the landing zone.
        reserve: Requests a day that this collection must leave for other runs.
        is_daily_run_waiting: Whether a run of the daily list waits for this collection to end.
        list_done_on: The present UTC day if its daily list is done, else None; None if it need not be done first.
        limit: The most requests of the whole command; None without a limit.
        remember_key: Records the client key for the data dir if none is recorded yet.
    """

    api: ResearchApi
    base_url: str
    progress: ProgressListener
    run_id: str
    reserve: int = 0
    is_daily_run_waiting: Callable[[], bool] = lambda: False
    list_done_on: Callable[[], date | None] | None = None
    limit: RequestLimit | None = None
    remember_key: Callable[[], None] = lambda: None

    def yield_to_daily_run(self) -> None:
        """Stop if a run of the daily list waits; called between two windows, videos or creators.

        Raises:
            DailyRunWaiting: Such a run waits.
        """
        if self.is_daily_run_waiting():
            raise DailyRunWaiting

    def api_for(
        self, dataset: Dataset, *, search: str | None = None, day: date | None = None, is_stored: bool = True
    ) -> ResearchApi:
        """The client; its requests are charged to this dataset, search and day.

        Args:
            is_stored: Whether the answers land; the ledger compares its requests with the landed pages.
        """
        purpose = Purpose(
            study=self.study.title,
            dataset=dataset.value,
            search=search,
            day=day.isoformat() if day else None,
            run_id=self.run_id,
            reserve=self.reserve,
            zone=self.zone.identity if is_stored else "",
        )
        ledger = self.ledger.gate(purpose)
        gate = _ListFirst(ledger, self.list_done_on) if self.list_done_on else ledger
        return self.api.charged_to(_Limited(gate, self.limit) if self.limit else gate)

    def in_flight(self) -> int:
        """The number of requests that should be in flight now."""
        return lanes_for(self.study.quota.requests_per_second, self.ledger.latency_s(self.run_id))

    def without_taken_down(self, query: Query) -> Query | None:
        """The query as it may be sent: without videos and accounts that must never be stored again.

        The fingerprint of the search stays that of the whole query, so that its complete days stay complete.

        Returns:
            None if it asks for no others.
        """
        self.tombstones.refresh()
        taken_down = self.tombstones.taken_down

        def is_taken_down(field: ConditionField, value: str) -> bool:
            if field is ConditionField.VIDEO_ID:
                return taken_down.video(id_number(value) or 0)
            return field is ConditionField.USERNAME and taken_down.user(value)

        return without_values(query, is_taken_down) if self.tombstones else query

    def land(self, writer: LandingWriter, envelope: Envelope, what: str) -> None:
        """Store a page and show that it has landed; the first page ties the data dir to its server.

        What must never be stored again is removed from the page first. A page about such a video or account alone is
        not stored.
        """
        remember_source(self.files, self.base_url)
        self.remember_key()
        if kept := self._without_deleted(envelope):
            writer.append(kept)
        self.progress.landed(what, envelope.records, self.use(DATASETS[envelope.dataset].bucket))

    def _without_deleted(self, envelope: Envelope) -> Envelope | None:
        self.tombstones.refresh()
        if not self.tombstones:
            return envelope
        if envelope.dataset is Dataset.VIDEOS:
            # What is gone and comes back may be stored; a list of ids that still names it may not.
            request = without_erased_values(envelope.request, self.tombstones.deleted)
            envelope = replace(envelope, request=request)
        return redacted(envelope, self.tombstones.taken_down)


@dataclass(frozen=True, slots=True)
class _ListFirst:
    """The ledger's gate; before it, the daily list of a new day comes first, even in the middle of a window."""

    gate: LedgerGate
    list_done_on: Callable[[], date | None]

    def reserve(self, bucket: Bucket, endpoint: str) -> Reservation:
        """Reserve one request.

        Raises:
            DailyRunWaiting: The daily list uses this bucket too and is not requested yet.
            QuotaExhausted: No request is left.
        """
        if bucket is not Bucket.MAIN:
            return self.gate.reserve(bucket, endpoint)
        day = self.list_done_on()
        if day is None:
            raise DailyRunWaiting
        return self.gate.reserve(bucket, endpoint, only_on=day)  # midnight may have passed since


@dataclass(frozen=True, slots=True)
class _Limited:
    """A gate that lets so many requests of a command through."""

    gate: SendGate
    limit: RequestLimit

    def reserve(self, bucket: Bucket, endpoint: str) -> Reservation:
        """Reserve one request.

        Raises:
            RequestLimitReached: The command has sent all that it may.
            QuotaExhausted: No request is left.
        """
        self.limit.count_one()
        try:
            return self.gate.reserve(bucket, endpoint)
        except BaseException:
            self.limit.take_back()
            raise


@contextmanager
def open_session(
    settings: Settings,
    *,
    run_id: str,
    progress: ProgressListener | None = None,
    reserve: int = 0,
    is_daily_run_waiting: Callable[[], bool] = lambda: False,
    list_done_on: Callable[[], date | None] | None = None,
    study: Study | None = None,
    limit: RequestLimit | None = None,
) -> Iterator[CollectionSession]:
    """Open everything that a collection needs; nothing is sent yet.

    Args:
        settings: The data dir, the server and the credentials.
        run_id: Names the collection.
        progress: Is notified of each page; the log by default.
        reserve: Requests a day that are left to others.
        is_daily_run_waiting: Whether a run of the daily list waits for this collection to end.
        list_done_on: The present UTC day if its daily list is done, else None; None if it need not be done first.
        study: The study; None reads the study file.
        limit: The most requests of the whole command; None without a limit.

    Raises:
        ConfigurationError: Settings, study or data dir are invalid; the message says what to do.
    """
    study = check_may_spend(settings, study)
    client_key, client_secret = settings.credentials()
    with ExitStack() as opened:
        workspace = opened.enter_context(open_workspace(settings, study))
        zone = workspace.zone
        recall_key(settings, workspace.ledger, zone.identity)
        check_key(settings)
        workspace.ledger.remember_zone(study.title, zone.identity, zone.index.number_of_files())
        api = ResearchApi(
            client_key,
            client_secret.get_secret_value(),
            base_url=settings.api_base_url,
            clock=workspace.clock,
            requests_per_second=study.quota.requests_per_second,
            credentials_source=credentials_source(),
            limits=AnswerLimits(seconds=settings.answer_seconds, bytes=settings.max_answer_bytes),
            omit_fields=study.privacy.omitted,
        )
        yield CollectionSession(
            **vars(workspace),
            api=opened.enter_context(api),
            base_url=settings.api_base_url,
            progress=progress or LogProgress(),
            run_id=run_id,
            reserve=reserve,
            is_daily_run_waiting=is_daily_run_waiting,
            list_done_on=list_done_on,
            limit=limit,
            remember_key=lambda: None if known_key(settings.files) else accept_key(settings),
        )


def check_may_spend(settings: Settings, study: Study | None = None) -> Study:
    """Check everything that can be checked before a request: versions, study, credentials, confirmation, server.

    Args:
        settings: The data dir, the server and the credentials.
        study: The study; None reads the study file.

    Raises:
        NewerFile: A later tt_pipeline has used the data dir; this comes first, because the study can be newer too.
        ConfigurationError: One of them is missing or wrong, or the study was ended; the message says what to do.
        LandingGone: Everything would be requested again.
    """
    check_versions(settings)
    settings.files.check_not_ended()
    study = study or read_study(settings.study_file)
    settings.credentials()
    check_source(settings.files, settings.api_base_url)
    check_key(settings)
    check_landing_is_there(settings.files)
    if not study.quota.confirmed and not is_loopback(settings.api_base_url):
        raise QuotaNotConfirmed(study.file, settings.api_base_url)
    return study
