"""Batch compliance: which ids are still valid."""

import httpx
import pytest

from tt_pipeline_tests.simulator.builders import ApiSession, error_of, session, small_world

WORLD = small_world()
VIDEOS = [video for video in WORLD.videos(WORLD.last_day.replace(day=5)) if video.creator.place.region != "CA"]


def create(at: ApiSession, content: str, category: str = "video") -> httpx.Response:
    return at.client.post(
        "/v2/research/validation_task/create/",
        headers={"Authorization": f"Bearer {at.token}"},
        files={"file_data": ("ids.txt", content)},
        data={"category": category},
    )


def still_valid(at: ApiSession, ids: list[int], category: str = "video") -> list[int]:
    task = create(at, "\n".join(map(str, ids)), category).json()["data"]["task_id"]
    at.simulator.clock.advance(seconds=5)
    text = at.post("validation_task/download", {"task_id": task}).text
    return [int(line) for line in text.splitlines()]


def test_deleted_videos_are_missing_from_the_download() -> None:
    """The file has those submitted videos that still exist, one a line."""
    at = session()
    ids = [video.id for video in VIDEOS[:5]]
    at.simulator.delete(video_id=ids[1])
    at.simulator.delete(username=VIDEOS[3].creator.username)
    gone = {video.id for video in VIDEOS if video.creator is VIDEOS[3].creator} | {ids[1]}
    assert still_valid(at, [*ids, 12345]) == [item for item in ids if item not in gone]


def test_comments_can_be_checked_too() -> None:
    """A comment is valid while it and its video exist."""
    at = session()
    talked, other = sorted(VIDEOS, key=lambda video: -video.comments)[:2]
    ids = at.simulator.truth_comments(talked.id)[:3]
    foreign = at.simulator.truth_comments(other.id)[:1]
    at.simulator.delete(comment_id=ids[0])
    at.simulator.delete(video_id=other.id)
    assert still_valid(at, ids + foreign, "comment") == ids[1:]


def test_a_task_takes_its_time() -> None:
    """For compliance_delay_s a task is Processing without a file, then it is Completed."""
    at = session()
    created = create(at, "1\n")
    task = created.json()["data"]["task_id"]
    assert created.json()["error"]["http_status_code"] == 200
    early = at.post("validation_task_status/get", {"task_id": task}).json()["data"]
    assert at.post("validation_task/download", {"task_id": task}).status_code == 400
    at.simulator.clock.advance(seconds=5)
    late = at.post("validation_task_status/get", {"task_id": str(task)}).json()["data"]
    assert (early, late) == ({"task_status": "Processing"}, {"task_status": "Completed"})
    assert at.simulator.charged() == 4


@pytest.mark.parametrize("content", ["", "\n", "abc\n", "-1\n", "1\n" * 10_001, "99999999999999999999\n"])
def test_a_file_without_usable_ids_is_refused(content: str) -> None:
    """A file must have 1 to 10,000 ids, one a line."""
    assert error_of(create(session(), content)) == (400, "invalid_file_upload", "The uploaded id file cannot be used")


def test_an_unknown_category_or_task_is_refused() -> None:
    """The categories are videos and comments; a task must exist."""
    at = session()
    assert error_of(create(at, "1\n", "user"))[2] == "category is invalid"
    assert error_of(at.post("validation_task_status/get", {"task_id": 1}))[2] == "task_id is invalid"


def test_an_upload_that_is_not_a_form_is_refused() -> None:
    """JSON instead of a multipart form gets a 400."""
    assert session().post("validation_task/create", {"category": "video"}).status_code == 400
