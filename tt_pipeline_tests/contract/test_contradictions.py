"""Where sources disagree: what the simulator does by default and by knob, and how the product lives with both sides."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any, Final

import httpx
import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.query import Condition, Query, field_named
from tt_pipeline.research_api import ENDPOINTS, LONGEST_WINDOW, Category, ResearchApi
from tt_pipeline.simulator.endpoints import ENDPOINTS as SERVED
from tt_pipeline.vocabulary import Bucket, ConditionField, Operation, StopReason, VideoLength
from tt_pipeline_tests.contract.lab import EVERYTHING, FIRST_DAY, LAST_DAY, NOON, Lab, ids_of, search, small_world
from tt_pipeline_tests.contract.rows import CONTRADICTIONS, ERRORS, QUIRKS, Case, Covered
from tt_pipeline_tests.contract.stage import good
from tt_pipeline_tests.contract.test_error_table import CASES as ERROR_CASES
from tt_pipeline_tests.contract.test_quirks import quirk

WORLD = small_world()
CREATORS = [creator for creator in WORLD.people.creators if creator.standing == "public"]
ONE_DAY = (FIRST_DAY, FIRST_DAY)
A_VIDEO = 7_703_574_340_619_688_476
"""Of 2026-11-01."""
A_DAY = date(2026, 11, 1)

NO_CODE: Final = {
    10: "what region_code means is said in the data dictionary; the value is passed on as it came",
    19: "no table keeps the address of an effect's photo; the landed page does",
    34: "about people, not programs",
    40: "TikTok Shop is not asked",
    42: "when stored data is checked again is not the client's to know",
    43: "about another client",
}
"""Rows that concern no code here, and why."""

either = Covered(frozenset(CONTRADICTIONS))


def where(field: ConditionField, *values: str, operation: Operation = Operation.IN) -> Query:
    """A query of one condition."""
    return Query(all_of=(Condition(field=field, operation=operation, values=values),))


def videos(lab: Lab, query: Query, first_day: date = FIRST_DAY, last_day: date = LAST_DAY) -> list[dict[str, Any]]:
    """All records of a search."""
    pages = lab.client().video_pages(query, first_day, last_day)
    return [record for page in pages for record in page.records]


def raw(lab: Lab, body: object, *, path: str = "video/query", fields: str = "id") -> httpx.Response:
    """What the simulator answers to something that the client would never send."""
    key = {"client_key": "sim-key", "client_secret": "sim-secret", "grant_type": "client_credentials"}
    with httpx.Client(base_url=lab.base_url) as http:
        token = http.post("/v2/oauth/token/", data=key).json()["access_token"]
        return http.post(
            f"/v2/research/{path}/",
            params={"fields": fields},
            headers={"Authorization": f"Bearer {token}"},
            content=body if isinstance(body, bytes) else json.dumps(body),
        )


def asking(field_name: str, *values: str, operation: str = "IN", **further: Any) -> dict[str, Any]:
    """The body of a search as somebody might write it by hand."""
    condition = {"field_name": field_name, "operation": operation, "field_values": list(values)}
    return {"query": {"and": [condition]}, "start_date": "20261110", "end_date": "20261112"} | further


def scripted(lab: Lab, **data: Any) -> None:
    """Have every request answered with this."""
    lab.play(lambda exchange: None if exchange.is_token else good(**data))


def land_one(lab: Lab, **video: Any) -> None:
    """Land a page with a single video."""
    usual = {"id": A_VIDEO, "create_time": (A_VIDEO >> 32) + 20, "username": "lena"}
    scripted(lab, videos=[usual | video], cursor=1, has_more=False)
    assert lab.statuses(A_DAY, A_DAY) == ["complete"]


@either(1)
@either(2)
def names_of_a_sketch_are_understood_and_never_sent(lab: Lab) -> None:
    """`id` and `video_description` mean video_id and keyword in a study; the server knows the official names alone."""
    assert [field_named(name) for name in ("id", "video_description")] == ["video_id", "keyword"]
    wanted = lab.truth()[:2]
    assert ids_of_records(videos(lab, where(ConditionField.VIDEO_ID, *map(str, wanted)))) == wanted
    assert lab.bodies[0]["query"]["and"][0]["field_name"] == "video_id"

    by_hand = [asking("id", f"{wanted[0]}"), asking("video_description", "climate")]
    assert [raw(lab, body).status_code for body in by_hand] == [400, 400]
    lab.turn(accept_openapi_names=True)
    assert [raw(lab, body).status_code for body in by_hand] == [200, 200]


def ids_of_records(records: list[dict[str, Any]]) -> list[int]:
    """Their ids."""
    return [record["id"] for record in records]


@either(3)
def counts_can_be_conditions(lab: Lab) -> None:
    """view_count and comment_count are compared as numbers."""
    seen = videos(lab, where(ConditionField.VIEW_COUNT, "1000", operation=Operation.GTE))
    quiet = videos(lab, where(ConditionField.COMMENT_COUNT, "2", operation=Operation.LT))

    assert seen
    assert quiet
    assert min(video["view_count"] for video in seen) >= 1000
    assert max(video["comment_count"] for video in quiet) < 2


@either(4)
@either(5)
@either(6)
@either(7)
def ids_may_be_texts_and_have_two_names(lab: Lab) -> None:
    """A video is the same row whether its ids come as numbers or as texts; effects are texts."""
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


@either(8)
@either(9)
def page_sizes_are_always_said(lab: Lab) -> None:
    """The defaults (20 videos, 10 comments) are never relied on."""
    talked_about = next(v for v in WORLD.videos(FIRST_DAY) if v.comments > 100)
    api = lab.client()
    list(search(api, *ONE_DAY))
    list(api.comment_pages(talked_about.id))
    assert {body["max_count"] for body in lab.bodies} == {100}

    without = EVERYTHING.body() | {}
    body = {"query": without, "start_date": "20261110", "end_date": "20261110"}
    assert raw(lab, body).json()["data"]["cursor"] == 20
    comments = raw(lab, {"video_id": talked_about.id}, path="video/comment/list")
    assert comments.json()["data"]["cursor"] == 10


@either(11)
def canada_is_legal_and_empty(lab: Lab) -> None:
    """CA can be asked for, and nothing comes."""
    (page,) = lab.client().video_pages(where(ConditionField.REGION_CODE, "CA"), FIRST_DAY, LAST_DAY)
    assert (page.status, page.records, page.ends) == (200, (), StopReason.COMPLETE)


@either(12)
@either(13)
def follows_take_no_fields_and_come_under_two_keys(lab: Lab) -> None:
    """Nothing is asked for by name; following is read from either key."""
    api, username = lab.client(), next(c.username for c in CREATORS if c.following_open)
    pages = [*api.follower_pages(username), *api.following_pages(username)]
    assert [exchange.fields for exchange in lab.stage.exchanges if not exchange.is_token] == [""] * len(pages)
    assert b'"user_following"' in pages[-1].body

    scripted(lab, user_followers=[{"username": "lena", "display_name": "Lena"}], cursor=1, has_more=False)
    (page,) = api.following_pages(username)
    assert page.records == ({"username": "lena", "display_name": "Lena"},)


LISTS: Final[dict[str, tuple[str, Callable[[ResearchApi], Any]]]] = {
    "liked": ("user_liked_videos", lambda api: list(api.liked_pages("lena"))),
    "pinned": ("pinned_videos_list", lambda api: [api.pinned_videos("lena")]),
    "reposted": ("reposted_videos", lambda api: list(api.reposted_pages("lena"))),
}


@either(14)
@either(15)
def lists_of_an_account_are_read_from_whatever_key(lab: Lab) -> None:
    """The documented key, the other documented key and, at last, `videos`."""
    for own_key, ask in LISTS.values():
        for key in (own_key, "videos"):
            scripted(lab, **{key: [{"id": A_VIDEO}]}, cursor=1, has_more=False, search_id="77")
            assert [page.records for page in ask(lab.client())] == [({"id": A_VIDEO},)]

    lab.stage.script = None
    username = next(c.username for c in CREATORS if c.reposts_open)
    found = []
    for key in ("reposted_videos", "user_reposted_videos"):
        lab.turn(repost_key=key)
        found.append(ids_of(list(lab.client().reposted_pages(username))))
    assert found[0] == found[1] != []


@either(16)
@either(17)
def cursors_of_lists_are_echoed(lab: Lab) -> None:
    """Seconds, milliseconds or an index: the client sends back what it was given, and every page comes."""
    pages = [good(user_liked_videos=[{"id": n}], cursor=10**12 - n, has_more=n < 3) for n in (1, 2, 3)]
    lab.play(lambda exchange: None if exchange.is_token else pages.pop(0))
    assert ids_of(list(lab.client().liked_pages("lena"))) == [1, 2, 3]
    assert [body.get("cursor") for body in lab.bodies] == [None, 10**12 - 1, 10**12 - 2]

    lab.stage.script = None
    username = next(c.username for c in CREATORS if c.likes_open)
    found = []
    for in_ms in (True, False):
        lab.turn(liked_cursor_ms=in_ms)
        found.append(ids_of(list(lab.client().liked_pages(username))))
    assert found[0] == found[1] != []


@either(18)
def favourites_are_spelt_as_each_endpoint_does(lab: Lab) -> None:
    """Searches ask for favorites_count and get it; lists of an account ask in neither spelling."""
    (first, *_) = videos(lab, EVERYTHING)
    assert "favorites_count" in first
    lab.client().pinned_videos(CREATORS[0].username)

    asked = {exchange.path: exchange.fields for exchange in lab.stage.exchanges if not exchange.is_token}
    assert "favorites_count" in asked["/v2/research/video/query/"]
    assert "favo" not in asked["/v2/research/user/pinned_videos/"]
    assert raw(lab, asking("region_code", "DE"), fields="favourites_count").status_code == 400


@either(20)
def tags_are_kept_and_not_decoded(lab: Lab) -> None:
    """Two documents give 1 and 2 opposite meanings, so the JSON is stored as it came."""
    tag = {"video_tag_type": "AIGC Type", "video_tag_number": 2}
    land_one(lab, video_tag=tag)
    (row,) = lab.warehouse("select video_tag from core.videos")
    assert json.loads(row["video_tag"]) == tag


@either(21)
def comments_end_at_the_cap(lab: Lab) -> None:
    """Nothing is asked for beyond 1,000 places, also where the server would give more; a lower cap can be set."""
    popular = next(v.id for n in range(30) for v in WORLD.videos(WORLD.first_day + timedelta(days=n))
                   if v.comments > 2_000)  # fmt: skip
    api = lab.client()
    pages = list(api.comment_pages(popular))
    assert [body["cursor"] + body["max_count"] for body in lab.bodies] == [*range(100, 1_001, 100)]
    assert (pages[-1].ends, pages[-1].has_more) == (StopReason.COMMENT_CAP, True)
    assert ids_of(pages) == lab.simulator.truth_comments(popular)

    lab.turn(comment_cap=2_000)
    assert ids_of(list(api.comment_pages(popular))) == ids_of(pages)
    assert len(ids_of(list(api.comment_pages(popular, cap=130)))) == 130
    beyond = {"video_id": popular, "max_count": 100, "cursor": 1_950}
    assert raw(lab, beyond, path="video/comment/list").json()["error"]["message"] == "Invalid count or cursor"


@either(22)
def a_reply_may_name_its_author(lab: Lab) -> None:
    """display_name comes unasked with replies: it is kept, never asked for, and no news."""
    news: list[tuple[str, str]] = []
    api = lab.client(on_unknown_key=lambda endpoint, key: news.append((endpoint, key)))
    (reply, *_) = _replies(lab, api)

    assert "display_name" in reply
    assert all("display_name" not in exchange.fields for exchange in lab.stage.exchanges)
    assert news == []


def _replies(lab: Lab, api: ResearchApi) -> list[dict[str, Any]]:
    """The replies to the first comment that has some."""
    for video in sorted(WORLD.videos(FIRST_DAY), key=lambda video: -video.comments):
        for page in api.comment_pages(video.id, cap=100):
            for comment in page.records:
                if comment["reply_count"]:
                    return [reply for replies in api.reply_pages(comment["id"]) for reply in replies.records]
    raise AssertionError(lab.bodies)


@either(23)
def comments_are_of_a_video_or_of_a_comment(lab: Lab) -> None:
    """Exactly one of both is sent; both or none is refused."""
    _replies(lab, lab.client())
    assert {frozenset(body) & {"video_id", "comment_id"} for body in lab.bodies} == {
        frozenset({"video_id"}),
        frozenset({"comment_id"}),
    }
    for body in ({}, {"video_id": 1, "comment_id": 2}):
        assert raw(lab, body, path="video/comment/list").status_code == 400


@either(24)
@either(25)
def an_account_is_the_one_that_was_asked_for(lab: Lab) -> None:
    """The answer need not say whose it is; asking for nobody is refused by both sides."""
    username = CREATORS[0].username
    page = lab.client().user_info(f"https://www.tiktok.com/@{username}?lang=de")
    assert b'"username"' not in page.body
    assert page.records[0]["username"] == username

    scripted(lab, username="lena", display_name="Lena")
    assert lab.client().user_info("@lena").records == ({"username": "lena", "display_name": "Lena"},)
    with pytest.raises(UsageError):
        lab.client().user_info("@")
    lab.stage.script = None
    assert raw(lab, {}, path="user/info", fields="display_name").status_code == 400


@either(26)
def the_last_day_is_asked_for_and_strays_are_told(lab: Lab) -> None:
    """A window of one day brings that day; what was posted on another is a video, and no hit of the search."""
    assert ids_of(list(search(lab.client(), *ONE_DAY))) == lab.truth(*ONE_DAY)
    stray = (A_VIDEO >> 32) + 3 * 86_400
    land_one(lab, create_time=stray)

    assert lab.warehouse("select video_id from core.videos") == [{"video_id": A_VIDEO}]
    assert lab.warehouse("select video_id from core.search_hits") == []
    assert lab.warehouse("select sum(strays) as strays from ops.loads") == [{"strays": 1}]


@either(27)
def windows_stay_below_what_is_allowed(lab: Lab) -> None:
    """The server bears 30 days between first and last; the client never sends more than 29."""
    spans = {n: f"{date(2026, 10, 20) + timedelta(days=n):%Y%m%d}" for n in (30, 31)}
    statuses = [raw(lab, asking("region_code", "DE", start_date="20261020", end_date=end)).status_code
                for end in spans.values()]  # fmt: skip
    assert statuses == [200, 400]
    assert timedelta(days=29) == LONGEST_WINDOW
    with pytest.raises(UsageError):
        list(search(lab.client(), date(2026, 10, 20), date(2026, 11, 19)))


@either(28)
def a_hashtag_is_one_of_several(lab: Lab) -> None:
    """EQ finds videos that have the tag, whatever else they have."""
    found = videos(lab, where(ConditionField.HASHTAG_NAME, "klima", operation=Operation.EQ), date(2026, 10, 22))
    assert found
    assert all("klima" in {tag.casefold() for tag in video["hashtag_names"]} for video in found)
    assert max(len(video["hashtag_names"]) for video in found) > 1


@either(29)
def order_is_for_what_has_one(lab: Lab) -> None:
    """The client refuses GT on a hashtag; a lenient server takes it, a strict one does not."""
    with pytest.raises(UsageError):
        videos(lab, where(ConditionField.HASHTAG_NAME, "klima", operation=Operation.GT))
    body = asking("hashtag_name", "klima", operation="GT")
    assert raw(lab, body).status_code == 200
    lab.turn(lenient_ops=False)
    assert raw(lab, body).status_code == 400


@either(30)
@either(31)
def in_is_any_and_not_is_none(lab: Lab) -> None:
    """IN finds a field that is any of the values; of `not`, no condition may hold."""
    here = Condition(field=ConditionField.REGION_CODE, operation=Operation.IN, values=("DE", "US"))
    short = Condition(field=ConditionField.VIDEO_LENGTH, operation=Operation.EQ, values=(VideoLength.SHORT,))
    assert {video["region_code"] for video in videos(lab, Query(all_of=(here,)))} == {"DE", "US"}

    rest = videos(lab, Query(none_of=(here, short)))
    assert rest
    assert not {video["region_code"] for video in rest} & {"DE", "US"}
    assert min(video["video_duration"] for video in rest) >= 15


@either(32)
@either(33)
def there_are_two_buckets_over_all_endpoints(lab: Lab) -> None:
    """Follows have one; everything else shares the other, at both ends."""
    api, username = lab.client(), next(c.username for c in CREATORS if c.reposts_open)
    list(search(api, *ONE_DAY))
    list(api.comment_pages(lab.truth()[0]))
    api.user_info(username)
    list(api.reposted_pages(username))
    api.create_validation_task([A_VIDEO], Category.VIDEO)
    list(api.follower_pages(username))

    social = sum("follow" in exchange.path for exchange in lab.stage.exchanges)
    counts = {Bucket.MAIN: len(lab.wire) - social, Bucket.SOCIAL: social}
    assert {bucket: lab.ledger.use(bucket).used for bucket in Bucket} == counts
    assert {bucket: lab.simulator.charged(bucket) for bucket in Bucket} == counts


@either(35)
@either(36)
def every_error_is_understood(lab: Lab) -> None:  # noqa: ARG001 — the table is tried elsewhere
    """The table of errors has a case for each row, in both spellings of invalid_params."""
    assert {case.row for case in ERROR_CASES} == set(ERRORS)
    assert {case.face for case in ERROR_CASES if case.row == "invalid_param, invalid_request"} == {
        "invalid_param",
        "invalid_request",
    }


@either(37)
def an_error_object_may_repeat_the_status(lab: Lab) -> None:
    """Compliance answers carry http_status_code, others do not, and both are understood."""
    api = lab.client()
    api.create_validation_task([A_VIDEO], Category.VIDEO)
    list(search(api, *ONE_DAY))
    assert [b"http_status_code" in exchange.answered for exchange in lab.stage.exchanges[1:]] == [True, False]


@either(38)
def counts_of_a_search_are_days_old(lab: Lab) -> None:
    """A video's counts in a search trail the present, and settle; each look keeps its own."""
    popular = max(WORLD.videos(LAST_DAY), key=lambda video: video.views if video.id in lab.truth() else 0)
    query, day = where(ConditionField.VIDEO_ID, f"{popular.id}"), (LAST_DAY, LAST_DAY)
    young = videos(lab, query, *day)[0]["view_count"]
    lab.clock.advance(days=40)
    old = videos(lab, query, *day)[0]["view_count"]
    assert young < old == popular.views


