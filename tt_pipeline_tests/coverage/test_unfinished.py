"""Unfinished work is reported, unless nobody will continue it."""

from datetime import date

from tt_pipeline.coverage.unfinished import UnfinishedWork, unfinished_work
from tt_pipeline.coverage.windows import days_between
from tt_pipeline.ingestion.account_lists import collect_list
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.simulator.people import Standing
from tt_pipeline.vocabulary import AccountList
from tt_pipeline_tests.collection_lab import NOON, Lab

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 17))


def unfinished(lab: Lab) -> list[UnfinishedWork]:
    """The unfinished_work of a new process."""
    with lab.session() as session:
        return unfinished_work(session.coverage())


def test_days_of_a_search_are_unfinished_until_their_window_ends(lab: Lab) -> None:
    """One page of a window of 15 days leaves them unfinished, unless the query changes or the search is removed."""
    lab.study = lab.study.replace("  green: {hashtags: [klima, solarpower, climatechange]}\n", "")
    with lab.session(limit=1) as session:
        collect_videos(session, session.study.searches[0], DAYS)
    before, study = unfinished(lab), lab.study
    lab.study = study.replace("[climate, klima]", "[climate, klima, solarpower]")
    edited = unfinished(lab)
    lab.study = study.replace("climate: {hashtags: [climate, klima]}", "football: {hashtags: [football]}")
    removed = unfinished(lab)
    lab.study = study
    lab.clock.advance(days=1)
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)

    assert before == [UnfinishedWork("videos/climate", "15 days")]
    assert (edited, removed, unfinished(lab)) == ([], [], [])


def test_a_second_look_is_unfinished_too(lab: Lab) -> None:
    """Complete days are unfinished again while their next look is unfinished."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)
    lab.clock.advance(days=1)
    with lab.session(limit=1) as session:
        collect_videos(session, session.study.searches[0], DAYS, again_since=lab.clock.now())

    assert unfinished(lab) == [UnfinishedWork("videos/climate", "15 days")]


def test_comments_without_their_second_page_are_unfinished(lab: Lab) -> None:
    """The video is reported, unless the study no longer collects comments."""
    # One request at a time: the day's first is that of the video with most comments.
    lab.study = lab.study.replace("hashtags: [climate, klima]", "regions: [DE]").replace("second: 10", "second: 1")
    with lab.session() as session:
        spent = collect_videos(session, session.study.searches[0], DAYS).receipt.requests
        videos = [video for found in session.coverage().landed.videos_by_day.values() for video in found]
        busiest = max(videos, key=lambda video: video.comment_count or 0)
    with lab.session(limit=spent + 1) as session:
        collect_comments(session, [busiest.day])
    found = unfinished(lab)
    lab.study = lab.study.replace("comments: {min_comments: 2}", "comments: false")

    assert found == [UnfinishedWork("comments", "1 video")]
    assert unfinished(lab) == []


def test_missing_replies_are_reported(lab: Lab) -> None:
    """Complete listings without their replies are unfinished if the study collects replies."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS[:1])
        collect_comments(session, DAYS[:1])
        listed = sum(not listing.refusal for listing in session.coverage().landed.listings.values())
    lab.study = lab.study.replace("{min_comments: 2}", "{min_comments: 2, replies: true}")

    assert unfinished(lab) == [UnfinishedWork("comments", f"{listed} videos without all replies")]


def test_a_list_is_unfinished(lab: Lab) -> None:
    """One page of an account's followers is unfinished while the study observes followers."""
    people = lab.simulator.world.people.creators
    name = next(c.username for c in people if c.standing is Standing.PUBLIC and c.followers > 150)
    observing = f"{lab.study}accounts:\n  lists: [followers]\n  usernames: [{name}]\n"
    lab.simulator.change_knobs(quota_social=1)
    lab.study, without = observing, lab.study
    with lab.session() as session:
        collect_list(session, AccountList.FOLLOWERS, [NOON.date()])
    found = unfinished(lab)
    lab.study = without

    assert found == [UnfinishedWork("social/followers", "1 list")]
    assert unfinished(lab) == []
