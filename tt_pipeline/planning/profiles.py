"""What profiles cost: each person once, and again when they turn up after `refresh_days`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from tt_pipeline.coverage.windows import Window
from tt_pipeline.planning.creators import Creators
from tt_pipeline.planning.estimate import Estimate
from tt_pipeline.studies import Study

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
