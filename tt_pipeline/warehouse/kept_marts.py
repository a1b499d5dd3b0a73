"""Keeps the published marts from one publication to the next, and computes only what has changed.

Beside its view, such a mart has a table in the writer's file, for example `marts.videos_kept`; the published copy has
the tables in place of the views. A publication computes again

- the rows of the videos that a load has touched, and of those that an edited study, a rename or another status of
  their comments concerns;
- the rows of the days of these videos, and of the days whose looks or coverage have changed;
- marts whose rows are of neither a video nor a day, if anything has changed.

The view stays the definition: without tables, or with tables of another definition, all rows are computed, and each
publication compares a sample.
"""

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import duckdb

from tt_pipeline.warehouse.catalog import TABLES, Loading, Table
from tt_pipeline.warehouse.kept_notes import (
    Changes,
    begin,
    choose_day_of,
    find_changes,
    is_of_chosen_day,
    note,
    noted,
)
from tt_pipeline.warehouse.marts import statement_of, statements
from tt_pipeline.warehouse.migrations import migrations
from tt_pipeline.warehouse.some_videos import (
    IN_RANGE,
    IS_CHOSEN,
    attached,
    fill,
    parts_of,
    show,
    show_chosen,
    show_range,
    show_ranges,
)

log = logging.getLogger(__name__)

KEPT: Final = tuple(table for table in TABLES.values() if table.loading is Loading.PUBLISHED)
_DAYS: Final = ("day_date", "created_date")
_OF_VIDEOS: Final = tuple(table for table in KEPT if "video_id" in table.recomputed_by)
_OF_DAYS: Final = tuple(
    table for table in KEPT if table not in _OF_VIDEOS and not set(_DAYS).isdisjoint(table.recomputed_by)
)
_OF_ALL: Final = tuple(table for table in KEPT if table not in {*_OF_VIDEOS, *_OF_DAYS})
_SUFFIX: Final = "_kept"
_SAMPLE: Final = 500
"""Videos whose rows are computed again in each publication; of one of their days too."""
_MOST_CHOSEN: Final = 300_000
"""If more videos have changed, all rows are computed, a part at a time: fewer at once need less memory."""
_EARLIER: Final = f"""
select schema_name, table_name from duckdb_tables() where database_name = 'stored' and suffix(table_name, '{_SUFFIX}')
"""
"""The kept tables, also those of other versions."""
_ALL_HANDLES: Final = "create temp table all_handles as from core.renamed_handles"
"""A rename is seen in all videos of an account, also in those that are not computed now."""
_SHOW_ALL_HANDLES: Final = "create or replace view core.renamed_handles as from all_handles"
_DRAWN: Final = f"""
select min(video_id), max(video_id) from (
  select video_id from stored.core.videos
  where video_id >= (select video_id from stored.core.videos using sample 1)
  order by video_id limit {_SAMPLE}
) having count(*) > 0
"""
_OF_CHOSEN_DAYS: Final = f"""
create or replace temp table chosen as
select video_id from stored.core.videos where {is_of_chosen_day("created_date")}
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
        duckdb.Error: The file is damaged, or the disk is full; the next call makes everything anew.
    """
    with attached(file) as connection:
        connection.execute(_ALL_HANDLES)
        try:
            problem = _bring_up_to_date(connection) if _is_usable(connection) else None
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            problem = f"{error}".partition("\n")[0]
        if problem:
            log.warning("the kept marts of %s are computed anew: %s", file.name, problem)
        if problem != "":
            _make_anew(connection)


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Compute what has changed; returns what was wrong, None if everything has to be computed, "" if all is done."""
    changes = find_changes(connection)
    if changes.videos > _MOST_CHOSEN:
        log.info("all marts are computed: %s videos have changed", f"{changes.videos:,}")
        return None
    if changes:
        _replace_changed(connection, changes)
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
        changes = find_changes(connection)
        return sorted(table.full_name for table in KEPT if _differs_anywhere(connection, table, changes))


def put_in_place(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the kept tables take the places of their views in the file `stored`, whose notes are removed."""
    for table in KEPT:
        connection.execute(f"drop view stored.{table.full_name}")
        connection.execute(f"alter table stored.{kept_name(table.full_name)} rename to {table.name}")
    connection.execute("drop schema stored.kept cascade")


def _is_usable(connection: duckdb.DuckDBPyConnection) -> bool:
    definition, checksum = noted(connection)
    return definition == _definition() and checksum == _checksum(connection)


def _definition() -> str:
    """A checksum of everything that decides which rows a kept table has."""
    columns = repr([(table.full_name, table.columns) for table in TABLES.values()])
    kept = repr([[table.full_name for table in tables] for tables in (_OF_VIDEOS, _OF_DAYS, _OF_ALL)])
    return hashlib.sha256("\n".join((*statements(), *migrations().values(), columns, kept)).encode()).hexdigest()


