"""A report that stopped becomes one failure of Dagster with the reason and the number of complete days."""

from datetime import UTC, date, datetime

import pytest

from tt_pipeline.errors import DailyRunWaiting, QuotaExhausted, ServerFailure, TtPipelineError
from tt_pipeline.ingestion.report import CollectReport, DayReport, Receipt
from tt_pipeline.orchestration.failures import as_failure
from tt_pipeline.vocabulary import Bucket

DRY = QuotaExhausted(Bucket.MAIN, used=1_000, limit=1_000, resets_at=datetime(2026, 11, 21, tzinfo=UTC))


def stopped(because: TtPipelineError | None) -> CollectReport:
    """A report with one of two days complete."""
    days = (
        DayReport(day=date(2026, 11, 3), status="complete", has_final_status=True, is_complete=True, rows=9),
        DayReport(
            day=date(2026, 11, 4),
            status="paused",
            has_final_status=False,
            is_complete=False,
            rows=0,
            facts={"why": "a search is open"},
        ),
    )
    return CollectReport(asset="comments", days=days, receipt=Receipt(), stopped_because=because)


@pytest.mark.parametrize(
    ("because", "sentence"),
    [
        (DRY, "Paused for quota. comments: 1 of 2 days have a final status."),
        (DRY, "Dagster resumes it after 2026-11-21 00:00 UTC, if its daemon runs."),
        (DailyRunWaiting(), "Paused for the daily run. comments: 1 of 2 days have a final status."),
        (
            ServerFailure("comments of a video", status=500),
            "comments: 1 of 2 days have a final status. comments of a video",
        ),
        (None, "comments: 1 of 2 days have a final status. a search is open"),
    ],
)
def test_a_failure_says_why_and_is_not_retried_as_a_step(because: TtPipelineError | None, sentence: str) -> None:
    """A step that Dagster retries would spend quota and stop at the same place."""
    failure = as_failure(stopped(because))

    assert sentence in str(failure.description)
    assert failure.allow_retries is False
