"""The line that each asset prints, complete."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from rich.cells import cell_len

from tt_pipeline.cli.console import Screen
from tt_pipeline.cli.progress import LiveProgress, summary
from tt_pipeline.errors import RequestLimitReached
from tt_pipeline.ingestion.report import CollectReport, DayReport, Receipt
from tt_pipeline.quota import BucketUse
from tt_pipeline.vocabulary import Bucket

COMPLETE = DayReport(day=date(2026, 11, 3), status="complete", has_final_status=True, is_complete=True, rows=93)
PAUSED = replace(COMPLETE, status="paused", has_final_status=False, is_complete=False, rows=0)
FULL = Receipt(rows=93, requests=1, lower_bound=1)


def line(asset: str, *days: DayReport, receipt: Receipt = FULL) -> str:
    """The line of an asset."""
    return summary(CollectReport(asset=asset, days=days, receipt=receipt))


def test_a_live_line_is_never_wider_than_the_screen() -> None:
    """A wider one would be shown on two lines, of which only the last could be erased."""
    screen = Screen(file=StringIO(), force_terminal=True, width=40, color_system=None)
    with LiveProgress(screen) as progress:
        progress.say("comments of 2026-10-02..2026-10-31: 1,234 pages, 98,765 rows")
        progress.finished(CollectReport(asset="videos/climate", days=(COMPLETE,), receipt=FULL))

    assert isinstance(screen.file, StringIO)
    written = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.file.getvalue())
    lines = [line for line in re.split(r"[\r\n]+", written) if line]
    assert max(map(cell_len, lines)) <= 40
    assert any("comments of 2026-10-02..2026-…" in line for line in lines)
    assert "✓ videos/climate: 2026-11-03 complete;" in lines


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, "comments of 2026-11-03 · 2 pages, 150 rows so far · quota 42 of 1,000"),
        (70, "comments of 2026-11-03 · 150 rows so far · quota 42 of 1,000"),
        (60, "comments of 2026-11-03 · 150 rows so far "),
    ],
)
def test_a_live_line_counts_the_whole_command_and_fits(width: int, shown: str) -> None:
    """It says that its numbers are of everything so far, and leaves numbers out before it is cut."""
    screen = Screen(file=StringIO(), force_terminal=True, width=width, color_system=None)
    use = BucketUse(
        bucket=Bucket.MAIN,
        day=date(2026, 11, 20),
        used=42,
        limit=1000,
        opens_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    with LiveProgress(screen) as progress:
        progress.landed("comments of 2026-11-02", 100, use)
        progress.landed("comments of 2026-11-03", 50, use)

    assert isinstance(screen.file, StringIO)
    assert shown in screen.file.getvalue()


def test_one_is_singular() -> None:
    """One day, one row, one request, one page."""
    receipt = Receipt(rows=1, requests=1, lower_bound=1, bought_twice=1)

    assert line("videos/climate", COMPLETE, receipt=receipt) == (
        "✓ videos/climate: 2026-11-03 complete; 1 row for 1 request, 1 page requested twice"
    )


def test_what_is_missing_is_shown() -> None:
    """The line has … instead of the tick, and the status of the other days."""
    unasked = replace(PAUSED, status="never_asked")
    receipt = Receipt(rows=1234, requests=18, lower_bound=15)

    assert line("videos/climate", COMPLETE, PAUSED, PAUSED, unasked, receipt=receipt) == (
        "… videos/climate: 1 of 4 days complete (2 paused, 1 never asked); "
        "1,234 rows for 18 requests (lower bound 15, 1.20 ×)"
    )


def test_a_stopped_look_at_complete_days_has_no_tick() -> None:
    """`--again` with `--limit` leaves the days complete by an earlier look, and is not finished itself."""
    report = CollectReport(asset="users", days=(COMPLETE,), receipt=FULL, stopped_because=RequestLimitReached(3))

    assert summary(report) == "… users: not finished; before it, 2026-11-03 complete; 93 rows for 1 request"


@pytest.mark.parametrize(("requests", "bound"), [(1000, ""), (1004, ""), (1010, " (lower bound 1,000, 1.01 ×)")])
def test_a_lower_bound_is_shown_if_it_was_missed(requests: int, bound: str) -> None:
    """A collection that sent as few requests as possible says nothing of it."""
    receipt = Receipt(rows=7, requests=requests, lower_bound=1000)
    assert str(receipt) == f"7 rows for {requests:,} requests{bound}, 0 pages requested twice"


def test_a_search_that_found_nothing_names_a_command_to_check_it() -> None:
    """Requests without any video may mean that the query is wrong."""
    spent = "; 0 rows for 1 request"
    nothing = Receipt(requests=1, lower_bound=1)

    assert line("videos/climate", replace(COMPLETE, rows=0), receipt=nothing) == (
        f"✓ videos/climate: 2026-11-03 complete{spent}. No videos were found; check the query with `tt try climate`."
    )
    assert line("videos/climate", COMPLETE, replace(COMPLETE, rows=0), receipt=nothing).endswith(spent)
    assert line("videos/climate", PAUSED, receipt=nothing).endswith(spent)
    assert line("comments", replace(COMPLETE, rows=0), receipt=nothing).endswith(spent)


LISTS: dict[str, int | str] = {"accounts": 12, "lists_missing": 0, "lists_failed": 0, "lists_refused": 0}
ACCOUNTS = [
    (replace(COMPLETE, facts=LISTS), "✓ social/followers: 12 accounts;"),
    (
        replace(COMPLETE, facts=LISTS | {"lists_refused": 2}),
        "✓ social/followers: 12 accounts, 2 not found, private or refused;",
    ),
    (
        replace(PAUSED, facts=LISTS | {"accounts": 1, "lists_missing": 11, "lists_failed": 1}),
        "… social/followers: 1 account, 1 failed, 11 to come;",
    ),
    (replace(COMPLETE, status="not_due"), "✓ social/followers: not due;"),
    (replace(PAUSED, status="not_observed", facts={"why": "a list …"}), "… social/followers: not observed;"),
]


@pytest.mark.parametrize(("day", "begins"), ACCOUNTS, ids=[begins for _, begins in ACCOUNTS])
def test_a_list_is_counted_in_accounts(day: DayReport, begins: str) -> None:
    """A list is of today, and the line counts accounts."""
    assert line("social/followers", day).partition(" 93 rows")[0] == begins
