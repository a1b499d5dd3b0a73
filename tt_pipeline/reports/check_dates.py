"""When what is stored has to be checked, from the published file."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tt_pipeline.counted import counted
from tt_pipeline.reports.answers import rows_published

if TYPE_CHECKING:  # needs pydantic, which `tt sql` does without
    from tt_pipeline.studies import ComplianceRules

_KINDS: Final = ("video", "comment", "profile")
_ALWAYS_CHECKED: Final = frozenset({"video", "comment"})
_COLUMNS: Final = ("kind", "verified_date", "hidden_date", "items", "missing")
_ANNOUNCED: Final = timedelta(days=7)
"""Before something is left out of the published file because it was not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksDue:
    """The checks of one kind; days are UTC days.

    Attributes:
        kind: video, comment or profile.
        stored: How many are stored.
        missing: How many a check has missed: they are left out of the published file until that is confirmed.
        due: How many may be checked now.
        overdue: How many were last seen or checked more than refresh_days ago.
        due_on: When the oldest are due; None if nothing is stored.
        overdue_on: When the oldest are overdue.
        hides: How many are left out of the published file within seven days, or are left out now.
        hides_on: When the first of them are.
        summary: How much is due, or from when on something is; without a full stop.
        sentences: What a person should know; empty if nothing is overdue and nothing is left out soon.
    """

    kind: str
    stored: int
    missing: int
    due: int
    overdue: int
    due_on: date | None
    overdue_on: date | None
    hides: int
    hides_on: date | None
    summary: str
    sentences: tuple[str, ...]


def checks_due(published: Path, rules: "ComplianceRules", now: datetime) -> list[ChecksDue]:
    """The checks of videos, comments and, if the study verifies them, profiles, as far as the published file knows.

    Raises:
        UsageError: There is no published file, it is damaged, or it is of an earlier version.
    """
    found = rows_published(published, f"select {', '.join(_COLUMNS)} from ops.checks_due")
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in found]
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in _KINDS}
    return [
        _checks_of(kind, days, rules, now.date()) for kind, days in by_kind.items() if days or kind in _ALWAYS_CHECKED
    ]


def _checks_of(kind: str, days: Sequence[dict[str, Any]], rules: "ComplianceRules", today: date) -> ChecksDue:
    waiting = [day for day in days if day["items"]]
    oldest = min((day["verified_date"] for day in waiting), default=None)
    hiding = [day for day in waiting if day["hidden_date"] and day["hidden_date"] <= today + _ANNOUNCED]

    def as_old_as(age: float) -> int:
        return sum(day["items"] for day in waiting if (today - day["verified_date"]).days >= age)

    stored, missing = (sum(day["items"] + day["missing"] for day in days), sum(day["missing"] for day in days))
    due, overdue = as_old_as(rules.due_after_days), as_old_as(rules.refresh_days + 1)
    due_on = oldest and oldest + timedelta(days=math.ceil(rules.due_after_days))
    hides, hides_on = sum(day["items"] for day in hiding), min((day["hidden_date"] for day in hiding), default=None)
    if not due_on:
        when = "all missing" if stored else "none to check"
    elif due_on > today:
        when = f"none due before {due_on}"
    else:
        when = f"{due:,} due, {overdue:,} overdue"
    hidden = f"; {missing:,} missing and hidden" if missing else ""
    sentences = []
    if overdue:
        sentences.append(
            f"TikTok's terms demand a check every {rules.refresh_days} days;"
            f" {counted(overdue, kind, 'were')} not checked in time."
        )
    if hides_on:
        sentences.append(
            f"{counted(hides, kind, 'are')} left out of the published file, or will be within seven days, from"
            f" {hides_on} on, unless a check finds them. Nothing is deleted because of that."
        )
    return ChecksDue(
        kind=kind,
        stored=stored,
        missing=missing,
        due=due,
        overdue=overdue,
        due_on=due_on,
        overdue_on=oldest and oldest + timedelta(days=rules.refresh_days + 1),
        hides=hides,
        hides_on=hides_on,
        summary=f"{counted(stored, kind)} stored, {when}{hidden}",
        sentences=tuple(sentences),
    )
