"""Which looks at which days are still to be bought, now and later: the rules of `due.py`, asked ahead of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tt_pipeline.coverage.search_days import age_days
from tt_pipeline.coverage.windows import MAX_DAYS, Window, days_between
from tt_pipeline.studies import Search, Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What is still to be bought of a search.

    Attributes:
        days: All days of the search that are planned.
        unseen: Those of which nothing is held: how many videos they have is estimated.
        due_first: Unseen days that have reached the age of a look: bought together, in wide windows.
        due_again: Seen days that are due for a later look.
        ahead_first: Looks at unseen days that are bought on a later date, each on its own.
        ahead_again: Likewise looks after the first.
    """

    days: tuple[date, ...]
    unseen: tuple[date, ...]
    due_first: tuple[date, ...]
    due_again: tuple[date, ...]
    ahead_first: int
    ahead_again: int


def horizon(study: Study, now: datetime) -> Window:
    """The days that are planned: the whole study; of one without an end those until now, and 30 at least."""
    if study.last_day:
        return Window(first_day=study.first_day, last_day=study.last_day)
    yesterday = study.first_day + timedelta(days=age_days(study.first_day, now) - 1)
    first_month = study.first_day + timedelta(days=MAX_DAYS - 1)
    return Window(first_day=study.first_day, last_day=max(yesterday, first_month))


def days_of(search: Search, planned: Window) -> list[date]:
    """The planned days that a search asks for."""
    first_day = max(search.first_day, planned.first_day)
    last_day = min(search.last_day or planned.last_day, planned.last_day)
    return days_between(first_day, last_day) if first_day <= last_day else []


def agenda(search: Search, planned: Window, seen: Mapping[date, int], *, now: datetime, looks: Sequence[int]) -> Agenda:
    """State what is still to be bought of a search.

    Args:
        seen: The age in days at which each day was last looked at completely.
    """
    days = days_of(search, planned)
    due = [day for day in days if _is_due(age_days(day, now), seen.get(day), looks)]
    ahead = {day: sum(look > age_days(day, now) for look in looks) for day in days}
    unseen = [day for day in days if day not in seen]
    ahead_first = sum(1 for day in unseen if ahead[day] == len(looks))
    return Agenda(
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
