"""Checks of all tables, made from the catalog: keys that repeat, and rows whose video or comment is missing."""

from tt_pipeline.warehouse.catalog import TABLES

_TELLS_OF_MORE = frozenset({"core.comments", "core.playlist_video_snapshots"})
"""These tables can name videos that are not loaded: the page with a comment's video may be unreadable, and playlists
list any videos."""


def repeated_keys() -> list[str]:
    """The queries that count repeated keys; one for each table, because one for all would need too much memory."""
    return [_repeated(table.full_name, table.keys) for table in TABLES.values() if table.is_stored]


def _repeated(table: str, keys: tuple[str, ...]) -> str:
    return (
        f"select '{table}' as table_name, count(*) as repeated_keys"
        f" from (select 1 from {table} group by {', '.join(keys)} having count(*) > 1) having count(*) > 0"
    )


def orphans() -> list[str]:
    """The queries, one for each table, for rows whose video or comment is not in core.videos or core.comments."""
    return [
        _without(table.full_name, key, home)
        for _, table in sorted(TABLES.items())
        for key, home in (("video_id", "core.videos"), ("comment_id", "core.comments"))
        if table.is_stored and table.schema == "core" and key in table.column_names
        if table.full_name not in {home, *_TELLS_OF_MORE}
    ]


def _without(table: str, key: str, home: str) -> str:
    return (
        f"select '{table}' as table_name, count(*) as rows, min({key}) as first_id"
        f" from {table} anti join {home} using ({key}) having count(*) > 0"
    )
