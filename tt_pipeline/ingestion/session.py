"""The session: everything a collection works with, opened together.

Here belongs what ties study, API, ledger and landing zone to one data dir. What is done with them is in `collect_*`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tt_pipeline.coverage.source import check_source, remember_source
from tt_pipeline.coverage.workspace import Workspace, open_workspace
from tt_pipeline.errors import DailyRunWaiting, QuotaNotConfirmed
from tt_pipeline.ingestion.in_flight import lanes_for
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.landing import Envelope, LandingWriter
from tt_pipeline.quota import BucketUse, Purpose
from tt_pipeline.research_api import ResearchApi
from tt_pipeline.settings import Settings, is_loopback
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import Bucket, Dataset

log = logging.getLogger(__name__)

LANES = 8
"""Requests under way at once, at most; the pool of httpx degrades above about 32 (measured)."""


class ProgressListener(Protocol):
    """Hears of each page and each report, to show that something happens."""

    def landed(self, what: str, records: int, use: BucketUse) -> None:
        """A page of `what` (for example "comments of 2026-10-02") has landed."""
        ...

    def finished(self, report: CollectReport) -> None:
        """A collection has ended, complete or not."""
        ...


class LogProgress:
    """Tells the log, which Dagster shows on the run's page."""

    def landed(self, what: str, records: int, use: BucketUse) -> None:
        """Log one line a page."""
        log.info("page landed: %s records=%d quota=%s", what, records, use)

    def finished(self, report: CollectReport) -> None:
        """Log the receipt."""
        log.info("collected: %s %s", report.asset, report.receipt)


@dataclass(frozen=True, kw_only=True)
class CollectionSession(Workspace):
    """Workspace with a client that may spend.

    Attributes:
        run_id: Names this collection in the ledger and the landing zone.
        reserve: Requests a day that this collection leaves to others.
        is_daily_run_waiting: Whether something more urgent waits for this collection to end.
    """

    api: ResearchApi
    base_url: str
    progress: ProgressListener
    run_id: str
    reserve: int = 0
    is_daily_run_waiting: Callable[[], bool] = lambda: False

    def yield_to_daily_run(self) -> None:
        """Between two windows, videos or creators: let what is more urgent come first.

        Raises:
            DailyRunWaiting: It waits.
        """
        if self.is_daily_run_waiting():
            raise DailyRunWaiting

    def api_for(self, dataset: Dataset, *, search: str | None = None, day: date | None = None) -> ResearchApi:
        """The client, its requests charged to a purpose."""
        purpose = Purpose(
            study=self.study.title,
            dataset=dataset.value,
            search=search,
            day=day.isoformat() if day else None,
            run_id=self.run_id,
            reserve=self.reserve,
        )
        return self.api.charged_to(self.ledger.gate(purpose))

    def in_flight(self) -> int:
        """How many requests should be under way now."""
        return lanes_for(self.study.quota.requests_per_second, self.ledger.latency_s(self.run_id))

    def land(self, writer: LandingWriter, envelope: Envelope, what: str, bucket: Bucket = Bucket.MAIN) -> None:
        """Keep a page and show that it has landed; the first one makes the data dir its server's."""
        remember_source(self.files, self.base_url)
        writer.append(envelope)
        self.progress.landed(what, envelope.records, self.use(bucket))


@contextmanager
def open_session(
    settings: Settings,
    *,
    run_id: str,
    progress: ProgressListener | None = None,
    reserve: int = 0,
    is_daily_run_waiting: Callable[[], bool] = lambda: False,
) -> Iterator[CollectionSession]:
    """Open everything a collection needs; nothing is sent yet.

    Args:
        settings: Where and with which credentials.
        run_id: Names the collection.
        progress: Who hears of each page; the log unless told otherwise.
        reserve: Requests a day that are left to others.
        is_daily_run_waiting: Whether something more urgent waits for this collection to end.

    Raises:
        ConfigurationError: Settings, study or data dir do not allow it; the message says what to do.
    """
    study = check_may_spend(settings)
    client_key, client_secret = settings.credentials()
    with ExitStack() as opened:
        workspace = opened.enter_context(open_workspace(settings))
        api = ResearchApi(
            client_key,
            client_secret.get_secret_value(),
            base_url=settings.api_base_url,
            clock=workspace.clock,
            requests_per_second=study.quota.requests_per_second,
        )
        yield CollectionSession(
            **vars(workspace),
            api=opened.enter_context(api),
            base_url=settings.api_base_url,
            progress=progress or LogProgress(),
            run_id=run_id,
            reserve=reserve,
            is_daily_run_waiting=is_daily_run_waiting,
        )


def check_may_spend(settings: Settings) -> Study:
    """Everything that can be checked before a request: study, credentials, confirmation, source.

    Raises:
        ConfigurationError: Something does not allow it; the message says what to do.
    """
    study = read_study(settings.study_file)
    settings.credentials()
    if not study.quota.confirmed and not is_loopback(settings.api_base_url):
        raise QuotaNotConfirmed(study.file, settings.api_base_url)
    check_source(settings.files, settings.api_base_url)
    return study