def _checksum(connection: duckdb.DuckDBPyConnection) -> str:
    """A checksum of the few rows that no sample is drawn from; "" if their tables are missing."""
    sums = ", ".join(f"(select sum(hash(t)) from stored.{kept_name(table.full_name)} as t)" for table in _OF_ALL)
    try:
        return f"{connection.execute(f'select {sums}').fetchall()}"
    except (duckdb.BinderException, duckdb.CatalogException):
        return ""


def _make_anew(connection: duckdb.DuckDBPyConnection) -> None:
    begin(connection)
    for schema, name in connection.execute(_EARLIER).fetchall():
        connection.execute(f"drop table stored.{schema}.{name}")
    _show_definitions(connection)
    show_ranges(connection)
    for table in (*_OF_VIDEOS, *_OF_DAYS, *_OF_ALL):
        fill(connection, table, f"stored.{kept_name(table.full_name)}")
    show_ranges(connection)
    note(connection, _definition(), _checksum(connection))


def _replace_changed(connection: duckdb.DuckDBPyConnection, changes: Changes) -> None:
    """Compute the rows of the chosen videos, then those of the chosen days, then the other marts."""
    begin(connection)
    _show_definitions(connection)
    show_chosen(connection)
    _replace(connection, _OF_VIDEOS)
    has_few = not changes.has_other_searches
    if has_few:
        connection.execute(_OF_CHOSEN_DAYS)
        ((videos,),) = connection.execute("select count(*) from chosen").fetchall()
        has_few = videos <= _MOST_CHOSEN
    if has_few:
        show_chosen(connection)
        _show_kept(connection, IS_CHOSEN)
        _replace(connection, _OF_DAYS)
    show_ranges(connection)
    _show_kept(connection, IN_RANGE)
    for table in _OF_ALL if has_few else (*_OF_DAYS, *_OF_ALL):
        fill(connection, table, f"stored.{kept_name(table.full_name)}")
    show_ranges(connection)
    note(connection, _definition(), _checksum(connection))


def _is_chosen(table: Table) -> str:
    """The condition that a row is of a chosen video, or of a chosen day."""
    if table in _OF_VIDEOS:
        return IS_CHOSEN
    return is_of_chosen_day(next(day for day in _DAYS if day in table.recomputed_by))


def _replace(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    for table in tables:
        kept, order, chosen = f"stored.{kept_name(table.full_name)}", ", ".join(table.keys), _is_chosen(table)
        connection.execute(f"create or replace temp table computed as from {table.full_name} where {chosen}")
        connection.execute(f"delete from {kept} where {chosen}")
        connection.execute(f"insert into {kept} from computed order by {order}")


def _show_definitions(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the views of all marts compute their rows, and not show what is kept."""
    for table in KEPT:
        connection.execute(statement_of(table.full_name))
    connection.execute(_SHOW_ALL_HANDLES)


def _show_kept(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    """Let the views of marts with rows for each video show what is kept."""
    for table in _OF_VIDEOS:
        show(connection, table, stored_as=f"stored.{kept_name(table.full_name)}", condition=condition)


def _differing_sample(connection: duckdb.DuckDBPyConnection) -> str:
    """The kept tables whose rows of some videos, or of a day, differ from those of their views; chance decides which.

    The videos have ids that follow each other, so that DuckDB reads few parts of the tables; the day is of one of them.
    """
    drawn = connection.execute(_DRAWN).fetchall()
    if not drawn:
        return ""
    _show_definitions(connection)
    show_ranges(connection)
    show_range(connection, *drawn[0])
    differing = [table.full_name for table in _OF_VIDEOS if _differs(connection, table, IN_RANGE)]
    choose_day_of(connection, drawn[0][0])
    connection.execute(_OF_CHOSEN_DAYS)
    show_chosen(connection)
    _show_kept(connection, IS_CHOSEN)
    differing += [table.full_name for table in _OF_DAYS if _differs(connection, table, _is_chosen(table))]
    return ", ".join(differing)


def _differs_anywhere(connection: duckdb.DuckDBPyConnection, table: Table, changes: Changes) -> bool:
    """Whether a row differs that the next publication does not compute anyway."""
    if (table in _OF_DAYS and changes.has_other_searches) or (table in _OF_ALL and changes):
        return False
    _show_definitions(connection)
    show_ranges(connection)
    if table not in _OF_VIDEOS:
        _show_kept(connection, IN_RANGE)
    condition = "true" if table in _OF_ALL else f"not {_is_chosen(table)}"
    limited = f"{condition} and {IN_RANGE}" if table.keys[0] == "video_id" else condition
    return any(_differs(connection, table, limited) for _ in parts_of(connection, table))


def _differs(connection: duckdb.DuckDBPyConnection, table: Table, condition: str) -> bool:
    connection.execute(f"create or replace temp table computed as from {table.full_name} where {condition}")
    kept = f"from stored.{kept_name(table.full_name)} where {condition}"
    connection.execute(f"create or replace temp table kept as {kept}")
    both = "((from computed except all from kept) union all (from kept except all from computed))"
    return connection.execute(f"select 1 from {both} limit 1").fetchall() != []
