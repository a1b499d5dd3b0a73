"""The admin endpoints: everything that tests in other processes need."""

from tt_pipeline.simulator.people import Standing
from tt_pipeline_tests.simulator.builders import EVERYTHING, NOW, error_of, session, small_world, wide_body


def test_state_returns_clock_world_charges_and_knobs() -> None:
    """GET state returns all four."""
    at = session()
    at.query(wide_body(), "id")
    state = at.admin("state")
    assert {key: state[key] for key in ("now", "seed", "first_day", "last_day", "videos_per_day", "requests")} == {
        "now": NOW.isoformat(),
        "seed": 1,
        "first_day": "2026-11-01",
        "last_day": "2026-11-20",
        "videos_per_day": 60,
        "requests": 2,
    }
    assert state["charged"] == {"main": {"requests": 1, "records": 100}, "social": {"requests": 0, "records": 0}}
    assert state["knobs"]["hidden_rate"] == 0


def test_the_log_can_be_read_from_a_number_on() -> None:
    """The log with `since` omits the requests up to that number."""
    at = session()
    at.user("a", "display_name")
    at.user("b", "display_name")
    assert at.admin("log?since=2")["requests"] == [
        {
            "n": 3,
            "at": NOW.isoformat(),
            "endpoint": "user_info",
            "status": 400,
            "code": "invalid_params",
            "charged": True,
            "body": {"username": "b"},
        },
    ]


def test_the_truth_can_be_requested() -> None:
    """POST truth returns ids and slots of a search of any length; comments and users have separate paths."""
    at = session()
    truth = at.admin("truth", {"query": EVERYTHING, "first_day": "2026-10-01", "last_day": "2026-11-20"})
    assert truth["ids"] == [video["id"] for video in at.videos(wide_body(), "id")]
    assert truth["slots"] == len(truth["ids"])
    assert truth["usernames"] == sorted({video["username"] for video in at.videos(wide_body(), "username")})
    talked = max(small_world().videos(small_world().last_day), key=lambda video: video.comments)
    comments = at.admin(f"truth/comments/{talked.id}")
    assert comments == {"ids": at.simulator.truth_comments(talked.id)}
    assert at.admin("truth/user/nobody") == {"user": None}


def test_the_ids_in_responses_can_be_requested() -> None:
    """It returns the ids of videos, comments and profiles that were sent, also deleted ones, and no others."""
    at = session()
    page = at.query(wide_body(), "id").json()["data"]["videos"]
    talked = max(small_world().videos(small_world().last_day), key=lambda video: video.comments)
    comments = at.comments({"video_id": talked.id}).json()["data"]["comments"]
    public = next(creator for creator in small_world().people.creators if creator.standing is Standing.PUBLIC)
    at.user(public.username, "display_name")
    at.user("nobody", "display_name")
    at.admin("delete", {"video_id": page[0]["id"]})
    assert at.admin("sent") == {
        "video_ids": sorted(video["id"] for video in page),
        "comment_ids": sorted(comment["id"] for comment in comments),
        "usernames": [public.username],
    }


def test_videos_comments_and_accounts_can_be_deleted() -> None:
    """A deleted video, comment or account is not in the truth."""
    at = session()
    before = at.admin("truth", {"query": EVERYTHING, "first_day": "2026-11-01", "last_day": "2026-11-05"})["ids"]
    assert at.admin("delete", {"video_id": before[0]}) == {"video_id": before[0]}
    after = at.admin("truth", {"query": EVERYTHING, "first_day": "2026-11-01", "last_day": "2026-11-05"})["ids"]
    assert after == before[1:]


def test_knobs_can_be_changed() -> None:
    """Scripted faults can be changed too; other knobs stay."""
    at = session()
    knobs = at.admin("knobs", {"quota_main": 3, "faults": [{"kind": "error_500", "nth": 1}]})
    assert (knobs["quota_main"], knobs["hidden_rate"], knobs["faults"][0]["kind"]) == (3, 0, "error_500")
    assert [at.query(wide_body()).status_code for _ in range(4)] == [500, 200, 200, 429]


def test_the_clock_can_be_set_and_advanced() -> None:
    """A token expires when the clock is moved."""
    at = session()
    assert at.admin("clock", {"set": "2026-11-21T07:00:00Z"}) == {"now": "2026-11-21T07:00:00+00:00"}
    assert at.admin("clock", {"advance_s": 3600}) == {"now": "2026-11-21T08:00:00+00:00"}
    assert error_of(at.query(wide_body()))[1] == "access_token_invalid"


def test_an_invalid_request_is_a_400_and_changes_nothing() -> None:
    """The answer names the problem, and no knob is changed."""
    at = session()
    wrong = [
        ("knobs", {"no_such_knob": 1}),
        ("knobs", {"faults": [{"kind": "earthquake"}]}),
        ("knobs", {"faults": [{"kind": "error_500", "when": 1}]}),
        ("clock", {"set": "soon"}),
        ("delete", {"planet": 1}),
        ("truth", {"query": {}, "first_day": "2026-11-01", "last_day": "2026-11-05"}),
        ("truth", []),
    ]
    answers = [at.client.post(f"/_sim/{path}", json=body) for path, body in wrong]
    assert [(answer.status_code, list(answer.json())) for answer in answers] == [(400, ["problem"])] * 7
    assert at.simulator.knobs == session().simulator.knobs


def test_web_pages_cannot_use_the_admin_endpoints() -> None:
    """A page in a browser of this machine neither reads the truth nor changes anything."""
    at = session()
    foreign = [{"Origin": "http://evil.test"}, {"Host": "evil.test"}, {"Sec-Fetch-Site": "cross-site"}]
    answers = [at.client.post("/_sim/knobs", json={"quota_main": 3}, headers=headers) for headers in foreign]
    answers += [at.client.get("/_sim/state", headers=headers) for headers in foreign]
    assert [answer.status_code for answer in answers] == [403] * 6
    assert at.simulator.knobs == session().simulator.knobs
