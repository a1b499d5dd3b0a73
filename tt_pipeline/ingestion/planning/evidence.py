"""What a plan is made from: how many videos there are, how many comments they have, how many people made them.

Each is either assumed or landed, and says which. How it is read from the landing zone is `landed.py`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol

import polars as pl

from tt_pipeline.ingestion.planning import assumptions as prior
from tt_pipeline.ingestion.planning.agenda import days_of, horizon
from tt_pipeline.ingestion.planning.estimate import Estimate, total
from tt_pipeline.ingestion.windows import PAGE_SLOTS
from tt_pipeline.studies import CommentRules, Search, Study

SURE: Final = 1.64
"""Standard errors to either side: nine of ten ranges hold the true number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many videos a search finds a day.

    Attributes:
        videos: A day; where it has landed its range is a day's own, and `over` says that of an average.
        slots_a_video: Places in the result that one video costs, with those of hidden ones.
        days: From how many landed days; 0 where it is assumed.
        is_given: Somebody said so.
        spread: Standard deviation between days, as a share of the mean.
    """

    videos: Estimate
    slots_a_video: Estimate = prior.SLOTS_A_VIDEO
    days: int = 0
    is_given: bool = False
    spread: float = 0.0

    def over(self, days: int) -> Estimate:
        """Videos a day on the average of so many days to come."""
        if not self.days:
            return self.videos
        error = SURE * self.spread * math.sqrt(1 / self.days + 1 / max(1, days))
        return Estimate.within(self.videos.likely, error)

    def slots(self, days: int) -> Estimate:
        """Places in the result that a day of them has."""
        return self.over(days) * self.slots_a_video


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
    is_wanted = count.is_null() | (count >= max(1, rules.min_comments))
    return pl.when(is_wanted & rules.wanted).then(pages).otherwise(0.0)


def _mean_pages(counts: pl.DataFrame, rules: CommentRules) -> float:
    return float(counts.select((pl.col("weight") * pages_of(rules)).sum()).item())


class Creators(Protocol):
    """How many people made so many videos."""

    def distinct(self, videos: Estimate) -> Estimate:
        """Different creators among so many videos."""
        ...

    def new(self, videos: Estimate) -> Estimate:
        """Creators among so many further videos who are not known yet."""
        ...


@dataclass(frozen=True, slots=True)
class AssumedCreators:
    """By a share of the videos; never more than the accounts that are searched for."""

    accounts: int | None = None

    def distinct(self, videos: Estimate) -> Estimate:
        """Different creators among so many videos."""
        few, share = prior.FEW_VIDEOS, prior.CREATORS_A_VIDEO
        met = Estimate(*(v if v <= few else few * (v / few) ** prior.CREATORS_GROW for v in _values(videos)))
        found = Estimate(*(a * b for a, b in zip(_values(met), _values(share), strict=True)))
        return found.at_most(self.accounts) if self.accounts is not None else found

    new = distinct


@dataclass(frozen=True, slots=True)
class LandedCreators:
    """By how often those were met who are known.

    Attributes:
        met: Creators by the number of their videos.
        accounts: There are no more, where only these are searched for.
    """

    met: Mapping[int, int]
    accounts: int | None = None

    @property
    def videos(self) -> int:
        """How many videos they made."""
        return sum(times * creators for times, creators in self.met.items())

    @property
    def known(self) -> int:
        """How many are known."""
        return sum(self.met.values())

    def distinct(self, videos: Estimate) -> Estimate:
        """Different creators among so many videos."""
        among_known = videos.through(self._among_known)
        return among_known + self.new(videos.less(self.videos))

    def _among_known(self, videos: float) -> float:
        share = min(1.0, videos / max(1, self.videos))
        return math.fsum(creators * (1 - (1 - share) ** times) for times, creators in self.met.items())

    def new(self, videos: Estimate) -> Estimate:
        """Creators among so many further videos who are not known yet.

        Chao's extrapolation is a lower bound, and a good one until the videos have doubled; Good's chance that the next
        creator is new falls as more become known, so that taking it for constant is an upper bound.

        Source: Good (1953), "The population frequencies of species"; Chao et al. (2014), "Rarefaction and extrapolation
        with Hill numbers".
        """
        doubt = min(1.0, videos.likely / (2 * max(1, self.videos)))
        least, most = videos.through(self._least_new), videos.through(self._most_new)
        likely = least.likely + (most.likely - least.likely) * doubt / 2
        error = SURE * math.sqrt(likely)
        high = least.high + (most.high - least.high) * doubt + error
        found = Estimate(max(0.0, least.low - error), likely, min(max(likely, videos.high), high))
        return found if self.accounts is None else found.at_most(max(0, self.accounts - self.known))

    def _most_new(self, videos: float) -> float:
        return videos * self.met.get(1, 0) / max(1, self.videos)

    def _least_new(self, videos: float) -> float:
        once, twice = self.met.get(1, 0), self.met.get(2, 0)
        unseen = once**2 / (2 * twice) if twice else once * (once - 1) / 2
        if not unseen:
            return 0.0
        missed: float = (1 - once / (self.videos * unseen + once)) ** videos
        return unseen * (1 - missed)


def _values(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.low, estimate.likely, estimate.high


KNOWN_VIDEOS: Final = {"day": pl.Date, "comment_count": pl.Int64, "pages_landed": pl.Int64, "is_whole": pl.Boolean}
"""Grain: a found video. `is_whole`: its comments are held or final."""
KNOWN_CREATORS: Final = {"last_day": pl.Date, "profiled": pl.Date}
"""Grain: a creator. `last_day` of their videos; `profiled`: day of the latest profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """Windows of a search that are half bought."""

    pages: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a plan is made from, besides the study.

    Attributes:
        rates: By the fingerprint of what is sent.
        seen: Likewise: the age in days at which each day was last looked at completely.
        unfinished: Likewise.
        distinct_landed: Share of what the landed searches find that is found once.
        videos: What was found, columns of KNOWN_VIDEOS.
        people: Who was found, columns of KNOWN_CREATORS.
        creators: How new creators turn up among videos of searches that have landed; None when none has.
    """

    rates: Mapping[str, Rate]
    counts: CommentCounts
    seen: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    unfinished: Mapping[str, Unfinished] = field(default_factory=dict)
    distinct_landed: Estimate = field(default_factory=lambda: Estimate.exactly(1))
    videos: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KNOWN_VIDEOS))
    people: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KNOWN_CREATORS))
    creators: LandedCreators | None = None

    def distinct_videos(self, found: Mapping[str, Estimate]) -> tuple[Estimate, Estimate]:
        """How many videos searches find together, each once, from what each finds: of landed ones, of assumed ones."""
        by_landed = total(videos for asked, videos in found.items() if self.rates[asked].days)
        by_assumed = total(videos for asked, videos in found.items() if not self.rates[asked].days)
        overlap = prior.DISTINCT if len(self.rates) > 1 else Estimate.exactly(1)
        return by_landed * self.distinct_landed, by_assumed * overlap


def assumed(study: Study, now: datetime, *, videos_per_day: float | None = None) -> Evidence:
    """What is taken for true before anything has landed.

    Args:
        videos_per_day: What each search finds, where somebody knows.
    """
    planned = horizon(study, now)
    rates = {
        asked.fingerprint: _assumed_rate(asked, len(days_of(asked, planned)), videos_per_day)
        for search in study.searches
        for asked in search.asked
    }
    return Evidence(rates=rates, counts=assumed_counts())


def _assumed_rate(asked: Search, days: int, videos_per_day: float | None) -> Rate:
    is_given = videos_per_day is not None and not prior.lists_ids(asked.query)
    found = (
        Estimate.within(videos_per_day or 0, prior.GIVEN_ERROR) if is_given else prior.videos_a_day(asked.query, days)
    )
    most = asked.sample.random * asked.draws if asked.sample else asked.max_videos_per_day
    return Rate(videos=found if most is None else found.at_most(most), is_given=is_given)


def assumed_counts() -> CommentCounts:
    """The model of assumptions.py."""
    fewer, likely, more = prior.comment_models()
    return CommentCounts(fewer=fewer, likely=likely, more=more)


def accounts_of(study: Study) -> int | None:
    """The only accounts that the study can find; None when it can be anyone."""
    named = [prior.accounts(search.query) for search in study.searches]
    known = [names for names in named if names is not None]
    return len(frozenset[str]().union(*known)) if len(known) == len(named) else None
