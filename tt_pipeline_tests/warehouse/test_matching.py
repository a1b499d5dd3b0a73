"""Whether a row fits its query is decided by the row's own fields, in three values."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.query import legal_operations
from tt_pipeline.vocabulary import ConditionField, Operation
from tt_pipeline.warehouse.shape.matching import FIELDS, matches
from tt_pipeline_tests.warehouse.builders import land, later, load, page, rows, video

Fields = dict[str, Any]

SCHEMA: Mapping[str, pl.DataType] = {
    "query": pl.String(),
    "video_id": pl.Int64(),
    "created_date": pl.Date(),
    "username": pl.String(),
    "region_code": pl.String(),
    "video_description": pl.String(),
    "voice_to_text": pl.String(),
    "hashtag_names": pl.List(pl.String()),
    "hashtag_info_list": pl.List(pl.Struct({"hashtag_id": pl.Int64(), "hashtag_name": pl.String()})),
    "sticker_info_list": pl.List(pl.Struct({"sticker_id": pl.Int64(), "sticker_name": pl.String()})),
    "effect_ids": pl.List(pl.Int64()),
    "effect_info_list": pl.List(pl.Struct({"effect_id": pl.Int64(), "effect_name": pl.String()})),
    "music_id": pl.Int64(),
    "video_duration": pl.Int64(),
    "view_count": pl.Int64(),
    "comment_count": pl.Int64(),
}
ROW: Fields = {
    "video_id": 2**62,
    "created_date": date(2026, 10, 2),
    "username": "wald.lena",
    "region_code": "DE",
    "video_description": "Nisthilfe für \uff37\uff29\uff2c\uff24Bienen im Schulgarten #Garten",  # WILD in wide letters
    "voice_to_text": "heute bauen wir ein Hotel",
    "hashtag_names": ["WildBees", "schön"],
    "hashtag_info_list": [{"hashtag_id": 7, "hashtag_name": "Straße"}],
    "sticker_info_list": [{"sticker_id": 0, "sticker_name": "Tag der Biene"}],
    "effect_ids": [31, 32],
    "effect_info_list": [{"effect_id": 33, "effect_name": "Glow"}],
    "music_id": 2**61,
    "video_duration": 31,
    "view_count": 100,
    "comment_count": 2,
}
SILENT: Fields = {}
UNLISTED = ROW | {"hashtag_names": None, "hashtag_info_list": None, "effect_ids": None, "effect_info_list": None}
WORDLESS = ROW | {"video_description": "", "voice_to_text": None, "sticker_info_list": None}


def condition(field: str, *values: str, operation: str = "IN") -> Fields:
    """A condition as it is sent to the API."""
    return {"field_name": field, "operation": operation, "field_values": list(values)}


def judged(query: object, row: Fields) -> bool | None:
    """The matcher's verdict on one row."""
    text = query if isinstance(query, str | None) else json.dumps(query)
    frame = pl.DataFrame([row | {"query": text}], schema=SCHEMA)
    answer: bool | None = frame.select(fits=matches(pl.col("query")))["fits"][0]
    return answer


def alone(field: str, *values: str, operation: str = "IN", row: Fields = ROW) -> bool | None:
    """The matcher's verdict on one condition."""
    return judged({"and": [condition(field, *values, operation=operation)]}, row)


@pytest.mark.parametrize("operation", ["EQ", "IN"])
@pytest.mark.parametrize(
    ("field", "fitting", "other"),
    [
        ("create_date", "20261002", "20261003"),
        ("username", "Wald.Lena", "wald.len"),
        ("region_code", "DE", "FR"),
        ("video_id", str(2**62), str(2**62 + 1)),
        ("hashtag_name", "wildbees", "wildbee"),
        ("hashtag_name", "SCHÖN", "schon"),
        ("hashtag_name", "straße", "gasse"),
        ("hashtag_name", "garten", "gart"),
        ("keyword", "wildbienen", "wildbiene im wald"),
        ("keyword", "schulgarten nisthilfe", "schulgarten hummel"),
        ("keyword", "#garten", "#schulgarten"),
        ("music_id", str(2**61), str(2**61 + 1)),
        ("effect_id", "32", "34"),
        ("effect_id", "33", "34"),
        ("video_length", "MID", "SHORT"),
        ("view_count", "100", "99"),
        ("comment_count", "2", "3"),
    ],
)
def test_equality_of_each_field(field: str, operation: str, fitting: str, other: str) -> None:
    """A value that the row has fits, another value does not, and a row without the field is not judged."""
    answers = [alone(field, value, operation=operation) for value in (fitting, other)]
    assert [*answers, alone(field, fitting, operation=operation, row=SILENT)] == [True, False, None]


