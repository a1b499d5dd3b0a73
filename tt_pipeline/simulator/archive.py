"""What does the search index know at an instant?

Searches find a video up to 48 hours late, with counts that are up to 10 days old. A slot is a place in a search result:
the cursor counts it even if its video is hidden or deleted and the page leaves it out. The functions here depend on
their arguments alone: the world, the knobs, the deletions and an instant.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.people import CANADA
from tt_pipeline.simulator.video_model import DAY_S, Counts, Video, counts_at
from tt_pipeline.simulator.world import World


@dataclass(slots=True)
class Deletions:
    """What tests deleted."""

    video_ids: set[int] = field(default_factory=set)
    comment_ids: set[int] = field(default_factory=set)
    usernames: set[str] = field(default_factory=set)

    def add(
        self,
        *,
        video_id: int | None = None,
        comment_id: int | None = None,
        username: str | None = None,
    ) -> None:
        """Delete a video, a comment or an account, from now on."""
        if video_id is not None:
            self.video_ids.add(int(video_id))
        if comment_id is not None:
            self.comment_ids.add(int(comment_id))
        if username is not None:
            self.usernames.add(username)

    def take_back(self, *, video_id: int | None = None, comment_id: int | None = None) -> None:
        """Show a video or a comment again, as after its owner made it private for a while."""
        self.video_ids.discard(video_id or 0)
        self.comment_ids.discard(comment_id or 0)


def deleted_at(created_s: float, share: float, rate: float) -> float:
    """The second at which a thing is deleted when a share `rate` of all things is deleted each day.

    `share` in [0, 1) is the thing's own random number. The result is infinite at rate 0.
    """
    if rate <= 0:
        return math.inf
    return created_s + (DAY_S * math.log1p(-share) / math.log1p(-rate) if rate < 1 else 0.0)


def is_hidden(video: Video, now_s: float, knobs: Knobs, deletions: Deletions) -> bool:
    """Whether responses leave out a video: planted spam, hidden by the API, or deleted."""
    return (
        video.is_planted
        or video.hidden_share < knobs.hidden_rate
        or video.id in deletions.video_ids
        or video.creator.username in deletions.usernames
        or deleted_at(video.create_time, video.deletion_share, knobs.deletion_rate) <= now_s
    )


def is_indexed(video: Video, now_s: float, knobs: Knobs) -> bool:
    """Whether searches scan a video at this second; videos from Canada are never scanned."""
    return video.creator.place.region != CANADA and indexed_at(video, knobs) <= now_s


def slots(
    world: World,
    matches: Callable[[Video], bool],
    window: tuple[date, date],
    now_s: float,
    knobs: Knobs,
) -> list[Video]:
    """All videos that a search scans, hidden ones included, highest id first."""
    found = [
        video
        for day in _days(world, window)
        for video in (*world.videos(day), *(world.spam(day, knobs.hidden_run) if knobs.hidden_run else ()))
        if matches(video) and is_indexed(video, now_s, knobs)
    ]
    return sorted(found, key=lambda video: -video.id)


def _days(world: World, window: tuple[date, date]) -> Iterator[date]:
    """The days of the window that the world has, latest first."""
    first, last = max(window[0], world.first_day), min(window[1], world.last_day)
    return (last - timedelta(days=age) for age in range((last - first).days + 1))


def indexed_at(video: Video, knobs: Knobs) -> float:
    """The second from which searches find a video: after half to all of `index_lag_h`."""
    return video.create_time + knobs.index_lag_h * 3_600 * (1 + video.index_share) / 2


def counted_at(video: Video, now_s: float, knobs: Knobs) -> int:
    """The second of the counts that searches show: when the video was indexed, then once every `stats_lag_days`."""
    lag_s = knobs.stats_lag_days * DAY_S
    if lag_s <= 0:
        return int(now_s)
    behind_s = (now_s - video.stats_share * lag_s) % lag_s
    return int(max(now_s - behind_s, indexed_at(video, knobs)))


def archive_counts(video: Video, now_s: float, knobs: Knobs) -> Counts:
    """The counts that searches show: up to `stats_lag_days` old."""
    return counts_at(video, counted_at(video, now_s, knobs))
