"""Videos that do not fit the query that found them: which tables have them, and which leave them out."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.checks import CHECKS
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    OCTOBER,
    comment,
    comment_page,
    coverage,
    land,
    load,
    page,
    video,
)
from tt_pipeline_tests.warehouse.ops_builders import comment_coverage, look_coverage, searches

DAY = date(2026, 10, 2)
GERMAN = {"query": {"and": [{"field_name": "region_code", "operation": "IN", "field_values": ["DE"]}]}}
GONE, FOREIGN, FOREIGN_AND_GONE = 6, 7, 8
FITTING = range(1, 7)


def _video(number: int, views: int) -> dict[str, Any]:
    foreign: dict[str, Any] = {"region_code": "FR"} if number in {FOREIGN, FOREIGN_AND_GONE} else {}
    tags: dict[str, Any] = {"hashtag_names": ["bees", "garden"], "effect_ids": ["31"], "voice_to_text": "summ"}
    return video(number, view_count=views, **tags, **foreign)


def _look(number: int, age_days: int, found: list[int]) -> Any:
    at = OCTOBER + timedelta(days=age_days)
    records = [_video(each, 10 * number * each) for each in found]
    return page(*records, look=number, ends="complete", request=GERMAN, fetched_at=at)


def make_world(folder: Path, numbers: list[int]) -> Path:
    """A writer's file of two complete looks at these videos, the second without those that are gone."""
    writer_file, landing = folder / "writer.duckdb", folder / "landing"
    first, second = _look(1, 3, numbers), _look(2, 13, [each for each in numbers if each not in {6, 8}])
    talk = [comment_page(*(comment(each, under=each) for each in numbers))]
    load(
        writer_file,
        [
            *(land(landing, [look], load_id=f"videos/climate/f/w.look-{look.look}") for look in (first, second)),
            land(landing, talk, load_id="comments/2026-10-15/run-1"),
        ],
    )
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.searches", searches({"search": "climate"}))
        writer.replace("ops.search_coverage", coverage((DAY, "complete"), records={DAY: len(numbers) - 1}))
        writer.replace("ops.look_coverage", pl.concat(look_coverage(DAY, look, records=6) for look in (1, 2)))
        writer.replace("ops.comment_coverage", comment_coverage(_video(1, 1)["id"], "complete", weight=1.0))
    return writer_file


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same world without and with two videos that do not fit."""
    alone, foreign = tmp_path_factory.mktemp("fitting"), tmp_path_factory.mktemp("foreign")
    return make_world(alone, [*FITTING]), make_world(foreign, [*FITTING, FOREIGN, FOREIGN_AND_GONE])


def _rows(writer_file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(writer_file, read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(sql).fetchall()


def test_tables_say_whether_foreign_videos_are_in_them(worlds: tuple[Path, Path]) -> None:
    """Marts that leave them out do not change; the failed check names every mart that does change."""
    marts = [table for table in TABLES.values() if table.schema == "marts"]
    fitting, found = (
        {each.full_name: _rows(world, f"from {each.full_name} order by all") for each in marts} for world in worlds
    )
    changed = {name for name in fitting if fitting[name] != found[name]}
    filled = {name for name in fitting if fitting[name]}
    leaving_out = {table.full_name for table in marts if table.only_matching}
    concerned = next(set(check.concerns) for check in CHECKS if check.name == "hits_fit_their_query")

    assert leaving_out <= filled
    assert changed.isdisjoint(leaving_out)
    assert changed <= concerned
    assert concerned.isdisjoint(leaving_out)
    assert all("do not fit" in TABLES[name].meaning for name in leaving_out)


def test_days_are_compared_by_what_matches_in_the_last_look(worlds: tuple[Path, Path]) -> None:
    """Two of eight do not fit, two are gone, and one of these does not fit: five match and are in the last look."""
    columns = "videos, videos_in_last_look, videos_matching, videos_fitting_in_last_look, creators, view_count"
    assert _rows(worlds[1], f"select {columns} from marts.daily_volume") == [(8, 7, 6, 5, 6, 20 * 15 + 60)]
    assert _rows(worlds[1], "select videos, videos_matching, creators from marts.daily_totals") == [(8, 6, 6)]


def test_a_loss_of_a_video_that_does_not_fit_is_no_loss_of_the_search(worlds: tuple[Path, Path]) -> None:
    """Of six videos that fit one is gone; marts.video_survival says of each whether it fits."""
    assert _rows(worlds[1], "select videos, videos_gone, share_gone from marts.attrition") == [(6, 1, 1 / 6)]
    sql = "select matches, count(*), count(*) filter (is_gone) from marts.video_survival group by all order by all"
    assert _rows(worlds[1], sql) == [(False, 2, 1), (True, 6, 1)]
