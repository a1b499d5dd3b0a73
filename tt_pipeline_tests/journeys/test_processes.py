"""Processes share a key, a data dir or the work, and clocks disagree."""

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import LandingZone
from tt_pipeline.landing.layout import load_id_of, name_of
from tt_pipeline.reports.answers import query_published
from tt_pipeline.simulator import Fault, FaultKind, Knobs, Simulator, World, running
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.journeys.children import (
    BEGINS,
    FIRST_DAY,
    LAST_DAY,
    STUDY,
    Quiet,
    SharedClock,
    charged_by_day,
    collect_all,
    counted_by_day,
    deliver,
    differences,
    landed,
    make_simulator,
    requests_of,
    settings_of,
    settle_in,
    start,
    tables,
)

pytestmark = pytest.mark.journey

ASK_400 = """
import sys
from pathlib import Path
from tt_pipeline.clock import clock_from
from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.quota import Ledger, Purpose
from tt_pipeline.research_api import ResearchApi
from tt_pipeline.vocabulary import Bucket
base_url, file, spec = sys.argv[1:]
clock = clock_from(spec)
limits = {Bucket.MAIN: 1_000, Bucket.SOCIAL: 0}
got = 0
with (
    Ledger(Path(file), client_key="key", clock=clock, limits=limits) as ledger,
    ResearchApi("sim-key", "sim-secret", base_url=base_url, clock=clock, requests_per_second=10_000,
                gate=ledger.gate(Purpose(study="s", dataset="users"))) as api,
):
    api.sign_in()
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        for number in range(400):
            api.user_info(f"nobody{number}")
            got += 1
    except QuotaExhausted:
        pass
print(got)
"""


