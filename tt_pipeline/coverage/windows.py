"""Which days are requested together: the one place that cuts windows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from tt_pipeline.codebook.limits import PAGE_SIZE, WINDOW_DAYS

_PAGES_A_WINDOW = 25
"""A busy search is requested in windows of about so many pages. The last page of each is half empty on average, which
costs 2 %, and an interruption leaves little unfinished."""
_PAGES_TOO_WIDE = 2 * _PAGES_A_WINDOW
"""Only a window of more pages is narrowed after its first page: that page is the only one requested twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days that one query covers; both ends inclusive."""

    first_day: date
    last_day: date

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return days_between(self.first_day, self.last_day)

    def __str__(self) -> str:
        return f"{self.first_day}" if self.first_day == self.last_day else f"{self.first_day}..{self.last_day}"

    def halves(self) -> "tuple[Window, Window]":
        """Two windows of about the same length; not for a single day."""
        middle = self.first_day + (self.last_day - self.first_day) // 2
        return (
            Window(first_day=self.first_day, last_day=middle),
            Window(first_day=middle + timedelta(days=1), last_day=self.last_day),
        )


def days_between(first_day: date, last_day: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)]


def unbroken_spans(days: Iterable[date], *, bridge_days: int = 0) -> list[Window]:
    """Days as unbroken spans, oldest first; gaps of up to `bridge_days` are taken along."""
    ordered = sorted(set(days))
    if not ordered:
        return []
    breaks = [(a, b) for a, b in pairwise(ordered) if (b - a).days > 1 + bridge_days]
    starts = [ordered[0]] + [b for _, b in breaks]
    ends = [a for a, _ in breaks] + [ordered[-1]]
    return [Window(first_day=start, last_day=end) for start, end in zip(starts, ends, strict=True)]


def max_days_per_window(slots_per_day: float | None) -> int:
    """The most days to request together at this density; `MAX_DAYS` where the density is unknown."""
    if not slots_per_day:
        return WINDOW_DAYS
    return max(1, min(WINDOW_DAYS, int(_PAGES_A_WINDOW * PAGE_SIZE / slots_per_day)))


def is_too_wide(window: Window, slots_per_day: float) -> bool:
    """Whether the window would need more than 50 pages, so that narrower windows should be requested."""
    days = len(window.days)
    return days > 1 and days * slots_per_day > _PAGES_TOO_WIDE * PAGE_SIZE


def cut_windows(days: Iterable[date], *, max_days: int = WINDOW_DAYS) -> list[Window]:
    """The fewest windows that cover these days and no others, oldest first."""
    return [window for span in unbroken_spans(days) for window in _pieces(span, max_days)]


def _pieces(span: Window, max_days: int) -> Iterator[Window]:
    days = span.days
    for start in range(0, len(days), max_days):
        piece = days[start : start + max_days]
        yield Window(first_day=piece[0], last_day=piece[-1])
