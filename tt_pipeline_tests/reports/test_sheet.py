"""Coding sheets are drawn at random, are the same for the same seed, and have the chance of every row."""

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.errors import UsageError
from tt_pipeline.reports.exports.sheet import Sheet, draw, export_sheet, shared_out
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.vocabulary import ExportFormat
from tt_pipeline.warehouse.published import open_published, query_file
from tt_pipeline_tests.warehouse.builders import CLOCK, snowflake

SHAPE = Shape(format=ExportFormat.CSV, created=CLOCK.now(), for_excel=True)


def sheet_of(published: Path, folder: Path, sheet: Sheet) -> list[dict[str, str]]:
    """The rows of a sheet."""
    export_sheet(published, sheet, folder, SHAPE)
    with (folder / "coding_sheet.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_sheet_has_links_empty_columns_and_chances(published: Path, tmp_path: Path) -> None:
    """Each row has a link, empty columns to code and a weight; ids survive Excel."""
    rows = sheet_of(published, tmp_path / "s", Sheet(size=10, by="search", seed=1))
    assert list(rows[0]) == [
        *("url", "video_id", "search", "day", "description", "code_1", "code_2", "note"),
        *("stratum", "stratum_size", "inclusion_probability"),
    ]
    # 42 videos are of climate alone or bees too, 20 of bees; those of both count for bees, which found fewer.
    assert Counter((row["stratum"], row["stratum_size"], row["inclusion_probability"]) for row in rows) == {
        ("bees", "20", "0.25"): 5,
        ("climate", "32", "0.15625"): 5,
    }
    for row in rows:
        video_id = row["video_id"].removeprefix("'")
        assert row["video_id"] == f"'{video_id}"
        assert row["url"].startswith("https://www.tiktok.com/@")
        assert row["url"].endswith(f"/video/{video_id}")
        assert (row["code_1"], row["code_2"], row["note"]) == ("", "", "")


def test_every_column_of_a_sheet_is_explained(published: Path, tmp_path: Path) -> None:
    """The coder's columns are explained as empty, and no meaning is taken from a table because of a name."""
    (row, *_) = sheet_of(published, tmp_path / "s", Sheet(size=10, by="search"))
    with (tmp_path / "s" / "data-dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        meaning_of = {line["column"]: line["meaning"] for line in csv.DictReader(file)}
    assert list(meaning_of) == list(row)
    assert all(meaning_of.values())
    assert meaning_of["note"] == "Empty, for your notes on the video."
    assert meaning_of["stratum"].startswith("The search, or the value of the --by column")


def test_the_same_seed_draws_the_same_sheet(published: Path, tmp_path: Path) -> None:
    """One seed gives the same bytes twice; another seed gives other videos."""
    one, two, other = (
        (sheet_of(published, tmp_path / name, Sheet(size=12, by="search", seed=seed)))
        for name, seed in (("one", 1), ("two", 1), ("other", 2))
    )
    assert one == two
    assert {row["video_id"] for row in one} != {row["video_id"] for row in other}


def test_a_sheet_does_not_depend_on_the_software(published: Path) -> None:
    """The draw is the sha256 of seed and id, which anybody can compute again."""
    found = query_file(published, "select distinct video_id::varchar as id from core.search_hits")["id"]
    expected = sorted(found, key=lambda video_id: hashlib.sha256(f"1:{video_id}".encode()).hexdigest())[:3]
    with open_published(published) as connection:
        drawn = draw(connection, Sheet(size=3, seed=1))
    assert drawn["video_id"].to_list() == expected


@pytest.mark.slow
def test_every_video_is_drawn_as_often_as_its_chance_says(published: Path) -> None:
    """Over 400 seeds the weighted number of videos is the true number, and every video is drawn."""
    drawn: Counter[str] = Counter()
    estimates = []
    with open_published(published) as connection:
        for seed in range(400):
            sheet = draw(connection, Sheet(size=10, by="search", seed=seed))
            drawn.update(sheet["video_id"])
            estimates.append(sum(1 / chance for chance in sheet["inclusion_probability"]))
    assert len(drawn) == 52
    assert min(drawn.values()) > 30  # 400 × 0.156 = 62 are expected of the rarest
    assert estimates == pytest.approx([52] * 400)


def test_a_sheet_may_be_larger_than_the_number_of_videos(published: Path, tmp_path: Path) -> None:
    """The sheet then has every video that a search found, once and with chance 1."""
    rows = sheet_of(published, tmp_path / "all", Sheet(size=500))
    found = query_file(published, "select count(distinct video_id) as n from core.search_hits")["n"][0]
    assert (len(rows), {row["inclusion_probability"] for row in rows}) == (found, {"1.0"})


def test_a_column_of_videos_may_make_the_strata(published: Path, tmp_path: Path) -> None:
    """Each day gives as many videos; NULL in the column is a stratum too."""
    rows = sheet_of(published, tmp_path / "d", Sheet(size=9, by="created_date"))
    assert Counter(row["stratum"] for row in rows) == {"2026-10-02": 4, "2026-10-03": 5}
    rows = sheet_of(published, tmp_path / "p", Sheet(size=9, by="playlist_id"))
    assert Counter((row["stratum"], row["stratum_size"]) for row in rows) == {("", "52"): 9}


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (Sheet(size=5, by="username"), "--by username makes 5. groups, more than the 5 videos of --sample"),
        (Sheet(size=5, by="colour"), "--by 'colour' is not a column of marts.videos; use search, or one of video_id"),
    ],
)
def test_a_sheet_that_cannot_be_drawn_says_why(published: Path, tmp_path: Path, sheet: Sheet, message: str) -> None:
    """The message has the reason, and nothing is written."""
    with pytest.raises(UsageError, match=message):
        export_sheet(published, sheet, tmp_path / "x", SHAPE)
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8).map(sorted), st.integers(0, 200))
def test_shares_add_up(strata: list[int], more: int) -> None:
    """Every stratum gives at least one and at most all; the sum is the requested number, or all there are."""
    size = len(strata) + more
    shares = shared_out(size, strata)
    assert sum(shares) == min(size, sum(strata))
    assert all(0 < share <= stratum for share, stratum in zip(shares, strata, strict=True))


def test_the_id_of_a_sheet_is_the_warehouses(published: Path, tmp_path: Path) -> None:
    """Without its apostrophe the id joins with the warehouse."""
    rows = sheet_of(published, tmp_path / "all", Sheet(size=500))
    assert f"'{snowflake(1)}" in {row["video_id"] for row in rows}
