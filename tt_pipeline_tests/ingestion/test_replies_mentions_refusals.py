"""Replies that listings left out, mentioned accounts, and refusals that are stored for a time."""

from datetime import date

import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.simulator import Fault, FaultKind
from tt_pipeline.vocabulary import CommentStatus, Dataset
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.ingestion.builders import landed_comments

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 4))


def find_videos(session: CollectionSession) -> None:
    """Collect the videos of both searches."""
    for search in session.study.searches:
        collect_videos(session, search, DAYS)


def comments_with_requested_replies(lab: Lab) -> list[int]:
    """Comments whose replies were requested, once for each request."""
    bodies = [sent.body for sent in lab.simulator.log if sent.endpoint == "comment_list" and sent.status == 200]
    return [body["comment_id"] for body in bodies if "comment_id" in body]


@pytest.fixture
def with_replies(lab: Lab) -> Lab:
    """A lab whose listings are cut at ten comments, so that most replies are left out."""
    lab.study = lab.study.replace("{min_comments: 2}", "{min_comments: 2, max_per_video: 10, replies: true}")
    return lab


def test_replies_that_the_listing_left_out_are_requested_once(with_replies: Lab) -> None:
    """Each thread with missing replies costs one separate listing; a second time nothing is sent."""
    with with_replies.session() as session:
        find_videos(session)
        collect_comments(session, DAYS)
        requested = comments_with_requested_replies(with_replies)
        landed = landed_comments(session)
        second = collect_comments(session, DAYS).receipt.requests
        statuses = {
            session.coverage().comments.status(v) for day in DAYS for v in session.coverage().landed.videos_by_day[day]
        }

    assert requested
    assert len(requested) == len(set(requested))
    world = with_replies.simulator.world
    threads = {comment_id: world.commented_video(comment_id) for comment_id in requested}
    replies = {c.id for top, v in threads.items() if v for c in world.comments(v) if c.parent_id == top}
    shown = {c for v in threads.values() if v for c in with_replies.simulator.truth_comments(v.id)}
    assert replies & shown <= landed
    assert second == 0
    assert CommentStatus.PAUSED not in statuses


def test_replies_continue_where_they_were_interrupted(with_replies: Lab) -> None:
    """An ended quota, or replies added to the study later, repeat no page and give the same replies."""
    with with_replies.session(limit=25) as session:
        find_videos(session)
        collect_comments(session, DAYS)
    with_replies.clock.advance(days=1)
    with with_replies.session() as session:
        collect_comments(session, DAYS)
        requested, in_parts = comments_with_requested_replies(with_replies), landed_comments(session)
        twice = session.zone.index.pages_bought_twice()
        again = collect_comments(session, DAYS).receipt.requests

    assert (len(requested) - len(set(requested)), twice, again) == (0, 0, 0)
    assert len(in_parts) > 0


def test_failed_replies_are_requested_again_another_day(with_replies: Lab) -> None:
    """A failed thread makes its video failed, not its listing: a day later one request completes the video."""
    study, listings = with_replies.study, Dataset.COMMENTS
    with_replies.study = study.replace("replies: true", "replies: false")
    with with_replies.session() as session:
        find_videos(session)
        collect_comments(session, DAYS)
        listed = dict(session.coverage().landed.listings)
    with_replies.study = study
    with_replies.simulator.change_knobs(
        faults=(Fault(kind=FaultKind.ERROR_500, endpoint="comment_list", always=True, times=3),)
    )
    with with_replies.session() as session:
        collect_comments(session, DAYS)
        failed = [v for day in DAYS for v in session.coverage().comments.failed(day)]
        at_once = collect_comments(session, DAYS).receipt.requests
    with_replies.clock.advance(days=1)
    with with_replies.session() as session:
        next_day = collect_comments(session, DAYS).receipt.requests
        in_the_end = {session.coverage().comments.status(video) for video in failed}

        assert session.zone.index.subjects(listings) == listed
    assert (len(failed), at_once, next_day) == (1, 0, 1)
    assert in_the_end <= {CommentStatus.COMPLETE, CommentStatus.CAPPED}


def test_a_study_that_no_longer_collects_comments_requests_none(lab: Lab) -> None:
    """Also with `--again`, which lists complete videos once more where comments are wanted."""
    with lab.session() as session:
        find_videos(session)
        listed = collect_comments(session, DAYS).receipt.requests
    lab.study = lab.study.replace("comments: {min_comments: 2}", "comments: false")
    lab.clock.advance(seconds=60)
    with lab.session() as session:
        report = collect_comments(session, DAYS, again_since=lab.clock.now())

    assert listed > 0
    assert report.receipt.requests == 0
    assert {day.status for day in report.days} == {"not_wanted"}


def test_mentioned_accounts_are_looked_up_with_creators(lab: Lab) -> None:
    """If the study requests them, accounts mentioned in found videos have profiles too, each once."""
    with lab.session() as session:
        find_videos(session)
        mentioned = {
            name for day in DAYS for video in session.coverage().landed.videos_by_day[day] for name in video.mentions
        }
        creators = {name for day in DAYS for name in session.coverage().profiles.accounts_of(day)}
        collect_users(session, DAYS)
        without = set(session.coverage().landed.profiles)
    lab.study += "users: {mentioned: true}\n"
    with lab.session() as session:
        collect_users(session, DAYS)
        with_mentioned = set(session.coverage().landed.profiles)
        second = collect_users(session, DAYS).receipt.requests

    assert mentioned - creators
    assert without == creators
    assert with_mentioned == creators | mentioned
    assert second == 0


def test_closed_comments_are_remembered(lab: Lab) -> None:
    """A video with closed comments is requested once, has the status closed, and its day can be complete."""
    lab.simulator.change_knobs(closed_comments_rate=0.3)
    with lab.session() as session:
        find_videos(session)
        report = collect_comments(session, DAYS)
        coverage = session.coverage()
        closed = [
            v
            for day in DAYS
            for v in coverage.landed.videos_by_day[day]
            if coverage.comments.status(v) is CommentStatus.CLOSED
        ]
        second = collect_comments(session, DAYS).receipt.requests

    assert closed
    assert second == 0
    assert all(day.is_complete for day in report.days)
    assert not any(lab.simulator.truth_comments(video.video_id) for video in closed)
