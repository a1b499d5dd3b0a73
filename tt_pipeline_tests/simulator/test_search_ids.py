"""Search ids that are new, old, or of another query."""

from typing import Any

import pytest

from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.simulator.builders import OPEN, ApiSession, condition, error_of, session, wide_body


def first_page(at: ApiSession) -> dict[str, Any]:
    page: dict[str, Any] = at.query(wide_body(), "id").json()["data"]
    return page


def next_body(page: dict[str, Any], **changes: object) -> dict[str, Any]:
    return wide_body(**({"cursor": page["cursor"], "search_id": page["search_id"]} | changes))


def test_the_id_contains_the_second_of_the_search() -> None:
    """A search_id is a snowflake in digits."""
    at = session()
    assert int(first_page(at)["search_id"]) >> 32 == int(at.simulator.clock.second())


def test_the_same_query_within_the_hour_gives_the_same_search() -> None:
    """The same first request has the same search_id and result; an hour later they are new."""
    at = session()
    first, second = first_page(at), first_page(at)
    at.simulator.clock.advance(seconds=3_600)
    third = first_page(at)
    assert first["search_id"] == second["search_id"] != third["search_id"]


def test_a_fresh_id_is_refused_until_it_is_warm() -> None:
    """A search_id is refused within search_warmup_s of its issue and works afterwards."""
    at = session(Knobs(search_warmup_s=3))
    page = first_page(at)
    refused = at.query(next_body(page))
    at.simulator.clock.advance(seconds=3)
    message = f"Search Id {page['search_id']} is invalid or expired"
    assert error_of(refused) == (400, "invalid_params", message)
    assert at.query(next_body(page)).status_code == 200


def test_an_old_id_dies() -> None:
    """A search_id is refused after search_ttl_s."""
    at = session()
    page = first_page(at)
    at.simulator.clock.advance(seconds=86_400)
    at.token = at.ask_token().json()["access_token"]
    assert error_of(at.query(next_body(page)))[0] == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"query": {"and": [condition("region_code", "DE")]}},
        {"start_date": "20261101"},
        {"max_count": 50},
        {"search_id": "123"},
        {"search_id": "no digits"},
    ],
)
def test_an_id_belongs_to_its_query_dates_and_page_size(changes: dict[str, Any]) -> None:
    """A search_id is refused with another query, date or page size."""
    at = session()
    body = next_body(first_page(at), **changes)
    message = f"Search Id {body['search_id']} is invalid or expired"
    assert error_of(at.query(body)) == (400, "invalid_params", message)


def test_empty_groups_do_not_make_another_search() -> None:
    """A query with empty lists has the search_id of the query without them."""
    at = session()
    page = first_page(at)
    query = wide_body()["query"] | {"and": [], "or": []}
    assert at.query(next_body(page, query=query)).status_code == 200


def test_ids_may_change_from_page_to_page() -> None:
    """With search_id_rotates every page has another search_id, and each of them works."""
    at = session(Knobs(search_id_rotates=True, rate_per_minute=0, hidden_rate=0, hidden_run=0))
    pages = list(at.pages(wide_body()))
    assert len({page["search_id"] for page in pages[1:]}) == len(pages) - 1
    assert sum(len(page["videos"]) for page in pages) == len(session(OPEN).videos(wide_body()))


def test_an_id_may_be_a_number_and_nothing_else() -> None:
    """A search_id may be a JSON number; a list is refused."""
    at = session()
    page = first_page(at)
    assert at.query(next_body(page, search_id=int(page["search_id"]))).status_code == 200
    assert error_of(at.query(next_body(page, search_id=[1]))) == (400, "invalid_params", "search_id is invalid")


def test_a_cursor_works_without_an_id() -> None:
    """Without a search_id (or with an empty one) the query runs again from that position."""
    at = session()
    page = at.query(next_body(first_page(at)), "id").json()["data"]
    alone = session().query(wide_body(cursor=100, search_id=""), "id").json()["data"]
    assert alone["videos"] == page["videos"]


def test_a_position_behind_the_end_is_refused() -> None:
    """A cursor beyond the slots is invalid; at the end it returns an empty last page."""
    at = session()
    slots = list(at.pages(wide_body()))[-1]["cursor"]
    beyond = at.query(next_body(first_page(at), cursor=slots + 1))
    assert error_of(beyond) == (400, "invalid_params", "Invalid count or cursor")
    end = at.query(next_body(first_page(at), cursor=slots)).json()["data"]
    assert (end["videos"], end["cursor"], end["has_more"]) == ([], slots, False)


def test_a_result_is_frozen_while_videos_are_deleted_from_it() -> None:
    """A video deleted between pages leaves an empty slot, and the cursors stay the same."""
    at = session()
    before = at.query(next_body(first_page(at)), "id").json()["data"]
    at.simulator.delete(video_id=before["videos"][0]["id"])
    after = at.query(next_body(first_page(at)), "id").json()["data"]
    assert after["videos"] == before["videos"][1:]
    assert after["cursor"] == before["cursor"]
