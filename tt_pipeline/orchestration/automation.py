"""The schedule and the quota sensor: RUNNING by default, and never silent about why they do nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import dagster as dg

from tt_pipeline.clock import today
from tt_pipeline.coverage import Workspace, due
from tt_pipeline.orchestration.instance import end_dead_runs
from tt_pipeline.orchestration.names import COLLECT, OBSERVE
from tt_pipeline.orchestration.requests import (
    Batch,
    batches,
    run_requests,
    unfinished_runs,
    waiting_runs,
)
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.orchestration.sensor_cursor import SensorCursor, last_ended
from tt_pipeline.orchestration.sync_materializations import sync_materializations
from tt_pipeline.orchestration.valve import OPENS_AT, duration, is_open, reconcile_valve
from tt_pipeline.vocabulary import Bucket

if TYPE_CHECKING:  # Dagster does not export the type that define_asset_job gives
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

_REQUESTS: Final[Mapping[str, str]] = {
    COLLECT: "Requests what is due: looks whose age has come, unfinished days, creators, comments.",
    OBSERVE: "Requests the lists of observed accounts that are due.",
}


def daily_schedule(name: str, job: "AssetJob", collector: CollectorResource) -> dg.ScheduleDefinition:
    """At 00:02 UTC: everything that is due and the job has, before the valve opens at 00:05."""

    @dg.schedule(
        name=name,
        job=job,
        cron_schedule="2 0 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=_REQUESTS[job.name],
    )
    def daily(context: dg.ScheduleEvaluationContext) -> Sequence[dg.RunRequest] | dg.SkipReason:
        with collector.workspace() as workspace:
            reconcile_valve(workspace, context.instance)
            return request_what_is_due(
                workspace, context.instance, tick="daily", which=lambda batch: batch.job == job.name
            )

    return daily


def quota_sensor(jobs: Sequence["AssetJob"], collector: CollectorResource) -> dg.SensorDefinition:
    """Asks for what is due and not on its way, then shuts and opens the valve, and says why.

    It asks once a day and bucket, and again when what it asked for is done: looks reveal creators and comments that are
    due as well. So a tick of the schedule that was missed, and a pause that nobody retries (the daemon was off), cost a
    delay only.
    """

    @dg.sensor(
        name="quota",
        jobs=jobs,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Pauses collecting when the quota is used up and resumes after 00:00 UTC.",
    )
    def quota(context: dg.SensorEvaluationContext) -> Sequence[dg.RunRequest] | dg.SkipReason:
        with collector.workspace() as workspace:
            end_dead_runs(context.instance, workspace.files)
            day = f"{today(workspace.clock)}"
            is_ripe = workspace.clock.now().time() >= OPENS_AT  # the schedule asks first
            asked, ended = SensorCursor.read(context.cursor, day), last_ended(context.instance)
            is_busy = bool(unfinished_runs(context.instance))
            open_buckets = [bucket for bucket in Bucket if is_ripe and workspace.use(bucket)]
            if new := [bucket for bucket in open_buckets if asked.is_occasion(bucket, ended, is_busy=is_busy)]:
                sync_materializations(workspace, context.instance)
                asked = asked.noted(new, ended)
                context.update_cursor(asked.text())
                tick = f"later {max(asked.rounds.get(bucket, 0) for bucket in new)}"
                requested = request_what_is_due(workspace, context.instance, tick=tick, which=lambda b: b.bucket in new)
                if not isinstance(requested, dg.SkipReason):
                    return requested  # the valve opens with the next tick, when these stand before any backfill
            reconcile_valve(workspace, context.instance)
            return dg.SkipReason(_standing(workspace, context.instance))

    return quota


def _standing(workspace: Workspace, instance: dg.DagsterInstance) -> str:
    """Why the sensor does nothing, as an operator would say it."""
    social = workspace.use(Bucket.SOCIAL)
    return _standing_of_main(workspace, instance) + ("" if social else f" Followers and following: {social}.")


def _standing_of_main(workspace: Workspace, instance: dg.DagsterInstance) -> str:
    use, now, waiting = workspace.use(Bucket.MAIN), workspace.clock.now(), waiting_runs(instance)
    if not use:
        opens_in = duration((use.opens_at - now).total_seconds())
        return f"Quota {use}; {waiting} runs wait; opens in {opens_in}."
    if is_open(instance, Bucket.MAIN):
        on_their_way = len(unfinished_runs(instance))
        told = f" {on_their_way} collecting runs are on their way." if on_their_way else ""
        return f"Quota {use}; {use.left:,} left until 00:00 UTC. The valve is open.{told}"
    if now.time() < OPENS_AT:
        return f"Quota {use}; {waiting} runs wait; opens at {OPENS_AT:%H:%M} UTC, when the day's list has been queued."
    reserve = workspace.study.quota.reserve_for_daily
    return f"Quota {use}; {waiting} runs wait; {reserve:,} requests are kept for the day's own list until it is done."


def request_what_is_due(
    workspace: Workspace, instance: dg.DagsterInstance, *, tick: str, which: Callable[[Batch], bool]
) -> Sequence[dg.RunRequest] | dg.SkipReason:
    """Run requests for what is due, for which this is the occasion, and which is not on its way already."""
    every = batches(due(workspace.coverage()), with_users=workspace.study.users.wanted)
    waiting = [batch for batch in every if which(batch)]
    if not waiting:
        return dg.SkipReason("Nothing is due.")
    unfinished = [run.tags for run in unfinished_runs(instance)]
    requests = run_requests(waiting, day=today(workspace.clock), tick=tick, unfinished=unfinished)
    return requests or dg.SkipReason(f"All {len(waiting)} that are due are already on their way.")
