"""Checks of all tables, made from the catalog: keys that repeat, and rows whose video or comment is missing.

Only a load can add such rows, and it notes the videos that it touches (`touched.py`). So a publication checks the rows
of these videos, and of a sample of the others; `tt doctor --deep` checks every row.
"""

from typing import Final

import duckdb

from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline.warehouse.touched import TOUCHED, has_notes

_TELLS_OF_MORE = frozenset({"core.comments", "core.playlist_video_snapshots"})
"""These tables can name videos that are not loaded: the page with a comment's video may be unreadable, and playlists
list any videos."""
_SAMPLE: Final = 5_000
_CHOOSE: Final = """
create or replace temp table checked_videos as
select video_id from {touched}
union
(
  select video_id from core.videos
  where video_id >= (select video_id from core.videos using sample 1)
  order by video_id limit {sample}
)
union
(select video_id from core.videos order by video_id limit {sample});
create or replace temp table checked_comments as
select comment_id from core.comments semi join checked_videos using (video_id);
"""
"""The sample follows from a random id upwards; with the first ids it is all videos of a small warehouse."""
_CHOSEN: Final = {"video_id": "checked_videos", "comment_id": "checked_comments"}


def choose_rows(connection: duckdb.DuckDBPyConnection) -> bool:
    """Choose the videos and comments that may break a rule, and a sample; False if nobody noted them."""
    if not has_notes(connection):
        return False
    connection.execute(_CHOOSE.format(touched=TOUCHED, sample=_SAMPLE))
    return True


def repeated_keys(*, is_limited: bool) -> list[str]:
    """The queries that count repeated keys; one for each table, because one for all would need too much memory.

    Args:
        is_limited: Only rows that `choose_rows` has chosen are checked, in tables that loads write.
    """
    return [
        _repeated(table.full_name, table.keys, _limit(table.keys) if is_limited and _is_loaded(table.loading) else "")
        for table in TABLES.values()
        if table.is_stored
    ]


def _is_loaded(loading: Loading) -> bool:
    return loading is not Loading.HANDED_IN


def _limit(columns: tuple[str, ...]) -> str:
    """The condition that a row is of a chosen video or comment; "" for tables without their ids."""
    return next((f"where {name} in (from {_CHOSEN[name]})" for name in columns if name in _CHOSEN), "")


def _repeated(table: str, keys: tuple[str, ...], limit: str) -> str:
    return (
        f"select '{table}' as table_name, count(*) as repeated_keys"
        f" from (select 1 from {table} {limit} group by {', '.join(keys)} having count(*) > 1) having count(*) > 0"
    )


def orphans(*, is_limited: bool) -> list[str]:
    """The queries, one for each table, for rows whose video or comment is not in core.videos or core.comments.

    Args:
        is_limited: Only rows that `choose_rows` has chosen are checked, in tables that loads write.
    """
    return [
        _without(table.full_name, key, home, _limit(("video_id",)) if is_limited and key == "video_id" else "")
        for _, table in sorted(TABLES.items())
        for key, home in (("video_id", "core.videos"), ("comment_id", "core.comments"))
        if table.is_stored and table.schema == "core" and key in table.column_names
        if table.full_name not in {home, *_TELLS_OF_MORE}
    ]


def _without(table: str, key: str, home: str, limit: str) -> str:
    return (
        f"select '{table}' as table_name, count(*) as rows, min({key}) as first_id"
        f" from (from {table} {limit}) anti join {home} using ({key}) having count(*) > 0"
    )
