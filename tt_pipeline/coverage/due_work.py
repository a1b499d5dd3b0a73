"""Lists the work that should be done now; schedule, sensor, `tt status` and `tt collect` all use this list.

The quota is spent in the order of the list, except that `orchestration/requests.py` moves the profiles of a day behind
the searches of that day.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tt_pipeline.codebook.datasets import OF_FOUND_VIDEOS
from tt_pipeline.coverage.account_lists import asset_of, list_of
from tt_pipeline.coverage.day_notes import note_days
from tt_pipeline.coverage.search_days import (
    DayCoverage,
    age_days,
    look_is_due,
    may_retry,
    query_includes,
    would_begin_look,
)
from tt_pipeline.coverage.study_coverage import StudyCoverage
from tt_pipeline.coverage.windows import Window, days_between, spans_of_days
from tt_pipeline.studies import Search, StudyQuery, find_search
from tt_pipeline.vocabulary import Dataset, SearchStatus

_BRIDGE_DAYS = 30
"""Complete days cost nothing for comments and profiles, so one run may include a gap of so many complete days. The
number is ours; it has nothing to do with the longest window of a search."""
_EDITED = "collected with an earlier query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Consecutive days of one asset that are due.

    Attributes:
        asset: `videos/<search>`, `comments`, `users` or `social/<list>`.
        reason: Why the days are due, as shown to users.
    """

    asset: str
    window: Window
    reason: str


def due(coverage: StudyCoverage, *, edited: Collection[str] = ()) -> list[Work]:
    """All work that is due, in the order in which it gets requests.

    Args:
        coverage: What has landed.
        edited: Searches whose days of an earlier query may be requested again (`planning/confirmed.py`); those of
            other searches stay outdated.
    """
    note_days(coverage, _wanted(coverage))
    return [
        *_looks(coverage, edited),
        *_retries(coverage, edited),
        *_profiles(coverage),
        *_comments(coverage),
        *_lists(coverage),
    ]


def _wanted(coverage: StudyCoverage) -> list[Dataset]:
    wanted = {Dataset.COMMENTS: coverage.study.comments.wanted, Dataset.USERS: coverage.study.users.wanted}
    return [dataset for dataset, is_wanted in wanted.items() if is_wanted]


def needs_request(coverage: StudyCoverage, assets: Iterable[str], window: Window) -> bool:
    """Whether at least one of these days of these assets needs a request."""
    return any(_day_needs_request(coverage, asset, day) for asset in assets for day in window.days)


def _day_needs_request(coverage: StudyCoverage, asset: str, day: date) -> bool:
    if account_list := list_of(asset):
        return bool(coverage.account_lists.to_observe(account_list, day))
    if asset in OF_FOUND_VIDEOS:
        return coverage.of_found_videos(asset).needs_request(day)
    return _search_needs_request(coverage, asset.removeprefix("videos/"), day)


def _search_needs_request(coverage: StudyCoverage, name: str, day: date) -> bool:
    queries = find_search(coverage.study, name).queries
    days = [covered for query in queries for covered in coverage.searches.days(query, [day])]
    is_open = any(window.ends is None for covered in days if not covered.is_unreadable for window in covered.windows)
    return is_open or any(would_begin_look(each, now=coverage.now, look_ages=coverage.study.looks) for each in days)


def due_outdated_days(coverage: StudyCoverage, search: Search) -> list[date]:
    """Days of a search that have the age of its first look and were collected with an earlier query alone."""
    return coverage.searches.outdated_days(search, _days(coverage, after=coverage.study.looks[0]))


def _looks(coverage: StudyCoverage, edited: Collection[str]) -> Iterator[Work]:
    now, look_ages = coverage.now, coverage.study.looks
    yield from _of_searches(
        coverage,
        "a look is due",
        edited,
        lambda day: not day.attempts and look_is_due(day, now=now, look_ages=look_ages),
    )


def _retries(coverage: StudyCoverage, edited: Collection[str]) -> Iterator[Work]:
    yield from _of_searches(coverage, "not finished", edited, lambda day: _is_retried_now(day, coverage))


def _is_retried_now(day: DayCoverage, coverage: StudyCoverage) -> bool:
    """Whether an earlier try left the day incomplete, and enough time has passed to try again."""
    if day.is_unreadable:
        return False
    if day.status is SearchStatus.SUSPICIOUS:
        return may_retry(day.windows[-1], tries=day.complete_looks, now=coverage.now)
    is_due = look_is_due(day, now=coverage.now, look_ages=coverage.study.looks)
    if day.windows and day.windows[-1].ends is None:
        return bool(day.attempts) or not is_due  # otherwise `_looks` lists the day already
    if not (is_due and day.attempts):
        return False
    return may_retry(day.windows[-1], tries=day.attempts, now=coverage.now)


def _of_searches(
    coverage: StudyCoverage, reason: str, edited: Collection[str], is_due: Callable[[DayCoverage], bool]
) -> Iterator[Work]:
    for search in coverage.study.searches:
        days = {day for query in search.queries for day in _days_of(coverage, query, is_due)}
        outdated = set(coverage.searches.outdated_days(search, sorted(days)))
        if search.name not in edited:  # a run collects all queries of a search, so such a day is left out as a whole
            days -= outdated
        for work in _work(f"videos/{search.name}", sorted(days), reason):
            yield work if outdated.isdisjoint(work.window.days) else replace(work, reason=_EDITED)


def _days_of(coverage: StudyCoverage, query: StudyQuery, is_due: Callable[[DayCoverage], bool]) -> list[date]:
    """Days of a query that are due. The days of a list of ids are due together, when the last of them is due."""
    days = [day for day in _days(coverage, after=coverage.study.looks[0]) if query_includes(query, day)]
    if query.is_id_list:
        last = coverage.searches.days(query, [day for day in days if day == query.last_day])
        return days if any(is_due(day) for day in last) else []
    return [covered.day for covered in coverage.searches.days(query, days) if is_due(covered)]


def _profiles(coverage: StudyCoverage) -> Iterator[Work]:
    if coverage.study.users.wanted:
        days = [day for day in _days(coverage, after=coverage.study.looks[0]) if coverage.profiles.needs_request(day)]
        days = [] if coverage.unreadable("users") else days
        yield from _work("users", days, "creators without a profile", bridge_days=_BRIDGE_DAYS)


def _comments(coverage: StudyCoverage) -> Iterator[Work]:
    rules = coverage.study.comments
    if rules.wanted:
        days = [day for day in _days(coverage, after=rules.after_days) if coverage.comments.needs_request(day)]
        days = [day for day in days if not coverage.unreadable("comments", day)]
        yield from _work("comments", days, "videos without their comments", bridge_days=_BRIDGE_DAYS)


def _lists(coverage: StudyCoverage) -> Iterator[Work]:
    for account_list in coverage.account_lists.lists:
        days = coverage.account_lists.days_to_observe(account_list)
        days = [] if coverage.unreadable(asset_of(account_list)) else days
        yield from _work(asset_of(account_list), days, "lists to observe")


def _days(coverage: StudyCoverage, *, after: int) -> list[date]:
    """The study's days that are at least `after` days old."""
    first_day, last_day = coverage.study.first_day, coverage.study.last_day or date.max
    youngest = first_day + timedelta(days=age_days(first_day, coverage.now) - after)
    return days_between(first_day, min(last_day, youngest)) if youngest >= first_day else []


def _work(asset: str, days: list[date], reason: str, *, bridge_days: int = 0) -> Iterator[Work]:
    for window in spans_of_days(days, bridge_days=bridge_days):
        yield Work(asset=asset, window=window, reason=reason)
