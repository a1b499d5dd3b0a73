"""Estimates what comments cost: number of comments of videos, which videos are sampled, and number of replies.

`coverage.sampling` draws videos one by one; this module applies the same rule to columns and to future days.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tt_pipeline.codebook.limits import PAGE_SIZE
from tt_pipeline.coverage import SIZE_CLASS_MINIMUMS
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.estimate import ONE, Z_90, Estimate, average_to_come, mean_and_spread
from tt_pipeline.studies import CommentRules

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt status` does without
    import polars as pl

_SIMILAR_VIDEOS: Final = 1.3
"""Factor on the error, because videos of one creator are similar and so give less information."""
_ALMOST_CERTAIN: Final = 500
"""If a class has at least this many expected videos, chance changes their number by less than 5 %."""
_ASSUMED_REQUESTS: Final = 30
"""Weight of the assumed ratio of replies, in requests for comments: a single video may change the measured one."""
_REPLY_BURST: Final = 50
"""Requests for replies that come together: a video with over 1,000 comments has many threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCounts:
    """How many comments videos have.

    Attributes:
        likely: Grain comment_count; `weight` sums to 1. NULL is a count that the API left out.
        fewer: The same at the low end.
        more: The same at the high end.
        videos: Number of found videos that were counted; 0 for an assumption.
        growth: Factor on requests for counts that were read while videos were young.
    """

    fewer: "pl.DataFrame"
    likely: "pl.DataFrame"
    more: "pl.DataFrame"
    videos: int = 0
    growth: Estimate = ONE

    def requests_a_video(self, rules: CommentRules, videos: float) -> Estimate:
        """Average requests for the comments of a video, over this number of future videos."""
        import polars as pl

        mean = Estimate(*(_mean_pages(counts, rules) for counts in (self.fewer, self.likely, self.more)))
        if not self.videos or not mean.likely:
            return mean
        variance = self.likely.select((pl.col("weight") * pages_needed(rules) ** 2).sum()).item() - mean.likely**2
        spread = math.sqrt(max(0.0, variance)) / mean.likely
        error = _SIMILAR_VIDEOS * Z_90 * spread * math.sqrt(1 / self.videos + 1 / max(1.0, videos))
        return Estimate.within(mean.likely, error) * self.growth


def pages_needed(rules: CommentRules) -> "pl.Expr":
    """Expression: requests for a video's comments; 0 if the rules exclude the video."""
    import polars as pl

    count = pl.col("comment_count")
    pages = (count.clip(1, rules.max_per_video) / PAGE_SIZE).ceil().fill_null(1)
    return pl.when(_is_included(rules)).then(pages).otherwise(0.0)


def _is_included(rules: CommentRules) -> "pl.Expr":
    """Whether the rules include a video, before the sample is drawn."""
    import polars as pl

    count = pl.col("comment_count")
    return (count.is_null() | (count >= max(1, rules.min_comments))) & rules.wanted


def _mean_pages(counts: "pl.DataFrame", rules: CommentRules) -> float:
    import polars as pl

    return float(counts.select((pl.col("weight") * pages_needed(rules)).sum()).item())


def videos_to_list(videos: "pl.DataFrame", rules: CommentRules) -> "pl.DataFrame":
    """The found videos whose comments are requested: all; with a sample the drawn ones and those that have begun.

    Args:
        videos: Columns of evidence.KNOWN_VIDEOS; `number` follows from the seed of the rules.
        rules: The study's rules for comments.
    """
    import polars as pl

    if rules.sample is None:
        return videos
    rank = pl.col("number").rank("ordinal").over("search", "day", _size_class())
    is_begun = (pl.col("pages_landed") > 0) | pl.col("is_whole")
    return videos.filter(_is_included(rules)).filter((rank <= rules.sample.per_stratum) | is_begun)


def drawn_videos(videos: "pl.DataFrame", rules: CommentRules) -> "pl.DataFrame":
    """The found videos that the sample draws, also those whose comments have landed."""
    import polars as pl

    untouched = videos.with_columns(pages_landed=pl.lit(0, pl.Int64), is_whole=pl.lit(value=False))
    return videos_to_list(untouched, rules)


def _size_class() -> "pl.Expr":
    """The size class of `comment_count` as a number; 0 if the count is unknown."""
    import polars as pl

    count = pl.col("comment_count")
    reached = pl.sum_horizontal((count >= size).cast(pl.Int8) for size in SIZE_CLASS_MINIMUMS)
    return pl.when(count.is_null()).then(0).otherwise(reached + 1)


