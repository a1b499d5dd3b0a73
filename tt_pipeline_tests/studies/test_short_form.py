"""The query of each key of the short form, exactly."""

from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.query import Query
from tt_pipeline.studies import CommentRules, CommentSample, QuotaRules, Search, Study, UserRules
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES, condition, study_text, written

KEYS = [
    ("keywords: [climate strike, heat]", "or", ("keyword", "IN", "climate strike", "heat")),
    ("hashtags: [climate, '#heat']", "or", ("hashtag_name", "IN", "climate", "heat")),
    ("usernames: [nasa, '@esa']", "and", ("username", "IN", "nasa", "esa")),
    ("regions: [DE, NO]", "and", ("region_code", "IN", "DE", "NO")),
    ("music_ids: [7296688856609475842]", "and", ("music_id", "IN", "7296688856609475842")),
    ("effect_ids: ['0042', 7]", "and", ("effect_id", "IN", "0042", "7")),
    ("video_length: [SHORT, mid]", "and", ("video_length", "IN", "SHORT", "MID")),
    ("min_views: 1000", "and", ("view_count", "GTE", "1000")),
    ("max_views: 0", "and", ("view_count", "LTE", "0")),
    ("min_comments: 5", "and", ("comment_count", "GTE", "5")),
    ("max_comments: 50", "and", ("comment_count", "LTE", "50")),
]


@pytest.mark.parametrize(("line", "group", "expected"), KEYS, ids=lambda value: str(value).split(":", maxsplit=1)[0])
def test_a_key_is_one_condition(line: str, group: str, expected: tuple[str, str, *tuple[str, ...]]) -> None:
    """A single key is one condition in its group."""
    query = written(study_text(line)).searches[0].query

    assert query.body() == {group: [condition(*expected).body()]}


@pytest.mark.parametrize(("line", "_group", "expected"), KEYS, ids=lambda value: str(value).split(":", maxsplit=1)[0])
def test_an_excluded_key_goes_to_not(line: str, _group: str, expected: tuple[str, str, *tuple[str, ...]]) -> None:
    """Below `exclude` the same keys are conditions of `not`."""
    query = written(study_text(f"exclude:\n  {line}")).searches[0].query

    assert query.body() == {"not": [condition(*expected).body()]}


def test_keywords_or_hashtags_and_everything_else() -> None:
    """Keywords and hashtags share one or-list; each other key must match too."""
    study = written(
        study_text("""
            regions: [DE, FR]
            hashtags: climate
            keywords: ["climate strike"]
            min_views: 10
            exclude: {usernames: shop, keywords: [ad, sale]}
        """)
    )

    assert study.searches[0].query == Query(
        all_of=(condition("region_code", "IN", "DE", "FR"), condition("view_count", "GTE", "10")),
        any_of=(condition("keyword", "IN", "climate strike"), condition("hashtag_name", "IN", "climate")),
        none_of=(condition("keyword", "IN", "ad", "sale"), condition("username", "IN", "shop")),
    )


@pytest.mark.parametrize("word", ["NO", "on", "007", "1e3", "1:30", "2026-10-01", "true", "1_000", "null and void"])
def test_a_word_stays_as_it_was_typed(word: str) -> None:
    """YAML does not turn a keyword into a number, a time or a boolean."""
    assert written(study_text(f"keywords: [{word}]")).searches[0].query.any_of[0].values == (word,)


def test_a_handle_is_understood_as_people_copy_it() -> None:
    """With @, as the URL of a profile or of a video, it is the handle."""
    study = written(
        study_text("""
            usernames:
              - "@Climate.Now"
              - https://www.tiktok.com/@nasa?lang=de
              - tiktok.com/@esa/
              - https://m.tiktok.com/@dlr/video/7296688856609475
        """)
    )

    assert study.searches[0].query.all_of[0].values == ("Climate.Now", "nasa", "esa", "dlr")


def test_a_value_written_twice_is_sent_once() -> None:
    """Repetition would make the request longer without any effect."""
    assert written(study_text("hashtags: [a, '#a', b]")).searches[0].query.any_of[0].values == ("a", "b")


def test_the_apis_own_json_is_taken_verbatim() -> None:
    """Groups, operations and order stay; names of the third-party sketch become the official ones."""
    study = written(
        study_text("""
            query: {
              "and": [{"operation": "GT", "field_name": "create_date", "field_values": ["20261003"]}],
              "or": [{"operation": "EQ", "field_name": "video_description", "field_values": ["news"]},
                     {"operation": "IN", "field_name": "id", "field_values": [7296688856609475842]}],
              "not": []
            }
        """)
    )

    assert study.searches[0].query == Query(
        all_of=(condition("create_date", "GT", "20261003"),),
        any_of=(condition("keyword", "EQ", "news"), condition("video_id", "IN", "7296688856609475842")),
    )


