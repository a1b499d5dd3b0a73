"""The plan compared with the requests then sent, for samples, replies, mentioned accounts and lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tt_pipeline.coverage.account_lists import list_of, quota_bucket
from tt_pipeline.coverage.due_work import due
from tt_pipeline.ingestion.account_lists import collect_list
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.planning import CostPart, Estimate, Plan, assumed, calibrated, plan, total
from tt_pipeline.planning.calibration import found_videos, known_videos
from tt_pipeline.planning.comments import drawn_videos
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.collection_lab import NOON, Lab
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.planning.spending import DAYS, SEEN, collect, contains

pytestmark = pytest.mark.slow

SPORT = """\
study: What is talked about
start: 2026-09-10
end: 2026-11-08
searches:
  sport: {hashtags: [football, fitness, soccer]}
  fun: {hashtags: [comedy, funny, soccer]}
"""
STUDIES = {
    "sample": f"{SPORT}comments: {{sample: {{per_stratum: 2}}}}\n",
    "replies": f"{SPORT}comments: {{min_comments: 50, replies: true}}\nusers: false\n",
    "mentioned": f"{SPORT}comments: false\nusers: {{mentioned: true}}\n",
}
LISTS = """\
comments: false
users: false
accounts:
  top_creators: {search: sport, most: 20}
  lists: [followers, following, liked, pinned, reposted, playlists]
  every_days: 3
  max_per_list: 1000
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Sixty days of a world."""
    clock = FrozenClock(NOON)
    world = World.until_yesterday(NOON, seed=7, days=75, videos_per_day=300)
    knobs = Knobs(rate_per_minute=0, quota_main=10**6, quota_social=10**6, records_main=10**9)
    simulator = Simulator(world, knobs=knobs, now=clock.now)
    with running(simulator) as base_url:
        yield Lab(simulator, base_url, tmp_path, clock, study=SPORT)


@pytest.mark.parametrize("study", STUDIES)
def test_the_range_holds_before_anything_has_landed(lab: Lab, study: str) -> None:
    """From the study alone: every part of sixty days costs a number within its range."""
    lab.study = STUDIES[study]
    with lab.session(limit=10**6) as session:
        made = plan(session.study, assumed(session.study, NOON), NOON)
        spent = collect(session, DAYS)

    assert contains(made, spent) == {}


@pytest.mark.parametrize("study", STUDIES)
def test_the_range_holds_once_days_have_landed(lab: Lab, study: str) -> None:
    """After forty days, every part of the other twenty costs a number within its range."""
    lab.study = STUDIES[study]
    with lab.session(limit=10**6) as session:
        collect(session, SEEN)
        made = plan(session.study, calibrated(session.coverage()), NOON)
        spent = collect(session, DAYS)

    assert contains(made, spent) == {}


def test_the_plan_draws_what_collecting_draws(lab: Lab) -> None:
    """The plan prices the comments of the same videos that collecting draws."""
    lab.study = STUDIES["sample"]
    with lab.session(limit=10**6) as session:
        for search in session.study.searches:
            collect_videos(session, search, SEEN)
        coverage = session.coverage()
        numbers = drawn_videos(known_videos(coverage, found_videos(coverage)), session.study.comments)["number"]

    expected = {drawing.number for drawing in coverage.comments.drawings.values() if drawing.is_drawn}
    assert set(numbers) == expected
    assert len(coverage.comments.drawings) > len(expected) > 100


def observe_what_is_due(session: CollectionSession) -> dict[Bucket, int]:
    """Collect the lists that are due, as `tt collect` does; returns the requests of both quotas."""
    spent = dict.fromkeys(Bucket, 0)
    for work in due(session.coverage()):
        if account_list := list_of(work.asset):
            report = collect_list(session, account_list, work.window.days)
            spent[quota_bucket(work.asset)] += report.receipt.requests
    return spent


def of_lists(made: Plan, bucket: Bucket) -> Estimate:
    """The planned requests for lists in one quota."""
    return total(line.total for line in made.lines if line.part is CostPart.LISTS and line.bucket is bucket)


@pytest.mark.parametrize("is_calibrated", [False, True])
def test_lists_cost_what_was_planned(lab: Lab, is_calibrated: bool) -> None:  # noqa: FBT001
    """Eight days with an observation every third cost a number within the range of each quota."""
    lab.study = SPORT.replace("2026-11-08", "2026-11-28") + LISTS
    with lab.session(limit=10**6) as session:
        before = plan(session.study, assumed(session.study, NOON), NOON)
        for search in session.study.searches:
            collect_videos(session, search, SEEN)
        first = observe_what_is_due(session) if is_calibrated else dict.fromkeys(Bucket, 0)
        made = plan(session.study, calibrated(session.coverage()), NOON) if is_calibrated else before
        spent = observe_what_is_due(session)
        for _ in range(8):
            lab.clock.advance(days=1)
            later = observe_what_is_due(session)
            spent = {bucket: spent[bucket] + later[bucket] for bucket in Bucket}

    ranges = {bucket: of_lists(made, bucket) for bucket in Bucket}
    print(ranges, spent, first)  # noqa: T201 — for -s
    assert {bucket: (r, spent[bucket]) for bucket, r in ranges.items() if not r.low <= spent[bucket] <= r.high} == {}
    assert made.social is not None
    assert made.social.total == ranges[Bucket.SOCIAL]
    assert not is_calibrated or max(r.high / r.low for r in ranges.values()) < 3
