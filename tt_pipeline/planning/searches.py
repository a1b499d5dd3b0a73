"""Estimates what searches cost: the looks that are still to be requested, their requests, and the cost of an edit.

`coverage/due_work.py` decides when a look is due; this module applies the same rules to all planned days.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from tt_pipeline.codebook.limits import PAGE_SIZE
from tt_pipeline.coverage import (
    Window,
    age_days,
    cut_windows,
    days_between,
    max_days_per_window,
    min_requests,
)
from tt_pipeline.planning.estimate import Estimate, total
from tt_pipeline.studies import Search, Study, StudyQuery

_SHORTEST_PLAN_DAYS: Final = 30
"""A study without an end is planned for at least so many days."""

DAYS_A_MONTH: Final = 30
"""Number of days over which a usual day is averaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingLooks:
    """The looks of a query that are still to be requested.

    Attributes:
        days: All planned days of the query.
        unseen: Days without a complete look; their number of videos is estimated.
        due_first: Days without a complete look that are due now; they are requested together, in wide windows.
        due_again: Days with a complete look that are due for another one now.
        ahead_first: Number of first looks in the future, each with separate requests.
        ahead_again: Number of other looks in the future.
    """

    days: tuple[date, ...]
    unseen: tuple[date, ...]
    due_first: tuple[date, ...]
    due_again: tuple[date, ...]
    ahead_first: int
    ahead_again: int


def planned_days(study: Study, now: datetime) -> Window:
    """The days that a plan covers: the whole study; without an end, the days until yesterday and at least 30."""
    if study.last_day:
        return Window(first_day=study.first_day, last_day=study.last_day)
    yesterday = study.first_day + timedelta(days=age_days(study.first_day, now) - 1)
    first_month = study.first_day + timedelta(days=_SHORTEST_PLAN_DAYS - 1)
    return Window(first_day=study.first_day, last_day=max(yesterday, first_month))


def days_of_query(query: StudyQuery, planned: Window) -> list[date]:
    """The planned days that are within the range of a query."""
    first_day = max(query.first_day, planned.first_day)
    last_day = min(query.last_day or planned.last_day, planned.last_day)
    return days_between(first_day, last_day) if first_day <= last_day else []


def remaining_looks(
    query: StudyQuery, planned: Window, seen: Mapping[date, int], *, now: datetime, looks: Sequence[int]
) -> RemainingLooks:
    """Determine which looks of a query are still to be requested.

    Args:
        seen: The age in days that each day had at its latest complete look.
        looks: The ages in days at which the study requests a day.
    """
    days = days_of_query(query, planned)
    due = [day for day in days if _is_due(age_days(day, now), seen.get(day), looks)]
    ahead = {day: sum(look > age_days(day, now) for look in looks) for day in days}
    unseen = [day for day in days if day not in seen]
    ahead_first = sum(1 for day in unseen if ahead[day] == len(looks))
    return RemainingLooks(
        days=tuple(days),
        unseen=tuple(unseen),
        due_first=tuple(day for day in due if day not in seen),
        due_again=tuple(day for day in due if day in seen),
        ahead_first=ahead_first,
        ahead_again=sum(ahead.values()) - ahead_first,
    )


def _is_due(age: int, seen_at: int | None, looks: Sequence[int]) -> bool:
    reached = [look for look in looks if look <= age]
    return bool(reached) and (seen_at is None or seen_at < reached[-1])


def requests_at_once(query: StudyQuery, slots: Estimate, days: Sequence[date]) -> Estimate:
    """Requests for one look at days that are due together.

    Args:
        slots: Slots of a day's result, hidden videos included.
    """
    if query.is_id_list:  # one request returns all ids of the part, however many days are due
        return Estimate.exactly(min(1, len(days)))
    is_day_by_day = query.sample or query.max_videos_per_day
    windows = cut_windows(days, max_days=1 if is_day_by_day else max_days_per_window(slots.likely))
    return total(_requests_of_window(query, slots, len(window.days)) for window in windows)


def requests_a_day(query: StudyQuery, slots: Estimate) -> Estimate:
    """Requests for one look at one day, as the daily schedule sends them."""
    return _requests_of_window(query, slots, 1)


def _requests_of_window(query: StudyQuery, slots: Estimate, days: int) -> Estimate:
    if query.sample:
        return Estimate.exactly(query.draws * days)
    if query.max_videos_per_day:
        slots = slots.at_most(_slots_of_cap(query.max_videos_per_day))
    low, likely, high = slots.low * days, slots.likely * days, slots.high * days
    return Estimate(min_requests(math.floor(low)), min_requests(round(likely)), min_requests(math.ceil(high)))


def _slots_of_cap(cap: int) -> int:
    """Slots that are requested until a cap is reached: the cap, rounded up to whole pages."""
    return PAGE_SIZE * math.ceil(cap / PAGE_SIZE)


def max_videos_a_day(query: StudyQuery, looks: int) -> float:
    """The largest number of a day's videos that this number of looks can find; infinite without sample and cap."""
    if query.sample:
        return query.sample.random * query.draws * looks  # each look draws other videos
    return _slots_of_cap(query.max_videos_per_day) if query.max_videos_per_day else math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPrice:
    """The cost of a search, estimated from the number of slots a day that one page showed.

    Attributes:
        requests_a_month: For all looks at 30 days, as the daily schedule sends them.
        requests_at_once: For one look at 30 past days; for a list of ids, one look at all ids.
    """

    requests_a_month: int
    requests_at_once: int


def search_price(search: Search, *, slots_per_day: float, looks: int) -> SearchPrice:
    """Price a search by the number of slots that a day of its result has."""
    slots = Estimate.exactly(slots_per_day)
    any_month = days_between(date(2026, 1, 1), date(2026, 1, DAYS_A_MONTH))
    return SearchPrice(
        requests_a_month=round(requests_a_day(search, slots).likely * DAYS_A_MONTH * looks),
        requests_at_once=len(search.parts) or round(requests_at_once(search, slots, any_month).likely),
    )
