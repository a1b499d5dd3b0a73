"""A search, a day and windows of it: valid by default, override what matters."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tt_pipeline.landing import Location, WindowEntry
from tt_pipeline.query import Condition, Query
from tt_pipeline.studies import Search
from tt_pipeline.vocabulary import ConditionField, Operation, StopReason

DAY = date(2026, 10, 2)

QUERY = Query(all_of=(Condition(field=ConditionField.REGION_CODE, operation=Operation.EQ, values=("DE",)),))
SEARCH = Search(
    name="climate", query=QUERY, first_day=date(2026, 10, 1), last_day=None, fingerprint=QUERY.fingerprint()
)


def at_age(days: float) -> datetime:
    """Noon of the UTC day on which DAY is this many days old."""
    return datetime(2026, 10, 2, 12, tzinfo=UTC) + timedelta(days=days)


def window(*, age: float = 3, **override: Any) -> WindowEntry:
    """A complete look at DAY."""
    fields: dict[str, Any] = {
        "location": Location(root=Path(), name="videos/climate/x/y.ndjson"),
        "search": "climate",
        "fingerprint": SEARCH.fingerprint,
        "look": 1,
        "first_day": DAY,
        "last_day": DAY,
        "pages": 1,
        "slots": 3,
        "records": 2,
        "by_day": {DAY: 2},
        "first_at": at_age(age),
        "last_at": at_age(age),
        "ends": StopReason.COMPLETE,
    }
    return WindowEntry(**fields | override)
