"""What comments cost: how many a video has, which videos are sampled, and the replies that go with them.

How videos are sampled is decided by `coverage.sampling`; here that rule is applied to whole columns, and to days that
have not been collected.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from tt_pipeline.coverage.sampling import SIZES
from tt_pipeline.coverage.windows import PAGE_SLOTS
from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.estimate import SURE, Estimate
from tt_pipeline.studies import CommentRules


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCounts:
    """How many comments videos have.

    Attributes:
        likely: Grain comment_count; `weight` sums to 1. NULL is a count that the API left out.
        fewer: The same at the low end; `more` at the high end.
        videos: From how many found videos; 0 where it is assumed.
        growth: By how much requests grow because the counts are young.
    """

    fewer: pl.DataFrame
    likely: pl.DataFrame
    more: pl.DataFrame
    videos: int = 0
    growth: Estimate = field(default_factory=lambda: Estimate.exactly(1))

    def requests_a_video(self, rules: CommentRules, videos: float) -> Estimate:
        """Requests for the comments of a video, on the average of so many to come."""
        mean = Estimate(*(_mean_pages(counts, rules) for counts in (self.fewer, self.likely, self.more)))
        if not self.videos or not mean.likely:
            return mean
        variance = self.likely.select((pl.col("weight") * pages_of(rules) ** 2).sum()).item() - mean.likely**2
        spread = math.sqrt(max(0.0, variance)) / mean.likely
        # 1.3: videos of one creator resemble each other, so they tell less than as many of different ones.
        error = 1.3 * SURE * spread * math.sqrt(1 / self.videos + 1 / max(1.0, videos))
        return Estimate.within(mean.likely, error) * self.growth


def pages_of(rules: CommentRules) -> pl.Expr:
    """Requests for a video's comments; 0 where its comments are not wanted."""
    count = pl.col("comment_count")
    pages = (count.clip(1, rules.max_per_video) / PAGE_SLOTS).ceil().fill_null(1)
    return pl.when(is_wanted(rules)).then(pages).otherwise(0.0)


def is_wanted(rules: CommentRules) -> pl.Expr:
    """Whether a video's comments would be asked for, were it drawn."""
    count = pl.col("comment_count")
    return (count.is_null() | (count >= max(1, rules.min_comments))) & rules.wanted


def _mean_pages(counts: pl.DataFrame, rules: CommentRules) -> float:
    return float(counts.select((pl.col("weight") * pages_of(rules)).sum()).item())


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


_IMAGINED: Final = 30
"""Requests for comments with the assumed replies that stand beside the landed ones: a single video may decide."""
_A_BURST: Final = 50
"""Listings of replies that come together: a video beyond 1,000 comments has many threads that its listing lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """What has landed of replies.

    Attributes:
        listed: Requests for the comments of videos whose replies are held.
        requests: For these replies.
    """

    listed: int = 0
    requests: int = 0

    def each(self, further: float) -> Estimate:
        """Requests for replies beside one request for comments, on the average of so many to come."""
        if not self.listed:
            return prior.REPLIES
        likely = (self.requests + _IMAGINED * prior.REPLIES.likely) / (self.listed + _IMAGINED)
        bursts = max(0.5, self.requests / _A_BURST)
        error = SURE * math.sqrt((1 + self.listed / max(1.0, further)) / bursts)
        least = max(0.0, self.requests / self.listed * (1 - error))
        rest = prior.REPLIES.high * _IMAGINED / (self.listed + _IMAGINED)
        return Estimate(min(least, likely), likely, max(likely * (1 + error), rest))
