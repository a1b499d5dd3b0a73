"""Thirty days of three overlapping searches: everything configured is requested once, and nothing else."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.coverage.landed import min_requests
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.report import CollectReport
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.landing import videos_of
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import CommentStatus
from tt_pipeline_tests.collection_lab import NOON, Lab
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.ingestion.builders import landed_comments

DAYS = days_between(date(2026, 10, 10), date(2026, 11, 8))
STUDY = """\
study: Overlap
start: 2026-10-10
searches:
  climate: {hashtags: [climate, klima, fridaysforfuture]}
  green: {hashtags: [klima, solarpower]}
  german: {hashtags: [klima, fussball], regions: [DE, AT, CH]}
comments: {min_comments: 3}
quota: {requests_per_day: 100000, requests_per_second: 10}
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A world of fifty days with few hidden videos."""
    clock = FrozenClock(NOON)
    knobs = Knobs(rate_per_minute=0, quota_main=10**6, records_main=10**9, hidden_run=0)
    simulator = Simulator(World.until_yesterday(NOON, seed=7, days=50, videos_per_day=150), knobs=knobs, now=clock.now)
    with running(simulator) as base_url:
        yield Lab(simulator, base_url, tmp_path, clock, study=STUDY)


def collect(session: CollectionSession) -> list[CollectReport]:
    """Collect videos, comments and users of all days."""
    searches = [collect_videos(session, search, DAYS) for search in session.study.searches]
    return [*searches, collect_comments(session, DAYS), collect_users(session, DAYS)]


def least(lab: Lab, session: CollectionSession) -> int:
    """The lowest possible number: one window of thirty days a search, all comment pages, each creator once."""
    windows = [lab.simulator.slots(search.query.body(), DAYS[0], DAYS[-1]) for search in session.study.searches]
    listings = [listing.slots for listing in session.coverage().landed.listings.values()]
    return sum(map(min_requests, windows + listings)) + len(session.coverage().landed.profiles)


def requests_by_subject(lab: Lab, endpoint: str, key: str) -> Counter[str]:
    """How often the first page of each subject was requested."""
    bodies = [sent.body for sent in lab.simulator.log if sent.endpoint == endpoint]
    return Counter(str(body[key]) for body in bodies if not body.get("cursor"))


@pytest.mark.slow
def test_everything_configured_is_requested_once_and_nothing_else(lab: Lab) -> None:
    """Each video's comments and each creator once, videos without comments never; all stored rows are the truth."""
    with lab.session(limit=10**6) as session:
        collect(session)
        spent, bound = lab.simulator.charged(), least(lab, session)
        coverage = session.coverage()
        videos = [video for day in DAYS for video in coverage.landed.videos_by_day[day]]
        statuses = {video.video_id: coverage.comments.status(video) for video in videos}
        comments = landed_comments(session)
        hits = Counter(
            video.video_id
            for file in session.zone.index.files()
            for page in file.envelopes()
            for video in videos_of(page)
        )

    found = {
        id_ for s in session.study.searches for id_ in lab.simulator.truth_videos(s.query.body(), DAYS[0], DAYS[-1])
    }
    assert {video.video_id for video in videos} == found
    assert max(hits.values()) > 1  # the searches do overlap
    with_comments = {
        video.video_id for video in videos if (video.comment_count or 0) >= 3 or video.comment_count is None
    }
    assert requests_by_subject(lab, "comment_list", "video_id") == Counter(map(str, with_comments))
    assert requests_by_subject(lab, "user_info", "username") == Counter({name for v in videos if (name := v.username)})
    assert set(statuses.values()) <= {
        CommentStatus.NO_COMMENTS,
        CommentStatus.BELOW_MINIMUM,
        CommentStatus.COMPLETE,
        CommentStatus.CAPPED_AT_1000,
    }
    assert comments == {comment for video_id in with_comments for comment in lab.simulator.truth_comments(video_id)}
    print(f"spent {spent}, lower bound {bound}: {spent / bound:.3f}")  # noqa: T201
    assert spent <= 1.05 * bound


def test_a_finished_day_costs_nothing_now_and_tomorrow(lab: Lab) -> None:
    """Collecting again at once, and a day later, sends nothing, and every day is complete."""
    with lab.session(limit=10**6) as session:
        collect(session)
        at_once = collect(session)
    lab.clock.advance(days=1)
    with lab.session(limit=10**6) as session:
        tomorrow = collect(session)

    assert [report.receipt.requests for report in (*at_once, *tomorrow)] == [0] * 10
    assert all(day.is_complete for report in (*at_once, *tomorrow) for day in report.days)
