"""`tt collect` ends with an exit code and a printed receipt."""

from datetime import UTC, date, datetime

import pytest

from tt_pipeline.cli.collect_run import exit_of, show_receipt
from tt_pipeline.cli.exits import Exit
from tt_pipeline.errors import QuotaExhausted, ServerFailure, TtPipelineError, UsageError
from tt_pipeline.ingestion.report import CollectReport, DayReport, Receipt
from tt_pipeline.orchestration.collect_outcome import CollectOutcome
from tt_pipeline.vocabulary import Bucket

DAY = date(2026, 11, 4)
LATER = date(2026, 11, 5)
DRY = QuotaExhausted(Bucket.MAIN, used=1_000, limit=1_000, resets_at=datetime(2026, 11, 21, tzinfo=UTC))
BROKEN = ServerFailure("climate", status=500)


def report(
    status: str = "complete", *, stopped: TtPipelineError | None = None, requests: int = 2, day: date = DAY
) -> CollectReport:
    """A report on one day of a search."""
    of_day = DayReport(
        day=day, status=status, has_final_status=status != "paused", is_complete=status == "complete", rows=150
    )
    receipt = Receipt(rows=150, requests=requests, lower_bound=requests)
    return CollectReport(asset="videos/climate", days=(of_day,), receipt=receipt, stopped_because=stopped)


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (CollectOutcome(reports=[report()]), Exit.COMPLETE),
        (CollectOutcome(reports=[]), Exit.COMPLETE),
        (CollectOutcome(reports=[report("paused"), report()]), Exit.COMPLETE),
        (CollectOutcome(reports=[report("paused")]), Exit.FAILED),
        (CollectOutcome(reports=[report("paused", stopped=DRY)]), Exit.PAUSED),
        (CollectOutcome(reports=[report("paused", stopped=DRY), report("paused", stopped=BROKEN)]), Exit.FAILED),
        (CollectOutcome(reports=[report(stopped=BROKEN), report(stopped=UsageError("x"))]), Exit.WRONG_USAGE),
        (CollectOutcome(reports=[report()], failed_steps=["no room"]), Exit.FAILED),
        (CollectOutcome(reports=[report(stopped=BROKEN)], is_interrupted=True), Exit.INTERRUPTED),
        (CollectOutcome(reports=[report()], paused_checks="no request is left"), Exit.PAUSED),
        (CollectOutcome(reports=[report("unavailable")]), Exit.FAILED),
        (CollectOutcome(reports=[report("partial")]), Exit.FAILED),
        (CollectOutcome(reports=[report("suspicious")]), Exit.FAILED),
        (CollectOutcome(reports=[report("early")]), Exit.COMPLETE),
        (CollectOutcome(reports=[report("unavailable"), report("paused", stopped=DRY, day=LATER)]), Exit.FAILED),
        (CollectOutcome(reports=[report("paused"), report("paused", stopped=DRY, day=LATER)]), Exit.PAUSED),
    ],
    ids=[
        *("complete", "nothing due", "completed by a later round", "a day stays open", "paused"),
        *("a failure beside a pause", "wrong usage beside a failure", "a step that failed", "interrupted"),
        *("checks paused", "unavailable", "partial", "suspicious", "early"),
        *("unavailable beside a pause", "open because of a pause"),
    ],
)
def test_the_worst_ending_decides_the_exit_code(outcome: CollectOutcome, code: Exit) -> None:
    """The order is interruption, wrong usage, failure, pause; a later report on a day replaces an earlier one."""
    assert exit_of(outcome) is code


def printed(outcome: CollectOutcome, capsys: pytest.CaptureFixture[str]) -> str:
    """The receipt in one line, with stderr."""
    show_receipt(outcome)
    shown = capsys.readouterr()
    return " ".join((shown.out + shown.err).split())


def test_a_receipt_has_rows_and_requests(capsys: pytest.CaptureFixture[str]) -> None:
    """The numbers of all assets are added up, and the reason for the stop is printed once."""
    receipt = printed(CollectOutcome(reports=[report("paused", stopped=DRY)] * 2), capsys)

    assert "300 rows for 4 requests, 0 pages requested twice." in receipt
    assert receipt.count("Quota main: 1,000 of 1,000 used; resets 2026-11-21 00:00 UTC.") == 1


def test_a_receipt_of_nothing_says_that_nothing_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was due, or everything was complete."""
    assert printed(CollectOutcome(reports=[]), capsys) == "Nothing is due: nothing was sent."
    assert "was complete already: nothing was sent." in printed(CollectOutcome(reports=[report(requests=0)]), capsys)


def test_a_receipt_names_days_that_are_early_or_open(capsys: pytest.CaptureFixture[str]) -> None:
    """Early days are requested again later; an open day is named with its status and the reason."""
    assert "Early: 2026-11-04." in printed(CollectOutcome(reports=[report("early")]), capsys)
    assert "videos/climate 2026-11-04: unavailable (the server failed;" in printed(
        CollectOutcome(reports=[report("unavailable")]), capsys
    )


def test_what_was_repaired_is_said_also_when_nothing_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    """A warehouse that was built again is no silent matter."""
    printed_receipt = printed(CollectOutcome(reports=[], notices=["writer.duckdb was gone."]), capsys)

    assert "writer.duckdb was gone. Nothing is due" in " ".join(printed_receipt.split())


def test_a_receipt_names_the_requests_of_checks(capsys: pytest.CaptureFixture[str]) -> None:
    """They are sent before the collection, also where nothing else is due."""
    outcome = CollectOutcome(reports=[], requests_of_checks=6)
    assert (
        printed(outcome, capsys) == "Checks of what is stored: 6 requests. Nothing else is due: nothing else was sent."
    )
    outcome = CollectOutcome(reports=[report(requests=0)], requests_of_checks=1)
    assert "was complete already: nothing else was sent." in printed(outcome, capsys)
