"""The daily schedule and the quota sensor; both run by default and give a reason whenever they skip."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import dagster as dg

from tt_pipeline.clock import today
from tt_pipeline.counted import counted
from tt_pipeline.coverage import Workspace, open_workspace
from tt_pipeline.duties import refresh_state
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.leases import leases_of_process
from tt_pipeline.orchestration.changed_days import follow_changes
from tt_pipeline.orchestration.dagster_home import prepare_home
from tt_pipeline.orchestration.instance import end_dead_runs
from tt_pipeline.orchestration.names import COLLECT, DAILY_PRIORITY, OBSERVE, PRIORITY_TAG, Pools
from tt_pipeline.orchestration.priority import note_list_requested
from tt_pipeline.orchestration.requests import (
    Batch,
    batches,
    run_requests,
    unfinished_runs,
    waiting_runs,
)
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.orchestration.sensor_cursor import SensorCursor, last_ended
from tt_pipeline.orchestration.study_edits import (
    cancel_runs_without_assets,
    edit_notice,
    is_edited,
    requestable,
)
from tt_pipeline.orchestration.sync_materializations import sync_materializations
from tt_pipeline.orchestration.valve import OPENS_AT, close_valve, duration, is_open, reconcile_valve
from tt_pipeline.planning import confirmed_work, forget_old_edits, waiting_sentence
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import Bucket

if TYPE_CHECKING:  # Dagster does not export the type that define_asset_job gives
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

log = logging.getLogger(__name__)

_REQUESTS: Final[Mapping[str, str]] = {
    COLLECT: "Requests everything that is due: looks, unfinished days, creators, comments.",
    OBSERVE: "Requests the lists of observed accounts that are due.",
}


def daily_schedule(name: str, job: "AssetJob", collector: CollectorResource) -> dg.ScheduleDefinition:
    """At 00:02 UTC, request everything of the job that is due; this must be before `valve.OPENS_AT`."""

    @dg.schedule(
        name=name,
        job=job,
        cron_schedule="2 0 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=_REQUESTS[job.name],
    )
    def daily(context: dg.ScheduleEvaluationContext) -> Sequence[dg.RunRequest] | dg.SkipReason:
        try:
            study = read_study(collector.settings.study_file)
        except (TtPipelineError, OSError) as error:
            return _wait_for_a_readable_study(error, context.instance, collector.pools)
        with open_workspace(collector.settings, study) as workspace:
            reconcile_valve(workspace, context.instance, collector.pools)
            return request_what_is_due(
                workspace,
                context.instance,
                loaded=collector.study,
                tick="daily",
                which=lambda batch: batch.job == job.name,
            )

    return daily


def refresh_schedule(job: "AssetJob", collector: CollectorResource) -> dg.ScheduleDefinition:
    """At 00:20 UTC, after the daily list, check what is stored if anything is due."""

    @dg.schedule(
        name="refresh_daily",
        job=job,
        cron_schedule="20 0 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Checks that what is stored still exists, when it is due.",
    )
    def refresh_daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        try:
            study = read_study(collector.settings.study_file)
        except (TtPipelineError, OSError) as error:
            return _wait_for_a_readable_study(error, context.instance, collector.pools)
        with open_workspace(collector.settings, study) as workspace:
            if not workspace.files.writer.exists():
                return dg.SkipReason("Nothing is stored yet.")
            state = refresh_state(workspace)
            if not state.is_anything_due:
                return dg.SkipReason("Nothing that is stored has to be checked today.")
            day = today(workspace.clock)
        return dg.RunRequest(run_key=f"refresh:{day}", tags={PRIORITY_TAG: str(DAILY_PRIORITY)})

    return refresh_daily


def quota_sensor(jobs: Sequence["AssetJob"], collector: CollectorResource) -> dg.SensorDefinition:
    """Request what is due and not yet queued or running, then set the valve and say why nothing more happens.

    The sensor requests once a day and bucket, and again when those runs have ended: looks reveal creators and comments
    that are due as well, and again after each edit of the study. So a missed tick of the schedule, or a pause that is
    not retried because the daemon was off, only causes a delay.
    """

    @dg.sensor(
        name="quota",
        jobs=jobs,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Pauses collecting when the quota is used up and resumes after 00:00 UTC.",
    )
    def quota(context: dg.SensorEvaluationContext) -> Sequence[dg.RunRequest] | dg.SkipReason:
        if collector.settings.dagster_home:  # plain `dagster dev` reads it; from now on the data dir belongs to it
            prepare_home(collector.settings.files, collector.settings.dagster_home)
        end_dead_runs(context.instance, collector.settings.files, leases_of_process(collector.settings.ledger_place))
        try:
            study = read_study(collector.settings.study_file)
        except (TtPipelineError, OSError) as error:
            day = today(collector.settings.open_clock())
            context.update_cursor(SensorCursor.read(context.cursor, f"{day}").text())
            return _wait_for_a_readable_study(error, context.instance, collector.pools)
        cancel_runs_without_assets(context.instance, study)
        with open_workspace(collector.settings, study) as workspace:
            follow_changes(workspace, context.instance)
            requested = _request_new_rounds(context, workspace, loaded=collector.study)
            if requested and not isinstance(requested, dg.SkipReason):
                return requested  # the next tick opens the valve, when these are queued before any backfill
            reconcile_valve(workspace, context.instance, collector.pools)
            notice = f"{edit_notice(study)} " if is_edited(study, loaded=collector.study) else ""
            why = f" {requested.skip_message}" if isinstance(requested, dg.SkipReason) else ""
            return dg.SkipReason(f"{notice}{_skip_reason(workspace, context.instance, collector.pools)}{why}")

    return quota


def _request_new_rounds(
    context: dg.SensorEvaluationContext, workspace: Workspace, *, loaded: Study
) -> Sequence[dg.RunRequest] | dg.SkipReason | None:
    """Request what is due of the buckets that have an occasion, and note it in the cursor; None without an occasion."""
    day, instance = today(workspace.clock), context.instance
    cursor, ended = SensorCursor.read(context.cursor, f"{day}", workspace.study.version), last_ended(instance)
    if cursor.rounds.get(Bucket.MAIN):
        note_list_requested(instance, day)
    is_after_schedule = workspace.clock.now().time() >= OPENS_AT  # the schedule requests first
    is_busy = bool(unfinished_runs(instance))
    open_buckets = [bucket for bucket in Bucket if is_after_schedule and workspace.use(bucket)]
    new = [bucket for bucket in open_buckets if cursor.is_occasion(bucket, ended, is_busy=is_busy)]
    if not new:
        return None
    sync_materializations(workspace, instance)
    cursor = cursor.noted(new, ended)
    context.update_cursor(cursor.text())
    requested = request_what_is_due(
        workspace, instance, loaded=loaded, tick=cursor.tick(new), which=lambda batch: batch.bucket in new
    )
    if isinstance(requested, dg.SkipReason) and Bucket.MAIN in new:
        note_list_requested(instance, day)
    return requested


def _wait_for_a_readable_study(error: Exception, instance: dg.DagsterInstance, pools: Pools) -> dg.SkipReason:
    """Let every run wait in the queue, where none is lost, until the study file is correct again."""
    close_valve(instance, pools)
    return dg.SkipReason(f"The study cannot be read, so no run starts until it is corrected. {error}")


def _skip_reason(workspace: Workspace, instance: dg.DagsterInstance, pools: Pools) -> str:
    """Why the sensor skips: the use of the quota, the valve and the queue."""
    main, social = _main_skip_reason(workspace, instance, pools.of(Bucket.MAIN)), workspace.use(Bucket.SOCIAL)
    return main + ("" if social else f" Followers and following: {social}.")


def _main_skip_reason(workspace: Workspace, instance: dg.DagsterInstance, pool: str) -> str:
    use, now = workspace.use(Bucket.MAIN), workspace.clock.now()
    waiting = f"Quota {use}; {counted(waiting_runs(instance), 'run', 'are')} queued"
    if not use:
        opens_in = duration((use.opens_at - now).total_seconds())
        return f"{waiting}; they can start in {opens_in}."
    if is_open(instance, pool):
        unfinished = len(unfinished_runs(instance))
        runs = f" {counted(unfinished, 'collecting run', 'are')} queued or running." if unfinished else ""
        return f"Quota {use}; {use.left:,} left until 00:00 UTC. The valve is open.{runs}"
    if now.time() < OPENS_AT:
        return f"{waiting}; they can start at {OPENS_AT:%H:%M} UTC, after the daily run."
    reserve = workspace.study.quota.reserve_for_daily
    return f"{waiting}; {counted(reserve, 'request', 'are')} reserved until the daily run is done."


def request_what_is_due(
    workspace: Workspace, instance: dg.DagsterInstance, *, loaded: Study, tick: str, which: Callable[[Batch], bool]
) -> Sequence[dg.RunRequest] | dg.SkipReason:
    """Run requests for the due batches that `which` selects and that are not already queued or running.

    Args:
        workspace: Of the study as its file is now.
        loaded: The study of the definitions, whose assets can be requested.
    """
    forget_old_edits(workspace)
    confirmed = confirmed_work(workspace)
    work = requestable(confirmed.work, loaded=loaded, today=today(workspace.clock))
    waits = waiting_sentence(confirmed.unconfirmed, limit=workspace.study.quota.confirm_above)
    if waits:
        log.warning("%s", waits)
    every = batches(work, with_users=workspace.study.users.wanted)
    waiting = [batch for batch in every if which(batch)]
    if not waiting:
        return dg.SkipReason(f"Nothing else is due. {waits}" if waits else "Nothing is due.")
    unfinished = [run.tags for run in unfinished_runs(instance)]
    requests = run_requests(waiting, day=today(workspace.clock), tick=tick, unfinished=unfinished)
    return requests or dg.SkipReason(f"What is due is already queued or running: {counted(len(waiting), 'run')}.")
