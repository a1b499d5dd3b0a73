"""Estimates what profiles cost: how many people videos name, and how often each profile is requested."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from tt_pipeline.coverage import Window
from tt_pipeline.planning import assumptions
from tt_pipeline.planning.estimate import NOTHING, Z_90, Estimate
from tt_pipeline.studies import Study

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt status` does without
    import polars as pl

Videos = tuple[Estimate, Estimate]
"""Number of videos of calibrated searches, and of assumed ones."""


@dataclass(frozen=True, slots=True)
class AssumedPeople:
    """Assumes the number of people as a share of the number of videos.

    Attributes:
        accounts: There are no more creators than the accounts that are searched for; None for no limit.
        with_mentioned: Accounts that videos mention are counted too.
    """

    accounts: int | None = None
    with_mentioned: bool = False

    def distinct(self, videos: Estimate) -> Estimate:
        """Number of different people in this number of videos."""
        creators = _share_of(videos, assumptions.CREATORS_A_VIDEO)
        if self.accounts is not None:
            creators = creators.at_most(self.accounts)
        return creators + _share_of(videos, assumptions.MENTIONED_A_VIDEO) if self.with_mentioned else creators

    new = distinct


def _share_of(videos: Estimate, share: Estimate) -> Estimate:
    """People by their share, which falls with the number of videos because the same people post again."""
    few, power = assumptions.FEW_VIDEOS, assumptions.CREATORS_GROW
    counted = videos.map(lambda number: number if number <= few else few * (number / few) ** power)
    return Estimate(counted.low * share.low, counted.likely * share.likely, counted.high * share.high)


@dataclass(frozen=True, slots=True)
class CalibratedPeople:
    """Estimates the number of people from how often found videos named the known ones.

    Attributes:
        known_by_times: Number of people by the number of times that they were named.
        accounts: There are no more people than the accounts that are searched for; None for no limit.
        names_a_video: People that a video names, if mentioned accounts count; None for its creator alone.
    """

    known_by_times: Mapping[int, int]
    accounts: int | None = None
    names_a_video: Estimate | None = None

    @property
    def names(self) -> int:
        """How often people were named in total; for creators the number of their videos."""
        return sum(times * people for times, people in self.known_by_times.items())

    @property
    def known(self) -> int:
        """How many people are known."""
        return sum(self.known_by_times.values())

    def distinct(self, videos: Estimate) -> Estimate:
        """Number of different people in this number of videos."""
        names = self._names_of(videos)
        return names.map(self._distinct_known) + self._new(names.minus(self.names))

    def new(self, videos: Estimate) -> Estimate:
        """Number of people in this number of further videos who are not known yet."""
        return self._new(self._names_of(videos))

    def _names_of(self, videos: Estimate) -> Estimate:
        return videos * self.names_a_video if self.names_a_video else videos

    def _distinct_known(self, names: float) -> float:
        share = min(1.0, names / max(1, self.names))
        return math.fsum(people * (1 - (1 - share) ** times) for times, people in self.known_by_times.items())

    def _new(self, names: Estimate) -> Estimate:
        """Number of people among this number of further names who are not known yet.

        Chao's extrapolation is a lower bound, and a good one until the number of names has doubled. Good's probability
        that the next person is new falls as more people become known; assuming that it stays constant gives an upper
        bound.

        Source: Good (1953), "The population frequencies of species"; Chao et al. (2014), "Rarefaction and extrapolation
        with Hill numbers".
        """
        doubt = min(1.0, names.likely / (2 * max(1, self.names)))
        lower, upper = names.map(self._chao), names.map(self._good)
        likely = lower.likely + (upper.likely - lower.likely) * doubt / 2
        error = Z_90 * math.sqrt(likely)
        high = lower.high + (upper.high - lower.high) * doubt + error
        found = Estimate(max(0.0, lower.low - error), likely, min(max(likely, names.high), high))
        return found if self.accounts is None else found.at_most(max(0, self.accounts - self.known))

    def _good(self, names: float) -> float:
        return names * self.known_by_times.get(1, 0) / max(1, self.names)

    def _chao(self, names: float) -> float:
        once, twice = self.known_by_times.get(1, 0), self.known_by_times.get(2, 0)
        unknown = once**2 / (2 * twice) if twice else once * (once - 1) / 2
        if not unknown:
            return 0.0
        missed: float = (1 - once / (self.names * unknown + once)) ** names
        return unknown * (1 - missed)


@dataclass(frozen=True, slots=True)
class ProfileOwners:
    """People whose profiles are requested: creators, or creators and those whom they mention.

    Attributes:
        found: The people who were found, columns of evidence.KNOWN_PEOPLE.
        calibrated: Estimates the new people whom videos of calibrated searches name; None if nothing has landed.
        assumed: The same for searches that have not landed.
    """

    found: "pl.DataFrame"
    calibrated: CalibratedPeople | None
    assumed: AssumedPeople

    @property
    def known(self) -> int:
        """The number of known people among whom `new` people are counted."""
        return self.calibrated.known if self.calibrated else 0

    def new(self, videos: Videos) -> Estimate:
        """Number of people in this number of further videos who are not known yet."""
        of_calibrated, of_assumed = videos
        return (self.calibrated or self.assumed).new(of_calibrated) + self.assumed.distinct(of_assumed)

    def distinct(self, videos_a_day: Videos, days: int) -> Estimate:
        """Number of different people in this number of future days."""
        of_calibrated, of_assumed = (videos.times(days) for videos in videos_a_day)
        return (self.calibrated or self.assumed).distinct(of_calibrated) + self.assumed.distinct(of_assumed)


@dataclass(frozen=True, slots=True)
class ProfileCosts:
    """Requests for first profiles and for later ones, in total and a day."""

    first: Estimate = NOTHING
    again: Estimate = NOTHING
    first_a_day: Estimate = NOTHING
    again_a_day: Estimate = NOTHING


def profile_costs(
    study: Study,
    people: ProfileOwners,
    *,
    new_until: Callable[[date], Videos],
    a_day: Videos,
    planned: Window,
    now: datetime,
) -> ProfileCosts:
    """Price the profiles of people: each is requested once, and again when found after `every_days`.

    Args:
        study: Says how long a profile counts as recent.
        people: Whose profiles are requested.
        new_until: Videos until a day that are not found yet.
        a_day: Videos a day.
        planned: The days that are planned.
        now: The instant of the plan.
    """
    import polars as pl

    every_days = study.users.every_days
    span = every_days + study.looks[0]
    recent_until = _mean_day_of_profiles(study, people, planned, now) + timedelta(days=every_days)
    missing = people.found["profiled"].null_count()
    old = people.found.filter(pl.col("profiled") < pl.col("last_day") - pl.duration(days=every_days)).height
    new = people.new(new_until(planned.last_day))
    first = Estimate.exactly(missing) + new
    later_days = max(0, (planned.last_day - max(recent_until, planned.first_day)).days)
    spans, rest = divmod(later_days, span)
    every = Estimate.exactly(missing + old) + people.new(new_until(recent_until))
    every = every + people.distinct(a_day, span).times(spans) + people.distinct(a_day, rest)
    first_a_day = (Estimate.exactly(people.known) + new).times(1 / len(planned.days))
    every_a_day = people.distinct(a_day, span).times(1 / span)
    return ProfileCosts(
        first=first,
        again=every.without(first),
        first_a_day=first_a_day,
        again_a_day=every_a_day.without(first_a_day),
    )


def _mean_day_of_profiles(study: Study, people: ProfileOwners, planned: Window, now: datetime) -> date:
    """The mean day of the landed profiles; without any, the day of the next ones."""
    days = people.found["profiled"].drop_nulls()
    if len(days):
        return date.fromordinal(round(sum(day.toordinal() for day in days) / len(days)))
    return max(now.astimezone(UTC).date(), planned.first_day + timedelta(days=study.looks[0]))
