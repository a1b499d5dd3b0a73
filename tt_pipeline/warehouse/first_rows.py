"""The first rows of a query as Python's values: what a screen shows, without a frame, whose libraries take 0.3 s."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from tt_pipeline.sql_text import sql_name

if TYPE_CHECKING:
    import duckdb

SHOWN_UNCHANGED: Final = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL[^[]*|BOOLEAN|VARCHAR|DATE|TIME|TIMESTAMP[^[]*)(\[\])*"
)
"""Types, also in lists, whose values Python and polars have too; of all others DuckDB's text is shown."""
_NUMBER: Final = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL[^[]*)")
_INFINITE: Final = frozenset({date.min, date.max})
"""The days that DuckDB returns for infinite dates and instants."""


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result.

    Attributes:
        is_number: Its values are numbers.
        is_text: Its values are texts or lists.
    """

    name: str
    is_number: bool
    is_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRows:
    """The first rows of a result.

    Attributes:
        columns: Their names differ.
        height: How many rows the whole result has.
    """

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    height: int


def first_rows(answer: "duckdb.DuckDBPyRelation", most: int) -> FirstRows:
    """Up to `most` rows of a query.

    The number of all rows is counted separately, so of a query with random numbers it may differ from the rows.
    """
    kinds = [str(kind) for kind in answer.types]
    as_text = {place for place, kind in enumerate(kinds) if not SHOWN_UNCHANGED.fullmatch(kind)}
    start = answer.limit(most + 1)
    rows = with_text(start, as_text).fetchall()
    infinite = {place for place in range(len(kinds)) if any(_is_infinite(row[place]) for row in rows)}
    if infinite:
        rows = with_text(start, as_text | infinite).fetchall()
    columns = [
        ResultColumn(
            name,
            is_number=bool(_NUMBER.fullmatch(kind)),
            is_text=place in as_text | infinite or kind == "VARCHAR" or kind.endswith("[]"),
        )
        for place, (name, kind) in enumerate(zip(_different(answer.columns), kinds, strict=True))
    ]
    height = len(rows) if len(rows) <= most else len(answer)
    return FirstRows(columns=tuple(columns), rows=tuple(rows[:most]), height=height)


def with_text(answer: "duckdb.DuckDBPyRelation", places: set[int]) -> "duckdb.DuckDBPyRelation":
    """The same rows, with the columns at these places as text."""
    if not places:
        return answer
    values = (f"cast(#{at} as varchar)" if at - 1 in places else f"#{at}" for at in range(1, len(answer.columns) + 1))
    named = (f"{value} as {sql_name(name)}" for value, name in zip(values, answer.columns, strict=True))
    return answer.project(", ".join(named))


def _is_infinite(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_is_infinite, value))
    day = value.date() if isinstance(value, datetime) else value
    return isinstance(day, date) and day in _INFINITE


def _different(names: Iterable[str]) -> Iterator[str]:
    """The names; a repeated one has a number, as DuckDB writes it into frames and files."""
    taken, repeated = set[str](), Counter[str]()
    for name in names:
        different = name
        while different in taken:
            repeated[name] += 1
            different = f"{name}_{repeated[name]}"
        taken.add(different)
        yield different
