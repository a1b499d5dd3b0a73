"""The client from outside: requests, pages and charges."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from tt_pipeline.codebook.fields import COMMENT_FIELDS, USER_FIELDS, USER_VIDEO_FIELDS, VIDEO_FIELDS
from tt_pipeline.errors import (
    QuotaExhausted,
    RateLimited,
    ScopeNotAuthorized,
    SearchIdRefused,
    SearchRejected,
    ServerFailure,
    ServerUnreachable,
    UsageError,
    WindowTooHeavy,
)
from tt_pipeline.query import Query
from tt_pipeline.research_api import OpenGate, Page, ResearchApi, Resume
from tt_pipeline.vocabulary import AccountList, Bucket, Refusal, StopReason
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.research_api.server import (
    FIRST_DAY,
    LAST_DAY,
    NOON,
    WILD_BEES,
    Reply,
    Script,
    WatchedGate,
    client,
    dead_search_id,
    document,
    page_of,
    refused,
)

WINDOW = {"query": WILD_BEES.body(), "start_date": "20261101", "end_date": "20261102", "max_count": 100}


def search(api: ResearchApi, **further: Any) -> list[Page]:
    """All pages of the usual search."""
    return list(api.video_pages(WILD_BEES, FIRST_DAY, LAST_DAY, **further))


def ids(pages: list[Page]) -> list[int]:
    """Ids of all records in their order."""
    return [record["id"] for page in pages for record in page.records]


def an_id(day: int, number: int) -> int:
    """A video id of November 2026."""
    return (int(datetime(2026, 11, day, 12, tzinfo=UTC).timestamp()) << 32) + number


def test_a_search_goes_through_short_and_empty_pages_to_the_end() -> None:
    """Three pages of 10, 10 and 3 slots give four videos, and the last page is complete."""
    script = Script(document(f"video_query_{which}_page") for which in ("first", "empty_middle", "last"))
    pages = search(client(script))
    assert [len(page.records) for page in pages] == [3, 0, 1]
    assert [page.slots for page in pages] == [10, 10, 3]
    assert [page.ends for page in pages] == [None, None, StopReason.COMPLETE]
    assert script.bodies == [
        WINDOW,
        {**WINDOW, "cursor": 10, "search_id": "7704563166105409433"},
        {**WINDOW, "cursor": 20, "search_id": "7704563166105409433"},
    ]
    assert script.bodies == [page.request for page in pages]


def test_a_search_without_matches_is_one_empty_page() -> None:
    """A search that found nothing is complete."""
    (page,) = search(client(Script([document("video_query_nothing_found")])))
    assert (page.records, page.ends) == ((), StopReason.COMPLETE)


def test_a_request_has_the_documented_path_and_clean_fields() -> None:
    """It is a POST of JSON to the path with its slash, with fields without blanks."""
    script = Script([page_of()])
    search(client(script))
    (request,) = script.requests
    assert (
        f"{request.method} {request.url.copy_with(query=None)}"
    ) == "POST https://open.tiktokapis.com/v2/research/video/query/"
    assert {"fields": ",".join(VIDEO_FIELDS)} == dict(request.url.params)
    assert request.headers["Content-Type"] == "application/json"


def test_a_field_that_is_omitted_is_never_requested() -> None:
    """Neither by default nor if a caller names it; lists of an account leave it out too."""
    script = Script([page_of(), page_of(), page_of()])
    with client(script, omit_fields={"username", "bio_url"}) as api:
        search(api)
        list(api.video_pages(WILD_BEES, FIRST_DAY, LAST_DAY, fields=["id", "username"]))
        list(api.list_pages(AccountList.PINNED, "alice"))

    requested = [request.url.params["fields"].split(",") for request in script.requests]
    omitted = [[field for field in fields if field != "username"] for fields in (VIDEO_FIELDS, USER_VIDEO_FIELDS)]
    assert requested == [omitted[0], ["id"], omitted[1]]


@pytest.mark.parametrize(
    ("ask", "path", "fields", "body"),
    [
        (
            lambda api: api.comment_pages(7),
            "video/comment/list",
            COMMENT_FIELDS,
            {"video_id": 7, "max_count": 100, "cursor": 0},
        ),
        (
            lambda api: api.comment_pages(7, resume_cursor=300, cap=350),
            "video/comment/list",
            COMMENT_FIELDS,
            {"video_id": 7, "max_count": 50, "cursor": 300},
        ),
        (
            lambda api: api.reply_pages(7),
            "video/comment/list",
            COMMENT_FIELDS,
            {"comment_id": 7, "max_count": 100, "cursor": 0},
        ),
        (lambda api: iter([api.user_info("@lena")]), "user/info", USER_FIELDS, {"username": "lena"}),
        (lambda api: api.follower_pages("lena"), "user/followers", None, {"username": "lena", "max_count": 100}),
        (
            lambda api: api.following_pages("lena", resume_cursor=9),
            "user/following",
            None,
            {"username": "lena", "max_count": 100, "cursor": 9},
        ),
        (lambda api: api.liked_pages("lena", fields=["id"]), "user/liked_videos", ("id",), None),
        (lambda api: iter([api.pinned_videos("lena", fields=["id"])]), "user/pinned_videos", ("id",), None),
        (lambda api: api.reposted_pages("lena", fields=["id"]), "user/reposted_videos", ("id",), None),
        (
            lambda api: api.playlist_pages(7),
            "playlist/info",
            None,
            {"playlist_id": 7, "max_count": 100, "cursor": 0},
        ),
        (
            lambda api: api.list_pages(AccountList.LIKED, "lena", resume_cursor=9),
            "user/liked_videos",
            USER_VIDEO_FIELDS,
            {"username": "lena", "max_count": 100, "cursor": 9},
        ),
        (
            lambda api: api.list_pages(AccountList.PINNED, "lena", resume_cursor=9),
            "user/pinned_videos",
            USER_VIDEO_FIELDS,
            {"username": "lena"},
        ),
        (
            lambda api: api.list_pages(AccountList.PLAYLISTS, 7, resume_cursor=9),
            "playlist/info",
            None,
            {"playlist_id": 7, "max_count": 100, "cursor": 9},
        ),
    ],
)
def test_every_endpoint_is_requested_as_documented(
    ask: Callable[[ResearchApi], Iterator[Page]], path: str, fields: tuple[str, ...] | None, body: dict[str, Any] | None
) -> None:
    """Path, fields and body of the first request are those of the documentation."""
    script = Script(
        [httpx.Response(200, json={"data": {"has_more": False, "bio_description": ""}, "error": {"code": "ok"}})]
    )
    (page,) = ask(client(script))
    (request,) = script.requests
    assert f"/v2/research/{path}/" == request.url.path
    assert ({"fields": ",".join(fields)} if fields else {}) == dict(request.url.params)
    assert (body or script.bodies[0], StopReason.COMPLETE) == (script.bodies[0], page.ends)


def test_favourites_of_user_videos_are_never_requested() -> None:
    """The field is documented in two spellings, and the endpoint returns neither."""
    script = Script([document("pinned_videos")])
    client(script).pinned_videos("lena")
    assert "favo" not in script.requests[0].url.params["fields"]


def test_a_random_draw_is_one_request() -> None:
    """A draw has no second page, whatever has_more is."""
    script = Script([page_of(1, 2, has_more=True)])
    (page,) = search(client(script), random=100)
    assert (script.bodies, page.ends) == ([{**WINDOW, "is_random": True}], StopReason.COMPLETE)


def test_each_request_is_reserved_before_and_settled_after() -> None:
    """The gate receives bucket, endpoint and outcome; followers have their own bucket."""
    gate = WatchedGate()
    api = client(Script([document("video_query_last_page"), document("followers"), document("following")]), gate=gate)
    search(api)
    next(api.follower_pages("lena"))
    next(api.following_pages("lena"))
    assert gate.reserved == [
        (Bucket.MAIN, "video_query"),
        (Bucket.SOCIAL, "followers"),
        (Bucket.SOCIAL, "following"),
    ]
    assert gate.settled[0] == {
        "status": 200,
        "code": "ok",
        "log_id": "2026110506001375729FAE923D5A4FD12A",
        "records": 1,
        "slots": 23,
        "seconds": 0.0,
    }


def test_the_gate_receives_how_long_an_answer_took() -> None:
    """Seconds are measured on the clock, and the page's fetched_at is the time of the answer."""
    gate, clock = WatchedGate(), FrozenClock(NOON)

    def server(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/oauth/token/":
            return document("token")
        clock.advance(seconds=6.5)
        return document("user_info")

    page = client(server, gate=gate, clock=clock).user_info("lena")
    assert (6.5, datetime(2026, 11, 5, 12, 0, 6, 500_000, tzinfo=UTC)) == (gate.settled[0]["seconds"], page.fetched_at)


def test_a_gate_that_refuses_ends_the_search() -> None:
    """Without a reservation no request is sent; the pages before are returned."""
    gate, script = WatchedGate(allowed=1), Script([page_of(1, has_more=True, search_id="77")])
    pages = client(script, gate=gate).video_pages(WILD_BEES, FIRST_DAY, LAST_DAY)
    assert ids([next(pages)]) == [1]
    with pytest.raises(QuotaExhausted):
        next(pages)
    assert (len(script.requests), gate.codes) == (1, ["ok"])


def test_a_copy_charges_its_own_gate_over_the_same_token() -> None:
    """Copies with their own gate share client and token."""
    here, there, script = WatchedGate(), WatchedGate(), Script([document("user_info"), document("user_info")])
    api = client(script, gate=here)
    api.user_info("lena")
    api.charged_to(there).user_info("jo")
    assert (len(here.settled), len(there.settled), script.token_requests) == (1, 1, 1)


def test_a_daily_429_reaches_gate_and_caller() -> None:
    """A daily 429 is settled with its code and not tried again."""
    gate, script = WatchedGate(), Script([document("daily_quota_limit_exceeded")])
    with pytest.raises(QuotaExhausted) as caught:
        search(client(script, gate=gate))
    assert (gate.codes, caught.value.reported_by_server) == (["daily_quota_limit_exceeded"], True)


def test_an_unreadable_429_ends_the_day_at_the_fourth_time() -> None:
    """Three unreadable 429 are waited out; the fourth is settled as the end of the day."""
    gate, clock = WatchedGate(), FrozenClock(NOON)
    with pytest.raises(QuotaExhausted):
        search(client(Script([document("rate_limit_html") for _ in range(4)]), gate=gate, clock=clock))
    assert (gate.codes, clock.slept_s) == (["unreadable"] * 3 + ["daily_quota_limit_exceeded"], [10, 20, 40])


def test_a_burst_is_waited_out_without_a_reservation() -> None:
    """While the client waits, every reservation is settled."""
    gate, in_flight = WatchedGate(), []
    clock = _Noticing(NOON, lambda: in_flight.append(len(gate.reserved) - len(gate.settled)))
    burst = document("rate_limit_exceeded")
    burst.headers["Retry-After"] = "7"
    search(client(Script([burst, document("rate_limit_exceeded"), page_of(1)]), gate=gate, clock=clock))
    assert (clock.slept_s, in_flight) == ([7, 20], [0, 0])


def test_a_retry_after_that_is_a_date_is_left_to_our_own_waits() -> None:
    """Only seconds are read from Retry-After."""
    clock, burst = FrozenClock(NOON), document("rate_limit_exceeded")
    burst.headers["Retry-After"] = "Thu, 05 Nov 2026 12:00:07 GMT"
    search(client(Script([burst, page_of(1)]), clock=clock))
    assert clock.slept_s == [10]


def test_an_endless_burst_raises_an_error() -> None:
    """After nine refusals the error is raised."""
    with pytest.raises(RateLimited):
        client(Script([document("rate_limit_exceeded") for _ in range(9)])).user_info("lena")


def test_a_window_that_fails_three_times_is_too_heavy() -> None:
    """After three charged failures the error requests fewer days; it has the facts of the last answer."""
    gate, clock = WatchedGate(), FrozenClock(NOON)
    failures: list[Reply] = [document("internal_error_a"), httpx.ReadTimeout("slow"), document("gateway_timeout_html")]
    with pytest.raises(WindowTooHeavy) as caught:
        search(client(Script(failures), gate=gate, clock=clock), label="bees")
    assert (gate.codes, clock.slept_s) == (["internal_error", "no_answer", "unreadable"], [30, 60])
    assert (caught.value.request, caught.value.status) == ("video query bees 2026-11-01..2026-11-02", 504)
    assert [settlement["status"] for settlement in gate.settled] == [500, None, 504]


def test_other_endpoints_are_never_too_heavy() -> None:
    """Comments that fail again and again raise a server error."""
    with pytest.raises(ServerFailure):
        list(client(Script([document("internal_error_b")] * 3)).comment_pages(7))


@pytest.mark.parametrize(("situation", "kind"), [
    ("invalid_params_dates", SearchRejected), ("scope_not_authorized", ScopeNotAuthorized),
])  # fmt: skip
def test_a_request_that_cannot_succeed_is_not_sent_again(situation: str, kind: type[Exception]) -> None:
    """One request raises one error."""
    script = Script([document(situation)])
    with pytest.raises(kind):
        search(client(script))
    assert len(script.requests) == 1


def test_a_fresh_search_id_is_waited_for() -> None:
    """A search_id refused right after its issue is sent again until it works; each try is charged."""
    gate, clock = WatchedGate(), FrozenClock(NOON)
    script = Script([
        page_of(2, has_more=True, search_id="77"), dead_search_id(), document("invalid_params_cursor"),
        page_of(1, cursor=101),
    ])  # fmt: skip
    assert ids(search(client(script, gate=gate, clock=clock))) == [2, 1]
    assert (gate.codes, clock.slept_s) == (["ok", "invalid_params", "invalid_params", "ok"], [5, 10])
    assert script.steps("cursor", "search_id")[1:] == [(100, "77")] * 3


def test_a_dead_search_id_restarts_the_search_below_the_last_id() -> None:
    """After six refusals a new search ends on the day of the lowest id; some rows may repeat."""
    script = Script([
        page_of(an_id(2, 9), an_id(1, 8), has_more=True, search_id="77"), *(dead_search_id() for _ in range(6)),
        page_of(an_id(1, 8), has_more=True, search_id="88"),
        page_of(an_id(1, 7), cursor=200),
    ])  # fmt: skip
    assert [an_id(2, 9), an_id(1, 8), an_id(1, 8), an_id(1, 7)] == ids(search(client(script)))
    assert script.steps("end_date", "cursor", "search_id")[7:] == [("20261101", None, None), ("20261101", 100, "88")]


def test_a_search_id_that_is_always_refused_is_given_up() -> None:
    """Two rounds without a new row raise an error, because the server's paging is broken."""
    first = [page_of(an_id(2, 9), has_more=True, search_id="77"), *(dead_search_id() for _ in range(6))]
    script = Script(first * 3)
    with pytest.raises(SearchIdRefused):
        search(client(script))
    assert len(script.requests) == 14


def test_a_resumed_search_sends_only_what_is_missing() -> None:
    """The first request of a resumed search is the one after the last landed page."""
    script = Script([page_of(1, cursor=150)])
    begun = Resume(request=WINDOW, cursor=100, search_id="77")
    assert ids(search(client(script), resume=begun)) == [1]
    assert script.bodies == [{**WINDOW, "cursor": 100, "search_id": "77"}]


def test_an_old_search_id_costs_two_requests_before_the_restart() -> None:
    """A search_id of an earlier process is tried once more; then the search restarts below the lowest landed id."""
    clock = FrozenClock(NOON)
    script = Script([dead_search_id(), dead_search_id(), page_of(an_id(1, 7))])
    begun = Resume(request=WINDOW, cursor=100, search_id="77", lowest_id=an_id(1, 8))
    assert [an_id(1, 7)] == ids(search(client(script, clock=clock), resume=begun))
    assert (script.bodies[2], clock.slept_s) == ({**WINDOW, "end_date": "20261101"}, [5])


def test_a_cursor_that_does_not_move_is_sent_once_more_and_ends_the_search() -> None:
    """The same request is sent twice, and the second page is the last and has the reason."""
    script = Script([page_of(3, has_more=True, search_id="77"), *(page_of(2, has_more=True) for _ in range(2))])
    pages = search(client(script))
    assert [page.ends for page in pages] == [None, None, StopReason.CURSOR_STUCK]
    assert script.steps("cursor") == [(None,), (100,), (100,)]


def test_a_playlist_that_repeats_its_page_ends() -> None:
    """The cursor of playlists may have no effect; the second identical page is the last."""

    def again(cursor: int) -> httpx.Response:
        content = {"playlist_video_ids": [7, 8], "cursor": cursor, "has_more": True}
        return httpx.Response(500, json={"data": content, "error": {"code": "ok"}})

    pages = list(client(Script([again(2), again(4)])).playlist_pages(1))
    assert [page.ends for page in pages] == [None, StopReason.CURSOR_STUCK]


def test_comments_stop_at_the_cap() -> None:
    """A video costs at most ten requests; the tenth page states that there were more comments."""

    def comments(number: int) -> httpx.Response:
        content = {"comments": [{"id": number}], "cursor": 100 * (number + 1), "has_more": True}
        return httpx.Response(200, json={"data": content, "error": {"code": "ok"}})

    script = Script(comments(number) for number in range(99))
    pages = list(client(script).comment_pages(7))
    assert ([page.ends for page in pages], len(script.requests)) == ([None] * 9 + [StopReason.COMMENT_CAP], 10)
    assert script.bodies[-1]["cursor"] == 900


@pytest.mark.parametrize("ask", [
    lambda api: api.user_info("ghost"), lambda api: next(api.follower_pages("ghost")),
    lambda api: next(api.comment_pages(7)),
])  # fmt: skip
def test_a_refusal_is_a_page_and_a_settled_request(ask: Callable[[ResearchApi], Page]) -> None:
    """A refused account is a result and its request is charged."""
    gate = WatchedGate()
    page = ask(client(Script([document("invalid_params_no_such_user")]), gate=gate))
    assert (page.refusal, page.ends, gate.codes) == (Refusal.NOT_FOUND, StopReason.REFUSED, ["invalid_params"])


def test_an_unreachable_server_is_reported_without_charge() -> None:
    """The token is requested first, so no request was reserved."""
    gate = WatchedGate()
    with pytest.raises(ServerUnreachable):
        client(Script([], tokens=[httpx.ConnectError("refused")]), gate=gate).user_info("lena")
    assert gate.reserved == []


def test_a_server_that_went_away_is_waited_for() -> None:
    """After a first answer, a refused connection is retried like other failures and settled as unreachable."""
    gate = WatchedGate()
    script = Script([httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), document("user_info")])
    assert len(client(script, gate=gate).user_info("lena").records) == 1
    assert gate.codes == ["unreachable", "unreachable", "ok"]


