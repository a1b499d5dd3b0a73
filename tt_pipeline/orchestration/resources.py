"""The resource of assets and sensors: a plain object, because a run's configuration must contain no secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg

from tt_pipeline.coverage import Workspace, open_workspace, run_note
from tt_pipeline.ingestion import CollectionSession, ProgressListener, open_session
from tt_pipeline.leases import leases_of_process
from tt_pipeline.orchestration.hand_launched import is_launched_by_hand, say_price
from tt_pipeline.orchestration.instance import show_alive
from tt_pipeline.orchestration.names import (
    BACKFILL_TAG,
    PAUSED_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    WENT_ON,
    Pools,
    origin_of,
    pools_of,
)
from tt_pipeline.orchestration.priority import DailyRunWatch, NewDayWatch, reserved_for_daily
from tt_pipeline.orchestration.study_edits import check_edits
from tt_pipeline.quota import RequestLimit
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study


@dataclass(frozen=True)
class CollectorResource:
    """Opens the data dir for a run.

    Attributes:
        study: The study of the definitions; a run uses it to its end, even if the study file is edited meanwhile.
        progress: Called after each page, for runs of a command; None writes to the run's log.
        limit: The most requests of the command; None without a limit.
    """

    settings: Settings
    study: Study
    progress: ProgressListener | None = None
    limit: RequestLimit | None = None

    @property
    def pools(self) -> Pools:
        """The pools of the data dir."""
        return pools_of(self.settings)

    @contextmanager
    def session(self, context: dg.AssetExecutionContext) -> Iterator[CollectionSession]:
        """A collection session for a run; a backfill keeps the daily reserve free and stops for daily runs."""
        run, instance = context.run, context.instance
        is_backfill = BACKFILL_TAG in run.tags
        with open_session(
            self.settings,
            run_id=run.run_id,
            progress=self.progress,
            reserve=self._reserve(instance) if is_backfill else 0,
            is_daily_run_waiting=DailyRunWatch(run, instance),
            list_done_on=NewDayWatch(instance, self.settings.open_clock(), self.workspace) if is_backfill else None,
            study=self.study,
            limit=self.limit,
        ) as session:
            if self.progress is None:
                check_price = say_price if is_launched_by_hand(run) else check_edits
                check_price(context, session)
            yield session

    def _reserve(self, instance: dg.DagsterInstance) -> int:
        with self.workspace() as workspace:
            return reserved_for_daily(workspace, instance)

    @contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """The stored data and the ledger, without a client that can send requests."""
        with open_workspace(self.settings, self.study) as workspace:
            yield workspace


def description(run: dg.DagsterRun) -> str:
    """What a run does, in few words, for `tt status`."""
    days = dict.fromkeys(run.tags[tag] for tag in (RANGE_START_TAG, RANGE_END_TAG) if tag in run.tags)
    assets = ", ".join(sorted("/".join(key.path) for key in run.asset_selection or ()))
    return " ".join(filter(None, [assets or run.job_name, "..".join(days)]))


def _show_as_running(context: dg.InitResourceContext) -> None:
    """Say where the job of the run is, without which the timeline lacks it, and that a pause before it is over."""
    run = context.instance.get_run_by_id(context.run.run_id) if context.instance and context.run else None
    if context.instance and run and run.remote_job_origin is None:
        context.instance.run_storage.replace_job_origin(run, origin_of(run.job_name))
    if context.instance and run and PAUSED_TAG in run.tags:  # a retry has the tags of the run that paused
        context.instance.add_run_tags(run.run_id, {PAUSED_TAG: WENT_ON})


def collector_resource(collector: CollectorResource) -> dg.ResourceDefinition:
    """The collector as Dagster's resource: while a run has it, other processes see that the run works."""

    @dg.resource(description="Opens the data dir and the API client.")
    def collector_of_a_run(context: dg.InitResourceContext) -> CollectorResource:
        if context.run:
            note = run_note(description(context.run), collector.settings.open_clock().now())
            _show_as_running(context)
            leases = leases_of_process(collector.settings.ledger_place)
            show_alive(collector.settings.files, context.run.run_id, note, leases=leases)
        return collector

    return collector_of_a_run
