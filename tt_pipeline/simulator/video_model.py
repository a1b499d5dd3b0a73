"""What is a video, and how do its counts grow?

This module has only facts about a video. `posting.py` makes the videos of a day; `archive.py` decides when searches
return a video, and with which counts.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from tt_pipeline.simulator.people import Creator
from tt_pipeline.simulator.randomness import seeded_share
from tt_pipeline.simulator.word_lists import word_lists


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Video:
    """One video; counts are the final ones. Each `…_share` is a random number in [0, 1)."""

    id: int
    number: int
    """Its number among the videos of its day."""
    create_time: int
    creator: Creator
    topic: str
    description: str
    folded: str
    """The description in the form that keywords are compared with: NFKC and casefold."""
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
    """Seconds until the counts reach about two thirds of the final ones."""
    hidden_share: float
    index_share: float
    stats_share: float
    deletion_share: float
    is_planted: bool = field(default=False)
    """Whether it is part of the deleted spam, which searches scan and never return."""


DAY_S = 86_400
_GROWTH_ENDS_S = 30 * DAY_S
"""Counts stay the same from the age of 30 days."""


class Counts(NamedTuple):
    """A video's counts at one instant."""

    view_count: int
    like_count: int
    comment_count: int
    share_count: int
    favorites_count: int


def share_grown(growth_s: float, age_s: float) -> float:
    """The share (0 to 1) of the final counts that is reached at an age in seconds."""
    if age_s <= 0:
        return 0.0
    reached = math.expm1(-min(age_s, _GROWTH_ENDS_S) / growth_s)
    return reached / math.expm1(-_GROWTH_ENDS_S / growth_s)


def age_at_share(growth_s: float, share: float) -> float:
    """The age in seconds at which a share of the final counts is reached: the inverse of `share_grown`."""
    return -growth_s * math.log1p(share * math.expm1(-_GROWTH_ENDS_S / growth_s))


def counts_at(video: Video, second: float) -> Counts:
    """The true counts at a second."""
    share = share_grown(video.growth_s, second - video.create_time)
    finals = (video.views, video.likes, video.comments, video.shares, video.favorites)
    return Counts(*(int(final * share + 0.5) for final in finals))


class Effect(NamedTuple):
    """An effect in a video."""

    id: int
    name: str


def effects_of(video: Video) -> list[Effect]:
    """The effects of a video; `missing_key_rates` decides whether its record has them."""
    first = int(seeded_share("effects", video.id) * len(word_lists().effects))
    return [_effect(first + step * 7) for step in range(1 + video.id % 2)]


def _effect(number: int) -> Effect:
    names = word_lists().effects
    return Effect(10_000_000 + 977 * (number % len(names)), names[number % len(names)])
