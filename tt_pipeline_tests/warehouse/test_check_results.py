"""The published file says which checks failed, in a table and in the comments of the marts that they concern."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline.warehouse.check_results import failed_checks
from tt_pipeline.warehouse.checks import CHECKS
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline.warehouse.published import connect_published
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import CLOCK, coverage, land, load, page, video

pytestmark = pytest.mark.newest

MESSAGES = ["Days of bees that are not complete: 1.", "Days of climate that are not complete: 2."]


def published_with(writer_file: Path, *days: tuple[date, str]) -> duckdb.DuckDBPyConnection:
    """The file published of a writer's file whose searches climate and bees have these days."""
    with Writer(writer_file, CLOCK) as writer:
        of_bees = coverage(*days[:1], search="bees")
        writer.replace("ops.search_coverage", coverage(*days).vstack(of_bees))
    published = writer_file.with_name("warehouse.duckdb")
    publish_file(writer_file, published, CLOCK)
    return connect_published(published)


def comment_on(warehouse: duckdb.DuckDBPyConnection, name: str) -> str:
    """The comment on a table or view of marts."""
    sql = "select comment from (from duckdb_views() union all by name from duckdb_tables()) where schema_name = 'marts'"
    ((found,),) = warehouse.execute(f"{sql} and coalesce(view_name, table_name) = ?", [name]).fetchall()
    return str(found)


BROKEN = [(date(2026, 10, 1), "partial"), (date(2026, 10, 2), "paused"), (date(2026, 10, 3), "complete")]


def test_each_breach_is_a_row(landing: Path, writer_file: Path) -> None:
    """A failed check has a row for each search, a passed one has one row, and all have the time of publication."""
    load(writer_file, [land(landing, [page(video(1))])])
    with published_with(writer_file, *BROKEN) as warehouse:
        rows = warehouse.execute("from ops.check_results order by all").fetchall()
        assert failed_checks(warehouse) == MESSAGES
    failed = [row for row in rows if not row[2]]
    assert [row[:2] for row in failed] == [("coverage_is_complete", "bees"), ("coverage_is_complete", "climate")]
    assert [row[3:7] for row in failed] == [("warning", *row) for row in zip(MESSAGES, [1, 2], [None] * 2, strict=True)]
    passed = {check.name for check in CHECKS} - {"coverage_is_complete"}
    assert [row[:6] for row in rows if row[2]] == [
        (check.name, None, True, check.severity.value, "Holds.", 0)
        for check in sorted(CHECKS, key=lambda check: check.name)
        if check.name in passed
    ]
    assert {row[-1] for row in rows} == {CLOCK.now()}


def test_comments_of_marts_name_failed_checks_until_they_pass(landing: Path, writer_file: Path) -> None:
    """Of stored marts and of views; the comments of other marts stay those of the catalog."""
    assert TABLES["marts.daily_volume"].loading is Loading.PUBLISHED
    assert TABLES["marts.video_searches"].loading is Loading.VIEW
    load(writer_file, [land(landing, [page(video(1))])])
    named = " FAILED CHECKS, see ops.check_results: " + " ".join(f"{each} (coverage_is_complete)" for each in MESSAGES)
    with published_with(writer_file, *BROKEN) as warehouse:
        for name in ("daily_volume", "video_searches"):
            assert comment_on(warehouse, name) == TABLES[f"marts.{name}"].comment + named
        assert comment_on(warehouse, "comments") == TABLES["marts.comments"].comment
    with published_with(writer_file, (date(2026, 10, 1), "complete")) as warehouse:
        assert comment_on(warehouse, "daily_volume") == TABLES["marts.daily_volume"].comment


def test_an_empty_warehouse_has_no_results(writer_file: Path) -> None:
    """Nothing was loaded, so that nothing holds or fails."""
    with published_with(writer_file, *BROKEN) as warehouse:
        assert warehouse.execute("from ops.check_results").fetchall() == []


def test_a_file_of_an_earlier_version_warns_of_nothing() -> None:
    """It has no such table, and can be opened all the same."""
    with duckdb.connect() as warehouse:
        assert failed_checks(warehouse) == []


def test_breaches_are_chosen_by_the_tables_that_they_concern(landing: Path, writer_file: Path) -> None:
    """Whoever exports comments is not told about days of searches."""
    load(writer_file, [land(landing, [page(video(1))])])
    with published_with(writer_file, *BROKEN) as warehouse:
        assert failed_checks(warehouse, ["marts.comments"]) == []
        assert failed_checks(warehouse, ["marts.comments", "marts.daily_volume"]) == MESSAGES


def test_checks_concern_tables_that_exist() -> None:
    """A renamed mart would not be named any more; a check about searches has a sentence for one."""
    concerned = {table for check in CHECKS for table in check.concerns}
    assert concerned <= TABLES.keys()
    assert all(check.concerns for check in CHECKS if not check.is_blocking)
