"""The catalog, DuckDB, frames and docs describe the same columns, and each column is explained once."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from tt_pipeline.codebook.statuses import ACCOUNT_STATUSES, COMMENT_STATUSES, SEARCH_STATUSES
from tt_pipeline.vocabulary import AccountStatus, CommentStatus, SearchStatus
from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline.warehouse.catalog.dictionary import data_dictionary, text_of
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import CLOCK

pytestmark = pytest.mark.newest


@pytest.fixture(scope="module")
def fresh(fresh_file: Path) -> Iterator[Writer]:
    """A new writer's file."""
    with Writer(fresh_file, CLOCK) as writer:
        yield writer


def test_every_table_view_and_column_has_a_comment(fresh: Writer) -> None:
    """Every table, view and column of core, ops and marts has a comment in the file itself."""
    uncommented = fresh.query(
        """
        select schema_name, table_name, column_name from duckdb_columns()
        where schema_name in ('core', 'ops', 'marts') and comment is null
        union all
        select schema_name, table_name, null from duckdb_tables() where comment is null and not internal
        union all
        select schema_name, view_name, null from duckdb_views() where comment is null and not internal
        """
    )
    assert uncommented.rows() == []


def test_tables_and_views_match_the_catalog(fresh: Writer) -> None:
    """Names, order and types of all columns agree with the catalog, also in hand-written views."""
    found = fresh.query(
        """
        select schema_name || '.' || table_name as name, column_name, data_type from duckdb_columns()
        where not internal order by 1, column_index
        """
    )
    expected = [(name, column.name, column.type.value) for name in sorted(TABLES) for column in TABLES[name].columns]
    assert found.rows() == expected


@pytest.mark.parametrize("name", TABLES)
def test_a_frame_of_a_table_has_the_catalogs_schema(fresh: Writer, name: str) -> None:
    """A frame read from a table has the schema that writing to the table needs."""
    assert fresh.query(f"select * from {name}").schema == TABLES[name].frame_schema


@pytest.mark.parametrize("name", TABLES)
def test_names_say_their_kind(name: str) -> None:
    """Instants end in _at and days in _date, and nothing else does; words are snake_case."""
    for column in TABLES[name].columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.name.endswith("_at") == (column.type.polars == pl.Datetime("us", "UTC"))
        assert column.name.endswith("_date") == (column.type.polars == pl.Date())


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_columns_that_are_never_missing(name: str) -> None:
    """A key names columns of its table; they are NULL only in tables whose key may have missing values."""
    table = TABLES[name]
    missing = [column.name for column in table.columns if column.name in table.keys and column.missing]
    assert set(table.keys) <= set(table.column_names)
    assert missing == [] or name in {
        *("core.video_versions", "core.video_stickers", "core.search_hits"),
        "ops.check_results",
    }


def test_every_stored_mart_says_what_a_load_can_change() -> None:
    """The columns by which a table of the published file can be computed again are its own."""
    for table in TABLES.values():
        assert (table.loading is Loading.PUBLISHED) == bool(table.recomputed_by), table.full_name
        assert set(table.recomputed_by) <= set(table.column_names)


def test_ids_are_text_in_marts_and_numbers_elsewhere() -> None:
    """Spreadsheets, R and JavaScript read marts and round numbers beyond 2^53, so ids are text there."""
    kinds = {
        (table.schema == "marts", column.type.value)
        for table in TABLES.values()
        for column in table.columns
        if column.name in {"video_id", "comment_id", "parent_comment_id", "music_id", "playlist_id", "hashtag_id"}
    }
    assert kinds == {(True, "VARCHAR"), (False, "BIGINT")}


def test_every_status_is_explained() -> None:
    """The catalog explains each status of the vocabulary and no other."""
    assert set(SEARCH_STATUSES) == set(SearchStatus)
    assert set(COMMENT_STATUSES) == set(CommentStatus)
    assert set(ACCOUNT_STATUSES) == set(AccountStatus)


def test_the_data_dictionary_explains_every_table_and_column() -> None:
    """What `make dictionary` writes has a section for each table, with its meaning and a row for each column."""
    sections = dict(section.split("\n", 1) for section in data_dictionary().split("\n### ")[1:])
    assert sorted(sections) == sorted(TABLES)
    for name, table in TABLES.items():
        rows = [row.split(" | ")[0] for row in sections[name].splitlines() if row.startswith("| `")]
        assert table.meaning in sections[name]
        assert rows[: len(table.columns)] == [f"| `{column}`" for column in table.column_names]


def test_describe_shows_the_grain_and_each_column() -> None:
    """The text begins with what a row is and has each column, with its name and type in one width."""
    table = TABLES["core.comment_snapshots"]
    text = text_of(table)
    assert text.head[:3] == (table.full_name, table.comment, "Key: comment_id, load_id")
    assert [name.split()[0] for name, _ in text.columns] == list(table.column_names)
    assert len({len(name) for name, _ in text.columns}) == 1


def test_a_meaning_of_null_that_many_columns_have_is_given_once() -> None:
    """The head says it; columns with another meaning, or with an addition to it, say their own."""
    text = text_of(TABLES["marts.videos"])
    meanings = {name.split()[0]: meaning for name, meaning in text.columns}

    assert text.head[3] == (
        "NULL: the API did not give it, which is not the same as empty or zero, unless a column says otherwise."
    )
    assert [name for name, meaning in meanings.items() if "the API did not give it" in meaning] == []
    assert meanings["duration_s"] == "Length in seconds. API field: video_duration."
    assert meanings["share_count"] == (
        "Shares. NULL: as above; negative or unreadable values too. API field: share_count."
    )
    assert "NULL: no label given." in meanings["video_label"]


def test_views_are_computed_and_everything_else_is_stored(fresh: Writer) -> None:
    """Catalog and DuckDB agree on what is a view of the writer's file."""
    views = fresh.query("select schema_name || '.' || view_name as name from duckdb_views() where not internal")
    assert sorted(views["name"]) == sorted(name for name in TABLES if not TABLES[name].is_stored)
