"""Checks over every table at once, made from the catalog: keys that repeat, rows about what is not there."""

from tt_pipeline.warehouse.catalog import TABLES

_TELLS_OF_MORE = frozenset({"core.comments", "core.playlist_video_snapshots"})
"""Comments are loaded whether or not the page that found their video can be read; playlists give ids of any video."""


def repeated_keys() -> list[str]:
    """The queries, one a table because DuckDB would hold the keys of all at once: how many stand more than once."""
    return [_repeated(table.full_name, table.keys) for table in TABLES.values() if table.is_stored]


def _repeated(table: str, keys: tuple[str, ...]) -> str:
    return (
        f"select '{table}' as table_name, count(*) as repeated_keys"
        f" from (select 1 from {table} group by {', '.join(keys)} having count(*) > 1) having count(*) > 0"
    )


def orphans() -> list[str]:
    """The queries, one a table: rows about a video or comment that is not in core.videos or core.comments."""
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
