"""The rules of a study as complete English sentences."""

from tt_pipeline.studies import routine
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES, written


def sentences(rules: str = "") -> list[str]:
    """The sentences of a study with these rules."""
    return list(routine(written(f"{HEAD}{SEARCHES}{rules}")))


DEFAULTS = [
    "Each day is looked at when it is 3 and 12 days old.",
    (
        "Comments are collected once, when a video is 12 days old: of videos with at least 1 comment; "
        "at most 1,000 a video."
    ),
    (
        "Profiles of creators are collected when a video names them for the first time, and again after 30 days "
        "(90 days when not found or refused)."
    ),
    (
        "At most 1,000 requests a day are sent, 5 a second; above 50 requests, collected days are requested again "
        "only after a yes. Nothing is sent to TikTok before the study says "
        "`quota: {confirmed: true}`."
    ),
]


def test_defaults_have_sentences() -> None:
    """A study without rules has the defaults, and each has its sentence."""
    assert sentences() == DEFAULTS


RULES = """\
looks: 20
comments: {after_days: 1, min_comments: 0, max_per_video: 200, replies: true, sample: {per_stratum: 20, seed: 7}}
users: {every_days: 7, mentioned: true, refused_days: 1}
accounts: {usernames: [nasa, esa], top_creators: {search: climate, most: 50}, lists: [followers, pinned], every_days: 1}
quota: {requests_per_day: 600, confirmed: true, confirm_above: 20, reserve_for_daily: 100, requests_per_second: 2.5}
"""


def test_every_rule_has_a_sentence() -> None:
    """Each key of a study's rules changes a sentence."""
    assert sentences(RULES) == [
        "Each day is looked at once when it is 20 days old.",
        (
            "Comments are collected once, when a video is 1 day old: of all videos, of which at most 20 videos of each "
            "search, day and size class are drawn (seed 7); at most 200 a video. "
            "Missing replies are requested by comment."
        ),
        (
            "Profiles of creators and of accounts that their videos mention are collected when a video names them for "
            "the first time, and again after 7 days (1 day when not found or refused)."
        ),
        (
            "The lists followers and pinned of 2 accounts (nasa and esa) and of the 50 accounts whose videos climate "
            "found most often are observed every day; at most 5,000 records a list."
        ),
        (
            "At most 600 requests a day are sent, 2.5 a second; above 20 requests, collected days are requested again "
            "only after a yes; backfills leave 100 of them for the daily run."
        ),
    ]


def test_what_is_not_collected_has_a_sentence() -> None:
    """A study without comments and creators states that they are not collected."""
    assert sentences("comments: false\nusers: false\naccounts: {usernames: nasa, lists: liked}\n")[1:4] == [
        "No comments are collected.",
        "No profiles of creators are collected.",
        "The list liked of 1 account (nasa) is observed every 7 days; at most 5,000 records a list.",
    ]