@either(39)
def an_account_is_told_live(lab: Lab) -> None:
    """The same account tells more a month later; the page says when it was asked."""
    star = max(CREATORS, key=lambda creator: creator.followers).username
    api = lab.client()
    before = api.user_info(star)
    lab.clock.advance(days=30)
    after = api.user_info(star)
    assert before.records[0]["follower_count"] < after.records[0]["follower_count"]
    assert (before.fetched_at, after.fetched_at) == (NOON, NOON + timedelta(days=30))


@either(41)
def compliance_checks_videos_and_comments(lab: Lab) -> None:
    """Both categories are taken, no third one exists, and what is not given back has to go."""
    video, api = lab.truth()[0], lab.client()
    for category, ids in ((Category.VIDEO, [video, 7]), (Category.COMMENT, [7])):
        task = api.create_validation_task(ids, category)
        lab.clock.advance(seconds=10)
        assert api.validation_status(task) == "Completed"
        assert api.download_valid_ids(task) == ({video} if category is Category.VIDEO else set())
    assert [category.value for category in Category] == ["video", "comment"]


@either(44)
def both_sides_know_the_same_endpoints(lab: Lab) -> None:  # noqa: ARG001 — compared as values
    """Twelve, with the same paths and buckets: all that is documented but TikTok Shop."""
    ours = {(endpoint.path, endpoint.bucket) for endpoint in ENDPOINTS.values()}
    theirs = {(f"{endpoint.path}/", endpoint.bucket) for endpoint in SERVED}
    assert ours == theirs
    assert len(ours) == 12


