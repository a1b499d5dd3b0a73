"""Every search and day has exactly one status, which is never better than what has landed."""

from datetime import date, datetime

import pytest

from tt_pipeline.coverage.search_days import day_coverage, has_last_look, look_is_due, would_begin_look
from tt_pipeline.landing import WindowEntry
from tt_pipeline.vocabulary import SearchStatus, StopReason
from tt_pipeline_tests.coverage.builders import DAY, SEARCH, at_age, window

LOOKS = (3, 12)


@pytest.mark.parametrize(
    ("windows", "now", "status"),
    [
        ([], at_age(1), SearchStatus.NOT_DUE),
        ([], at_age(3), SearchStatus.NEVER_ASKED),
        ([window(age=1)], at_age(2), SearchStatus.EARLY),
        ([window(age=3)], at_age(3), SearchStatus.COMPLETE),
        ([window(age=3), window(age=12, ends=None)], at_age(12), SearchStatus.COMPLETE),
        ([window(ends=None)], at_age(3), SearchStatus.PAUSED),
        ([window(ends=StopReason.CURSOR_STUCK)], at_age(3), SearchStatus.PARTIAL),
        ([window(ends=StopReason.UNAVAILABLE)], at_age(3), SearchStatus.UNAVAILABLE),
        ([window(ends=StopReason.UNAVAILABLE), window(age=4)], at_age(4), SearchStatus.COMPLETE),
        ([window(fingerprint="an older query")], at_age(3), SearchStatus.OUTDATED),
        ([window(search="an older name")], at_age(3), SearchStatus.COMPLETE),
        ([window(first_day=date(2026, 9, 1), last_day=date(2026, 9, 30))], at_age(3), SearchStatus.NEVER_ASKED),
    ],
)
def test_a_day_has_one_status(windows: list[WindowEntry], now: datetime, status: SearchStatus) -> None:
    """The status depends only on what has landed and on the clock."""
    assert day_coverage(SEARCH, DAY, windows, now=now, look_ages=LOOKS).status is status


def test_a_day_outside_the_search_is_outside() -> None:
    """A day before the search's first day is never requested, not even with --again."""
    coverage = day_coverage(SEARCH, date(2026, 9, 30), [], now=at_age(3), look_ages=LOOKS)

    assert coverage.status is SearchStatus.OUTSIDE
    assert not would_begin_look(coverage, now=at_age(3), look_ages=LOOKS, again_since=at_age(3))


@pytest.mark.parametrize(
    ("ages_seen", "age_now", "is_due"),
    [
        ([], 2, False),
        ([], 3, True),
        ([3], 11, False),
        ([3], 12, True),
        ([3, 12], 400, False),
        ([20], 400, False),
        ([1], 3, True),
    ],
)
def test_a_look_is_due_at_its_age_and_once(ages_seen: list[int], age_now: int, is_due: bool) -> None:  # noqa: FBT001
    """One look counts for its age and all lower ages; an early look counts for none."""
    coverage = day_coverage(SEARCH, DAY, [window(age=age) for age in ages_seen], now=at_age(age_now), look_ages=LOOKS)

    assert look_is_due(coverage, now=at_age(age_now), look_ages=LOOKS) is is_due


def test_a_complete_day_costs_nothing_however_long_ago() -> None:
    """Only --again requests a complete day again."""
    coverage = day_coverage(SEARCH, DAY, [window(age=12)], now=at_age(500), look_ages=LOOKS)

    assert not would_begin_look(coverage, now=at_age(500), look_ages=LOOKS)
    assert would_begin_look(coverage, now=at_age(500), look_ages=LOOKS, again_since=at_age(500))
    assert not would_begin_look(coverage, now=at_age(500), look_ages=LOOKS, again_since=at_age(12))


def test_a_split_window_does_not_change_its_days() -> None:
    """A narrowed or halved window leaves its days as they were, and is not counted as an attempt."""
    coverage = day_coverage(SEARCH, DAY, [window(ends=StopReason.SPLIT)], now=at_age(3), look_ages=LOOKS)

    assert (coverage.status, coverage.attempts) == (SearchStatus.NEVER_ASKED, 0)


@pytest.mark.parametrize(
    ("windows", "now", "status"),
    [
        ([window(age=1), window(age=3, ends=None)], at_age(3), SearchStatus.PAUSED),
        ([window(age=1), window(age=3, ends=StopReason.UNAVAILABLE)], at_age(3), SearchStatus.UNAVAILABLE),
    ],
)
def test_an_early_look_hides_no_later_one(windows: list[WindowEntry], now: datetime, status: SearchStatus) -> None:
    """A day with an early look and an unfinished due look is paused, not complete."""
    assert day_coverage(SEARCH, DAY, windows, now=now, look_ages=LOOKS).status is status


def test_a_day_that_just_failed_costs_nothing_until_it_has_waited() -> None:
    """Within a day it is unavailable without a request; a day later, or with --again, it is requested."""
    coverage = day_coverage(SEARCH, DAY, [window(ends=StopReason.UNAVAILABLE)], now=at_age(3), look_ages=LOOKS)

    assert not would_begin_look(coverage, now=at_age(3.9), look_ages=LOOKS)
    assert would_begin_look(coverage, now=at_age(4), look_ages=LOOKS)
    assert would_begin_look(coverage, now=at_age(3.1), look_ages=LOOKS, again_since=at_age(3.1))


@pytest.mark.parametrize(
    ("ages_seen", "is_done"),
    [([], False), ([3], False), ([1, 3], False), ([3, 12], True), ([500], True), ([3, 4, 5], False)],
)
def test_the_last_look_decides_whether_days_compare(ages_seen: list[int], is_done: bool) -> None:  # noqa: FBT001 — a case
    """A backfilled day has one look, at a high age, and compares; early and repeated looks do not replace the last."""
    coverage = day_coverage(SEARCH, DAY, [window(age=age) for age in ages_seen], now=at_age(500), look_ages=LOOKS)
    assert has_last_look(coverage, look_ages=LOOKS) is is_done
