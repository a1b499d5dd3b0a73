"""`tt status` shows what is paused and when it continues, for every quota."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish
from tt_pipeline.cli.status import show_status
from tt_pipeline.cli.status_values import StatusReport
from tt_pipeline.counted import counted
from tt_pipeline.coverage import alive_folder, open_workspace, run_note, running_now
from tt_pipeline.safe_files import keep_lease
from tt_pipeline.simulator.people import Standing
from tt_pipeline.vocabulary import Bucket, Dataset
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey

VIDEOS = CollectOptions(from_=f"{FIRST_DAY}", to=f"{LAST_DAY}", only="videos")
RESET = "2026-11-21 00:00 UTC"


def part(status: str, heading: str) -> list[str]:
    """The lines of the status below a heading; none if the heading is missing."""
    parts = [lines.splitlines() for lines in status.split("\n\n")]
    return next((lines for first, *lines in parts if first == heading), [])


def test_every_quota_has_its_own_pause(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """An unfinished search and list have the reset of their quota; an edited query has no unfinished work.

    Others of an organisation can only have used TikTok's quota, not a simulator's.
    """
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
    show_status(place.settings.model_copy(update={"api_base_url": "https://open.tiktokapis.com"}))
    at_tiktok = capsys.readouterr().out
    place.settings.study_file.write_text(f"{study.replace('{regions: [DE]}', '{regions: [AT]}')}{observed}")
    show_status(place.settings)
    edited = capsys.readouterr().out

    charged = {bucket: place.simulator.charged(bucket) for bucket in Bucket}
    assert charged == {Bucket.MAIN: 1, Bucket.SOCIAL: 1}
    assert part(both_dry, "Quota today (UTC)") == [
        f"main: 1 of 1,000 used (the server says it is used up); resets {RESET}",
        f"social: 1 of 20,000 used (the server says it is used up); resets {RESET}",
    ]
    assert part(at_tiktok, "Quota today (UTC)") == [
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


def report_of(place: Place, capsys: pytest.CaptureFixture[str], **settings: object) -> StatusReport:
    """What `tt status --json` prints, as the documented values."""
    capsys.readouterr()
    show_status(place.settings.model_copy(update=settings), as_json=True)
    return StatusReport.model_validate_json(capsys.readouterr().out)


def test_a_used_up_quota_leaves_no_full_dots(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Searches are complete until their last look, most comments and profiles are not; what is due waits."""
    study = place.settings.study_file
    study.write_text(f"{study.read_text()}\nlooks: [3, 40]\n")
    place.simulator.change_knobs(quota_main=12)
    outcome = collect_and_publish(place.settings, CollectOptions(from_=f"{FIRST_DAY}", to=f"{LAST_DAY}"))
    found = report_of(place, capsys)
    rows = {row.asset: row for row in found.coverage}
    show_status(place.settings)
    shown = capsys.readouterr().out

    assert rows["videos/climate"].complete_days == 6
    assert rows["videos/climate"].days_before_last_look == 6
    assert rows["comments"].days_before_last_look is None
    assert "Complete days whose last look is still to come: climate 6" in shown
    assert [rows[asset].complete_days < rows[asset].due_days for asset in ("comments", "users")] == [True, True]
    assert all(rows[asset].missing for asset in ("comments", "users"))
    assert {work.asset for work in found.due} == {"users", "comments"}
    assert all(work.waits_until for work in found.due)
    assert part(shown, "Due now, most urgent first (run `tt collect`)") == ["nothing"]
    waiting = part(shown, f"Due, but waiting for the quota until {RESET}")
    assert [line.split()[0] for line in waiting] == ["users", "comments"]
    assert [quota.used for quota in found.quota] == [outcome.receipt.requests] == [12]


