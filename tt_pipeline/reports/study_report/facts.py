"""The single numbers of a study, each with the query that gives it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

import duckdb

from tt_pipeline.reports.study_report.rows import PublishedStudy, sql_of

_BLOCK: Final = re.compile(
    r"^-- fact: (?P<name>\w+)\n-- label: (?P<label>.+)\n(?P<sql>(?:(?!^-- fact:).*\n?)+)", re.MULTILINE
)
_WITHOUT_DECIMALS: Final = 1_000
_A_TENTH: Final = 0.0995
"""Rounded to 10 %."""
SHARES: Final = frozenset({"hidden_share"})
"""Facts that are shares, 0 to 1; they are shown in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number, day, instant or version, with its query.

    Attributes:
        label: What it is, in words.
        sql: A query whose only value it is.
        value: The value; None if nobody knows.
    """

    name: str
    label: str
    sql: str
    value: Any

    @property
    def shown(self) -> str:
        """The value as people read it."""
        return percent(self.value) if self.name in SHARES and self.value is not None else shown(self.value)


Facts = Mapping[str, Fact]


def read_facts(study: PublishedStudy) -> Facts:
    """Every fact of `facts.sql`, in its order.

    The value of a fact is None if an older version published the file without its table or column.
    """
    found = {}
    for block in _BLOCK.finditer(sql_of("facts") + "\n"):
        sql, value = study.written(block["sql"].strip().removesuffix(";")), None
        with suppress(duckdb.CatalogException, duckdb.BinderException):
            ((value,),) = (tuple(row.values()) for row in study.query(sql).rows)
        found[block["name"]] = Fact(name=block["name"], label=block["label"], sql=sql, value=value)
    return found


def shown(value: Any) -> str:
    """A value as people read it: `1,234`, `0.53`, `2026-11-30`, `2026-11-30 12:00 UTC`."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= _WITHOUT_DECIMALS else f"{value:.3g}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return value.isoformat() if isinstance(value, date) else str(value)


def percent(share: float) -> str:
    """A share as `53 %`; below a tenth as `5.3 %`."""
    return f"{share:.0%}".replace("%", " %") if share == 0 or share >= _A_TENTH else f"{share:.1%}".replace("%", " %")


def number(facts: Facts, name: str) -> int:
    """A whole number; 0 also if it is not known."""
    return int(facts[name].value or 0)


def share_of(facts: Facts, part: str, whole: str) -> float | None:
    """One fact divided by another; None if one is missing or the second is 0."""
    one, all_ = (facts[name].value for name in (part, whole))
    return one / all_ if one is not None and all_ else None
