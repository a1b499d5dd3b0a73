"""Request bodies are built from values."""

from datetime import date

import pytest

from tt_pipeline.codebook.endpoints import COMMENT_LIST, FOLLOWERS, USER_INFO
from tt_pipeline.errors import UsageError
from tt_pipeline.query import Condition, Query
from tt_pipeline.research_api import chunks, request_bodies
from tt_pipeline.vocabulary import ConditionField, Operation
from tt_pipeline_tests.research_api.server import WILD_BEES


def test_a_search_is_sent_with_days_of_eight_digits_and_full_pages() -> None:
    """A single day is start and end; a page has a hundred slots."""
    expected = {"query": WILD_BEES.body(), "start_date": "20261001", "end_date": "20261001", "max_count": 100}
    assert expected == request_bodies.video_query(WILD_BEES, date(2026, 10, 1), date(2026, 10, 1))


def test_a_window_has_thirty_days_at_most() -> None:
    """Thirty days are sent; thirty-one, which the documentation allows, are not."""
    assert request_bodies.video_query(WILD_BEES, date(2026, 10, 1), date(2026, 10, 30))["end_date"] == "20261030"
    with pytest.raises(UsageError, match="2026-10-01 to 2026-10-31 are 31"):
        request_bodies.video_query(WILD_BEES, date(2026, 10, 1), date(2026, 10, 31))


def test_an_illegal_condition_is_never_sent() -> None:
    """EQ with two values and GT on a hashtag raise errors with their reasons."""
    two = Condition(field=ConditionField.REGION_CODE, operation=Operation.EQ, values=("DE", "AT"))
    order = Condition(field=ConditionField.HASHTAG_NAME, operation=Operation.GT, values=("bees",))
    with pytest.raises(UsageError, match=r"exactly one value.*GT does not fit hashtag_name"):
        request_bodies.video_query(Query(all_of=(two,), none_of=(order,)), date(2026, 10, 1), date(2026, 10, 1))


@pytest.mark.parametrize(
    ("written", "handle"),
    [
        ("lena", "lena"),
        (" @lena ", "lena"),
        ("https://www.tiktok.com/@lena.b?lang=de", "lena.b"),
        ("tiktok.com/@lena/video/7", "lena"),
    ],
)
def test_a_username_is_sent_as_a_bare_handle(written: str, handle: str) -> None:
    """Handles with @ and URLs of profiles are shortened to the handle."""
    assert handle == request_bodies.handle(written)


def test_an_empty_username_is_refused() -> None:
    """An empty username raises an error before it costs a request."""
    with pytest.raises(UsageError):
        request_bodies.handle("@")


def test_fields_are_those_of_the_endpoint_each_once() -> None:
    """Repeated fields are sent once; the error about an unknown field has the known ones."""
    assert request_bodies.fields_of(COMMENT_LIST, ["id", "text", "id"]) == "id,text"
    with pytest.raises(UsageError, match=r"user_info has no field 'username'; it has display_name"):
        request_bodies.fields_of(USER_INFO, ["username"])
    with pytest.raises(UsageError, match="needs at least one field"):
        request_bodies.fields_of(FOLLOWERS, [])


@pytest.mark.parametrize(("cursor", "cap"), [(1000, 1000), (5, 5), (-1, 100), (0, 0)])
def test_no_page_is_requested_beyond_the_cap(cursor: int, cap: int) -> None:
    """A cursor at the cap has no next page."""
    with pytest.raises(UsageError):
        request_bodies.comments_of(7, cursor=cursor, cap=cap)


def test_long_lists_are_cut_into_hundreds() -> None:
    """250 values are three lists in their order."""
    parts = list(chunks(range(250)))
    assert ([100, 100, 50], tuple(range(200, 250))) == ([len(part) for part in parts], parts[2])
