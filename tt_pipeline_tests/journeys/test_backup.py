"""The machine burns, and a restored backup goes on elsewhere: nothing is requested twice, and the content is equal."""

import shutil
import time
from pathlib import Path

import pytest

from tt_pipeline.coverage import forget_restored
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.reports import query_published
from tt_pipeline.safekeeping import back_up, restore
from tt_pipeline.simulator import running
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.journeys.children import (
    SharedClock,
    begin,
    collect_all,
    deliver,
    differences,
    landed,
    make_simulator,
    rebuild,
    requests_of,
    settings_of,
    settle_in,
    start,
    tables,
)
from tt_pipeline_tests.journeys.conftest import FIRST_DAY, LAST_DAY, Place

pytestmark = pytest.mark.journey

OF_CHECKS = {"validation_create", "validation_status", "validation_download"}
"""Requests that check what was restored; nothing is collected twice."""


def test_a_burnt_machine_costs_nothing(
    collected: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Backed up, verified, deleted, restored in another folder, collected again: no request, and the same rows."""
    data_dir, to, new = collected.settings.data_dir, tmp_path / "backup", tmp_path / "new"
    for name, value in collected.environment().items():
        monkeypatch.setenv(name, value)
    before = tables(collected.settings)
    assert run("backup", str(to)) == 0
    assert run("verify") == 0
    shutil.rmtree(data_dir)

    monkeypatch.setenv("TT_DATA_DIR", str(new))
    assert run("restore", str(to)) == 0
    assert run("collect", "--from", str(FIRST_DAY), "--to", str(LAST_DAY)) == 0
    assert {endpoint for endpoint, _ in collected.new_requests()} <= OF_CHECKS
    moved = collected.settings.model_copy(update={"data_dir": new})
    assert differences(tables(moved), before) == {}
    assert run("backup", str(to)) == 0  # the same landing folder under another path
    assert " copied now" in capsys.readouterr().out

    (damaged,) = sorted((new / "internal" / "landing" / "videos" / "climate").rglob("*.zst"))[:1]
    damaged.write_bytes(damaged.read_bytes()[:-9])
    assert run("verify") == 1
    assert damaged.name in capsys.readouterr().err


def published_videos(data_dir: Path) -> set[int]:
    """The videos that analysts find."""
    found = query_published(data_dir / "warehouse.duckdb", "select video_id from core.videos")
    return set(found["video_id"])


@pytest.fixture
def backed_up(collected: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, set[int], int]:
    """A backup of a data dir that is gone, its videos, and one of them that TikTok has deleted since."""
    for name, value in collected.environment(TT_DATA_DIR=str(tmp_path / "new")).items():
        monkeypatch.setenv(name, value)
    videos, to = published_videos(collected.settings.data_dir), tmp_path / "backup"
    with open_workspace(collected.settings) as workspace:
        back_up(workspace, collected.settings.study_file, to, workspace.clock.now())
    shutil.rmtree(collected.settings.data_dir)
    collected.simulator.delete(video_id=min(videos))
    collected.new_requests()
    return to, videos, min(videos)


def test_a_restored_backup_is_published_when_it_was_checked(
    backed_up: tuple[Path, set[int], int], collected: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What TikTok has deleted since the backup never comes back, and the check costs a few requests."""
    (to, videos, gone), new = backed_up, tmp_path / "new"
    assert run("restore", str(to)) == 0
    assert "It is not published before these were checked" in " ".join(capsys.readouterr().out.split())
    assert collected.new_requests() == []
    assert run("rebuild") == 1
    assert "A backup was restored, and nothing is published before it was checked" in " ".join(
        capsys.readouterr().err.split()
    )
    assert not (new / "warehouse.duckdb").exists()

    assert run("refresh") == 0
    assert published_videos(new) == videos - {gone}
    assert len(collected.new_requests()) <= 6
    assert run("rebuild") == 0
    assert published_videos(new) == videos - {gone}


def test_a_restored_backup_can_be_published_as_it_was(
    backed_up: tuple[Path, set[int], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Then or later, with a warning; the next collection checks it first."""
    (to, videos, gone), new = backed_up, tmp_path / "new"
    assert run("restore", str(to)) == 0
    assert run("restore", str(to), "--as-of") == 0
    assert "What TikTok has deleted since the backup is in it again." in capsys.readouterr().err
    assert published_videos(new) == videos

    assert run("collect", "--from", str(FIRST_DAY), "--to", str(LAST_DAY)) == 0
    assert published_videos(new) == videos - {gone}


@pytest.mark.slow
def test_a_backup_while_collecting_is_whole(tmp_path: Path) -> None:
    """Made again and again during a collection; the last one is restored when both are killed, and the rest follows.

    What is in the backup is not requested again, and what was not yet in it is: at the end every row is there.
    """
    clock, to = SharedClock(), tmp_path / "backup"
    simulator = make_simulator(clock)
    with running(simulator) as base_url:
        truth = settle_in(tmp_path / "truth", base_url, clock)
        begin(truth)
        first = settle_in(tmp_path / "first", base_url, clock, pace=0.1)
        process = start(settings_of(first.data_dir, base_url, clock), "first")
        backups = 0
        while process.is_alive() and backups < 20:
            time.sleep(0.2)
            with open_workspace(first) as workspace:
                back_up(workspace, first.study_file, to, clock.now())
            backups += 1
        process.kill()
        process.join()
        assert backups == 20

        second = settings_of(tmp_path / "second", base_url, clock)
        restore(second, to)
        forget_restored(second.files)
        rebuild(second)
        kept = {(page.endpoint, repr(page.request)) for page in landed(second)}
        before = requests_of(simulator)
        collect_all(second, "second")
        deliver(second)

        sent = [(request.endpoint, repr(request.body)) for request in requests_of(simulator)]
        assert len(kept & set(sent[: len(before)])) == len(kept) > 100
        assert not kept & set(sent[len(before) :])
        assert differences(tables(second), tables(truth)) == {}
