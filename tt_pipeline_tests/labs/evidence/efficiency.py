"""Requests compared with the lowest number for the same rows, for quiet, medium and busy searches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from tt_pipeline.coverage.landed import min_requests
from tt_pipeline.coverage.windows import cut_windows, days_between
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.labs.evidence.laboratory import NO_LIMIT, Setting, opened

DAYS = days_between(date(2026, 9, 10), date(2026, 11, 8))
FAULT_RATE = 0.02
# One request a second keeps one in flight, so that the same requests meet the same faults in every run.
SETTING = Setting(
    study=f"""\
study: Quiet, medium and busy
start: {DAYS[0]}
searches:
  quiet: {{hashtags: [wildbees], regions: [DE]}}
  medium: {{hashtags: [climate, klima]}}
  busy: {{min_views: 20}}
comments: {{min_comments: 30}}
users: true
quota: {{requests_per_day: 1000000, requests_per_second: 1}}
""",
    now=datetime(2026, 11, 20, 12, tzinfo=UTC),
    days=75,
    videos_per_day=100,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Rows and requests of a part of the study.

    Attributes:
        part: A search by its name, comments or users.
        least: Requests that the same rows cost at least: full pages over the fewest windows of 30 days, the pages of
            each listing, one for each creator.
    """

    part: str
    rows: int
    requests: int
    least: int

    @property
    def ratio(self) -> float:
        """Sent requests divided by the lowest number."""
        return self.requests / self.least


def collect_in_windows(folder: Path, *, fault_rate: float = 0.0) -> list[Spending]:
    """Collect all days at once, in windows that the product chooses."""
    return _collect(folder, [DAYS], fault_rate)


def collect_day_by_day(folder: Path, *, fault_rate: float = 0.0) -> list[Spending]:
    """Collect each day separately; comments and creators are still requested once."""
    return _collect(folder, [[day] for day in DAYS], fault_rate)


def total(spendings: Sequence[Spending]) -> Spending:
    """The sum of all parts."""
    return Spending(
        part="all",
        rows=sum(each.rows for each in spendings),
        requests=sum(each.requests for each in spendings),
        least=sum(each.least for each in spendings),
    )


def searches(spendings: Sequence[Spending]) -> Spending:
    """The sum of the searches."""
    return replace(total([each for each in spendings if each.part not in {"comments", "users"}]), part="searches")


def _collect(folder: Path, portions: Sequence[Sequence[date]], fault_rate: float) -> list[Spending]:
    with opened(replace(SETTING, fault_rate=fault_rate), folder) as lab, lab.session(limit=NO_LIMIT) as session:
        spendings = list(_spendings(lab, session, portions))
        assert lab.simulator.charged() == total(spendings).requests
        return spendings


def _spendings(lab: Lab, session: CollectionSession, portions: Sequence[Sequence[date]]) -> Iterator[Spending]:
    for search in session.study.searches:
        body = search.query.body()
        slots = [lab.simulator.slots(body, window.first_day, window.last_day) for window in cut_windows(DAYS)]
        reports = [collect_videos(session, search, days) for days in portions]
        yield _spending(search.name, reports, least=sum(map(min_requests, slots)))
    reports = [collect_comments(session, days) for days in portions]
    yield _spending(
        "comments", reports, least=sum(min_requests(each.slots) for each in session.coverage().landed.listings.values())
    )
    reports = [collect_users(session, days) for days in portions]
    yield _spending("users", reports, least=len(session.coverage().landed.profiles))


def _spending(part: str, reports: Sequence[CollectReport], *, least: int) -> Spending:
    receipts = [report.receipt for report in reports]
    rows, requests = sum(receipt.rows for receipt in receipts), sum(receipt.requests for receipt in receipts)
    return Spending(part=part, rows=rows, requests=requests, least=least)
