"""Keeps the marts with rows for each video from one publication to the next, and computes only what has changed.

Beside its view, such a mart has a table in the writer's file, for example `marts.videos_kept`. A publication computes
the rows of the videos that a load has touched, and of those that an edited study, a rename or another status of their
comments concerns; the published copy has the tables in place of the views. The view stays the definition: without
tables, or with tables of another definition, all rows are computed, and each publication compares a sample.
"""

import hashlib
import logging
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.sql_text import sql_text
from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline.warehouse.marts import statements
from tt_pipeline.warehouse.migrations import migrations
from tt_pipeline.warehouse.some_videos import IN_RANGE, attached, fill, ranges, show_chosen, show_range, show_ranges
from tt_pipeline.warehouse.touched import TOUCHED

log = logging.getLogger(__name__)

KEPT: Final = tuple(
    table for table in TABLES.values() if table.loading is Loading.PUBLISHED and "video_id" in table.recomputed_by
)
_SUFFIX: Final = "_kept"
_SAMPLE: Final = 500
"""Videos whose rows are computed again in each publication."""
_MOST_CHOSEN: Final = 300_000
"""If more videos have changed, all rows are computed, a part at a time: fewer at once need less memory."""
_NOTES: Final = f"""
create schema if not exists stored.kept;
create or replace table stored.{TOUCHED} (video_id bigint);
create or replace table stored.kept.search_versions as from ops.search_versions;
create or replace table stored.kept.handles as select username, creator_id from all_handles;
create or replace table stored.kept.made_by as select {{definition}} as definition;
"""
"""What the kept tables were made of; no video has changed since."""
_CHANGED: Final = f"""
insert into chosen
select video_id from stored.{TOUCHED}
union
-- A search was edited, renamed, added or removed.
select video_id from stored.core.search_hits where fingerprint in (
  select sent_fingerprint from (
    (from ops.search_versions except from stored.kept.search_versions)
    union all (from stored.kept.search_versions except from ops.search_versions)
  )
)
union
-- A rename became known, or is known no more.
select video_id from stored.core.videos where username in (
  select username from (
    (select username, creator_id from all_handles except from stored.kept.handles)
    union all (from stored.kept.handles except select username, creator_id from all_handles)
  )
)
union
-- Its comments have another status, or it is new or gone.
select coalesce(video.video_id, mart.video_id)
from (select video_id, status from stored.core.videos left join stored.ops.comment_coverage using (video_id)) as video
full join (select video_id::bigint as video_id, comment_status from stored.marts.videos_kept) as mart using (video_id)
where video.video_id is null or mart.video_id is null or video.status is distinct from mart.comment_status
"""
_NOT_CHOSEN: Final = "video_id::bigint not in (select video_id from chosen)"
_EARLIER: Final = f"""
select schema_name, table_name from duckdb_tables() where database_name = 'stored' and suffix(table_name, '{_SUFFIX}')
"""
"""The kept tables, also those of other versions."""
_ALL_HANDLES: Final = """
create temp table all_handles as from core.renamed_handles;
create or replace view core.renamed_handles as from all_handles;
"""
"""A rename is seen in all videos of an account, also in those that are not computed now."""
_DRAWN: Final = f"""
select min(video_id), max(video_id) from (
  select video_id from stored.core.videos
  where video_id >= (select video_id from stored.core.videos using sample 1)
  order by video_id limit {_SAMPLE}
) having count(*) > 0
"""


def kept_name(table_name: str) -> str:
    """The name of the table that keeps a mart's rows."""
    return f"{table_name}{_SUFFIX}"


def mart_of(table_name: str) -> str:
    """The mart whose rows a table of the writer's file keeps; any other table is named as it is."""
    return table_name.removesuffix(_SUFFIX)


def keep_marts(file: Path) -> None:
    """Bring the kept tables of a file up to date with its other tables; nobody else may have it open.

    Raises:
        duckdb.Error: The file is damaged, or the disk is full; what was kept before is unchanged or is made anew by
            the next call.
    """
    with attached(file) as connection:
        connection.execute(_ALL_HANDLES)
        if not _is_usable(connection):
            _make_anew(connection)
            return
        try:
            problem = _bring_up_to_date(connection)
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            problem = f"{error}".partition("\n")[0]
        if problem:
            log.warning("the kept marts of %s are computed anew: %s", file.name, problem)
            _make_anew(connection)


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection) -> str:
    """Compute what has changed; returns what was wrong, so that everything has to be computed, or ""."""
    connection.execute(_CHANGED)
    ((changed,),) = connection.execute("select count(*) from chosen").fetchall()
    if changed > _MOST_CHOSEN:
        log.info("all marts are computed: %s videos have changed", f"{changed:,}")
        _make_anew(connection)
        return ""
    if changed:
        _replace_chosen(connection)
    differing = _differing_sample(connection)
    return f"{differing} differ from what the views say" if differing else ""


