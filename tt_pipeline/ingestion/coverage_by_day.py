"""Brings the coverage of comments and accounts in the writer's file up to date: only days that changed are computed.

A day has changed if its note is missing or new (`coverage/day_notes.py`). `ops_tables.py` has the definition of a row.
"""

from collections.abc import Collection, Mapping
from datetime import date
from itertools import islice
from typing import Final

import duckdb
import polars as pl

from tt_pipeline.coverage import StudyCoverage, Workspace, note_days
from tt_pipeline.ingestion.ops_tables import account_rows, comment_rows, frame_of
from tt_pipeline.warehouse import VERSION, Writer

_ROWS_AT_ONCE: Final = 10_000
_TABLES: Final = """
create schema if not exists kept;
create table if not exists kept.days_stated (day_date date, token varchar);
create table if not exists kept.accounts_of_days (day_date date, username varchar);
"""
"""The days whose rows are up to date, each with the token of its note, and the accounts that the days name."""
# A video that was found on two days, because its create_time has changed, counts on the later one. Its days are
# computed each time, so that it comes back on the earlier day if it disappears from the later one.
_FOUND_TWICE: Final = """
create or replace temp table found_twice as
select video_id, max(day_date) as last_day, min(day_date) as first_day
from ops.comment_coverage group by video_id having count(*) > 1
"""
_ONLY_ONCE: Final = """
delete from ops.comment_coverage using found_twice as twice
where comment_coverage.video_id = twice.video_id and day_date < last_day
"""
_BY_STATUS: Final = (
    "select day_date, status, count(*) from ops.comment_coverage where day_date is not null group by all"
)
_COMMENTS_HELD: Final = """
update ops.comment_coverage as covered set comments_held = counted.held
from (
  select video_id, coalesce(held, 0) as held
  from ops.comment_coverage
  left join (select video_id, count(*) as held from core.comments group by all) using (video_id)
  where comments_held <> coalesce(held, 0)
) as counted
where covered.video_id = counted.video_id
"""
"""Each comment counts once: some come twice, where two pages of a listing meet."""
_ENTRIES: Final = """
update ops.account_coverage as covered set records_held = coalesce(counted.entries, 0)
from (
  select username, list, entries
  from ops.account_coverage left join (
    select seen_in as list, case seen_in when 'followers' then followed else follower end as username,
           look as observations, count(*) as entries
    from core.follows group by all
    union all
    select list, username, look, count(*) from core.user_listed_videos group by all
  ) using (list, username, observations)
  where list not in ('profile', 'playlists')
) as counted
where covered.username = counted.username and covered.list = counted.list
"""
"""Each entry of the latest look at a list counts once. A playlist is paged by position, so its pages share no video."""


def state_coverage_by_day(writer: Writer, workspace: Workspace) -> None:
    """Replace what has changed of `ops.comment_coverage` and `ops.account_coverage`."""
    note_days(workspace.coverage())
    coverage = workspace.coverage()
    tokens = _tokens(coverage)
    with writer.transaction() as connection:
        connection.execute(_TABLES)
        same = _up_to_date(connection, coverage, tokens)
        changed = [day for day in coverage.landed.videos_by_day if day not in same]
        _delete_all_but(connection, same)
        _insert_days(writer, coverage, changed)
        connection.execute(_FOUND_TWICE)
        connection.execute(_ONLY_ONCE)
        connection.execute(_COMMENTS_HELD)
        _note_stated(connection, {day: tokens[day] for day in changed if day in tokens})
        names = connection.execute("select distinct username from kept.accounts_of_days order by username").fetchall()
        connection.execute("delete from ops.account_coverage")
        rows = account_rows(coverage, (name for (name,) in names))
        writer.insert("ops.account_coverage", frame_of("ops.account_coverage", rows))
        connection.execute(_ENTRIES)


def _tokens(coverage: StudyCoverage) -> dict[date, str]:
    """What the rows of each noted day depend on, beside the rules that the notes depend on themselves."""
    names_by = "creators and mentions" if coverage.study.users.mentioned else "creators"
    return {day: f"{note.token} {names_by} {VERSION}" for day, note in coverage.comments.notes.items()}


def _up_to_date(
    connection: duckdb.DuckDBPyConnection, coverage: StudyCoverage, tokens: Mapping[date, str]
) -> set[date]:
    """Days whose rows have the token of their note, and as many videos of each status as the note says."""
    stated = dict(connection.execute("select day_date, token from kept.days_stated").fetchall())
    counts: dict[date, dict[str, int]] = {}
    for day, status, videos in connection.execute(_BY_STATUS).fetchall():
        counts.setdefault(day, {})[status] = videos
    notes = coverage.comments.notes
    return {day for day, token in tokens.items() if stated.get(day) == token and counts.get(day) == notes[day].counts}


def _delete_all_but(connection: duckdb.DuckDBPyConnection, days: Collection[date]) -> None:
    connection.register("same_days", pl.DataFrame({"day": sorted(days)}, schema={"day": pl.Date}))
    for table in ("ops.comment_coverage", "kept.accounts_of_days", "kept.days_stated"):
        connection.execute(f"delete from {table} where day_date is null or day_date not in (select day from same_days)")
    connection.unregister("same_days")


def _insert_days(writer: Writer, coverage: StudyCoverage, days: Collection[date]) -> None:
    rows = comment_rows(coverage, days)
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        writer.insert("ops.comment_coverage", frame_of("ops.comment_coverage", batch))
    for day in days:
        names = pl.DataFrame({"username": coverage.profiles.accounts_of(day)}, schema={"username": pl.String})
        writer.connection.register("names", names)
        writer.connection.execute("insert into kept.accounts_of_days select $day, username from names", {"day": day})
        writer.connection.unregister("names")


def _note_stated(connection: duckdb.DuckDBPyConnection, tokens: Mapping[date, str]) -> None:
    if tokens:
        connection.executemany("insert into kept.days_stated values (?, ?)", [*tokens.items()])
    connection.execute(
        "delete from kept.days_stated where day_date in (select unnest([first_day, last_day]) from found_twice)"
    )
