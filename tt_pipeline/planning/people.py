"""What profiles cost: how many people videos name, and how often each of their profiles is requested."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import polars as pl

from tt_pipeline.coverage.windows import Window
from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.estimate import SURE, Estimate
from tt_pipeline.studies import Study


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
    share: Estimate = prior.CREATORS_A_VIDEO

    def distinct(self, videos: Estimate) -> Estimate:
        """Different creators among so many videos."""
        few, share = prior.FEW_VIDEOS, self.share
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


@dataclass(frozen=True, slots=True)
class LandedNames:
    """Everybody whom videos name: creators and mentioned accounts, by how often they were named.

    Attributes:
        met: Those who are known.
        each: Names of a video, its creator's included.
    """

    met: LandedCreators
    each: Estimate

    def distinct(self, videos: Estimate) -> Estimate:
        """Different people whom so many videos name."""
        return self.met.distinct(videos * self.each)

    def new(self, videos: Estimate) -> Estimate:
        """People whom so many further videos name and who are not known yet."""
        return self.met.new(videos * self.each)


@dataclass(frozen=True, slots=True)
class AssumedNames:
    """Creators, and beside them accounts that they mention."""

    creators: AssumedCreators
    mentioned: AssumedCreators = AssumedCreators(share=prior.MENTIONED_A_VIDEO)

    def distinct(self, videos: Estimate) -> Estimate:
        """Different people whom so many videos name."""
        return self.creators.distinct(videos) + self.mentioned.distinct(videos)

    new = distinct


def _values(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.low, estimate.likely, estimate.high


Videos = tuple[Estimate, Estimate]
"""Of searches that have landed, of assumed ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """People whose profiles are bought: creators, or those whom they mention.

    Attributes:
        people: Who was found, columns of evidence.KNOWN_CREATORS.
        of_landed: How new ones turn up among videos of searches that have landed.
        of_assumed: Likewise of those that have not.
        known: Among how many of them new ones are told from known ones.
    """

    people: pl.DataFrame
    of_landed: Creators
    of_assumed: Creators
    known: int

    def new(self, videos: Videos) -> Estimate:
        """People among so many further videos who are not known yet."""
        of_landed, of_assumed = videos
        return self.of_landed.new(of_landed) + self.of_assumed.distinct(of_assumed)

    def met(self, videos: Videos, days: int) -> Estimate:
        """Different people in so many days to come with so many videos each."""
        of_landed, of_assumed = videos
        return self.of_landed.distinct(of_landed.times(days)) + self.of_assumed.distinct(of_assumed.times(days))


@dataclass(frozen=True, slots=True)
class ProfileCosts:
    """Profiles bought for the first time, and again; the same a day."""

    first: Estimate
    again: Estimate
    first_a_day: Estimate
    again_a_day: Estimate


def profile_costs(
    study: Study, crowd: Crowd, *, new_until: Callable[[date], Videos], a_day: Videos, planned: Window, now: datetime
) -> ProfileCosts:
    """Price the profiles of a crowd.

    Args:
        study: For how long a profile keeps.
        crowd: Whose.
        new_until: Videos until a day that are not found yet.
        a_day: Videos a day.
        planned: The days that are planned.
        now: The instant of the plan.
    """
    keeps = study.users.refresh_days
    span = keeps + study.looks[0]
    fresh_until = _first_profiles(study, crowd, planned, now) + timedelta(days=keeps)
    never = crowd.people["profiled"].null_count()
    stale = crowd.people.filter(pl.col("profiled") < pl.col("last_day") - pl.duration(days=keeps)).height
    first = Estimate.exactly(never) + crowd.new(new_until(planned.last_day))
    bought = Estimate.exactly(never + stale) + crowd.new(new_until(fresh_until))
    later = max(0, (planned.last_day - max(fresh_until, planned.first_day)).days)
    blocks, rest = divmod(later, span)
    bought = bought + crowd.met(a_day, span).times(blocks) + crowd.met(a_day, rest)
    all_first = Estimate.exactly(crowd.known) + crowd.new(new_until(planned.last_day))
    first_a_day, bought_a_day = all_first.times(1 / len(planned.days)), crowd.met(a_day, span).times(1 / span)
    return ProfileCosts(
        first=first,
        again=bought.beyond(first),
        first_a_day=first_a_day,
        again_a_day=bought_a_day.beyond(first_a_day),
    )


def _first_profiles(study: Study, crowd: Crowd, planned: Window, now: datetime) -> date:
    """The day of the present profiles on the average; where there are none, of those to be bought next."""
    held = crowd.people["profiled"].drop_nulls()
    if len(held):
        return date.fromordinal(round(sum(day.toordinal() for day in held) / len(held)))
    return max(now.astimezone(UTC).date(), planned.first_day + timedelta(days=study.looks[0]))
