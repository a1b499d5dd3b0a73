"""Notices about a valid study."""

from datetime import date

import pytest

from tt_pipeline.studies import date_notices
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES, study_text, written


def query(*conditions: tuple[str, str, str], group: str = "and") -> str:
    """Conditions in the API's own JSON."""
    listed = ", ".join(f"{{field_name: {f}, operation: {o}, field_values: {v}}}" for f, o, v in conditions)
    return f"query: {{{group}: [{listed}]}}"


EVERYTHING = "no keyword, hashtag, username or id narrows it: it matches nearly every video, at 100 videos a request."

HINTS = [
    ("hashtags: ['#a', b, '#c']", ".hashtags: '#a' is read as a, and 1 more likewise."),
    ("usernames: '@nasa'", ".usernames: '@nasa' is read as nasa."),
    (
        "usernames: https://www.tiktok.com/@nasa",
        ".usernames: 'https://www.tiktok.com/@nasa' is read as nasa.",
    ),
    ("{keywords: heat, exclude: {regions: de}}", ".exclude.regions: 'de' is read as DE."),
    ("{keywords: heat, regions: [DE, CA]}", ": CA is a valid region code, but TikTok returns no videos from Canada."),
    ("{regions: DE, video_length: LONG}", f": {EVERYTHING}"),
    ("exclude: {keywords: heat}", f": {EVERYTHING}"),
    (query(("keyword", "IN", "[heat]"), ("region_code", "IN", "[DE]"), group="or"), f": {EVERYTHING}"),
    (
        query(("keyword", "EQ", "[heat]"), ("keyword", "EQ", "[wave]")),
        ": two keyword conditions must both match; for heat or wave write one condition with IN.",
    ),
    (
        query(("username", "EQ", "[nasa]"), ("username", "EQ", "[esa]")),
        ": no video has two values of username; for nasa or esa write one condition with IN.",
    ),
    ("{keywords: [heat, spam], exclude: {keywords: spam}}", ": 'spam' of keyword is both included and excluded."),
    (
        "keywords: ['#heat']",
        ": keyword '#heat' is searched in the description; to search hashtags, write it under hashtags.",
    ),
    (
        "keywords: ['klima, wetter', 'heat,']",
        ": keyword 'klima, wetter' is one phrase with its comma; for klima or wetter write a list.",
    ),
    (
        "keywords: ['climate AND protest', heat & wave]",
        (
            ": keyword 'climate AND protest' is matched as written: AND is no operator here. For both words write "
            "two keyword conditions under `and` of a `query`. (1 more of this kind.)"
        ),
    ),
    (
        "keywords: climate OR klima",
        (": keyword 'climate OR klima' is matched as written: OR is no operator here. For either word write a list."),
    ),
    *(
        (
            f"keywords: '{keyword}'",
            (
                f": keyword '{keyword}' is matched as written: {sign} is no operator here. Write what must not "
                "match under `exclude`."
            ),
        )
        for keyword, sign in {"climate NOT weather": "NOT", "climate -weather": "-"}.items()
    ),
    (
        "keywords: klima*",
        (": keyword 'klima*' is matched as written: * is no operator here. Write every form of the word into a list."),
    ),
    (
        "hashtags: klima*",
        (
            ": hashtag_name 'klima*' is matched as written: * is no operator here. Write every form of the word "
            "into a list."
        ),
    ),
    (
        """keywords: '"climate strike"'""",
        (
            """: keyword '"climate strike"' is matched as written: " is no operator here. Leave the quotation """
            "marks out."
        ),
    ),
    (
        "keywords: (climate strike)",
        ": keyword '(climate strike)' is matched as written: ( is no operator here. Groups need a `query`.",
    ),
    (
        "{hashtags: heat, exclude: {keywords: wave*}}",
        (": keyword 'wave*' is matched as written: * is no operator here. Write every form of the word into a list."),
    ),
    ("keywords: [ai, 热]", ": keyword 'ai' is so short that it matches nearly anything."),
    (
        "keywords: [heat, Heat wave, the heat]",
        ": keyword 'Heat wave' adds hardly any videos to those of 'heat' in the same list. (1 more of this kind.)",
    ),
    ("keywords: [und]", ": keyword 'und' is in nearly every text of its language; it is too broad."),
    (
        query(("hashtag_name", "EQ", "[a]"), ("hashtag_name", "EQ", "[b]"), group="or"),
        ": 2 conditions with EQ on hashtag_name are equivalent to one with IN: a or b.",
    ),
    ("hashtags: [Heat, heat]", ": 'Heat' and 'heat' of hashtag_name differ only in upper and lower case."),
    (query(("keyword", "IN", "[heat, heat]")), ": 'heat' of keyword is written twice."),
    (
        "{keywords: heat, min_views: 9, max_comments: 3}",
        ": comment_count and view_count in TikTok's archive can be 10 days old; later looks find more.",
    ),
]


