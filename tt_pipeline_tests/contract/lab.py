"""Client and simulator with one frozen clock, one ledger and one data dir."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.ingestion.session import CollectionSession, LogProgress
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import LandingZone, videos_of
from tt_pipeline.query import Condition, Query
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.research_api import Page, ResearchApi
from tt_pipeline.simulator import Knobs, Simulator, World
from tt_pipeline.studies import read_study
from tt_pipeline.tombstones import Tombstones
from tt_pipeline.vocabulary import Bucket, ConditionField, Operation
from tt_pipeline.warehouse.load import load_new
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.contract.shared_server import Script, SharedServer
from tt_pipeline_tests.frozen_clock import FrozenClock

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2026, 11, 10), date(2026, 11, 12)
"""Three days with two pages of videos, old enough that nothing of them changes any more."""
NOBODY = Condition(field=ConditionField.USERNAME, operation=Operation.EQ, values=("nobody.at.all",))
EVERYTHING = Query(none_of=(NOBODY,))
CALM: dict[str, Any] = {"rate_per_minute": 0, "hidden_rate": 0, "hidden_run": 0, "null_byte_rate": 0}
"""Knobs without anything in the way."""
STUDY = """\
study: Everything
start: 2026-10-21
searches:
  everything: {query: {"not": [{"operation": EQ, "field_name": username, "field_values": [nobody.at.all]}]}}
