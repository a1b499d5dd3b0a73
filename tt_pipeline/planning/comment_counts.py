"""How many comments videos have, and what it costs to list them."""

import math
from dataclasses import dataclass, field

import polars as pl

from tt_pipeline.coverage.windows import PAGE_SLOTS
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
