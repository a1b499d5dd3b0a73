"""Sensors that publish after each collecting run, and retry a failed publication."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import dagster as dg

from tt_pipeline.clock import real_now
from tt_pipeline.orchestration.names import COMMAND_TAG, PUBLISH
from tt_pipeline.orchestration.requests import UNFINISHED, is_collecting
from tt_pipeline.orchestration.valve import duration

if TYPE_CHECKING:  # Dagster does not export the type that define_asset_job gives
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

_GOOD: Final = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.SUCCESS,
)
_ENDS: Final = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
_FIRST_WAIT: Final = timedelta(minutes=10)
_MOST_FAILURES: Final = 8
"""The last wait is 21 hours; by then the next daily run has started a publication."""


def publish_sensors(publish: "AssetJob") -> list[dg.SensorDefinition]:
    """Sensors that publish after every collecting run, however it ends, and one that retries failures."""
    return [*(_publish_after(status, publish) for status in _ENDS), _publish_again(publish)]


def _is_published_since(run: dg.DagsterRun, instance: dg.DagsterInstance) -> bool:
    """Whether a publication has started after the end of a run, or is queued."""
    (ended,) = instance.get_run_records(dg.RunsFilter(run_ids=[run.run_id]))
    publications = instance.get_run_records(dg.RunsFilter(job_name=PUBLISH, statuses=list(_GOOD)), limit=1)
    return any(
        record.start_time is None or (ended.end_time is not None and record.start_time > ended.end_time)
        for record in publications
    )


def _publish_after(status: dg.DagsterRunStatus, publish: "AssetJob") -> dg.SensorDefinition:
    @dg.run_status_sensor(
        name=f"publish_after_{status.value.lower()}",
        run_status=status,
        request_job=publish,
        minimum_interval_seconds=15,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Loads and publishes landed pages after a collecting run ends with status {status.value}.",
    )
    def publish_after(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
        run = context.dagster_run
        if not is_collecting(run):
            return dg.SkipReason(f"{run.job_name} is not a collecting job, so there is nothing new to publish.")
        if COMMAND_TAG in run.tags:
            return dg.SkipReason(f"{run.tags[COMMAND_TAG]} publishes what it collected itself.")
        if _is_published_since(run, context.instance):
            return dg.SkipReason("A later publication includes the pages of this run.")
        return dg.RunRequest(run_key=f"after:{run.run_id}")

    return publish_after


def _publish_again(publish: "AssetJob") -> dg.SensorDefinition:
    @dg.sensor(
        name="publish_again",
        job=publish,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Retries a failed publication after 10 minutes, then after 20, 40 and so on.",
    )
    def publish_again(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        latest = context.instance.get_run_records(dg.RunsFilter(job_name=PUBLISH), limit=_MOST_FAILURES)
        return what_follows(latest, now=real_now())

    return publish_again


def what_follows(latest: Sequence[dg.RunRecord], *, now: datetime) -> dg.RunRequest | dg.SkipReason:
    """A retry if the latest publication failed and the wait is over, otherwise the reason for skipping.

    Args:
        latest: Publications, the latest first.
        now: The machine's time, which Dagster uses for its runs.
    """
    if any(record.dagster_run.status in UNFINISHED for record in latest):
        return dg.SkipReason("A publication is queued or running.")
    failures = list(takewhile(lambda record: record.dagster_run.is_failure, latest))
    if not failures:
        return dg.SkipReason("The latest publication did not fail.")
    if len(failures) == _MOST_FAILURES:
        return dg.SkipReason(
            f"The last {_MOST_FAILURES} publications failed: read the error of the latest one, then launch it again."
        )
    failed = failures[0]
    opens = datetime.fromtimestamp(failed.end_time or 0, UTC) + _FIRST_WAIT * 2 ** (len(failures) - 1)
    if now < opens:
        return dg.SkipReason(
            f"The latest publication failed; it is retried in {duration((opens - now).total_seconds())}."
        )
    return dg.RunRequest(run_key=f"again:{failed.dagster_run.run_id}")
