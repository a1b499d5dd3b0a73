"""Decide on the request after a page, from that page and the earlier ones; pure functions.

Only `has_more` false ends a list; short and empty pages are normal, because the server counts hidden records. An answer
that does not say whether anything follows is not the end: paging goes on while pages bring something new. Guards stop
lists that would never end, with a reason.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tt_pipeline.codebook.endpoints import VIDEO_QUERY, CursorKind, Endpoint
from tt_pipeline.codebook.limits import MOST_EMPTY_PAGES, MOST_REPEATED_PAGES, PAGE_SIZE
from tt_pipeline.ids import uploaded_at, video_id_of
from tt_pipeline.research_api.page import JsonObject, Page, Resume
from tt_pipeline.vocabulary import StopReason

MOST_PAGES: Final = 1_000
_CREATED_AFTER_ID: Final = timedelta(hours=1)
"""How much later than the time in its id a video may be created: 18 to 48 s in 28 captured videos."""

_BEYOND_ANY_ID: Final = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class PagingState:
    """What the pages so far have shown.

    Attributes:
        empty_pages: Empty pages in a row at the end.
        is_replay: The cursor did not advance, so the same request was sent once more.
        last_page: The latest page.
        lowest_id: The lowest id of the videos from days of the window.
        restarted_below: The lowest id when the search was last restarted; 0 before any restart.
        seen: Identities of the records of all pages of this search or list, since it was last restarted.
        repeated_pages: Pages in a row at the end whose records had all come before.
    """

    pages: int = 0
    empty_pages: int = 0
    is_replay: bool = False
    last_page: Page | None = None
    lowest_id: int | None = None
    restarted_below: int | None = 0
    seen: frozenset[int] = frozenset()
    repeated_pages: int = 0

    def after(self, page: Page, next_request: JsonObject) -> "PagingState":
        """The state after one more page."""
        return PagingState(
            pages=self.pages + 1,
            empty_pages=0 if page.records else self.empty_pages + 1,
            is_replay=next_request == page.request,
            last_page=page,
            lowest_id=lowest_id(page, self.lowest_id),
            restarted_below=lowest_id(page, self.lowest_id) if page.is_search_id_unusable else self.restarted_below,
            seen=self.seen | identities(page),
            repeated_pages=self.repeated_pages + 1 if _brings_nothing_new(page, self) else 0,
        )

    def restarted(self) -> "PagingState":
        """The state of a new search for the records that the old one did not return."""
        return PagingState(pages=self.pages, lowest_id=self.lowest_id, restarted_below=self.lowest_id)


def next_request(
    endpoint: Endpoint, page: Page, progress: PagingState, *, cap: int | None = None
) -> JsonObject | StopReason:
    """The body of the next request, or the reason why there is none.

    Args:
        endpoint: The endpoint of the page.
        page: The latest page.
        progress: The state before this page.
        cap: Index beyond which nothing is requested.
    """
    reason = _end(endpoint, page, progress, cap)
    if reason is not None:
        return reason
    if page.is_search_id_unusable:  # the next page cannot be requested; the rest of the search can
        return (
            restarted(
                endpoint,
                page.request | {"cursor": page.cursor},
                replace(progress, lowest_id=lowest_id(page, progress.lowest_id)),
            )
            or StopReason.CURSOR_MISSING
        )
    if _is_stuck(endpoint, page):
        return page.request
    request = page.request | {"cursor": page.cursor}
    if page.search_id is not None:
        request["search_id"] = page.search_id
    if cap is not None and page.cursor is not None:
        request["max_count"] = min(PAGE_SIZE, cap - page.cursor)
    return request


def resumed(resume: Resume) -> tuple[JsonObject, PagingState]:
    """The request after the last stored page, and the state before it."""
    request = resume.request | {"cursor": resume.cursor or 0}
    if resume.search_id:
        request["search_id"] = resume.search_id
    is_inside = resume.lowest_id is not None and _is_inside(resume.lowest_id, request)
    restarted_below = 0 if resume.may_restart else None
    return request, PagingState(lowest_id=resume.lowest_id if is_inside else None, restarted_below=restarted_below)


def restarted(endpoint: Endpoint, request: JsonObject, progress: PagingState) -> JsonObject | None:
    """The request that restarts a search with an expired search_id below the last id seen.

    Returns None when a restart cannot help, or when the previous one returned nothing new. Rows of the last day come
    twice, which does no harm.
    """
    is_continued = bool(request.get("search_id") or request.get("cursor"))
    if endpoint is not VIDEO_QUERY or not is_continued or progress.lowest_id == progress.restarted_below:
        return None
    fresh = {key: value for key, value in request.items() if key not in {"cursor", "search_id"}}
    if progress.lowest_id is None:
        return fresh
    last_day = min(_latest_creation(progress.lowest_id).date(), _day(request["end_date"]))
    return fresh | {"end_date": f"{last_day:%Y%m%d}"}


def lowest_id(page: Page, known: int | None) -> int | None:
    """The lowest video id of this page and the earlier ones."""
    if page.endpoint != VIDEO_QUERY.name:
        return None
    ids = (video_id_of(record) for record in page.records)
    inside = [number for number in ids if number and _is_inside(number, page.request)]
    return min([*inside, known] if known else inside, default=known)


def _end(  # noqa: C901, PLR0911 — a list of reasons
    endpoint: Endpoint, page: Page, progress: PagingState, cap: int | None
) -> StopReason | None:
    if page.ends is not None:
        return page.ends
    if page.has_more is False and _falls_back(endpoint, page):
        return StopReason.CURSOR_STUCK if progress.is_replay else None
    if page.has_more is False or endpoint.cursor is CursorKind.NONE or page.request.get("is_random"):
        return StopReason.COMPLETE
    if page.has_more is None and (page.cursor is None or identities(page) <= progress.seen):
        return StopReason.END_UNSTATED
    if page.cursor is None:
        return StopReason.CURSOR_MISSING
    if _is_stuck(endpoint, page) and progress.is_replay:
        return StopReason.CURSOR_STUCK
    if not progress.is_replay and _repeats(page, progress.last_page):
        return StopReason.CURSOR_STUCK
    if _brings_nothing_new(page, progress) and progress.repeated_pages + 1 >= MOST_REPEATED_PAGES:
        return StopReason.CURSOR_STUCK
    if not page.records and progress.empty_pages + 1 >= MOST_EMPTY_PAGES:
        return StopReason.EMPTY_PAGES
    if cap is not None and page.cursor >= cap:
        return StopReason.COMMENT_CAP
    return StopReason.TOO_MANY_PAGES if progress.pages + 1 >= MOST_PAGES else None


def identities(page: Page) -> frozenset[int]:
    """What tells the records of a page apart: hashes of their ids or usernames, which take less memory than text."""
    return frozenset(
        hash(repr(record.get("id") or record.get("video_id") or record.get("username") or record))
        for record in page.records
    )


def _brings_nothing_new(page: Page, progress: PagingState) -> bool:
    return bool(page.records) and identities(page) <= progress.seen


def _falls_back(endpoint: Endpoint, page: Page) -> bool:
    """Whether the last cursor of a search is below the requested one; it counts the slots that were scanned."""
    is_search = endpoint.name == "video_query"
    return is_search and page.cursor is not None and page.cursor < (page.request.get("cursor") or 0)


def _is_stuck(endpoint: Endpoint, page: Page) -> bool:
    before, after = page.request.get("cursor") or 0, page.cursor or 0
    match endpoint.cursor:
        case CursorKind.INDEX:
            return after <= before
        case CursorKind.FALLING:
            return bool(before) and after >= before
        case _:
            return after == before


def _repeats(page: Page, last: Page | None) -> bool:
    # A playlist's cursor reportedly does nothing: the same page comes again with another cursor.
    return bool(page.records) and last is not None and page.records == last.records


def _is_inside(number: int, request: JsonObject) -> bool:
    # The username filter is known to return videos of other accounts; an old one must not cause a restart below it.
    if not 0 < number < _BEYOND_ANY_ID:
        return False
    first, last = _day(request["start_date"]), _day(request["end_date"])
    return first <= _latest_creation(number).date() and uploaded_at(number).date() <= last


def _latest_creation(number: int) -> datetime:
    return uploaded_at(number) + _CREATED_AFTER_ID


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
