"""For any JSON in an answer, every record is loaded, counted as a duplicate, or rejected with a reason."""

import tempfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tt_pipeline.codebook.fields import COMMENT_FIELDS, USER_FIELDS, VIDEO_FIELDS
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.audit import load_rows, rejections
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.parse import read_pages
from tt_pipeline.warehouse.shape import SHAPES
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    body,
    comment_page,
    land,
    later,
    list_page,
    page,
    playlist_page,
    user_page,
)

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
IDS = st.integers(1, 4) | ANY_JSON


def _record(fields: tuple[str, ...]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"id": IDS}, optional=dict.fromkeys(fields[1:], ANY_JSON)) | ANY_JSON


def _rows_of(dataset: Dataset, pages: list[Any]) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Read and shape pages as the loader does, without a database."""
    with tempfile.TemporaryDirectory() as folder:
        read = read_pages([land(Path(folder), pages)], Path(folder))
    shaped = SHAPES[dataset](read.lazy())
    frames = pl.collect_all([*shaped.tables.values(), shaped.tally, shaped.unusable])
    rejected = rejections(read, frames[-1])
    sums = load_rows(read, tally=frames[-2], rejected=rejected, loaded_at=CLOCK.now(), made_by="test")
    return dict(zip(shaped.tables, frames, strict=False)), sums.row(0, named=True)


def _assert_conserved(tables: dict[str, pl.DataFrame], sums: dict[str, Any]) -> None:
    assert sums["records_in"] == sums["rows_loaded"] + sums["duplicates"] + sums["rejected"]
    for name, frame in tables.items():
        table = TABLES[name]
        needed = [column.name for column in table.columns if not column.missing]
        assert frame.schema == table.frame_schema
        assert frame.select(pl.col(*needed).null_count()).row(0) == (0,) * len(needed)


@given(pages=st.lists(st.lists(_record(VIDEO_FIELDS), max_size=4), min_size=1, max_size=3))
def test_no_video_vanishes(pages: list[list[Any]]) -> None:
    """Each record of a page of videos is accounted for, and every row is whole."""
    landed = [
        page(records=len(found), body=body(videos=found), fetched_at=later(seconds=n)) for n, found in enumerate(pages)
    ]
    tables, sums = _rows_of(Dataset.VIDEOS, landed)
    _assert_conserved(tables, sums)
    assert tables["core.video_snapshots"].height == sums["rows_loaded"]


@given(pages=st.lists(st.lists(_record(COMMENT_FIELDS), max_size=4), min_size=1, max_size=3))
def test_no_comment_vanishes(pages: list[list[Any]]) -> None:
    """Each record of a page of comments is accounted for, and every row is whole."""
    landed = [
        comment_page(records=len(found), body=body(comments=found), fetched_at=later(seconds=n))
        for n, found in enumerate(pages)
    ]
    tables, sums = _rows_of(Dataset.COMMENTS, landed)
    _assert_conserved(tables, sums)
    assert tables["core.comment_snapshots"].height == sums["rows_loaded"]


@pytest.mark.slow
@given(shown=st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(USER_FIELDS, ANY_JSON)), min_size=1, max_size=3))
def test_no_profile_vanishes(shown: list[dict[str, Any]]) -> None:
    """Each profile is accounted for, and every row is whole."""
    landed = [user_page(f"user_{n}", profile, body=body(**profile)) for n, profile in enumerate(shown)]
    tables, sums = _rows_of(Dataset.USERS, landed)
    _assert_conserved(tables, sums)
    assert tables["core.user_snapshots"].height == sums["rows_loaded"]


@given(
    key=st.sampled_from(
        ["user_liked_videos", "pinned_videos_list", "user_reposted_videos", "reposted_videos", "videos"]
    ),
    pages=st.lists(st.lists(_record(VIDEO_FIELDS), max_size=4), min_size=1, max_size=3),
)
def test_no_listed_video_vanishes(key: str, pages: list[list[Any]]) -> None:
    """Each record of a list of videos is accounted for under every name that was seen for the list."""
    dataset = {"user_liked_videos": Dataset.LIKED, "pinned_videos_list": Dataset.PINNED}.get(key, Dataset.REPOSTED)
    landed = [
        list_page(dataset, f"user_{n % 2}", records=len(found), body=body(**{key: found}), fetched_at=later(seconds=n))
        for n, found in enumerate(pages)
    ]
    tables, sums = _rows_of(dataset, landed)
    _assert_conserved(tables, sums)
    assert tables["core.listed_video_snapshots"].height == sums["rows_loaded"]


@pytest.mark.slow
@given(
    key=st.sampled_from(["user_following", "user_followers"]),
    pages=st.lists(st.lists(_record(("id", "username", "display_name")), max_size=4), min_size=1, max_size=3),
)
def test_no_follow_vanishes(key: str, pages: list[list[Any]]) -> None:
    """Each record of a list of accounts is accounted for, and every row is whole."""
    landed = [
        list_page(Dataset.FOLLOWING, "lena", records=len(found), body=body(**{key: found}), fetched_at=later(seconds=n))
        for n, found in enumerate(pages)
    ]
    tables, sums = _rows_of(Dataset.FOLLOWING, landed)
    _assert_conserved(tables, sums)
    assert tables["core.follow_snapshots"].height == sums["rows_loaded"]


@pytest.mark.slow
@given(
    pages=st.lists(st.lists(IDS, max_size=4), min_size=1, max_size=3),
    fields=st.dictionaries(st.sampled_from(["playlist_id", "playlist_name", "playlist_item_total"]), ANY_JSON),
)
def test_no_place_in_a_playlist_vanishes(pages: list[list[Any]], fields: dict[str, Any]) -> None:
    """Each id of a playlist is accounted for, whatever the other fields of the answer are."""
    landed = [
        playlist_page(7, records=len(ids), body=body(**fields, playlist_video_ids=ids), fetched_at=later(seconds=n))
        for n, ids in enumerate(pages)
    ]
    tables, sums = _rows_of(Dataset.PLAYLISTS, landed)
    _assert_conserved(tables, sums)
    assert tables["core.playlist_video_snapshots"].height == sums["rows_loaded"]
