"""What searching costs: which looks at which days are still to be requested, what they cost, and what an edit costs.

The rules by which a look is due are those of `coverage.due`, applied to every planned day.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from tt_pipeline.coverage.search_days import age_days, in_range, is_complete
from tt_pipeline.coverage.study_coverage import Holdings, pages_for
from tt_pipeline.coverage.windows import MAX_DAYS, PAGE_SLOTS, Window, cut, days_between, widest_window
from tt_pipeline.landing import WindowEntry
from tt_pipeline.planning.estimate import Estimate, total
from tt_pipeline.studies import Search, Study
from tt_pipeline.vocabulary import SearchStatus


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


A_MONTH: Final = 30
"""What a day costs is said of the average over so many days."""


def bought_together(asked: Search, slots: Estimate, days: Sequence[date]) -> Estimate:
    """Requests for one look at days that are due at once: in wide windows, or each on its own.

    Args:
        slots: Places that a day of the result has.
    """
    if asked.is_part:  # whatever days of it are due: one request brings all its ids
        return Estimate.exactly(min(1, len(days)))
    is_day_by_day = asked.sample or asked.max_videos_per_day
    windows = cut(days, max_days=1 if is_day_by_day else widest_window(slots.likely))
    return total(_of_window(asked, slots, len(window.days)) for window in windows)


def bought_a_day(asked: Search, slots: Estimate) -> Estimate:
    """Requests for one look at one day, as the daily schedule asks for it: one at least, and those of each draw."""
    return _of_window(asked, slots, 1)


def bought_a_month(asked: Search, slots: Estimate, looks: int) -> Estimate:
    """Requests for all looks at the days of a month, as the daily schedule asks for them."""
    return bought_a_day(asked, slots).times(A_MONTH * looks)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPrice:
    """What collecting a search costs at a density that one page showed.

    Attributes:
        requests_a_month: For all looks at 30 days, as the daily schedule sends them.
        requests_at_once: For one look at 30 days that have ended; of a list of ids for one look at all of them.
    """

    requests_a_month: int
    requests_at_once: int


def search_price(search: Search, *, slots_per_day: float, looks: int) -> SearchPrice:
    """Price a search by the number of slots that a day of its result has."""
    slots = Estimate.exactly(slots_per_day)
    return SearchPrice(
        requests_a_month=round(bought_a_month(search, slots, looks).likely),
        requests_at_once=len(search.parts) or round(bought_together(search, slots, _THIRTY_DAYS).likely),
    )


_THIRTY_DAYS: Final = days_between(date(2026, 1, 1), date(2026, 1, 30))
"""Any 30 days."""


def most_a_day(asked: Search, looks: int) -> float:
    """Videos of a day that so many looks can find; without a limit where a day is listed to its end."""
    if asked.sample:
        return asked.sample.random * asked.draws * looks  # each look draws anew
    return _slots_of_cap(asked.max_videos_per_day) if asked.max_videos_per_day else math.inf


def _of_window(asked: Search, slots: Estimate, days: int) -> Estimate:
    if asked.sample:
        return Estimate.exactly(asked.draws * days)
    if asked.max_videos_per_day:
        slots = slots.at_most(_slots_of_cap(asked.max_videos_per_day))
    few, likely, many = slots.low * days, slots.likely * days, slots.high * days
    return Estimate(pages_for(math.floor(few)), pages_for(round(likely)), pages_for(math.ceil(many)))


def _slots_of_cap(cap: int) -> int:
    """Pages are left at the first that reaches it."""
    return PAGE_SLOTS * math.ceil(cap / PAGE_SLOTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A difference between the study and what has landed.

    Attributes:
        search: Its name: the present one, or for a search that is gone the one that it had.
        outdated_days: Days that were collected with an older query and not with the present one.
        requests: What one look at these days costs, by how much the older query found.
        earlier_name: Under which the same query was collected.
        days_kept: Of a search that is gone.
    """

    search: str
    outdated_days: int = 0
    requests: int = 0
    earlier_name: str | None = None
    days_kept: int = 0


def edits(held: Holdings) -> tuple[Edit, ...]:
    """Every edit since something landed; empty while the study is what was collected."""
    return (*_queries(held), *_names(held), *_removals(held))


def _queries(held: Holdings) -> Iterator[Edit]:
    for search in held.study.searches:
        older = [w for w in held.windows if w.search == search.name and w.fingerprint not in _queries_of(search)]
        if not older:
            continue
        outdated = [(asked, _outdated(held, asked, _days_of(older))) for asked in search.asked]
        days = {day for _, days in outdated for day in days}
        if days:
            requests = total(bought_together(asked, _slots_a_day(older), days) for asked, days in outdated).likely
            yield Edit(search=search.name, outdated_days=len(days), requests=round(requests))


def _outdated(held: Holdings, asked: Search, days: list[date]) -> list[date]:
    within = [day for day in days if in_range(asked, day)]
    return [each.day for each in held.coverage(asked, within) if each.status is SearchStatus.OUTDATED]


def _slots_a_day(older: list[WindowEntry]) -> Estimate:
    """The density that the older query had."""
    done = [window for window in older if is_complete(window)] or older
    days = sum((window.last_day - window.first_day).days + 1 for window in done)
    return Estimate.exactly(sum(window.slots for window in done) / days)


def _names(held: Holdings) -> Iterator[Edit]:
    for search in held.study.searches:
        names = {w.search for w in held.windows if w.fingerprint in _queries_of(search)} - _present(held)
        for name in sorted(names):
            yield Edit(search=search.name, earlier_name=name)


def _removals(held: Holdings) -> Iterator[Edit]:
    fingerprints = {fingerprint for search in held.study.searches for fingerprint in _queries_of(search)}
    gone = [w for w in held.windows if w.search not in _present(held) and w.fingerprint not in fingerprints]
    for name in sorted({window.search for window in gone}):
        yield Edit(search=name, days_kept=len(_days_of([window for window in gone if window.search == name])))


def _queries_of(search: Search) -> set[str]:
    return {asked.fingerprint for asked in search.asked}


def _present(held: Holdings) -> set[str]:
    return {search.name for search in held.study.searches}


def _days_of(windows: list[WindowEntry]) -> list[date]:
    return sorted({day for w in windows for day in days_between(w.first_day, w.last_day)})
