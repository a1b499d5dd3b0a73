"""Follows, listed videos and playlists are stored for each look."""

from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.vocabulary import Dataset, Refusal, StopReason
from tt_pipeline.warehouse.checks import run_checks
from tt_pipeline.warehouse.load import load_files
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    MORNING,
    NEXT_LOOK,
    contents,
    land,
    later,
    list_page,
    lists_of_accounts,
    load,
    page,
    playlist_page,
    refused_page,
    rows,
    snowflake,
    video,
)
from tt_pipeline_tests.warehouse.comparing import assert_same

FOLLOWERS, FOLLOWING = Dataset.FOLLOWERS, Dataset.FOLLOWING
LISTS = {
    Dataset.LIKED: "user_liked_videos",
    Dataset.PINNED: "pinned_videos_list",
    Dataset.REPOSTED: "user_reposted_videos",
}


def _select(writer_file: Path, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows(writer_file, sql)]


def test_each_look_at_a_list_is_kept(landing: Path, writer_file: Path) -> None:
    """A follow has one direction, whichever list showed it, and a row for each look that showed it."""
    load(writer_file, lists_of_accounts(landing))
    assert _select(writer_file, "select * from core.follows order by seen_in, look, follower") == [
        ("jo", "lena", "followers", 1, MORNING),
        ("kim", "lena", "followers", 1, MORNING),
        ("ada", "lena", "followers", 2, later(days=7)),
        ("kim", "lena", "followers", 2, later(days=7)),
        ("lena", "kim", "following", 1, MORNING),
    ]


def test_a_look_of_two_runs_has_each_follow_once(landing: Path, writer_file: Path) -> None:
    """An account on both pages is one row, observed when the look began; the load counts the duplicate."""
    begun = list_page(FOLLOWERS, "lena", "jo", "kim", "kim", ends=None)
    resumed = list_page(FOLLOWERS, "lena", "kim", "ada", fetched_at=later(days=1))
    files = [
        land(landing, [begun], load_id="followers/2026-11-05/run-1"),
        land(landing, [resumed], load_id="followers/2026-11-05/run-2"),
    ]
    assert load(writer_file, files).duplicates == 1
    assert _select(writer_file, "select follower, observed_at from core.follows order by 1") == [
        (name, MORNING) for name in ("ada", "jo", "kim")
    ]


def test_looks_at_lists_show_arrivals_and_departures(landing: Path, writer_file: Path) -> None:
    """Complete looks are compared; a refused list is not an empty list, and an empty list is an answer."""
    refused = {"dataset": FOLLOWING, "ends": StopReason.REFUSED, "look": 2, "fetched_at": later(days=7)}
    unfinished = list_page(FOLLOWERS, "ada", "jo", look=2, ends=None, fetched_at=later(days=7))
    found = list_page(FOLLOWERS, "ada", "jo", "kim", look=3, fetched_at=later(days=8))
    further = [
        land(landing, [refused_page("lena", Refusal.PRIVATE, **refused)], load_id="following/2026-11-12/run-2"),
        land(landing, [unfinished, found], load_id="followers/2026-11-12/run-3"),
    ]
    load(writer_file, [*lists_of_accounts(landing), *further])
    sql = "select username, list, look, is_complete, refusal, entries, entries_new, entries_vanished"
    assert _select(writer_file, f"{sql} from marts.account_looks order by list, username, look") == [
        ("ada", "followers", 1, True, None, 0, None, None),
        ("ada", "followers", 2, False, None, 1, None, None),
        ("ada", "followers", 3, True, None, 2, 2, 0),
        ("lena", "followers", 1, True, None, 2, None, None),
        ("lena", "followers", 2, True, None, 2, 1, 1),
        ("lena", "following", 1, True, None, 1, None, None),
        ("lena", "following", 2, False, "private", 0, None, None),
        ("jo", "liked", 1, True, None, 2, None, None),
        ("eva", "pinned", 1, True, None, 1, None, None),
    ]


@pytest.mark.parametrize("dataset", LISTS)
def test_a_listed_video_is_a_video_and_not_a_hit(landing: Path, writer_file: Path, dataset: Dataset) -> None:
    """It has attributes, counts and hashtags like a video that a search found, and the account that lists it."""
    shown = video(1, hashtag_names=["bees"], view_count=7)
    two = [list_page(dataset, name, body=_of(LISTS[dataset], shown), records=1) for name in ("jo", "kim")]
    report = load(writer_file, [land(landing, two, load_id=f"{dataset}/2026-11-05/run-1")])
    assert (report.failures, report.duplicates, report.strays) == ({}, 0, 0)
    sql = "select video_id, username, view_count, hashtags, searches, lists, observations from marts.videos"
    assert _select(writer_file, sql) == [(str(snowflake(1)), "creator_1", 7, "bees", None, dataset.value, 1)]
    assert _select(writer_file, "select * from core.user_listed_videos order by 1") == [
        (name, dataset.value, snowflake(1), 1, MORNING) for name in ("jo", "kim")
    ]
    assert rows(writer_file, "select * from core.search_hits") == []
    assert rows(writer_file, "select * from marts.daily_volume") == []
    assert rows(writer_file, "select * from marts.hashtag_days") == []


def _of(key: str, *videos: dict[str, Any]) -> str:
    return page(*videos).body.replace('"videos"', f'"{key}"')


