"""What the earlier queries of an edited search tell about its present query, before that one has landed.

If the edit only leaves videos out, the videos of the collected days are known: the present query finds none that the
earlier one did not find.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Final

from tt_pipeline.coverage import StudyCoverage, days_between
from tt_pipeline.errors import CorruptLanding, UsageError
from tt_pipeline.landing import VideoFacts, WindowEntry
from tt_pipeline.query import Condition, Query, with_short_lists
from tt_pipeline.query_json import query_of
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import Operation, StopReason

_LISTS: Final = frozenset({Operation.EQ, Operation.IN})


def days_of(windows: Iterable[WindowEntry]) -> list[date]:
    """All days of these windows, oldest first."""
    return sorted({day for window in windows for day in days_between(window.first_day, window.last_day)})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDays:
    """Days of a search whose videos are known from an earlier query.

    Attributes:
        days: Days that were collected completely with a query that includes the present one.
        fingerprints: Those earlier queries.
    """

    days: frozenset[date] = frozenset()
    fingerprints: frozenset[str] = frozenset()

    def videos(self, coverage: StudyCoverage) -> list[VideoFacts]:
        """The videos that the earlier queries found on these days; the present one finds some of them."""
        if not self.days:
            return []
        found = coverage.index.found_videos(self.fingerprints, min(self.days), max(self.days))
        return [video for video in found if video.day in self.days]


def known_days(coverage: StudyCoverage, search: Search, days: Collection[date]) -> KnownDays:
    """Those of these outdated days whose videos are known from an earlier query."""
    looks = looks_of_wider_queries(coverage, search) if days else []
    known = frozenset(day for day in days if any(look.covers(day) for look in looks))
    return KnownDays(days=known, fingerprints=frozenset(look.fingerprint for look in looks))


def looks_of_wider_queries(coverage: StudyCoverage, search: Search) -> list[WindowEntry]:
    """The complete looks with earlier queries of a search that find every video which the present one finds."""
    if search.sample or search.parts:
        return []
    complete = [look for look in coverage.landed.older_looks(search) if look.ends is StopReason.COMPLETE]
    first_look = {look.fingerprint: look for look in reversed(complete)}
    wider = {each for each, look in first_look.items() if _is_wider(look, search.query)}
    return [look for look in complete if look.fingerprint in wider]


def _is_wider(look: WindowEntry, query: Query) -> bool:
    """Whether the query of a look is known to find every video that this query finds; a random sample is not."""
    try:
        page = next(iter(look.location.envelopes()))
        earlier = query_of(page.request.get("query"), look.load_id)
    except (StopIteration, CorruptLanding, UsageError):
        return False
    return not page.request.get("is_random") and is_narrower(with_short_lists(query), earlier)


def is_narrower(query: Query, other: Query) -> bool:
    """Whether every video that meets a query meets the other one too, as far as their conditions prove it."""
    return (
        all(_is_implied(each, query.all_of) for each in other.all_of)
        and _meets_any_of(query, other.any_of)
        and all(any(_includes(excluded, each) for excluded in query.none_of) for each in other.none_of)
    )


def _meets_any_of(query: Query, any_of: Sequence[Condition]) -> bool:
    if not any_of or any(_is_implied(each, query.all_of) for each in any_of):
        return True
    return bool(query.any_of) and all(any(_includes(wide, each) for wide in any_of) for each in query.any_of)


def _is_implied(condition: Condition, all_of: Sequence[Condition]) -> bool:
    return any(_includes(condition, each) for each in all_of)


def _includes(wide: Condition, narrow: Condition) -> bool:
    """Whether every video that meets the narrow condition meets the wide one too."""
    if wide.field is not narrow.field:
        return False
    if wide.operation in _LISTS:
        return narrow.operation in _LISTS and set(narrow.values) <= set(wide.values)
    (low, high), (lowest, highest) = _range(narrow), _range(wide)
    return lowest <= low and high <= highest


def _range(condition: Condition) -> tuple[float, float]:
    """The smallest and the largest number that meets a condition of a field with an order."""
    numbers = [int(value) for value in condition.values]
    match condition.operation:
        case Operation.GT:
            return numbers[0] + 1, inf
        case Operation.GTE:
            return numbers[0], inf
        case Operation.LT:
            return -inf, numbers[0] - 1
        case Operation.LTE:
            return -inf, numbers[0]
        case _:
            return min(numbers), max(numbers)
