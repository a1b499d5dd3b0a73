"""Take their green from days that are no longer what the study asks for: after an edit, a deletion or a repair.

Dagster cannot forget a materialization, and an observation leaves a day green; a failed run over the day does not. So
one run `query_changed` fails over these days. Nothing executes it, and it sends nothing. The days are green again when
they are collected, or at once if the study is again as it was.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import dagster as dg
from dagster._core.events import AssetMaterializationPlannedData, DagsterEvent

from tt_pipeline.clock import today
from tt_pipeline.counted import counted
from tt_pipeline.coverage import Workspace, spans_of_days
from tt_pipeline.ingestion import DayReport
from tt_pipeline.orchestration.names import MOST_RETRIES_TAG, QUERY_CHANGED, origin_of
from tt_pipeline.orchestration.sync_materializations import (
    GREEN,
    past_days,
    reports_by_asset,
    shown_days,
    sync_materializations,
)
from tt_pipeline.vocabulary import SearchStatus

_JUDGED: Final = "tt_pipeline/days_judged_by"
"""The version of the study and the number of landed files with which the days were compared last."""
_MOST_SPANS: Final = 3


@dg.op
def take_green_away(context: dg.OpExecutionContext) -> None:
    """Nothing: the run is written as it ends. Only a person who launches the job comes here."""
    context.log.info("There is nothing to launch here: tt_pipeline writes these runs itself.")


@dg.job(name=QUERY_CHANGED)
def query_changed() -> None:
    """A run of this job is no mistake: the study was edited, or answers were deleted or lost.

    It fails over the days that are no longer what the study asks for, so that they are not green. It sends nothing.
    The days are green again when they are collected.
    """
    take_green_away()


def follow_changes(workspace: Workspace, instance: dg.DagsterInstance) -> None:
    """After a change of the study, or a loss of landed files, show which days are complete; once for each change."""
    version, files = workspace.study.version, workspace.zone.index.number_of_files()
    known = json.loads(instance.daemon_cursor_storage.get_cursor_values({_JUDGED}).get(_JUDGED, "[null, 0]"))
    if known == [version, files]:
        return
    if known[0] != version or files < known[1]:
        if changed := _changed_days(workspace, instance):
            _fail_over(changed, workspace, instance)
        sync_materializations(workspace, instance)
    instance.daemon_cursor_storage.set_cursor_values({_JUDGED: json.dumps([version, files])})


def _changed_days(workspace: Workspace, instance: dg.DagsterInstance) -> dict[dg.AssetKey, list[DayReport]]:
    """The green days, by asset, that have to be collected."""
    days, coverage = past_days(workspace), workspace.coverage()
    changed: dict[dg.AssetKey, list[DayReport]] = {}
    for key, reports in reports_by_asset(coverage):
        shown = shown_days(instance, key, coverage.study, days)
        green = [day for day in days if shown.get(day) is GREEN]
        if open_days := [report for report in reports(green) if not report.has_final_status]:
            changed[key] = open_days
    return changed


def _fail_over(
    changed: Mapping[dg.AssetKey, Sequence[DayReport]], workspace: Workspace, instance: dg.DagsterInstance
) -> None:
    """Store a failed run that has planned these days."""
    run = instance.create_run_for_job(
        query_changed,
        status=dg.DagsterRunStatus.STARTING,
        tags={MOST_RETRIES_TAG: "0"},
        remote_job_origin=origin_of(QUERY_CHANGED),
    )
    begins = DagsterEvent(dg.DagsterEventType.RUN_START.value, QUERY_CHANGED, message="Nothing is executed.")
    instance.report_dagster_event(begins, run.run_id)
    for key, reports in changed.items():
        for report in reports:
            planned = AssetMaterializationPlannedData(key, partition=f"{report.day}")
            event = DagsterEvent.build_asset_materialization_planned_event(QUERY_CHANGED, key.path[-1], planned)
            instance.report_dagster_event(event, run.run_id)
    instance.report_run_failed(run, _message(changed, today(workspace.clock)))


def _message(changed: Mapping[dg.AssetKey, Sequence[DayReport]], noticed_on: date) -> str:
    statuses = {report.status for reports in changed.values() for report in reports}
    what = "The query changed" if SearchStatus.OUTDATED in statuses else "Days became incomplete"
    days = "; ".join(f"{'/'.join(key.path)} {_listed(reports)}" for key, reports in changed.items())
    return (
        f"{what} on {noticed_on}. No longer as the study asks: {days}. This run sent nothing and deleted nothing: it "
        "only takes the green from these days until they are collected; `tt status` says what is due."
    )


def _listed(reports: Sequence[DayReport]) -> str:
    spans = spans_of_days([report.day for report in reports])
    more = " and more" if spans[_MOST_SPANS:] else ""
    return f"{counted(len(reports), 'day')} ({', '.join(f'{span}' for span in spans[:_MOST_SPANS])}{more})"