def test_a_missing_field_in_a_list_is_not_an_edit(landing: Path, tmp_path: Path) -> None:
    """core.videos keeps the row of a search in any order; only values that a list has differently are a version."""
    found = page(video(1, voice_to_text="hallo", playlist_id=9), fetched_at=later(days=1))
    shown = [
        list_page(Dataset.LIKED, "jo", video(1)),
        list_page(Dataset.LIKED, "kim", video(1, video_description="neu"), fetched_at=later(days=2)),
    ]
    files = [land(landing, [found]), land(landing, shown, load_id="liked/2026-11-05/run-1")]
    for number, order in enumerate((files, files[::-1])):
        writer_file = tmp_path / f"{number}.duckdb"
        for file in order:
            load(writer_file, [file])
        sql = "select description, voice_to_text, playlist_id, first_observed_at from core."
        assert _select(writer_file, f"{sql}videos") == [("Nisthilfe #wildbees", "hallo", 9, later(days=1))]
        assert _select(writer_file, f"{sql}video_versions") == [("neu", None, None, later(days=2))]


def test_a_video_that_only_lists_show_may_be_edited(landing: Path, writer_file: Path) -> None:
    """Its first text is in core.videos, and the later text is a version."""
    for day, words in enumerate(("first", "later")):
        shown = list_page(Dataset.PINNED, "jo", video(1, video_description=words), fetched_at=later(days=day))
        load(writer_file, [land(landing, [shown], load_id=f"pinned/2026-11-0{5 + day}/run-1")])
    assert _select(writer_file, "select description from core.videos") == [("first",)]
    assert _select(writer_file, "select description from core.video_versions") == [("later",)]


def test_a_playlist_has_videos_in_its_order(landing: Path, writer_file: Path) -> None:
    """Places are counted over all pages; a repeated id counts as a duplicate."""
    files = lists_of_accounts(landing)
    again = playlist_page(9, snowflake(8), snowflake(8), look=2, fetched_at=later(days=7))
    report = load(writer_file, [*files, land(landing, [again], load_id="playlists/2026-11-12/run-2")])
    assert (report.failures, report.duplicates) == ({}, 1)
    sql = (
        "select playlist_id, username, name, item_total, epoch(last_updated_at), look, observed_at from core.playlists"
    )
    assert _select(writer_file, sql) == [(9, "lena", "Bienen", 3, 1793628201.0, 2, later(days=7))]
    assert _select(writer_file, "select * from core.playlist_videos order by look, position") == [
        (9, snowflake(1), 1, 1, MORNING),
        (9, snowflake(2), 2, 1, MORNING),
        (9, snowflake(8), 3, 1, MORNING),
        (9, snowflake(8), 1, 2, later(days=7)),
    ]


def test_a_playlist_that_is_refused_or_empty_adds_up(landing: Path, writer_file: Path) -> None:
    """An empty playlist has a row without videos; a refused one has no row."""
    refused: dict[str, Any] = {"dataset": Dataset.PLAYLISTS, "request": {"playlist_id": 8}, "fetched_at": later(days=1)}
    pages = [playlist_page(9), refused_page("lena", **refused)]
    report = load(writer_file, [land(landing, pages, load_id="playlists/2026-11-05/run-1")])
    assert report.rows == {"core.playlist_snapshots": 1, "core.playlist_video_snapshots": 0}


@pytest.mark.slow
def test_lists_in_any_order_and_any_number_of_times_give_the_same_tables(landing: Path, tmp_path: Path) -> None:
    """Loading files singly, backwards and twice gives the rows of loading them together."""
    found = land(landing, [page(video(1, voice_to_text="a"), video(5, username="eva"), fetched_at=later(days=1))])
    edited = land(landing, [page(video(1, voice_to_text="b"), fetched_at=later(days=3))], load_id=NEXT_LOOK)
    files = [*lists_of_accounts(landing), found, edited]
    expected, actual = tmp_path / "expected.duckdb", tmp_path / "actual.duckdb"
    load(expected, files)
    for file in files[::-1]:
        load(actual, [file])
    for file in files:
        with Writer(actual, CLOCK) as writer:
            load_files(writer, [file])
    assert_same(contents(expected), contents(actual))
    with Writer(actual, CLOCK) as writer:
        assert [check.name for check in run_checks(writer) if not check.passed] == []


def test_a_purged_account_leaves_no_row(landing: Path, writer_file: Path) -> None:
    """A page cut by a purge has no owner and gives no row; rows of other accounts stay."""
    files = lists_of_accounts(landing)
    load(writer_file, files)
    cut = list_page(FOLLOWERS, "lena", records=0, redacted=2, body="{}", subject=None)
    with Writer(writer_file, CLOCK) as writer:
        load_files(writer, [land(landing, [cut], load_id="followers/2026-11-05/run-1")])
    assert _select(writer_file, "select follower, look from core.follows where seen_in = 'followers' order by 1") == [
        ("ada", 2),
        ("kim", 2),
    ]


def test_an_account_with_several_lists_is_one_creator(landing: Path, writer_file: Path) -> None:
    """The coverage of several lists does not repeat the account in marts.creators."""
    load(writer_file, [land(landing, [page(video(1))])])
    with Writer(writer_file, CLOCK) as writer:
        for list_name in ("profile", "followers", "liked"):
            values = ["creator_1", list_name, f"{list_name} status", 1, 1, None]
            writer.connection.execute("insert into ops.account_coverage values (?, ?, ?, ?, ?, ?)", values)
    assert _select(writer_file, "select username, profile_status from marts.creators") == [
        ("creator_1", "profile status")
    ]
