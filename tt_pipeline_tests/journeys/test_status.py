"""`tt status` shows what is paused and when it continues, for every quota."""

import pytest

from tt_pipeline.cli.collect_run import collect_and_publish
from tt_pipeline.cli.options import CollectOptions
from tt_pipeline.cli.status import show_status
from tt_pipeline.simulator.people import Standing
from tt_pipeline.vocabulary import Bucket
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey

VIDEOS = CollectOptions(from_=f"{FIRST_DAY}", to=f"{LAST_DAY}", only="videos")
RESET = "2026-11-21 00:00 UTC"


def part(status: str, heading: str) -> list[str]:
    """The lines of the status below a heading; none if the heading is missing."""
    parts = [lines.splitlines() for lines in status.split("\n\n")]
    return next((lines for first, *lines in parts if first == heading), [])


def test_every_quota_has_its_own_pause(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """An unfinished search and list have the reset of their quota; an edited query has no unfinished work."""
    people = place.simulator.world.people.creators
    name = next(c.username for c in people if c.standing is Standing.PUBLIC and c.followers > 150)
    study = place.settings.study_file.read_text().replace("hashtags: [climate, klima]", "regions: [DE]")
    observed = f"accounts:\n  usernames: [{name}]\n  lists: [followers]\n"
    place.settings.study_file.write_text(f"{study}{observed}")
    place.simulator.change_knobs(quota_main=1, quota_social=1)
    collect_and_publish(place.settings, VIDEOS)
    collect_and_publish(place.settings, CollectOptions(only="followers"))
    capsys.readouterr()
    show_status(place.settings)
    both_dry = capsys.readouterr().out
    place.settings.study_file.write_text(f"{study.replace('{regions: [DE]}', '{regions: [AT]}')}{observed}")
    show_status(place.settings)
    edited = capsys.readouterr().out

    charged = {bucket: place.simulator.charged(bucket) for bucket in Bucket}
    assert charged == {Bucket.MAIN: 1, Bucket.SOCIAL: 1}
    assert part(both_dry, "Quota today (UTC)") == [
        f"main: 1 of 1,000 used (the server says it is used up); resets {RESET}",
        "  The server refused the next one, so others of your organisation have used about 999 today",
        f"social: 1 of 20,000 used (the server says it is used up); resets {RESET}",
        "  The server refused the next one, so others of your organisation have used about 19,999 today",
    ]
    assert part(both_dry, "Started, not finished") == [
        f"videos/climate: 6 days, until {RESET}",
        f"social/followers: 1 list, until {RESET}",
    ]
    assert part(edited, "Started, not finished") == [f"social/followers: 1 list, until {RESET}"]


def test_work_that_needs_no_reset_is_shown(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Comments whose replies were added to the study need no reset; complete work is not shown."""
    options = CollectOptions(from_=f"{FIRST_DAY}", to=f"{FIRST_DAY}", only="videos,comments")
    collect_and_publish(place.settings, options)
    study = place.settings.study_file
    study.write_text(study.read_text().replace("min_comments: 2", "min_comments: 2, replies: true"))
    capsys.readouterr()
    show_status(place.settings)
    before = part(capsys.readouterr().out, "Started, not finished")
    collect_and_publish(place.settings, options)
    capsys.readouterr()
    show_status(place.settings)

    assert [line.split(" ", 2)[0::2] for line in before] == [
        ["comments:", "videos without all replies, continues at the next collection"]
    ]
    assert part(capsys.readouterr().out, "Started, not finished") == []
