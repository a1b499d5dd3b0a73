"""Marts of hashtags, sounds, effects, reposts and follows return the answers that were computed by hand."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    MORNING,
    OCTOBER,
    Landed,
    land,
    later,
    list_page,
    lists_of_accounts,
    load,
    page,
    rows,
    video,
)
from tt_pipeline_tests.warehouse.ops_builders import searches

DAY = OCTOBER.date()


def _values(writer_file: Path, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(writer_file, sql)]


def _tagged(landing: Path, *tags: list[str], start: int = 0, **override: Any) -> Landed:
    videos = [video(start + number, hashtag_names=names) for number, names in enumerate(tags)]
    search = override.get("search", "climate")
    return land(landing, [page(*videos, **override)], load_id=f"videos/{search}/f/w.look-1")


def test_lift_is_how_much_oftener_than_by_chance(landing: Path, writer_file: Path) -> None:
    """Of 20 videos 10 have bees, 8 garden, 5 both: 5 × 20 / (10 × 8). Spelling and repetition do not count."""
    tags = [*[["Bees", "bees", "Garden"]] * 5, *[["BEES", "once"]] * 5, *[["garden", "wax"]] * 3, *[["x"]] * 7]
    listed = list_page(Dataset.LIKED, "jo", video(99, hashtag_names=["bees", "garden"]))
    load(writer_file, [_tagged(landing, *tags), land(landing, [listed], load_id="liked/1")])
    columns = "hashtag, other_hashtag, videos, hashtag_videos, other_videos, search_videos, lift, npmi, is_requested"
    sql = f"select {columns} from marts.hashtag_pairs where hashtag = 'bees' and other_hashtag = 'garden'"
    npmi = math.log(1.25) / -math.log(0.25)
    assert _values(writer_file, sql) == [
        ("bees", "garden", 5, 10, 8, 20, pytest.approx(1.25), pytest.approx(npmi), False)
    ]


def test_hashtags_that_meet_by_chance_have_lift_one(landing: Path, writer_file: Path) -> None:
    """Of 20 videos each tag is on 10 and both are on 5: lift 1, and nothing speaks against chance."""
    load(writer_file, [_tagged(landing, *[["a", "b"]] * 5, *[["a"]] * 5, *[["b"]] * 5, *[[]] * 5)])
    found = _values(writer_file, "select videos, lift, npmi, log_likelihood from marts.hashtag_pairs")
    assert found == [(5, 1.0, 0.0, pytest.approx(0))]


def test_a_hashtag_with_a_keyword_of_the_query_is_requested(landing: Path, writer_file: Path) -> None:
    """The keyword klima finds #klimaschutz, which is then on more videos than elsewhere; words are joined."""
    load(writer_file, [_tagged(landing, *[["klimaschutz", "bahn", "klimastreik", "heute"]] * 5)])
    with Writer(writer_file, CLOCK) as writer:
        query = {"or": [{"operation": "IN", "field_name": "keyword", "field_values": ["Klima Streik", "schutz"]}]}
        writer.replace("ops.searches", searches({"search": "climate", "query": json.dumps(query)}))
    sql = "select hashtag, other_hashtag, is_requested, is_current from marts.hashtag_pairs order by all"
    assert _values(writer_file, sql) == [
        ("bahn", "heute", False, True),
        ("bahn", "klimaschutz", True, True),
        ("bahn", "klimastreik", True, True),
        ("heute", "klimaschutz", True, True),
        ("heute", "klimastreik", True, True),
        ("klimaschutz", "klimastreik", True, True),
    ]


def test_pairs_are_counted_within_a_search(landing: Path, writer_file: Path) -> None:
    """Pooled with another search, two hashtags that all videos of a search have would have a lift of 4."""
    of_climate = _tagged(landing, *[["a", "b"]] * 20)
    other = _tagged(landing, *[["z"]] * 60, start=100, search="bees", fingerprint="e" * 64)
    load(writer_file, [of_climate, other])
    with Writer(writer_file, CLOCK) as writer:
        query = {"or": [{"operation": "IN", "field_name": "hashtag_name", "field_values": ["A"]}]}
        writer.replace("ops.searches", searches({"search": "climate", "query": json.dumps(query)}))
    columns = "search, hashtag, other_hashtag, search_videos, lift, is_requested"
    assert _values(writer_file, f"select {columns} from marts.hashtag_pairs") == [("climate", "a", "b", 20, 1.0, True)]


