"""Decides whether an empty answer may be believed. These functions read no file and no clock.

The API once returned nothing for weeks: every keyword search was empty, without an error, while other queries worked.
Therefore an empty answer is believed only if the days around it, earlier looks and the server's other answers do not
contradict it. If the server has given no other answers, `ingestion/` sends a canary: a query that always finds videos.
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
"""An empty day is suspicious if a usual day, or an earlier look at it, had at least this many videos. If ten videos are
expected and they are independent, a day has none by chance once in 22,000 days. The check `no_sudden_silence` uses
another limit."""
_PROOF: Final = timedelta(days=1)
"""A full answer this close to an empty one proves that the server was answering."""

_TEXT_FIELDS: Final = frozenset({ConditionField.KEYWORD, ConditionField.HASHTAG_NAME})
_POPULAR: Final = ("fyp", "foryou", "foryoupage", "viral", "trending")
_BIG_REGIONS: Final = ("US", "GB", "DE", "FR", "BR", "MX", "ID", "JP", "TR", "VN")

TEXT, OTHER = "text", "other"


def canary_kind_of(query: Query) -> str:
    """The kind of a query: `TEXT` if it has a keyword or hashtag, else `OTHER`; the API can fail for one kind alone."""
    fields = {condition.field for condition in (*query.all_of, *query.any_of)}
    return TEXT if fields & _TEXT_FIELDS else OTHER


def canary_query(kind: str) -> Query:
    """A query of this kind that finds videos on every day."""
    if kind == TEXT:
        return Query(any_of=tuple(_one_of(field, _POPULAR) for field in sorted(_TEXT_FIELDS)))
    return Query(all_of=(_one_of(ConditionField.REGION_CODE, _BIG_REGIONS),))


def _one_of(field: ConditionField, values: tuple[str, ...]) -> Condition:
    return Condition(field=field, operation=Operation.IN, values=values)


def has_no_slots(window: WindowEntry) -> bool:
    """Whether the look returned no slots, neither visible nor hidden."""
    return not window.slots


def is_near(instant: datetime, others: Sequence[datetime]) -> bool:
    """Whether one of `others`, which must be sorted, is at most a day before or after the instant."""
    first = bisect_left(others, instant - _PROOF)
    return first < len(others) and others[first] <= instant + _PROOF


def reason_to_doubt(day: date, found: Mapping[date, int], earlier: Sequence[int], *, is_answering: bool) -> str | None:
    """Why a day without videos is suspicious; None if it is not.

    Args:
        day: A day whose latest look found nothing.
        found: Number of videos by day, of the days that have landed.
        earlier: Number of videos in each earlier look at the day.
        is_answering: Whether the server returned results to queries of this kind at about the same time.
    """
    if max(earlier, default=0) >= _MANY_VIDEOS:
        return f"nothing found, {max(earlier):,} by an earlier look"
    around = [found[other] for other in _around(day) if other in found]
    if len(around) >= _DAYS_AROUND and (usual := median(around)) >= _MANY_VIDEOS:
        return f"nothing found, {usual:,.0f} a day around it"
    return None if is_answering else "nothing found, and nothing proves that the server was answering"


def _around(day: date) -> Iterable[date]:
    return (day + timedelta(days=n) for n in range(-_DAYS_AROUND, _DAYS_AROUND + 1) if n)
