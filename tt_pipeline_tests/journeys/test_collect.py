"""From searches to published tables: the rows are the simulator's truth, and each page was requested once."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tt_pipeline.cli import main
from tt_pipeline.cli.collect_options import CollectOptions
from tt_pipeline.cli.collect_run import collect_and_publish, exit_of
from tt_pipeline.cli.exits import Exit
from tt_pipeline.orchestration import in_process
from tt_pipeline.orchestration.collect_outcome import CollectOutcome
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.reports.answers import query_published
from tt_pipeline.simulator import Knobs
from tt_pipeline_tests.builders import content_of
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Collected, Place

pytestmark = pytest.mark.journey

ALL_DAYS = CollectOptions(from_=str(FIRST_DAY), to=str(LAST_DAY))
TABLES = (
    "core.videos",
    "core.video_snapshots",
    "core.search_hits",
    "core.video_hashtags",
    "core.comments",
    "core.comment_snapshots",
    "core.users",
    "core.user_snapshots",
    "ops.search_coverage",
    "ops.comment_coverage",
    "ops.account_coverage",
    "ops.requests",
)


def collect(place: Place, options: CollectOptions = ALL_DAYS) -> CollectOutcome:
    """Collect and publish as `tt collect` does."""
    return collect_and_publish(place.settings, options)


def answer(place: Place, query: str) -> pl.DataFrame:
    """The rows that an analyst sees."""
    return query_published(place.settings.files.published, query)


def ids(place: Place, query: str) -> set[int]:
    """One column of an answer."""
    return set(answer(place, query).to_series().to_list())


def content(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, sorted."""
    return {table: sorted(answer(place, f"from {table}").rows(), key=repr) for table in TABLES}


def true_videos(place: Place) -> set[int]:
    """The videos that a perfect client would have of the study's searches."""
    searches = place.study.searches
    found = (place.simulator.truth_videos(search.query.body(), FIRST_DAY, LAST_DAY) for search in searches)
    return {video_id for ids in found for video_id in ids}


def test_tables_are_the_truth_row_for_row(collected_once: Collected) -> None:
    """Videos, comments and users are exactly those of a perfect client, with the lowest number of requests."""
    place, outcome = collected_once.place, collected_once.outcome
    videos = true_videos(place)
    with_comments = ids(
        place, "select video_id from core.video_snapshots where comment_count >= 2 or comment_count is null"
    )
    creators = ids(place, "select username from core.videos")
    assert ids(place, "select video_id from core.videos") == videos
    assert ids(place, "select comment_id from core.comments") == {
        comment_id for video_id in with_comments for comment_id in place.simulator.truth_comments(video_id)
    }
    assert ids(place, "select username from core.users") == {
        username for username in creators if place.simulator.truth_user(str(username)) is not None
    }
    assert exit_of(outcome) is Exit.COMPLETE
    assert outcome.receipt.requests == outcome.receipt.lower_bound == collected_once.sent
    assert len(videos) > 20


def test_a_second_time_costs_nothing_and_changes_nothing(collected: Place) -> None:
    """A complete day sends no request, not even for a token, and every row stays."""
    before = content(collected)

    outcome = collect(collected)

    assert (outcome.receipt.requests, collected.simulator.log) == (0, [])
    assert content(collected) == before


def test_again_adds_an_observation_and_no_duplicate(collected: Place) -> None:
    """There are two looks; videos, comments and users stay single rows."""
    videos = answer(collected, "select count(*) from core.videos").item()

    again = CollectOptions(from_=str(FIRST_DAY), to=str(LAST_DAY), searches=["climate"], only="videos", again=True)
    collect(collected, again)

    found = answer(
        collected,
        "select count(*) as snapshots, count(distinct video_id) as videos, count(distinct observed_at) > 1 as later"
        " from core.video_snapshots join core.search_hits using (video_id) where search = 'climate'",
    ).row(0, named=True)
    assert answer(collected, "select count(*) from core.videos").item() == videos
    assert found["snapshots"] >= 2 * found["videos"]


