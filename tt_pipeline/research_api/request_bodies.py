"""Request bodies from values: what is sent, checked before it costs anything.

Here belongs the shape of a request; which conditions are legal is said by `query.py`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final, TypeVar

from tt_pipeline.codebook.endpoints import PAGE_SIZE, Endpoint
from tt_pipeline.errors import UsageError
from tt_pipeline.query import LONGEST_LIST, Query, with_short_lists
from tt_pipeline.research_api.page import JsonObject

LONGEST_WINDOW: Final = timedelta(days=29)
"""Between first and last day. The documentation allows 30; TikTok's own client stays one below."""

T = TypeVar("T")


def video_query(query: Query, first_day: date, last_day: date, *, random: int | None = None) -> JsonObject:
    """The first request of a search over the days, both ends inclusive; with `random`, that draws so many videos.

    Raises:
        UsageError: The window is too long or upside down, or the query has no condition or an illegal one.
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
    """A request for the comments of a video, not reaching beyond the cap."""
    return {"video_id": int(video_id), "max_count": _below(cap, cursor), "cursor": cursor}


def replies_to(comment_id: int, *, cursor: int, cap: int) -> JsonObject:
    """A request for the replies to a comment, not reaching beyond the cap."""
    return {"comment_id": int(comment_id), "max_count": _below(cap, cursor), "cursor": cursor}


def handle(username: str) -> str:
    """The handle that a person means: without @, out of a profile's URL.

    Raises:
        UsageError: Nothing is left.
    """
    found = re.search(r"tiktok\.com/@([^/?#\s]+)", username)
    name = found[1] if found else username.strip().removeprefix("@")
    if not name:
        raise UsageError("An empty username cannot be asked for.")
    return name


def fields_of(endpoint: Endpoint, wanted: Sequence[str]) -> str:
    """The `fields` parameter.

    Raises:
        UsageError: None is wanted, or one that the endpoint does not have.
    """
    strange = [field for field in wanted if field not in endpoint.fields]
    if strange or not wanted:
        problem = f"{endpoint.name} has no field {strange[0]!r}" if strange else f"{endpoint.name} needs a field"
        raise UsageError(f"{problem}; it has {', '.join(endpoint.fields)}.")
    return ",".join(dict.fromkeys(wanted))


def chunks(values: Sequence[T], size: int = LONGEST_LIST) -> Iterator[tuple[T, ...]]:
    """The values in order, so many at a time as one IN condition takes."""
    return (tuple(values[start : start + size]) for start in range(0, len(values), size))


def _check_window(first_day: date, last_day: date) -> None:
    if not timedelta() <= last_day - first_day <= LONGEST_WINDOW:
        raise UsageError(
            f"A video query covers 1 to {LONGEST_WINDOW.days + 1} days, and {first_day} to {last_day} "
            f"are {(last_day - first_day).days + 1}."
        )


def _check_query(query: Query) -> None:
    problems = [problem for condition in query.conditions for problem in condition.problems()]
    if problems or not query.conditions:
        raise UsageError(f"The query cannot be sent: {' '.join(problems) or 'it has no condition.'}")


def _below(cap: int, cursor: int) -> int:
    if not 0 <= cursor < cap:
        raise UsageError(f"Nothing is left to ask for from cursor {cursor} with a cap of {cap}.")
    return min(PAGE_SIZE, cap - cursor)
