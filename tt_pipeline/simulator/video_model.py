"""What is a video, and how do its counts grow?

Here belongs what is true of a video whoever looks at it. How a day's videos are made is in `posting.py`; what searches
show of a video is in `archive.py` and `records.py`.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from tt_pipeline.simulator.people import Creator
from tt_pipeline.simulator.randomness import seeded_share
from tt_pipeline.simulator.word_lists import word_lists


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Video:
    """One video; counts are the final ones, `…_share` are its own draws in [0, 1)."""

    id: int
    number: int
    """Its place among the videos made for its day."""
    create_time: int
    creator: Creator
    topic: str
    description: str
    folded: str
    """The description as keywords are compared: NFKC and casefold."""
    hashtags: tuple[str, ...]
    folded_hashtags: frozenset[str]
    mentions: tuple[str, ...]
    music_id: int
    duration: int
    views: int
    likes: int
    comments: int
    shares: int
    favorites: int
    growth_s: float
    """Seconds in which about two thirds of the counts come."""
    hidden_share: float
    index_share: float
    stats_share: float
    deletion_share: float
    is_planted: bool = field(default=False)
    """Part of the deleted spam that is never visible."""


DAY_S = 86_400
_GROWN_UP_S = 30 * DAY_S
"""Nothing grows after a month."""


class Counts(NamedTuple):
    """A video's counts at one instant."""

    view_count: int
    like_count: int
    comment_count: int
    share_count: int
    favorites_count: int


def share_grown(growth_s: float, age_s: float) -> float:
    """The share (0 to 1) of the final counts that is reached at an age."""
    if age_s <= 0:
        return 0.0
    reached = math.expm1(-min(age_s, _GROWN_UP_S) / growth_s)
    return reached / math.expm1(-_GROWN_UP_S / growth_s)


def age_at_share(growth_s: float, share: float) -> float:
    """The age in seconds at which a share of the final counts is reached: the inverse of `share_grown`."""
    return -growth_s * math.log1p(share * math.expm1(-_GROWN_UP_S / growth_s))


def counts_at(video: Video, second: float) -> Counts:
    """What a live look would count."""
    share = share_grown(video.growth_s, second - video.create_time)
    finals = (video.views, video.likes, video.comments, video.shares, video.favorites)
    return Counts(*(int(final * share + 0.5) for final in finals))


class Effect(NamedTuple):
    """An effect that videos use."""

    id: int
    name: str


def effects_of(video: Video) -> list[Effect]:
    """The effects of a video: whether they are told is a matter of `missing_key_rates`."""
    first = int(seeded_share("effects", video.id) * len(word_lists().effects))
    return [_effect(first + step * 7) for step in range(1 + video.id % 2)]


def _effect(number: int) -> Effect:
    names = word_lists().effects
    return Effect(10_000_000 + 977 * (number % len(names)), names[number % len(names)])
