"""Loads that replace others: what was saved of a damaged file, `<load_id>.mended-<instant>`, stands for all of it.

The replaced load is forgotten in the transaction that loads the other. What only it had told is then gone; what it had
told first, other loads may have told too: they are marked as not loaded and read once more. So a warehouse that grew
past the damage is the one that `tt rebuild` makes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from tt_pipeline.safe_files import original_name
from tt_pipeline.warehouse.catalog import TABLES, Table
from tt_pipeline.warehouse.merging import forget
from tt_pipeline.warehouse.parse import LandedFile
from tt_pipeline.warehouse.writer import Writer

_FIRST_TOLD = [
    table
    for table in TABLES.values()
    if table.is_stored and {"load_id", "first_observed_at"} <= set(table.column_names)
]
"""Tables of which a load has only the rows that no earlier one told."""

_TELLERS = {
    "core.comments": "select load_id from core.comment_snapshots semi join lost using (comment_id)",
    "core.hashtags": (
        "select load_id from core.video_snapshots semi join"
        " (select video_id from core.video_hashtags semi join lost using (hashtag_id)) using (video_id)"
    ),
}
_TELLERS_OF_VIDEOS = "select load_id from core.video_snapshots semi join lost using (video_id)"
_TELLERS_OF_USERS = """
select load_id from core.user_snapshots
where username in (select username from told_user_snapshots) and username not in (select username from core.users)
"""


def outdated(writer: Writer, files: Sequence[LandedFile]) -> list[LandedFile]:
    """Files of which lines are not loaded, and those whose predecessors still are; of each the latest form alone."""
    known = dict(writer.query("select load_id, lines from ops.loads").iter_rows())
    forms: dict[str, set[str]] = defaultdict(set)
    for load_id in known:
        forms[original_name(load_id)].add(load_id)
    latest = {original_name(file.load_id): file for file in sorted(files, key=lambda file: file.load_id)}
    return [
        file
        for file in files
        if file is latest[original_name(file.load_id)]
        and (file.lines > known.get(file.load_id, 0) or forms[original_name(file.load_id)] - {file.load_id})
    ]


@contextmanager
def replacing(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str]) -> Iterator[None]:
    """Forget every other form of these loads; when this ends, mark the loads that tell what they had told first."""
    replaced = _other_forms(connection, load_ids)
    if not replaced:
        yield
        return
    theirs = "load_id in (select unnest($1))"
    for name in (*(table.full_name for table in _FIRST_TOLD), "core.user_snapshots"):
        connection.execute(f"create or replace temp table {_told(name)} as from {name} where {theirs}", [replaced])
    connection.execute(f"delete from core.hashtags where {theirs}", [replaced])
    forget(connection, replaced)
    yield
    for table in _FIRST_TOLD:
        _find_lost(connection, table)
        _mark(connection, _TELLERS.get(table.full_name, _TELLERS_OF_VIDEOS), besides=load_ids)
    _mark(connection, _TELLERS_OF_USERS, besides=load_ids)


def _other_forms(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str]) -> list[str]:
    originals = {original_name(load_id) for load_id in load_ids}
    known = connection.execute("select load_id from ops.loads").fetchall()
    return [load_id for (load_id,) in known if original_name(load_id) in originals and load_id not in load_ids]


def _find_lost(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Rows that the replaced load told first, and nobody tells so now."""
    same = " and ".join(f"told.{key} is not distinct from held.{key}" for key in (*table.keys, "first_observed_at"))
    connection.execute(
        f"create or replace temp table lost as"
        f" select * from {_told(table.full_name)} as told anti join {table.full_name} as held on {same}"
    )


def _mark(connection: duckdb.DuckDBPyConnection, tellers: str, *, besides: Sequence[str]) -> None:
    is_other = "not list_contains($1, load_id)"
    connection.execute(f"update ops.loads set lines = 0 where load_id in ({tellers}) and {is_other}", [list(besides)])


def _told(table: str) -> str:
    return f"told_{table.partition('.')[2]}"