def test_sounds_are_counted_with_their_latest_views(landing: Path, writer_file: Path) -> None:
    """Different videos and creators are counted; a video without sound is not."""
    first = page(
        video(1, music_id=7),
        video(2, music_id=7, username="creator_1"),
        video(3, music_id=2**62),
        video(4, music_id=None),
    )
    second = page(video(1, music_id=7, view_count=300), fetched_at=later(days=9), look=2)
    load(writer_file, [land(landing, [first]), land(landing, [second], load_id="videos/climate/f/w.look-2")])
    assert _values(writer_file, "select * from marts.music order by videos desc") == [
        ("7", 2, 1, DAY, DAY, 400),
        (str(2**62), 1, 1, DAY, DAY, 100),
    ]


def test_effects_are_counted_by_id(landing: Path, writer_file: Path) -> None:
    """An effect has the name that it was first seen with, or NULL."""
    named: dict[str, Any] = {
        "effect_info_list": [{"effect_id": "31", "effect_name": "Glow"}],
        "effect_ids": ["31", "32"],
    }
    load(writer_file, [land(landing, [page(video(1, **named), video(2, effect_ids=["31"]))])])
    assert _values(
        writer_file, "select effect_id, effect_name, videos, creators, view_count from marts.effects order by 1"
    ) == [
        ("31", "Glow", 2, 2, 200),
        ("32", None, 1, 1, 100),
    ]


def test_reposts_are_edges_between_accounts(landing: Path, writer_file: Path) -> None:
    """A video seen in two looks counts once, and liked videos are not reposts."""
    theirs = [video(number, username="eva") for number in (1, 2)]
    files = [
        land(landing, [list_page(Dataset.REPOSTED, "jo", *theirs, video(3))], load_id="reposted/1"),
        land(
            landing,
            [list_page(Dataset.REPOSTED, "jo", theirs[0], look=2, fetched_at=later(days=7))],
            load_id="reposted/2",
        ),
        land(landing, [list_page(Dataset.LIKED, "jo", video(4))], load_id="liked/1"),
    ]
    load(writer_file, files)
    assert _values(writer_file, "select * from marts.repost_edges order by videos desc") == [
        ("jo", "eva", 2, MORNING, later(days=7)),
        ("jo", "creator_3", 1, MORNING, MORNING),
    ]


def test_follows_are_edges_with_their_time(landing: Path, writer_file: Path) -> None:
    """Jo left lena's followers; kim and lena follow each other; ada is new in the second look."""
    load(writer_file, lists_of_accounts(landing))
    assert _values(writer_file, "select * from marts.follow_edges order by follower, followed") == [
        ("ada", "lena", "followers", True, False, later(days=7), later(days=7)),
        ("jo", "lena", "followers", False, False, MORNING, MORNING),
        ("kim", "lena", "followers", True, True, MORNING, later(days=7)),
        ("lena", "kim", "following", True, True, MORNING, MORNING),
    ]


def test_an_unfinished_look_ends_no_follow(landing: Path, writer_file: Path) -> None:
    """Only a complete look shows that somebody left."""
    looks = [
        list_page(Dataset.FOLLOWERS, "lena", "jo", "kim"),
        list_page(Dataset.FOLLOWERS, "lena", "kim", look=2, fetched_at=later(days=7), ends=StopReason.LIST_CAP),
    ]
    load(writer_file, [land(landing, [look], load_id=f"followers/{look.look}") for look in looks])
    assert _values(writer_file, "select follower, is_current from marts.follow_edges order by 1") == [
        ("jo", True),
        ("kim", True),
    ]


def test_videos_that_do_not_fit_are_in_no_pair(landing: Path, writer_file: Path) -> None:
    """A loose keyword match would make a pair of what the search did not ask for."""
    german = {"query": {"and": [{"field_name": "region_code", "operation": "EQ", "field_values": ["DE"]}]}}
    fitting = [video(number, region_code="DE", hashtag_names=["bees", "wax"]) for number in range(6)]
    foreign = [video(number, region_code="FR", hashtag_names=["packing", "travel"]) for number in range(6, 12)]
    load(writer_file, [land(landing, [page(*fitting, *foreign, request=german)])])
    found = rows(writer_file, "select hashtag, other_hashtag, videos, search_videos from marts.hashtag_pairs")
    assert [tuple(row.values()) for row in found] == [("bees", "wax", 6, 6)]
