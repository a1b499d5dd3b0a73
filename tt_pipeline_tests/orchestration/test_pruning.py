"""Old runs are deleted, and Dagster shows the same of every day, check and table as before."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tt_pipeline.clock import real_now
from tt_pipeline.orchestration import pruning
from tt_pipeline.orchestration.pruning import prune_runs

DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-09")
FIRST = date(2026, 1, 1)
KEYS = [f"{FIRST + timedelta(days=number)}" for number in range(8)]


@dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
def videos(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Fails on the days that the run's tag names."""
    if context.run.tags.get("fails"):
        raise dg.Failure("no answer")
    for key in context.partition_keys:
        context.add_asset_metadata({"rows": int(key[-2:])}, partition_key=key)
    return dg.MaterializeResult()


@dg.asset
def warehouse() -> None:
    """A table without days."""


@dg.asset_check(asset=warehouse)
def is_whole(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Whatever the run's tag says."""
    return dg.AssetCheckResult(passed=not context.run.tags.get("fails"))


DEFINITIONS = dg.Definitions(assets=[videos, warehouse], asset_checks=[is_whole])


@pytest.fixture(scope="module")
def eight_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight days: collected, collected again, failed, failed and mended, never requested."""
    folder = tmp_path_factory.mktemp("dagster")
    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        run(instance, "videos", KEYS[0], KEYS[3])
        run(instance, "videos", KEYS[1], KEYS[1])
        run(instance, "videos", KEYS[3], KEYS[4], fails="yes")
        run(instance, "videos", KEYS[5], KEYS[6], fails="yes")
        run(instance, "videos", KEYS[6], KEYS[6])
        run(instance, "warehouse", fails="yes")
        run(instance, "warehouse")
    return folder


@pytest.fixture
def instance(eight_days: Path, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A copy of the eight days."""
    shutil.copytree(eight_days, tmp_path, dirs_exist_ok=True)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def run(instance: dg.DagsterInstance, asset: str, *ends: str, **tags: str) -> str:
    """Materialize an asset, or a range of its days, with its checks; returns the run."""
    days = dict(zip(("dagster/asset_partition_range_start", "dagster/asset_partition_range_end"), ends, strict=False))
    job = DEFINITIONS.resolve_implicit_global_asset_job_def()
    chosen = [dg.AssetKey(asset)]
    return job.execute_in_process(
        instance=instance, asset_selection=chosen, tags=days | tags, raise_on_error=False
    ).run_id


def shown(instance: dg.DagsterInstance) -> Mapping[str, Any]:
    """What the UI shows of the assets, without the time of an event."""
    statuses = instance.get_status_by_partition(dg.AssetKey("videos"), KEYS, DAYS) or {}
    events = {key: instance.fetch_materializations(_of(key), limit=1).records for key in KEYS}
    rows = {
        key: found[0].asset_materialization.metadata["rows"].value
        for key, found in events.items()
        if found and found[0].asset_materialization
    }
    check = dg.AssetCheckKey(dg.AssetKey("warehouse"), "is_whole")
    result = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])[check]
    return {
        "days": {key: status and status.value for key, status in statuses.items()},
        "rows": rows,
        "check": result.status.value,
        "table": instance.get_latest_materialization_event(dg.AssetKey("warehouse")) is not None,
    }


def _of(key: str) -> dg.AssetRecordsFilter:
    return dg.AssetRecordsFilter(asset_key=dg.AssetKey("videos"), asset_partitions=[key])


@pytest.fixture
def all_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the day after tomorrow."""
    now = real_now() + timedelta(days=2)
    monkeypatch.setattr(pruning, "real_now", lambda: now)


@pytest.mark.usefixtures("all_are_old")
def test_dagster_shows_the_same_as_before(instance: dg.DagsterInstance) -> None:
    """Collected days stay green with their rows, failed days stay failed, the check keeps its result."""
    before = shown(instance)

    assert prune_runs(instance, 1) > 0
    assert shown(instance) == before
    assert before["days"][KEYS[3]] == before["days"][KEYS[5]] == "FAILED"
    assert [before["days"][key] for key in (KEYS[0], KEYS[1], KEYS[6], KEYS[7])] == [*["MATERIALIZED"] * 3, None]


@pytest.mark.usefixtures("all_are_old")
def test_runs_on_which_something_rests_stay(instance: dg.DagsterInstance) -> None:
    """Those of failed days and of what they had before, the latest by result of a check, and the latest of a job."""
    first = instance.get_runs_count()

    assert (first, prune_runs(instance, 1), instance.get_runs_count()) == (7, 2, 5)
    assert prune_runs(instance, 1) == 0


@pytest.mark.usefixtures("all_are_old")
def test_an_interrupted_deletion_is_repeated(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record of a run goes when everything else of it has gone."""
    before, delete = shown(instance), instance.delete_run

    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(instance, "delete_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prune_runs(instance, 1)
    monkeypatch.setattr(instance, "delete_run", delete)

    assert (instance.get_runs_count(), shown(instance)) == (7, before)
    assert (prune_runs(instance, 1), instance.get_runs_count(), shown(instance)) == (2, 5, before)


@pytest.mark.usefixtures("all_are_old")
def test_nothing_of_a_deleted_run_stays_on_the_disk(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Dagster's own deletion leaves the file of the run, the results of its checks and its output."""
    gone = instance.get_runs()[-2].run_id
    assert gone in _bytes(tmp_path)

    prune_runs(instance, 1)

    assert gone not in _bytes(tmp_path)
    assert not [path for path in tmp_path.rglob("*") if gone in path.name]


def _bytes(folder: Path) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("all_are_old")
def test_the_room_of_deleted_runs_is_given_back(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """SQLite keeps it otherwise, for rows that come later."""
    prune_runs(instance, 1)
    files = (tmp_path / "history" / "runs.db", tmp_path / "history" / "runs" / "index.db")
    for file in files:
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("pragma freelist_count").fetchall() == [(0,)]


@pytest.mark.usefixtures("all_are_old")
def test_runs_that_ended_lately_and_runs_that_work_stay(instance: dg.DagsterInstance) -> None:
    """So does every run if retention_days is 0."""
    working = instance.add_run(dg.DagsterRun(job_name="videos", status=dg.DagsterRunStatus.STARTED))

    assert prune_runs(instance, 3) == prune_runs(instance, 0) == 0
    prune_runs(instance, 1)

    assert instance.get_run_by_id(working.run_id)
