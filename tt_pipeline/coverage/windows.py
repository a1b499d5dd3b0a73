"""Decides which days are requested together in one window."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from tt_pipeline.codebook.limits import PAGE_SIZE, WINDOW_DAYS

_PAGES_A_WINDOW = 25
"""A busy search is requested in windows of about this many pages. On average the last page of a window is half empty,
which costs 2 %; larger windows would leave more unfinished after an interruption."""
_PAGES_TOO_WIDE = 2 * _PAGES_A_WINDOW
"""A window that turns out to have more pages than this is narrowed after its first page, which is requested twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days that one query covers; both ends inclusive."""

    first_day: date
    last_day: date

    @property
    def days(self) -> list[date]:
        """All days of the window."""
        return days_between(self.first_day, self.last_day)

    def __str__(self) -> str:
        return f"{self.first_day}" if self.first_day == self.last_day else f"{self.first_day}..{self.last_day}"

    def halves(self) -> "tuple[Window, Window]":
        """Two windows of about the same length; the window must have at least two days."""
        middle = self.first_day + (self.last_day - self.first_day) // 2
        return (
            Window(first_day=self.first_day, last_day=middle),
            Window(first_day=middle + timedelta(days=1), last_day=self.last_day),
        )


def days_between(first_day: date, last_day: date) -> list[date]:
    """All days from the first to the last, both included."""
    return [first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)]


def spans_of_days(days: Iterable[date], *, bridge_days: int = 0) -> list[Window]:
    """Group days into spans of consecutive days, oldest first; a span includes gaps of up to `bridge_days` days."""
    ordered = sorted(set(days))
    if not ordered:
        return []
    breaks = [(a, b) for a, b in pairwise(ordered) if (b - a).days > 1 + bridge_days]
    starts = [ordered[0]] + [b for _, b in breaks]
    ends = [a for a, _ in breaks] + [ordered[-1]]
    return [Window(first_day=start, last_day=end) for start, end in zip(starts, ends, strict=True)]


def max_days_per_window(slots_per_day: float | None) -> int:
    """The largest number of days to request together at this density; `WINDOW_DAYS` if the density is unknown."""
    if not slots_per_day:
        return WINDOW_DAYS
    return max(1, min(WINDOW_DAYS, int(_PAGES_A_WINDOW * PAGE_SIZE / slots_per_day)))


def is_too_wide(window: Window, slots_per_day: float) -> bool:
    """Whether a window of several days would need more than 50 pages, so that narrower windows should be requested."""
    days = len(window.days)
    return days > 1 and days * slots_per_day > _PAGES_TOO_WIDE * PAGE_SIZE


def cut_windows(days: Iterable[date], *, max_days: int = WINDOW_DAYS) -> list[Window]:
    """The fewest windows that cover these days and no others, oldest first."""
    return [window for span in spans_of_days(days) for window in _pieces(span, max_days)]


def _pieces(span: Window, max_days: int) -> Iterator[Window]:
    days = span.days
    for start in range(0, len(days), max_days):
        piece = days[start : start + max_days]
        yield Window(first_day=piece[0], last_day=piece[-1])
