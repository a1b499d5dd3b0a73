"""The sensor requests once a day, and again only when a run has succeeded and no other run waits."""

import dagster as dg
import pytest

from tt_pipeline.orchestration.sensor_cursor import MOST_ROUNDS, SensorCursor
from tt_pipeline.vocabulary import Bucket

DAY = "2026-11-20"


def run(status: dg.DagsterRunStatus = dg.DagsterRunStatus.SUCCESS) -> dg.DagsterRun:
    """A run that has ended."""
    return dg.DagsterRun(job_name="collect", status=status)


FAILED = run(dg.DagsterRunStatus.FAILURE)
BEFORE = run()


@pytest.mark.parametrize(
    ("rounds", "ended", "is_busy", "is_occasion"),
    [
        (0, None, True, True),
        (1, None, False, False),
        (1, BEFORE, False, False),
        (1, FAILED, False, False),
        (1, run(), True, False),
        (1, run(), False, True),
        (MOST_ROUNDS, run(), False, False),
    ],
)
def test_an_occasion_is_the_days_first_or_a_new_success(
    rounds: int,
    ended: dg.DagsterRun | None,
    is_busy: bool,  # noqa: FBT001
    is_occasion: bool,  # noqa: FBT001
) -> None:
    """A failed run is no occasion, and neither is a success that was counted before."""
    cursor = SensorCursor(day=DAY, rounds={"main": rounds}, after=BEFORE.run_id)

    assert cursor.is_occasion(Bucket.MAIN, ended, is_busy=is_busy) is is_occasion


def test_a_cursor_is_of_its_day() -> None:
    """A cursor is read as it was written; one of yesterday, or an unreadable one, is reset."""
    written = (
        SensorCursor(day=DAY, rounds={}, after=None)
        .noted([Bucket.MAIN], BEFORE)
        .noted([Bucket.MAIN, Bucket.SOCIAL], None)
    )

    assert written == SensorCursor(day=DAY, rounds={"main": 2, "social": 1}, after=None)
    assert SensorCursor.read(written.text(), DAY) == written
    assert written.text() == (
        "On 2026-11-20 requested main 2 times, social 1 times. Study not readable, edited 0 times today."
    )
    edited = SensorCursor.read(written.text(), DAY, "f011945e").noted([Bucket.MAIN], BEFORE)
    assert SensorCursor.read(edited.text(), DAY, "f011945e") == edited
    assert (edited.edits, edited.after) == (1, BEFORE.run_id)
    for cursor in (written.text(), "2026-11-20 main", None):
        assert SensorCursor.read(cursor, "2026-11-21") == SensorCursor(day="2026-11-21", rounds={}, after=None)
