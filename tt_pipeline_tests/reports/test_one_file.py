"""The rows of one command in one file: ids are text in every format."""

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tt_pipeline.errors import UsageError
from tt_pipeline.reports import check_rows_file, write_rows

ID = 7302470379501604128
ROWS = pl.DataFrame(
    {
        "id": [ID],
        "create_time": [datetime(2023, 11, 17, 17, 50, 24, tzinfo=UTC)],
        "text": ["=1+1"],
        "like_count": [2],
        "effect_ids": [[ID, 1]],
        "tags": [[{"hashtag_id": ID, "hashtag_name": "x"}]],
    }
)


def test_json_lines_have_exact_ids_as_text(tmp_path: Path) -> None:
    """A line is a row; lists and objects stay what they are."""
    file = tmp_path / "rows.jsonl"
    write_rows(ROWS, file)

    (row,) = map(json.loads, file.read_text().splitlines())
    assert row == {
        "id": str(ID),
        "create_time": "2023-11-17T17:50:24Z",
        "text": "=1+1",
        "like_count": 2,
        "effect_ids": [str(ID), "1"],
        "tags": [{"hashtag_id": str(ID), "hashtag_name": "x"}],
    }


def test_csv_is_what_an_export_writes(tmp_path: Path) -> None:
    """Ids are not rounded, a formula is neutral, and lists are one text."""
    file = tmp_path / "rows.csv"
    write_rows(ROWS, file)

    row = pl.read_csv(file, infer_schema=False).row(0, named=True)
    tags = json.dumps([{"hashtag_id": str(ID), "hashtag_name": "x"}])
    assert (row["id"], row["text"], row["effect_ids"], row["tags"]) == (str(ID), "'=1+1", f"{ID}; 1", tags)
    assert row["create_time"].startswith("2023-11-17T17:50:24")


def test_parquet_has_ids_as_text(tmp_path: Path) -> None:
    """R rounds 64-bit integers, so ids are text here too."""
    file = tmp_path / "rows.parquet"
    write_rows(ROWS, file)

    row = pl.read_parquet(file).row(0, named=True)
    assert (row["id"], row["effect_ids"], row["like_count"]) == (str(ID), [str(ID), "1"], 2)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    """The same command can be repeated; no unfinished file is left."""
    file = tmp_path / "rows.jsonl"
    for _ in range(2):
        write_rows(ROWS, file)

    assert (len(file.read_text().splitlines()), list(tmp_path.iterdir())) == (1, [file])


@pytest.mark.parametrize("name", ["rows", "rows.xlsx", "missing/rows.csv", "folder.csv"])
def test_a_file_that_cannot_be_written_is_named_before(tmp_path: Path, name: str) -> None:
    """An unknown suffix, a missing folder and a folder are mistakes before anything is sent."""
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UsageError, match=name):
        check_rows_file(tmp_path / name)
