"""Laws over client, ledger and simulator: after any faults, every video is received and every request counted.

Faults strike as scripted and then end. An unfinished search is requested again by a new process, as in the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tt_pipeline.clock import start_of, today
from tt_pipeline.coverage.windows import Window, days_between
from tt_pipeline.errors import QuotaExhausted
from tt_pipeline.simulator import Fault, FaultKind
from tt_pipeline.vocabulary import StopReason
from tt_pipeline_tests.contract.lab import FIRST_DAY, LAST_DAY, Lab, ids_of, open_lab, outcome_of, search, small_world
from tt_pipeline_tests.contract.shared_server import SharedServer

DAYS = days_between(FIRST_DAY, LAST_DAY)
SILENT = frozenset({FaultKind.EMPTY, FaultKind.LIST_MISSING})
"""Answers that withhold videos and look like good ones: nobody can tell them from an archive without these videos."""
LOUD = sorted(set(FaultKind) - SILENT)
MOST_TRIES = 200
TRIES_UNTIL_REST = 5
"""A day rests after at most four tries that did not say whether anything follows; then `--again` is needed."""
DENSE = 130
"""Videos a day: two pages of one day, four or five of all."""


def faults_of(kinds: Sequence[FaultKind]) -> st.SearchStrategy[list[Fault]]:
    """Any mix of faults of these kinds, each of which ends."""
    where = st.one_of(
        st.fixed_dictionaries({"nth": st.integers(1, 12)}),
        st.fixed_dictionaries({"every": st.integers(1, 4), "times": st.integers(1, 5)}),
        st.fixed_dictionaries({"always": st.just(value=True), "times": st.integers(1, 7)}),
        st.fixed_dictionaries(
            {"dates": st.sampled_from(DAYS).map(lambda day: (day.isoformat(),)), "times": st.integers(1, 7)}
        ),
    )
    endpoints = st.sampled_from(("*", "video_query"))
    fault = st.builds(_fault, st.sampled_from(kinds), endpoints, where)
    return st.lists(fault, max_size=6)


def _fault(kind: FaultKind, endpoint: str, where: dict[str, Any]) -> Fault:
    return Fault(kind=kind, endpoint=endpoint, slow_s=0, **where)


windows_of_the_days = st.lists(st.booleans(), min_size=len(DAYS) - 1, max_size=len(DAYS) - 1).flatmap(
    lambda cuts: st.permutations(_split(cuts))
)
"""The days in any number of windows, in any order."""


def _split(cuts: Sequence[bool]) -> list[Window]:
    starts = [DAYS[0], *(day for day, cut in zip(DAYS[1:], cuts, strict=True) if cut)]
    ends = [*(day - timedelta(days=1) for day in starts[1:]), DAYS[-1]]
    return [Window(first_day=first, last_day=last) for first, last in zip(starts, ends, strict=True)]


knobs_of_the_server = st.fixed_dictionaries(
    {
        "search_id_rotates": st.booleans(),
        "search_warmup_s": st.sampled_from((0, 3, 40)),
        "hidden_rate": st.sampled_from((0.0, 0.1, 0.6)),
        "token_single_active": st.booleans(),
        "rate_per_minute": st.sampled_from((0, 3)),
        "quota_main": st.sampled_from((9, 1_000)),
        "search_ttl_s": st.sampled_from((100, 86_400)),
        "search_cache_s": st.sampled_from((0, 50)),
        "video_id_key": st.sampled_from(("id", "video_id")),
    }
)


@dataclass
class Collector:
    """Requests a window until a search is complete; keeps all videos, and those of the last search."""

    lab: Lab
    got: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)

    def collect(self, window: Window) -> None:
        """Request again and again, each time in a new process."""
        for _ in range(MOST_TRIES):
            outcome = outcome_of(lambda: search(self.lab.client(), window.first_day, window.last_day))
            self.got += ids_of(outcome.pages)
            if isinstance(outcome.error, QuotaExhausted):
                sleep_until_tomorrow(self.lab)
            elif outcome.error is not None:
                self.lab.clock.advance(seconds=61)  # a breaker that is open closes
            elif outcome.pages[-1].ends is StopReason.COMPLETE:
                self.last = ids_of(outcome.pages)
                return
        raise AssertionError(self.lab.wire)


def sleep_until_tomorrow(lab: Lab) -> None:
    """Wait for a new day's quota."""
    lab.clock.instant = start_of(today(lab.clock) + timedelta(days=1)) + timedelta(minutes=5)


