"""The desk: everything a collection works with, opened together.

Here belongs what ties study, API, ledger and landing zone to one data dir. What is done with them is in `collect_*`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Protocol

from tt_pipeline.clock import Clock
from tt_pipeline.coverage.source import check_source, remember_source
from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.errors import GivesWay, QuotaNotConfirmed, UsageError
from tt_pipeline.ingestion.in_flight import lanes_for
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.landing import Envelope, LandingWriter, LandingZone
from tt_pipeline.quota import DEFAULT_LIMITS, BucketUse, Ledger, Purpose, key_fingerprint
from tt_pipeline.research_api import ResearchApi
from tt_pipeline.settings import DataDir, Settings, is_loopback
from tt_pipeline.studies import Search, Study, read_study
from tt_pipeline.vocabulary import Bucket, Dataset

log = logging.getLogger(__name__)

LANES = 8
"""Requests under way at once, at most; the pool of httpx degrades above about 32 (measured)."""


class Progress(Protocol):
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
class Books:
    """An open data dir: what was asked, what was answered, what was spent."""

    study: Study
    files: DataDir
    zone: LandingZone
    ledger: Ledger
    clock: Clock

    def holdings(self, first_day: date = date.min, last_day: date = date.max) -> Holdings:
        """What has landed as of now, of all days or of some."""
        return Holdings(self.study, self.zone.index, self.clock.now(), first_day, last_day)

    def use(self, bucket: Bucket = Bucket.MAIN) -> BucketUse:
        """Today's quota."""
        return self.ledger.use(bucket)


@dataclass(frozen=True, kw_only=True)
class Desk(Books):
    """Books with a client that may spend.

    Attributes:
        run_id: Names this collection in the ledger and the landing zone.
        reserve: Requests a day that this collection leaves to others.
        is_in_the_way: Whether something more urgent waits for this collection to end.
    """

    api: ResearchApi
    base_url: str
    progress: Progress
    run_id: str
    reserve: int = 0
    is_in_the_way: Callable[[], bool] = lambda: False

    def give_way(self) -> None:
        """Between two windows, videos or creators: let what is more urgent come first.

        Raises:
            GivesWay: It waits.
        """
        if self.is_in_the_way():
            raise GivesWay

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


def find_search(study: Study, name: str) -> Search:
    """The study's search of that name.

    Raises:
        UsageError: There is none; the message names the nearest.
    """
    for search in study.searches:
        if search.name == name:
            return search
    names = [search.name for search in study.searches]
    nearest = get_close_matches(name, names, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    raise UsageError(f"{study.file} has no search {name!r}; it has {', '.join(names)}.{hint}")


@contextmanager
def open_books(settings: Settings) -> Iterator[Books]:
    """Open a data dir without the means to spend.

    Raises:
        ConfigurationError: Study or data dir do not allow it; the message says what to do.
    """
    study = read_study(settings.study_file)
    clock = settings.open_clock()
    limits = {**DEFAULT_LIMITS, Bucket.MAIN: study.quota.requests_per_day}
    client_key = key_fingerprint(settings.client_key.get_secret_value().strip())
    with ExitStack() as opened:
        ledger = Ledger(settings.ledger_file, client_key=client_key, clock=clock, limits=limits)
        yield Books(
            study=study,
            files=settings.files,
            zone=opened.enter_context(LandingZone(settings.files.landing)),
            ledger=opened.enter_context(ledger),
            clock=clock,
        )


@contextmanager
def open_desk(
    settings: Settings,
    *,
    run_id: str,
    progress: Progress | None = None,
    reserve: int = 0,
    is_in_the_way: Callable[[], bool] = lambda: False,
) -> Iterator[Desk]:
    """Open everything a collection needs; nothing is sent yet.

    Args:
        settings: Where and with which credentials.
        run_id: Names the collection.
        progress: Who hears of each page; the log unless told otherwise.
        reserve: Requests a day that are left to others.
        is_in_the_way: Whether something more urgent waits for this collection to end.

    Raises:
        ConfigurationError: Settings, study or data dir do not allow it; the message says what to do.
    """
    study = check_may_spend(settings)
    client_key, client_secret = settings.credentials()
    with ExitStack() as opened:
        books = opened.enter_context(open_books(settings))
        api = ResearchApi(
            client_key,
            client_secret.get_secret_value(),
            base_url=settings.api_base_url,
            clock=books.clock,
            requests_per_second=study.quota.requests_per_second,
        )
        yield Desk(
            **vars(books),
            api=opened.enter_context(api),
            base_url=settings.api_base_url,
            progress=progress or LogProgress(),
            run_id=run_id,
            reserve=reserve,
            is_in_the_way=is_in_the_way,
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