@either(45)
def videos_come_in_falling_order(lab: Lab) -> None:
    """Over all pages, the id falls."""
    found = ids_of(list(search(lab.client())))
    assert found == sorted(found, reverse=True)


@either(46)
def lengths_are_four_words(lab: Lab) -> None:
    """Under 15 s, to a minute, to five, longer; together they are everything."""
    limits = {VideoLength.SHORT: (0, 15), VideoLength.MID: (15, 61), VideoLength.LONG: (61, 301),
              VideoLength.EXTRA_LONG: (301, 10**6)}  # fmt: skip
    found = {length: videos(lab, where(ConditionField.VIDEO_LENGTH, length.value)) for length in VideoLength}
    for length, records in found.items():
        assert all(limits[length][0] <= video["video_duration"] < limits[length][1] for video in records)
    assert sorted(ids_of_records([*chain(*found.values())]), reverse=True) == lab.truth()
    assert raw(lab, asking("video_length", "30")).status_code == 400


@either(47)
def samples_that_are_no_json_are_refused(lab: Lab) -> None:
    """A trailing comma, as in the documentation's own samples, is invalid_params; the client sends JSON."""
    answer = raw(lab, b'{"start_date": "20261110", "end_date": "20261112",}')
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_params")


@either(48)
def the_first_day_is_inside(lab: Lab) -> None:
    """A window starts with its first second, unlike what the documentation's SQL says."""
    first = min(
        (video for video in WORLD.videos(FIRST_DAY) if video.id in lab.truth(*ONE_DAY)),
        key=lambda video: video.create_time,
    )
    assert datetime.fromtimestamp(first.create_time, UTC).date() == FIRST_DAY
    assert first.id in ids_of(list(search(lab.client())))


@pytest.mark.parametrize("case", either.params)
def test_either_side_of_a_contradiction_is_borne(lab: Lab, case: Case) -> None:
    """Whatever source is right, the product is."""
    case(lab)


@pytest.mark.parametrize(
    ("rows", "shown", "reasons"),
    [
        (ERRORS, {case.row for case in ERROR_CASES}, {}),
        (QUIRKS, quirk.shown, {}),
        (CONTRADICTIONS, either.shown, NO_CODE),
    ],
    ids=["errors", "quirks", "contradictions"],
)
def test_every_row_is_shown_or_concerns_no_code(rows: Any, shown: set[Any], reasons: dict[int, str]) -> None:
    """Each row has a case or a reason, and none has both."""
    assert set(rows) == shown | reasons.keys()
    assert shown.isdisjoint(reasons)
    assert (len(ERRORS), len(QUIRKS), [*CONTRADICTIONS]) == (19, 22, [*range(1, 49)])
