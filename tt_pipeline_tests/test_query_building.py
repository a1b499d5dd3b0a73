"""A query is built in Python, from words, and from the API's own JSON; all give the same values."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.query import Query, Values, query, without_values
from tt_pipeline.query_json import read_query
from tt_pipeline.query_words import query_of_words


def condition(field: str, operation: str, *values: str) -> dict[str, Any]:
    """A condition as it is sent."""
    return {"operation": operation, "field_name": field, "field_values": list(values)}


def test_a_query_is_chained() -> None:
    """One value is compared with EQ and a list with IN; each call adds to its group."""
    built = (
        query()
        .and_(region_code=["JP", "US"])
        .or_(hashtag_name="rstats")
        .or_(keyword="rstats")
        .not_(video_length="SHORT")
    )

    assert built.body() == {
        "and": [condition("region_code", "IN", "JP", "US")],
        "or": [condition("hashtag_name", "EQ", "rstats"), condition("keyword", "EQ", "rstats")],
        "not": [condition("video_length", "EQ", "SHORT")],
    }


def test_a_chain_does_not_change_its_beginning() -> None:
    """Two queries can be built on one."""
    german = query().and_(region_code="DE")
    german.or_(keyword="klima")

    assert german.any_of == ()


def test_numbers_days_and_links_become_text() -> None:
    """Counts and days are compared; accounts and videos may be links."""
    built = query().and_(
        view_count__gte=1000,
        create_date__lt=date(2026, 10, 2),
        username="https://www.tiktok.com/@tiktok",
        video_id=7302470379501604128,
    )

    assert built.body()["and"] == [
        condition("view_count", "GTE", "1000"),
        condition("create_date", "LT", "20261002"),
        condition("username", "EQ", "tiktok"),
        condition("video_id", "EQ", "7302470379501604128"),
    ]


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ({"hashtag": "x"}, "hashtag is not a condition of the Research API; .*Did you mean hashtag_name?"),
        ({"view_count__above": 1}, "view_count__above is not a condition"),
        ({"keyword__gt": "x"}, "keyword__gt: GT does not fit keyword; use EQ or IN."),
        ({"region_code": "UK"}, "did you mean GB?"),
        ({"keyword": []}, "keyword: is empty"),
    ],
)
def test_a_mistake_is_named_when_the_query_is_built(conditions: dict[str, Values], says: str) -> None:
    """The message has the name as it was written, and what to write instead."""
    with pytest.raises(UsageError, match=says.replace("?", r"\?")):
        query().and_(**conditions)


def test_one_word_is_sought_as_hashtag_and_keyword() -> None:
    """The query is the one that the R vignette prints for the same word."""
    assert query_of_words("#rstats").body() == {
        "or": [condition("hashtag_name", "IN", "rstats"), condition("keyword", "IN", "#rstats")]
    }


@pytest.mark.parametrize("text", ["climate strike", " climate  strike climate"])
def test_of_several_words_all_must_match(text: str) -> None:
    """Each is one keyword, because groups cannot be nested."""
    assert query_of_words(text).body() == {
        "and": [condition("keyword", "IN", "climate"), condition("keyword", "IN", "strike")]
    }


def test_words_in_quotes_are_one_keyword() -> None:
    """A hashtag has no spaces, so a phrase is sought as keyword alone."""
    assert query_of_words('"climate strike"').body() == {"and": [condition("keyword", "IN", "climate strike")]}


@pytest.mark.parametrize("text", ["", "  ", "\x07"])
def test_no_word_is_no_search(text: str) -> None:
    """The message repeats the text."""
    with pytest.raises(UsageError, match="cannot be searched for"):
        query_of_words(text)


@pytest.mark.parametrize("whole", [False, True])
def test_the_apis_own_json_is_read_from_a_file(tmp_path: Path, *, whole: bool) -> None:
    """Groups of conditions, or a whole request from which the query is taken."""
    groups = {
        "and": [condition("region_code", "IN", "JP")],
        "or": [],
        "not": [condition("video_length", "EQ", "SHORT")],
    }
    file = tmp_path / "q.json"
    file.write_text(json.dumps({"query": groups, "max_count": 10} if whole else groups))

    assert read_query(file) == Query(
        all_of=query().and_(region_code=["JP"]).all_of, none_of=query().not_(video_length="SHORT").none_of
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "it cannot be read as JSON"),
        ("[]", "write groups of conditions"),
        ('{"all": []}', "write groups of conditions"),
        ("{}", "it has no condition"),
        ('{"and": {}}', "it has no condition"),
        ('{"and": [1]}', r"and\[0\] needs field_name, operation and field_values"),
        (
            '{"and": [{"field_name": "x", "operation": "EQ", "field_values": ["a"]}]}',
            r"and\[0\].field_name: use create_date",
        ),
        (
            '{"or": [{"field_name": "keyword", "operation": "LIKE", "field_values": ["a"]}]}',
            r"or\[0\].operation: use EQ",
        ),
        ('{"or": [{"field_name": "keyword", "operation": "EQ", "field_values": []}]}', r"or\[0\]: is empty"),
    ],
)
def test_a_mistake_in_the_json_has_its_place(tmp_path: Path, text: str, says: str) -> None:
    """The file and the place in it are named."""
    file = tmp_path / "q.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=says) as error:
        read_query(file)
    assert f"--query {file}" in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Also a folder is no query."""
    with pytest.raises(UsageError, match="there is no such file"):
        read_query(tmp_path)


def test_a_query_can_leave_videos_out() -> None:
    """Their ids are in no list of which one must match; what is excluded stays; without another id nothing is left."""
    built = query().or_(video_id=[7302470379501604128, 7302470379501604129]).or_(video_id=7302470379501604130)
    excluded = built.not_(video_id=7302470379501604128)

    left = without_values(excluded, lambda _, value: value in {"7302470379501604128", "7302470379501604130"})

    assert left == query().or_(video_id=[7302470379501604129]).not_(video_id=7302470379501604128)
    assert without_values(built, lambda *_: True) is None
    assert without_values(query().and_(video_id=7302470379501604130), lambda *_: True) is None
    assert without_values(query().and_(keyword="x"), lambda field, _: field != "keyword") == query().and_(keyword="x")
    named = query().and_(username=["eva", "jo"]).and_(keyword="x")
    assert without_values(named, lambda _, value: value == "eva") == query().and_(username=["jo"]).and_(keyword="x")
