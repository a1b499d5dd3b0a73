"""What it costs to list the comments of videos drawn at random, from each stratum of search, day and size class.

The rule of the draw is `coverage.sampling`; here it is applied to whole columns, and to days that nobody has seen.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from tt_pipeline.coverage.sampling import SIZES
from tt_pipeline.planning.comment_counts import CommentCounts, is_wanted, pages_of
from tt_pipeline.planning.estimate import SURE, Estimate
from tt_pipeline.studies import CommentRules

_MANY: Final = 500
"""Beyond so many expected videos of a class chance changes less than a twentieth of them."""
_USUAL_SPREAD: Final = 0.4
_USUAL_DAYS: Final = 3
"""As for the videos of a search: days differ by 40 % until more is known."""


def to_list(videos: pl.DataFrame, rules: CommentRules) -> pl.DataFrame:
    """The found videos whose comments are, or go on to be, listed: all, or those drawn and those begun.

    Args:
        videos: Columns of evidence.KNOWN_VIDEOS.
        rules: Whose comments are bought; their seed is in the videos' `number` already.
    """
    if rules.sample is None:
        return videos
    stratum = ("search", "day", size_class())
    frame = videos.filter(is_wanted(rules))
    rank = pl.col("number").rank("ordinal").over(*stratum)
    is_begun = (pl.col("pages_landed") > 0) | pl.col("is_whole")
    return frame.filter((rank <= rules.sample.per_stratum) | is_begun)


def drawn(videos: pl.DataFrame, rules: CommentRules) -> pl.DataFrame:
    """The found videos that chance takes, whatever is held of them."""
    untouched = videos.with_columns(pages_landed=pl.lit(0, pl.Int64), is_whole=pl.lit(value=False))
    return to_list(untouched, rules)


def size_class() -> pl.Expr:
    """The class of `comment_count` as a number; 0 where it is unknown."""
    count = pl.col("comment_count")
    reached = pl.sum_horizontal((count >= size).cast(pl.Int8) for size in SIZES)
    return pl.when(count.is_null()).then(0).otherwise(reached + 1)


@dataclass(frozen=True, slots=True)
class SizeClass:
    """One of a search's strata on a usual day: its share of the videos, and what one of them is worth."""

    share: float
    mean: float


def size_classes(counts: pl.DataFrame, rules: CommentRules, worth: pl.Expr) -> list[SizeClass]:
    """The classes whose videos may be drawn.

    Args:
        counts: Grain comment_count, with `weight`.
        rules: What is below their minimum is not drawn.
        worth: Of a video: its pages, or its comments.
    """
    weight = pl.col("weight").sum()
    grouped = (
        counts.filter(is_wanted(rules))
        .group_by(size_class().alias("class"))
        .agg(weight, ((pl.col("weight") * worth).sum() / weight).alias("mean"))
        .sort("class")
    )
    return [SizeClass(share, mean) for _, share, mean in grouped.iter_rows() if share]


def expected(videos: float, classes: Iterable[SizeClass], per_stratum: int) -> float:
    """What the drawn videos of a day are worth on the average, of so many that are found."""
    return math.fsum(_taken(videos * each.share, per_stratum) * each.mean for each in classes)


def _taken(mean: float, most: int) -> float:
    """Videos drawn of a stratum that has so many on the average: some days have fewer (Poisson)."""
    if mean > _MANY:
        return min(mean, most)
    probability, at_most, taken = math.exp(-mean), 0.0, 0.0
    for number in range(most):
        at_most += probability
        if at_most >= 1:
            break
        taken += 1 - at_most
        probability *= mean / (number + 1)
    return taken


def assumed_a_day(videos: Estimate, counts: CommentCounts, rules: CommentRules) -> Estimate:
    """Requests a day for the comments of what is drawn from one search, by how many videos it finds."""
    most = rules.sample.per_stratum if rules.sample else 0
    few, usual, many = (
        size_classes(each, rules, pages_of(rules)) for each in (counts.fewer, counts.likely, counts.more)
    )
    of_videos = videos.through(lambda found: expected(found, usual, most))
    if not of_videos.likely:
        return of_videos
    of_counts = [expected(videos.likely, classes, most) / of_videos.likely for classes in (few, many)]
    return of_videos * Estimate(min(1, *of_counts), 1, max(1, *of_counts)) * counts.growth


def landed_a_day(by_day: Sequence[float], ahead: int) -> Estimate:
    """Requests a day on the average of so many days to come, by what seen days need.

    Args:
        by_day: Pages of the drawn videos of each seen day.
        ahead: Days to come.
    """
    days = len(by_day)
    mean = max(sum(by_day) / days, 0.5 / days)
    usual = mean + (_USUAL_SPREAD * mean) ** 2
    squares = sum((pages - mean) ** 2 for pages in by_day)
    spread = math.sqrt((squares + _USUAL_DAYS * usual) / (days - 1 + _USUAL_DAYS)) / mean
    return Estimate.within(mean, SURE * spread * math.sqrt(1 / days + 1 / max(1, ahead)))
