"""A collection without Dagster, for processes that are killed, compete, or whose clock jumps; and its tables."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import polars as pl

from tt_pipeline.clock import ShiftedClock, real_now, start_of
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.delivery import load_landed, publish_warehouse, rebuild_warehouse, write_ops_tables
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.ingestion.session import CollectionSession, open_session
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import Envelope
from tt_pipeline.landing.reading import envelopes
from tt_pipeline.reports import Shape, export_tables
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Knobs, Simulator, World
from tt_pipeline.simulator.state import LoggedRequest
from tt_pipeline.vocabulary import Dataset, ExportFormat
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.published import open_published

FIRST_DAY, LAST_DAY = date(2025, 3, 3), date(2025, 3, 7)
STUDY = """\
study: A journey with accidents
start: 2025-03-03
end: 2025-03-07
searches:
  everything: {{min_views: 1}}
  football: {{hashtags: [football, fussball], regions: [DE, AT, US]}}
comments: {{min_comments: 15}}
users: {{every_days: 300}}
quota: {{requests_per_day: {quota}, requests_per_second: {pace}}}
"""
BEGINS = datetime(2025, 6, 1, 1, tzinfo=UTC)
"""Long after the world has stopped growing, so that no answer depends on the day it is asked for."""
_BOOKKEEPING = (
    *(
        "load_id",
        "observed_at",
        "first_observed_at",
        "last_asked_at",
        "counts_from_at",
        "age_days",
        "counts_age_days",
        "days_since",
    ),
    *("first_seen_at", "last_seen_at"),
    "avatar_url",
)
"""What two collections on different days cannot have in common; a picture's address carries the day."""
_NO_FAULTS = Knobs(rate_per_minute=0, quota_main=10**6)


@dataclass
class SharedClock:
    """The clock of a simulator and all its collecting processes: `rate` times as fast as the machine's."""

    rate: float = 500
    clock: ShiftedClock = field(init=False)

    def __post_init__(self) -> None:
        self.set_to(BEGINS)

    def now(self) -> datetime:
        """The instant for all processes."""
        return self.clock.now()

    def set_to(self, instant: datetime) -> None:
        """Continue from here; processes that were started before do not notice."""
        self.clock = ShiftedClock(starts_at=instant, anchor=real_now(), rate=self.rate)

    def next_day(self) -> None:
        """Continue at 01:00 of the next day."""
        self.set_to(start_of(self.now().date() + timedelta(days=1)) + timedelta(hours=1))


def make_simulator(clock: SharedClock, knobs: Knobs = _NO_FAULTS, *, videos_per_day: int = 300) -> Simulator:
    """A small world whose last day is in March."""
    world = World.until_yesterday(datetime(2025, 4, 1, tzinfo=UTC), seed=7, days=31, videos_per_day=videos_per_day)
    return Simulator(world, knobs=knobs, now=clock.now)


def settle_in(data_dir: Path, base_url: str, clock: SharedClock, *, quota: int = 10**6, pace: float = 500) -> Settings:
    """A data dir with the study in it; `pace` is in requests a second of the shared clock."""
    data_dir.mkdir(parents=True)
    (data_dir / "study.yaml").write_text(STUDY.format(quota=quota, pace=pace))
    return settings_of(data_dir, base_url, clock)


def settings_of(data_dir: Path, base_url: str, clock: SharedClock, *, ledger: Path | None = None) -> Settings:
    """The settings of a process that starts now."""
    return Settings(
        api_base_url=base_url,
        client_key="sim-key",
        client_secret="sim-secret",
        data_dir=data_dir,
        clock=str(clock.clock),
        ledger=ledger,
    )


class Quiet:
    """A progress that prints nothing."""

    def landed(self, *_: object) -> None:
        """A page has landed."""

    def finished(self, _: object) -> None:
        """A collection has ended."""


def collect_all(settings: Settings, run_id: str, first: date = FIRST_DAY, last: date = LAST_DAY) -> list[CollectReport]:
    """Collect videos, comments and users of all days, until the collection stops."""
    reports: list[CollectReport] = []
    with open_session(settings, run_id=run_id, progress=Quiet()) as session:
        for report in _collections(session, days_between(first, last)):
            reports.append(report)
            if report.stopped_because:
                break
    return reports


def _collections(session: CollectionSession, days: list[date]) -> Iterable[CollectReport]:
    for search in session.study.searches:
        yield collect_videos(session, search, days)
    yield collect_users(session, days)
    yield collect_comments(session, days)


