"""Loads that replace others: the good pages of a damaged file, `<load_id>.mended-<instant>`, replace the whole file.

The rows of the replaced load are deleted in the transaction that loads the new one. Other loads may contain the same
records, but did not store them because the replaced load was loaded first. These loads are marked as not loaded, so
that they are loaded again. The warehouse is then the same as one that `tt rebuild` makes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb

from tt_pipeline.safe_files import original_name
from tt_pipeline.warehouse.catalog import TABLES, Table
from tt_pipeline.warehouse.merging import forget
from tt_pipeline.warehouse.readable_file import ReadableFile
from tt_pipeline.warehouse.writer import Writer

_STORED_ONCE = [
    table
    for table in TABLES.values()
    if table.is_stored and {"load_id", "first_observed_at"} <= set(table.column_names)
]
"""Tables to which a load adds only the rows that no earlier load has."""

_LOADS_WITH_ROW = {
    "core.comments": "select load_id from core.comment_snapshots semi join lost using (comment_id)",
    "core.hashtags": (
        "select load_id from core.video_snapshots semi join"
        " (select video_id from core.video_hashtags semi join lost using (hashtag_id)) using (video_id)"
    ),
}
_LOADS_WITH_VIDEO = "select load_id from core.video_snapshots semi join lost using (video_id)"
_LOADS_WITH_USER = """
select load_id from core.user_snapshots
where username in (select username from replaced_user_snapshots) and username not in (select username from core.users)
"""


def outdated_loads(writer: Writer, files: Sequence[ReadableFile]) -> list[ReadableFile]:
    """Files with lines that are not loaded, or that replace a load; of the forms of a file only the latest."""
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
    """Delete every other form of these loads; at the end mark the loads that also have the deleted rows."""
    replaced = _other_forms(connection, load_ids)
    if not replaced:
        yield
        return
    theirs = "load_id in (select unnest($1))"
    for name in (*(table.full_name for table in _STORED_ONCE), "core.user_snapshots"):
        connection.execute(f"create or replace temp table {_replaced(name)} as from {name} where {theirs}", [replaced])
    connection.execute(f"delete from core.hashtags where {theirs}", [replaced])
    forget(connection, replaced)
    yield
    for table in _STORED_ONCE:
        _find_lost(connection, table)
        _mark(connection, _LOADS_WITH_ROW.get(table.full_name, _LOADS_WITH_VIDEO), besides=load_ids)
    _mark(connection, _LOADS_WITH_USER, besides=load_ids)


def _other_forms(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str]) -> list[str]:
    originals = {original_name(load_id) for load_id in load_ids}
    known = connection.execute("select load_id from ops.loads").fetchall()
    return [load_id for (load_id,) in known if original_name(load_id) in originals and load_id not in load_ids]


def _find_lost(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make a table of the rows that the replaced load had added and that no load has now."""
    same = " and ".join(f"before.{key} is not distinct from after.{key}" for key in (*table.keys, "first_observed_at"))
    connection.execute(
        f"create or replace temp table lost as"
        f" select * from {_replaced(table.full_name)} as before anti join {table.full_name} as after on {same}"
    )


def _mark(connection: duckdb.DuckDBPyConnection, loads: str, *, besides: Sequence[str]) -> None:
    is_other = "not list_contains($1, load_id)"
    connection.execute(f"update ops.loads set lines = 0 where load_id in ({loads}) and {is_other}", [list(besides)])


def _replaced(table: str) -> str:
    return f"replaced_{table.partition('.')[2]}"
