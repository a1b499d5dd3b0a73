"""Calls for notebooks return the records of several pages, and where they continue."""

from collections.abc import Callable

import pytest

from tt_pipeline.errors import QuotaExhausted, SearchIdRefused, UsageError
from tt_pipeline.research_api import Found, ResearchApi
from tt_pipeline.vocabulary import Refusal, StopReason
from tt_pipeline_tests.research_api.server import (
    FIRST_DAY,
    LAST_DAY,
    Script,
    WatchedGate,
    client,
    dead_search_id,
    document,
    page_of,
)

ID = 7302470379501604128


def test_a_search_stops_after_its_pages() -> None:
    """The words become a query, and the result says where it continues."""
    script = Script([page_of(ID, has_more=True, search_id="77")])
    found = client(script).search("#rstats", FIRST_DAY, LAST_DAY, max_pages=1)

    assert [record["id"] for record in found] == [ID]
    assert (len(found), found.search_id, found.cursor, found.ends) == (1, "77", 100, None)
    assert repr(found) == "<Found 1 record on 1 page of video_query; more follow: search_id='77', cursor=100>"
    assert script.bodies[0]["query"] == {
        "or": [
            {"operation": "IN", "field_name": "hashtag_name", "field_values": ["rstats"]},
            {"operation": "IN", "field_name": "keyword", "field_values": ["#rstats"]},
        ]
    }


def test_a_search_continues_behind_an_earlier_one() -> None:
    """Its request has the search_id and the cursor, and a query that ends is complete."""
    script = Script([page_of(ID, cursor=200)])
    found = client(script).search("#rstats", FIRST_DAY, LAST_DAY, search_id="77", cursor=100)

    assert [script.bodies[0][key] for key in ("search_id", "cursor")] == ["77", 100]
    assert (found.ends, found.cursor) == (StopReason.COMPLETE, None)


def test_an_expired_search_id_does_not_begin_anew() -> None:
    """Otherwise the first pages would be bought again."""
    script = Script([dead_search_id(), dead_search_id(), dead_search_id(), page_of(ID)])
    with pytest.raises(SearchIdRefused):
        client(script).search("#rstats", FIRST_DAY, LAST_DAY, search_id="77", cursor=100)


def test_an_error_after_the_first_page_keeps_it() -> None:
    """The records came and were paid for; an error before them is raised."""
    script = Script([page_of(ID, has_more=True, search_id="77")])
    found = client(script, gate=WatchedGate(allowed=1)).search("x", FIRST_DAY, LAST_DAY)

    assert (len(found), found.cursor, type(found.stopped_because)) == (1, 100, QuotaExhausted)
    with pytest.raises(QuotaExhausted):
        client(script, gate=WatchedGate(allowed=0)).search("x", FIRST_DAY, LAST_DAY)


def test_an_error_names_every_subject_that_has_no_whole_answer() -> None:
    """The first video's comments are whole; the second's were refused by the quota, and the third was not requested."""
    script = Script([document("comments_of_a_video")])
    found = client(script, gate=WatchedGate(allowed=1)).comments(ID, ID + 1, ID + 2)

    assert (found.pages, found.unfinished, found.ends) == (1, (f"{ID + 1}", f"{ID + 2}"), None)


def test_days_may_be_text() -> None:
    """Notebooks write "2026-11-01"; text that is not such a day is refused with an example."""
    script = Script([page_of(ID)])
    client(script).search("x", "2026-11-01", "2026-11-03")
    assert [script.bodies[0][key] for key in ("start_date", "end_date")] == ["20261101", "20261103"]

    with pytest.raises(UsageError, match=r"^last_day is '1.11.2026', which is not a day; pass for example date\(2026"):
        client(Script([])).search("x", "2026-11-01", "1.11.2026")


@pytest.mark.parametrize(("search_id", "cursor"), [("77", None), (None, 100)])
def test_half_of_a_continuation_sends_nothing(search_id: str | None, cursor: int | None) -> None:
    """A cursor without its search_id would begin at the first page, and pay for it again."""
    script = Script([])
    with pytest.raises(UsageError, match="search_id and cursor"):
        client(script).search("x", FIRST_DAY, LAST_DAY, search_id=search_id, cursor=cursor)
    assert script.bodies == []


def test_the_frame_of_a_search_has_exact_ids() -> None:
    """An id is the number that was sent, which passes 2^53."""
    found = client(Script([page_of(ID)])).search("x", FIRST_DAY, LAST_DAY)

    assert found.frame()["id"].to_list() == [ID]


def test_profiles_have_their_username() -> None:
    """Accounts are named by handle or link, each once; one that is not found is a refusal."""
    script = Script([document("user_info"), document("user_gone_404")])
    found = client(script).users("@tiktok", "https://www.tiktok.com/@tiktok", "nobody")

    assert [body["username"] for body in script.bodies] == ["tiktok", "nobody"]
    assert (found.frame()["username"].to_list(), found.refusals) == (["tiktok"], {"nobody": Refusal.NOT_FOUND})


def test_comments_are_requested_by_link() -> None:
    """The id is in the link."""
    script = Script([document("comments_of_a_video")])
    found = client(script).comments(f"https://www.tiktok.com/@x/video/{ID}")

    assert script.bodies[0]["video_id"] == ID
    assert found.frame().height == len(found) > 0


Call = Callable[[ResearchApi, str], Found]


@pytest.mark.parametrize(
    ("situation", "call"),
    [
        ("followers", ResearchApi.followers),
        ("following", ResearchApi.following),
        ("liked_videos", ResearchApi.liked),
        ("pinned_videos", ResearchApi.pinned),
        ("reposted_videos", ResearchApi.reposted),
    ],
)
def test_a_list_says_whose_it_is(situation: str, call: Call) -> None:
    """The API does not repeat the account, so each record gets it."""
    found = call(client(Script([document(situation)]), gate=WatchedGate(allowed=1)), "@tiktok")

    assert len(found) > 0
    assert set(found.frame()["account"]) == {"tiktok"}


def test_a_wrong_name_sends_nothing() -> None:
    """It is refused before the first request."""
    script = Script([])
    for call in (client(script).users, client(script).followers):
        with pytest.raises(UsageError, match="is not an account"):
            call("two words")
    assert script.bodies == []
