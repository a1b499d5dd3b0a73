"""If sources disagree about queries, the product works with both versions."""

from datetime import UTC, date, datetime, timedelta
from itertools import chain

import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.query import Condition, Query, field_named
from tt_pipeline.research_api import LONGEST_WINDOW
from tt_pipeline.vocabulary import ConditionField, Operation, StopReason, VideoLength
from tt_pipeline_tests.contract.builders import (
    A_VIDEO,
    ONE_DAY,
    WORLD,
    asking,
    ids_of_records,
    land_one,
    raw,
    videos,
    where,
)
from tt_pipeline_tests.contract.facts_shown import shows
from tt_pipeline_tests.contract.lab import EVERYTHING, FIRST_DAY, LAST_DAY, Lab, ids_of, search


@shows("video-id-condition", "description-condition")
def test_names_of_a_sketch_are_understood_and_never_sent(lab: Lab) -> None:
    """`id` and `video_description` in a study become video_id and keyword; the server has the official names only."""
    assert [field_named(name) for name in ("id", "video_description")] == ["video_id", "keyword"]
    expected = lab.truth()[:2]
    assert ids_of_records(videos(lab, where(ConditionField.VIDEO_ID, *map(str, expected)))) == expected
    assert lab.bodies[0]["query"]["and"][0]["field_name"] == "video_id"

    by_hand = [asking("id", f"{expected[0]}"), asking("video_description", "climate")]
    assert [raw(lab, body).status_code for body in by_hand] == [400, 400]
    lab.change_knobs(accept_openapi_names=True)
    assert [raw(lab, body).status_code for body in by_hand] == [200, 200]


@shows("count-conditions")
def test_counts_can_be_conditions(lab: Lab) -> None:
    """view_count and comment_count are compared as numbers."""
    seen = videos(lab, where(ConditionField.VIEW_COUNT, "1000", operation=Operation.GTE))
    quiet = videos(lab, where(ConditionField.COMMENT_COUNT, "2", operation=Operation.LT))

    assert seen
    assert quiet
    assert min(video["view_count"] for video in seen) >= 1000
    assert max(video["comment_count"] for video in quiet) < 2


@shows("video-page-size", "comment-page-size")
def test_page_sizes_are_always_sent(lab: Lab) -> None:
    """The client does not rely on the defaults (20 videos, 10 comments)."""
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


@shows("canada")
def test_canada_is_legal_and_empty(lab: Lab) -> None:
    """A query for CA is accepted and returns nothing."""
    (page,) = lab.client().video_pages(where(ConditionField.REGION_CODE, "CA"), FIRST_DAY, LAST_DAY)
    assert (page.status, page.records, page.ends) == (200, (), StopReason.COMPLETE)


@shows("end-date")
def test_the_last_day_is_requested_and_strays_are_counted(lab: Lab) -> None:
    """A window of one day returns that day; a video of another day is no hit of the search."""
    assert ids_of(list(search(lab.client(), *ONE_DAY))) == lab.truth(*ONE_DAY)
    stray = (A_VIDEO >> 32) + 3 * 86_400
    land_one(lab, create_time=stray)

    assert lab.warehouse("select video_id from core.videos") == [{"video_id": A_VIDEO}]
    assert lab.warehouse("select video_id from core.search_hits") == []
    assert lab.warehouse("select sum(strays) as strays from ops.loads") == [{"strays": 1}]


@shows("thirty-days")
def test_windows_stay_below_the_limit(lab: Lab) -> None:
    """The server allows 30 days between first and last; the client sends at most 29."""
    spans = {n: f"{date(2026, 10, 20) + timedelta(days=n):%Y%m%d}" for n in (30, 31)}
    statuses = [raw(lab, asking("region_code", "DE", start_date="20261020", end_date=end)).status_code
                for end in spans.values()]  # fmt: skip
    assert statuses == [200, 400]
    assert timedelta(days=29) == LONGEST_WINDOW
    with pytest.raises(UsageError):
        list(search(lab.client(), date(2026, 10, 20), date(2026, 11, 19)))


