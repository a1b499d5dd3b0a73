"""How a video's counts grow, and how old the counts are that the archive tells.

Everything is a function of (video, instant): asking twice gives the same, asking later never less.
"""

import math
from typing import NamedTuple

from tt_pipeline.simulator.knobs import Knobs
from tt_pipeline.simulator.video import Video

_DAY_S = 86_400
_GROWN_UP_S = 30 * _DAY_S
"""Nothing grows after a month."""


class Counts(NamedTuple):
    """A video's counts at one instant."""

    view_count: int
    like_count: int
    comment_count: int
    share_count: int
    favorites_count: int


def grown(growth_s: float, age_s: float) -> float:
    """The share (0 to 1) of the final counts that is reached at an age."""
    if age_s <= 0:
        return 0.0
    reached = math.expm1(-min(age_s, _GROWN_UP_S) / growth_s)
    return reached / math.expm1(-_GROWN_UP_S / growth_s)


def age_at(growth_s: float, share: float) -> float:
    """The age in seconds at which a share of the final counts is reached: the inverse of `grown`."""
    return -growth_s * math.log1p(share * math.expm1(-_GROWN_UP_S / growth_s))


def counts_at(video: Video, second: float) -> Counts:
    """What a live look would count."""
    share = grown(video.growth_s, second - video.create_time)
    finals = (video.views, video.likes, video.comments, video.shares, video.favorites)
    return Counts(*(int(final * share + 0.5) for final in finals))


def indexed_at(video: Video, knobs: Knobs) -> float:
    """The second from which searches find a video: some need all of the lag, some half of it."""
    return video.create_time + knobs.index_lag_h * 3_600 * (1 + video.index_share) / 2


def counted_at(video: Video, now_s: float, knobs: Knobs) -> int:
    """The second at which the archive last counted a video: when it was indexed, then once every lag."""
    lag_s = knobs.stats_lag_days * _DAY_S
    if lag_s <= 0:
        return int(now_s)
    behind_s = (now_s - video.stats_share * lag_s) % lag_s
    return int(max(now_s - behind_s, indexed_at(video, knobs)))


def archive_counts(video: Video, now_s: float, knobs: Knobs) -> Counts:
    """What a search tells: counts up to `stats_lag_days` old."""
    return counts_at(video, counted_at(video, now_s, knobs))
