"""Accounts: the answers and refusals of user info."""

import pytest

from tt_pipeline.simulator import Knobs
from tt_pipeline.simulator.people import Creator, Standing
from tt_pipeline_tests.simulator.builders import condition, error_of, session, small_world, wide_body

WORLD = small_world(videos_per_day=300)


def somebody(standing: Standing, region: str | None = None) -> Creator:
    return next(
        creator
        for creator in WORLD.people.creators
        if creator.standing is standing and region in {None, creator.place.region}
    )


def test_a_profile_is_flat_and_lacks_the_username() -> None:
    """The data object has the requested fields and no others."""
    at = session(world=WORLD)
    username = somebody(Standing.PUBLIC).username
    profile = at.user(username).json()["data"]
    assert profile == at.simulator.truth_user(username)
    assert profile.keys() - {"bio_url"} == {
        "display_name", "bio_description", "avatar_url", "is_verified",
        "follower_count", "following_count", "likes_count", "video_count",
    }  # fmt: skip
    assert at.user(username, "likes_count").json()["data"].keys() == {"likes_count"}


def test_some_have_no_bio_some_no_link_and_some_more_likes_than_32_bits() -> None:
    """An empty bio is an empty text, bio_url may be absent, and counts have 64 bits."""
    simulator = session(world=WORLD).simulator
    profiles = [simulator.truth_user(creator.username) for creator in WORLD.people.creators]
    public = [profile for profile in profiles if profile is not None]
    assert {"bio_url" in profile for profile in public} == {True, False}
    assert any(profile["bio_description"] == "" for profile in public)
    big = small_world(videos_per_day=1_000).people.creators
    assert max(creator.likes for creator in big) > 2**31


@pytest.mark.parametrize(
    ("standing", "message"),
    [
        (Standing.NOT_FOUND, "username {} is invalid: cannot find the user"),
        (Standing.PRIVATE, "username {} is private"),
        (Standing.REFUSED, "API cannot return this user's information"),
    ],
)
def test_a_refused_account_has_a_reason(standing: Standing, message: str) -> None:
    """Missing, private and refused accounts have different texts."""
    at = session(world=WORLD)
    username = somebody(standing).username
    assert error_of(at.user(username)) == (400, "invalid_params", message.format(username))
    assert at.simulator.truth_user(username) is None


def test_canadians_are_refused() -> None:
    """Accounts of CA exist and are refused."""
    assert somebody(Standing.REFUSED, "CA").place.region == "CA"
    assert {creator.standing for creator in WORLD.people.creators if creator.place.region == "CA"} == {Standing.REFUSED}


def test_an_account_is_requested_by_its_handle() -> None:
    """A missing, malformed or unknown handle is refused."""
    at = session(world=WORLD)
    assert error_of(at.post("user/info", {}, "display_name")) == (400, "invalid_params", "username is required")
    assert error_of(at.user("no_such_user_1"))[2] == "username no_such_user_1 is invalid: cannot find the user"
    assert error_of(at.user("no_such_user_1", "username"))[2] == "Fields is invalid: username"


def test_counts_of_an_account_are_live() -> None:
    """Months later the same account has more followers."""
    at = session(Knobs(rate_per_minute=0), world=WORLD)
    username = max((c for c in WORLD.people.creators if c.standing == "public"), key=lambda c: c.followers).username
    before = at.simulator.truth_user(username)
    at.simulator.clock.advance(seconds=90 * 86_400)
    after = at.simulator.truth_user(username)
    assert before is not None
    assert after is not None
    assert after["follower_count"] > before["follower_count"]


def test_a_deleted_account_is_not_found() -> None:
    """User info refuses a deleted account."""
    at = session(world=WORLD)
    username = somebody(Standing.PUBLIC).username
    at.simulator.delete(username=username)
    assert error_of(at.user(username))[2] == f"username {username} is invalid: cannot find the user"


def test_a_renamed_account_answers_under_its_present_username_alone() -> None:
    """Its earlier videos have the new username, the profile is the same, and the earlier username is not found."""
    at = session(world=WORLD)
    video = next(video for video in WORLD.videos(WORLD.first_day) if video.creator.standing is Standing.PUBLIC)
    earlier, query = video.creator.username, {"and": [condition("video_id", f"{video.id}")]}
    profile = at.simulator.truth_user(earlier)
    at.admin("knobs", {"renamed": {earlier: "a.new.name"}})

    assert at.simulator.truth_user("a.new.name") == profile
    assert at.simulator.truth_user(earlier) is None
    of_both = [condition("username", earlier), condition("username", "a.new.name")]
    found = at.videos(wide_body(query | {"or": of_both}), "id,username")
    assert found == at.videos(wide_body(query), "id,username") == [{"id": video.id, "username": "a.new.name"}]
