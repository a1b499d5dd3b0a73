"""Pages of a video query: slots, cursors, order, end."""

from datetime import date

import pytest

from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.simulator.builders import EVERYTHING, OPEN, ApiSession, condition, error_of, session, wide_body

HIDING = Knobs(rate_per_minute=0)
WINDOW = (date(2026, 10, 22), date(2026, 11, 20))


def test_all_pages_together_are_the_truth() -> None:
    """All pages to the end have every visible video once, highest id first."""
    at = session(HIDING)
    ids = [video["id"] for video in at.videos(wide_body(), "id")]
    assert ids == at.simulator.truth_videos(EVERYTHING, *WINDOW)
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) > 500


def test_the_cursor_counts_hidden_slots_too() -> None:
    """Each cursor is a page size higher; the last one is the number of slots."""
    at = session(HIDING)
    cursors = [page["cursor"] for page in at.pages(wide_body())]
    slots = at.simulator.slots(EVERYTHING, *WINDOW)
    assert cursors == [*range(100, slots, 100), slots]
    assert slots > len(at.simulator.truth_videos(EVERYTHING, *WINDOW))


def test_a_whole_page_may_be_empty_while_more_follows() -> None:
    """The run of deleted spam is a page without records, with has_more true."""
    at = session(HIDING)
    query = {"and": [condition("hashtag_name", "climate")]}
    pages = list(at.pages(wide_body(query)))
    assert [(page["videos"], page["has_more"]) for page in pages if not page["videos"]] == [([], True)]


def test_nothing_is_hidden_with_the_knobs_at_zero() -> None:
    """With hidden_rate and hidden_run at 0 there are as many records as slots."""
    at = session(OPEN)
    assert len(at.simulator.truth_videos(EVERYTHING, *WINDOW)) == at.simulator.slots(EVERYTHING, *WINDOW)


def test_an_empty_result_has_no_search_id() -> None:
    """An empty result is one page without a search_id."""
    page = session().query(wide_body({"and": [condition("username", "nobody.at.all")]})).json()
    assert page["data"] == {"videos": [], "cursor": 0, "has_more": False}


def test_the_default_page_has_twenty_slots() -> None:
    """Without max_count a page has 20 slots."""
    body = wide_body()
    del body["max_count"]
    assert session().query(body, "id").json()["data"]["cursor"] == 20


@pytest.mark.parametrize("count", [0, 101, -1, 2**70, True, "many", 1.5, [1]])
def test_a_page_size_out_of_range_is_refused(count: object) -> None:
    """max_count must be a whole number from 1 to 100."""
    assert error_of(session().query(wide_body(max_count=count))) == (400, "invalid_params", "Invalid count or cursor")


def test_numbers_may_come_as_text_and_null_is_absent() -> None:
    """Digits in quotes and whole floats are numbers; a null key is ignored."""
    body = wide_body(max_count="7", cursor=2.0, search_id=None, is_random=None)
    assert session().query(body, "id").json()["data"]["cursor"] == 9


def test_a_random_draw_has_other_videos_each_time_and_one_page() -> None:
    """is_random returns up to max_count visible videos, no search_id, has_more false, and new ones each time."""
    at = session(HIDING)
    first, second = (at.query(wide_body(is_random=True), "id").json()["data"] for _ in range(2))
    drawn = {video["id"] for video in first["videos"]}
    assert first.keys() == {"videos", "cursor", "has_more"}
    assert (first["has_more"], len(drawn)) == (False, 100)
    assert drawn <= set(at.simulator.truth_videos(EVERYTHING, *WINDOW))
    assert first["videos"] != second["videos"]


def drawn(at: ApiSession) -> list[int]:
    """The ids of a random sample."""
    return [video["id"] for video in at.query(wide_body(is_random=True, max_count=7), "id").json()["data"]["videos"]]


