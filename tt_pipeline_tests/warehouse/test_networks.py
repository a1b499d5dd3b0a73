"""Marts of hashtags, sounds, effects, reposts and follows return the answers that were computed by hand."""

from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline_tests.warehouse.builders import (
    MORNING,
    OCTOBER,
    land,
    later,
    list_page,
    lists_of_accounts,
    load,
    page,
    rows,
    video,
)

DAY = OCTOBER.date()


def _values(writer_file: Path, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(writer_file, sql)]


def test_lift_is_how_much_oftener_than_by_chance(landing: Path, writer_file: Path) -> None:
    """Of 4 videos 3 have bees, 2 garden, 2 both: 2 × 4 / (3 × 2). Spelling and repetition do not count."""
    tags = [["Bees", "bees", "garden"], ["BEES", "Garden", "once"], ["bees", "wax"], []]
    videos = [video(number, hashtag_names=names) for number, names in enumerate(tags)]
    listed = land(
        landing, [list_page(Dataset.LIKED, "jo", video(9, hashtag_names=["bees", "garden"]))], load_id="liked/1"
    )
    load(writer_file, [land(landing, [page(*videos)]), listed])
    assert _values(writer_file, "select * from marts.hashtag_pairs") == [
        ("bees", "garden", 2, 3, 2, pytest.approx(4 / 3))
    ]


def test_hashtags_that_meet_by_chance_have_lift_one(landing: Path, writer_file: Path) -> None:
    """Of 8 videos each tag is on 4 and both are on 2: lift 1."""
    tags = [["a", "b"], ["a", "b"], ["a"], ["a"], ["b"], ["b"], [], []]
    load(
        writer_file, [land(landing, [page(*(video(number, hashtag_names=names) for number, names in enumerate(tags)))])]
    )
    assert _values(writer_file, "select videos, lift from marts.hashtag_pairs") == [(2, 1.0)]


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