@pytest.mark.parametrize(
    ("field", "below", "own", "above"),
    [
        ("create_date", "20261001", "20261002", "20261003"),
        ("view_count", "99", "100", "101"),
        ("comment_count", "1", "2", "10"),
    ],
)
def test_order_of_each_field(field: str, below: str, own: str, above: str) -> None:
    """Numbers and days are compared as numbers and days; a missing value is neither more nor less."""
    answers = {
        operation: [alone(field, value, operation=operation) for value in (below, own, above)]
        for operation in ("GT", "GTE", "LT", "LTE")
    }
    assert answers == {
        "GT": [True, False, False],
        "GTE": [True, True, False],
        "LT": [False, False, True],
        "LTE": [False, True, True],
    }
    assert alone(field, own, operation="GTE", row=SILENT) is None


@pytest.mark.parametrize("field", ConditionField)
def test_every_legal_condition_is_judged(field: ConditionField) -> None:
    """The matcher judges every field and operation of the query language."""
    value = {"create_date": "20261002", "video_length": "MID"}.get(field, "7")
    answers = [alone(field, value, operation=operation) for operation in legal_operations(field)]
    assert None not in answers


@pytest.mark.parametrize(
    ("duration", "lengths", "expected"),
    [
        (14, ["SHORT"], True),
        (15, ["SHORT"], False),
        (15, ["MID"], True),
        (60, ["MID"], None),
        (60, ["LONG", "SHORT"], None),
        (60, ["MID", "LONG"], True),
        (60, ["EXTRA_LONG"], False),
        (61, ["LONG"], True),
        (300, ["LONG"], True),
        (301, ["LONG"], False),
        (301, ["EXTRA_LONG"], True),
    ],
)
def test_edges_of_lengths(duration: int, lengths: list[str], expected: bool | None) -> None:  # noqa: FBT001 — the answer
    """The documentation puts a minute into two lengths: such a video fits neither for certain, and both together."""
    assert alone("video_length", *lengths, row=ROW | {"video_duration": duration}) is expected


def test_hashtags_are_looked_for_in_the_description_too() -> None:
    """Without a list of names the description decides; the beginning of a name does not match the name."""
    answers = [alone("hashtag_name", name, row=UNLISTED) for name in ("garten", "gart", "wildbees")]
    assert answers == [True, False, False]


def test_effects_that_are_not_listed_are_not_known() -> None:
    """The API leaves the list out for most videos, so a missing list gives no verdict."""
    assert alone("effect_id", "31", row=UNLISTED) is None


@pytest.mark.parametrize(
    ("row", "value", "expected"),
    [
        (ROW, "hotel", None),
        (ROW, "biene tag", None),
        (ROW, "wespe", False),
        (WORDLESS, "wespe", None),
        (ROW | {"voice_to_text": None, "sticker_info_list": None}, "wespe", False),
    ],
)
def test_a_keyword_that_may_be_elsewhere_is_not_judged(row: Fields, value: str, expected: object) -> None:
    """The API may have matched a transcript, a sticker or a description that was not returned."""
    assert alone("keyword", value, row=row) is expected