def wrong_marts(file: Path) -> list[str]:
    """The kept tables of a file that differ from what their views say, apart from what the next publication computes.

    Every row is compared, so it takes as long as a publication that computes all. The file is only read.

    Raises:
        duckdb.Error: The file is damaged, or somebody writes into it.
    """
    with attached(file, is_read_only=True) as connection:
        connection.execute(_ALL_HANDLES)
        if not _is_usable(connection):  # the next publication computes all
            return []
        connection.execute(_CHANGED)
        wrong: set[str] = set()
        show_ranges(connection)
        for first_id, last_id in ranges(connection):
            show_range(connection, first_id, last_id)
            wrong |= {table.full_name for table in KEPT if _differs(connection, table.full_name, _NOT_CHOSEN)}
        return sorted(wrong)


def put_in_place(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the kept tables take the places of their views in the file `stored`, whose notes are removed."""
    for table in KEPT:
        connection.execute(f"drop view stored.{table.full_name}")
        connection.execute(f"alter table stored.{kept_name(table.full_name)} rename to {table.name}")
    connection.execute("drop schema stored.kept cascade")


def _is_usable(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        found = connection.execute("select definition from stored.kept.made_by").fetchall()
    except (duckdb.BinderException, duckdb.CatalogException):
        return False
    return found == [(_definition(),)]


def _definition() -> str:
    """A checksum of everything that decides which rows a kept table has."""
    columns = repr([(table.full_name, table.columns) for table in TABLES.values()])
    kept = repr([table.full_name for table in KEPT])
    return hashlib.sha256("\n".join((*statements(), *migrations().values(), columns, kept)).encode()).hexdigest()


def _make_anew(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema if not exists stored.kept")
    connection.execute("drop table if exists stored.kept.made_by")  # if this process is killed now, all is made again
    for schema, name in connection.execute(_EARLIER).fetchall():
        connection.execute(f"drop table stored.{schema}.{name}")
    show_ranges(connection)
    for table in KEPT:
        fill(connection, table, f"stored.{kept_name(table.full_name)}")
    show_ranges(connection)
    _note(connection)


def _note(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_NOTES.format(definition=sql_text(_definition())))


def _replace_chosen(connection: duckdb.DuckDBPyConnection) -> None:
    """Compute the rows of the chosen videos; all or nothing is stored."""
    show_chosen(connection)
    for table in KEPT:
        connection.execute(f"create temp table new_{table.name} as from {table.full_name}")
    connection.begin()
    try:
        for table in KEPT:
            kept, order = f"stored.{kept_name(table.full_name)}", ", ".join(table.keys)
            connection.execute(f"delete from {kept} where video_id::bigint in (from chosen)")
            connection.execute(f"insert into {kept} from new_{table.name} order by {order}")
        _note(connection)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _differing_sample(connection: duckdb.DuckDBPyConnection) -> str:
    """The kept tables whose rows of some videos differ from those of their views; which videos, chance decides.

    The videos have ids that follow each other, so that DuckDB reads few parts of the tables.
    """
    drawn = connection.execute(_DRAWN).fetchall()
    if not drawn:
        return ""
    show_ranges(connection)
    show_range(connection, *drawn[0])
    return ", ".join(table.full_name for table in KEPT if _differs(connection, table.full_name))


def _differs(connection: duckdb.DuckDBPyConnection, name: str, condition: str = "true") -> bool:
    connection.execute(f"create or replace temp table computed as from {name} where {condition}")
    kept = f"from stored.{kept_name(name)} where {IN_RANGE} and {condition}"
    connection.execute(f"create or replace temp table kept as {kept}")
    both = "((from computed except all from kept) union all (from kept except all from computed))"
    return connection.execute(f"select 1 from {both} limit 1").fetchall() != []