"""
LIMITS = {Bucket.MAIN: 1_000, Bucket.SOCIAL: 20_000}


@cache
def small_world(videos_per_day: int = 60) -> World:
    """A world that many tests share, because it never changes."""
    return World.until_yesterday(NOON, seed=7, days=30, videos_per_day=videos_per_day)


@dataclass
class Lab:
    """A simulator on the shared server, and everything of the product that sends requests to it."""

    shared_server: SharedServer
    base_url: str
    folder: Path
    simulator: Simulator
    clock: FrozenClock
    ledger: Ledger
    study: str = STUDY
    credentials: tuple[str, str] = ("sim-key", "sim-secret")
    opened: ExitStack = field(default_factory=ExitStack)

    def with_world(self, world: World, **knobs: Any) -> None:
        """Continue with another world."""
        self.simulator = Simulator(world, knobs=Knobs(**CALM | knobs), now=self.clock.now)
        self.shared_server.put_on(self.simulator)

    def client(self, **further: Any) -> ResearchApi:
        """A new client, as in a new process: without a token, charged to the ledger."""
        gate = self.ledger.gate(Purpose(study="s", dataset="videos"))
        usual: dict[str, Any] = {"base_url": self.base_url, "clock": self.clock, "requests_per_second": inf}
        return self.opened.enter_context(ResearchApi(*self.credentials, **usual | {"gate": gate} | further))

    def change_knobs(self, **knobs: Any) -> None:
        """Change some knobs of the simulator from now on."""
        self.simulator.change_knobs(**knobs)

    def play(self, script: Script) -> None:
        """Answer some requests by a script."""
        self.shared_server.script = script

    @contextmanager
    def session(self) -> Iterator[CollectionSession]:
        """A session as a new process would open it."""
        study_file = self.folder / "study.yaml"
        study_file.write_text(self.study)
        files = DataDir(self.folder)
        with LandingZone(files.landing) as zone:
            yield CollectionSession(
                study=read_study(study_file),
                files=files,
                zone=zone,
                ledger=self.ledger,
                clock=self.clock,
                api=self.client(),
                base_url=self.base_url,
                progress=LogProgress(),
                tombstones=Tombstones.of(files.internal),
                run_id="run",
            )

    def collect(
        self, first_day: date = FIRST_DAY, last_day: date = LAST_DAY, *, again_since: datetime | None = None
    ) -> CollectReport:
        """Land the missing days of the study's search."""
        with self.session() as session:
            days = days_between(first_day, last_day)
            return collect_videos(session, session.study.searches[0], days, again_since=again_since)

    def statuses(self, first_day: date = FIRST_DAY, last_day: date = LAST_DAY) -> list[str]:
        """The status of each day after collecting it."""
        return [day.status for day in self.collect(first_day, last_day).days]

    def warehouse(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query over everything that has landed."""
        with LandingZone(DataDir(self.folder).landing) as zone, Writer(self.folder / "w.duckdb", self.clock) as writer:
            load_new(writer, zone.index.files())
            return writer.query(sql).to_dicts()

    def landed_ids(self) -> list[int]:
        """Ids of all landed videos, each as often as it landed."""
        with LandingZone(DataDir(self.folder).landing) as zone:
            pages = [page for file in zone.index.files() for page in file.envelopes()]
        return [video.video_id for page in pages for video in videos_of(page)]

    def truth(self, first_day: date = FIRST_DAY, last_day: date = LAST_DAY, query: Query = EVERYTHING) -> list[int]:
        """The ids that a perfect client would have."""
        return self.simulator.truth_videos(dict(query.body()), first_day, last_day)

    @property
    def wire(self) -> list[str]:
        """The answers to all requests but those for tokens, in short."""
        return [exchange.answer for exchange in self.shared_server.exchanges if not exchange.is_token]

    @property
    def tokens(self) -> int:
        """The number of token requests."""
        return sum(exchange.is_token for exchange in self.shared_server.exchanges)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """JSON bodies of the requests."""
        return [exchange.body for exchange in self.shared_server.exchanges if not exchange.is_token]

    @property
    def charges_in_ledger(self) -> list[tuple[str, bool]]:
        """Code and charge of every request in the ledger."""
        columns, rows = self.ledger.rows()
        code, is_charged = columns.index("code"), columns.index("is_charged")
        in_order = sorted(rows, key=lambda row: row[0] or 0)
        return [(str(row[code]), bool(row[is_charged])) for row in in_order]

    @property
    def charges(self) -> tuple[list[bool], list[bool]]:
        """Whether each request was charged, by the ledger and by the simulator."""
        in_simulator = [request.charged for request in self.simulator.log if request.endpoint != "oauth_token"]
        return [is_charged for _, is_charged in self.charges_in_ledger], in_simulator


def open_lab(
    shared_server: SharedServer, base_url: str, folder: Path, *, world: World | None = None, **knobs: Any
) -> Lab:
    """Put a new simulator on the shared server, with a new ledger in the folder."""
    clock = FrozenClock(NOON)
    simulator = Simulator(world or small_world(), knobs=Knobs(**CALM | knobs), now=clock.now)
    shared_server.put_on(simulator)
    ledger = Ledger(folder / "ledger.sqlite", client_key="k", clock=clock, limits=LIMITS)
    lab = Lab(shared_server, base_url, folder, simulator, clock, ledger)
    lab.opened.enter_context(ledger)
    return lab


def search(api: ResearchApi, first_day: date = FIRST_DAY, last_day: date = LAST_DAY) -> Iterator[Page]:
    """All videos that were posted on some days."""
    return api.video_pages(EVERYTHING, first_day, last_day)


def ids_of(pages: Sequence[Page]) -> list[int]:
    """The ids of all records, in order."""
    return [int(record.get("id") or record["video_id"]) for page in pages for record in page.records]


@dataclass(frozen=True)
class Outcome:
    """The pages that a client returned, and the error that it raised after them."""

    pages: tuple[Page, ...] = ()
    error: TtPipelineError | None = None

    def __str__(self) -> str:
        """The kind of the error, the refusal, or the reason why the last page is the last."""
        if self.error is not None:
            return type(self.error).__name__
        last = self.pages[-1]
        return str(last.refusal or last.ends)


def outcome_of(ask: Callable[[], Iterator[Page]]) -> Outcome:
    """Take pages until they end or an error is raised."""
    got: list[Page] = []
    try:
        got.extend(ask())
    except TtPipelineError as error:
        return Outcome(tuple(got), error)
    return Outcome(tuple(got))
