"""A failed publication is tried again after growing waits."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from tt_pipeline.orchestration.names import COLLECT, PUBLISH
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
            start_time=NOON.timestamp(),
            end_time=NOON.timestamp(),
        )
        for number, status in enumerate(statuses)
    ]


def collected(after: timedelta) -> dg.RunRecord:
    """A collecting run that ended so long after noon."""
    return dg.RunRecord(
        storage_id=99,
        dagster_run=dg.DagsterRun(COLLECT, run_id="collected", status=SUCCESS),
        create_timestamp=NOON,
        update_timestamp=NOON,
        end_time=(NOON + after).timestamp(),
    )


@pytest.mark.parametrize("latest", [[], [SUCCESS], [FAILURE], [FAILURE] * 8])
def test_what_was_collected_since_is_published(latest: list[dg.DagsterRunStatus]) -> None:
    """Also if the publication before it failed, and at once; but not while one runs."""
    run = collected(timedelta(seconds=1))
    follows = what_follows(ended(*latest), run, now=NOON)
    while_one_runs = what_follows(ended(STARTED), run, now=NOON)

    assert isinstance(follows, dg.RunRequest)
    assert follows.run_key == "after:collected"
    assert isinstance(while_one_runs, dg.SkipReason)


def test_what_was_collected_before_is_published_already() -> None:
    """A publication that started after the end of a run contains its pages."""
    follows = what_follows(ended(SUCCESS), collected(timedelta(seconds=-1)), now=NOON)

    assert isinstance(follows, dg.SkipReason)
    assert follows.skip_message == "Everything that was collected is published."


@pytest.mark.parametrize(
    ("latest", "reason"),
    [
        ([], "Everything that was collected is published."),
        ([SUCCESS, FAILURE], "Everything that was collected is published."),
        ([STARTED, FAILURE], "A publication is queued or running."),
        ([FAILURE] * 8, "The last 8 publications failed: read the error of the latest one, then launch it again."),
    ],
)
def test_nothing_is_tried_again_without_need(latest: list[dg.DagsterRunStatus], reason: str) -> None:
    """There is no retry after a success, during another publication, or after too many failures."""
    follows = what_follows(ended(*latest), None, now=NOON + timedelta(days=30))

    assert isinstance(follows, dg.SkipReason)
    assert follows.skip_message == reason


@pytest.mark.parametrize(("failures", "minutes"), [(1, 10), (2, 20), (3, 40), (7, 640)])
def test_each_failure_doubles_the_wait(failures: int, minutes: int) -> None:
    """A publication is requested when the wait is over and not a second earlier, once for each failure."""
    latest, opens = ended(*[FAILURE] * failures, SUCCESS), NOON + timedelta(minutes=minutes)
    early, due = (what_follows(latest, None, now=now) for now in (opens - timedelta(seconds=1), opens))

    assert isinstance(early, dg.SkipReason)
    assert isinstance(due, dg.RunRequest)
    assert due.run_key == "again:run-0"
