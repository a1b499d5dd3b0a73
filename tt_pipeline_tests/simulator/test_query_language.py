"""The query language: which videos match, and which queries are refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tt_pipeline.simulator import Knobs
from tt_pipeline.simulator.video_model import Video
from tt_pipeline_tests.simulator.builders import (
    OPEN,
    ApiSession,
    condition,
    error_of,
    session,
    small_world,
    wide_body,
)

Rule = Callable[[dict[str, Any]], bool]

FULL = Knobs(
    rate_per_minute=0,
    hidden_rate=0,
    hidden_run=0,
    missing_key_rates={},
    null_byte_rate=0,
    index_lag_h=0,
)


def sample() -> Video:
    return small_world().videos(small_world().last_day)[0]


def day_of(video: dict[str, Any]) -> str:
    return f"{datetime.fromtimestamp(video['create_time'], UTC):%Y%m%d}"


CASES: list[tuple[dict[str, Any], Rule]] = [
    (condition("create_date", "20261110", operation="EQ"), lambda v: day_of(v) == "20261110"),
    (condition("create_date", "20261115", operation="GTE"), lambda v: day_of(v) >= "20261115"),
    (condition("username", sample().creator.username.upper()), lambda v: v["username"] == sample().creator.username),
    (condition("region_code", "DE", "AT"), lambda v: v["region_code"] in {"DE", "AT"}),
    (condition("video_id", str(sample().id), operation="EQ"), lambda v: v["id"] == sample().id),
    (
        condition("hashtag_name", "CLIMATE", "klima"),
        lambda v: bool({"climate", "klima"} & {tag.casefold() for tag in v.get("hashtag_names", [])}),
    ),
    (
        condition("keyword", "climate STRIKE"),
        lambda v: all(word in v["video_description"].casefold() for word in ("climate", "strike")),
    ),
    (condition("keyword", "気候"), lambda v: "気候" in v["video_description"]),
    (condition("music_id", str(sample().music_id)), lambda v: v["music_id"] == sample().music_id),
    (condition("effect_id", "10000977"), lambda v: "10000977" in v["effect_ids"]),
    (condition("video_length", "SHORT"), lambda v: v["video_duration"] < 15),
    (condition("video_length", "MID", "LONG"), lambda v: 15 <= v["video_duration"] <= 300),
    (condition("view_count", "1000", operation="GT"), lambda v: v["view_count"] > 1_000),
    (condition("view_count", "1000", operation="LTE"), lambda v: v["view_count"] <= 1_000),
    (condition("comment_count", "0", operation="EQ"), lambda v: v["comment_count"] == 0),
    (condition("comment_count", "3", operation="LT"), lambda v: v["comment_count"] < 3),
]  # fmt: skip


@pytest.fixture(scope="module")
def shared() -> tuple[ApiSession, list[dict[str, Any]]]:
    at = session(FULL)
    return at, at.videos(wide_body())


@pytest.mark.parametrize(
    ("case", "rule"), CASES, ids=lambda value: value.get("field_name") if isinstance(value, dict) else ""
)
def test_every_field_matches_its_value(
    shared: tuple[ApiSession, list[dict[str, Any]]], case: dict[str, Any], rule: Rule
) -> None:
    """A condition returns exactly the videos whose record fits it."""
    at, everything = shared
    expected = [video["id"] for video in everything if rule(video)]
    assert [video["id"] for video in at.videos(wide_body({"and": [case]}), "id")] == expected
    assert expected


def test_groups_combine_by_and(shared: tuple[ApiSession, list[dict[str, Any]]]) -> None:
    """A video must fit every `and`, at least one `or`, and no `not`."""
    at, everything = shared
    query = {
        "and": [condition("region_code", "DE", "US"), condition("view_count", "50", operation="GTE")],
        "or": [condition("hashtag_name", "climate"), condition("hashtag_name", "football")],
        "not": [condition("video_length", "SHORT"), condition("video_length", "LONG")],
    }
    expected = [
        video["id"]
        for video in everything
        if video["region_code"] in {"DE", "US"}
        and video["view_count"] >= 50
        and {"climate", "football"} & {tag.casefold() for tag in video.get("hashtag_names", [])}
        and 15 <= video["video_duration"] <= 60
    ]
    assert [video["id"] for video in at.videos(wide_body(query), "id")] == expected
    assert expected


def test_a_hashtag_written_with_its_sign_matches_nothing() -> None:
    """Names are written without #."""
    assert session().videos(wide_body({"and": [condition("hashtag_name", "#climate")]})) == []


