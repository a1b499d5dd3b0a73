"""The sensor that tells people of troubles; it does nothing where the settings name nobody to tell."""

import dagster as dg

from tt_pipeline.alerts import tell, troubles, troubles_of_study
from tt_pipeline.coverage import open_workspace
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.settings import Settings
from tt_pipeline.studies import read_study
from tt_pipeline.vocabulary import AlertKind

_EVERY_S = 600


def alert_sensor(collector: CollectorResource) -> dg.SensorDefinition:
    """Look for troubles every ten minutes."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=_EVERY_S,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells the webhook or command of the settings what needs a person, and when it is well again.",
    )
    def alerts(_: dg.SensorEvaluationContext) -> dg.SkipReason:
        return dg.SkipReason(look_for_troubles(collector.settings))

    return alerts


def look_for_troubles(settings: Settings) -> str:
    """Tell what is new, and say what there is."""
    if not (settings.alert_webhook.get_secret_value() or settings.alert_command):
        return "Nobody is named in TT_ALERT_WEBHOOK or TT_ALERT_COMMAND."
    now = settings.open_clock().now()
    if broken := troubles_of_study(settings):
        tell(settings, settings.study_file.name, broken, now, judged={AlertKind.STUDY_BROKEN})
        return broken[0].says
    try:
        with open_workspace(settings, read_study(settings.study_file)) as workspace:
            found = troubles(workspace)
            judged = {AlertKind.STUDY_BROKEN, *workspace.study.alerts.on}
            tell(settings, workspace.study.title, found, now, judged=judged)
    except TtPipelineError as error:
        return f"Troubles could not be looked for: {error}"
    return "; ".join(trouble.says for trouble in found) or "All is well."