def test_a_row_fits_on_a_narrow_screen(collected: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A long name is cut, 30 days are 30 marks, and the heading says that there are more days."""
    study = collected.settings.study_file
    text = study.read_text().replace("start: 2026-11-03", "start: 2026-10-01").replace("  climate:", f"  {'c' * 60}:")
    study.write_text(text)
    capsys.readouterr()
    show_status(collected.settings)
    shown = capsys.readouterr().out
    rows = part(shown, "Coverage 2026-10-10 to 2026-11-08 (the last 30 days)")

    assert [row.split()[0] for row in rows[:4]] == [f"{'c' * 21}…", "football", "comments", "users"]
    assert max(len(row) for row in rows) <= 80


def test_studies_on_one_ledger_are_side_by_side(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with its requests of today; their sum is the use of the quota."""
    ledger = tmp_path / "shared.sqlite"
    first = place.settings.model_copy(update={"ledger": ledger})
    second = first.model_copy(update={"data_dir": tmp_path / "other"})
    second.data_dir.mkdir()
    second.study_file.write_text(first.study_file.read_text().replace("A journey", "Another one"))
    collect_and_publish(first, VIDEOS)
    collect_and_publish(second, CollectOptions(from_=f"{FIRST_DAY}", to=f"{FIRST_DAY}", only="videos"))
    found = report_of(place, capsys, ledger=ledger)
    show_status(first, of_ledger=True)
    lines = part(shown := capsys.readouterr().out, f"Requests of today by study ({ledger})")

    assert {each.study: each.requests for each in found.ledger} == {"A journey": 2, "Another one": 2}
    assert [quota.used for quota in found.quota] == [4]
    assert "Of these, 2 (main) are of this study; `tt status --ledger` shows the others." in shown
    assert [line.split(",")[0].split() for line in lines] == [
        ["2", "main", "A", "journey", "(this", "study)"],
        ["2", "main", "Another", "one"],
    ]


def test_a_running_process_is_named(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """With its number, since when, and what it does."""
    keep_lease(alive_folder(place.settings.files) / "run", run_note("comments 2026-11-03", place.clock.now()))
    capsys.readouterr()
    show_status(place.settings)

    assert part(capsys.readouterr().out, "Running now") == [
        f"process {os.getpid()}, since 2026-11-20 12:00 UTC: comments 2026-11-03"
    ]


def test_an_account_counts_once_and_refused_ones_are_named(
    collected: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """The row has as many accounts as were requested; less the refused ones they are the rows of core.users."""
    report = report_of(collected, capsys)
    show_status(collected.settings)
    shown = capsys.readouterr().out
    (row,) = (row for row in report.coverage if row.asset == "users")
    with open_workspace(collected.settings) as workspace:
        profiles = dict(workspace.coverage().landed.profiles)

    assert (row.subjects, row.missing) == (len(profiles), 0)
    assert row.refused
    assert row.refused == len(profiles) - report.published.rows["users"]
    assert f"users: TikTok shows no profile of {counted(row.refused, 'account')} (not found or refused)." in shown


def test_a_file_from_before_an_edit_says_so(collected: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """The published statuses are of the earlier query until the next collection, and so is what was collected."""
    says = "published before the study was edited, so its statuses are of the earlier queries."
    capsys.readouterr()
    show_status(collected.settings)
    before = capsys.readouterr().out
    study = collected.settings.study_file
    study.write_text(study.read_text().replace("[climate, klima]", "[climate]"))
    show_status(collected.settings)
    after = capsys.readouterr().out

    assert (says in before, says in after) == (False, True)
    assert part(after, "Due now, most urgent first (run `tt collect`)") == [
        "videos/climate 2026-11-03..2026-11-08: collected with an earlier query"
    ]
    assert (
        "climate: the query was edited. Of 6 days there are only videos of an earlier query; they are kept, and the "
        "days count as not collected.\nRows of comments and users count what the present queries have found.\n"
    ) in after
    assert "the query was edited." not in before


def test_one_off_collections_are_apart_from_the_study(
    collected: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have a part of their own, are named while they run, and their videos do not pass for the study's."""
    for name, value in collected.environment().items():
        monkeypatch.setenv(name, value)
    running, clock = list[str](), collected.simulator.clock.source

    def noted() -> datetime:
        running.extend(each.what for each in running_now(collected.settings.files))
        return clock()

    collected.simulator.clock.source = noted  # called while the simulator answers
    assert run("search", "#cat", "--from", "2026-11-10", "--to", "2026-11-11", "--max-pages", "1") == 0
    report = report_of(collected, capsys)
    show_status(collected.settings)
    shown = capsys.readouterr().out

    assert set(running) == {"one-off collection of videos"}
    assert report.running == ()
    assert [(each.dataset, each.subjects) for each in report.one_offs] == [(Dataset.VIDEOS, 1)]
    assert part(shown, "One-off collections, which the study does not count")[0].startswith("searches: 1, the last at ")
    number = report.published.one_off_videos
    assert number > 0
    assert f"{number} videos were found by one-off searches alone." in " ".join(shown.split())


@pytest.mark.parametrize("content", [None, b"not a database"], ids=["empty", "broken"])
def test_it_works_without_a_warehouse(place: Place, capsys: pytest.CaptureFixture[str], content: bytes | None) -> None:
    """An empty data dir has everything due; a broken file has a message and hides nothing else."""
    if content:
        place.settings.files.published.write_bytes(content)
    found = report_of(place, capsys)

    assert {work.asset for work in found.due} == {"videos/climate", "videos/football"}
    assert (found.published.published_at, bool(found.published.problem)) == (None, bool(content))


def _names_of(schema: dict[str, Any]) -> set[str]:
    return {name for part in (schema, *schema["$defs"].values()) for name in part.get("properties", ())}


def test_the_json_is_documented() -> None:
    """Every key has its name on the page."""
    page = (Path(__file__).parents[2] / "docs" / "status.md").read_text()

    assert [name for name in sorted(_names_of(StatusReport.model_json_schema())) if f"`{name}`" not in page] == []
