"""Which conditions are legal, and the messages about the others."""

import pytest

from tt_pipeline.query import (
    FIELD_ALIASES,
    Condition,
    Query,
    field_named,
    legal_operations,
    value_problem,
    with_short_lists,
)
from tt_pipeline.vocabulary import REGION_CODES, ConditionField, Operation
from tt_pipeline_tests.studies.writing import condition

LEGAL = [
    ("create_date", "LT", "20261001"),
    ("username", "EQ", "climate.now_2"),
    ("region_code", "IN", "DE", "XK", "CA"),
    ("video_id", "IN", "7296688856609475842", "9223372036854775807"),
    ("hashtag_name", "IN", "climate", "気候", "🌍"),
    ("keyword", "EQ", "#climate strike, now"),
    ("music_id", "EQ", "1"),
    ("effect_id", "EQ", "0042"),
    ("video_length", "IN", "SHORT", "MID", "LONG", "EXTRA_LONG"),
    ("view_count", "GTE", "0"),
    ("comment_count", "IN", "1", "2"),
]


@pytest.mark.parametrize("parts", LEGAL, ids=lambda parts: parts[0])
def test_a_legal_condition_has_no_problems(parts: tuple[str, str, *tuple[str, ...]]) -> None:
    """Every field has a legal condition."""
    assert condition(*parts).problems() == ()


ILLEGAL = [
    (("hashtag_name", "GT", "a"), "GT does not fit hashtag_name; use EQ or IN."),
    (("username", "EQ", "a", "b"), "EQ takes exactly one value, but there are 2; use IN."),
    (("view_count", "LT", "1", "2"), "LT takes exactly one value, but there are 2; write one condition for each."),
    (("keyword", "IN"), "is empty; write at least one value."),
    (("keyword", "IN", " "), "is empty; a value that starts with # or @ needs quotes."),
    (("keyword", "IN", "heat\twave"), "'heat\\twave' contains a control character; retype it."),
    (("create_date", "EQ", "2026-10-01"), "'2026-10-01' is not a day; write YYYYMMDD, for example 20261001."),
    (("create_date", "EQ", "20260230"), "'20260230' is not a day; write YYYYMMDD, for example 20261001."),
    (("username", "EQ", "@nasa"), "'@nasa' is not a username; write the handle without @."),
    (("username", "EQ", "two words"), "'two words' is not a username; write the handle without @."),
    (("region_code", "EQ", "UK"), "'UK' is not a region code of the Research API; did you mean GB?"),
    (("region_code", "EQ", "EL"), "'EL' is not a region code of the Research API; did you mean GR?"),
    (("region_code", "EQ", "de"), "'de' is not a region code of the Research API; did you mean DE?"),
    (
        ("region_code", "EQ", "Germany"),
        "'Germany' is not a region code of the Research API; use two capital letters as in DE (ISO 3166).",
    ),
    (("video_id", "EQ", "0"), "'0' is not an id; write its digits, up to 19 of them."),
    (
        ("music_id", "EQ", "9223372036854775808"),
        "'9223372036854775808' is not an id; write its digits, up to 19 of them.",
    ),
    (("effect_id", "EQ", "7e18"), "'7e18' is not an id; write its digits, up to 19 of them."),
    (("hashtag_name", "EQ", "#climate"), "'#climate' contains a #; write hashtags without it."),
    (("hashtag_name", "EQ", "climate strike"), "'climate strike' contains a space; a hashtag is one word."),
    (("video_length", "EQ", "short"), "'short' is not a video length; use SHORT, MID, LONG or EXTRA_LONG."),
    (("view_count", "GT", "1,000"), "'1,000' is not a whole number; write digits only, for example 1000."),
    (("comment_count", "GT", "٣"), "'٣' is not a whole number; write digits only, for example 1000."),
]


@pytest.mark.parametrize(("parts", "problem"), ILLEGAL, ids=lambda value: "-".join(value[:2]) if len(value) < 4 else "")
def test_an_illegal_condition_says_what_to_write(parts: tuple[str, str, *tuple[str, ...]], problem: str) -> None:
    """One mistake is one problem, which has the value and the remedy."""
    assert condition(*parts).problems() == (problem,)


def test_order_is_for_days_and_counts_only() -> None:
    """Three fields take all six operations; the other eight take EQ and IN."""
    ordered = {field for field in ConditionField if legal_operations(field) == tuple(Operation)}

    assert ordered == {ConditionField.CREATE_DATE, ConditionField.VIEW_COUNT, ConditionField.COMMENT_COUNT}
    assert {legal_operations(field) for field in set(ConditionField) - ordered} == {(Operation.EQ, Operation.IN)}


def test_every_listed_region_is_legal() -> None:
    """All 245 codes of the API are legal, also Canada and Kosovo."""
    assert [code for code in REGION_CODES if value_problem(ConditionField.REGION_CODE, code)] == []


def test_aliases_are_understood_and_never_sent() -> None:
    """The names of a third-party sketch are replaced by the official ones; unknown names are not."""
    assert {name: field_named(name) for name in FIELD_ALIASES} == {
        "id": ConditionField.VIDEO_ID,
        "video_description": ConditionField.KEYWORD,
    }
    assert [field_named(field.value) for field in ConditionField] == list(ConditionField)
    assert field_named("description") is None


def test_a_body_leaves_empty_groups_out() -> None:
    """A group without conditions is not sent."""
    query = Query(none_of=(condition("region_code", "EQ", "DE"),))

    assert query.body() == {"not": [{"operation": "EQ", "field_name": "region_code", "field_values": ["DE"]}]}


def _in(count: int, field: ConditionField = ConditionField.USERNAME) -> Condition:
    return Condition(field=field, operation=Operation.IN, values=tuple(f"v{n}" for n in range(count)))


def test_a_long_list_is_sent_as_several_short_ones() -> None:
    """In `or` and `not`, and in `and` while `or` is free, no list sent is longer than 100; nothing is lost."""
    sent = with_short_lists(Query(all_of=(_in(250),), none_of=(_in(150, ConditionField.KEYWORD),)))

    assert [len(condition.values) for condition in sent.any_of] == [100, 100, 50]
    assert [len(condition.values) for condition in sent.none_of] == [100, 50]
    assert sent.all_of == ()
    assert [value for condition in sent.any_of for value in condition.values] == list(_in(250).values)


def test_a_list_that_no_single_query_could_split_stays() -> None:
    """A long `and` list next to an `or` group is sent whole."""
    query = Query(all_of=(_in(250),), any_of=(_in(2, ConditionField.KEYWORD),))

    assert with_short_lists(query) == query