def test_a_paused_again_continues_whatever_ran_between(collected: Place) -> None:
    """A plain collection that is complete does not make the paused command begin anew."""
    again = CollectOptions(from_=str(FIRST_DAY), to=str(LAST_DAY), only="videos", again=True)
    collected.simulator.change_knobs(quota_main=1)
    paused = collect(collected, again)
    collected.simulator.change_knobs(quota_main=1_000)
    collected.simulator.clock.advance(seconds=86_400)
    later = collected.settings.model_copy(update={"clock": "2026-11-21T13:00:00+00:00@1"})
    between = collect_and_publish(later, ALL_DAYS)
    continued = collect_and_publish(later, again)

    assert [exit_of(outcome) for outcome in (paused, between, continued)] == [Exit.PAUSED, Exit.COMPLETE, Exit.COMPLETE]
    assert ids(collected, "select looks from ops.search_coverage where status <> 'outside'") == {2}


def test_the_quota_pauses_and_the_next_day_continues(place: Place) -> None:
    """A collection stops at its quota, publishes what has landed, and completes on the next day."""
    place.simulator.change_knobs(quota_main=20)
    first = collect(place)
    stored = answer(place, "select count(*) from core.videos").item()

    place.simulator.change_knobs(quota_main=1000)
    place.simulator.clock.advance(seconds=86_400)
    later = place.settings.model_copy(update={"clock": "2026-11-21T12:00:00+00:00@1"})
    second = collect_and_publish(later, ALL_DAYS)

    assert (exit_of(first), exit_of(second)) == (Exit.PAUSED, Exit.COMPLETE)
    assert (first.receipt.requests, stored > 0) == (20, True)
    assert ids(place, "select video_id from core.videos") == true_videos(place)
    assert second.receipt.bought_twice == 0


def test_our_own_limit_stops_before_the_server_does(place: Place) -> None:
    """With 15 requests a day in the study, the 16th is never sent."""
    study = place.settings.study_file
    study.write_text(study.read_text().replace("requests_per_day: 1000", "requests_per_day: 15"))

    outcome = collect(place)

    assert exit_of(outcome) is Exit.PAUSED
    assert place.simulator.charged() == 15


@pytest.mark.parametrize(
    "knobs", [Knobs(search_id_rotates=True, missing_key_rates={"like_count": 0.5}), Knobs(token_ttl_s=2)]
)
def test_odd_servers_give_the_same_rows(place: Place) -> None:
    """Rotating search_ids, missing keys and expiring tokens do not change the rows."""
    collect(place)

    assert ids(place, "select video_id from core.videos") == true_videos(place)


