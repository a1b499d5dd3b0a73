"""When what is stored has to be checked, and what a person is told of it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.reports import ChecksDue, checks_due
from tt_pipeline.studies import ComplianceRules

SEEN_ON = date(2026, 11, 1)


def videos(file: Path, rules: ComplianceRules, today: date, *days: tuple[date, date | None, int]) -> ChecksDue:
    """The checks of videos in a published file with these days: verified_date, hidden_date, items."""
    with duckdb.connect(file) as connection:
        connection.execute("create schema if not exists ops")
        connection.execute(
            "create or replace table ops.checks_due"
            " (kind varchar, verified_date date, hidden_date date, items bigint, missing bigint)"
        )
        for day in days:
            connection.execute("insert into ops.checks_due values ('video', ?, ?, ?, 0)", day)
    found, _ = checks_due(file, rules, datetime(today.year, today.month, today.day, 12, tzinfo=UTC))
    return found


@pytest.mark.parametrize("refresh_days", [4, 8, 15, 20, 30])
def test_what_is_said_to_be_due_on_a_day_is_due_then(tmp_path: Path, refresh_days: int) -> None:
    """And one day before nothing is; the same holds for what is overdue."""
    rules, day = ComplianceRules(refresh_days=refresh_days), (SEEN_ON, None, 10)
    first = videos(tmp_path / "w.duckdb", rules, SEEN_ON, day)
    assert first.due_on
    assert first.overdue_on
    for on, number in ((first.due_on, "due"), (first.overdue_on, "overdue")):
        before = videos(tmp_path / "w.duckdb", rules, on - timedelta(days=1), day)
        assert (getattr(before, number), getattr(videos(tmp_path / "w.duckdb", rules, on, day), number)) == (0, 10)


def test_hiding_is_announced_also_where_nothing_is_overdue(tmp_path: Path) -> None:
    """Seven days ahead, with the number of all of that week and the first day."""
    rules = ComplianceRules(refresh_days=30, hide_after_days=15)
    days = [(SEEN_ON, date(2026, 12, 1), 10), (SEEN_ON + timedelta(days=6), date(2026, 12, 7), 5)]
    assert videos(tmp_path / "w.duckdb", rules, date(2026, 11, 23), *days).sentences == ()
    found = videos(tmp_path / "w.duckdb", rules, date(2026, 11, 30), *days)
    (sentence,) = found.sentences
    assert sentence.startswith("15 videos are left out of the published file, or will be within seven days, from")
    assert " 2026-12-01 on" in sentence


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    """Nothing is stored."""
    found = videos(tmp_path / "w.duckdb", ComplianceRules(), SEEN_ON)
    assert (found.stored, found.due_on, found.sentences) == (0, None, ())
    assert found.summary == "0 videos stored, none to check"
