"""How a load's rows meet those that are there: the SQL of `load.py`, made from the catalog.

No table has a PRIMARY KEY (tables with one were up to 100 times slower here); that keys are unique follows from these
statements and is watched by `checks.py`.
"""

import duckdb
import polars as pl

from tt_pipeline.warehouse.catalog import TABLES, Loading, Table
from tt_pipeline.warehouse.writer import insert

_BATCH = "batch"
_VIDEOS, _VERSIONS = TABLES["core.videos"], TABLES["core.video_versions"]
_USERS = TABLES["core.users"]


def forget(connection: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Take out every row that came from a load."""
    connection.execute(
        "delete from core.users where username in (select username from core.user_snapshots where load_id = $1)",
        [load_id],
    )
    for table in TABLES.values():
        if table.loading is not Loading.VIEW and "load_id" in table.column_names:
            connection.execute(f"delete from {table.full_name} where load_id = $1", [load_id])


def merge(connection: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> int:
    """Bring a load's rows into their table.

    Returns:
        Rows that are new.
    """
    if table.loading is Loading.FIRST_SEEN:
        return _keep_first_seen(connection, table, rows)
    insert(connection, table.full_name, rows)
    if table.full_name == "core.user_snapshots":
        _refresh_users(connection, rows)
    return rows.height


def _keep_first_seen(connection: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> int:
    connection.register(_BATCH, rows)
    if table is _VIDEOS:
        _find_edited(connection)
    same = _all_equal(table.keys)
    ((displaced,),) = connection.execute(
        f"delete from {table.full_name} as held using {_BATCH} as new where {same}"
        " and (new.first_observed_at, new.load_id) < (held.first_observed_at, held.load_id)"
    ).fetchall()
    ((added,),) = connection.execute(
        f"insert into {table.full_name} select {', '.join(table.column_names)} from {_BATCH} as new"
        f" anti join {table.full_name} as held on {same}"
    ).fetchall()
    if table is _VIDEOS:
        _keep_versions(connection)
    connection.unregister(_BATCH)
    return int(added) - int(displaced)


def _find_edited(connection: duckdb.DuckDBPyConnection) -> None:
    """Set aside every observation of the videos that the batch shows with other attributes."""
    connection.execute(
        f"create or replace temp table edited as select new.* from {_BATCH} as new join core.videos as held"
        f" using (video_id) where not ({_all_equal(_VERSIONS.keys)})"
    )
    for table in ("core.videos", "core.video_versions"):
        connection.execute(f"insert into edited select * from {table} where video_id in (select video_id from edited)")


def _keep_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Of the edited videos: what is not in core.videos is a version, at its earliest observation."""
    connection.execute("delete from core.video_versions where video_id in (select video_id from edited)")
    connection.execute(
        f"insert into core.video_versions select distinct on ({', '.join(_VERSIONS.keys)}) new.* from edited as new"
        f" anti join core.videos as held on {_all_equal(_VERSIONS.keys)} order by first_observed_at, load_id"
    )
    connection.execute("drop table edited")


def _refresh_users(connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
    """Compute the accounts that the load answered about, and those that `forget` took out."""
    connection.register(_BATCH, rows)
    connection.execute(f"delete from core.users where username in (select username from {_BATCH})")
    connection.execute(_USERS_FROM_SNAPSHOTS)
    connection.unregister(_BATCH)


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
select * from answer left join profile using (username)
"""


def _all_equal(keys: tuple[str, ...]) -> str:
    """The rows `held` and `new` have the same keys; missing equals missing."""
    return " and ".join(f"held.{key} is not distinct from new.{key}" for key in keys)
