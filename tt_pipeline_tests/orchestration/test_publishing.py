"""A failed publication is tried again after growing waits."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from tt_pipeline.orchestration.names import PUBLISH
from tt_pipeline.orchestration.publishing import what_follows

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FAILURE, SUCCESS, STARTED = dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.STARTED


def ended(*statuses: dg.DagsterRunStatus) -> list[dg.RunRecord]:
    """Publications that ended at noon, the latest first."""
    return [
        dg.RunRecord(
            storage_id=number,
            dagster_run=dg.DagsterRun(PUBLISH, run_id=f"run-{number}", status=status),
            create_timestamp=NOON,
            update_timestamp=NOON,
            end_time=NOON.timestamp(),
        )
        for number, status in enumerate(statuses)
    ]


@pytest.mark.parametrize(
    ("latest", "reason"),
    [
        ([], "The latest publication did not fail."),
        ([SUCCESS, FAILURE], "The latest publication did not fail."),
        ([STARTED, FAILURE], "A publication is queued or running."),
        ([FAILURE] * 8, "The last 8 publications failed: read the error of the latest one, then launch it again."),
    ],
)
def test_nothing_is_tried_again_without_need(latest: list[dg.DagsterRunStatus], reason: str) -> None:
    """There is no retry after a success, during another publication, or after too many failures."""
    follows = what_follows(ended(*latest), now=NOON + timedelta(days=30))

    assert isinstance(follows, dg.SkipReason)
    assert follows.skip_message == reason


@pytest.mark.parametrize(("failures", "minutes"), [(1, 10), (2, 20), (3, 40), (7, 640)])
def test_each_failure_doubles_the_wait(failures: int, minutes: int) -> None:
    """A publication is requested when the wait is over and not a second earlier, once for each failure."""
    latest, opens = ended(*[FAILURE] * failures, SUCCESS), NOON + timedelta(minutes=minutes)
    early, due = what_follows(latest, now=opens - timedelta(seconds=1)), what_follows(latest, now=opens)

    assert isinstance(early, dg.SkipReason)
    assert isinstance(due, dg.RunRequest)
    assert due.run_key == "again:run-0"
