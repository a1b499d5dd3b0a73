"""A query as an English sentence: it shows every field, operation and group."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tt_pipeline.query import Condition, Query, legal_operations
from tt_pipeline.studies import sentence
from tt_pipeline.vocabulary import ConditionField
from tt_pipeline_tests.studies.writing import condition

PHRASES = [
    (("create_date", "EQ", "20261001"), "were posted on 2026-10-01"),
    (("create_date", "IN", "20261001", "20261003"), "were posted on 2026-10-01 or 2026-10-03"),
    (("create_date", "GT", "20261001"), "were posted after 2026-10-01"),
    (("create_date", "GTE", "20261001"), "were posted on or after 2026-10-01"),
    (("create_date", "LT", "20261001"), "were posted before 2026-10-01"),
    (("create_date", "LTE", "20261001"), "were posted on or before 2026-10-01"),
    (("username", "IN", "nasa", "esa", "dlr"), "are by nasa, esa or dlr"),
    (("region_code", "EQ", "DE"), "are from DE"),
    (("video_id", "EQ", "7296688856609475842"), "have id 7296688856609475842"),
    (("hashtag_name", "IN", "climate", "heat"), "have hashtag climate or heat"),
    (("keyword", "IN", "climate strike", "heat", "a,b"), 'have "climate strike", heat or "a,b" in their text'),
    (("music_id", "EQ", "42"), "use music 42"),
    (("effect_id", "IN", "1", "2"), "use effect 1 or 2"),
    (
        ("video_length", "IN", "SHORT", "MID", "LONG", "EXTRA_LONG"),
        "last under 15 seconds, 15 to 60 seconds, 1 to 5 minutes or over 5 minutes",
    ),
    (("view_count", "EQ", "1000"), "have exactly 1,000 views"),
    (("view_count", "EQ", "1"), "have exactly 1 view"),
    (("view_count", "IN", "1", "2000"), "have exactly 1 or 2,000 views"),
    (("view_count", "GT", "1000"), "have more than 1,000 views"),
    (("view_count", "GTE", "1000"), "have at least 1,000 views"),
    (("comment_count", "LT", "1000"), "have fewer than 1,000 comments"),
    (("comment_count", "LTE", "1000"), "have at most 1,000 comments"),
]


@pytest.mark.parametrize(("parts", "phrase"), PHRASES, ids=[" ".join(parts[:2]) for parts, _ in PHRASES])
def test_a_condition_has_its_phrase(parts: tuple[str, str, *tuple[str, ...]], phrase: str) -> None:
    """A single condition describes the videos, in any group."""
    alone = condition(*parts)

    assert sentence(Query(all_of=(alone,))) == sentence(Query(any_of=(alone,))) == f"videos that {phrase}"
    assert sentence(Query(none_of=(alone,))) == f"all videos, excluding those that {phrase}"


def test_groups_join_to_one_sentence() -> None:
    """The sentence has any of the or-list, all of the and-list, and none of the not-list."""
    query = Query(
        any_of=(condition("keyword", "IN", "climate strike"), condition("hashtag_name", "IN", "climate", "heat")),
        all_of=(condition("region_code", "IN", "DE"), condition("view_count", "GTE", "1000")),
        none_of=(condition("username", "IN", "shop"), condition("keyword", "EQ", "ad")),
    )

    assert sentence(query) == (
        'videos that either have "climate strike" in their text or have hashtag climate or heat, and are from DE '
        "and have at least 1,000 views, excluding those that are by shop or have ad in their text"
    )


def test_words_in_text_and_tags_are_one_phrase() -> None:
    """Keywords and hashtags of the same words are one phrase, in any order."""
    query = Query(
        any_of=(condition("keyword", "IN", "climate", "heat"), condition("hashtag_name", "IN", "heat", "climate")),
        all_of=(condition("region_code", "IN", "DE"),),
    )

    assert sentence(query) == "videos that have climate or heat in their text or hashtags and are from DE"


def test_a_long_list_is_counted() -> None:
    """Eight values are all named; of 1,200 the first seven and the number of the others."""
    names = [f"u{number}" for number in range(1200)]

    assert sentence(Query(all_of=(condition("username", "IN", *names[:8]),))).endswith(" u6 or u7")
    assert sentence(Query(all_of=(condition("username", "IN", *names),))) == (
        "videos that are by u0, u1, u2, u3, u4, u5, u6 or 1,193 more"
    )


VALUES = {
    ConditionField.CREATE_DATE: "20261001",
    ConditionField.VIDEO_LENGTH: "MID",
    ConditionField.VIEW_COUNT: "7",
    ConditionField.COMMENT_COUNT: "7",
}
LEGAL = st.sampled_from(ConditionField).flatmap(
    lambda field: st.sampled_from(legal_operations(field)).map(
        lambda operation: Condition(field=field, operation=operation, values=(VALUES.get(field, "x"),))
    )
)
GROUPS = st.lists(LEGAL, max_size=4).map(tuple)


@settings(deadline=None)
@given(st.builds(Query, all_of=GROUPS, any_of=GROUPS, none_of=GROUPS))
def test_every_legal_query_has_a_sentence(query: Query) -> None:
    """The sentence has each group and never fails."""
    text = sentence(query)

    assert text.startswith("videos that " if query.all_of or query.any_of else "all videos")
    assert (", excluding those that " in text) == bool(query.none_of)