@pytest.mark.parametrize(
    "query",
    [
        None,
        "[]",
        "{}",
        '{"and": "all"}',
        {"and": [condition("region_code", "DE")], "xor": [condition("region_code", "FR")]},
        {"and": ["region_code"]},
        {"and": [condition("colour", "red")]},
        {"and": [condition("region_code", "DE", operation="LIKE")]},
        {"and": [condition("region_code", "DE", operation="GT")]},
        {"and": [condition("view_count", "1", "2", operation="GT")]},
        {"and": [condition("view_count", "many", operation="GT")]},
        {"and": [condition("video_id", str(2**63))]},
        {"and": [condition("create_date", "2026-13-40")]},
        {"and": [condition("keyword", " ")]},
        {"and": [condition("keyword")]},
    ],
)
def test_a_query_with_unknown_words_is_not_judged(query: object) -> None:
    """A new field, operation or group gives no verdict and does not break a load."""
    assert judged(query, ROW) is None


def test_one_certain_condition_decides_a_group() -> None:
    """One condition that fails decides an `and`, one that fits decides an `or`, whatever the other conditions are."""
    unknown, yes, no = condition("colour", "red"), condition("region_code", "DE"), condition("region_code", "FR")
    queries = [{"and": [unknown, no]}, {"or": [unknown, yes]}, {"not": [unknown, yes]}, {"and": [yes], "not": [no]}]
    assert [judged(query, ROW) for query in queries] == [False, True, False, True]


KLEENE = {"T": condition("region_code", "DE"), "F": condition("region_code", "FR"), "?": condition("colour", "red")}
GROUPS = st.lists(st.sampled_from("TF?"), max_size=4)


def _and(values: list[float]) -> float:
    return min(values, default=1)


@given(every=GROUPS, some=GROUPS, none=GROUPS)
def test_groups_join_as_in_three_valued_logic(every: list[str], some: list[str], none: list[str]) -> None:
    """With false 0, unknown ½ and true 1: `and` is the minimum, `or` the maximum, `not` is 1 minus the value."""
    worth = {"F": 0, "?": 0.5, "T": 1}
    expected = _and(
        [
            _and([worth[name] for name in every]),
            max([worth[name] for name in some], default=1),
            _and([1 - worth[name] for name in none]),
        ]
    )
    query = {"and": every, "or": some, "not": none}
    sent = {group: [KLEENE[name] for name in names] for group, names in query.items()}
    if not any(query.values()):
        expected = 0.5
    assert judged(sent, ROW) is {0: False, 0.5: None, 1: True}[expected]


@given(operation=st.sampled_from(["GT", "GTE", "LT", "LTE"]), limit=st.integers(0, 200), views=st.integers(0, 200))
def test_an_order_and_its_opposite_part_the_rows(operation: str, limit: int, views: int) -> None:
    """A row fits a comparison exactly if it does not fit the opposite one."""
    opposite = {"GT": "LTE", "GTE": "LT", "LT": "GTE", "LTE": "GT"}[operation]
    row = ROW | {"view_count": str(views)}
    first, second = (alone("view_count", str(limit), operation=name, row=row) for name in (operation, opposite))
    assert (first is True) == (second is False)


def test_a_row_is_judged_by_the_query_of_its_page(landing: Path, writer_file: Path) -> None:
    """Pages of two queries in one load are judged separately, and the first observation decides."""
    german = {"query": {"and": [condition("region_code", "DE")]}}
    french = {"query": {"and": [condition("region_code", "FR")]}}
    pages = [
        page(video(1), video(2, region_code="FR"), request=german),
        page(video(1), video(2, region_code="FR"), search="french", fingerprint="e" * 64, request=french),
        page(video(1, region_code="FR"), request=german, fetched_at=later(seconds=9)),
    ]
    load(writer_file, [land(landing, pages)])
    found = rows(writer_file, "select search, matches from core.search_hits order by search, video_id")
    assert [tuple(row.values()) for row in found] == [
        ("climate", True),
        ("climate", False),
        ("french", False),
        ("french", True),
    ]


def test_the_fields_are_those_that_are_read() -> None:
    """The matcher reads no other field of a record than the ones it lists."""
    assert {"query", *FIELDS} == set(SCHEMA)
    assert {operation for field in ConditionField for operation in legal_operations(field)} == set(Operation)