def test_an_outage_does_not_blame_the_window() -> None:
    """An unreachable server does not make the window too heavy."""
    with pytest.raises(ServerFailure):
        search(client(Script([httpx.ConnectError("refused")] * 3)))


def test_an_unexpected_error_still_settles() -> None:
    """Even an interrupted request is settled, as unanswered."""
    gate = WatchedGate()
    with pytest.raises(ZeroDivisionError):
        client(Script([ZeroDivisionError()]), gate=gate).user_info("lena")
    assert gate.codes == ["no_answer"]


@pytest.mark.parametrize(
    ("query", "first_day", "last_day", "problem"),
    [
        (WILD_BEES, date(2026, 10, 1), date(2026, 10, 31), "covers 1 to 30 days"),
        (
            WILD_BEES,
            date(2026, 10, 2),
            date(2026, 10, 1),
            "2026-10-02 is after last_day 2026-10-01; exchange",
        ),
        (WILD_BEES, "2026-10-02", date(2026, 10, 1), "first_day is '2026-10-02'; pass a date"),
        (Query(), date(2026, 10, 1), date(2026, 10, 1), "has no condition"),
    ],
)
def test_an_illegal_request_is_refused_before_it_is_sent(
    query: Query, first_day: Any, last_day: date, problem: str
) -> None:
    """A window or query that the API would refuse costs nothing."""
    with pytest.raises(UsageError, match=problem):
        client(Script([])).video_pages(query, first_day, last_day)


def test_the_default_gate_counts() -> None:
    """A notebook shows the number of requests it sent."""
    gate = OpenGate()
    with client(
        Script([document("user_info"), refused(500, "internal_error"), document("followers")]), gate=gate
    ) as api:
        api.user_info("lena")
        next(api.follower_pages("lena"))
        assert repr(api) == "ResearchApi('https://open.tiktokapis.com', gate=OpenGate(main=1, social=2))"
    assert (gate.sent(), gate.sent(Bucket.SOCIAL), gate.in_flight) == (1, 2, 0)


class _Noticing(FrozenClock):
    def __init__(self, instant: datetime, notice: Callable[[], None]) -> None:
        super().__init__(instant)
        self.notice = notice

    def sleep(self, seconds: float) -> None:
        self.notice()
        super().sleep(seconds)
