"""The assumptions that a plan uses before anything has landed, with their reasons.

docs/plan.md names the sources; they are models and abstracts rather than measurements. `calibration.py` replaces each
number as soon as enough pages have landed.
"""

import math
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from tt_pipeline.planning.estimate import Estimate
from tt_pipeline.query import Condition, Query
from tt_pipeline.vocabulary import AccountList, ConditionField

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt status` does without
    import polars as pl

VIDEOS_A_DAY: Final = {
    ConditionField.KEYWORD: Estimate(0.3, 10, 300),
    ConditionField.HASHTAG_NAME: Estimate(0.3, 10, 300),
    ConditionField.MUSIC_ID: Estimate(0.3, 10, 300),
    ConditionField.EFFECT_ID: Estimate(0.3, 10, 300),
    ConditionField.USERNAME: Estimate(0.02, 0.15, 2),
}
"""By field, for each value of a condition."""
VIDEOS_A_DAY_OF_EVERYTHING: Final = Estimate(1_000, 50_000, 1_000_000)
"""Of a search without a keyword, hashtag, account, sound, effect or id."""
OVERRIDE_ERROR: Final = 0.25
"""Relative error of `--videos-per-day`, because the number usually comes from the one page of `tt try`."""
EDITED: Final = Estimate(0.5, 1, 2)
"""Videos that an edited query finds, divided by those of the earlier query: no more if the edit only leaves videos out.
Any other edit has the assumptions of a search that was never tried, but a likely and high value not below this."""
IDS_FOUND: Final = Estimate(0.5, 0.85, 1)
"""Share of listed video ids that the API still has."""
SLOTS_A_VIDEO: Final = Estimate(1 / 0.95, 1 / 0.8, 1 / 0.65)
"""Number of slots for each visible video; hidden and deleted videos occupy slots too."""
DISTINCT: Final = Estimate(0.65, 0.8, 1)
"""Number of different videos of several searches, divided by the sum of the videos of each search."""
CREATORS_A_VIDEO: Final = Estimate(0.2, 0.6, 1)
MENTIONED_A_VIDEO: Final = Estimate(0.01, 0.1, 0.5)
"""Accounts that a video mentions and that are not creators of found videos."""
FEW_VIDEOS: Final = 5_000
CREATORS_GROW: Final = 0.7
"""Beyond FEW_VIDEOS, creators grow with this power of the number of videos: the same people post again."""
FAILURES: Final = Estimate(1, 1.01, 1.05)
"""Requests sent for each answer: failed requests count against the quota."""
YOUNG_COUNTS: Final = Estimate(1, 1.15, 1.6)
"""Factor on the requests for comments whose number was read before the video was ten days old."""
SETTLED_AFTER_DAYS: Final = 10
"""TikTok's counts are up to ten days old."""

REPLIES: Final = Estimate(0, 0.3, 10)
"""Requests for replies, divided by requests for comments: 0 if listings include all replies; many if they do
not, because a page of a hundred comments can have many comments with replies."""

PAGES_OF_A_LIST: Final = {
    AccountList.FOLLOWERS: Estimate(1, 15, 51),
    AccountList.FOLLOWING: Estimate(1, 4, 51),
    AccountList.LIKED: Estimate(1, 1, 10),
    AccountList.PINNED: Estimate.exactly(1),
    AccountList.REPOSTED: Estimate(1, 1.5, 10),
    AccountList.PLAYLISTS: Estimate(1, 1, 3),
}
"""Average requests of an observation of a list; a list that the account does not show costs one request."""
PLAYLISTS_AN_ACCOUNT: Final = Estimate(0, 0.2, 2)
REFUSED_AT_MOST: Final = 0.6
"""Largest share of lists that accounts do not show; these are requested again after `refused_days`."""
LISTS_CHANGE: Final = Estimate(0.85, 1, 1.15)
"""Requests for a list divided by those of its latest observation."""

ZERO_SHARE: Final = Estimate(0.1, 0.25, 0.4)
"""Share of the videos that have no comment."""
MEDIAN_COMMENTS: Final = 6.0
"""Number of comments of a video that has comments."""
_FEW_COMMENTS: Final = (ZERO_SHARE.high, MEDIAN_COMMENTS, 1.5)
_USUAL_COMMENTS: Final = (ZERO_SHARE.likely, MEDIAN_COMMENTS, 2.0)
_MANY_COMMENTS: Final = (ZERO_SHARE.low, 8.0, 2.2)
_GRID: Final = 4_000


def comments_of_videos(zero_share: float, median: float, sigma: float) -> "pl.DataFrame":
    """The distribution of comments: a share of the videos has none, the others follow a lognormal distribution.

    Returns:
        Grain comment_count; `weight` is the share of the videos and sums to 1.
    """
    import polars as pl

    normal = NormalDist(math.log(median), sigma)
    counts = [max(1, round(math.exp(normal.inv_cdf((step + 0.5) / _GRID)))) for step in range(_GRID)]
    some = pl.DataFrame({"comment_count": counts, "weight": [(1 - zero_share) / _GRID] * _GRID})
    none = pl.DataFrame({"comment_count": [0], "weight": [zero_share]})
    return pl.concat([none, some]).group_by("comment_count").agg(pl.col("weight").sum()).sort("comment_count")


@cache
def comment_models() -> "tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]":
    """The low, likely and high distribution of comments."""
    few, usual, many = (comments_of_videos(*each) for each in (_FEW_COMMENTS, _USUAL_COMMENTS, _MANY_COMMENTS))
    return few, usual, many


def videos_a_day(query: Query, days: int) -> Estimate:
    """The number of videos that a query finds a day: that of its condition with the fewest videos.

    Args:
        query: Its conditions.
        days: Number of days of the search; listed ids are spread over them.
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


def lists_ids(query: Query) -> bool:
    """Whether a query names its videos by id, so that their number is known."""
    return any(condition.field is ConditionField.VIDEO_ID for condition in query.all_of)


def accounts(query: Query) -> frozenset[str] | None:
    """The accounts whose videos a query can find; None if any account's can be found."""
    named = [set(c.values) for c in query.all_of if c.field is ConditionField.USERNAME]
    return frozenset(set.intersection(*named)) if named else None
