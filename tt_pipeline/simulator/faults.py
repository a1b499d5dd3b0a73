"""When does the API fail on purpose, and how?

Scripted faults and the random faults of the knobs are chosen and applied here. `knobs.py` defines the kinds of faults.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from tt_pipeline.simulator.knobs import Fault, FaultKind, Knobs
from tt_pipeline.simulator.query_language import read_day
from tt_pipeline.simulator.responses import (
    Refused,
    Reply,
    access_token_invalid,
    daily_quota_exceeded,
    gateway_timeout,
    internal_error,
    internal_error_without_message,
    invalid_count_or_cursor,
    invalid_search_id,
    rate_limit_exceeded,
    scope_not_authorized,
)

VIDEO_QUERY = "video_query"
_MOST_DAYS_READ = 62


@dataclass(slots=True)
class Faults:
    """The faults of the current knobs, and for each its matching requests and how often it was applied."""

    knobs: Knobs
    _requests_seen: Counter[int] = field(default_factory=Counter)
    _applied: Counter[int] = field(default_factory=Counter)

    def next_fault(self, endpoint: str, body: dict[str, Any], random: Random) -> Fault | None:
        """The fault of this request; None when the request is answered normally.

        Every scripted fault counts the request, also when an earlier one is applied.
        """
        days = set(_days_of_window(body)) if endpoint == VIDEO_QUERY else set()
        scripted = [
            fault for number, fault in enumerate(self.knobs.faults) if self._applies(number, fault, endpoint, days)
        ]
        if scripted:
            return scripted[0]
        if days.intersection(self.knobs.fault_dates) or random.random() < self.knobs.fault_500_rate:
            return Fault(kind=FaultKind.ERROR_500)
        if random.random() < self.knobs.fault_504_html_rate:
            return Fault(kind=FaultKind.HTML_504)
        return None

    def _applies(self, number: int, fault: Fault, endpoint: str, days: set[str]) -> bool:
        if fault.endpoint not in {"*", endpoint}:
            return False
        self._requests_seen[number] += 1
        if fault.times is not None and self._applied[number] >= fault.times:
            return False
        is_due = _is_due(fault, self._requests_seen[number], days)
        self._applied[number] += is_due
        return is_due


def _is_due(fault: Fault, request_number: int, days: set[str]) -> bool:
    if fault.nth is not None:
        return request_number == fault.nth
    if fault.every is not None:
        return request_number % max(fault.every, 1) == 0
    if fault.dates:
        return not days.isdisjoint(fault.dates)
    return fault.always


def _days_of_window(body: dict[str, Any]) -> Iterator[str]:
    first, last = read_day(body.get("start_date")), read_day(body.get("end_date"))
    if first is None or last is None or not 0 <= (last - first).days < _MOST_DAYS_READ:
        return
    for step in range((last - first).days + 1):
        yield (first + timedelta(days=step)).isoformat()


def error_of_fault(fault: Fault, body: dict[str, Any], random: Random) -> Refused | None:
    """The error that a fault sends instead of a success; None for faults that send no error object."""
    refusals = {
        FaultKind.ERROR_500: lambda: internal_error(random.randrange(3)),
        FaultKind.ERROR_WITH_200: lambda: internal_error(random.randrange(3)),
        FaultKind.ERROR_500_NO_MESSAGE: internal_error_without_message,
        FaultKind.TIMEOUT_504: gateway_timeout,
        FaultKind.BURST_429: rate_limit_exceeded,
        FaultKind.DAILY_429: daily_quota_exceeded,
        FaultKind.TOKEN_INVALID: access_token_invalid,
        FaultKind.SCOPE_NOT_AUTHORIZED: scope_not_authorized,
        FaultKind.SEARCH_ID_INVALID: lambda: invalid_search_id(body.get("search_id", 0)),
        FaultKind.CURSOR_INVALID: invalid_count_or_cursor,
    }
    make = refusals.get(fault.kind)
    return make() if make else None


def apply_fault(reply: Reply, fault: Fault, body: dict[str, Any]) -> Reply:
    """The reply with the fault's damage: keys or records are missing, or the cursor does not advance."""
    match fault.kind:
        case FaultKind.EMPTY:
            reply.records = []
            reply.data = {"cursor": 0, "has_more": False} if "has_more" in reply.data else {}
        case FaultKind.LIST_MISSING:
            reply.list_key, reply.records = None, []
        case FaultKind.SEARCH_ID_MISSING:
            reply.data.pop("search_id", None)
        case FaultKind.CURSOR_MISSING:
            reply.data.pop("cursor", None)
            reply.data["has_more"] = True
        case FaultKind.CURSOR_STUCK:
            reply.data |= {"cursor": body.get("cursor", 0), "has_more": True}
        case _:
            pass
    return reply
