"""Comments of a video and replies to a comment."""

from typing import Any

import pytest

from tt_pipeline.simulator import Knobs
from tt_pipeline.simulator.video_model import Video
from tt_pipeline_tests.simulator.builders import OPEN, ApiSession, error_of, session, small_world

WORLD = small_world(days=20, videos_per_day=300)


def settled() -> list[Video]:
    days = {video for age in range(12, 18) for video in WORLD.videos(WORLD.last_day.replace(day=20 - age))}
    return sorted((v for v in days if v.creator.place.region != "CA"), key=lambda video: (-video.comments, video.id))


def talked_about(least: int = 101, most: int = 900) -> Video:
    return next(video for video in settled() if least <= video.comments <= most)


def all_comments(at: ApiSession, key: str, number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor, has_more = 0, True
    while has_more:
        page = at.comments({key: number, "max_count": 100, "cursor": cursor}).json()["data"]
        found += page.get("comments", [])
        cursor, has_more = page["cursor"], page["has_more"]
    return found


def test_all_pages_together_are_the_truth() -> None:
    """All pages of a video's comments have each comment once, replies included."""
    at = session(world=WORLD)
    video = talked_about()
    comments = all_comments(at, "video_id", video.id)
    assert [comment["id"] for comment in comments] == at.simulator.truth_comments(video.id)
    assert len(comments) > 100
    assert {comment["video_id"] for comment in comments} == {video.id}
    assert {comment["parent_comment_id"] for comment in comments} > {video.id}


def test_replies_are_listed_by_their_comment() -> None:
    """reply_count is the number of replies that comment_id lists, and replies have a display_name."""
    at = session(world=WORLD)
    video = talked_about()
    parent = next(comment for comment in all_comments(at, "video_id", video.id) if comment["reply_count"])
    replies = all_comments(at, "comment_id", parent["id"])
    assert len(replies) == parent["reply_count"]
    assert {comment["parent_comment_id"] for comment in replies} == {parent["id"]}
    assert all("display_name" in comment for comment in replies)


def test_only_the_first_thousand_can_be_reached() -> None:
    """A request whose cursor + max_count exceeds comment_cap is refused."""
    at = session(world=WORLD)
    video = next(video for video in settled() if video.comments > 1_100)
    last = at.comments({"video_id": video.id, "max_count": 100, "cursor": 900}).json()["data"]
    beyond = at.comments({"video_id": video.id, "max_count": 100, "cursor": 901})
    assert (last["cursor"], last["has_more"], len(last["comments"])) == (1_000, True, 100)
    assert error_of(beyond) == (400, "invalid_params", "Invalid count or cursor")
    assert len(at.simulator.truth_comments(video.id)) == 1_000


def test_the_default_page_has_ten() -> None:
    """A request without max_count returns ten comments; ids may be text."""
    page = session(world=WORLD).comments({"video_id": str(talked_about().id)}).json()["data"]
    assert (page["cursor"], len(page["comments"])) == (10, 10)


def test_a_video_without_comments_has_two_answers() -> None:
    """The answer has an empty list, or neither list nor cursor."""
    at = session(world=WORLD)
    silent = [video.id for video in settled() if video.comments == 0][:30]
    answers = [at.comments({"video_id": number}).json()["data"] for number in silent]
    ways = [{"comments": [], "cursor": 0, "has_more": False}, {"cursor": None, "has_more": False}]
    assert [answer for answer in answers if answer not in ways] == []
    assert all(way in answers for way in ways)


@pytest.mark.parametrize("body", [{}, {"video_id": 1, "comment_id": 2}])
def test_one_of_video_and_comment_is_required(body: dict[str, int]) -> None:
    """A request with both or with neither is refused."""
    message = "Exactly one of video_id and comment_id is required"
    assert error_of(session().comments(body)) == (400, "invalid_params", message)


def test_a_position_behind_the_last_comment_is_refused() -> None:
    """A cursor that no page returned is invalid."""
    silent = next(video.id for video in settled() if video.comments == 0)
    beyond = session(world=WORLD).comments({"video_id": silent, "cursor": 1})
    assert error_of(beyond) == (400, "invalid_params", "Invalid count or cursor")


def test_a_deleted_video_has_no_comments_and_a_deleted_comment_is_skipped() -> None:
    """A page has a gap in place of a deleted comment; a deleted video has no comments."""
    at = session(world=WORLD)
    video = talked_about()
    gone = at.simulator.truth_comments(video.id)[5]
    at.simulator.delete(comment_id=gone)
    page = at.comments({"video_id": video.id, "max_count": 10}).json()["data"]
    at.simulator.delete(video_id=video.id)
    nothing = at.comments({"video_id": video.id}).json()["data"]
    assert (page["cursor"], len(page["comments"]), gone in {comment["id"] for comment in page["comments"]}) == (
        10,
        9,
        False,
    )
    assert nothing.get("comments", []) == []


def test_the_cap_is_a_knob() -> None:
    """With comment_cap 50 the list ends at 50."""
    at = session(OPEN.changed({"comment_cap": 50}), world=WORLD)
    assert error_of(at.comments({"video_id": talked_about().id, "max_count": 51}))[0] == 400
    assert len(at.simulator.truth_comments(talked_about().id)) == 50


def test_personal_data_is_masked() -> None:
    """Personal data in the text of comments is replaced by asterisks."""
    at = session(Knobs(rate_per_minute=0), world=WORLD)
    texts = [comment["text"] for video in settled()[:40] for comment in all_comments_capped(at, video)]
    assert any("***" in text for text in texts)
    assert "" in texts


def all_comments_capped(at: ApiSession, video: Video) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        at.comments({"video_id": video.id, "max_count": 100}).json()["data"].get("comments", [])
    )
    return found
