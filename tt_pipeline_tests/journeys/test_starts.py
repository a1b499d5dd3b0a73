"""If several commands start on one data dir, the first creates the files and the others wait for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline_tests.journeys.conftest import Place

pytestmark = pytest.mark.journey

ONE_DAY = ["--from", "2026-11-03", "--to", "2026-11-03", "--only", "videos"]


def started(place: Place, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
    """Start a command in a separate process."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TT_", "DAGSTER_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "tt_pipeline.cli", *arguments],
        env={**inherited, **place.environment(**variables)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def three_at_once(place: Place) -> None:
    """Three collections on a new data dir succeed, and a fourth finds no problem."""
    processes = [started(place, "collect", *ONE_DAY) for _ in range(3)]
    outputs = [process.communicate()[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], "\n".join(outputs)
    with open_instance(place.settings.files) as instance:
        statuses = {run.status for run in instance.get_runs()}
        green = instance.get_materialized_partitions(dg.AssetKey(["videos", "climate"]))
    assert (statuses, green) == ({dg.DagsterRunStatus.SUCCESS}, {"2026-11-03"})
    assert place.settings.files.published.exists()


def test_three_first_starts_at_once(place: Place) -> None:
    """Dagster's storage is created once, and no request is repeated."""
    three_at_once(place)
    requests = place.new_requests()

    assert len(requests) == len(set(requests))


@pytest.mark.slow
def test_twenty_times_three_first_starts_at_once(place: Place) -> None:
    """Without the lock, two processes broke the storage in three of four tries."""
    for _ in range(20):
        three_at_once(place)
        shutil.rmtree(place.settings.files.internal)
        place.settings.files.published.unlink()


@pytest.mark.slow
def test_dagster_home_is_kept_and_refused(place: Place, tmp_path: Path) -> None:
    """`tt collect` binds a new data dir to DAGSTER_HOME; later another one is refused with exit code 2."""
    home, own_settings = tmp_path / "home", "telemetry: {enabled: false}\n"
    home.mkdir()
    (home / "dagster.yaml").write_text(own_settings)
    first = started(place, "collect", *ONE_DAY, DAGSTER_HOME=str(home))
    first.communicate()
    other = started(place, "collect", *ONE_DAY, DAGSTER_HOME=str(tmp_path / "other"))
    message, _ = other.communicate()

    assert (first.returncode, other.returncode) == (0, 2)
    assert f"DAGSTER_HOME is {tmp_path / 'other'}, but the runs of" in message
    assert str(home) in message
    assert "Traceback" not in message
    assert (home / "dagster.yaml").read_text() == own_settings
    assert not DataDir(place.settings.data_dir).dagster.exists()
    with open_instance(place.settings.files) as instance:
        assert instance.get_runs_count() == 2  # without DAGSTER_HOME the data dir remembers it
