"""What should be done now: the one answer that schedule, sensor, status, plan and `tt collect` share.

Its order is the budget: what comes first gets the day's requests.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tt_pipeline.coverage.account_lists import asset_of, list_of
from tt_pipeline.coverage.search_days import DayCoverage, age_days, has_waited, in_range, look_is_due, must_be_bought
from tt_pipeline.coverage.study_coverage import Holdings
from tt_pipeline.coverage.windows import Window, days_between, spans
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import SearchStatus

_BRIDGE_DAYS = 30
"""Comments and creators are asked one by one, so a complete day between two others costs nothing, and saves a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An unbroken span of days of one asset that is due.

    Attributes:
        asset: `videos/<search>`, `comments`, `users` or `social/<list>`.
        reason: Why now, in words.
    """

    asset: str
    window: Window
    reason: str


def due(held: Holdings) -> list[Work]:
    """Everything that is due, the most urgent first."""
    return [*_looks(held), *_second_tries(held), *_creators(held), *_comments(held), *_lists(held)]


def is_missing(held: Holdings, assets: Iterable[str], window: Window) -> bool:
    """Whether somebody who asks for these days of these assets needs a request."""
    return any(_is_missing(held, asset, day) for asset in assets for day in window.days)


def _is_missing(held: Holdings, asset: str, day: date) -> bool:
    if account_list := list_of(asset):
        return bool(held.accounts.to_observe(account_list, day))
    if asset == "comments":
        return bool(held.comments.to_buy(day))
    if asset == "users":
        return bool(held.people.to_buy(day))
    (search,) = (search for search in held.study.searches if f"videos/{search.name}" == asset)
    states = [state for asked in search.asked for state in held.coverage(asked, [day])]
    is_open = any(window.ends is None for state in states for window in state.windows)
    return is_open or any(must_be_bought(state, now=held.now, looks=held.study.looks) for state in states)


def _looks(held: Holdings) -> Iterator[Work]:
    looks = held.study.looks
    yield from _of_searches(held, "look", lambda day: not day.attempts and look_is_due(day, now=held.now, looks=looks))


def _second_tries(held: Holdings) -> Iterator[Work]:
    yield from _of_searches(held, "unfinished", lambda day: _waits_no_longer(day, held))


def _waits_no_longer(day: DayCoverage, held: Holdings) -> bool:
    if day.status is SearchStatus.SUSPICIOUS:
        return has_waited(day.windows[-1].last_at, tries=day.looks, now=held.now)
    is_due = look_is_due(day, now=held.now, looks=held.study.looks)
    if day.windows and day.windows[-1].ends is None:
        return bool(day.attempts) or not is_due  # else it is among the looks already
    if not (is_due and day.attempts):
        return False
    return has_waited(day.windows[-1].last_at, tries=day.attempts, now=held.now)


def _of_searches(held: Holdings, reason: str, is_due: Callable[[DayCoverage], bool]) -> Iterator[Work]:
    for search in held.study.searches:
        wanted = {day for asked in search.asked for day in _days_of(held, asked, is_due)}
        yield from _work(f"videos/{search.name}", sorted(wanted), reason)


def _days_of(held: Holdings, asked: Search, is_due: Callable[[DayCoverage], bool]) -> list[date]:
    """Days of a search that are due; a part of a list of ids is one request, due when its last day is."""
    days = [day for day in _days(held, after=held.study.looks[0]) if in_range(asked, day)]
    if asked.is_part:
        last = held.coverage(asked, [day for day in days if day == asked.last_day])
        return days if any(is_due(day) for day in last) else []
    return [day.day for day in held.coverage(asked, days) if is_due(day)]


def _creators(held: Holdings) -> Iterator[Work]:
    if held.study.users.wanted:
        days = [day for day in _days(held, after=held.study.looks[0]) if held.people.to_buy(day)]
        yield from _work("users", days, "creators without a profile", bridge_days=_BRIDGE_DAYS)


def _comments(held: Holdings) -> Iterator[Work]:
    if held.study.comments.wanted:
        days = [day for day in _days(held, after=held.study.comments.after_days) if held.comments.to_buy(day)]
        yield from _work("comments", days, "videos without their comments", bridge_days=_BRIDGE_DAYS)


def _lists(held: Holdings) -> Iterator[Work]:
    for account_list in held.accounts.lists:
        yield from _work(asset_of(account_list), held.accounts.days_due(account_list), "lists to observe")


def _days(held: Holdings, *, after: int) -> list[date]:
    """The study's days that are at least so old."""
    first_day, last_day = held.study.first_day, held.study.last_day or date.max
    age = age_days(first_day, held.now)
    youngest = first_day + timedelta(days=age - after)
    return days_between(first_day, min(last_day, youngest)) if youngest >= first_day else []


def _work(asset: str, days: list[date], reason: str, *, bridge_days: int = 0) -> Iterator[Work]:
    for window in spans(days, bridge_days=bridge_days):
        yield Work(asset=asset, window=window, reason=reason)
