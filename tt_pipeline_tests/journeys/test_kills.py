"""kill -9 at any moment, with faults and a small quota: no page is lost or repeated, no request uncounted."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from tt_pipeline.clock import start_of
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.ingestion.session import MOST_IN_FLIGHT
from tt_pipeline.settings import Settings
from tt_pipeline.simulator import Fault, FaultKind, Knobs, Simulator, running
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.journeys.children import (
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

QUOTA = 100
PACE_AT_NIGHT = 0.1
"""Requests a second of a clock that runs 500 times as fast: a day's quota takes two real seconds on any machine."""
FAULTY = Knobs(
    rate_per_minute=0,
    quota_main=QUOTA,
    fault_500_rate=0.01,
    fault_504_html_rate=0.01,
    faults=(
        Fault(kind=FaultKind.SEARCH_ID_INVALID, endpoint="video_query", every=6),
        Fault(kind=FaultKind.TOKEN_INVALID, every=31),
        Fault(kind=FaultKind.BURST_429, every=37),
    ),
)


@dataclass
class KilledCollection:
    """A collection that is killed again and again, each time in a new process.

    Attributes:
        is_at_night: Each kill is just after midnight, in a process that started collecting before it.
        lead: The time before midnight at which such a process is started.
    """

    simulator: Simulator
    base_url: str
    clock: SharedClock
    settings: Settings
    random: Random
    kills: int = 0
    kills_while_paging: int = 0
    runs: int = 0
    killed_after: list[int] = field(default_factory=list)
    is_at_night: bool = False
    lead: timedelta = timedelta(minutes=8)
    crossings: int = 0

    def run(self, kills: int) -> None:
        """Collect with so many kills until the collection is complete; a used-up quota ends the day."""
        while True:
            code = self._run(is_killed=self.kills < kills)
            if code == 0:
                return
            if code == 75:
                self.clock.next_day()
            assert code in {75, -9}, code
            assert self.runs < kills + 40

    def _run(self, *, is_killed: bool) -> int | None:
        self.runs += 1
        self._set_clock(is_killed=is_killed)
        evening = self.clock.now().date()
        settings = settings_of(self.settings.data_dir, self.base_url, self.clock)
        # A search of fifteen pages is soon collected: the first kills come closer together.
        begun, most = len(self.simulator.log), self.random.choice([2, 3] if self.kills < 12 else [2, 5, 10, 20, 40])
        process = start(settings, f"run-{self.runs}")
        while is_killed and process.is_alive() and not self._has_sent(begun, most, evening):
            time.sleep(0.0005)
        if is_killed and process.is_alive():
            time.sleep(self.random.random() / 100)
            process.kill()
        process.join()
        if process.exitcode == -9:
            self._note_kill(settings)
        self._note_crossing({request.at.date() - evening for request in self.simulator.log[begun:]})
        return process.exitcode

    def _set_clock(self, *, is_killed: bool) -> None:
        now = self.clock.now()
        if self.is_at_night and is_killed:
            self.clock.set_to(start_of(now.date() + timedelta(days=1)) - self.lead)
        elif now.hour >= 16:  # elsewhere a request that is counted before midnight and answered after it is no matter
            self.clock.next_day()

    def _has_sent(self, begun: int, most: int, evening: date) -> bool:
        log = self.simulator.log
        if self.is_at_night:
            return len(log) > begun and log[-1].at.date() > evening
        return len(log) >= begun + most

    def _note_crossing(self, sent_on: set[timedelta]) -> None:
        """Note whether requests were sent before and after midnight; if not, start the next process at another time."""
        if len(sent_on) > 1:
            self.crossings += 1
        else:
            self.lead *= 0.7 if timedelta(0) in sent_on else 1.5

    def _note_kill(self, settings: Settings) -> None:
        self.kills += 1
        self.killed_after.append(len(self.simulator.log))
        with open_workspace(settings) as workspace:
            ends = [window.ends for window in workspace.zone.index.windows()]
            ends += [listing.ends for listing in workspace.zone.index.subjects(Dataset.COMMENTS).values()]
        self.kills_while_paging += None in ends