def stops(settings: Settings, run_id: str) -> None:
    """Run `collect_all` as a process: 0 complete, 75 stopped."""
    os.environ.pop("TT_CLOCK", None)
    reports = collect_all(settings, run_id)
    if any(report.stopped_because for report in reports):
        raise SystemExit(75)


def forks() -> ForkServerContext:
    """Starts processes that have imported all modules already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def start(settings: Settings, run_id: str) -> ForkServerProcess:
    """Start a collection in a separate process."""
    process = forks().Process(target=stops, args=(settings, run_id))
    process.start()
    return process


def start_delivery(settings: Settings) -> ForkServerProcess:
    """Start loading and publishing in a separate process."""
    process = forks().Process(target=deliver, args=(settings,))
    process.start()
    return process


def start_act(act: Callable[[Settings], None], settings: Settings) -> ForkServerProcess:
    """Start a function of this module in a separate process."""
    process = forks().Process(target=act, args=(settings,))
    process.start()
    return process


def rebuild(settings: Settings) -> None:
    """Build the warehouse again and publish it."""
    with open_workspace(settings) as workspace:
        rebuild_warehouse(workspace)
        publish_warehouse(workspace)


def export(settings: Settings) -> None:
    """Write every mart to one folder, which a killed export may have left."""
    shape = Shape(format=ExportFormat.PARQUET, for_excel=False, created=BEGINS, base_url=settings.api_base_url)
    export_tables(settings.files.published, ["marts"], settings.files.exports / "marts", shape)


def begin(settings: Settings) -> None:
    """Collect, load and publish in an empty data dir."""
    collect_all(settings, "first")
    deliver(settings)


def deliver(settings: Settings) -> None:
    """Load what has landed and publish it."""
    with open_workspace(settings) as workspace:
        for dataset in Dataset:
            load_landed(workspace, dataset)
        write_ops_tables(workspace)
        publish_warehouse(workspace)


Rows = Counter[tuple[str, ...]]
"""Rows as text, and how often each is there: a row too many is a difference too."""


def tables(settings: Settings) -> dict[str, Rows]:
    """Every row of every core table, of coverage and of counts of looks, without bookkeeping columns."""
    marts = ("marts.looks", "marts.video_growth", "marts.daily_volume")
    questions = {
        **{name: f"from {name}" for name in TABLES if name.startswith("core.") or name in marts},
        # Named as first seen: requested again, another video's typing may come first.
        "core.hashtags": "select hashtag_id, lower(hashtag_name), description from core.hashtags",
        "ops.search_coverage": "select search, day_date, status, records from ops.search_coverage",
        "ops.comment_coverage": "select video_id, status, comments_held from ops.comment_coverage",
        "ops.account_coverage": "select username, status from ops.account_coverage",
    }
    with open_published(settings.files.published) as connection:
        return {name: _rows(connection.sql(question).pl()) for name, question in questions.items()}


def _rows(found: pl.DataFrame) -> Rows:
    kept: pl.DataFrame = found.select(pl.exclude(*_BOOKKEEPING))
    return Counter(tuple(map(str, row)) for row in kept.rows())


def differences(stored: dict[str, Rows], expected: dict[str, Rows]) -> dict[str, tuple[int, int]]:
    """Missing and additional rows, by table; empty if all tables are equal."""
    counts = {
        name: ((expected[name] - stored[name]).total(), (stored[name] - expected[name]).total()) for name in expected
    }
    return {name: count for name, count in counts.items() if any(count)}


def landed(settings: Settings) -> list[Envelope]:
    """Every landed page that was an answer."""
    files = sorted(settings.files.landing.rglob("*.ndjson*"))
    pages = (page for file in files if not file.name.startswith(".") for page in envelopes(file))
    return [page for page in pages if page.request]


def requests_of(simulator: Simulator) -> list[LoggedRequest]:
    """Requests that reached the API, without those for tokens."""
    return [request for request in simulator.log if "oauth" not in request.endpoint]


def charged_by_day(simulator: Simulator) -> Counter[str]:
    """What the server charged on each UTC day."""
    return Counter(f"{request.at.date()}" for request in requests_of(simulator) if request.charged)


def counted_by_day(settings: Settings) -> Counter[str]:
    """What the ledger counts on each UTC day."""
    with open_workspace(settings) as workspace:
        columns, rows = workspace.ledger.rows()
    requests = [dict(zip(columns, row, strict=True)) for row in rows]
    return Counter(str(request["quota_date"]) for request in requests if request["is_charged"])
