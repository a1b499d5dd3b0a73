"""What is half way is told, and nothing that nobody goes on with."""

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


def half_way(lab: Lab) -> list[UnfinishedWork]:
    """What a new process finds unfinished_work."""
    with lab.session() as session:
        return unfinished_work(session.coverage())


def test_days_of_a_search_are_half_way_until_their_window_ends(lab: Lab) -> None:
    """One page of a window of 15 days leaves them unfinished; under another query or without the search nothing is."""
    lab.study = lab.study.replace("  green: {hashtags: [klima, solarpower, climatechange]}\n", "")
    with lab.session(limit=1) as session:
        collect_videos(session, session.study.searches[0], DAYS)
    before, study = half_way(lab), lab.study
    lab.study = study.replace("[climate, klima]", "[climate, klima, solarpower]")
    edited = half_way(lab)
    lab.study = study.replace("climate: {hashtags: [climate, klima]}", "football: {hashtags: [football]}")
    removed = half_way(lab)
    lab.study = study
    lab.clock.advance(days=1)
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)

    assert before == [UnfinishedWork("videos/climate", "15 days")]
    assert (edited, removed, half_way(lab)) == ([], [], [])


def test_a_second_look_is_half_way_too(lab: Lab) -> None:
    """Days that were complete are unfinished again while their next look is unfinished."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)
    lab.clock.advance(days=1)
    with lab.session(limit=1) as session:
        collect_videos(session, session.study.searches[0], DAYS, again_since=lab.clock.now())

    assert half_way(lab) == [UnfinishedWork("videos/climate", "15 days")]


def test_comments_are_half_way(lab: Lab) -> None:
    """The video whose second page is missing is told, unless comments are wanted no more."""
    # One request at a time: the day's first is that of the video with most comments.
    lab.study = lab.study.replace("hashtags: [climate, klima]", "regions: [DE]").replace("second: 10", "second: 1")
    with lab.session() as session:
        spent = collect_videos(session, session.study.searches[0], DAYS).receipt.requests
        videos = [video for found in session.coverage().landed.videos_by_day.values() for video in found]
        busiest = max(videos, key=lambda video: video.comment_count or 0)
    with lab.session(limit=spent + 1) as session:
        collect_comments(session, [busiest.day])
    told = half_way(lab)
    lab.study = lab.study.replace("comments: {min_comments: 2}", "comments: false")

    assert told == [UnfinishedWork("comments", "1 video")]
    assert half_way(lab) == []


def test_missing_replies_are_told(lab: Lab) -> None:
    """Listings that are there, without the replies they left out, are half way where replies are wanted."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS[:1])
        collect_comments(session, DAYS[:1])
        listed = sum(not listing.refusal for listing in session.coverage().landed.listings.values())
    lab.study = lab.study.replace("{min_comments: 2}", "{min_comments: 2, replies: true}")

    assert half_way(lab) == [UnfinishedWork("comments", f"{listed} videos without all replies")]


def test_a_list_is_half_way(lab: Lab) -> None:
    """One page of an account's followers, as long as the study observes followers."""
    people = lab.simulator.world.people.creators
    name = next(c.username for c in people if c.standing is Standing.PUBLIC and c.followers > 150)
    observing = f"{lab.study}accounts:\n  lists: [followers]\n  usernames: [{name}]\n"
    lab.simulator.change_knobs(quota_social=1)
    lab.study, without = observing, lab.study
    with lab.session() as session:
        collect_list(session, AccountList.FOLLOWERS, [NOON.date()])
    told = half_way(lab)
    lab.study = without

    assert told == [UnfinishedWork("social/followers", "1 list")]
    assert half_way(lab) == []
