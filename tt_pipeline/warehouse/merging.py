"""Merges the rows of a load into the stored tables, with SQL that is made from the catalog.

No table has a PRIMARY KEY, because tables with one were up to 100 times slower here. These statements keep keys unique,
and a check tests it before each publication.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from tt_pipeline.codebook.fields import VIDEO, Given
from tt_pipeline.warehouse.catalog import TABLES, Loading, Table
from tt_pipeline.warehouse.touched import touch_videos, touch_videos_in, touch_videos_of
from tt_pipeline.warehouse.writer import insert

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

_BATCH = "batch"
_VIDEOS, _VERSIONS = TABLES["core.videos"], TABLES["core.video_versions"]
_USERS = TABLES["core.users"]


# Hashtags stay, because videos of other loads can have them too. `_merge_users` replaces rows of users.
_TABLES_OF_LOADS = tuple(
    table.full_name
    for table in TABLES.values()
    if table.is_stored and "load_id" in table.column_names and table.name not in {"hashtags", "users"}
)


def forget(connection: duckdb.DuckDBPyConnection, load_ids: Sequence[str]) -> None:
    """Delete all rows that came from these loads; loads that `ops.loads` does not list are ignored.

    Rows of `core.users` for accounts in these loads are deleted too; `merge` computes them again.
    """
    known = connection.execute("select load_id from ops.loads where list_contains($1, load_id)", [list(load_ids)])
    values = [[load_id for (load_id,) in known.fetchall()]]
    if not values[0]:
        return
    touch_videos_of(connection, values[0])
    theirs = "load_id in (select unnest($1))"
    connection.execute(
        f"delete from core.users where username in (select username from core.user_snapshots where {theirs})", values
    )
    for table in _TABLES_OF_LOADS:
        connection.execute(f"delete from {table} where {theirs}", values)


def merge(connection: duckdb.DuckDBPyConnection, table: Table, rows: "pl.DataFrame") -> int:
    """Add a load's rows to their table, according to the table's `loading`.

    Returns:
        Number of keys that the table did not have before; for tables with the rows of each load, all rows.
    """
    if table.full_name == "core.user_snapshots":
        return _merge_users(connection, rows)
    if rows.is_empty():
        return 0
    touch_videos(connection, rows)
    if table.loading is not Loading.FIRST_SEEN:
        insert(connection, table.full_name, rows)
        return rows.height
    return _merge_videos(connection, rows) if table is _VIDEOS else _keep_first_seen(connection, table, rows)


def _keep_first_seen(connection: duckdb.DuckDBPyConnection, table: Table, rows: "pl.DataFrame") -> int:
    met = _meet(connection, table, rows)
    return _add_unless_seen_before(connection, table, met=met)


def _meet(connection: duckdb.DuckDBPyConnection, table: Table, rows: "pl.DataFrame") -> int:
    """Register the rows as `batch`, and create the table `met` of the stored rows with the same ids.

    Later statements read `met` instead of the whole table, so each load reads the table once.

    Returns:
        Number of rows of `met`; often 0.
    """
    connection.register(_BATCH, rows)
    number = next(key for key in table.keys if key.endswith("_id"))
    columns = "*" if table is _VIDEOS else ", ".join((*table.keys, "first_observed_at", "load_id"))
    stored = f"select {columns} from {table.full_name} semi join {_BATCH} using ({number})"
    ((met,),) = connection.execute(f"create or replace temp table met as {stored}").fetchall()
    return int(met)


def _add_unless_seen_before(connection: duckdb.DuckDBPyConnection, table: Table, *, met: int) -> int:
    same, order = _all_equal(table.keys), _VIDEO_ORDER if table is _VIDEOS else _ORDER
    displaced = 0
    if met:
        is_later = f"where {same} and {order.format('new')} < {order.format('stored')}"
        delete = f"delete from {{}} as stored using {_BATCH} as new {is_later}"
        ((displaced,),) = connection.execute(delete.format("met")).fetchall()
        if displaced:
            if "video_id" in table.column_names and "video_id" not in table.keys:  # a comment can move to another video
                touch_videos_in(
                    connection, f"select stored.video_id from {table.full_name} as stored, {_BATCH} as new {is_later}"
                )
            connection.execute(delete.format(table.full_name))
    unless_stored = f"anti join met as stored on {same}" if met else ""
    ((added,),) = connection.execute(
        f"insert into {table.full_name} by name"
        f" select {', '.join(table.column_names)} from {_BATCH} as new {unless_stored}"
    ).fetchall()
    connection.unregister(_BATCH)
    return int(added) - int(displaced)


def _merge_videos(connection: duckdb.DuckDBPyConnection, rows: "pl.DataFrame") -> int:
    """Store the first observation in core.videos, and different attributes in core.video_versions.

    Args:
        connection: In a transaction.
        rows: Grain: a video and a set of attributes, oldest first.
    """
    first = rows.unique(subset=_VIDEOS.keys, keep="first", maintain_order=True)
    met, edited = _meet(connection, _VIDEOS, rows), 0
    if met or first.height < rows.height:
        ((edited,),) = connection.execute(_EDITED).fetchall()
        connection.register(_BATCH, first)
    added = _add_unless_seen_before(connection, _VIDEOS, met=met)
    if edited:
        connection.execute("delete from core.video_versions where video_id in (select video_id from edited)")
        connection.execute(_VERSIONS_FROM_EDITED)
    return added


_ORDER = "({0}.first_observed_at, {0}.load_id)"
_IS_LISTED = "(not starts_with({0}.load_id, 'videos/'))"
"""True if a list of an account returned the row; a list returns fewer fields than a search."""
_VIDEO_ORDER = f"({_IS_LISTED}, {{0}}.first_observed_at, {{0}}.load_id)"
_NOT_IN_LISTS = tuple(
    field.column_name for field in VIDEO if field.in_lists is Given.NEVER and field.column_name in _VERSIONS.keys
)


def _tells_nothing_new() -> str:
    """SQL: the row `new` has the attributes of `stored`.

    If `new` is from a list and `stored` is not, only the fields that lists return are compared.
    """
    given = _all_equal(tuple(key for key in _VERSIONS.keys if key not in _NOT_IN_LISTS))
    is_silent = f"({_IS_LISTED.format('new')} and not {_IS_LISTED.format('stored')})"
    return f"{given} and ({is_silent} or {_all_equal(_NOT_IN_LISTS)})"


def _all_equal(keys: tuple[str, ...]) -> str:
    """SQL: the rows `stored` and `new` have the same keys; NULL equals NULL."""
    return " and ".join(f"stored.{key} is not distinct from new.{key}" for key in keys)


_EDITED = f"""
create or replace temp table edited as
with changed as (
  select video_id from {_BATCH} group by video_id having count(*) > 1
  union
  select video_id from {_BATCH} as new join met as stored using (video_id)
  where not ({_tells_nothing_new()})
)
select * from {_BATCH} semi join changed using (video_id)
union all by name
select * from met semi join changed using (video_id)
union all by name
select * from core.video_versions semi join changed using (video_id)
"""
# The versions of an edited video are its sets of attributes that differ from core.videos, each with its earliest
# observation. A row from a list is not a version if a row from a search has the same attributes.
_VERSIONS_FROM_EDITED = f"""
insert into core.video_versions by name
select distinct on ({", ".join(_VERSIONS.keys)}) new.*
from edited as new
anti join core.videos as stored on {_tells_nothing_new()}
anti join edited as stored
  on {_tells_nothing_new()} and {_IS_LISTED.format("new")} and not {_IS_LISTED.format("stored")}
order by {_IS_LISTED.format("new")}, first_observed_at, load_id
"""


def _merge_users(connection: duckdb.DuckDBPyConnection, rows: "pl.DataFrame") -> int:
    """Add the answers, and compute the rows of core.users for their accounts and for those that `forget` deleted."""
    insert(connection, "core.user_snapshots", rows)
    connection.register(_BATCH, rows)
    connection.execute(f"delete from core.users where username in (select username from {_BATCH})")
    connection.execute(_USERS_FROM_SNAPSHOTS)
    connection.unregister(_BATCH)
    return rows.height


_PROFILE = ", ".join(
    name for name in _USERS.column_names if name not in {"username", "refusal", "last_asked_at", "load_id"}
)
_LATEST = "qualify row_number() over (partition by username order by observed_at desc, load_id desc) = 1"
_USERS_FROM_SNAPSHOTS = f"""
insert into core.users by name
with answers as (
  select * from core.user_snapshots where username not in (select username from core.users)
),
answer as (
  select username, refusal, observed_at as last_asked_at, load_id from answers {_LATEST}
),
profile as (
  select username, {_PROFILE} from answers where refusal is null {_LATEST}
)
select * from profile join answer using (username)
"""
