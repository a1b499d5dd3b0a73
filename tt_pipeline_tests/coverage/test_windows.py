"""Windows have the requested days and no others, and are as few as possible."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.coverage.windows import Window, cut_windows, spans_of_days

START = date(2026, 1, 1)
SOME_DAYS = st.lists(st.integers(0, 200)).map(lambda numbers: [START + timedelta(days=n) for n in numbers])


@given(SOME_DAYS)
def test_windows_have_each_requested_day_once_and_no_other(days: list[date]) -> None:
    """Cutting into windows loses, adds and repeats no day."""
    assert [day for window in cut_windows(days) for day in window.days] == sorted(set(days))


@given(SOME_DAYS)
def test_no_window_is_longer_than_a_query_may_span(days: list[date]) -> None:
    """A window has at most 30 days."""
    assert all(len(window.days) <= 30 for window in cut_windows(days))


def test_unbroken_days_share_a_window() -> None:
    """A quiet month is one request, and a gap starts a new one."""
    month = [START + timedelta(days=n) for n in range(30)]
    later = date(2026, 3, 1)

    assert cut_windows([*month, later]) == [
        Window(first_day=START, last_day=date(2026, 1, 30)),
        Window(first_day=later, last_day=later),
    ]


def test_halves_share_the_days() -> None:
    """A window that is too heavy is requested in two adjacent parts."""
    assert Window(first_day=START, last_day=date(2026, 1, 5)).halves() == (
        Window(first_day=START, last_day=date(2026, 1, 3)),
        Window(first_day=date(2026, 1, 4), last_day=date(2026, 1, 5)),
    )


def test_no_days_no_windows() -> None:
    """Without days there is no request."""
    assert (cut_windows([]), spans_of_days([])) == ([], [])