def test_the_smallest_study_has_the_defaults() -> None:
    """Comments and users are collected by default, and the quota is not confirmed."""
    query = Query(any_of=(condition("hashtag_name", "IN", "climate"),))
    first = date(2026, 10, 1)

    assert written(HEAD + SEARCHES) == Study(
        title="Test",
        file=Path("study.yaml"),
        first_day=first,
        last_day=None,
        searches=(
            Search(name="climate", query=query, first_day=first, last_day=None, fingerprint=query.fingerprint()),
        ),
        looks=(3, 12),
        comments=CommentRules(
            wanted=True, after_days=12, min_comments=1, max_per_video=1000, replies=False, sample=None
        ),
        users=UserRules(wanted=True, every_days=30, mentioned=False, refused_days=90),
        quota=QuotaRules(requests_per_day=1000, confirmed=False, reserve_for_daily=0, requests_per_second=5.0),
        accounts=None,
        notices=(),
    )


def test_the_earlier_name_of_every_days_is_read() -> None:
    """Studies of the version before keep their meaning."""
    assert written(HEAD + SEARCHES + "users: {refresh_days: 7}\n") == written(
        HEAD + SEARCHES + "users: {every_days: 7}\n"
    )


def test_every_rule_can_be_written() -> None:
    """Each value of the study replaces a default."""
    study = written(
        HEAD
        + SEARCHES
        + "end: 2026-12-31\nlooks: 5\ncomments: {after_days: 7, min_comments: 3, max_per_video: 200, replies: yes,"
        + " sample: {per_stratum: 20, seed: 4}}\nusers: {every_days: 90, mentioned: true, refused_days: 14}\n"
        + "quota: {requests_per_day: 400, confirmed: yes, reserve_for_daily: 50, requests_per_second: 2.5}\n"
    )

    assert (study.last_day, study.looks) == (date(2026, 12, 31), (5,))
    assert study.comments == CommentRules(
        wanted=True,
        after_days=7,
        min_comments=3,
        max_per_video=200,
        replies=True,
        sample=CommentSample(per_stratum=20, seed=4),
    )
    assert study.users == UserRules(wanted=True, every_days=90, mentioned=True, refused_days=14)
    assert study.quota == QuotaRules(
        requests_per_day=400, confirmed=True, reserve_for_daily=50, requests_per_second=2.5
    )


@pytest.mark.parametrize(("text", "wanted"), [("true", True), ("false", False), ("yes", True), ("no", False)])
def test_comments_and_users_are_switched_by_a_word(text: str, *, wanted: bool) -> None:
    """The words are true and false, yes and no."""
    study = written(f"{HEAD}{SEARCHES}comments: {text}\nusers: {text}\n")

    assert (study.comments, study.users) == (CommentRules(wanted=wanted), UserRules(wanted=wanted))


def test_a_search_has_its_own_days_within_the_studys() -> None:
    """By default a search has the days of the study; the days are not in its fingerprint."""
    study = written(
        "study: Test\nstart: '2026-10-01'\nend: 20261231\nsearches:\n"
        "  whole: {hashtags: a}\n  part: {hashtags: a, from: 2026-10-15, to: 2026-10-15}\n"
    )
    whole, part = study.searches

    assert (whole.first_day, whole.last_day) == (date(2026, 10, 1), date(2026, 12, 31))
    assert (part.first_day, part.last_day) == (date(2026, 10, 15), date(2026, 10, 15))
    assert whole.fingerprint == part.fingerprint


def test_lists_can_be_shared_by_an_anchor() -> None:
    """An anchor of YAML writes a list once for several searches."""
    study = written(
        f"{HEAD}searches:\n  a: {{keywords: a, regions: &eu [DE, FR]}}\n  b: {{keywords: b, regions: *eu}}\n"
    )

    assert study.searches[0].query.all_of == study.searches[1].query.all_of


def test_a_videos_link_is_read_as_its_id() -> None:
    """Links are read in the API's own JSON too, because people copy links."""
    link = "https://www.tiktok.com/@garten.lena/video/7296688856609475000?lang=de"
    (search,) = written(
        study_text(f"query: {{and: [{{field_name: video_id, operation: IN, field_values: ['{link}', '77']}}]}}")
    ).searches

    assert search.query.all_of[0].values == ("7296688856609475000", "77")
