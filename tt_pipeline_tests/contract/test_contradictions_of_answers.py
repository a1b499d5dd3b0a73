"""If sources disagree about shapes, accounts and quota, the product accepts both versions."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.research_api import ENDPOINTS, Category, ResearchApi
from tt_pipeline.simulator.endpoints import ENDPOINTS as SERVED
from tt_pipeline.vocabulary import Bucket, StopReason
from tt_pipeline_tests.contract.builders import (
    A_DAY,
    A_VIDEO,
    ONE_DAY,
    PUBLIC,
    WORLD,
    asking,
    land_one,
    raw,
    scripted,
    videos,
)
from tt_pipeline_tests.contract.error_cases import CASES as ERROR_CASES
from tt_pipeline_tests.contract.facts_shown import shows
from tt_pipeline_tests.contract.lab import EVERYTHING, FIRST_DAY, NOON, Lab, ids_of, search
from tt_pipeline_tests.contract.shared_server import good


@shows("video-id-key", "id-types", "music-id-types", "effect-ids")
def test_ids_may_be_texts_and_have_two_names(lab: Lab) -> None:
    """A video is the same row if its ids are numbers or texts; ids of effects are texts."""
    scripted(
        lab,
        videos=[{"video_id": f"{A_VIDEO}", "create_time": f"{(A_VIDEO >> 32) + 20}", "music_id": "7522051104789615144",
                 "playlist_id": "7615533644417438599", "effect_ids": ["63960564"]}],
        cursor="1", has_more=False,
    )  # fmt: skip
    assert lab.statuses(A_DAY, A_DAY) == ["complete"]

    assert lab.warehouse("select video_id, music_id, playlist_id from core.videos") == [
        {"video_id": A_VIDEO, "music_id": 7522051104789615144, "playlist_id": 7615533644417438599}
    ]
    (effect,) = lab.warehouse("select * from core.video_effects")
    assert "63960564" in {str(value) for value in effect.values()}


@shows("follow-fields", "following-key")
def test_follows_take_no_fields_and_have_one_of_two_keys(lab: Lab) -> None:
    """The request has no fields, and following is read from either key."""
    api, username = lab.client(), next(c.username for c in PUBLIC if c.following_open)
    pages = [*api.follower_pages(username), *api.following_pages(username)]
    assert [exchange.fields for exchange in lab.shared_server.exchanges if not exchange.is_token] == [""] * len(pages)
    assert b'"user_following"' in pages[-1].body

    scripted(lab, user_followers=[{"username": "lena", "display_name": "Lena"}], cursor=1, has_more=False)
    (page,) = api.following_pages(username)
    assert page.records == ({"username": "lena", "display_name": "Lena"},)


LISTS: Final[dict[str, tuple[str, Callable[[ResearchApi], Any]]]] = {
    "liked": ("user_liked_videos", lambda api: list(api.liked_pages("lena"))),
    "pinned": ("pinned_videos_list", lambda api: [api.pinned_videos("lena")]),
    "reposted": ("reposted_videos", lambda api: list(api.reposted_pages("lena"))),
}


@shows("list-shapes", "reposted-key")
def test_lists_of_an_account_are_read_from_any_key(lab: Lab) -> None:
    """The keys are the documented one, the other documented one and, last, `videos`."""
    for own_key, ask in LISTS.values():
        for key in (own_key, "videos"):
            scripted(lab, **{key: [{"id": A_VIDEO}]}, cursor=1, has_more=False, search_id="77")
            assert [page.records for page in ask(lab.client())] == [({"id": A_VIDEO},)]

    lab.shared_server.script = None
    username = next(c.username for c in PUBLIC if c.reposts_open)
    found = []
    for key in ("reposted_videos", "user_reposted_videos"):
        lab.change_knobs(repost_key=key)
        found.append(ids_of(list(lab.client().reposted_pages(username))))
    assert found[0] == found[1] != []


@shows("liked-cursor", "reposted-cursor")
def test_cursors_of_lists_are_echoed(lab: Lab) -> None:
    """The client sends back each cursor, in seconds, milliseconds or as an index, and receives every page."""
    pages = [good(user_liked_videos=[{"id": n}], cursor=10**12 - n, has_more=n < 3) for n in (1, 2, 3)]
    lab.play(lambda exchange: None if exchange.is_token else pages.pop(0))
    assert ids_of(list(lab.client().liked_pages("lena"))) == [1, 2, 3]
    assert [body.get("cursor") for body in lab.bodies] == [None, 10**12 - 1, 10**12 - 2]

    lab.shared_server.script = None
    username = next(c.username for c in PUBLIC if c.likes_open)
    found = []
    for in_ms in (True, False):
        lab.change_knobs(liked_cursor_ms=in_ms)
        found.append(ids_of(list(lab.client().liked_pages(username))))
    assert found[0] == found[1] != []


@shows("favourites-spelling")
def test_favourites_are_spelt_as_each_endpoint_does(lab: Lab) -> None:
    """Searches request and get favorites_count; lists of an account request neither spelling."""
    (first, *_) = videos(lab, EVERYTHING)
    assert "favorites_count" in first
    lab.client().pinned_videos(PUBLIC[0].username)

    fields_of = {exchange.path: exchange.fields for exchange in lab.shared_server.exchanges if not exchange.is_token}
    assert "favorites_count" in fields_of["/v2/research/video/query/"]
    assert "favo" not in fields_of["/v2/research/user/pinned_videos/"]
    assert raw(lab, asking("region_code", "DE"), fields="favourites_count").status_code == 400


@shows("video-tag")
def test_tags_are_kept_and_not_decoded(lab: Lab) -> None:
    """Two documents give 1 and 2 opposite meanings, so the JSON is stored unchanged."""
    tag = {"video_tag_type": "AIGC Type", "video_tag_number": 2}
    land_one(lab, video_tag=tag)
    (row,) = lab.warehouse("select video_tag from core.videos")
    assert json.loads(row["video_tag"]) == tag


@shows("comment-cap")
def test_comments_end_at_the_cap(lab: Lab) -> None:
    """No request goes beyond 1,000 places, even if the server returns more; a lower cap can be set."""
    popular = next(v.id for n in range(30) for v in WORLD.videos(WORLD.first_day + timedelta(days=n))
                   if v.comments > 2_000)  # fmt: skip
    api = lab.client()
    pages = list(api.comment_pages(popular))
    assert [body["cursor"] + body["max_count"] for body in lab.bodies] == [*range(100, 1_001, 100)]
    assert (pages[-1].ends, pages[-1].has_more) == (StopReason.COMMENT_CAP, True)
    assert ids_of(pages) == lab.simulator.truth_comments(popular)

    lab.change_knobs(comment_cap=2_000)
    assert ids_of(list(api.comment_pages(popular))) == ids_of(pages)
    assert len(ids_of(list(api.comment_pages(popular, cap=130)))) == 130
    beyond = {"video_id": popular, "max_count": 100, "cursor": 1_950}
    assert raw(lab, beyond, path="video/comment/list").json()["error"]["message"] == "Invalid count or cursor"


@shows("comment-author")
def test_a_reply_may_name_its_author(lab: Lab) -> None:
    """Replies have display_name without a request for it: it is kept and not reported as new."""
    news: list[tuple[str, str]] = []
    api = lab.client(on_unknown_key=lambda endpoint, key: news.append((endpoint, key)))
    (reply, *_) = _replies(lab, api)

    assert "display_name" in reply
    assert all("display_name" not in exchange.fields for exchange in lab.shared_server.exchanges)
    assert news == []


def _replies(lab: Lab, api: ResearchApi) -> list[dict[str, Any]]:
    """The replies to the first comment that has some."""
    for video in sorted(WORLD.videos(FIRST_DAY), key=lambda video: -video.comments):
        for page in api.comment_pages(video.id, cap=100):
            for comment in page.records:
                if comment["reply_count"]:
                    return [reply for replies in api.reply_pages(comment["id"]) for reply in replies.records]
    raise AssertionError(lab.bodies)


@shows("comment-subject")
def test_comments_are_of_a_video_or_of_a_comment(lab: Lab) -> None:
    """Exactly one of both is sent; both or neither are refused."""
    _replies(lab, lab.client())
    assert {frozenset(body) & {"video_id", "comment_id"} for body in lab.bodies} == {
        frozenset({"video_id"}),
        frozenset({"comment_id"}),
    }
    for body in ({}, {"video_id": 1, "comment_id": 2}):
        assert raw(lab, body, path="video/comment/list").status_code == 400


@shows("profile-username", "username-required")
def test_an_account_is_the_requested_one(lab: Lab) -> None:
    """The answer may lack the username; client and server refuse an empty one."""
    username = PUBLIC[0].username
    page = lab.client().user_info(f"https://www.tiktok.com/@{username}?lang=de")
    assert b'"username"' not in page.body
    assert page.records[0]["username"] == username

    scripted(lab, username="lena", display_name="Lena")
    assert lab.client().user_info("@lena").records == ({"username": "lena", "display_name": "Lena"},)
    with pytest.raises(UsageError):
        lab.client().user_info("@")
    lab.shared_server.script = None
    assert raw(lab, {}, path="user/info", fields="display_name").status_code == 400


@shows("two-buckets", "quota-across-endpoints")
def test_there_are_two_buckets_over_all_endpoints(lab: Lab) -> None:
    """Follows have one bucket; all other endpoints share the second, in client and server."""
    api, username = lab.client(), next(c.username for c in PUBLIC if c.reposts_open)
    list(search(api, *ONE_DAY))
    list(api.comment_pages(lab.truth()[0]))
    api.user_info(username)
    list(api.reposted_pages(username))
    api.create_validation_task([A_VIDEO], Category.VIDEO)
    list(api.follower_pages(username))

    social = sum("follow" in exchange.path for exchange in lab.shared_server.exchanges)
    counts = {Bucket.MAIN: len(lab.wire) - social, Bucket.SOCIAL: social}
    assert {bucket: lab.ledger.use(bucket).used for bucket in Bucket} == counts
    assert {bucket: lab.simulator.charged(bucket) for bucket in Bucket} == counts


@shows("error-list", "invalid-param-spelling")
def test_every_error_is_understood(lab: Lab) -> None:  # noqa: ARG001 — the cases are tried in test_error_table.py
    """Both spellings of invalid_params have a case in the table of errors, which is tested for completeness."""
    assert {case.face for case in ERROR_CASES if case.row == "invalid_param, invalid_request"} == {
        "invalid_param",
        "invalid_request",
    }


@shows("status-in-error")
def test_an_error_object_may_repeat_the_status(lab: Lab) -> None:
    """Compliance answers have http_status_code, others do not; the client reads both."""
    api = lab.client()
    api.create_validation_task([A_VIDEO], Category.VIDEO)
    list(search(api, *ONE_DAY))
    assert [b"http_status_code" in exchange.answered for exchange in lab.shared_server.exchanges[1:]] == [True, False]


@shows("follower-count-age")
def test_counts_of_an_account_are_live(lab: Lab) -> None:
    """The same account has more followers a month later; the page has the time of the request."""
    star = max(PUBLIC, key=lambda creator: creator.followers).username
    api = lab.client()
    before = api.user_info(star)
    lab.clock.advance(days=30)
    after = api.user_info(star)
    assert before.records[0]["follower_count"] < after.records[0]["follower_count"]
    assert (before.fetched_at, after.fetched_at) == (NOON, NOON + timedelta(days=30))


@shows("compliance-categories")
def test_compliance_checks_videos_and_comments(lab: Lab) -> None:
    """Both categories are accepted, a third one is not, and ids that are not returned must be deleted."""
    video, api = lab.truth()[0], lab.client()
    for category, ids in ((Category.VIDEO, [video, 7]), (Category.COMMENT, [7])):
        task = api.create_validation_task(ids, category)
        lab.clock.advance(seconds=10)
        assert api.validation_status(task) == "Completed"
        assert api.download_valid_ids(task) == ({video} if category is Category.VIDEO else set())
    assert [category.value for category in Category] == ["video", "comment"]


@shows("endpoint-count")
def test_client_and_server_have_the_same_endpoints(lab: Lab) -> None:  # noqa: ARG001 — compared as values
    """There are twelve, with the same paths and buckets: all documented ones but TikTok Shop."""
    ours = {(endpoint.path, endpoint.bucket) for endpoint in ENDPOINTS.values()}
    theirs = {(f"{endpoint.path}/", endpoint.bucket) for endpoint in SERVED}
    assert ours == theirs
    assert len(ours) == 12