def collect_with_kills(
    tmp_path: Path, *, kills: int, videos_per_day: int, is_at_night: bool = False
) -> KilledCollection:
    """Run a collection with kills, and check ledger and requests when it has ended."""
    clock = SharedClock()
    undisturbed = make_simulator(clock, videos_per_day=videos_per_day)
    with running(undisturbed) as base_url:
        whole = settle_in(tmp_path / "undisturbed", base_url, clock)
        assert not [report for report in collect_all(whole, "whole") if report.stopped_because]
    deliver(whole)

    simulator = make_simulator(clock, FAULTY, videos_per_day=videos_per_day)
    with running(simulator) as base_url:
        settings = settle_in(
            tmp_path / "killed", base_url, clock, quota=QUOTA, pace=PACE_AT_NIGHT if is_at_night else 500
        )
        random = Random(kills)  # noqa: S311 — repeatable
        collection = KilledCollection(simulator, base_url, clock, settings, random, is_at_night=is_at_night)
        collection.run(kills)
    deliver(settings)

    assert differences(tables(settings), tables(whole)) == {}
    check_ledger(collection)
    check_requests(collection)
    return collection


def check_ledger(collection: KilledCollection) -> None:
    """Fail if the ledger has fewer requests than the server, or more than were in flight at the kills.

    A request in flight at midnight counts for the day it was sent, and is charged on the day it arrived.
    """
    counted, charged = counted_by_day(collection.settings), charged_by_day(collection.simulator)
    under_way = MOST_IN_FLIGHT if collection.is_at_night else 0
    assert {day: (counted[day], charged[day]) for day in charged if counted[day] < charged[day] - under_way} == {}
    assert counted.total() >= charged.total()
    assert counted.total() - charged.total() <= MOST_IN_FLIGHT * collection.kills
    assert max(counted.values()) <= QUOTA


def check_requests(collection: KilledCollection) -> None:
    """Fail if a landed page was requested again, except the first page of a search whose search_id died."""
    pages = landed(collection.settings)
    bodies = Counter(f"{page.endpoint} {page.request}" for page in pages)
    restarts = sum(
        request.code == "invalid_params" and request.endpoint == "video_query"
        for request in requests_of(collection.simulator)
    )
    twice = {body: count - 1 for body, count in bodies.items() if count > 1}
    assert [body for body in twice if "search_id" in body or "video_query" not in body] == []
    assert sum(twice.values()) <= restarts
    answered = sum(request.code == "ok" for request in requests_of(collection.simulator))
    unlanded = answered - sum(page.refusal is None for page in pages)
    assert 0 <= unlanded <= MOST_IN_FLIGHT * collection.kills


def test_six_kills_cost_nothing_that_landed(tmp_path: Path) -> None:
    """After six kills the tables are those of an undisturbed run, and the ledger has every request."""
    collection = collect_with_kills(tmp_path, kills=6, videos_per_day=40)

    assert collection.kills == 6


def test_kills_in_the_first_moments_of_a_day_cost_nothing_that_landed(tmp_path: Path) -> None:
    """The same is true after kills of processes that collected across midnight."""
    collection = collect_with_kills(tmp_path, kills=2, videos_per_day=80, is_at_night=True)

    assert collection.kills == 2
    assert collection.crossings >= 1


@pytest.mark.slow
def test_fifty_kills_cost_nothing_that_landed(tmp_path: Path) -> None:
    """The same is true after fifty kills, spread over the whole collection."""
    collection = collect_with_kills(tmp_path, kills=50, videos_per_day=300)

    assert collection.kills == 50
    assert collection.kills_while_paging >= 10
    assert len(set(collection.killed_after)) >= 40