@dataclass(frozen=True, slots=True)
class SizeClass:
    """The videos of a search in one size class.

    Attributes:
        share: Share of the search's videos.
        mean: Mean number of pages or comments of the class's videos.
    """

    share: float
    mean: float


def size_classes(counts: "pl.DataFrame", rules: CommentRules, value: "pl.Expr") -> list[SizeClass]:
    """The size classes that a sample draws from.

    Args:
        counts: Grain comment_count, with `weight`.
        rules: Videos that they exclude are not drawn.
        value: The number whose mean is computed: a video's pages, or its comments.
    """
    import polars as pl

    weight = pl.col("weight").sum()
    grouped = (
        counts.filter(_is_included(rules))
        .group_by(_size_class().alias("class"))
        .agg(weight, ((pl.col("weight") * value).sum() / weight).alias("mean"))
        .sort("class")
    )
    return [SizeClass(share, mean) for _, share, mean in grouped.iter_rows() if share]


def expected_of_sample(videos: float, classes: Iterable[SizeClass], per_stratum: int) -> float:
    """The expected sum over the drawn videos of a day, if the search finds this number of videos."""
    return math.fsum(_expected_draws(videos * each.share, per_stratum) * each.mean for each in classes)


def _expected_draws(mean: float, most: int) -> float:
    """Expected number of videos drawn from a stratum with this mean size; on some days it is smaller (Poisson)."""
    if mean > _ALMOST_CERTAIN:
        return min(mean, most)
    probability, at_most, drawn = math.exp(-mean), 0.0, 0.0
    for number in range(most):
        at_most += probability
        if at_most >= 1:
            break
        drawn += 1 - at_most
        probability *= mean / (number + 1)
    return drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleClasses:
    """The size classes that a sample draws from, for each end of the estimate.

    Attributes:
        per_stratum: Videos drawn from a class.
    """

    fewer: list[SizeClass]
    likely: list[SizeClass]
    more: list[SizeClass]
    per_stratum: int


def sample_classes(counts: CommentCounts, rules: CommentRules) -> SampleClasses:
    """The size classes of a study's sample; their means are in pages."""
    fewer, likely, more = (
        size_classes(each, rules, pages_needed(rules)) for each in (counts.fewer, counts.likely, counts.more)
    )
    per_stratum = rules.sample.per_stratum if rules.sample else 0
    return SampleClasses(fewer=fewer, likely=likely, more=more, per_stratum=per_stratum)


def assumed_sample_requests(videos: Estimate, classes: SampleClasses) -> Estimate:
    """Requests a day for the comments of one search's drawn videos, if it finds so many videos a day."""
    most = classes.per_stratum
    by_videos = videos.map(lambda found: expected_of_sample(found, classes.likely, most))
    if not by_videos.likely:
        return by_videos
    ends = (classes.fewer, classes.more)
    by_counts = [expected_of_sample(videos.likely, end, most) / by_videos.likely for end in ends]
    return by_videos * Estimate(min(1, *by_counts), 1, max(1, *by_counts))


def calibrated_sample_requests(by_day: Sequence[float], ahead: int) -> Estimate:
    """Average requests a day for the comments of drawn videos, over the future days.

    Args:
        by_day: Pages of the drawn videos of each collected day.
        ahead: Number of future days.
    """
    mean, spread = mean_and_spread(by_day)
    return average_to_come(mean, spread, days=len(by_day), ahead=ahead)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """What replies have cost so far.

    Attributes:
        listed: Requests for the comments of videos whose replies have landed.
        requests: Requests for the replies of these videos.
    """

    listed: int = 0
    requests: int = 0

    def per_comment_request(self, further: float) -> Estimate:
        """Average requests for replies for each request for comments, over this number of future requests."""
        if not self.listed:
            return assumptions.REPLIES
        weight = self.listed + _ASSUMED_REQUESTS
        likely = (self.requests + _ASSUMED_REQUESTS * assumptions.REPLIES.likely) / weight
        bursts = max(0.5, self.requests / _REPLY_BURST)
        error = Z_90 * math.sqrt((1 + self.listed / max(1.0, further)) / bursts)
        low = max(0.0, self.requests / self.listed * (1 - error))
        high = max(likely * (1 + error), assumptions.REPLIES.high * _ASSUMED_REQUESTS / weight)
        return Estimate(min(low, likely), likely, high)