def test_random_samples_do_not_depend_on_other_requests() -> None:
    """A repeated request, for example after a fault, changes no later sample."""
    alone, busy = session(), session()
    first, second = (drawn(alone) for _ in range(2))
    assert (drawn(busy), busy.query(wide_body()).status_code, drawn(busy)) == (first, 200, second)


def test_is_random_is_true_or_false() -> None:
    """Any other value of is_random is refused."""
    assert error_of(session().query(wide_body(is_random="yes"))) == (400, "invalid_params", "is_random is invalid")


def test_both_days_of_a_window_are_in_it() -> None:
    """A window with start = end is one complete UTC day."""
    at = session()
    day = date(2026, 11, 10)
    ids = [video["id"] for video in at.videos(wide_body(start_date="20261110", end_date="20261110"), "id")]
    assert ids == [video.id for video in at.simulator.world.videos(day) if video.creator.place.region != "CA"]


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("20261020", "20261120", "The end date must be no more than 30 days after the start date"),
        ("20261120", "20261119", "The start date must not be after the end date"),
        ("2026-11-01", "20261119", "The start date and the end date must be written YYYYMMDD"),
        ("20261301", "20261319", "The start date and the end date must be written YYYYMMDD"),
        (20261101, "20261119", "The start date and the end date must be written YYYYMMDD"),
    ],
)
def test_a_wrong_window_is_refused(first: object, last: str, message: str) -> None:
    """Dates must be YYYYMMDD, in order, and at most 30 days apart."""
    refused = session().query(wide_body(start_date=first, end_date=last))
    assert error_of(refused) == (400, "invalid_params", message)


def test_a_difference_of_thirty_days_is_allowed() -> None:
    """A window of 31 calendar days is accepted, also in the future."""
    assert session().query(wide_body(start_date="20261101", end_date="20261201")).status_code == 200


def test_only_the_requested_fields_are_returned() -> None:
    """Blanks, empty entries and repetitions in `fields` are accepted."""
    videos = session().query(wide_body(), " id, create_time,,id ").json()["data"]["videos"]
    assert {frozenset(video) for video in videos} == {frozenset({"id", "create_time"})}


def test_an_unknown_field_is_refused_by_default() -> None:
    """`favourites_count` is the British spelling of another API."""
    refused = session().query(wide_body(), "id,favourites_count")
    assert error_of(refused) == (400, "invalid_params", "Fields is invalid: favourites_count")
    lenient = session(Knobs(unknown_fields="ignore")).query(wide_body(), "id,favourites_count")
    assert set(lenient.json()["data"]["videos"][0]) == {"id"}


def test_fields_are_required() -> None:
    """A request without fields is refused."""
    assert error_of(session().query(wide_body(), "")) == (400, "invalid_params", "Fields is required")


def test_absent_keys_are_absent_rather_than_null() -> None:
    """Some videos lack like_count, nearly all lack effects; no value is null."""
    videos = session().videos(wide_body())
    shares = {key: sum(key not in video for video in videos) / len(videos) for key in ("like_count", "effect_ids")}
    assert 0.01 < shares["like_count"] < 0.09
    assert 0.9 < shares["effect_ids"] < 1
    assert not [key for video in videos for key, value in video.items() if value is None]


def test_some_texts_have_a_null_byte() -> None:
    """At null_byte_rate 1 every username has one; without it the username is a handle."""
    at = session(Knobs(null_byte_rate=1, rate_per_minute=0))
    usernames = [video["username"] for video in at.query(wide_body(), "username").json()["data"]["videos"]]
    assert usernames
    assert all("\0" in username for username in usernames)
    assert all(at.simulator.world.creator(username.replace("\0", "")) for username in usernames)


def test_the_old_name_of_the_id_can_be_configured() -> None:
    """With video_id_key records have the key of older servers."""
    videos = session(Knobs(video_id_key="video_id")).query(wide_body(), "id").json()["data"]["videos"]
    assert set(videos[0]) == {"video_id"}
