"""Notes what the kept marts were made of, and finds which videos and days have changed since.

The notes are tables of the writer's file in the schema `kept`; `touched.py` adds the videos that loads touch.
"""

from dataclasses import dataclass
from typing import Final

import duckdb

from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.touched import TOUCHED

_COMPARED: Final = {
    "search_versions": "from ops.search_versions",
    "searches": "select search, fingerprint, part_of, kind, query, is_current from ops.searches",
    "handles": "select username, creator_id from all_handles",
    "loads": """
      select load_id, search, fingerprint, look, is_random, ends, rejected, strays, window_from_date, window_to_date,
        first_fetched_at
      from ops.loads where dataset = 'videos'
    """,
    "search_coverage": "from ops.search_coverage",
    "look_coverage": "select search, fingerprint, day_date, look, ends, records from ops.look_coverage",
}
"""What the marts read beside the rows of videos, as queries: a note has the rows of each."""
_NO_DAY: Final = "date '0001-01-01'"
"""In place of NULL, so that no row escapes a comparison; the day of a video follows from its id and is never NULL."""


def _difference(name: str) -> str:
    query, noted = _COMPARED[name], f"from stored.kept.{name}"
    return f"((({query}) except ({noted})) union all (({noted}) except ({query})))"


_DAY_OF_UPLOAD: Final = "(video_id::bigint >> 32) // 86_400"
"""The day of the second that a video's id contains."""
_OTHER_STATUSES: Final = f"""
create or replace temp table other_statuses as
with stored as (
  select day, sum(video) as videos, sum(status) as statuses
  from (
    select {_DAY_OF_UPLOAD} as day, hash(video_id) as video, 0 as status from stored.core.videos
    union all
    select {_DAY_OF_UPLOAD}, 0, hash(video_id, status) from stored.ops.comment_coverage
  )
  group by day
),
kept as (
  select
    {_DAY_OF_UPLOAD} as day,
    sum(hash(video_id::bigint)) as videos,
    coalesce(sum(hash(video_id::bigint, comment_status)) filter (comment_status is not null), 0) as statuses
  from stored.marts.videos_kept
  group by day
)
select day from (from stored except from kept)
union
select day from (from kept except from stored)
"""
"""The days of upload with other videos or statuses; comparing sums first takes a fifth of comparing every video."""
_CHANGED: Final = f"""
insert into chosen
select video_id from stored.{TOUCHED}
union
-- A search was edited, renamed, added or removed.
select video_id from stored.core.search_hits
where fingerprint in (select sent_fingerprint from {_difference("search_versions")})
union
-- A rename became known, or is known no more.
select video_id from stored.core.videos where username in (select username from {_difference("handles")})
union
-- Its comments have another status, or it is new or gone.
select coalesce(video.video_id, mart.video_id)
from (
  select video_id, status from stored.core.videos left join stored.ops.comment_coverage using (video_id)
  where {_DAY_OF_UPLOAD} in (from other_statuses)
) as video
full join (
  select video_id::bigint as video_id, comment_status from stored.marts.videos_kept
  where {_DAY_OF_UPLOAD} in (from other_statuses)
) as mart using (video_id)
where video.video_id is null or mart.video_id is null or video.status is distinct from mart.comment_status
"""
_CHANGED_DAYS: Final = f"""
create or replace temp table chosen_days as
select distinct coalesce(day_date, {_NO_DAY}) as day_date from (
  select created_date as day_date from stored.core.videos semi join chosen using (video_id)
  union all
  select created_date from stored.marts.videos_kept where video_id::bigint in (from chosen)
  union all
  -- A look without videos can show that all are gone.
  select unnest(generate_series(window_from_date, window_to_date, interval 1 day))::date from {_difference("loads")}
  union all
  select day_date from {_difference("search_coverage")}
  union all
  select day_date from {_difference("look_coverage")}
)
"""
_COUNTED: Final = f"""
select
  (select count(*) from chosen),
  (select count(*) from chosen_days),
  exists (from {_difference("searches")}) or exists (from {_difference("search_versions")})
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How much has changed; the temporary tables `chosen` and `chosen_days` say which videos and days.

    Attributes:
        has_other_searches: Whether the study's searches have changed, which can concern days without videos too.
    """

    videos: int
    days: int
    has_other_searches: bool

    def __bool__(self) -> bool:
        """Whether anything has changed."""
        return bool(self.videos or self.days or self.has_other_searches)


def find_changes(connection: duckdb.DuckDBPyConnection) -> Changes:
    """Find what has changed since the notes were made: once for each connection, before anything is computed.

    Raises:
        duckdb.BinderException: A note has other columns.
        duckdb.CatalogException: A note or a kept table is missing.
    """
    connection.execute(_OTHER_STATUSES)
    connection.execute(_CHANGED)
    connection.execute(_CHANGED_DAYS)
    ((videos, days, has_other_searches),) = connection.execute(_COUNTED).fetchall()
    return Changes(videos=videos, days=days, has_other_searches=has_other_searches)


def choose_day_of(connection: duckdb.DuckDBPyConnection, video_id: int) -> None:
    """Let the day of a video be the only chosen one."""
    day = f"select coalesce(created_date, {_NO_DAY}) as day_date from stored.core.videos where video_id = {video_id:d}"
    connection.execute(f"create or replace temp table chosen_days as {day}")


def is_of_chosen_day(column: str) -> str:
    """The condition that the day in a column is among the chosen ones."""
    return f"coalesce({column}, {_NO_DAY}) in (select day_date from chosen_days)"


def note(connection: duckdb.DuckDBPyConnection, *made_by: str) -> None:
    """Note what the kept tables were made of, and that no video has changed since.

    Args:
        connection: The file is attached as `stored`.
        made_by: See `noted`.
    """
    connection.execute("create schema if not exists stored.kept")
    connection.execute(f"create or replace table stored.{TOUCHED} (video_id bigint)")
    for name, query in _COMPARED.items():
        connection.execute(f"create or replace table stored.kept.{name} as {query}")
    definition, checksum = map(sql_text, made_by)
    connection.execute(
        f"create or replace table stored.kept.made_by as select {definition} as definition, {checksum} as checksum"
    )


def noted(connection: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """The definition and the checksum with which the kept tables were made; two empty texts if there are no notes."""
    try:
        found = connection.execute("select definition, checksum from stored.kept.made_by").fetchall()
    except (duckdb.BinderException, duckdb.CatalogException):
        found = []
    return found[0] if len(found) == 1 else ("", "")


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Before the kept tables are changed: if this process is killed now, all is made again."""
    connection.execute("create schema if not exists stored.kept")
    connection.execute("drop table if exists stored.kept.made_by")
