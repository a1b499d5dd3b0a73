"""Leaves out of the published file what is missing on TikTok, or was not checked for too long.

The writer's file keeps it: what comes back is shown again by the next publication, and what is confirmed to be gone is
deleted everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.touched import TOUCHED
from tt_pipeline.warehouse.writer import CONFIG

SEEN: Final[Mapping[str, str]] = {
    "video": """
      select video_id as item_id, max(observed_at) as seen_at from (
        select video_id, observed_at from core.video_snapshots
        union all select video_id, observed_at from core.listed_video_snapshots
        union all select video_id, observed_at from core.playlist_video_snapshots
      ) group by video_id
    """,
    "comment": """
      select comment_id as item_id, max(observed_at) as seen_at from core.comment_snapshots group by comment_id
    """,
    "profile": """
      select lower(username) as item_id, max(observed_at) as seen_at from core.user_snapshots
      where refusal is null group by item_id
    """,
}
"""When each video, comment and profile came last in any answer; that verifies it too."""
_REFUSED: Final = f"""
select
  item_id, null::timestamptz as last_verified_at, min(observed_at) as first_missing_at,
  max(observed_at) as last_missing_at, count(*) as missing_answers, 1 as ways
from core.user_snapshots join ({SEEN["profile"]}) on lower(username) = item_id
where refusal in ('not_found', 'private') and observed_at > seen_at
group by item_id
"""
"""Since when the API refuses an account of which it had given a profile, in the columns of ops.verifications."""
MISSING: Final = "coalesce(check_.first_missing_at > seen.seen_at, false)"
"""Whether a check missed an item after it was seen last."""
VERIFIED_AT: Final = "greatest(seen.seen_at, coalesce(check_.last_verified_at, seen.seen_at))"
"""When an item is known to have existed last."""
_STATE: Final = f"select item_id, {MISSING} as is_missing, {VERIFIED_AT} as verified_at from {{items}}"
BELOW_MISSING: Final[Mapping[str, str]] = {
    "video": "false",
    "comment": f"""item_id in (
      select comment_id from core.comments where video_id in (
        select item_id from ({SEEN["video"]}) as seen
        join (from ops.verifications where kind = 'video') as check_ using (item_id) where {MISSING}
      )
    )""",
    "profile": "false",
}
"""What is below something missing is not checked itself: it goes with it."""
_VERIFIED_DATE: Final = "date '1970-01-01' + (epoch_us(verified_at) // 86_400_000_000)::integer as verified_date"
"""The UTC day, in a tenth of the time of a cast, which asks for the time zone."""
_HIDDEN: Final = {
    "video": ("hidden_videos", "video_id"),
    "comment": ("hidden_comments", "comment_id"),
    "profile": ("hidden_profiles", "username"),
}
_PROFILES: Final = ("core.users", "core.user_snapshots")


@dataclass(frozen=True, slots=True, kw_only=True)
class HidingRule:
    """Since when something is left out because it was not checked.

    Attributes:
        after_days: Days since it was seen or checked last.
        not_before: Nothing is left out before this instant: time for a first check.
    """

    after_days: int
    not_before: datetime

    def not_checked_since(self, now: datetime) -> datetime | None:
        """What was seen or checked last before this instant is left out now; None if nothing is."""
        return now - timedelta(days=self.after_days) if now >= self.not_before else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """How many videos, comments and profiles are left out of a published file, without the comments below."""

    missing: int = 0
    overdue: int = 0


def items(kind: str) -> str:
    """What is stored of a kind, as a source of rows: `seen` with item_id and seen_at, `check_` with its verifications.

    Args:
        kind: video, comment or profile; an item of the last one is a username.
    """
    checks = _REFUSED if kind == "profile" else f"from ops.verifications where kind = '{kind}'"
    return f"({SEEN[kind]}) as seen left join ({checks}) as check_ using (item_id)"


def checked_kinds(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The kinds that are checked: profiles only if the study verifies them themselves and not by their videos."""
    strict = connection.execute("select 1 from ops.compliance where verifies_profiles").fetchall()
    return tuple(kind for kind in SEEN if kind != "profile" or strict)