def start_collect(place: Place, **environment: str) -> subprocess.Popen[str]:
    """Start `tt collect` in a separate process."""
    command = [sys.executable, "-m", "tt_pipeline.cli", "collect", "--from", str(FIRST_DAY), "--to", str(LAST_DAY)]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TT_")}
    return subprocess.Popen(
        command,
        env=inherited | place.environment(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and output."""
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def test_kill_9_during_a_collection_costs_at_most_one_page(place: Place) -> None:
    """After SIGKILL the same command completes without a duplicate, and repeats at most one request."""
    study = place.settings.study_file  # at this pace one request is under way at a time, also on a busy machine
    study.write_text(study.read_text().replace("requests_per_second: 500", "requests_per_second: 20"))
    killed = start_collect(place)
    while len(place.simulator.log) < 30:
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    finish(killed)

    code, output = finish(start_collect(place))

    assert code == 0, output
    assert ids(place, "select video_id from core.videos") == true_videos(place)
    assert answer(place, "select count(*) - count(distinct comment_id) from core.comments").item() == 0
    with open_instance(place.settings.files) as instance:
        states = Counter(run.status.value for run in instance.get_runs())
    assert (states["STARTED"], states["FAILURE"]) == (0, 1)  # the dead run holds no place in its pool any more
    requested = Counter(place.new_requests())
    assert sum(count - 1 for count in requested.values()) <= 1


ZONE_FREE = (
    "select * exclude (first_observed_at, load_id) from core.videos order by video_id",
    "select * exclude (first_observed_at, load_id) from core.comments order by comment_id",
    "select search, day_date, status, records from ops.search_coverage order by all",
)
"""What two collections at different seconds have in common."""


def test_the_machines_time_zone_changes_nothing(place: Place, tmp_path: Path) -> None:
    """Runs under the time of Tokyo and of New York give identical tables, collected and rebuilt."""
    collected, read_anew = [], []
    for zone in ("Asia/Tokyo", "America/New_York"):
        data_dir = tmp_path / zone.replace("/", "_")
        data_dir.mkdir()
        (data_dir / "study.yaml").write_text(place.settings.study_file.read_text())
        code, output = finish(start_collect(place, TZ=zone, TT_DATA_DIR=str(data_dir)))
        assert code == 0, output
        collected.append([query_published(data_dir / "warehouse.duckdb", query).rows() for query in ZONE_FREE])
    finish(start_collect(place, TZ="Asia/Tokyo"))
    for zone in ("Asia/Tokyo", "America/New_York"):
        assert rebuild(place, TZ=zone).returncode == 0
        read_anew.append(content(place))

    assert collected[0] == collected[1]
    assert read_anew[0] == read_anew[1]
    assert len(collected[0][0]) > 20


def rebuild(place: Place, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `tt rebuild`: the same landed pages, read again."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TT_")}
    return subprocess.run(
        [sys.executable, "-m", "tt_pipeline.cli", "rebuild"],
        env=inherited | place.environment(**environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_no_secret_is_left_anywhere(place: Place) -> None:
    """Neither secret nor token is in a file of the data dir or in the output of the command."""
    _, output = finish(start_collect(place))

    everything = [
        output.encode(),
        *(content_of(file) for file in place.settings.data_dir.rglob("*") if file.is_file()),
    ]
    assert not [text for text in everything if b"sim-secret" in text or re.search(rb"clt\.[A-Za-z0-9]{8}", text)]


def test_due_work_is_done_without_naming_days(place: Place) -> None:
    """`tt collect` without options requests the looks, creators and comments that are due."""
    outcome = collect(place, CollectOptions())

    assert exit_of(outcome) is Exit.COMPLETE
    assert ids(place, "select video_id from core.videos") == true_videos(place)
    assert answer(place, "select distinct status from ops.search_coverage").to_series().to_list() == ["complete"]
    assert collect(place, CollectOptions()).receipt.requests == 0


def test_a_collection_without_work_is_quick_the_second_time(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends without Dagster for an hour, if the study, the landed pages and the published file stay the same."""
    opened: list[int] = []
    original = open_instance

    def noting(*arguments: Any, **further: Any) -> Any:
        opened.append(1)
        return original(*arguments, **further)

    def uses_dagster() -> bool:
        opened.clear()
        assert collect(place, CollectOptions()).receipt.requests == 0
        return bool(opened)

    collect(place, CollectOptions())
    monkeypatch.setattr(in_process, "open_instance", noting)
    assert [uses_dagster() for _ in range(3)] == [True, False, False]

    place.settings.files.published.unlink()
    assert [uses_dagster(), place.settings.files.published.exists(), uses_dagster()] == [True, True, False]
    study = place.settings.study_file
    study.write_text(study.read_text().replace("study: ", "study: Renamed, "))
    assert uses_dagster()
    assert not uses_dagster()
    next((place.settings.files.landing / "videos").rglob("*.zst")).touch()
    assert [uses_dagster(), uses_dagster()] == [True, False]
    place.settings.files.deletion.write_text("{}")
    assert "deletion" in " ".join(collect(place, CollectOptions()).failed_steps)
    place.settings.files.deletion.unlink()
    note = place.settings.files.nothing_to_do
    note.write_text(note.read_text().replace('"at": ', '"at": -'))
    assert uses_dagster()


def test_status_is_one_screen(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It shows quota, due work, coverage and the last publication, before and after a collection."""
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)

    def status() -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["status"])
        assert ended.value.code == 0
        return capsys.readouterr().out

    before = status()
    collect(place)
    after = status()

    assert "videos/climate 2026-11-03..2026-11-08: a look is due" in before
    assert "nothing yet" in before
    assert "main: 0 of 1,000 used" in before
    assert f"main: {len(place.new_requests())} of 1,000 used" in after
    assert "nothing\n" in after
    assert "climate  ●●●●●●" in after
