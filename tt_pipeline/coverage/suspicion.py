"""Whether an empty answer may be believed: pure functions over what has landed.

The API once returned nothing for weeks: every keyword search was empty, without an error, while other queries worked.
So an empty answer is believed only if nothing contradicts it: the days around it, an earlier look, or a canary, which
is a query that always finds something.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final

from tt_pipeline.landing import WindowEntry
from tt_pipeline.query import Condition, Query
from tt_pipeline.vocabulary import ConditionField, Operation

_DAYS_AROUND: Final = 7
_MANY_VIDEOS: Final = 10
"""From so many videos on a usual day, or in an earlier look, an empty day is suspicious. Where ten are expected, none
is an accident once in 22,000 days, if videos come independently. The check `no_sudden_silence` has its own limit."""
_PROOF: Final = timedelta(days=1)
"""A full answer this close to an empty one proves that the server was answering."""

_TEXT_FIELDS: Final = frozenset({ConditionField.KEYWORD, ConditionField.HASHTAG_NAME})
_POPULAR: Final = ("fyp", "foryou", "foryoupage", "viral", "trending")
_BIG_REGIONS: Final = ("US", "GB", "DE", "FR", "BR", "MX", "ID", "JP", "TR", "VN")

TEXT, OTHER = "text", "other"


def query_kind(query: Query) -> str:
    """The kind of query that an outage may concern: a search in texts, or any other."""
    fields = {condition.field for condition in (*query.all_of, *query.any_of)}
    return TEXT if fields & _TEXT_FIELDS else OTHER


def canary_query(kind: str) -> Query:
    """A query that finds something on any day."""
    if kind == TEXT:
        return Query(any_of=tuple(_one_of(field, _POPULAR) for field in sorted(_TEXT_FIELDS)))
    return Query(all_of=(_one_of(ConditionField.REGION_CODE, _BIG_REGIONS),))


def _one_of(field: ConditionField, values: tuple[str, ...]) -> Condition:
    return Condition(field=field, operation=Operation.IN, values=values)


def is_silent(window: WindowEntry) -> bool:
    """Whether a whole window was answered with nothing, not even hidden slots."""
    return not window.slots


def is_near(instant: datetime, others: Sequence[datetime]) -> bool:
    """Whether one of the others, which are in order, lies within a day of an instant."""
    first = bisect_left(others, instant - _PROOF)
    return first < len(others) and others[first] <= instant + _PROOF


def reason_to_doubt(day: date, found: Mapping[date, int], earlier: Sequence[int], *, is_answering: bool) -> str | None:
    """Why an empty day is not believed to be empty; None where it is believed.

    Args:
        day: A day whose latest look found nothing.
        found: Videos by day, of the days that have landed.
        earlier: Videos that earlier looks at the day found.
        is_answering: Something proves that the server was answering queries of this kind.
    """
    if max(earlier, default=0) >= _MANY_VIDEOS:
        return f"nothing found, {max(earlier):,} by an earlier look"
    around = [found[other] for other in _around(day) if other in found]
    if len(around) >= _DAYS_AROUND and (usual := median(around)) >= _MANY_VIDEOS:
        return f"nothing found, {usual:,.0f} a day around it"
    return None if is_answering else "nothing found, and nothing proves that the server was answering"


def _around(day: date) -> Iterable[date]:
    return (day + timedelta(days=n) for n in range(-_DAYS_AROUND, _DAYS_AROUND + 1) if n)
