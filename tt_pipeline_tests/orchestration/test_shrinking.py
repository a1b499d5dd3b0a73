"""What is kept of old runs becomes smaller, and Dagster shows the same of every day, check and table as before."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from tt_pipeline.clock import real_now
from tt_pipeline.orchestration import shrinking
from tt_pipeline.orchestration.shrinking import shrink_runs

DAYS = dg.DailyPartitionsDefinition("2026-01-01", end_date="2026-01-03")


@dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
def videos(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Fails if the run's tag says so."""
    context.log.info("a page has landed")
    if context.run.tags.get("fails"):
        raise dg.Failure("no answer")
    return dg.MaterializeResult()


@dg.asset_check(asset=videos)
def is_whole(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """Whatever the run's tag says."""
    return dg.AssetCheckResult(passed=not context.run.tags.get("is_not_whole"), metadata={"rows": 1})


DEFINITIONS = dg.Definitions(assets=[videos], asset_checks=[is_whole])


@pytest.fixture(scope="module")
def four_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day that was collected three times, the second time with a red check, and one that failed."""
    folder = tmp_path_factory.mktemp("dagster")
    with dg.DagsterInstance.local_temp(f"{folder}") as instance:
        for day, tags in (("01", {}), ("01", {"is_not_whole": "yes"}), ("01", {}), ("02", {"fails": "yes"})):
            job = DEFINITIONS.resolve_implicit_global_asset_job_def()
            of_day = {"dagster/partition": f"2026-01-{day}"}
            job.execute_in_process(instance=instance, tags=of_day | tags, raise_on_error=False)
    return folder


@pytest.fixture
def instance(four_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """A copy of the four runs, ten days later."""
    shutil.copytree(four_runs, tmp_path, dirs_exist_ok=True)
    with dg.DagsterInstance.local_temp(f"{tmp_path}") as instance:
        now = real_now() + timedelta(days=10)
        monkeypatch.setattr(shrinking, "real_now", lambda: now)
        yield instance


def shown(instance: dg.DagsterInstance) -> tuple[object, ...]:
    """The state of the days, the last materialization, and the last result of the check."""
    key = dg.AssetCheckKey(videos.key, "is_whole")
    result = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    statuses = instance.get_status_by_partition(videos.key, ["2026-01-01", "2026-01-02"], DAYS) or {}
    last = instance.get_latest_materialization_event(videos.key)
    return statuses, last and last.timestamp, result.status, result.run_id, result.event


def messages(instance: dg.DagsterInstance, run_id: str) -> str:
    """What the page of a run shows."""
    return "\n".join(f"{entry.user_message} {entry.dagster_event}" for entry in instance.all_logs(run_id))


def size(folder: Path) -> int:
    """Bytes of the files of runs."""
    return sum(file.stat().st_size for file in folder.rglob("*-*.db"))


def test_dagster_shows_the_same_in_a_fraction_of_the_room(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    """Log lines and errors of a run stay, too; the second call finds nothing to do."""
    before, was = shown(instance), size(tmp_path)

    assert (shrink_runs(instance), shrink_runs(instance)) == (4, 0)

    assert shown(instance) == before
    assert size(tmp_path) < was / 4
    failed, *others = [run.run_id for run in instance.get_runs()]
    assert all("a page has landed" in messages(instance, run_id) for run_id in others)
    assert "no answer" in messages(instance, failed)
    assert all(run.is_finished for run in instance.get_runs())


def test_the_last_result_of_a_day_stays(instance: dg.DagsterInstance) -> None:
    """Of each kind, so that a plot goes on and a red result is not lost."""
    shrink_runs(instance)

    key = dg.AssetCheckKey(videos.key, "is_whole")
    history = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    assert sorted(record.status.value for record in history) == ["FAILED", "PLANNED", "SUCCEEDED"]


def test_a_file_that_is_in_use_waits(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is whole until the next call."""
    monkeypatch.setattr("tt_pipeline.sqlite_size._WAITS_S", 0)
    used = next(tmp_path.rglob("*-*.db"))
    with closing(sqlite3.connect(used, isolation_level=None)) as other:
        other.execute("begin immediate")
        assert shrink_runs(instance) == 3
    assert shrink_runs(instance) == 1


def test_runs_of_today_stay_as_they_are(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    """People look at them."""
    monkeypatch.setattr(shrinking, "real_now", real_now)
    assert shrink_runs(instance) == 0
