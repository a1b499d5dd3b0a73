"""The sensors that tell people of troubles; they do nothing where the settings name nobody to tell."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Final

import dagster as dg

from tt_pipeline.alerts import Trouble, tell, title_as_written, troubles, troubles_of_study
from tt_pipeline.counted import counted
from tt_pipeline.coverage import Workspace, open_workspace
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.orchestration.instance import open_instance
from tt_pipeline.orchestration.names import REFRESH, REFRESH_JOB, is_paused
from tt_pipeline.orchestration.requests import is_collecting
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.planning import unconfirmed_edits, waiting_sentence
from tt_pipeline.reports import ChecksDue, checks_due
from tt_pipeline.settings import Settings
from tt_pipeline.studies import read_study
from tt_pipeline.vocabulary import AlertKind

_EVERY_S = 600
_LAUNCHED_BY_HAND: Final = "__ASSET_JOB"
_ENDED: Final = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE)
_MOST_ENDED: Final = 500
"""Runs that are looked at, the latest first: those of about a month."""
_MOST_LETTERS: Final = 1_000


def alert_sensors(collector: CollectorResource) -> list[dg.SensorDefinition]:
    """Look for troubles every ten minutes, and within a minute after a run has failed."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=_EVERY_S,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells the webhook or command of the settings what needs a person, and when it is well again.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(look_for_troubles(collector.settings, context.instance))

    @dg.run_failure_sensor(
        name="alerts_after_failure",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="The same after each failed run, unless it is a pause.",
    )
    def alerts_after_failure(context: dg.RunFailureSensorContext) -> dg.SkipReason:
        if is_paused(context.dagster_run.tags):
            return dg.SkipReason("The run is paused and goes on by itself.")
        return dg.SkipReason(look_for_troubles(collector.settings, context.instance))

    return [alerts, alerts_after_failure]


def look_for_troubles(settings: Settings, instance: dg.DagsterInstance | None = None) -> str:
    """Tell what is new, and say what there is.

    Args:
        settings: The data dir, and whom to tell.
        instance: Its Dagster instance; None opens it.
    """
    if not (settings.alert_webhook.get_secret_value() or settings.alert_command):
        return "Nobody is named in TT_ALERT_WEBHOOK or TT_ALERT_COMMAND."
    now = settings.open_clock().now()
    if broken := troubles_of_study(settings):
        tell(settings, title_as_written(settings), broken, now, judged={AlertKind.STUDY_BROKEN})
        return broken[0].says
    try:
        with open_workspace(settings, read_study(settings.study_file)) as workspace:
            found = every_trouble(settings, workspace, instance)
            unknown = {AlertKind.CODE_LOCATION_BROKEN}
            if _stored_checks(workspace) is None:
                unknown.add(AlertKind.CHECKS_OVERDUE)
            judged = {AlertKind.STUDY_BROKEN, *workspace.study.alerts.on} - unknown
            tell(settings, workspace.study.title, found, now, judged=judged)
    except TtPipelineError as error:
        return f"Troubles could not be looked for: {error}"
    return "; ".join(trouble.says for trouble in found) or "All is well."


def every_trouble(
    settings: Settings, workspace: Workspace, instance: dg.DagsterInstance | None = None
) -> list[Trouble]:
    """Every trouble of which the study wants to hear, also of failed runs and of prices that somebody has to confirm.

    Args:
        settings: The data dir.
        workspace: The same, open.
        instance: Its Dagster instance; None opens it.
    """
    found = [*troubles(workspace), *_prices_to_confirm(workspace), *_checks_overdue(workspace)]
    if AlertKind.RUN_FAILED not in workspace.study.alerts.on:
        return found
    if instance is not None:
        return [*failed_runs(instance), *found]
    with open_instance(settings.files, dagster_home=settings.dagster_home) as opened:
        return [*failed_runs(opened), *found]


def _prices_to_confirm(workspace: Workspace) -> Iterator[Trouble]:
    """The trouble that days stay outdated until somebody agrees to their price."""
    if AlertKind.PRICE_TO_CONFIRM in workspace.study.alerts.on:
        unconfirmed = unconfirmed_edits(workspace.files, workspace.coverage())
        if waits := waiting_sentence(unconfirmed, limit=workspace.study.quota.confirm_above):
            yield Trouble(kind=AlertKind.PRICE_TO_CONFIRM, says=waits)


def _stored_checks(workspace: Workspace) -> list[ChecksDue] | None:
    """The checks of what is stored; None if there is no published file that has them."""
    try:
        return checks_due(workspace.files.published, workspace.study.compliance, workspace.clock.now())
    except TtPipelineError:
        return None


def _checks_overdue(workspace: Workspace) -> Iterator[Trouble]:
    """The trouble that a check of what is stored, which TikTok's terms demand, did not come in time."""
    if AlertKind.CHECKS_OVERDUE in workspace.study.alerts.on:
        says = " ".join(sentence for each in _stored_checks(workspace) or () for sentence in each.sentences)
        if says:
            says = f"{says} `tt refresh` checks them, or says why it cannot."
            yield Trouble(kind=AlertKind.CHECKS_OVERDUE, says=says)


def failed_runs(instance: dg.DagsterInstance) -> list[Trouble]:
    """The trouble that an asset's latest collecting run has failed; a pause is neither a failure nor a success."""
    latest: dict[dg.AssetKey | str, dg.RunRecord] = {}
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(_ENDED)), limit=_MOST_ENDED):
        run = record.dagster_run
        if _is_told_of(run) and not is_paused(run.tags):
            keys: Collection[dg.AssetKey | str] = run.asset_selection or [run.job_name]
            for key in keys:
                latest.setdefault(key, record)
    failed = {each.dagster_run.run_id: each for each in latest.values() if each.dagster_run.is_failure}
    says = " ".join(_sentence(instance, record) for record in failed.values())
    return [Trouble(kind=AlertKind.RUN_FAILED, says=says)] if says else []


def _is_told_of(run: dg.DagsterRun) -> bool:
    return is_collecting(run) or run.job_name == REFRESH_JOB or dg.AssetKey(REFRESH) in (run.asset_selection or ())


def _sentence(instance: dg.DagsterInstance, record: dg.RunRecord) -> str:
    run, at = record.dagster_run, datetime.fromtimestamp(record.end_time or 0, UTC)
    name = "launched by hand" if run.job_name == _LAUNCHED_BY_HAND else run.job_name
    first, *others = [*_reasons(instance, run.run_id)] or ["Dagster's UI shows why."]
    more = f" {counted(len(others), 'further step')} of it failed." if others else ""
    return f"The run {run.run_id[:8]} ({name}) failed at {at:%Y-%m-%d %H:%M} UTC: {first[:_MOST_LETTERS]}{more}"


def _reasons(instance: dg.DagsterInstance, run_id: str) -> Iterator[str]:
    """Why its steps failed, as far as we have raised it: words of other programs can have personal data."""
    failures = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    for failure in failures:
        event = failure.event_log_entry.dagster_event
        of_step = event.step_failure_data.user_failure_data if event else None
        if of_step and of_step.description:
            yield of_step.description
