"""Small pictures for Dagster's metadata: a bar for each day, or a mark for each day's status, as characters.

The UI shows no image in metadata without a web server of one's own; characters work everywhere.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from tt_pipeline.codebook.statuses import MARKS
from tt_pipeline.counted import counted
from tt_pipeline.coverage import days_between
from tt_pipeline.vocabulary import SearchStatus

_BARS: Final = "▁▂▃▄▅▆▇█"
MOST_DAYS: Final = 60
"""More days would be wider than the column; the latest are shown."""


def day_bars(numbers: Mapping[date, int], noun: str) -> str:
    """A bar for each day, as Markdown: its height is the share of the largest number; a dot is a day with none."""
    if not numbers:
        return f"No {noun}s yet."
    days = days_between(min(numbers), max(numbers))[-MOST_DAYS:]
    most = max(numbers.get(day, 0) for day in days)
    bars = "".join(_bar(numbers.get(day, 0), most) for day in days)
    return f"`{bars}`\n\n{days[0]} to {days[-1]}, at most {counted(most, noun)} a day"


def _bar(number: int, most: int) -> str:
    return _BARS[-(-number * len(_BARS) // most) - 1] if number else "·"


def days_strip(days: Sequence[tuple[date, SearchStatus]]) -> str:
    """A mark for each day's status, with a legend of the marks in it."""
    shown = days[-MOST_DAYS:]
    if not shown:
        return "No day is due yet."
    strip = "".join(MARKS[status] for _, status in shown)
    found = {status: sum(each is status for _, each in shown) for status in MARKS}
    legend = ", ".join(f"{MARKS[status]} {number} {_words(status)}" for status, number in found.items() if number)
    return f"{strip}  {shown[0][0]} to {shown[-1][0]}: {legend}"


def _words(status: SearchStatus) -> str:
    return status.value.replace("_", " ")