@shows("hashtag-eq")
def test_a_hashtag_is_one_of_several(lab: Lab) -> None:
    """EQ finds videos that have the hashtag among others."""
    found = videos(lab, where(ConditionField.HASHTAG_NAME, "klima", operation=Operation.EQ), date(2026, 10, 22))
    assert found
    assert all("klima" in {tag.casefold() for tag in video["hashtag_names"]} for video in found)
    assert max(len(video["hashtag_names"]) for video in found) > 1


@shows("hashtag-gt")
def test_order_is_for_numbers_and_days(lab: Lab) -> None:
    """The client refuses GT on a hashtag; a lenient server accepts it, a strict one does not."""
    with pytest.raises(UsageError):
        videos(lab, where(ConditionField.HASHTAG_NAME, "klima", operation=Operation.GT))
    body = asking("hashtag_name", "klima", operation="GT")
    assert raw(lab, body).status_code == 200
    lab.change_knobs(lenient_ops=False)
    assert raw(lab, body).status_code == 400


@shows("in-operation", "not-list")
def test_in_is_any_and_not_is_none(lab: Lab) -> None:
    """IN fits any of the values; no condition of `not` may fit."""
    here = Condition(field=ConditionField.REGION_CODE, operation=Operation.IN, values=("DE", "US"))
    short = Condition(field=ConditionField.VIDEO_LENGTH, operation=Operation.EQ, values=(VideoLength.SHORT,))
    assert {video["region_code"] for video in videos(lab, Query(all_of=(here,)))} == {"DE", "US"}

    rest = videos(lab, Query(none_of=(here, short)))
    assert rest
    assert not {video["region_code"] for video in rest} & {"DE", "US"}
    assert min(video["video_duration"] for video in rest) >= 15


@shows("result-age")
def test_counts_of_a_search_are_days_old(lab: Lab) -> None:
    """A search's counts are older than the present and settle; each look keeps its own."""
    popular = max(WORLD.videos(LAST_DAY), key=lambda video: video.views if video.id in lab.truth() else 0)
    query, day = where(ConditionField.VIDEO_ID, f"{popular.id}"), (LAST_DAY, LAST_DAY)
    young = videos(lab, query, *day)[0]["view_count"]
    lab.clock.advance(days=40)
    old = videos(lab, query, *day)[0]["view_count"]
    assert young < old == popular.views


@shows("video-order")
def test_videos_come_in_falling_order(lab: Lab) -> None:
    """The ids fall over all pages."""
    found = ids_of(list(search(lab.client())))
    assert found == sorted(found, reverse=True)


@shows("video-lengths")
def test_lengths_are_four_words(lab: Lab) -> None:
    """Under 15 s, to a minute, to five, longer: together they are all videos."""
    limits = {VideoLength.SHORT: (0, 15), VideoLength.MID: (15, 61), VideoLength.LONG: (61, 301),
              VideoLength.EXTRA_LONG: (301, 10**6)}  # fmt: skip
    found = {length: videos(lab, where(ConditionField.VIDEO_LENGTH, length.value)) for length in VideoLength}
    for length, records in found.items():
        assert all(limits[length][0] <= video["video_duration"] < limits[length][1] for video in records)
    assert sorted(ids_of_records([*chain(*found.values())]), reverse=True) == lab.truth()
    assert raw(lab, asking("video_length", "30")).status_code == 400


@shows("invalid-json-samples")
def test_samples_that_are_not_json_are_refused(lab: Lab) -> None:
    """The documentation's samples with trailing commas get invalid_params; the client sends JSON."""
    answer = raw(lab, b'{"start_date": "20261110", "end_date": "20261112",}')
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_params")


@shows("start-date")
def test_the_first_day_is_inside(lab: Lab) -> None:
    """A window begins with its first second, unlike in the documentation's SQL."""
    first = min(
        (video for video in WORLD.videos(FIRST_DAY) if video.id in lab.truth(*ONE_DAY)),
        key=lambda video: video.create_time,
    )
    assert datetime.fromtimestamp(first.create_time, UTC).date() == FIRST_DAY
    assert first.id in ids_of(list(search(lab.client())))
