"""Build request bodies from values, and refuse invalid ones before they cost quota.

`query.py` defines which conditions are legal.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, TypeVar

from tt_pipeline.codebook.endpoints import CursorKind, Endpoint
from tt_pipeline.codebook.limits import LONGEST_LIST, PAGE_SIZE, WINDOW_DAYS
from tt_pipeline.errors import UsageError
from tt_pipeline.query import Query, with_short_lists
from tt_pipeline.research_api.page import JsonObject

LONGEST_WINDOW: Final = timedelta(days=WINDOW_DAYS - 1)
"""From the first to the last day. The documentation allows 30 days between them; we send 29 like its own client."""

T = TypeVar("T")


def video_query(query: Query, first_day: date, last_day: date, *, random: int | None = None) -> JsonObject:
    """The first request of a search over these days, both inclusive; with `random`, it draws that number of videos.

    Raises:
        UsageError: The window is too long or ends before it starts, or the query has no condition or an illegal one.
    """
    _check_window(first_day, last_day)
    _check_query(query)
    body: JsonObject = {
        "query": with_short_lists(query).body(),
        "start_date": f"{first_day:%Y%m%d}",
        "end_date": f"{last_day:%Y%m%d}",
        "max_count": random or PAGE_SIZE,
    }
    return body | {"is_random": True} if random else body


def comments_of(video_id: int, *, cursor: int, cap: int) -> JsonObject:
    """A request for comments of a video from `cursor`, up to the cap."""
    return {"video_id": int(video_id), "max_count": _below(cap, cursor), "cursor": cursor}


def replies_to(comment_id: int, *, cursor: int, cap: int) -> JsonObject:
    """A request for replies to a comment from `cursor`, up to the cap."""
    return {"comment_id": int(comment_id), "max_count": _below(cap, cursor), "cursor": cursor}


def about(endpoint: Endpoint, subject: str | int, *, cursor: int | None = None) -> JsonObject:
    """A request about an account or a playlist; where the endpoint has several pages, from `cursor`.

    Args:
        endpoint: Its row names the key of the subject.
        subject: A username, or the id of a playlist.
        cursor: None for the first page.

    Raises:
        UsageError: The username is empty.
    """
    body: JsonObject = {endpoint.subject_key: handle(subject) if isinstance(subject, str) else int(subject)}
    if endpoint.cursor is CursorKind.NONE:
        return body
    first = {"cursor": 0} if endpoint.cursor is CursorKind.INDEX else {}
    return body | {"max_count": PAGE_SIZE} | (first if cursor is None else {"cursor": cursor})


def handle(username: str) -> str:
    """The handle in a text: without @, or from a profile's URL.

    Raises:
        UsageError: The handle is empty.
    """
    found = re.search(r"tiktok\.com/@([^/?#\s]+)", username)
    name = found[1] if found else username.strip().removeprefix("@")
    if not name:
        raise UsageError("The username is empty; write the handle of an account.")
    return name


def fields_of(endpoint: Endpoint, wanted: Sequence[str]) -> str:
    """The `fields` parameter of a request.

    Raises:
        UsageError: No field is named, or one that the endpoint does not have.
    """
    unknown = [field for field in wanted if field not in endpoint.fields]
    if unknown or not wanted:
        problem = (
            f"{endpoint.name} has no field {unknown[0]!r}" if unknown else f"{endpoint.name} needs at least one field"
        )
        raise UsageError(f"{problem}; it has {', '.join(endpoint.fields)}.")
    return ",".join(dict.fromkeys(wanted))


def chunks(values: Sequence[T], size: int = LONGEST_LIST) -> Iterator[tuple[T, ...]]:
    """The values in order, in chunks of at most `size`, by default the longest IN list."""
    return (tuple(values[start : start + size]) for start in range(0, len(values), size))


def _check_window(first_day: date, last_day: date) -> None:
    for name, day in (("first_day", first_day), ("last_day", last_day)):
        if not isinstance(day, date):
            raise UsageError(f"{name} is {day!r}; pass a date, for example date(2026, 11, 1).")
    if last_day < first_day:
        raise UsageError(f"first_day {first_day} is after last_day {last_day}; exchange them.")
    if last_day - first_day > LONGEST_WINDOW:
        raise UsageError(
            f"A video query covers 1 to {LONGEST_WINDOW.days + 1} days, but {first_day} to {last_day} "
            f"are {(last_day - first_day).days + 1}."
        )


def _check_query(query: Query) -> None:
    problems = [problem for condition in query.conditions for problem in condition.problems()]
    if problems or not query.conditions:
        raise UsageError(f"The query cannot be sent: {' '.join(problems) or 'it has no condition.'}")


def _below(cap: int, cursor: int) -> int:
    if not 0 <= cursor < cap:
        raise UsageError(f"Cursor {cursor} is not below the cap of {cap}: there is nothing to request.")
    return min(PAGE_SIZE, cap - cursor)