@pytest.mark.parametrize(("search", "says"), HINTS, ids=[search for search, _ in HINTS])
def test_a_search_that_is_probably_a_mistake_gets_one_hint(search: str, says: str) -> None:
    """Each doubtful search has its own hint and no other."""
    assert written(study_text(search)).notices == (f"searches.climate{says}",)


RULES = [
    (
        "quota: {requests_per_day: 2000}",
        "quota.requests_per_day: TikTok allows an organisation 1,000 a day; it refuses requests before 2,000 are sent.",
    ),
    (
        "quota: {requests_per_second: 20}",
        "quota.requests_per_second: TikTok allows 10; some of 20 are refused and sent again.",
    ),
    (
        "comments: {after_days: 1}",
        "comments.after_days: 1 is before the first look at 3 days; comments wait until their videos are found.",
    ),
    ("comments: false\nlooks: [20]", None),
    (
        "looks: [2, 12]",
        "looks: 2 is early, because TikTok shows videos up to 48 hours late; only a later look finds the rest.",
    ),
    (
        "looks: 1",
        "looks: 1 is early, because TikTok shows videos up to 48 hours late; no later look will find the rest.",
    ),
]


@pytest.mark.parametrize(("rules", "says"), RULES, ids=[rules for rules, _ in RULES])
def test_rules_that_cannot_work_get_a_hint(rules: str, says: str | None) -> None:
    """Limits beyond TikTok's are legal, for the simulator, and get a notice."""
    assert written(f"{HEAD}{SEARCHES}{rules}\n").notices == ((says,) if says else ())


@pytest.mark.parametrize("keyword", ["Rock and Roll", "ORF", "NOTRE-DAME", "AT&T", "SAND ORDER", "C-19"])
def test_a_word_that_only_contains_an_operator_gets_no_hint(keyword: str) -> None:
    """Small letters and parts of words are no operators anywhere."""
    assert written(study_text(f"keywords: {keyword}")).notices == ()


def test_a_study_that_has_not_begun_gets_a_notice() -> None:
    """The year of `start` is easily mistyped, and then nothing would ever be due."""
    study = written(f"{HEAD}searches:\n  a: {{hashtags: x}}\n  b: {{hashtags: y, from: 2026-12-01}}\n")
    later = (
        "searches.b.from: 2026-12-01 is in the future (today is {} UTC); its first videos are collected on 2026-12-04."
    )

    assert list(date_notices(study, date(2026, 9, 30))) == [
        "start: 2026-10-01 is in the future (today is 2026-09-30 UTC); its first videos are collected on 2026-10-04.",
        later.format("2026-09-30"),
    ]
    assert list(date_notices(study, date(2026, 10, 1))) == [later.format("2026-10-01")]
    assert list(date_notices(study, date(2026, 12, 1))) == []


def test_a_query_under_two_names_gets_a_notice() -> None:
    """Order and repetition do not hide that the queries are equal."""
    study = written(f"{HEAD}searches:\n  a: {{hashtags: [x, y]}}\n  b: {{hashtags: [y, x, y]}}\n  c: {{hashtags: z}}\n")

    assert study.notices == (
        (
            "searches.b: is the same query as searches.a; it is sent once, and its videos are stored under one of "
            "the names."
        ),
    )