def test_canada_is_legal_and_empty() -> None:
    """CA is a legal code, and no video of it is ever returned."""
    at = session()
    assert [video for video in at.videos(wide_body()) if video["region_code"] == "CA"] == []
    assert at.videos(wide_body({"and": [condition("region_code", "CA")]})) == []


def test_the_username_filter_may_leak() -> None:
    """With username_filter_leak_rate videos of other accounts are returned too."""
    query = {"and": [condition("username", sample().creator.username)]}
    knobs = Knobs(rate_per_minute=0, username_filter_leak_rate=0.1)
    assert {video["username"] for video in session(OPEN).videos(wide_body(query))} == {sample().creator.username}
    assert len({video["username"] for video in session(knobs).videos(wide_body(query))}) > 5


def test_keywords_may_be_fuzzy() -> None:
    """With keyword_fuzz similar words match too."""
    query = {"and": [condition("keyword", "footballxy")]}
    assert session(OPEN).videos(wide_body(query)) == []
    assert session(Knobs(rate_per_minute=0, keyword_fuzz=True)).videos(wide_body(query))


EQ_TWO = "Operation EQ takes exactly one value"
NO_CONDITION = "Query must hold at least one condition in and, or, not"
NO_TEXT = {"field_name": "keyword", "operation": "IN", "field_values": [1]}
REFUSALS: list[tuple[object, str]] = [
    (None, "Query is required"),
    ([], "Query is required"),
    ({}, NO_CONDITION),
    ({"and": [], "or": [], "not": []}, NO_CONDITION),
    ({"xor": [condition("region_code", "DE")]}, NO_CONDITION),
    ({"and": {}}, "Query group and must be a list"),
    ({"and": ["x"]}, "A condition must be an object"),
    ({"and": [condition("region_code", "DE", "AT", operation="EQ")]}, EQ_TWO),
    ({"and": [condition("view_count", "1", "2", operation="GT")]}, "Operation GT takes exactly one value"),
    ({"and": [condition("region_code", "UK")]}, "Field values of region_code are invalid: UK"),
    ({"and": [condition("region_code")]}, "Field values of region_code must be a list of strings"),
    ({"and": [condition("view_count", "many")]}, "Field values of view_count are invalid: many"),
    ({"and": [condition("video_length", "TINY")]}, "Field values of video_length are invalid: TINY"),
    ({"and": [condition("create_date", "2026-11-01")]}, "Field values of create_date are invalid: 2026-11-01"),
    ({"and": [condition("region_code", "DE", operation="LIKE")]}, "Operation is invalid: LIKE"),
    ({"and": [condition("id", "1")]}, "Field name is invalid: id"),
    ({"and": [condition("video_description", "x")]}, "Field name is invalid: video_description"),
    ({"and": [NO_TEXT]}, "Field values of keyword must be a list of strings"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "message"), REFUSALS)
def test_an_illegal_query_is_refused(query: object, message: str) -> None:
    """Each illegal query gets its 400."""
    assert error_of(session().query(wide_body() | {"query": query})) == (400, "invalid_params", message)


def test_the_sketchs_names_are_accepted_with_a_knob() -> None:
    """With accept_openapi_names `id` and `video_description` are fields."""
    at = session(Knobs(accept_openapi_names=True))
    assert at.query(wide_body({"and": [condition("id", str(sample().id))]})).status_code == 200


def test_order_on_text_is_accepted_unless_strict() -> None:
    """With lenient_ops texts are compared by their letters; strict servers refuse."""
    query = {"and": [condition("region_code", "DE", operation="LT")]}
    regions = {video["region_code"] for video in session().videos(wide_body(query))}
    assert regions
    assert max(regions) < "DE"
    refused = session(Knobs(lenient_ops=False)).query(wide_body(query))
    assert error_of(refused) == (400, "invalid_params", "Operation LT is invalid for region_code")


def test_limits_on_lists_can_be_set() -> None:
    """Queries beyond max_conditions or max_values_per_condition are refused."""
    many = {"and": [condition("region_code", "DE", "AT", "CH")] * 3}
    assert error_of(session(Knobs(max_conditions=2)).query(wide_body(many)))[0] == 400
    assert error_of(session(Knobs(max_values_per_condition=2)).query(wide_body(many)))[0] == 400
