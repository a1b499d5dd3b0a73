"""Which stored videos and comments have to be checked now, which are overdue, and which are confirmed to be gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from tt_pipeline.codebook.limits import MOST_IDS_PER_TASK
from tt_pipeline.studies import ComplianceRules
from tt_pipeline.warehouse import BELOW_MISSING, MISSING, VERIFIED_AT, Writer, items

Item = TypeVar("Item")
_STARTS_AT: Final = 0.9
"""Of refresh_days: when the oldest item is so old, or a task is full, all that are due are checked together."""
_FILLED_FROM: Final = 0.5
"""Of refresh_days: a task that is not full takes items of this age with it, because it costs the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueChecks(Generic[Item]):
    """The checks of a kind: of ids of videos or comments, or of usernames.

    Attributes:
        stored: How many items are stored.
        due: How many have to be checked, now or soon.
        overdue: How many were seen or checked last before refresh_days.
        missing: How many are missing and not yet confirmed to be gone.
        unchecked: How many were neither seen nor checked since `all_before`, without those that are missing.
        to_ask: What is asked now: first the missing ones whose confirmation is due, then the oldest.
        confirmed: What is confirmed to be gone.
        oldest_at: When the item was seen or checked that was not for the longest time; None if nothing is stored.
    """

    stored: int
    due: int
    overdue: int
    missing: int
    unchecked: int
    to_ask: tuple[Item, ...]
    confirmed: frozenset[Item]
    oldest_at: datetime | None


def state_of(kind: str) -> str:
    """A query with a row for each item of a kind: its age in parts of refresh_days, and what the checks have said.

    Its values are `now`, `confirm_days`, `refresh_days` and `all_before`.
    """
    return f"""
    select
      item_id,
      {VERIFIED_AT} as verified_at,
      coalesce(verified_at < $all_before, false) as is_unchecked,
      greatest(epoch($now - verified_at) / 86400 / $refresh_days, is_unchecked::integer) as age,
      {MISSING} as is_missing,
      is_missing and (check_.ways > 1 or (
        check_.missing_answers > 1
        and check_.last_missing_at >= check_.first_missing_at + to_days($confirm_days)
      )) as is_confirmed,
      is_missing and $now >= check_.first_missing_at + to_days($confirm_days) as is_confirmation_due,
      {BELOW_MISSING[kind]} as is_below
    from {items(kind)}
    """


def due_checks(
    writer: Writer,
    kind: str,
    rules: ComplianceRules,
    now: datetime,
    *,
    at_once: bool = False,
    most_tasks: int | None = None,
    all_before: datetime | None = None,
) -> DueChecks[int]:
    """What has to be checked of a kind.

    Args:
        writer: Everything that has landed is loaded.
        kind: video or comment.
        rules: How often.
        now: The present.
        at_once: Check everything that is due now, also if it can wait until more is due.
        most_tasks: Ask no more than fit into so many tasks; the rest is asked on the following days. None for all.
        all_before: Everything that was neither seen nor checked since this instant is checked now.
    """
    values = {
        "now": now,
        "confirm_days": rules.confirm_after_days,
        "refresh_days": float(rules.refresh_days),
        "all_before": all_before,
    }
    writer.connection.execute(f"create or replace temp table checked as {state_of(kind)}", values)
    counts = writer.query(
        "select count(*) as stored, count(*) filter (age >= $due and not is_missing and not is_below) as due,"
        " count(*) filter (age > 1 and not is_missing and not is_below) as overdue,"
        " count(*) filter (is_missing and not is_confirmed) as missing,"
        " count(*) filter (is_unchecked and not is_missing and not is_below) as unchecked,"
        " max(age) filter (not is_missing and not is_below) as oldest,"
        " min(verified_at) filter (not is_missing and not is_below) as oldest_at from checked",
        due=rules.due_after_days / rules.refresh_days,
    ).row(0, named=True)
    confirming = _ids(writer, "is_missing and not is_confirmed and is_confirmation_due order by item_id")
    number = counts["due"] if _begins(counts, at_once=at_once) else 0
    oldest = "not is_missing and not is_below and age >= $from order by age desc, item_id limit $most"
    tasks = -(-(len(confirming) + number) // MOST_IDS_PER_TASK)
    room = (tasks if most_tasks is None else min(tasks, most_tasks)) * MOST_IDS_PER_TASK
    confirming = confirming[:room]
    filling = _ids(writer, oldest, **{"from": _FILLED_FROM, "most": room - len(confirming)}) if number else ()
    return DueChecks(
        stored=counts["stored"],
        due=counts["due"],
        overdue=counts["overdue"],
        missing=counts["missing"],
        unchecked=counts["unchecked"],
        to_ask=(*confirming, *filling),
        confirmed=frozenset(_ids(writer, "is_confirmed")),
        oldest_at=counts["oldest_at"],
    )


def _begins(counts: Mapping[str, float | None], *, at_once: bool) -> bool:
    is_full = (counts["due"] or 0) >= MOST_IDS_PER_TASK
    return at_once or is_full or (counts["oldest"] or 0.0) >= _STARTS_AT


def _ids(writer: Writer, condition: str, **values: object) -> tuple[int, ...]:
    rows = writer.connection.execute(f"select item_id from checked where {condition}", values or None).fetchall()
    return tuple(int(number) for (number,) in rows)
