"""Every quirk that clients have met is in the simulator, and the product handles it as stated here."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from starlette.responses import Response

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.errors import SearchIdRefused, UsageError, WindowTooHeavy
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.query import Condition, Query
from tt_pipeline.research_api import Page, ResearchApi
from tt_pipeline.simulator import Fault, FaultKind
from tt_pipeline.vocabulary import ConditionField, Operation, Refusal, StopReason
from tt_pipeline_tests.contract.facts_shown import shows
from tt_pipeline_tests.contract.lab import EVERYTHING, FIRST_DAY, LAST_DAY, Lab, ids_of, outcome_of, search, small_world
from tt_pipeline_tests.contract.shared_server import Exchange, NthToken, Script, error, good

CREATORS = [creator for creator in small_world().people.creators if creator.standing == "public"]
DAYS = days_between(FIRST_DAY, LAST_DAY)


@shows("short-pages")
def test_pages_may_be_short_and_even_empty(lab: Lab) -> None:
    """Only has_more false ends a search; the cursor's steps count hidden videos."""
    lab.change_knobs(hidden_rate=0.3, hidden_run=250)
    month = (date(2026, 11, 1), date(2026, 11, 15))
    pages = list(search(lab.client(), *month))
    received = [(len(page.records), page.has_more) for page in pages]

    assert (0, True) in received
    assert max(count for count, _ in received) < 100
    assert ids_of(pages) == lab.truth(*month)
    assert sum(page.slots for page in pages) == lab.simulator.slots(dict(EVERYTHING.body()), *month)


@shows("fresh-search-id")
def test_a_fresh_search_id_is_waited_for(lab: Lab) -> None:
    """The refused page is requested again after 5 s, with the same search_id."""
    lab.change_knobs(search_warmup_s=3)
    pages = list(search(lab.client()))

    assert (ids_of(pages), lab.clock.slept_s) == (lab.truth(), [5])
    assert lab.bodies[1] == lab.bodies[2]


@shows("fresh-cursor")
def test_a_fresh_cursor_is_waited_for(lab: Lab) -> None:
    """It is handled like a search_id that is too new."""
    lab.change_knobs(faults=(Fault(kind=FaultKind.CURSOR_INVALID, nth=2, endpoint="video_query"),))
    pages = list(search(lab.client()))

    assert (ids_of(pages), lab.clock.slept_s) == (lab.truth(), [5])
    assert lab.bodies[1] == lab.bodies[2]


@shows("changing-search-id")
def test_the_latest_search_id_is_used(lab: Lab) -> None:
    """Each request has the search_id of the answer before it, and all of them differ."""
    lab.change_knobs(search_id_rotates=True)
    pages = list(search(lab.client(), date(2026, 11, 5), LAST_DAY))

    assert ids_of(pages) == lab.truth(date(2026, 11, 5))
    assert [body.get("search_id") for body in lab.bodies] == [None, *(page.search_id for page in pages[:-1])]
    assert len({page.search_id for page in pages}) == len(pages) > 3


@shows("one-page-only")
def test_days_that_fit_a_page_are_received_one_by_one(lab: Lab) -> None:
    """If no second page is ever returned, the search restarts below its lowest id and receives every video."""
    lab.change_knobs(search_ttl_s=0, search_cache_s=0)

    assert set(lab.statuses()) == {"complete"}
    assert set(lab.landed_ids()) == set(lab.truth())


@shows("one-page-only")
def test_a_day_larger_than_a_page_is_never_called_complete(lab: Lab) -> None:
    """A single day with more than a page becomes unavailable."""
    lab.with_world(small_world(videos_per_day=200), search_ttl_s=0, search_cache_s=0)

    assert set(lab.statuses()) == {"unavailable"}
    assert isinstance(outcome_of(lambda: search(lab.client())).error, SearchIdRefused)


@shows("random-500")
def test_random_failures_are_survived(lab: Lab) -> None:
    """Each failure is waited out and charged, and the page is requested again."""
    lab.change_knobs(faults=(Fault(kind=FaultKind.ERROR_500, every=2),))
    pages = list(search(lab.client()))

    assert ids_of(pages) == lab.truth()
    assert lab.wire == ["200 ok", "500 internal_error", "200 ok"]


@shows("random-500")
def test_hours_of_failures_end_a_search_and_it_continues_later(lab: Lab) -> None:
    """After three tries the window is given up; its pages are kept, and its days are requested again a day later."""
    pages = search(lab.client())
    next(pages)
    lab.change_knobs(faults=(Fault(kind=FaultKind.ERROR_500, always=True),))
    with pytest.raises(WindowTooHeavy):
        next(pages)
    assert set(lab.statuses()) == {"unavailable"}

    lab.change_knobs(faults=())
    lab.clock.advance(days=1)
    assert set(lab.statuses()) == {"complete"}
    assert set(lab.landed_ids()) == set(lab.truth())


