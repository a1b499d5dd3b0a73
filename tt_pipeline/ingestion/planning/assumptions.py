"""What is assumed where nothing has landed: one small table, and the reasons for its numbers.

docs/plan.md names the sources. They are model numbers and abstracts rather than measurements: ratios matter more than
absolute values, and every number here gives way to what lands.
"""

import math
from functools import cache
from statistics import NormalDist
from typing import Final

import polars as pl

from tt_pipeline.ingestion.planning.estimate import Estimate
from tt_pipeline.query import Condition, Query
from tt_pipeline.vocabulary import ConditionField

VIDEOS_A_DAY: Final = {
    ConditionField.KEYWORD: Estimate(0.3, 10, 300),
    ConditionField.HASHTAG_NAME: Estimate(0.3, 10, 300),
    ConditionField.MUSIC_ID: Estimate(0.3, 10, 300),
    ConditionField.EFFECT_ID: Estimate(0.3, 10, 300),
    ConditionField.USERNAME: Estimate(0.02, 0.15, 2),
}
"""For each value of a condition."""
VIDEOS_A_DAY_OF_EVERYTHING: Final = Estimate(1_000, 50_000, 1_000_000)
"""Of a search that no word, tag, account or id narrows."""
IDS_FOUND: Final = Estimate(0.5, 0.85, 1)
"""Share of listed video ids that the API still has."""
SLOTS_A_VIDEO: Final = Estimate(1 / 0.95, 1 / 0.8, 1 / 0.65)
"""Pages are 65 to 95 % full: videos that are hidden or gone keep their place, and it is paid for."""
DISTINCT: Final = Estimate(0.65, 0.8, 1)
"""Share of what several searches find that is not found by another of them."""
CREATORS_A_VIDEO: Final = Estimate(0.2, 0.6, 1)
FEW_VIDEOS: Final = 5_000
CREATORS_GROW: Final = 0.7
"""Beyond so many videos, creators grow with this power of their number: the same people post again."""
FAILURES: Final = Estimate(1, 1.01, 1.05)
"""Requests sent for each that is answered; a failed one is charged as well."""
YOUNG_COUNTS: Final = Estimate(1, 1.15, 1.6)
"""By how much counts grow that were read before a video was ten days old, in requests for its comments."""
SETTLED_AFTER_DAYS: Final = 10
"""TikTok's counts are up to ten days old."""

ZERO_SHARE: Final = 0.25
MEDIAN_COMMENTS: Final = 6.0
SIGMA: Final = 2.0
_LIGHT: Final = (0.4, 6.0, 1.5)
_HEAVY: Final = (0.1, 8.0, 2.2)
_GRID: Final = 4_000


def comments_of_videos(
    zero_share: float = ZERO_SHARE, median: float = MEDIAN_COMMENTS, sigma: float = SIGMA
) -> pl.DataFrame:
    """How many comments videos have: some none, the others lognormal with a heavy tail.

    Returns:
        Grain comment_count; `weight` is the share of the videos and sums to 1.
    """
    normal = NormalDist(math.log(median), sigma)
    counts = [max(1, round(math.exp(normal.inv_cdf((step + 0.5) / _GRID)))) for step in range(_GRID)]
    some = pl.DataFrame({"comment_count": counts, "weight": [(1 - zero_share) / _GRID] * _GRID})
    none = pl.DataFrame({"comment_count": [0], "weight": [zero_share]})
    return pl.concat([none, some]).group_by("comment_count").agg(pl.col("weight").sum()).sort("comment_count")


@cache
def comment_models() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Few comments, the likely number, many."""
    return comments_of_videos(*_LIGHT), comments_of_videos(), comments_of_videos(*_HEAVY)


def videos_a_day(query: Query, days: int) -> Estimate:
    """How many videos a query finds a day: what its narrowest condition lets through.

    Args:
        days: Over which the search goes; listed ids are spread over them.
    """
    candidates = [found for condition in query.all_of if (found := _of_condition(condition, days))]
    either = [_of_condition(condition, days) for condition in query.any_of]
    if either and all(either):
        candidates.append(sum((found for found in either if found), Estimate.exactly(0)))
    return min(candidates, key=lambda found: found.likely, default=VIDEOS_A_DAY_OF_EVERYTHING)


def _of_condition(condition: Condition, days: int) -> Estimate | None:
    values = len(set(condition.values))
    if condition.field is ConditionField.VIDEO_ID:
        return IDS_FOUND.times(values / max(1, days))
    found = VIDEOS_A_DAY.get(condition.field)
    return found.times(values) if found else None


def accounts(query: Query) -> frozenset[str] | None:
    """The only accounts whose videos a query can find; None when it can be anyone."""
    named = [set(c.values) for c in query.all_of if c.field is ConditionField.USERNAME]
    return frozenset(set.intersection(*named)) if named else None


def sentences() -> tuple[str, ...]:
    """What is assumed, for people."""
    word, account = VIDEOS_A_DAY[ConditionField.KEYWORD], VIDEOS_A_DAY[ConditionField.USERNAME]
    slots, creators = SLOTS_A_VIDEO, CREATORS_A_VIDEO
    found = f"A keyword or hashtag finds {_range(word)} videos a day; an account posts {_range(account)}."
    full = f"Pages are {1 / slots.high:.0%} to {1 / slots.low:.0%} full: hidden videos keep their place."
    overlap = f"Of what several searches find, {DISTINCT.low:.0%} to {DISTINCT.high:.0%} is found by one alone."
    silent = f"{_HEAVY[0]:.0%} to {_LIGHT[0]:.0%} of the videos have no comment, likely {ZERO_SHARE:.0%}."
    sigma = f"sigma {_LIGHT[2]:g} to {_HEAVY[2]:g}"
    talk = f"The others have {MEDIAN_COMMENTS:g} in the middle, and few have thousands (lognormal, {sigma})."
    people = f"There are {_range(creators)} creators a video, fewer beyond {FEW_VIDEOS:,} videos."
    return found, overlap, full, f"{silent} {talk}", people


def _range(estimate: Estimate) -> str:
    return f"{estimate.low:g} to {estimate.high:g} (likely {estimate.likely:g})"
