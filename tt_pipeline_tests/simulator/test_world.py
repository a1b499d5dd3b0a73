"""The world is the same in every process and resembles TikTok."""

import time
from collections import Counter
from datetime import date, timedelta
from statistics import median

import pytest

from tt_pipeline.simulator import World
from tt_pipeline.simulator.people import Standing
from tt_pipeline.simulator.posting import start_second
from tt_pipeline.simulator.video_model import Video, counts_at
from tt_pipeline_tests.simulator.builders import LAST_DAY, NOW, small_world

MONTH_S = 31 * 86_400


def facts(video: Video) -> tuple[object, ...]:
    return (video.id, video.create_time, video.creator.username, video.description, video.views, video.comments)


def all_videos(world: World) -> list[Video]:
    return [video for age in range(world.days) for video in world.videos(world.last_day - timedelta(days=age))]


def test_the_same_seed_gives_the_same_world() -> None:
    """Two processes with one seed have the same videos."""
    first, second = (World(last_day=LAST_DAY, days=3, videos_per_day=40) for _ in range(2))
    assert [facts(video) for video in all_videos(first)] == [facts(video) for video in all_videos(second)]


def test_another_seed_gives_another_world() -> None:
    """No video of one seed is in the world of another."""
    first, second = small_world(seed=1), small_world(seed=2)
    assert not {video.id for video in all_videos(first)} & {video.id for video in all_videos(second)}


def test_worlds_that_overlap_agree() -> None:
    """A day has the same videos in worlds of any length and end."""
    long, short = small_world(days=20), World(last_day=date(2026, 11, 15), days=2, videos_per_day=60)
    assert [facts(video) for video in long.videos(date(2026, 11, 14))] == [
        facts(video) for video in short.videos(date(2026, 11, 14))
    ]


def test_a_video_is_in_its_day_and_its_id_is_slightly_older() -> None:
    """create_time is in the UTC day and 18 to 48 s after the second in the id."""
    day = date(2026, 11, 10)
    lags = {video.create_time - (video.id >> 32) for video in small_world().videos(day)}
    days = {(video.create_time - start_second(day)) // 86_400 for video in small_world().videos(day)}
    assert (days, min(lags) >= 18, max(lags) <= 48) == ({0}, True, True)


def test_every_video_is_found_by_its_id() -> None:
    """Every id finds its video, also across midnight."""
    world = small_world()
    assert all(world.video(video.id) is video for video in all_videos(world))


@pytest.mark.parametrize("video_id", [0, 1, 7_000_000_000_000_000_000, 2**63 - 1])
def test_an_unknown_id_finds_no_video(video_id: int) -> None:
    """No number makes the look-up fail."""
    assert small_world().video(video_id) is None


def test_counts_are_heavy_tailed() -> None:
    """Most videos have few views, some very many; many have no comment, some hundreds."""
    videos = all_videos(small_world(days=20, videos_per_day=300))
    views = sorted(video.views for video in videos)
    comments = Counter(min(video.comments, 1_001) for video in videos)
    assert views[-1] > 300 * median(views)
    assert comments[0] > 0.1 * len(videos)
    assert sum(comments[count] for count in comments if count > 100) > 20
    assert comments[1_001] > 2


def test_there_are_many_languages_and_regions() -> None:
    """Nine languages, three of them not in Latin letters, from many regions."""
    videos = all_videos(small_world(videos_per_day=300))
    languages = {video.creator.place.language for video in videos}
    assert languages == {"de", "en", "es", "fr", "pt", "it", "tr", "ja", "ar"}
    assert len({video.creator.place.region for video in videos}) >= 18


def test_comments_come_at_the_pace_of_the_comment_count() -> None:
    """At any instant the number of comments is the comment count."""
    world = small_world()
    video = max(all_videos(world), key=lambda video: video.comments)
    comments = world.comments(video)
    ages = [3_600, 20_000, 86_400, 5 * 86_400, MONTH_S]
    written = [sum(comment.create_time <= video.create_time + age for comment in comments) for age in ages]
    counted = [counts_at(video, video.create_time + age).comment_count for age in ages]
    assert all(abs(real - count) <= 1 for real, count in zip(written, counted, strict=True))
    assert written[-1] == video.comments


def test_a_comment_id_is_unique_and_finds_its_video() -> None:
    """The id alone finds the video of a comment, also after a restart."""
    world = small_world()
    video = max(all_videos(world), key=lambda video: video.comments)
    comments = world.comments(video)
    again = World(last_day=LAST_DAY, days=20, videos_per_day=60)
    owners = {owner.id if (owner := again.commented_video(comment.id)) else None for comment in comments}
    assert (len({comment.id for comment in comments}), owners) == (len(comments), {video.id})
    assert {25 <= comment.create_time - (comment.id >> 32) <= 92 for comment in comments} == {True}


def test_replies_answer_earlier_comments_of_the_video() -> None:
    """A parent is the video or an earlier top-level comment."""
    world = small_world()
    comments = world.comments(max(all_videos(world), key=lambda video: video.comments))
    top = {comment.id: comment for comment in comments if comment.parent_id == comment.video_id}
    replies = [comment for comment in comments if comment.parent_id != comment.video_id]
    assert replies
    assert all(top[comment.parent_id].create_time <= comment.create_time for comment in replies)


def test_some_accounts_are_refused() -> None:
    """A few accounts are deleted, private or refused; most are public."""
    standings = Counter(creator.standing for creator in small_world(videos_per_day=300).people.creators)
    assert set(standings) == set(Standing)
    assert standings[Standing.PUBLIC] > 0.9 * standings.total()


def test_the_usual_world_ends_yesterday_and_starts_at_once() -> None:
    """30 days of 1,000 videos take no time until they are requested."""
    started = time.perf_counter()
    world = World.until_yesterday(NOW)
    assert (world.first_day, world.last_day, world.days) == (date(2026, 10, 22), LAST_DAY, 30)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(("days", "videos_per_day"), [(0, 10), (1, -1), (1, 20_001)])
def test_an_impossible_world_is_refused(days: int, videos_per_day: int) -> None:
    """A world has at least one day, and a size that fits into the ids."""
    with pytest.raises(ValueError, match="a world has"):
        World(last_day=LAST_DAY, days=days, videos_per_day=videos_per_day)