@shows("bad-days")
def test_a_bad_day_is_unavailable_and_its_neighbours_complete(lab: Lab) -> None:
    """The window is halved down to the day; ledger and server count every failure."""
    lab.change_knobs(fault_dates=("2026-11-11",))

    assert lab.statuses() == ["complete", "unavailable", "complete"]
    assert set(lab.landed_ids()) == set(lab.truth(FIRST_DAY, FIRST_DAY) + lab.truth(LAST_DAY, LAST_DAY))
    ours, theirs = lab.charges
    assert ours == theirs
    assert sum(ours) == len(lab.wire)


@shows("big-windows")
def test_a_window_too_big_is_halved_until_it_succeeds(lab: Lab) -> None:
    """If 28 days fail and 7 do not, every day becomes complete."""
    lab.play(_fails_beyond(timedelta(days=7)))
    month = (date(2026, 10, 21), date(2026, 11, 17))

    assert set(lab.statuses(*month)) == {"complete"}
    assert set(lab.landed_ids()) == set(lab.truth(*month))


def _fails_beyond(longest: timedelta) -> Script:
    def script(exchange: Exchange) -> Response | None:
        if exchange.is_token:
            return None
        first, last = (date.fromisoformat(exchange.body[key]) for key in ("start_date", "end_date"))
        return error(500, "internal_error") if last - first >= longest else None

    return script


@shows("html-504")
def test_a_gateway_that_gives_up_is_waited_for(lab: Lab) -> None:
    """The client's timeout is longer than the gateway's, and HTML is a failure of the server."""
    lab.change_knobs(faults=(Fault(kind=FaultKind.HTML_504, always=True, times=2),))
    api = lab.client()

    assert ids_of(list(search(api))) == lab.truth()
    assert lab.wire[:2] == ["504 unreadable"] * 2
    assert (api._transport._http.timeout.read or 0) > 240


@shows("missing-two-days")
def test_young_days_do_not_count_as_collected(lab: Lab) -> None:
    """Videos that are not indexed yet are missing; such days are early, and requested again when due."""
    young = (date(2026, 11, 18), date(2026, 11, 19))
    assert lab.statuses(*young) == ["early", "early"]
    early = set(lab.landed_ids())

    lab.clock.advance(days=4)
    assert lab.statuses(*young) == ["complete", "complete"]
    assert early < set(lab.landed_ids()) == set(lab.truth(*young))


@shows("silent-searches")
def test_a_silence_is_not_believed(lab: Lab) -> None:
    """Even a canary gets no answer, so the days are suspicious; requested again, they are complete."""
    lab.change_knobs(faults=(Fault(kind=FaultKind.EMPTY, always=True),))
    (page,) = search(lab.client())
    assert (page.records, page.has_more, page.search_id, page.ends) == ((), False, None, StopReason.COMPLETE)
    assert (set(lab.statuses()), lab.landed_ids()) == ({"suspicious"}, [])

    lab.change_knobs(faults=())
    lab.clock.advance(days=1)
    assert set(lab.statuses()) == {"complete"}
    assert set(lab.landed_ids()) == set(lab.truth())


@shows("follower-cap")
def test_followers_end_where_the_api_ends_them(lab: Lab) -> None:
    """A cut list ends like a complete one; only the account's own count shows the difference."""
    star = max(CREATORS, key=lambda creator: creator.followers).username
    lab.change_knobs(followers_cap=250)
    pages = list(lab.client().follower_pages(star))
    names = [record["username"] for page in pages for record in page.records]

    assert (len(set(names)), pages[-1].ends) == (250, StopReason.COMPLETE)
    assert int(lab.client().user_info(star).records[0]["follower_count"]) > 250


@shows("closed-likes")
def test_closed_likes_are_a_result(lab: Lab) -> None:
    """A refusal is stored; it is not an error and is not requested again."""
    api = lab.client()
    answers = Counter(str(outcome_of(lambda: api.liked_pages(creator.username))) for creator in CREATORS)  # noqa: B023

    assert answers.keys() == {Refusal.REFUSED, StopReason.COMPLETE}
    assert answers[Refusal.REFUSED] > 0.9 * len(CREATORS)
    assert not lab.clock.slept_s


@shows("foreign-usernames")
def test_foreign_accounts_are_kept(lab: Lab) -> None:
    """The client removes no returned video; the username shows which ones do not fit."""
    username = CREATORS[0].username
    query = Query(
        all_of=(Condition(field=ConditionField.USERNAME, operation=Operation.EQ, values=(username,)),),
    )
    lab.change_knobs(username_filter_leak_rate=0.2)
    pages = list(lab.client().video_pages(query, FIRST_DAY, LAST_DAY))

    assert ids_of(pages) == lab.truth(query=query)
    assert {record["username"] for page in pages for record in page.records} > {username}


@shows("good-500")
def test_a_good_body_wins_over_500(lab: Lab) -> None:
    """Answers about playlists and accounts are judged by their body."""
    lab.change_knobs(missing_key_rates={})
    playlist = list(lab.client().playlist_pages(7_615_533_644_417_438_599))
    lab.play(lambda exchange: None if exchange.is_token else good(500, display_name="Lena", likes_count=3))
    profile = lab.client().user_info("lena")

    assert [(page.status, page.ends) for page in playlist] == [(500, StopReason.COMPLETE)]
    assert len(ids_of(playlist)) > 1
    assert (profile.status, profile.records) == (
        500,
        ({"username": "lena", "display_name": "Lena", "likes_count": 3},),
    )


