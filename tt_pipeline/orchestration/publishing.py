"""The sensor that publishes after each collecting run, and retries a failed publication."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import dagster as dg

from tt_pipeline.clock import real_now
from tt_pipeline.orchestration.names import COMMAND_TAG, PUBLISH
from tt_pipeline.orchestration.requests import ENDED, UNFINISHED, is_collecting
from tt_pipeline.orchestration.valve import duration

if TYPE_CHECKING:  # Dagster does not export the type that define_asset_job gives
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

_MOST_ENDED: Final = 50
_COMMAND_PUBLISHES_WITHIN: Final = timedelta(minutes=30)
"""A command first collects all that it was asked for."""
_FIRST_WAIT: Final = timedelta(minutes=10)
_MOST_FAILURES: Final = 8
"""The last wait is 21 hours; by then the next daily run has started a publication."""


def publish_sensor(publish: "AssetJob") -> dg.SensorDefinition:
    """A sensor that publishes after every collecting run, however it ends, and retries a failed publication."""

    @dg.sensor(
        name="publish_what_was_collected",
        job=publish,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Loads and publishes landed pages after each collecting run, however it ends. A failed publication "
        "is repeated after 10 minutes, then after 20, 40 and so on.",
    )
    def publish_what_was_collected(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        latest = context.instance.get_run_records(dg.RunsFilter(job_name=PUBLISH), limit=_MOST_FAILURES)
        now = real_now()
        return what_follows(latest, last_collected(context.instance, now=now), now=now)

    return publish_what_was_collected


def last_collected(instance: dg.DagsterInstance, *, now: datetime) -> dg.RunRecord | None:
    """The collecting run that ended last, without those that their command will publish unless it was killed."""
    ended = instance.get_run_records(dg.RunsFilter(statuses=list(ENDED)), limit=_MOST_ENDED, order_by="end_time")
    since = (now - _COMMAND_PUBLISHES_WITHIN).timestamp()
    return next((r for r in ended if is_collecting(r.dagster_run) and not _of_command(r, since)), None)


def _of_command(record: dg.RunRecord, since: float) -> bool:
    return COMMAND_TAG in record.dagster_run.tags and (record.end_time or 0) > since


def what_follows(
    latest: Sequence[dg.RunRecord], collected: dg.RunRecord | None, *, now: datetime
) -> dg.RunRequest | dg.SkipReason:
    """A publication of what was collected since the latest one, a retry if that failed, or why there is none.

    Args:
        latest: Publications, the latest first.
        collected: The collecting run that ended last.
        now: The machine's time, which Dagster uses for its runs.
    """
    if any(record.dagster_run.status in UNFINISHED for record in latest):
        return dg.SkipReason("A publication is queued or running.")
    if collected and not (latest and _starts(latest[0]) > (collected.end_time or 0)):
        return dg.RunRequest(run_key=f"after:{collected.dagster_run.run_id}")
    failures = list(takewhile(lambda record: record.dagster_run.is_failure, latest))
    if not failures:
        return dg.SkipReason("Everything that was collected is published.")
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


def _starts(publication: dg.RunRecord) -> float:
    """When it started; of one that never started, when it was requested."""
    return publication.start_time or publication.create_timestamp.timestamp()
