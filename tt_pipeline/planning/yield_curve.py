"""The yield curve: which share of the reachable comments N more days of quota yield.

Videos with most comments come first, as in a collection, and as a higher `min_comments` selects them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Final

from tt_pipeline.codebook.limits import MOST_COMMENTS
from tt_pipeline.coverage import age_days
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.comments import pages_needed
from tt_pipeline.planning.costs import Costs
from tt_pipeline.planning.estimate import CostPart, total
from tt_pipeline.planning.searches import DAYS_A_MONTH

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt status` does without
    import polars as pl

_DAYS: Final = (1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 2_000, 5_000)
_ALL: Final = 0.9995
_LEAST_SHARE: Final = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldPoint:
    """The comments that can be collected with a number of days of quota.

    Attributes:
        days: Days of quota from now on; searches and users are requested before comments.
        requests: Requests that remain for comments.
        share: Share of the study's reachable comments, including landed ones; 0 to 1.
        min_comments: The setting that selects exactly these videos; the study's own value if the quota is large
            enough; None if no video can be requested.
    """

    days: int
    requests: int
    share: float
    min_comments: int | None


def yield_curve(costs: Costs, *, further_days: Sequence[int] = ()) -> tuple[YieldPoint, ...]:
    """The points until all comments have landed; empty if the study samples comments.

    Args:
        costs: The study and its evidence.
        further_days: Also include the points up to this number of days.
    """
    rules = costs.study.comments
    if not rules.wanted or rules.sample:
        return ()
    videos = _videos(costs)
    reachable = _comments(videos, most=MOST_COMMENTS)
    landed = _comments(videos.filter("is_whole"), most=rules.max_per_video)
    points: list[YieldPoint] = []
    for days in sorted({*_DAYS, *further_days, len(costs.planned.days)}):
        reached = _share_reached(costs, days, rules.after_days)
        ordered = _to_request(costs, videos, reached=reached)
        point = _point(costs, ordered, landed, reachable, days=days)
        points.append(point)
        is_all = reached == 1 and point.requests >= math.floor(_ALL * float(ordered["requests"].sum()))
        if is_all and days >= max(further_days, default=0):
            break
    return tuple(points)


def points_to_show(curve: Sequence[YieldPoint], *, also: int | None = None) -> list[YieldPoint]:
    """The points whose `min_comments` differs from the point before, from the last point without comments on.

    Args:
        curve: All points.
        also: The point after this number of days is always included.
    """
    steps = [point for point, following in pairwise(curve) if following.share > _LEAST_SHARE] + [*curve[-1:]]
    before = [None, *steps]
    return [
        point
        for point, last in zip(steps, before, strict=False)
        if last is None or point.min_comments != last.min_comments or point.days == also
    ]


def wait_for_age(curve: Sequence[YieldPoint], *, min_comments: int) -> tuple[YieldPoint, YieldPoint] | None:
    """Days until the quota suffices, and until the last videos reach `after_days`; None if no video is too young.

    Args:
        curve: All points.
        min_comments: The study's value; the quota is large enough at points with this value.
    """
    tail = [*takewhile(lambda point: point.min_comments == min_comments, reversed(curve))]
    last = [point for point in tail if point.share > curve[-1].share - _LEAST_SHARE][-1:]
    return (tail[-1], last[0]) if last and tail[-1] not in last else None


def _videos(costs: Costs) -> "pl.DataFrame":
    """Number of found and expected videos by their number of comments."""
    import polars as pl

    found = (
        costs.evidence.videos.group_by("comment_count", "pages_landed", "is_whole")
        .agg(pl.len().cast(pl.Float64).alias("videos"))
        .with_columns(is_found=pl.lit(value=True))
    )
    to_come = costs.evidence.counts.likely.select(
        "comment_count",
        pl.lit(0).cast(pl.Int64).alias("pages_landed"),
        pl.lit(value=False).alias("is_whole"),
        (pl.col("weight") * costs.searches.new_videos.likely).alias("videos"),
        pl.lit(value=False).alias("is_found"),
    )
    return pl.concat([found, to_come]).drop_nulls("comment_count")


def _comments(videos: "pl.DataFrame", *, most: int) -> float:
    import polars as pl

    return float(videos.select((pl.col("comment_count").clip(0, most) * pl.col("videos")).sum()).item())


def _to_request(costs: Costs, videos: "pl.DataFrame", *, reached: float) -> "pl.DataFrame":
    """Requests and comments of the videos that are old enough, by comment_count, most comments first."""
    import polars as pl

    rules = costs.study.comments
    pages = (pages_needed(rules) - pl.col("pages_landed")).clip(0) * costs.evidence.counts.growth.likely
    # Replies are requested together with the comments that they answer.
    pages *= 1 + (costs.evidence.replies.per_comment_request(DAYS_A_MONTH).likely if rules.replies else 0)
    number = pl.col("videos") * pl.when("is_found").then(1.0).otherwise(reached)
    return (
        videos.filter(~pl.col("is_whole") & (pages_needed(rules) > 0))
        .group_by("comment_count")
        .agg(
            (pages * number * assumptions.FAILURES.likely).sum().alias("requests"),
            (pl.col("comment_count").clip(0, rules.max_per_video) * number).sum().alias("comments"),
        )
        .sort("comment_count", descending=True)
    )


def _requests_left(costs: Costs, days: int) -> int:
    """Requests that remain for comments and replies in this number of days of quota, after all other parts."""
    others = total(
        line.total for line in costs.main_lines if line.part not in {CostPart.COMMENTS, CostPart.REPLIES}
    ).likely
    spent = others * _share_reached(costs, days, costs.study.looks[0])
    return max(0, round(days * costs.study.quota.requests_per_day - spent))


def _share_reached(costs: Costs, days: int, age: int) -> float:
    """The share of the unseen days that will have reached an age after some days."""
    at = costs.now + timedelta(days=days)
    unseen = [day for looks in costs.searches.remaining.values() for day in looks.unseen]
    return sum(age_days(day, at) >= age for day in unseen) / len(unseen) if unseen else 1.0


def _point(costs: Costs, ordered: "pl.DataFrame", landed: float, reachable: float, *, days: int) -> YieldPoint:
    import polars as pl

    left = _requests_left(costs, days)
    whole = ordered.filter(pl.col("requests").cum_sum() <= left)
    comments = float(whole["comments"].sum())
    least = int(whole["comment_count"][-1]) if comments else None
    if whole.height == ordered.height:
        least = max(1, costs.study.comments.min_comments)
    else:
        _, requests, value = ordered.row(whole.height)
        comments += value * (left - float(whole["requests"].sum())) / requests
    return YieldPoint(
        days=days,
        requests=round(min(left, float(ordered["requests"].sum()))),
        share=(landed + comments) / reachable if reachable else 1.0,
        min_comments=least,
    )
