"""What a study never requests."""

import pytest

from tt_pipeline.codebook.fields import omittable_fields
from tt_pipeline.studies import PrivacyRules, routine
from tt_pipeline_tests.studies.writing import HEAD, SEARCHES, study_text, written

NOTHING = (
    "privacy: {profiles: false, avatars: false, mentions: false, omit_fields: [voice_to_text, bio_url, bio_url]}\n"
)
UNSEEN = (
    "privacy.omit_fields: without hashtag_info_list and hashtag_names nobody sees whether a video has the hashtag_name "
    "of searches.climate; `matches` stays empty."
)


def test_everything_is_requested_by_default() -> None:
    """A study without the key leaves nothing out."""
    assert written(HEAD + SEARCHES).privacy == PrivacyRules()
    assert PrivacyRules().omitted == frozenset()


def test_a_study_leaves_out_what_it_names() -> None:
    """The switches stand for fields, and without profiles no creator is collected."""
    study = written(HEAD + SEARCHES + NOTHING)

    assert study.privacy.omitted == {"avatar_url", "video_mention_list", "voice_to_text", "bio_url"}
    assert study.privacy.omit_fields == ("voice_to_text", "bio_url")
    assert (study.users.wanted, study.collects) == (False, ("comments",))


def test_what_is_left_out_is_no_part_of_the_query() -> None:
    """Days that were collected with all fields stay complete: the fingerprint is the same."""
    plain, private = written(HEAD + SEARCHES), written(HEAD + SEARCHES + NOTHING)

    assert plain.fingerprints == private.fingerprints
    assert plain.version != private.version


def test_no_field_can_be_left_out_on_which_collecting_rests() -> None:
    """Ids, times, handles and numbers of comments decide what is requested next."""
    needed = {"id", "username", "create_time", "comment_count", "video_id", "parent_comment_id", "reply_count"}

    assert needed.isdisjoint(omittable_fields())
    assert {"video_description", "text", "bio_description", "like_count"} <= set(omittable_fields())


def test_what_is_left_out_has_a_sentence() -> None:
    """`tt check` names the fields, and says what NULL in their columns means."""
    sentences = list(routine(written(HEAD + SEARCHES + "privacy: {avatars: false, omit_fields: voice_to_text}\n")))

    assert (
        "No request lists avatar_url or voice_to_text: these columns stay empty, which does not mean that there was"
        " nothing."
    ) in sentences


@pytest.mark.parametrize(
    ("search", "rules", "notices"),
    [
        ("hashtags: a", "privacy: {omit_fields: [hashtag_names]}", ()),
        (
            "hashtags: a",
            "privacy: {omit_fields: [hashtag_names, hashtag_info_list]}",
            (UNSEEN,),
        ),
        (
            "keywords: heat",
            "users: true\nprivacy: {profiles: false}",
            ("privacy.profiles: false sends no request about a profile, so `users` has no effect.",),
        ),
        ("keywords: heat", "users: false\nprivacy: {profiles: false}", ()),
    ],
)
def test_rules_that_lose_something_get_a_notice(search: str, rules: str, notices: tuple[str, ...]) -> None:
    """A field that shows whether a video meets the query is missed, and `users` that has no effect is named."""
    assert written(study_text(search, rules)).notices == notices
