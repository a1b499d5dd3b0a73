"""What the attrition report says of each id of a list."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tt_pipeline.reports import attrition, write_attrition
from tt_pipeline.tombstones import DeletionReason, Kind, Tombstones
from tt_pipeline.vocabulary import VideoId

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def video(month: int, number: int) -> VideoId:
    """The id of a video of a month of 2026."""
    return VideoId((int(datetime(2026, month, 1, tzinfo=UTC).timestamp()) << 32) + number)


FOUND, MISSING, OPEN, HIDDEN = (video(9, number) for number in range(1, 5))
GONE, BACK, TAKEN_DOWN, FORGOTTEN, UNKNOWN = (video(10, number) for number in range(5, 10))
EVERY = (FOUND, MISSING, OPEN, HIDDEN, GONE, BACK, TAKEN_DOWN, FORGOTTEN, UNKNOWN)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A published file with the two tables that the report reads."""
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute("create schema marts; create schema core")
        connection.execute("create table marts.asked_ids (video_id varchar, is_shown boolean)")
        rows = ((FOUND, True), (FOUND, False), (MISSING, False), (OPEN, None), (HIDDEN, False))
        connection.executemany(
            "insert into marts.asked_ids values (?, ?)", [(str(each), shown) for each, shown in rows]
        )
        connection.execute("create table core.videos (video_id bigint)")
        connection.executemany("insert into core.videos values (?)", [(FOUND,), (BACK,)])
    return file


@pytest.fixture
def tombstones(tmp_path: Path) -> Tombstones:
    """What was deleted here."""
    stones = Tombstones.of(tmp_path / "internal")
    stones.add({Kind.VIDEO: [GONE, BACK]}, DeletionReason.GONE, NOW)
    stones.add({Kind.VIDEO: [TAKEN_DOWN, FORGOTTEN]}, DeletionReason.TAKEDOWN, NOW)
    stones.forget({Kind.VIDEO: [FORGOTTEN]}, NOW)
    return stones


def row(month: str, **numbers: float | None) -> dict[str, object]:
    """A row of the report; what is not named is 0."""
    names = ("listed", "asked", "found", "missing", "share_missing", "not_asked", "hidden", "deleted_on_request")
    return {"month": month, **{name: numbers.get(name, 0) for name in names}}


def test_each_id_is_counted_once_in_its_month(published: Path, tombstones: Tombstones) -> None:
    """An id of two searches is found if one shows it; what came back is found, what is hidden neither."""
    rows = attrition(published, EVERY, tombstones, landed={FOUND, HIDDEN, BACK})

    assert rows.to_dicts() == [
        row("2026-09", listed=4, asked=2, found=1, missing=1, share_missing=0.5, not_asked=1, hidden=1),
        row("2026-10", listed=5, asked=2, found=1, missing=1, share_missing=0.5, not_asked=2, deleted_on_request=1),
        row(
            "total",
            listed=9,
            asked=4,
            found=2,
            missing=2,
            share_missing=0.5,
            not_asked=3,
            hidden=1,
            deleted_on_request=1,
        ),
    ]


def test_before_a_publication_nothing_was_asked(tmp_path: Path) -> None:
    """The share is NULL and not 0."""
    rows = attrition(tmp_path / "none.duckdb", [FOUND], Tombstones.of(tmp_path))

    assert rows.row(0, named=True) == row("2026-09", listed=1, share_missing=None, not_asked=1)


def test_the_file_has_every_column(published: Path, tombstones: Tombstones, tmp_path: Path) -> None:
    """It is read again as it was."""
    rows = attrition(published, EVERY, tombstones, landed={HIDDEN})
    write_attrition(rows, tmp_path / "report.csv")

    assert pl.read_csv(tmp_path / "report.csv", schema=rows.schema).equals(rows)