@shows("null-bytes")
def test_null_bytes_stay_in_the_page_and_nowhere_else(lab: Lab) -> None:
    """The page's body is unchanged; records, requests and tables have no null bytes."""
    lab.change_knobs(null_byte_rate=1.0)
    one_day = (FIRST_DAY, FIRST_DAY)
    (page,) = search(lab.client(), *one_day)
    assert page.body.count(b"\\u0000") >= len(page.records)
    assert all("\0" not in record["username"] for record in page.records)

    lab.collect(*one_day)
    with lab.session() as session:
        collect_users(session, [FIRST_DAY])
    requested = {body["username"] for body in lab.bodies if "username" in body}
    known = {name.replace("\0", "") for record in page.records for name in [record["username"]]}
    assert requested == known
    assert {row["username"] for row in lab.warehouse("select username from core.videos")} == known


@shows("big-counts")
def test_counts_beyond_32_bits_are_exact(lab: Lab) -> None:
    """likes_count exceeds 2**31 and is stored digit for digit."""
    star = max(CREATORS, key=lambda creator: creator.likes)
    profile = lab.client().user_info(star.username).records[0]

    assert profile == {"username": star.username} | (lab.simulator.truth_user(star.username) or {})
    assert profile["likes_count"] > 2**31


@shows("null-cursor")
def test_a_video_without_comments_has_one_empty_page(lab: Lab) -> None:
    """Both list and cursor may be missing."""
    odd = next(v.id for v in small_world().videos(FIRST_DAY) if v.id % 2 and not v.comments)
    (page,) = lab.client().comment_pages(odd)

    assert b'"cursor":null' in page.body
    assert b'"comments"' not in page.body
    assert (page.records, page.cursor, page.ends) == ((), None, StopReason.COMPLETE)


@shows("favourites")
def test_favourites_are_never_requested_for_lists(lab: Lab) -> None:
    """Every default field is accepted; both spellings raise an error before a request is sent."""
    api = lab.client()
    answered = [str(outcome_of(ask)) for ask in _lists(api, CREATORS[0].username)]
    assert set(answered) <= {Refusal.REFUSED, StopReason.COMPLETE}
    assert not any("favo" in exchange.fields for exchange in lab.shared_server.exchanges)

    sent = len(lab.wire)
    for field in ("favorites_count", "favourites_count"):
        with pytest.raises(UsageError):
            list(api.liked_pages("lena", fields=("id", field)))
    assert len(lab.wire) == sent


def _lists(api: ResearchApi, username: str) -> list[Callable[[], Iterator[Page]]]:
    return [
        lambda: api.liked_pages(username),
        lambda: iter([api.pinned_videos(username)]),
        lambda: api.reposted_pages(username),
    ]


@shows("token-failures")
def test_a_token_is_requested_again(lab: Lab) -> None:
    """A failure, also under status 200, is waited out and not charged."""
    lab.play(NthToken({1: error(500, "internal_error"), 2: Response("{}"), 3: error(429, "rate_limit_exceeded")}))
    assert ids_of(list(search(lab.client()))) == lab.truth()

    assert (lab.tokens, lab.clock.slept_s) == (4, [2, 10, 30])
    assert lab.charges_in_ledger == [("ok", True)] * 2


@shows("old-video-id")
def test_a_video_may_call_its_id_video_id(lab: Lab) -> None:
    """Videos of old servers are landed, counted, resumed and loaded like others."""
    lab.change_knobs(video_id_key="video_id", search_ttl_s=0, search_cache_s=0)

    assert set(lab.statuses()) == {"complete"}
    assert set(lab.landed_ids()) == set(lab.truth())
    assert {row["video_id"] for row in lab.warehouse("select video_id from core.videos")} == set(lab.truth())


@shows("negative-counts")
def test_nonsense_is_null_and_a_repeated_video_is_one_row(lab: Lab) -> None:
    """A negative count is NULL, and a video of two pages is one row."""
    second = 1_794_000_000  # 2026-11-06
    video = {"id": (second << 32) + 1, "create_time": second + 20, "username": "lena", "view_count": -1}
    other = video | {"id": (second << 32) + 0, "view_count": 7}
    pages = [
        good(videos=[video], cursor=100, has_more=True, search_id="77"),
        good(videos=[video, other], cursor=102, has_more=False, search_id="77"),
    ]
    lab.play(lambda exchange: None if exchange.is_token else pages.pop(0))
    day = date(2026, 11, 6)

    assert lab.statuses(day, day) == ["complete"]
    assert lab.warehouse("select video_id, view_count from core.video_snapshots order by 1") == [
        {"video_id": other["id"], "view_count": 7},
        {"video_id": video["id"], "view_count": None},
    ]
