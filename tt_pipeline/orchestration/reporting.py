"""The sensor that requests the report once a UTC day, when the day's list is done and published."""

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import dagster as dg

from tt_pipeline.clock import today
from tt_pipeline.counted import counted
from tt_pipeline.coverage import open_workspace
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.orchestration.names import PRIORITY_TAG, PUBLISH
from tt_pipeline.orchestration.requests import UNFINISHED, unfinished_runs
from tt_pipeline.orchestration.resources import CollectorResource
from tt_pipeline.planning import confirmed_work
from tt_pipeline.settings import Settings
from tt_pipeline.studies import read_study

if TYPE_CHECKING:  # Dagster does not export the type that define_asset_job gives
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

_EVERY_S: Final = 600
_AFTER_ALL_OTHERS: Final = "-10"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCursor:
    """What the sensor remembers.

    Attributes:
        requested: The UTC day on which the report was last requested; "" for never.
        publication: The published file that was last considered.
        unfinished: The UTC day on which that publication was not the day's last, as work was due; "" if it was.
    """

    requested: str = ""
    publication: str = ""
    unfinished: str = ""

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        """Parse the cursor; an unreadable one is a new one, and Dagster still starts no second run of the day."""
        try:
            stored = json.loads(cursor or "{}")
            return cls(**{name: f"{value}" for name, value in stored.items()})
        except (ValueError, TypeError, AttributeError):
            return cls()

    def text(self) -> str:
        """The cursor as text, for `read` and for people: the UI shows it."""
        return json.dumps(asdict(self))


def report_sensor(report: "AssetJob", collector: CollectorResource) -> dg.SensorDefinition:
    """Request the report at most once a UTC day.

    It follows a publication after which nothing more is due. If a day ends unfinished, it follows the first publication
    of a later day. Most ticks read only the cursor and when the published file was written.
    """

    @dg.sensor(
        name="report_of_the_day",
        job=report,
        minimum_interval_seconds=_EVERY_S,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Writes the report once a UTC day, when what was due is collected and published; after a day that "
        "ended unfinished, with the next day's first publication.",
    )
    def report_of_the_day(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        day, publication = f"{today(collector.settings.open_clock())}", _stamp(collector.settings)
        cursor = ReportCursor.read(context.cursor)
        if cursor.requested == day:
            return dg.SkipReason(f"The report of {day} was requested.")
        if publication in {"", cursor.publication}:
            return dg.SkipReason("Nothing was published since the last check.")
        if context.instance.get_runs_count(dg.RunsFilter(job_name=PUBLISH, statuses=list(UNFINISHED))):
            return dg.SkipReason("A publication is queued or running.")
        if not "" < cursor.unfinished < day and (still := _still_due(collector.settings, context.instance)):
            unfinished = replace(cursor, publication=publication, unfinished=day)
            context.update_cursor(unfinished.text())
            return dg.SkipReason(f"{still}; the report is written when all is published, or on the next day.")
        context.update_cursor(ReportCursor(requested=day, publication=publication).text())
        return dg.RunRequest(run_key=f"report:{day}", tags={PRIORITY_TAG: _AFTER_ALL_OTHERS})

    return report_of_the_day


def _stamp(settings: Settings) -> str:
    """What distinguishes the published file from its earlier versions; "" if there is none."""
    try:
        found = settings.files.published.stat()
    except OSError:
        return ""
    return f"{found.st_ino}, {found.st_size} bytes, {found.st_mtime_ns}"


def _still_due(settings: Settings, instance: dg.DagsterInstance) -> str:
    """What is still being collected or due today; "" if nothing is."""
    if running := unfinished_runs(instance):
        return f"{counted(len(running), 'collecting run', 'are')} queued or running"
    try:
        with open_workspace(settings, read_study(settings.study_file)) as workspace:
            due = confirmed_work(workspace).work
    except (TtPipelineError, OSError) as error:
        return f"What is due is not known ({error})"
    return f"Still due: {counted(len(due), 'piece')} of work" if due else ""
