"""Old runs are deleted; what Dagster shows of the days that they collected stays.

Dagster deletes a run's events with it: its days would turn from green to missing. So the latest materialization of each
of its days is first written again, as an event without a run. A run stays for as long as something rests on it that no
such event can hold: a failed day, the latest result of a check, the latest materialization of what has no days, the
latest end of a job.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from tt_pipeline.clock import real_now
from tt_pipeline.counted import counted
from tt_pipeline.orchestration.names import WRITTEN_AT
from tt_pipeline.orchestration.requests import ENDED
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.orchestration.shrinking import give_room_back, shrink_runs

_EVERY_S: Final = 86_400
_RUNS_OF_CHECKS: Final = """
select run_id from asset_check_executions
where id in (select max(id) from asset_check_executions group by asset_key, check_name, execution_status)"""
_AT_ONCE: Final = 500
"""Most values in one SQL condition; SQLite takes 32,766."""


def prune_sensor(collector: CollectorResource) -> dg.SensorDefinition:
    """Once a day, delete old runs, and make what is kept of others smaller."""

    @dg.sensor(
        name="old_runs",
        minimum_interval_seconds=_EVERY_S,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Deletes runs that ended TT_RETENTION_DAYS ago. What they collected stays as it is, and green. "
        "After three days a run keeps its start, end, log lines and errors; pages of assets keep what it collected.",
    )
    def old_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        days = collector.settings.retention_days
        deleted = counted(prune_runs(context.instance, days), "run", "were")
        smaller = f"{counted(shrink_runs(context.instance), 'file', 'were')} made smaller."
        if not days:
            return dg.SkipReason(f"TT_RETENTION_DAYS is 0: every run is kept. {smaller}")
        return dg.SkipReason(f"{deleted} deleted, of those that ended {counted(days, 'day')} ago or earlier. {smaller}")

    return old_runs


def prune_runs(instance: dg.DagsterInstance, retention_days: int) -> int:
    """Delete runs that ended so many days ago, unless something rests on them; returns their number.

    Interrupted, it goes on at the next call: a run is deleted when everything is written that replaces it.

    Args:
        instance: The data dir's Dagster instance.
        retention_days: Days of the machine's clock; 0 keeps every run.
    """
    if not retention_days:
        return 0
    before = real_now() - timedelta(days=retention_days)
    old = instance.get_run_records(dg.RunsFilter(statuses=list(ENDED), updated_before=before))
    if not old:
        return 0
    latest_of_jobs = {record.dagster_run.job_name: record.dagster_run.run_id for record in reversed(old)}
    needed = {*_needed(instance), *latest_of_jobs.values()}
    run_ids = {record.dagster_run.run_id for record in old} - needed
    for key in instance.all_asset_keys():
        for event in _latest(instance, key):
            if event.run_id in run_ids and (written := event.asset_materialization):
                instance.report_runless_asset_event(_without_run(written, event))
    for run_id in run_ids:
        _delete(instance, run_id)
    if run_ids:
        give_room_back(instance)
    return len(run_ids)


def _needed(instance: dg.DagsterInstance) -> Iterator[str]:
    """The runs on which something rests."""
    storage = instance.event_log_storage
    for key in instance.all_asset_keys():
        latest = instance.get_latest_materialization_event(key)
        if latest and latest.asset_materialization and latest.asset_materialization.partition is None:
            yield latest.run_id
        failed = storage.get_latest_asset_partition_materialization_attempts_without_materializations(key)
        yield from (run_id for run_id, _ in failed.values())
        if failed:  # what was collected before stays, too: written again, it would be later than the failure
            yield from (event.run_id for event in _latest(instance, key) if event.partition_key in failed)
    yield from _runs_of_checks(instance)


def _latest(instance: dg.DagsterInstance, key: dg.AssetKey) -> Iterator[dg.EventLogRecord]:
    """The latest materialization of each of an asset's days."""
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION
    ids = sorted(instance.event_log_storage.get_latest_storage_id_by_partition(key, kind).values())
    for start in range(0, len(ids), _AT_ONCE):
        chosen = dg.AssetRecordsFilter(asset_key=key, storage_ids=ids[start : start + _AT_ONCE])
        yield from instance.fetch_materializations(chosen, limit=_AT_ONCE).records


def _without_run(written: dg.AssetMaterialization, event: dg.EventLogRecord) -> dg.AssetMaterialization:
    """The same, with the time at which it was written first; Dagster gives the new event the present time."""
    return dg.AssetMaterialization(
        written.asset_key,
        partition=written.partition,
        metadata={WRITTEN_AT: dg.MetadataValue.timestamp(event.timestamp)} | dict(written.metadata),
        tags={name: value for name, value in (written.tags or {}).items() if value != event.run_id},
    )


def _runs_of_checks(instance: dg.DagsterInstance) -> list[str]:
    """The runs with the latest result of each check, by kind of result; Dagster can tell them of one check only."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        return []
    with storage.index_connection() as connection:
        return [run_id for (run_id,) in connection.exec_driver_sql(_RUNS_OF_CHECKS)]


def _delete(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run with everything of it that Dagster's own deletion leaves: its output, its checks, its file.

    Its record goes last but one: as long as it is listed, an interrupted deletion is repeated.
    """
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    storage = instance.event_log_storage
    if not isinstance(storage, SqliteEventLogStorage):
        instance.delete_run(run_id)
        return
    with storage.index_connection() as connection:
        connection.exec_driver_sql("delete from asset_check_executions where run_id = ?", (run_id,))
    storage.delete_events(run_id)
    instance.delete_run(run_id)
    Path(storage.path_for_shard(run_id)).unlink(missing_ok=True)