def unchecked_items(connection: duckdb.DuckDBPyConnection, since: datetime) -> int:
    """How many stored items were neither seen nor checked since an instant, without what is missing."""
    queries = (
        f"select count(*) from {items(kind)} where {VERIFIED_AT} < $since and not {MISSING} and not {below}"
        for kind, below in BELOW_MISSING.items()
        if kind in checked_kinds(connection)
    )
    return sum(int(connection.execute(sql, {"since": since}).fetchall()[0][0]) for sql in queries)


def hide(copy: Path, rule: HidingRule | None, now: datetime) -> Hidden:
    """Delete from a copy of the writer's file what is missing or overdue, and the comments below; count what is due.

    Args:
        copy: Nobody else has it open.
        rule: When something is overdue; None hides nothing for its age.
        now: The instant of the publication.
    """
    not_checked_since = rule.not_checked_since(now) if rule else None
    with duckdb.connect(copy, config=CONFIG) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        kinds = checked_kinds(connection)
        for kind in kinds:
            connection.execute(f"create temp table {kind}_items as {_STATE.format(items=items(kind))}")
        counts = [_find(connection, kind, not_checked_since) for kind in kinds]
        missing, overdue = (sum(number) for number in zip(*counts, strict=True))
        _count_days(connection, kinds, rule)
        if missing or overdue:
            _delete(connection, kinds)
        connection.execute("delete from ops.verifications where first_missing_at is not null")
        connection.execute("checkpoint")
    return Hidden(missing=missing, overdue=overdue)


def _find(connection: duckdb.DuckDBPyConnection, kind: str, since: datetime | None) -> tuple[int, int]:
    """Make the table of hidden ids of a kind; how many are missing, and how many others are overdue."""
    table, column = _HIDDEN[kind]
    is_overdue, values = ("verified_at < $since", {"since": since}) if since else ("false", None)
    found = f"select item_id as {column}, is_missing from {kind}_items where is_missing or {is_overdue}"
    connection.execute(f"create temp table {table} as {found}", values)
    counts = f"select count(*) filter (is_missing), count(*) filter (not is_missing) from {table}"
    ((missing, overdue),) = connection.execute(counts).fetchall()
    return int(missing), int(overdue)


def _count_days(connection: duckdb.DuckDBPyConnection, kinds: Sequence[str], rule: HidingRule | None) -> None:
    """Write when everything that is stored was seen or checked last; what is below something missing goes with it."""
    hidden_date, values = "null", dict[str, object]()
    if rule:
        hidden_date = "greatest(verified_date + $after_days::integer, $not_before::date)"
        values = {"after_days": rule.after_days, "not_before": rule.not_before}
    connection.execute("delete from ops.checks_due")
    for kind in kinds:
        connection.execute(
            f"insert into ops.checks_due select '{kind}', verified_date, {hidden_date},"
            " count(*) filter (not is_gone), count(*) filter (is_gone)"
            f" from (select {_VERIFIED_DATE}, is_missing or {BELOW_MISSING[kind]} as is_gone from {kind}_items)"
            " group by verified_date order by verified_date",
            values or None,
        )


def _delete(connection: duckdb.DuckDBPyConnection, kinds: Sequence[str]) -> None:
    connection.execute(
        "insert into hidden_comments"
        " select comment_id, true from core.comments semi join hidden_videos using (video_id)"
    )
    connection.execute(
        "insert into hidden_comments select comment_id, true from core.comments"
        " where parent_comment_id in (select comment_id from hidden_comments)"
    )
    connection.begin()
    connection.execute(
        f"insert into {TOUCHED} select video_id from core.comments semi join hidden_comments using (comment_id)"
    )
    for table in TABLES.values():
        for hidden, column in (_HIDDEN[kind] for kind in kinds if kind != "profile"):
            if table.is_stored and column in table.column_names:
                connection.execute(f"delete from {table.full_name} where {column} in (select {column} from {hidden})")
    for name in _PROFILES if "profile" in kinds else ():
        connection.execute(f"delete from {name} where lower(username) in (select username from hidden_profiles)")
    connection.execute(
        "update ops.publish_info set videos = (select count(*) from core.videos),"
        " comments = (select count(*) from core.comments), users = (select count(*) from core.users)"
    )
    connection.commit()