def test_four_processes_share_a_thousand_requests(tmp_path: Path) -> None:
    """Each tries 400; they send 1,000 together, each gets some, and the server has the same count."""
    clock, file = SharedClock(rate=1), tmp_path / "ledger.sqlite"
    simulator = make_simulator(clock, Knobs(rate_per_minute=0))
    with running(simulator) as base_url:
        command = [sys.executable, "-c", ASK_400, base_url, str(file), str(clock.clock)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        processes = [subprocess.Popen(command, **pipes) for _ in range(4)]  # type: ignore[call-overload]  # options
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        got = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(got) == simulator.charged() == 1_000
    assert min(got) >= 100, got


def test_two_studies_on_one_key_share_its_quota(tmp_path: Path) -> None:
    """With one ledger, two data dirs that collect at once never exceed the day's quota; each publishes its own."""
    clock, ledger = SharedClock(), tmp_path / "shared.sqlite"
    simulator = make_simulator(clock, Knobs(rate_per_minute=0, quota_main=10**6))
    with running(simulator) as base_url:
        settings = []
        for name in ("one", "two"):
            settle_in(tmp_path / name, base_url, clock, quota=120)
            study = tmp_path / name / "study.yaml"
            study.write_text(study.read_text().replace("A journey with accidents", f"Study {name}"))
            settings.append(settings_of(tmp_path / name, base_url, clock, ledger=ledger))
        processes = [start(each, f"run-{number}") for number, each in enumerate(settings)]
        for process in processes:
            process.join()

    assert [process.exitcode for process in processes] == [75, 75]
    assert simulator.charged() == 120
    assert counted_by_day(settings[0]) == charged_by_day(simulator)
    assert min(len(landed(each)) for each in settings) > 10
    for each in settings:
        deliver(each)
        own = {load_id_of(name_of(each.files.landing, path)) for path in each.files.landing.rglob("[!.]*.ndjson*")}
        loads = query_published(each.files.published, "select load_id from ops.loads")
        assert set(loads.to_series()) == own


def test_two_processes_on_the_same_work_request_it_once(tmp_path: Path) -> None:
    """Both end complete, and no page was requested twice."""
    clock = SharedClock()
    simulator = make_simulator(clock, videos_per_day=60)
    with running(simulator) as base_url:
        settings = settle_in(tmp_path / "data", base_url, clock)
        processes = [start(settings, f"run-{number}") for number in range(2)]
        for process in processes:
            process.join()

    assert [process.exitcode for process in processes] == [0, 0]
    bodies = Counter(f"{request.endpoint} {request.body}" for request in requests_of(simulator))
    assert bodies.most_common(1)[0][1] == 1
    assert len(landed(settings)) == bodies.total()
    with LandingZone(settings.files.landing) as zone:
        assert zone.index.pages_bought_twice() == 0


@dataclass
class SetsBack(Quiet):
    """Sets our clock, not the server's, back by so many seconds, once after so many pages."""

    clock: FrozenClock
    simulator: Simulator
    pages: int
    seconds: int

    def landed(self, *_: object) -> None:
        """A page has landed."""
        self.pages -= 1
        self.clock.advance(seconds=1)
        if not self.pages:
            self.clock.advance(seconds=-self.seconds)
            self.simulator.clock.advance(seconds=self.seconds)


@pytest.mark.parametrize("back_by_s", [7_200, 90_000], ids=["two hours", "more than a day"])
def test_a_clock_that_is_set_back_loses_nothing(tmp_path: Path, back_by_s: int) -> None:
    """During a search or a listing: no page is requested twice, nobody waits for hours, no request took less than 0 s.

    Each request counts on the day that our clock showed.
    """
    clock = FrozenClock(BEGINS)
    world = World.until_yesterday(BEGINS - timedelta(days=60), seed=7, days=31, videos_per_day=300)
    simulator = Simulator(world, now=clock.now, knobs=Knobs(rate_per_minute=0, quota_main=10**6))
    with running(simulator) as base_url:
        lab = Lab(simulator, base_url, tmp_path, clock, study=STUDY.format(quota=10**6, pace=500))
        days = days_between(FIRST_DAY, LAST_DAY)
        for pages in (3, 40, 0):
            with lab.session(limit=10**6) as opened:
                session = replace(opened, progress=SetsBack(clock, simulator, pages, back_by_s))
                collect_videos(session, session.study.searches[0], days)
                collect_comments(session, days[:2])
        with lab.session() as session:
            names, counted = session.ledger.rows()
            requests = [dict(zip(names, row, strict=True)) for row in counted]

    assert all(str(row["reserved_at"]).startswith(str(row["quota_date"])) for row in requests)
    assert min(float(row["seconds"] or 0) for row in requests) >= 0
    bodies = Counter(f"{request.endpoint} {request.body}" for request in requests_of(simulator))
    assert bodies.most_common(1)[0][1] == 1
    assert max(clock.slept_s, default=0) < 60


@pytest.mark.parametrize("ahead", [timedelta(hours=-8), timedelta(hours=8)])
def test_a_server_with_another_quota_day_is_believed(tmp_path: Path, ahead: timedelta) -> None:
    """Its 429 pauses the collection whatever we counted; later the tables are those of an undisturbed one."""
    clock = SharedClock(rate=50)
    clock.set_to(BEGINS + timedelta(hours=9))
    undisturbed = make_simulator(clock, videos_per_day=60)
    with running(undisturbed) as base_url:
        whole = settle_in(tmp_path / "undisturbed", base_url, clock)
        collect_all(whole, "whole")
    deliver(whole)

    simulator = make_simulator(clock, Knobs(rate_per_minute=0, quota_main=70), videos_per_day=60)
    simulator.clock.advance(seconds=ahead.total_seconds())
    pauses: list[QuotaExhausted] = []
    with running(simulator) as base_url:
        settle_in(tmp_path / "data", base_url, clock, quota=80)
        for run in range(20):
            settings = settings_of(tmp_path / "data", base_url, clock)
            (*_, last) = collect_all(settings, f"run-{run}")
            if last.stopped_because is None:
                break
            assert isinstance(last.stopped_because, QuotaExhausted), last.stopped_because
            pauses.append(last.stopped_because)
            clock.set_to(clock.now() + timedelta(hours=7))
    deliver(settings)

    assert last.stopped_because is None
    assert any(pause.reported_by_server for pause in pauses)
    assert differences(tables(settings), tables(whole)) == {}


def test_an_unexpected_daily_429_pauses(tmp_path: Path) -> None:
    """The server is believed even if we counted few requests, and no further request is sent."""
    clock = SharedClock(rate=50)
    fault = Fault(kind=FaultKind.DAILY_429, endpoint="comment_list", nth=5)
    simulator = make_simulator(clock, Knobs(rate_per_minute=0, quota_main=10**6, faults=(fault,)), videos_per_day=60)
    with running(simulator) as base_url:
        settings = settle_in(tmp_path / "data", base_url, clock)
        (*_, paused) = collect_all(settings, "run-1")
        sent = len(requests_of(simulator))
        collect_all(settings, "run-2")

    assert isinstance(paused.stopped_because, QuotaExhausted)
    assert len(requests_of(simulator)) == sent
