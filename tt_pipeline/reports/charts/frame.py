"""What every drawing is handed besides its rows; the colours and texts of figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from tt_pipeline.json_text import one_line

Row = Mapping[str, Any]
"""A row of a query: its values by column."""

WIDE: Final = 700
NARROW: Final = 340
"""Widths of a figure in pixels: of a page on a desk or on paper, and of a page on a phone."""

FOREGROUND: Final = "var(--text)"
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY = (
    f"var(--{name})" for name in ("blue", "vermilion", "green", "purple", "orange", "sky", "grey")
)
COLOURS: Final = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY)
"""The colours of Okabe and Ito, which people with any colour vision can tell apart; the page sets their values."""
HATCHED: Final = "url(#gap)"
"""The page defines this pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A known change of the API.

    Attributes:
        first: First affected day, UTC.
        is_posted: Whether days of posting are affected; otherwise days of requests.
    """

    first: date
    is_posted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where a figure is drawn.

    Attributes:
        width: Pixels of the whole figure.
        breaks: Known breaks, in any order.
        is_simulated: Whether the figure says that its data are invented.
        zone: The time zone of hours.
    """

    width: int
    breaks: Sequence[Break] = ()
    is_simulated: bool = False
    zone: str = "UTC"

    @property
    def is_narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width <= NARROW

    @property
    def label_width(self) -> int:
        """The most pixels of a label at the left."""
        return 124 if self.is_narrow else 190

    @property
    def plot_width(self) -> int:
        """Pixels between the labels at the left and the right edge."""
        return self.width - self.label_width - (16 if self.is_narrow else 24)

    def breaks_between(self, first: date, last: date, *, is_posted: bool) -> list[Row]:
        """Rows with `day` for each known break on these days, both ends included."""
        days = {each.first for each in self.breaks if each.is_posted == is_posted and first < each.first <= last}
        return [{"day": instant(day)} for day in sorted(days)]


def instant(day: date) -> str:
    """A UTC day as text that every browser reads as UTC."""
    return f"{day.isoformat()[:10]}T00:00:00Z"


def day_after(day: date) -> date:
    """The next day; of a date without a next one, itself."""
    return day + timedelta(days=1) if day < date.max else day


def short(text: object, most: int = 40) -> str:
    """A name as one line of at most `most` characters."""
    return one_line(text, longest=most)


def plain(value: Any) -> Any:
    """A value as JSON has it: days and instants as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return instant(value) if isinstance(value, date) else value


def plain_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as JSON has them."""
    return [{name: plain(value) for name, value in row.items()} for row in rows]
