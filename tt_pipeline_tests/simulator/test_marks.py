"""Marks: words by which tests find what is left of a record."""

from tt_pipeline.simulator import Knobs, mark_of
from tt_pipeline_tests.simulator.builders import session, small_world, wide_body


def test_a_mark_stands_in_one_record_only() -> None:
    """With the knob, each description and each comment ends with the mark of its own id, which has no digit."""
    at = session(knobs=Knobs(marks=True, hidden_rate=0))
    video = max(small_world().videos(small_world().last_day.replace(day=5)), key=lambda video: video.comments)
    videos = at.videos(wide_body(), "id,video_description")
    comments = at.comments({"video_id": video.id}, "id,text").json()["data"]["comments"]
    texts = {each["id"]: each.get("video_description", each.get("text")) for each in (*videos, *comments)}
    assert len(videos) > 5
    assert len(comments) > 5
    assert {number: text.split()[-1] for number, text in texts.items()} == {number: mark_of(number) for number in texts}
    assert len({mark_of(number) for number in texts}) == len(texts)
    assert not any(letter.isdigit() for number in texts for letter in mark_of(number))
