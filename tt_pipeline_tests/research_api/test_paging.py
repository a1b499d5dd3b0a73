"""The next request after a page."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tt_pipeline.codebook.endpoints import (
    COMMENT_LIST,
    FOLLOWERS,
    LIKED,
    PINNED,
    PLAYLIST,
    VIDEO_QUERY,
    Endpoint,
)
from tt_pipeline.codebook.limits import MOST_EMPTY_PAGES
from tt_pipeline.research_api import Page, Resume
from tt_pipeline.research_api.paging import (
    MOST_PAGES,
    PagingState,
    lowest_id,
    next_request,
    restarted,
    resumed,
)
from tt_pipeline.vocabulary import Refusal, StopReason
from tt_pipeline_tests.research_api.server import NOON

WINDOW = {"start_date": "20261101", "end_date": "20261103"}


def page(**override: Any) -> Page:
    """The first page of three or more, with a hundred slots and one record."""
    fields: dict[str, Any] = {
        "endpoint": "video_query",
        "request": {**WINDOW, "max_count": 100},
        "fetched_at": NOON,
        "status": 200,
        "body": b"",
        "records": ({"id": 1},),
        "slots": 100,
        "cursor": 100,
        "has_more": True,
        "search_id": "77",
        "log_id": "L",
    }
    return Page(**fields | override)


def an_id(*moment: int, number: int = 1) -> int:
    """A video id of an instant in UTC."""
    return (int(datetime(*moment, tzinfo=UTC).timestamp()) << 32) + number  # type: ignore[misc,arg-type] # year, month, …


def test_the_next_request_takes_cursor_and_search_id_of_the_latest_page() -> None:
    """A changed search_id is used; all other keys stay."""
    request = {**WINDOW, "max_count": 100, "cursor": 100, "search_id": "77"}
    step = next_request(VIDEO_QUERY, page(request=request, cursor=200, search_id="88"), PagingState())
    assert step == {**WINDOW, "max_count": 100, "cursor": 200, "search_id": "88"}


def test_a_page_without_search_id_keeps_the_one_before() -> None:
    """An answer may leave the search_id out."""
    request = {"cursor": 100, "search_id": "77"}
    step = next_request(VIDEO_QUERY, page(request=request, cursor=200, search_id=None), PagingState())
    assert step == {"cursor": 200, "search_id": "77"}


@pytest.mark.parametrize(
    ("endpoint", "override", "progress", "expected"),
    [
        (VIDEO_QUERY, {"has_more": False}, PagingState(), StopReason.COMPLETE),
        (VIDEO_QUERY, {"request": {"is_random": True}}, PagingState(), StopReason.COMPLETE),
        (PINNED, {"cursor": None}, PagingState(), StopReason.COMPLETE),
        (VIDEO_QUERY, {"cursor": None}, PagingState(), StopReason.CURSOR_MISSING),
        (VIDEO_QUERY, {"request": {"cursor": 100}}, PagingState(is_replay=True), StopReason.CURSOR_STUCK),
        (VIDEO_QUERY, {"request": {"cursor": 200}}, PagingState(is_replay=True), StopReason.CURSOR_STUCK),
        (FOLLOWERS, {"request": {"cursor": 99}}, PagingState(is_replay=True), StopReason.CURSOR_STUCK),
        (LIKED, {"request": {"cursor": 100}}, PagingState(is_replay=True), StopReason.CURSOR_STUCK),
        (PLAYLIST, {"request": {"cursor": 50}}, PagingState(last_page=page()), StopReason.CURSOR_STUCK),
        (VIDEO_QUERY, {"records": ()}, PagingState(empty_pages=MOST_EMPTY_PAGES - 1), StopReason.EMPTY_PAGES),
        (VIDEO_QUERY, {}, PagingState(pages=MOST_PAGES - 1), StopReason.TOO_MANY_PAGES),
        (
            COMMENT_LIST,
            {"refusal": Refusal.PRIVATE, "ends": StopReason.REFUSED, "has_more": False},
            PagingState(),
            StopReason.REFUSED,
        ),
    ],
)
def test_each_guard_ends_a_list_with_its_reason(
    endpoint: Endpoint, override: dict[str, Any], progress: PagingState, expected: StopReason
) -> None:
    """Each guard ends the list with its own reason."""
    assert expected == next_request(endpoint, page(**override), progress)


def test_an_empty_page_does_not_end_a_search() -> None:
    """A hundred hidden videos in a row do not end it."""
    step = next_request(VIDEO_QUERY, page(request={}, records=()), PagingState(empty_pages=MOST_EMPTY_PAGES - 2))
    assert step == {"cursor": 100, "search_id": "77"}


def test_the_last_page_may_be_the_thousandth_or_empty() -> None:
    """has_more false is complete, whatever the guards would say."""
    progress = PagingState(pages=MOST_PAGES - 1, empty_pages=MOST_EMPTY_PAGES - 1)
    assert next_request(VIDEO_QUERY, page(records=(), has_more=False), progress) == StopReason.COMPLETE


@pytest.mark.parametrize(
    ("endpoint", "before", "after", "is_stuck"),
    [
        (VIDEO_QUERY, 0, 0, True),
        (VIDEO_QUERY, 100, 100, True),
        (VIDEO_QUERY, 100, 101, False),
        (FOLLOWERS, None, 1793272841, False),
        (FOLLOWERS, 1793272841, 1793272841, True),
        (FOLLOWERS, 1793272841, 1793272840, False),
        (LIKED, 1793635200000, 1793635200000, True),
        (LIKED, 6, 12, False),
    ],
)
def test_a_cursor_that_does_not_move_is_sent_once_more(
    endpoint: Endpoint, before: int | None, after: int, *, is_stuck: bool
) -> None:
    """Indexes must rise, seconds fall and other cursors change; otherwise the request is repeated."""
    request = {"cursor": before}
    step = next_request(endpoint, page(request=request, cursor=after, search_id=None), PagingState())
    assert (request if is_stuck else {"cursor": after}) == step


@pytest.mark.parametrize(
    ("cursor", "cap", "expected"),
    [
        (100, 1000, {"cursor": 100, "max_count": 100}),
        (900, 1000, {"cursor": 900, "max_count": 100}),
        (950, 1000, {"cursor": 950, "max_count": 50}),
        (1000, 1000, StopReason.COMMENT_CAP),
        (100, 100, StopReason.COMMENT_CAP),
    ],
)
def test_nothing_is_requested_beyond_the_cap_of_comments(
    cursor: int, cap: int, expected: dict[str, int] | StopReason
) -> None:
    """The sum of cursor and max_count never exceeds the cap."""
    came = page(endpoint="comment_list", request={"cursor": 0, "max_count": 100}, cursor=cursor, search_id=None)
    assert expected == next_request(COMMENT_LIST, came, PagingState(), cap=cap)


def test_progress_counts_pages_and_empty_ones_in_a_row() -> None:
    """A page with records resets the count of empty pages."""
    empty, full = page(records=()), page(records=({"id": an_id(2026, 11, 2, 12)},))
    progress = PagingState().after(empty, {"cursor": 100}).after(empty, {"cursor": 200})
    assert (progress.pages, progress.empty_pages, progress.lowest_id) == (2, 2, None)
    progress = progress.after(full, {"cursor": 300})
    assert (3, 0, an_id(2026, 11, 2, 12)) == (progress.pages, progress.empty_pages, progress.lowest_id)


def test_the_lowest_id_ignores_videos_outside_of_the_window() -> None:
    """A stray video of a year ago must not skip the days between; the key video_id counts too."""
    records: tuple[dict[str, Any], ...] = (
        {"id": an_id(2026, 11, 3, 8)},
        {"video_id": str(an_id(2026, 11, 2, 8))},
        {"id": an_id(2025, 11, 2, 8)},
        {"id": 1.5},
        {"id": 10**24},
        {"id": -8},
        {},
    )
    assert an_id(2026, 11, 2, 8) == lowest_id(page(records=records), None)
    assert an_id(2026, 11, 1, 8) == lowest_id(page(records=records), an_id(2026, 11, 1, 8))
    assert None is lowest_id(page(records=()), None)


@pytest.mark.parametrize(
    ("lowest", "end_date"),
    [
        (an_id(2026, 11, 2, 12), "20261102"),
        (an_id(2026, 11, 1, 0, 5), "20261101"),
        (an_id(2026, 11, 1, 23, 59, 50), "20261102"),
        (an_id(2026, 11, 3, 23, 59, 50), "20261103"),
        (an_id(2026, 10, 31, 23, 59, 50), "20261101"),
    ],
)
def test_a_search_restarts_at_the_day_of_the_last_id(lowest: int, end_date: str) -> None:
    """A video is created up to an hour after its id, so an id of the last hour keeps the next day in the window."""
    request = {**WINDOW, "query": {}, "max_count": 100, "cursor": 300, "search_id": "77"}
    expected = {"query": {}, "max_count": 100, "start_date": "20261101", "end_date": end_date}
    assert expected == restarted(VIDEO_QUERY, request, PagingState(lowest_id=lowest))


def test_a_search_without_any_video_restarts_from_the_top_once() -> None:
    """If all pages were empty, the same window is requested again, but not a third time."""
    request = {**WINDOW, "cursor": 100, "search_id": "77"}
    assert restarted(VIDEO_QUERY, request, PagingState()) == WINDOW
    assert None is restarted(VIDEO_QUERY, request, PagingState().restarted())


def test_a_restart_without_a_new_video_is_the_last() -> None:
    """Otherwise a server that refuses every second page would get requests for ever."""
    request = {**WINDOW, "cursor": 100, "search_id": "77"}
    assert None is restarted(VIDEO_QUERY, request, PagingState(lowest_id=5).restarted())


@pytest.mark.parametrize(("endpoint", "sent"), [(COMMENT_LIST, {"cursor": 100}), (VIDEO_QUERY, WINDOW)])
def test_only_a_begun_search_can_restart(endpoint: Endpoint, sent: dict[str, Any]) -> None:
    """Comments and a first request have no search_id, so they cannot restart."""
    assert None is restarted(endpoint, sent, PagingState(lowest_id=5))


def test_a_resumed_search_continues_after_the_last_landed_page() -> None:
    """The next request has the cursor and search_id of the landed answer."""
    lowest = an_id(2026, 11, 2, 8)
    resume = Resume(request={**WINDOW, "cursor": 100, "search_id": "77"}, cursor=200, search_id="88", lowest_id=lowest)
    assert ({**WINDOW, "cursor": 200, "search_id": "88"}, PagingState(lowest_id=lowest)) == resumed(resume)


def test_a_resumed_search_keeps_the_search_id_that_its_last_request_had() -> None:
    """The request's search_id is used if the last answer had none."""
    resume = Resume(request={**WINDOW, "cursor": 100, "search_id": "77"}, cursor=200)
    assert resumed(resume)[0] == {**WINDOW, "cursor": 200, "search_id": "77"}
    assert resumed(Resume(request=WINDOW, cursor=200))[0] == {**WINDOW, "cursor": 200}


def test_a_lowest_id_from_outside_of_the_window_is_ignored() -> None:
    """A stray video of a year ago would end the new search on the first day and skip the rest."""
    resume = Resume(request=WINDOW, cursor=200, lowest_id=an_id(2025, 11, 2, 8))
    assert PagingState() == resumed(resume)[1]
