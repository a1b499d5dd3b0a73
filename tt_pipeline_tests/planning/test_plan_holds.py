"""The plan compared with the requests that collecting then sends, for three studies on the simulator."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tt_pipeline.coverage.due_work import due
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.planning import assumed, calibrated, plan
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.studies import find_search
from tt_pipeline.vocabulary import Dataset
from tt_pipeline_tests.collection_lab import NOON, Lab
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.planning.spending import DAYS, SEEN, Spent, collect, contains, planned

pytestmark = pytest.mark.slow

QUIET = """\
study: A quiet hashtag
start: 2026-09-10
end: 2026-11-08
searches:
  bees: {hashtags: [garden, plants, wildbees]}
"""
BUSY = """\
study: Busy words, and comments of what is talked about
start: 2026-09-10
end: 2026-11-08
searches:
  sport: {hashtags: [football, fitness, soccer]}
  fun: {hashtags: [comedy, funny, soccer]}
comments: {min_comments: 10}
"""
ACCOUNTS = """\
study: Some accounts
start: 2026-09-10
end: 2026-11-08
searches:
  people: {usernames: [NAMES]}
"""
STUDIES = ["quiet", "busy", "accounts"]


@pytest.fixture(params=STUDIES)
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """Sixty days of a world, and a study in it."""
    clock = FrozenClock(NOON)
    world = World.until_yesterday(NOON, seed=7, days=75, videos_per_day=300)
    creators = sorted({video.creator.username for video in world.videos(DAYS[0])})[:40]
    study = {"quiet": QUIET, "busy": BUSY, "accounts": ACCOUNTS.replace("NAMES", ", ".join(creators))}[request.param]
    knobs = Knobs(rate_per_minute=0, quota_main=10**6, records_main=10**9)
    simulator = Simulator(world, knobs=knobs, now=clock.now)
    with running(simulator) as base_url:
        yield Lab(simulator, base_url, tmp_path, clock, study=study)


def test_the_range_holds_before_anything_has_landed(lab: Lab) -> None:
    """From the study alone: sixty days of searches, comments and users cost a number within the range."""
    with lab.session(limit=10**6) as session:
        made = plan(session.study, assumed(session.study, NOON), NOON)
        spent = collect(session, DAYS)

    assert contains(made, spent) == {}


def test_the_range_holds_and_is_narrow_once_days_have_landed(lab: Lab) -> None:
    """After forty days, the other twenty cost a number within the range; high is at most 1.7 times low."""
    with lab.session(limit=10**6) as session:
        collect(session, SEEN)
        made = plan(session.study, calibrated(session.coverage()), NOON)
        spent = collect(session, DAYS)

    assert contains(made, spent) == {}
    assert made.total.high / made.total.low <= 1.7


def test_the_range_is_narrower_still_where_only_comments_and_creators_are_missing(lab: Lab) -> None:
    """After the searches of forty days, the rest costs a number within the range; high is at most 1.5 times low."""
    with lab.session(limit=10**6) as session:
        for search in session.study.searches:
            collect_videos(session, search, SEEN)
        made = plan(session.study, calibrated(session.coverage()), NOON)
        spent = collect(session, DAYS)

    assert contains(made, spent) == {}
    assert made.total.high / made.total.low <= 1.5


def test_a_study_that_runs_day_by_day_costs_what_was_planned(lab: Lab) -> None:
    """Two weeks of daily runs with looks at both ages, creators and comments cost a number within the range."""
    lab.study = lab.study.replace("2026-11-08", "2026-11-19")
    with lab.session(limit=10**6) as session:
        collect_due(session)
        made = plan(session.study, calibrated(session.coverage()), NOON)
        spent = Spent(videos=0, comments=0, users=0)
        for _ in range(14):
            lab.clock.advance(days=1)
            spent += collect_due(session)

    assert contains(made, spent) == {}


def collect_due(session: CollectionSession) -> Spent:
    """Collect as `tt collect` does without days."""
    spent = Counter[str]()
    for work in due(session.coverage()):
        kind, _, name = work.asset.partition("/")
        if name:
            report = collect_videos(session, find_search(session.study, name), work.window.days)
        else:
            report = {"comments": collect_comments, "users": collect_users}[kind](session, work.window.days)
        spent[kind] += report.receipt.requests
    # A day's creators and comments become due with its videos.
    return Spent(videos=spent["videos"], comments=spent["comments"], users=spent["users"])


def share_obtained(lab: Lab, session: CollectionSession) -> float:
    """The share of the comments of found videos that has landed."""
    coverage = session.coverage()
    videos = [video for videos in coverage.landed.videos_by_day.values() for video in videos]
    within_reach = sum(len(lab.simulator.truth_comments(video.video_id)) for video in videos)
    return sum(listing.records for listing in coverage.landed.listings.values()) / within_reach


@pytest.mark.parametrize("share_of_quota", [0.25, 0.6])
def test_a_few_days_of_quota_yield_the_planned_share_of_comments(lab: Lab, share_of_quota: float) -> None:
    """With the min_comments that the plan names for three days, they yield the planned share, within 3 points."""
    with lab.session(limit=10**6) as session:
        for search in session.study.searches:
            collect_videos(session, search, DAYS)
        collect_users(session, DAYS)
        needed = planned(plan(session.study, calibrated(session.coverage()), NOON), Dataset.COMMENTS).likely
    a_day = round(needed * share_of_quota / 3)
    lab.study += f"quota: {{requests_per_day: {a_day}}}\n"
    with lab.session(limit=a_day) as session:
        made = plan(session.study, calibrated(session.coverage()), NOON, further_days=[3])
        (point,) = (point for point in made.curve if point.days == 3)

    lab.study = re.sub("comments: {.*}\n", "", lab.study) + f"comments: {{min_comments: {point.min_comments}}}\n"
    for _ in range(3):
        lab.clock.advance(days=1)
        with lab.session(limit=a_day) as session:
            collect_comments(session, DAYS)
            obtained = share_obtained(lab, session)

    print(f"{point} obtained {obtained:.3f}")  # noqa: T201 — for -s
    assert abs(point.share - obtained) <= 0.03
