"""Requests spent against the least that the same rows can cost, for a mix of quiet, medium and busy searches."""

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.clock import FrozenClock
from tt_pipeline.ingestion.collect_comments import collect_comments
from tt_pipeline.ingestion.collect_users import collect_users
from tt_pipeline.ingestion.collect_videos import collect_videos
from tt_pipeline.ingestion.desk import Desk
from tt_pipeline.ingestion.windows import cut, days_between
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline_tests.ingestion.conftest import NOON, Lab

pytestmark = pytest.mark.slow

DAYS = days_between(date(2026, 9, 10), date(2026, 11, 8))
STUDY = """\
study: Quiet, medium and busy
start: 2026-09-10
searches:
  quiet: {hashtags: [wildbees], regions: [DE]}
  medium: {hashtags: [climate, klima]}
  busy: {min_views: 20}
comments: {min_comments: 30}
users: true
quota: {requests_per_day: 100000, requests_per_second: 10}
"""


def least(lab: Lab, desk: Desk) -> int:
    """Full pages over the fewest windows, needed comment pages, each creator once."""
    simulator, held = lab.simulator, desk.holdings()
    windows = [
        simulator.slots(search.query.body(), window.first_day, window.last_day)
        for search in desk.study.searches
        for window in cut(DAYS)
    ]
    listings = [math.ceil(listing.slots / 100) or 1 for listing in held.listings.values()]
    return sum(math.ceil(slots / 100) or 1 for slots in windows) + sum(listings) + len(held.profiles)


def day_by_day(lab: Lab, desk: Desk) -> int:
    """What the searches alone cost when each day is asked for by itself."""
    return sum(
        math.ceil(lab.simulator.slots(search.query.body(), day, day) / 100) or 1
        for search in desk.study.searches
        for day in DAYS
    )


@pytest.fixture(params=[0.0, 0.02], ids=["without faults", "2 % faults"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """Sixty days of a world of medium size."""
    knobs = Knobs(rate_per_minute=0, fault_500_rate=request.param, quota_main=10**6, records_main=10**9)
    clock = FrozenClock(NOON)
    world = World.until_yesterday(NOON, seed=7, days=75, videos_per_day=100)
    simulator = Simulator(world, knobs=knobs, now=clock.now)
    with running(simulator) as base_url:
        yield Lab(simulator, base_url, tmp_path, clock, study=STUDY)


def test_little_is_spent_beyond_the_lower_bound(lab: Lab) -> None:
    """At most 1.05 times the lower bound without faults, and 1.15 times with 2 % of them."""
    with lab.desk(limit=10**6) as desk:
        searches = sum(collect_videos(desk, search, DAYS).receipt.requests for search in desk.study.searches)
        collect_comments(desk, DAYS)
        collect_users(desk, DAYS)
        spent, bound, by_day = lab.simulator.charged(), least(lab, desk), day_by_day(lab, desk)

    allowed = 1.15 if lab.simulator.knobs.fault_500_rate else 1.05
    print(f"spent {spent}, lower bound {bound}: {spent / bound:.3f}; searches {searches}, day by day {by_day}")  # noqa: T201
    assert spent <= allowed * bound
    assert searches < by_day
