"""The yield curve: which share of the reachable comments N more days of quota buy.

Videos with most comments come first, as a collection buys them and as a higher `min_comments` selects them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise, takewhile
from typing import Final

import polars as pl

from tt_pipeline.coverage.search_days import age_days
from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.cheaper_settings import REACHABLE
from tt_pipeline.planning.comments import pages_of
from tt_pipeline.planning.costs import Costs
from tt_pipeline.planning.estimate import CostPart, total
from tt_pipeline.planning.searches import A_MONTH

_DAYS: Final = (1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 2_000, 5_000)
_ALL: Final = 0.9995
_LEAST_SHARE: Final = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldPoint:
    """What so many days of quota buy.

    Attributes:
        days: Of quota, from now on; searches and users are paid from it first.
        requests: For comments, of all that can be bought then.
        share: Of the reachable comments of the study, those already held included; 0 to 1.
        min_comments: The setting with which no more than that is bought: the study's own when the quota is no limit;
            None when nothing can be bought.
    """

    days: int
    requests: int
    share: float
    min_comments: int | None


def yield_curve(costs: Costs, *, further_days: Sequence[int] = ()) -> tuple[YieldPoint, ...]:
    """Points until all wanted comments are bought; none where videos are drawn, because then no more is wanted.

    Args:
        further_days: Also after so many days.
    """
    if not costs.study.comments.wanted or costs.study.comments.sample:
        return ()
    videos = _videos(costs)
    reachable = _comments(videos, most=REACHABLE)
    held = _comments(videos.filter("is_whole"), most=costs.study.comments.max_per_video)
    points: list[YieldPoint] = []
    for days in sorted({*_DAYS, *further_days, len(costs.planned.days)}):
        ordered = _to_buy(costs, videos, reached=_reached(costs, days, costs.study.comments.after_days))
        point = _point(costs, ordered, held, reachable, days=days)
        points.append(point)
        if _is_all(costs, ordered, point) and days >= max(further_days, default=0):
            break
    return tuple(points)


def worth_listing(curve: Sequence[YieldPoint], *, also: int | None = None) -> list[YieldPoint]:
    """The points that another `min_comments` selects, from the last that buys nothing.

    Args:
        curve: The whole of it.
        also: The point after so many days is listed in any case.
    """
    steps = [point for point, following in pairwise(curve) if following.share > _LEAST_SHARE] + [*curve[-1:]]
    before = [None, *steps]
    return [
        point
        for point, last in zip(steps, before, strict=False)
        if last is None or point.min_comments != last.min_comments or point.days == also
    ]


def wait_for_age(curve: Sequence[YieldPoint], *, min_comments: int) -> tuple[YieldPoint, YieldPoint] | None:
    """From when on all that is old enough can be bought, and when the rest is; None where nothing waits for its age.

    Args:
        curve: The whole of it.
        min_comments: The study's own: with it the quota is no limit.
    """
    tail = [*takewhile(lambda point: point.min_comments == min_comments, reversed(curve))]
    last = [point for point in tail if point.share > curve[-1].share - _LEAST_SHARE][-1:]
    return (tail[-1], last[0]) if last and tail[-1] not in last else None


def _is_all(costs: Costs, ordered: pl.DataFrame, point: YieldPoint) -> bool:
    is_over = _reached(costs, point.days, costs.study.comments.after_days) == 1
    return is_over and point.requests >= math.floor(_ALL * float(ordered["requests"].sum()))


def _videos(costs: Costs) -> pl.DataFrame:
    """Known videos, and those to come by the usual counts: how many have so many comments."""
    known = (
        costs.evidence.videos.group_by("comment_count", "pages_landed", "is_whole")
        .agg(pl.len().cast(pl.Float64).alias("videos"))
        .with_columns(is_known=pl.lit(value=True))
    )
    to_come = costs.evidence.counts.likely.select(
        "comment_count",
        pl.lit(0).cast(pl.Int64).alias("pages_landed"),
        pl.lit(value=False).alias("is_whole"),
        (pl.col("weight") * costs.new_videos.likely).alias("videos"),
        pl.lit(value=False).alias("is_known"),
    )
    return pl.concat([known, to_come]).drop_nulls("comment_count")


def _comments(videos: pl.DataFrame, *, most: int) -> float:
    return float(videos.select((pl.col("comment_count").clip(0, most) * pl.col("videos")).sum()).item())


def _to_buy(costs: Costs, videos: pl.DataFrame, *, reached: float) -> pl.DataFrame:
    """By comment_count, most first: requests and comments of what can be bought."""
    rules = costs.study.comments
    pages = (pages_of(rules) - pl.col("pages_landed")).clip(0) * costs.evidence.counts.growth.likely
    # Replies are bought with the comments that they answer.
    pages *= 1 + (costs.evidence.replies.each(A_MONTH).likely if rules.replies else 0)
    there = pl.col("videos") * pl.when("is_known").then(1.0).otherwise(reached)
    return (
        videos.filter(~pl.col("is_whole") & (pages_of(rules) > 0))
        .group_by("comment_count")
        .agg(
            (pages * there * prior.FAILURES.likely).sum().alias("requests"),
            (pl.col("comment_count").clip(0, rules.max_per_video) * there).sum().alias("comments"),
        )
        .sort("comment_count", descending=True)
    )


def _budget(costs: Costs, days: int) -> int:
    """Requests that so many days leave for comments and their replies: everything else comes first."""
    others = total(
        line.total for line in costs.main_lines if line.part not in {CostPart.COMMENTS, CostPart.REPLIES}
    ).likely
    spent = others * _reached(costs, days, costs.study.looks[0])
    return max(0, round(days * costs.study.quota.requests_per_day - spent))


def _reached(costs: Costs, days: int, age: int) -> float:
    """The share of the days to come that will be so old after some days."""
    at = costs.now + timedelta(days=days)
    unseen = [day for plan in costs.agendas.values() for day in plan.unseen]
    return sum(age_days(day, at) >= age for day in unseen) / len(unseen) if unseen else 1.0


def _point(costs: Costs, ordered: pl.DataFrame, held: float, reachable: float, *, days: int) -> YieldPoint:
    budget = _budget(costs, days)
    whole = ordered.filter(pl.col("requests").cum_sum() <= budget)
    comments = float(whole["comments"].sum())
    least = int(whole["comment_count"][-1]) if comments else None
    if whole.height == ordered.height:
        least = max(1, costs.study.comments.min_comments)
    else:
        _, requests, value = ordered.row(whole.height)
        comments += value * (budget - float(whole["requests"].sum())) / requests
    return YieldPoint(
        days=days,
        requests=round(min(budget, float(ordered["requests"].sum()))),
        share=(held + comments) / reachable if reachable else 1.0,
        min_comments=least,
    )