@pytest.fixture(scope="module")
def served(server: tuple[SharedServer, str]) -> tuple[SharedServer, str]:
    """The server for tests whose examples each have their own lab."""
    return server


def check_ledger(lab: Lab) -> None:
    """Fail unless the ledger and the simulator charge the same requests."""
    ours, theirs = lab.charges
    assert ours == theirs


any_trouble = given(faults=faults_of(LOUD), windows=windows_of_the_days, knobs=knobs_of_the_server)


def everything_is_received_and_counted(
    served: tuple[SharedServer, str], faults: list[Fault], windows: list[Window], knobs: dict[str, Any]
) -> None:
    """A complete search has returned exactly the visible videos, at the charge in the ledger."""
    with TemporaryDirectory() as folder:
        lab = open_lab(*served, Path(folder), world=small_world(DENSE), faults=tuple(faults), **knobs)
        with lab.opened:
            collector = Collector(lab)
            for window in windows:
                collector.collect(window)
                assert set(collector.last) == set(lab.truth(window.first_day, window.last_day))
            assert set(collector.got) == set(lab.truth())
            check_ledger(lab)


def everything_is_landed_and_counted(
    served: tuple[SharedServer, str], faults: list[Fault], windows: list[Window], knobs: dict[str, Any]
) -> None:
    """Complete days have landed exactly the visible videos, at the charge in the ledger."""
    with TemporaryDirectory() as folder:
        lab = open_lab(*served, Path(folder), world=small_world(DENSE), faults=tuple(faults), **knobs)
        with lab.opened:
            for window in windows:
                land_all(lab, window)
            assert set(lab.landed_ids()) == set(lab.truth())
            check_ledger(lab)


def land_all(lab: Lab, window: Window) -> None:
    """Collect a window in new processes until every day is complete; days that wait with --again."""
    for tries in range(MOST_TRIES):
        again_since = lab.clock.now() if tries >= TRIES_UNTIL_REST else None
        report = lab.collect(window.first_day, window.last_day, again_since=again_since)
        if all(day.status == "complete" for day in report.days):
            return
        if isinstance(report.stopped_because, QuotaExhausted):
            sleep_until_tomorrow(lab)
        elif any(day.has_final_status and day.status != "complete" for day in report.days):
            lab.clock.advance(days=2 ** min(tries, 10))  # what failed is tried again after 1, 2, 4, … days
        else:
            lab.clock.advance(seconds=61)  # a breaker that is open closes
    raise AssertionError(lab.wire)


@any_trouble
def test_after_any_faults_everything_is_received_and_counted(served: tuple[SharedServer, str], **trouble: Any) -> None:
    """Any split into windows returns every visible video; ledger and server agree on each request."""
    everything_is_received_and_counted(served, **trouble)


@any_trouble
@example(
    faults=[Fault(kind=FaultKind.CURSOR_MISSING, endpoint="video_query", always=True, times=7)],
    windows=[Window(first_day=DAYS[0], last_day=DAYS[-1])],
    knobs={},
)
def test_after_any_faults_everything_is_landed_and_counted(served: tuple[SharedServer, str], **trouble: Any) -> None:
    """Collecting again until every day is complete, with resumed windows, lands every video."""
    everything_is_landed_and_counted(served, **trouble)


@given(faults=faults_of(sorted(FaultKind)), windows=windows_of_the_days)
def test_incomplete_answers_add_nothing_wrong_and_are_counted(
    served: tuple[SharedServer, str], faults: list[Fault], windows: list[Window]
) -> None:
    """Answers with missing videos have no wrong ones, and one more look without faults returns the rest."""
    with TemporaryDirectory() as folder:
        lab = open_lab(*served, Path(folder), world=small_world(DENSE), faults=tuple(faults))
        with lab.opened:
            collector = Collector(lab)
            for window in windows:
                collector.collect(window)
            assert set(collector.got) <= set(lab.truth())
            check_ledger(lab)
            lab.change_knobs(faults=())
            for window in windows:
                collector.collect(window)
            assert set(collector.got) == set(lab.truth())
