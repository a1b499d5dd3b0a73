"""Followers, following, likes, pins, reposts, playlists."""

from collections.abc import Callable
from typing import Any

import pytest

from tt_pipeline.simulator import Knobs
from tt_pipeline.simulator.people import Creator, Standing
from tt_pipeline_tests.simulator.builders import ApiSession, error_of, session, small_world

WORLD = small_world(videos_per_day=300)


def first(is_suitable: Callable[[Creator], bool]) -> Creator:
    public = (creator for creator in WORLD.people.creators if creator.standing is Standing.PUBLIC)
    return next(creator for creator in public if is_suitable(creator))


def whole_list(at: ApiSession, path: str, key: str, body: dict[str, Any], fields: str | None = None) -> list[Any]:
    found: list[Any] = []
    while True:
        page = at.post(path, body, fields).json()["data"]
        found += page.get(key, [])
        if not page["has_more"]:
            return found
        assert page["cursor"] != body.get("cursor")
        body = body | {"cursor": page["cursor"]}


def test_paging_followers_gives_each_of_them() -> None:
    """The cursor is a second, going back; followers of one second may repeat, and none is lost."""
    at = session(world=WORLD)
    creator = first(lambda creator: 1_000 < creator.followers < 3_000)
    listed = whole_list(at, "user/followers", "user_followers", {"username": creator.username, "max_count": 20})
    names = [follower["username"] for follower in listed]
    assert len(set(names)) == creator.followers
    assert len(names) > len(set(names))
    assert {frozenset(follower) for follower in listed} == {frozenset({"username", "display_name"})}


def test_only_the_latest_followers_are_reachable() -> None:
    """The list ends at followers_cap without a sign that there are more."""
    at = session(Knobs(rate_per_minute=0, followers_cap=250), world=WORLD)
    creator = first(lambda creator: creator.followers > 5_000)
    body = {"username": creator.username, "max_count": 100, "cursor": 0}
    listed = whole_list(at, "user/followers", "user_followers", body)
    assert len({follower["username"] for follower in listed}) == 250


def test_following_is_open_for_some() -> None:
    """An open list has its own key; a closed list is refused."""
    at = session(world=WORLD)
    opened = first(lambda creator: creator.following_open and creator.following > 20)
    closed = first(lambda creator: not creator.following_open)
    listed = whole_list(at, "user/following", "user_following", {"username": opened.username, "max_count": 100})
    refused = at.post("user/following", {"username": closed.username})
    assert len({item["username"] for item in listed}) == opened.following
    assert error_of(refused)[2] == "This user's following information cannot be returned"


def test_an_empty_page_of_followers_has_no_list() -> None:
    """Before the first follower the answer does not even have the key of the list."""
    creator = first(lambda creator: creator.followers > 0)
    data = session(world=WORLD).post("user/followers", {"username": creator.username, "cursor": 1}).json()["data"]
    assert data == {"cursor": 1, "has_more": False}


def test_likes_are_closed_for_nearly_all() -> None:
    """Open likes have a cursor in milliseconds; closed ones are refused."""
    at = session(world=WORLD)
    opened, closed = first(lambda creator: creator.likes_open), first(lambda creator: not creator.likes_open)
    body = {"username": opened.username, "max_count": 5}
    page = at.post("user/liked_videos", body, "id").json()["data"]
    listed = whole_list(at, "user/liked_videos", "user_liked_videos", body, "id")
    assert len(str(page["cursor"])) == 13
    assert len({video["id"] for video in listed}) == len(listed)
    refused = at.post("user/liked_videos", {"username": closed.username}, "id")
    assert error_of(refused)[2] == "This user's liked videos information cannot be returned"


def test_pins_are_an_accounts_own_and_at_most_three() -> None:
    """The data has pinned_videos_list and no other key."""
    at = session(world=WORLD)
    creator = first(lambda creator: creator.index % 4 == 3 and len(WORLD.videos_by(creator)) > 5)
    data = at.post("user/pinned_videos", {"username": creator.username}, "id,username").json()["data"]
    assert data.keys() == {"pinned_videos_list"}
    assert [video["username"] for video in data["pinned_videos_list"]] == [creator.username] * 3


@pytest.mark.parametrize("key", ["reposted_videos", "user_reposted_videos"])
def test_reposts_page_by_index_under_either_key(key: str) -> None:
    """The key of the list is a knob, and the cursor is an index."""
    at = session(Knobs(rate_per_minute=0, hidden_rate=0, repost_key=key), world=WORLD)
    creator = first(lambda creator: creator.reposts_open)
    body = {"username": creator.username, "max_count": 3}
    assert at.post("user/reposted_videos", body, "id").json()["data"]["cursor"] <= 3
    listed = whole_list(at, "user/reposted_videos", key, body, "id")
    assert len({video["id"] for video in listed}) == len(listed) > 0


def test_closed_reposts_and_positions_behind_the_end_are_refused() -> None:
    """Half of the accounts hide their reposts; a position after the end is invalid."""
    at = session(world=WORLD)
    opened, closed = first(lambda creator: creator.reposts_open), first(lambda creator: not creator.reposts_open)
    hidden = at.post("user/reposted_videos", {"username": closed.username}, "id")
    beyond = at.post("user/reposted_videos", {"username": opened.username, "cursor": 10_000}, "id")
    assert error_of(hidden)[2] == "This user's reposted videos information cannot be returned"
    assert error_of(beyond)[2] == "Invalid count or cursor"


def test_some_fields_are_not_in_these_lists() -> None:
    """effect_ids, playlist_id, voice_to_text and favorites_count are fields of searches only."""
    at = session(world=WORLD)
    for name in ("effect_ids", "playlist_id", "voice_to_text", "favorites_count"):
        refused = at.post("user/pinned_videos", {"username": "x"}, f"id,{name}")
        assert error_of(refused)[2] == f"Fields is invalid: {name}"


def test_a_good_playlist_comes_with_a_500() -> None:
    """The playlist in a video's record lists that video, with the status of playlist_status."""
    knobs = Knobs(rate_per_minute=0, missing_key_rates={"playlist_id": 0.5})
    at = session(knobs, world=WORLD)
    body = {
        "query": {"and": [{"operation": "IN", "field_name": "region_code", "field_values": ["DE"]}]},
        "start_date": "20261115",
        "end_date": "20261117",
    }
    video = next(video for video in at.videos(body, "id,playlist_id") if "playlist_id" in video)
    answer = at.post("playlist/info", {"playlist_id": video["playlist_id"], "max_count": 100})
    data = answer.json()["data"]
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "ok")
    assert video["id"] in data["playlist_video_ids"]
    assert data["playlist_item_total"] == data["cursor"] == len(data["playlist_video_ids"])
    assert at.simulator.log[-1].charged
    beyond = at.post("playlist/info", {"playlist_id": video["playlist_id"], "cursor": 9_999})
    assert error_of(beyond)[2] == "Invalid count or cursor"


def test_an_unknown_playlist_is_refused() -> None:
    """Any other number than that of a playlist gets a 400."""
    for number in (0, 7, 2**63 - 1, 7_615_533_644_417_438_599 + 4_099_000_000_007 * 10**5):
        assert session(world=WORLD).post("playlist/info", {"playlist_id": number}).status_code == 400
