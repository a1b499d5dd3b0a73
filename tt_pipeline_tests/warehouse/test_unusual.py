"""Checks compare with usual values: fields that became empty, unknown fields, days with unusual numbers."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.checks import CheckResult, Severity, run_checks
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    MORNING,
    comment,
    comment_page,
    coverage,
    land,
    later,
    lists_of_accounts,
    load,
    page,
    snowflake,
    user_page,
    video,
)


def result(writer_file: Path, name: str, **tables: pl.DataFrame) -> CheckResult:
    """The rows of a check, after some tables were filled."""
    with Writer(writer_file, CLOCK) as writer:
        for table, frame in tables.items():
            writer.replace(f"ops.{table}", frame)
        return next(result for result in run_checks(writer) if result.name == name)


def load_days(writer_file: Path, landing: Path, *days: list[dict[str, Any]]) -> None:
    """Load a file for each list of videos, each fetched a day after the previous one."""
    files = [
        land(landing, [page(*videos, fetched_at=later(days=n))], load_id=f"videos/climate/ffffffff/day-{n}.look-1")
        for n, videos in enumerate(days)
    ]
    load(writer_file, files)


def day(first: int, *, filled: int, of: int = 200, field: str = "voice_to_text") -> list[dict[str, Any]]:
    """Videos of which some have the field."""
    return [
        video(number) | ({field: "7"} if number < first + filled else {field: None})
        for number in range(first, first + of)
    ]


@pytest.mark.parametrize("field", ["voice_to_text", "like_count"])
def test_a_field_that_becomes_empty_is_reported_once(landing: Path, writer_file: Path, field: str) -> None:
    """Filled in most videos for two days and in none for two: one row has the field and its first empty load."""
    filled = [200, 190, 0, 0]
    load_days(writer_file, landing, *(day(n * 1000, filled=some, field=field) for n, some in enumerate(filled)))
    found = result(writer_file, "fields_stay_filled")
    table = "core.videos" if field in TABLES["core.videos"].column_names else "core.video_snapshots"
    assert found.severity is Severity.WARNING
    assert found.rows.drop("dataset").rows() == [(table, field, "climate", later(days=2), 0.975, 0.0)]
    assert f"field={field} dataset=videos search=climate since_at=2026-11-07" in found.summary


@pytest.mark.parametrize(
    "filled",
    [
        [100, 100, 60, 90],  # it varies
        [10, 10, 0, 0],  # too rare to say: twenty were to be expected
        [0, 0, 100, 100],  # it began
    ],
)
def test_a_field_that_varies_is_not_reported(landing: Path, writer_file: Path, filled: list[int]) -> None:
    """A rare field, a field that is filled somewhat less and a new field are not drift."""
    load_days(writer_file, landing, *(day(n * 1000, filled=some) for n, some in enumerate(filled)))
    assert result(writer_file, "fields_stay_filled").passed


def load_months(writer_file: Path, landing: Path, *months: tuple[int, int]) -> None:
    """Load 200 videos for the first of each month, fetched on successive days; so many have the field."""
    files = [
        land(
            landing,
            [page(*day(n * 1000, filled=filled), fetched_at=later(days=n), **_first_of(month))],
            load_id=f"videos/climate/ffffffff/{n}.look-1",
        )
        for n, (month, filled) in enumerate(months)
    ]
    load(writer_file, files)


def _first_of(month: int) -> dict[str, date]:
    return dict.fromkeys(("window_from", "window_to"), date(2026, month, 1))


def test_a_backfill_of_days_before_a_field_is_not_drift(landing: Path, writer_file: Path) -> None:
    """Videos posted before the field existed lack it, whenever they are collected."""
    load_months(writer_file, landing, (8, 200), (9, 200), (1, 0), (2, 0), (3, 0))
    assert result(writer_file, "fields_stay_filled").passed


@pytest.mark.parametrize("backfilled", [0, 200])
def test_a_backfill_hides_no_drift(landing: Path, writer_file: Path, backfilled: int) -> None:
    """Shares and instant are computed from the loads that move forward, not from a backfill of earlier days."""
    load_months(writer_file, landing, (8, 180), *((month, backfilled) for month in range(1, 7)), (9, 0), (10, 0))
    found = result(writer_file, "fields_stay_filled").rows
    assert found.rows() == [("core.videos", "voice_to_text", "videos", "climate", later(days=7), 0.9, 0.0)]


def test_refused_profiles_are_not_empty_profiles(landing: Path, writer_file: Path) -> None:
    """Refused accounts are not drift; a field that became empty in profiles is."""
    names = [f"user_{number}" for number in range(200)]
    shown = [user_page(name) for name in names]
    silent = [user_page(name, {"is_verified": False}, fetched_at=later(days=1)) for name in names]
    load(writer_file, [land(landing, shown, load_id="users/2026-11-05/run-1")])
    assert result(writer_file, "fields_stay_filled").passed
    load(writer_file, [land(landing, silent, load_id="users/2026-11-06/run-2")])
    found = result(writer_file, "fields_stay_filled").rows
    assert set(found["table_name"]) == {"core.user_snapshots"}
    assert "follower_count" in found["field"].to_list()


def test_an_unknown_field_is_reported_with_its_first_instant(writer_file: Path) -> None:
    """An unknown key has one row, however many pages have it; known keys have none."""
    row = {"dataset": "videos", "first_seen_at": MORNING, "last_seen_at": later(days=9)}
    rows = [row | {"field": "mood", "is_known": False}, row | {"field": "id", "is_known": True}]
    assert result(writer_file, "fields_are_known").passed
    found = result(writer_file, "fields_are_known", fields=pl.DataFrame(rows, schema=TABLES["ops.fields"].frame_schema))
    assert (found.severity, found.rows.rows()) == (Severity.WARNING, [("videos", "mood", MORNING)])


@pytest.mark.parametrize(
    ("counts", "reported"),
    [
        ({3: 4}, [(3, 4, 25.0)]),
        ({3: 5}, []),
        ({3: 125}, []),
        ({3: 126}, [(3, 126, 25.0)]),
        ({3: 0}, []),  # reported by no_sudden_silence
    ],
)
def test_a_day_with_an_unusual_number_is_reported(
    writer_file: Path, counts: dict[int, int], reported: list[tuple[int, int, float]]
) -> None:
    """Less than a fifth or more than five times the usual number, for a search that finds 20 a day or more."""
    records = {date(2026, 10, day): many for day, many in (dict.fromkeys(range(1, 9), 25) | counts).items()}
    days = coverage(*((day, "complete") for day in records), records=records)
    found = result(writer_file, "counts_are_usual", search_coverage=days)
    assert found.rows.rows() == [("climate", date(2026, 10, number), many, usual) for number, many, usual in reported]


def test_rows_about_a_video_that_is_not_there_are_found(landing: Path, writer_file: Path) -> None:
    """The check names each table, the number of rows and the first id."""
    carrying: dict[str, Any] = {
        "hashtag_names": ["diy"],
        "effect_ids": ["63960564"],
        "video_mention_list": ["lena"],
        "sticker_info_list": [{"sticker_id": "0", "sticker_name": "Ende"}],
    }
    edited = page(video(1, video_description="Hotel"), fetched_at=later(days=1))
    pages = [page(video(1, **carrying), video(2)), edited]
    comments = land(landing, [comment_page(comment(1))], load_id="comments/2026-10-02/run-1")
    load(writer_file, [land(landing, pages), comments, *lists_of_accounts(landing)])
    assert result(writer_file, "no_row_is_orphaned").passed
    with Writer(writer_file, CLOCK) as writer:
        writer.connection.execute("delete from core.videos")
        writer.connection.execute("delete from core.comments")
    of_video_1 = ("video_effects", "video_hashtags", "video_mentions", "video_stickers", "video_versions")
    found = result(writer_file, "no_row_is_orphaned").rows
    assert found.rows() == [
        ("core.comment_snapshots", 1, comment(1)["id"]),
        ("core.listed_video_snapshots", 3, snowflake(1)),
        ("core.search_hits", 2, snowflake(1)),
        *((f"core.{table}", 1, snowflake(1)) for table in of_video_1[:3]),
        ("core.video_snapshots", 5, snowflake(1)),
        *((f"core.{table}", 1, snowflake(1)) for table in of_video_1[3:]),
    ]
