"""Rows per day: the numbers and the bars of the chart."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import duckdb

from tt_pipeline.browse.tables import ShownColumn, ShownTable
from tt_pipeline.browse.view_sql import Where

WIDTH: Final = 720
HEIGHT: Final = 200
_MOST_BARS: Final = 370
_LENGTHS: Final = {"day": 10, "month": 7, "year": 4}
"""Characters of a day that name it, its month or its year."""
_DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of the chart, in units of its picture.

    Attributes:
        period: The day, month or year.
        rows: Rows of that period.
    """

    period: str
    rows: int
    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPerDay:
    """A chart.

    Attributes:
        unit: day, month or year: the shortest whose bars are not too many.
        without: Rows whose column is NULL.
    """

    unit: str
    bars: tuple[Bar, ...]
    without: int

    @property
    def most(self) -> int:
        """Rows of the highest bar."""
        return max((bar.rows for bar in self.bars), default=0)


def rows_per_day(
    connection: duckdb.DuckDBPyConnection, table: ShownTable, column: ShownColumn, chosen: Where
) -> RowsPerDay:
    """Rows for each UTC day from the first to the last, or for each month or year if there are too many days."""
    day = (
        column.sql if column.type == "DATE" else f"(date '1970-01-01' + (epoch_us({column.sql}) // {_DAY_US})::integer)"
    )
    is_finite = f"isfinite({column.sql})"
    sql = (
        f"select cast(day as varchar), n from (select case when {is_finite} then {day} end as day, count(*) as n"
        f" from {table.sql}{chosen.sql} group by day) order by day nulls last"
    )
    days: dict[str | None, int] = dict(connection.execute(sql, chosen.values or None).fetchall())
    without = days.pop(None, 0)
    unit, rows = _in_units(days)
    return RowsPerDay(unit=unit, bars=_bars(rows), without=without)


def _in_units(days: Mapping[str | None, int]) -> tuple[str, dict[str, int]]:
    """The shortest unit whose bars are not too many, and the rows of each; days and months without rows have 0."""
    for unit in _LENGTHS:
        rows = Counter[str]()
        for each, number in days.items():
            rows[f"{each}"[: _LENGTHS[unit]]] += number
        filled = _filled(rows, unit)
        if len(filled) <= _MOST_BARS:
            break
    return unit, filled


def _filled(rows: Mapping[str, int], unit: str) -> dict[str, int]:
    """The rows of every day or month from the first to the last; as they are if there are none, or of odd years."""
    try:
        known = [date.fromisoformat(f"{period}-01"[:10]) for period in rows] if unit != "year" else []
    except ValueError:
        known = []
    if not known:
        return dict(rows)
    first, last = min(known), max(known)
    if unit == "day":
        shown = range(min((last - first).days, _MOST_BARS) + 1)  # one too many is enough to choose another unit
        periods = [f"{first + timedelta(number)}" for number in shown]
    else:
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        periods = [f"{month // 12:04}-{month % 12 + 1:02}" for month in months]
    return {period: rows.get(period, 0) for period in periods}


def _bars(rows: Mapping[str, int]) -> tuple[Bar, ...]:
    most, step = max(rows.values(), default=1), WIDTH / max(len(rows), 1)
    return tuple(
        Bar(
            period=period,
            rows=number,
            x=round(place * step, 2),
            width=round(max(step * 0.8, 0.5), 2),
            height=round(max(HEIGHT * number / most, 1), 2) if number else 0,
        )
        for place, (period, number) in enumerate(rows.items())
    )
