"""The archive is late: videos appear after a lag, counts are days old, records are deleted."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from tt_pipeline.simulator import Knobs
from tt_pipeline.simulator.archive import archive_counts, counted_at
from tt_pipeline.simulator.video_model import counts_at
from tt_pipeline_tests.simulator.builders import EVERYTHING, LAST_DAY, NOW, OPEN, session, small_world, wide_body

NOW_S = NOW.timestamp()
LAGGING = Knobs(rate_per_minute=0, hidden_rate=0, hidden_run=0)


def test_the_last_days_are_missing_at_first() -> None:
    """When a day ends, none of its videos is found, after 24 h some, after 48 h all."""
    at = session(LAGGING)
    counts = []
    for midnight in (21, 22, 23):
        at.simulator.clock.set_to(datetime(2026, 11, midnight, tzinfo=UTC))
        counts.append(at.simulator.slots(EVERYTHING, LAST_DAY, LAST_DAY))
    whole = [video for video in small_world().videos(LAST_DAY) if video.creator.place.region != "CA"]
    assert counts[0] == 0
    assert 0 < counts[1] < counts[2] == len(whole)


def test_counts_only_grow() -> None:
    """A later look never has lower counts, and after a month counts stay the same."""
    video = max(small_world().videos(date(2026, 11, 5)), key=lambda video: video.views)
    looks = [archive_counts(video, video.create_time + day * 86_400, OPEN) for day in range(2, 60)]
    assert all(a.view_count <= b.view_count for a, b in pairwise(looks))
    assert looks[0].view_count < looks[-1].view_count == video.views


def test_counts_are_up_to_ten_days_old() -> None:
    """A count of a search is between the present one and that of stats_lag_days before."""
    for video in small_world().videos(date(2026, 11, 5)):
        behind_s = NOW_S - counted_at(video, NOW_S, OPEN)
        assert 0 <= behind_s <= 10 * 86_400
        assert archive_counts(video, NOW_S, OPEN) == counts_at(video, counted_at(video, NOW_S, OPEN))


def test_a_settled_day_gives_the_same_counts_for_days() -> None:
    """Until the archive counts again, a record is identical, with the order of its keys."""
    at = session(LAGGING)
    body = wide_body(start_date="20261105", end_date="20261105")
    first, second = at.query(body).json()["data"]["videos"], at.query(body).json()["data"]["videos"]
    assert [list(video.items()) for video in first] == [list(video.items()) for video in second]


def test_without_lags_search_is_live() -> None:
    """With index_lag_h and stats_lag_days at 0, searches return the present."""
    knobs = Knobs(index_lag_h=0, stats_lag_days=0, rate_per_minute=0, hidden_rate=0, hidden_run=0)
    at = session(knobs)
    views_of = {video["id"]: video["view_count"] for video in at.videos(wide_body(), "id,view_count")}
    video = small_world().videos(LAST_DAY)[0]
    assert views_of[video.id] == counts_at(video, NOW_S).view_count


def test_deletions_grow_with_time() -> None:
    """With deletion_rate a day loses more and more videos, and none returns."""
    at = session(Knobs(deletion_rate=0.05, rate_per_minute=0, hidden_rate=0, hidden_run=0))
    day = date(2026, 11, 10)
    before = set(at.simulator.truth_videos(EVERYTHING, day, day))
    at.simulator.clock.advance(seconds=10 * 86_400)
    after = set(at.simulator.truth_videos(EVERYTHING, day, day))
    assert after < before
    assert at.simulator.slots(EVERYTHING, day, day) >= len(before)


def test_a_deleted_video_or_account_leaves_its_slots() -> None:
    """Deleted videos are hidden, and the number of slots stays."""
    at = session()
    window = (LAST_DAY - timedelta(days=10), LAST_DAY)
    ids, slots = at.simulator.truth_videos(EVERYTHING, *window), at.simulator.slots(EVERYTHING, *window)
    gone = small_world().video(ids[0])
    assert gone is not None
    at.simulator.delete(username=gone.creator.username)
    left = at.simulator.truth_videos(EVERYTHING, *window)
    assert ids[0] not in left
    assert at.simulator.slots(EVERYTHING, *window) == slots
