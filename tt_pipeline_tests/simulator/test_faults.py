"""Scripted faults: which failure, for which requests and how often."""

import json
from typing import Any

import httpx
import pytest

from tt_pipeline.simulator import Fault, FaultKind, Knobs
from tt_pipeline_tests.simulator.builders import OPEN, error_of, session, wide_body


def struck(kind: FaultKind, **where: Any) -> httpx.Response:
    """The answer to a second page, to which the fault applies."""
    at = session(OPEN)
    page = at.query(wide_body(), "id").json()["data"]
    at.simulator.change_knobs(faults=(Fault(kind=kind, always=True, **where),))
    return at.query(wide_body(cursor=page["cursor"], search_id=page["search_id"]), "id")


@pytest.mark.parametrize(
    ("kind", "status", "code", "message"),
    [
        ("error_500_no_message", 500, "internal_error", None),
        ("timeout_504", 504, "timeout", "The request timed out"),
        ("burst_429", 429, "rate_limit_exceeded", "Too many requests in the last minute"),
        ("daily_429", 429, "daily_quota_limit_exceeded", "The daily quota limit was exceeded."),
        ("token_invalid", 401, "access_token_invalid", "The access token is invalid or not found in the request."),
        (
            "scope_not_authorized",
            401,
            "scope_not_authorized",
            "The user did not authorize the scope required for completing this request.",
        ),
        ("cursor_invalid", 400, "invalid_params", "Invalid count or cursor"),
    ],
)
def test_a_fault_answers_like_the_api(kind: str, status: int, code: str, message: str | None) -> None:
    """Each kind has the status, code and text of the API."""
    assert error_of(struck(FaultKind(kind))) == (status, code, message)


def test_a_500_has_three_wordings() -> None:
    """internal_error has the three texts that were recorded."""
    at = session(Knobs(fault_500_rate=1))
    assert {error_of(at.query(wide_body())) for _ in range(40)} == {
        (500, "internal_error", "Something is wrong. Please try again later."),
        (500, "internal_error", "Something went wrong. Please try again later."),
        (500, "internal_error", "Server Internal Error"),
    }


def test_a_gateway_timeout_is_html() -> None:
    """html_504 is HTML and has that content type."""
    answer = struck(FaultKind.HTML_504)
    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html; charset=utf-8")
    assert answer.text.startswith("<html>")
    assert session(Knobs(fault_504_html_rate=1)).query(wide_body()).status_code == 504


def test_an_unreadable_429_has_no_json() -> None:
    """unreadable_429 has a status and no readable body."""
    answer = struck(FaultKind.UNREADABLE_429)
    assert (answer.status_code, answer.text) == (429, "")


def test_a_search_id_can_be_refused_by_name() -> None:
    """The refusal has the search_id that was sent."""
    status, _, message = error_of(struck(FaultKind.SEARCH_ID_INVALID))
    assert status == 400
    assert message is not None
    assert message.startswith("Search Id 77")


def test_half_a_body_is_not_json() -> None:
    """truncated_json is a 200 whose body cannot be read."""
    answer = struck(FaultKind.TRUNCATED_JSON)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("empty", {"videos": [], "cursor": 0, "has_more": False}),
        ("list_missing", {"cursor": 200, "has_more": True, "search_id": ...}),
        ("search_id_missing", {"cursor": 200, "has_more": True, "videos": ...}),
        ("cursor_missing", {"has_more": True, "search_id": ..., "videos": ...}),
        ("cursor_stuck", {"cursor": 100, "has_more": True, "search_id": ..., "videos": ...}),
    ],
)
def test_a_page_can_lack_one_of_its_parts(kind: str, data: dict[str, Any]) -> None:
    """Each kind removes one part and leaves the others."""
    page = struck(FaultKind(kind)).json()["data"]
    assert page.keys() == data.keys()
    assert {key: page[key] for key, value in data.items() if value is not ...} == {
        key: value for key, value in data.items() if value is not ...
    }


def test_an_error_may_come_with_200() -> None:
    """error_with_200 is an error by its code alone."""
    answer = struck(FaultKind.ERROR_WITH_200)
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "internal_error")


def test_a_slow_answer_is_a_good_one() -> None:
    """The answer is complete after the wait."""
    assert struck(FaultKind.SLOW, slow_s=0.01).status_code == 200


@pytest.mark.parametrize(
    ("where", "statuses"),
    [
        ({"nth": 2}, [200, 500, 200, 200, 200]),
        ({"every": 2}, [200, 500, 200, 500, 200]),
        ({"every": 2, "times": 1}, [200, 500, 200, 200, 200]),
        ({"always": True, "times": 3}, [500, 500, 500, 200, 200]),
        ({"always": True, "endpoint": "user_info"}, [200] * 5),
        ({"dates": ("2026-11-01",)}, [500] * 5),
        ({"dates": ("2026-12-01",)}, [200] * 5),
        ({}, [200] * 5),
    ],
)
def test_a_fault_applies_to_the_configured_requests(where: dict[str, Any], statuses: list[int]) -> None:
    """nth, every, dates and always say when; endpoint says where; times says how often."""
    at = session(Knobs(faults=(Fault(kind=FaultKind.ERROR_500, **where),)))
    assert [at.query(wide_body(), "id").status_code for _ in range(5)] == statuses


def test_whole_days_can_be_out() -> None:
    """A window with one of the fault_dates gets a 500, other windows do not."""
    at = session(Knobs(fault_dates=("2026-11-05",)))
    statuses = [
        at.query(wide_body(start_date=start, end_date=end)).status_code
        for start, end in [("20261104", "20261106"), ("20261105", "20261105"), ("20261106", "20261107")]
    ]
    assert statuses == [500, 500, 200]


def test_the_same_requests_give_the_same_random_faults() -> None:
    """Random faults depend on the seed alone."""
    first, second = (session(Knobs(fault_500_rate=0.5)) for _ in range(2))
    statuses = [[at.query(wide_body()).status_code for _ in range(20)] for at in (first, second)]
    assert statuses[0] == statuses[1]
    assert set(statuses[0]) == {200, 500}
