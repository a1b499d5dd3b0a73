"""What is assumed where nothing has landed: one small table, and the reasons for its numbers.

docs/plan.md names the sources. They are model numbers and abstracts rather than measurements: ratios matter more than
absolute values, and every number here gives way to what lands.
"""

import math
from functools import cache
from statistics import NormalDist
from typing import Final

import polars as pl

from tt_pipeline.coverage.windows import PAGE_SLOTS
from tt_pipeline.planning.estimate import Estimate
from tt_pipeline.query import Condition, Query
from tt_pipeline.vocabulary import AccountList, ConditionField

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
GIVEN_ERROR: Final = 0.25
"""How far off a number is that somebody gives: one page tells no more."""
IDS_FOUND: Final = Estimate(0.5, 0.85, 1)
"""Share of listed video ids that the API still has."""
SLOTS_A_VIDEO: Final = Estimate(1 / 0.95, 1 / 0.8, 1 / 0.65)
"""Pages are 65 to 95 % full: videos that are hidden or gone keep their place, and it is paid for."""
DISTINCT: Final = Estimate(0.65, 0.8, 1)
"""Share of what several searches find that is not found by another of them."""
CREATORS_A_VIDEO: Final = Estimate(0.2, 0.6, 1)
MENTIONED_A_VIDEO: Final = Estimate(0.01, 0.1, 0.5)
"""Accounts that a video mentions and that made none of the found ones."""
FEW_VIDEOS: Final = 5_000
CREATORS_GROW: Final = 0.7
"""Beyond so many videos, creators grow with this power of their number: the same people post again."""
FAILURES: Final = Estimate(1, 1.01, 1.05)
"""Requests sent for each that is answered; a failed one is charged as well."""
YOUNG_COUNTS: Final = Estimate(1, 1.15, 1.6)
"""By how much counts grow that were read before a video was ten days old, in requests for its comments."""
SETTLED_AFTER_DAYS: Final = 10
"""TikTok's counts are up to ten days old."""

REPLIES: Final = Estimate(0, 0.3, 10)
"""Listings of replies beside each request for comments: none where the listing brings them, one for each thread of a
hundred comments where it does not."""

PAGES_OF_A_LIST: Final = {
    AccountList.FOLLOWERS: Estimate(1, 15, 51),
    AccountList.FOLLOWING: Estimate(1, 4, 51),
    AccountList.LIKED: Estimate(1, 1, 10),
    AccountList.PINNED: Estimate.exactly(1),
    AccountList.REPOSTED: Estimate(1, 1.5, 10),
    AccountList.PLAYLISTS: Estimate(1, 1, 3),
}
"""Requests of an observation, on the average of the accounts; a list that is not shown takes one."""
PLAYLISTS_AN_ACCOUNT: Final = Estimate(0, 0.2, 2)
REFUSED_AT_MOST: Final = 0.6
"""Share of the observed lists that are not shown: they are asked for after `refused_days` only."""
LISTS_CHANGE: Final = Estimate(0.85, 1, 1.15)
"""Requests for a list against those of its latest observation."""

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


def lists_ids(query: Query) -> bool:
    """Whether a query asks for listed videos, so that their number is known."""
    return any(condition.field is ConditionField.VIDEO_ID for condition in query.all_of)


def accounts(query: Query) -> frozenset[str] | None:
    """The only accounts whose videos a query can find; None when it can be anyone."""
    named = [set(c.values) for c in query.all_of if c.field is ConditionField.USERNAME]
    return frozenset(set.intersection(*named)) if named else None


def about_searches() -> str:
    """What is assumed of searches, for people."""
    word, account = VIDEOS_A_DAY[ConditionField.KEYWORD], VIDEOS_A_DAY[ConditionField.USERNAME]
    return f"A keyword or hashtag finds {_range(word)} videos a day; an account posts {_range(account)}."


def about_given() -> str:
    """What is made of a number that somebody gave, for people."""
    return f"What --videos-per-day says may be {GIVEN_ERROR:.0%} off."


def about_pages() -> str:
    """What is assumed of pages, for people."""
    low, high = 1 / SLOTS_A_VIDEO.high, 1 / SLOTS_A_VIDEO.low
    return f"Pages are {low:.0%} to {high:.0%} full: hidden videos keep their place and are paid for."


def about_overlap() -> str:
    """What is assumed of several searches, for people."""
    return f"{DISTINCT.low:.0%} to {DISTINCT.high:.0%} of what several searches find is found once."


def about_comments() -> str:
    """What is assumed of comments, for people."""
    none = f"{_HEAVY[0]:.0%} to {_LIGHT[0]:.0%} of the videos have no comment (likely {ZERO_SHARE:.0%})"
    return f"{none}; half of the others have {MEDIAN_COMMENTS:g} or fewer, a few have thousands."


def about_creators() -> str:
    """What is assumed of creators, for people."""
    return f"There are {_range(CREATORS_A_VIDEO)} creators for each video, fewer beyond {FEW_VIDEOS:,} videos."


def about_replies() -> str:
    """What is assumed of replies, for people."""
    return f"Beside each request for comments {_range(REPLIES)} go to replies that the listing does not bring."


def about_mentioned() -> str:
    """What is assumed of mentioned accounts, for people."""
    return f"A video mentions {_range(MENTIONED_A_VIDEO)} accounts that are not among the creators."


def about_list(account_list: AccountList, *, max_per_list: int) -> str:
    """What is assumed of a list, for people."""
    most = 1 + math.ceil(max_per_list / PAGE_SLOTS)
    pages = PAGES_OF_A_LIST[account_list].at_most(most)
    if account_list is AccountList.PLAYLISTS:
        return (
            f"Found videos name {_range(PLAYLISTS_AN_ACCOUNT)} playlists of an account, each {_range(pages)} requests."
        )
    return f"A look at an account's {account_list} list takes {_range(pages)} requests on the average."


def about_failures() -> str:
    """What is assumed of failures, for people."""
    return f"{FAILURES.low - 1:.0%} to {FAILURES.high - 1:.0%} of the requests fail; a failed one costs as much."


def _range(estimate: Estimate) -> str:
    if estimate.low == estimate.high:
        return f"{estimate.likely:g}"
    return f"{estimate.low:g} to {estimate.high:g} (likely {estimate.likely:g})"
