"""Marts return the answers that were computed by hand."""

import json
import re
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tt_pipeline.landing import Envelope
from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.marts import statements
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    MORNING,
    NEXT_LOOK,
    OCTOBER,
    Landed,
    comment,
    comment_page,
    coverage,
    land,
    later,
    list_page,
    lists_of_accounts,
    load,
    page,
    profile,
    refused_page,
    rows,
    snowflake,
    user_page,
    video,
)
from tt_pipeline_tests.warehouse.ops_builders import comment_coverage, requests, searches

pytestmark = pytest.mark.newest

THIRD = datetime(2026, 10, 3, 1, tzinfo=UTC)
EXAMPLES = [match for script in statements() for match in re.findall(r"^-- Example: (.+);$", script, re.MULTILINE)]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three videos of two days, two looks at the first, another search, comments with an orphan, two accounts."""
    landing = tmp_path_factory.mktemp("study")
    writer_file = landing / "writer.duckdb"
    tags: dict[str, Any] = {"hashtag_names": ["wildbees", "Diy"]}
    files = [
        land(landing, [page(video(1, **tags), video(2, username="creator_1", like_count=None), video(3, at=THIRD))]),
        land(
            landing,
            [page(video(1, view_count=80, like_count=15), fetched_at=later(days=9), look=2)],
            load_id=NEXT_LOOK,
        ),
        land(landing, [page(video(1), search="bees", fingerprint="e" * 64)], load_id="videos/bees/e/w.look-1"),
        land(
            landing,
            [comment_page(comment(1), comment(2, parent_comment_id=snowflake(1001)), comment(3, parent_comment_id=9))],
            load_id="comments/2026-10-02/run-1",
        ),
        land(
            landing,
            [user_page("creator_1"), refused_page("creator_3"), user_page("lena", profile(display_name="L"))],
            load_id="users/2026-10-02/run-1",
        ),
    ]
    load(writer_file, files)
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.search_coverage", coverage((date(2026, 10, 1), "complete"), (date(2026, 10, 2), "partial")))
        writer.replace("ops.comment_coverage", comment_coverage(snowflake(1), "complete"))
        writer.replace("ops.account_coverage", account_coverage(creator_1="complete", creator_3="not_found"))
        writer.replace("ops.searches", searches({"search": "climate"}, {"search": "bees", "fingerprint": "e" * 64}))
    return writer_file


def account_coverage(**statuses: str) -> pl.DataFrame:
    """Rows of ops.account_coverage."""
    row = {"list": "profile", "observations": 1, "records_held": 1}
    rows = [row | {"username": username, "status": status} for username, status in statuses.items()]
    return pl.DataFrame(rows, schema=TABLES["ops.account_coverage"].frame_schema)


def test_a_video_is_one_row_with_its_latest_counts(study: Path) -> None:
    """Joining searches, hashtags, comments and coverage neither repeats nor drops a video."""
    columns = (
        "video_id, url, view_count, like_count, first_view_count, first_like_count, searches, hashtags, comments_held,"
        " comment_status, observations, first_observed_at, observed_at"
    )
    expected = {
        "video_id": str(snowflake(1)),
        "url": f"https://www.tiktok.com/@/video/{snowflake(1)}",
        "view_count": 80,
        "like_count": 15,
        "first_view_count": 100,
        "first_like_count": 10,
        "searches": "bees, climate",
        "hashtags": "Diy, wildbees",
        "comments_held": 3,
        "comment_status": "complete",
        "observations": 2,
        "first_observed_at": MORNING,
        "observed_at": later(days=9),
    }
    found = rows(study, f"select {columns} from marts.videos order by created_at, video_id")
    assert (len(found), found[0]) == (3, expected)
    assert found[1] == expected | {
        "video_id": str(snowflake(2)),
        "url": f"https://www.tiktok.com/@/video/{snowflake(2)}",
        "view_count": 100,
        "like_count": None,
        "first_like_count": None,
        "searches": "climate",
        "hashtags": None,
        "comments_held": 0,
        "comment_status": None,
        "observations": 1,
        "observed_at": MORNING,
    }


def test_a_days_volume_has_the_status_of_the_day(study: Path) -> None:
    """A day without videos in the coverage has 0; videos of a day without coverage have no status."""
    columns = "search, day_date, videos, creators, status, view_count"
    sql = f"select {columns} from marts.daily_volume order by search, day_date"
    bees = _volume("bees", 2, videos=1, creators=1, view_count=80)
    assert rows(study, sql) == [
        bees,
        _volume("climate", 1, status="complete", videos=0, creators=0, view_count=0),
        _volume("climate", 2, videos=2, creators=1, view_count=180, status="partial"),
        _volume("climate", 3, videos=1, creators=1, view_count=100),
    ]


def _volume(search: str, day: int, **filled: Any) -> Mapping[str, Any]:
    nothing = dict.fromkeys(("videos", "creators", "status", "view_count"))
    return {"search": search, "day_date": date(2026, 10, day)} | nothing | filled


def test_growth_is_computed_from_day_to_day(study: Path) -> None:
    """What two searches saw on one day is one observation; a count that fell has negative growth and a flag."""
    columns = "observation_number, view_count, view_growth, like_growth, has_fallen, round(age_days, 2), days_since"
    sql = f"select {columns} from marts.video_growth where video_id = '{snowflake(1)}' order by observation_number"
    assert [tuple(row.values()) for row in rows(study, sql)] == [
        (1, 100, None, None, None, 33.75, None),
        (2, 80, -20, 5, True, 42.75, 9.0),
    ]


def test_the_last_sighting_of_a_utc_day_is_its_observation(landing: Path, writer_file: Path) -> None:
    """Sightings of one UTC day are one observation, sightings before and after midnight are two, as in marts.videos."""
    noon = MORNING.replace(hour=12)
    sightings = [(noon, 5), (noon + timedelta(minutes=1), 7), (noon + timedelta(hours=12), 8), (noon, 6)]
    files = [
        land(
            landing,
            [page(video(1, view_count=views), fetched_at=at, search=f"s{number}", fingerprint=f"{number}" * 64)],
            load_id=f"videos/s{number}/{number}/2026-10-01_2026-10-03.look-1",
        )
        for number, (at, views) in enumerate(sightings)
    ]
    load(writer_file, files)
    growth = "select observation_number, view_count, view_growth, round(days_since * 1440) as minutes"
    found = rows(writer_file, f"{growth} from marts.video_growth order by observation_number")
    assert [tuple(row.values()) for row in found] == [(1, 7, None, None), (2, 8, 1, 719.0)]
    observed = rows(writer_file, "select observations, first_view_count, view_count from marts.videos")
    assert observed == [{"observations": 2, "first_view_count": 5, "view_count": 8}]


def test_a_count_is_dated_and_a_fall_of_any_is_flagged(landing: Path, writer_file: Path) -> None:
    """A count may be ten days old but not older than the video; a count missing at either time has no growth."""
    posted = MORNING - timedelta(days=3)
    looks = (
        (0, {"share_count": 5}),
        (4, {"share_count": 4, "favorites_count": 6}),
        (12, {"share_count": 4, "favorites_count": 9, "view_count": None}),
    )
    files = [
        land(
            landing,
            [page(video(1, at=posted, create_time=int(posted.timestamp()), **counts), fetched_at=later(days=day))],
            load_id=f"videos/climate/ffffffff/2026-11-02_2026-11-02.look-{day + 1}",
        )
        for day, counts in looks
    ]
    load(writer_file, files)
    columns = "counts_from_at, view_growth, share_growth, favorites_growth, has_fallen"
    found = rows(writer_file, f"select {columns} from marts.video_growth order by observation_number")
    assert [tuple(row.values()) for row in found] == [
        (posted, None, None, None, None),
        (posted, 0, -1, None, True),
        (later(days=2), None, 0, 3, False),
    ]


def _look(number: int, *videos: dict[str, Any], days: str = "2026-10-01_2026-10-03", **override: Any) -> Envelope:
    first, last = days.split("_")
    window = {"window_from": date.fromisoformat(first), "window_to": date.fromisoformat(last)}
    look = {"look": number, "ends": StopReason.COMPLETE, "fetched_at": later(days=number)}
    return page(*videos, **window | look | override)


def test_looks_show_late_and_vanished_videos(landing: Path, writer_file: Path) -> None:
    """Complete looks at a day are compared, for any windows; split and unfinished looks are not."""
    third = video(3, at=THIRD)
    looks = [
        _look(1, video(1), video(2), third),
        _look(2, video(1), ends=None),
        _look(3, ends=StopReason.SPLIT),
        _look(4, video(2), video(4), video(5), video(9, at=OCTOBER - timedelta(days=1)), days="2026-10-02_2026-10-02"),
        _look(5, video(1), video(4), days="2026-10-02_2026-10-03"),
    ]
    files = [
        land(landing, [look], load_id=f"videos/climate/ffffffff/{look.window_from}_{look.window_to}.look-{look.look}")
        for look in looks
    ]
    load(writer_file, files)
    sql = "select day_date, look, observed_at, is_complete, videos, videos_new, videos_vanished from marts.looks"
    found = rows(writer_file, f"{sql} where fingerprint = '{'f' * 64}' and search = 'climate' order by day_date, look")
    first, second, third_day = (date(2026, 10, day) for day in (1, 2, 3))
    assert [tuple(row.values()) for row in found] == [
        (first, 1, later(days=1), True, 0, None, None),
        (first, 2, later(days=2), False, 0, None, None),
        (second, 1, later(days=1), True, 2, None, None),
        (second, 2, later(days=2), False, 1, None, None),
        (second, 4, later(days=4), True, 3, 2, 1),
        (second, 5, later(days=5), True, 2, 1, 2),
        (third_day, 1, later(days=1), True, 1, None, None),
        (third_day, 2, later(days=2), False, 0, None, None),
        (third_day, 5, later(days=5), True, 0, 0, 1),
    ]


def test_draws_are_kept_separately_and_counted_once(landing: Path, writer_file: Path) -> None:
    """A video of two draws is a hit of each and one video of its day; a video left out of a draw has not vanished."""
    drawn: dict[str, Any] = {"request": {"is_random": True, "start_date": "20261001"}, "search": "sample"}
    draws = [_look(1, video(1), video(2), **drawn), _look(2, video(1), video(3), **drawn)]
    files = [land(landing, [draw], load_id=f"videos/sample/f/w.look-{draw.look}") for draw in draws]
    load(writer_file, [*files, land(landing, [page(video(1), fingerprint="e" * 64)])])
    hits = rows(writer_file, "select search, video_id, draw from core.search_hits order by all")
    assert [tuple(hit.values()) for hit in hits] == [
        ("climate", snowflake(1), None),
        ("sample", snowflake(1), 1),
        ("sample", snowflake(1), 2),
        ("sample", snowflake(2), 1),
        ("sample", snowflake(3), 2),
    ]
    volume = rows(writer_file, "select search, videos, view_count from marts.daily_volume order by 1")
    assert [tuple(day.values()) for day in volume] == [("climate", 1, 100), ("sample", 3, 300)]
    assert rows(writer_file, "select distinct search from marts.looks") == [{"search": "climate"}]
    found = rows(writer_file, f"select searches, past_searches from marts.videos where video_id = '{snowflake(1)}'")
    assert found == [{"searches": None, "past_searches": "climate, sample"}]
    columns = "search, kind, first_look, last_look, first_draw, last_draw, inclusion_probability"
    assert [
        tuple(row.values())
        for row in rows(
            writer_file, f"select {columns} from marts.video_searches where video_id = '{snowflake(1)}' order by search"
        )
    ] == [("climate", "list", 1, 1, None, None, 1.0), ("sample", "sample", None, None, 1, 2, None)]


def test_an_orphan_is_a_reply_whose_parent_is_not_stored(study: Path) -> None:
    """A top-level comment is not an orphan, and orphans are kept."""
    sql = "select is_reply, is_orphan, round(hours_after_video * 60) as minutes from marts.comments order by comment_id"
    assert [tuple(row.values()) for row in rows(study, sql)] == [
        (False, False, 1.0),
        (True, False, 1.0),
        (True, True, 1.0),
    ]


def test_creators_are_accounts_with_videos_or_requested_profiles(study: Path) -> None:
    """An account has one row, with or without a profile and with or without videos."""
    sql = "select username, videos_held, views_held, display_name, profile_status from marts.creators order by username"
    assert [tuple(row.values()) for row in rows(study, sql)] == [
        ("creator_1", 2, 180, "Lena", "complete"),
        ("creator_3", 1, 100, None, "not_found"),
        ("lena", 0, None, "L", None),
    ]


def test_profiles_grow_from_one_lookup_to_the_next(landing: Path, writer_file: Path) -> None:
    """The last answer of a UTC day is its observation; a refusal is not an observation."""
    profiles = [
        user_page("lena", profile(follower_count=10), fetched_at=MORNING),
        user_page("lena", profile(follower_count=12, video_count=None), fetched_at=later(hours=1)),
        refused_page("lena", fetched_at=later(days=5)),
        user_page("lena", profile(follower_count=9), fetched_at=later(days=10, hours=1)),
    ]
    load(writer_file, [land(landing, profiles, load_id="users/2026-10-02/run-1")])
    columns = "observation_number, days_since, follower_count, follower_growth, likes_growth, video_growth"
    sql = f"select {columns} from marts.creator_growth order by observation_number"
    assert [tuple(row.values()) for row in rows(writer_file, sql)] == [
        (1, None, 12, None, None, None),
        (2, 10.0, 9, -3, 0, None),
    ]


def test_hashtags_are_counted_without_case(landing: Path, writer_file: Path) -> None:
    """A video that has a hashtag in two spellings counts once."""
    two = [video(1, hashtag_names=["Bees", "bees"]), video(2, hashtag_names=["BEES"], username="creator_1")]
    load(writer_file, [land(landing, [page(*two)])])
    assert rows(writer_file, "select * from marts.hashtag_days") == [
        {"hashtag": "bees", "day_date": OCTOBER.date(), "videos": 2, "creators": 1}
    ]


def test_macros_return_address_and_time_of_an_id(writer_file: Path) -> None:
    """Both macros take an id as a number or as text."""
    number = snowflake(5)
    sql = f"select video_url('{number}') as text, video_url({number}) as number, id_time('{number}') as at"
    url = f"https://www.tiktok.com/@/video/{number}"
    assert rows(writer_file, sql) == [{"text": url, "number": url, "at": OCTOBER}]


@pytest.mark.parametrize(
    ("instant", "zone", "expected"),
    [
        ("2026-10-25 00:30:00+00", "Europe/Berlin", "2026-10-25 02:30:00"),
        ("2026-10-25 01:30:00+00", "Europe/Berlin", "2026-10-25 02:30:00"),
        ("2026-07-01 22:00:00+00", "Europe/Berlin", "2026-07-02 00:00:00"),
        ("2026-07-01 22:00:00+00", "America/Los_Angeles", "2026-07-01 15:00:00"),
    ],
)
def test_local_time_is_what_clocks_showed(writer_file: Path, instant: str, zone: str, expected: str) -> None:
    """Summer time is respected; the hour that clocks show twice occurs twice."""
    sql = f"select local_time(timestamptz '{instant}', '{zone}') = timestamp '{expected}' as same"
    assert rows(writer_file, sql) == [{"same": True}]


def test_time_zones_need_no_download(tmp_path: Path) -> None:
    """The wheel of DuckDB includes ICU, so local_time works on a machine without network."""
    with duckdb.connect() as connection:
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute(f"set extension_directory = '{tmp_path}'")
        connection.execute(next(script for script in statements() if "local_time" in script))
        sql = "select local_time(timestamptz '2026-07-01 00:00:00+00', 'Europe/Berlin')::varchar"
        assert connection.execute(sql).fetchall() == [("2026-07-01 02:00:00",)]


def test_engagement_is_counted_by_view(writer_file: Path) -> None:
    """A missing count or zero views give NULL, never 0."""
    sql = (
        "select engagement_rate(10, 2, 1, 100) as rate, engagement_rate(10, null, 1, 100) as partial,"
        " engagement_rate(0, 0, 0, 0) as unseen, engagement_rate(0, 0, 0, 5) as ignored"
    )
    assert rows(writer_file, sql) == [{"rate": 0.13, "partial": None, "unseen": None, "ignored": 0.0}]


def test_every_macro_has_a_comment(writer_file: Path) -> None:
    """Each macro of the file has a comment."""
    sql = "select function_name from duckdb_functions() where function_type = 'macro' and not internal"
    named = {name for (name,) in [tuple(row.values()) for row in rows(writer_file, sql)]}
    without = rows(writer_file, f"{sql} and comment is null")
    assert without == []
    assert named >= {"video_url", "id_time", "local_time", "engagement_rate", "weighted_mean", "weighted_mean_se"}


def test_every_script_has_a_grain_and_an_example() -> None:
    """The header of each file has the grain and an example query."""
    assert len(EXAMPLES) == len(statements())


@pytest.fixture(scope="module")
def everything(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, lists of accounts and a list of ids."""
    folder = tmp_path_factory.mktemp("everything")
    writer_file = Path(shutil.copy(study, folder))
    load(writer_file, [*lists_of_accounts(folder), *_further_files(folder)])
    with Writer(writer_file, CLOCK) as writer:
        present = searches({"search": "climate"}, {"search": "bees", "fingerprint": "e" * 64})
        writer.replace("ops.searches", pl.concat([present, id_searches([snowflake(1)], [snowflake(2)])]))
        writer.replace("ops.requests", requests(("videos", "ok", 93)))
    return writer_file


def _further_files(landing: Path) -> list[Landed]:
    """Two videos that have much in common, a rename, an account that reposts, and a look at a list of ids."""
    much: dict[str, Any] = {
        "hashtag_names": ["bees", "garden"],
        "effect_ids": ["31"],
        "video_tag": {"type": "AIGC Type", "number": 1},
        "voice_to_text": "hello",
    }
    similar = [video(number, **much) for number in range(7, 40)]
    pages = [page(*similar, ends=StopReason.COMPLETE, fetched_at=later(days=20), look=3)]
    reposted = [list_page(Dataset.REPOSTED, "jo", video(7))]
    again = [*similar, video(8, username="eight", **much)]
    renamed = page(*again, ends=StopReason.COMPLETE, fetched_at=later(days=30), look=4)
    of_ids = page(video(1), fingerprint="a" * 64, ends=StopReason.COMPLETE)
    return [
        land(landing, pages, load_id="videos/climate/ffffffff/2026-10-01_2026-10-03.look-3"),
        land(landing, reposted, load_id="reposted/2026-11-05/run-1"),
        land(landing, [renamed], load_id="videos/climate/ffffffff/2026-10-01_2026-10-03.look-4"),
        land(landing, [of_ids], load_id="videos/climate/aaaaaaaa/2026-10-01_2026-10-03.look-1"),
    ]


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_run(everything: Path, example: str) -> None:
    """The query in the header returns rows."""
    assert rows(everything, example)


def test_lost_ids_are_counted_by_month(tmp_path: Path) -> None:
    """Ids of a requested part that no search found are lost; a part that was not requested counts no losses."""
    seen, gone, unasked = snowflake(1), snowflake(2), snowflake(3, datetime(2026, 11, 2, tzinfo=UTC))
    writer_file = tmp_path / "writer.duckdb"
    load(writer_file, [land(tmp_path / "landing", [page(video(1))])])
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.searches", id_searches([seen, gone], [unasked]))
        months = writer.query(
            "select strftime(uploaded_at, '%Y-%m') as month, is_asked, count(*) as ids, "
            "count(*) filter (not is_found) as lost from marts.asked_ids group by all order by all"
        ).rows()

    assert months == [("2026-10", True, 2, 1), ("2026-11", False, 1, 1)]


def id_searches(requested: list[int], waiting: list[int]) -> pl.DataFrame:
    """Two parts of a list of ids, of which only the first was requested."""
    parts = [("a" * 64, requested, CLOCK.now()), ("b" * 64, waiting, None)]
    rows = [
        {
            "search": "climate",
            "fingerprint": fingerprint,
            "part_of": "w" * 64,
            "kind": "study",
            "query": json.dumps({"and": [{"field_name": "video_id", "field_values": [str(id_) for id_ in ids]}]}),
            "is_current": True,
            "first_asked_at": at,
        }
        for fingerprint, ids, at in parts
    ]
    return pl.DataFrame(rows, schema=TABLES["ops.searches"].frame_schema)


def test_a_video_seen_before_it_was_posted_is_zero_days_old(landing: Path, writer_file: Path) -> None:
    """The collecting computer's clock was behind TikTok's."""
    load(writer_file, [land(landing, [page(video(1), fetched_at=datetime(2026, 9, 1, tzinfo=UTC))])])

    assert rows(writer_file, "select age_days from marts.video_growth") == [{"age_days": 0}]


def test_a_creator_is_one_under_all_handles(landing: Path, writer_file: Path) -> None:
    """A video seen under two handles joins them; another video of the new handle counts for the same creator."""
    first = page(video(1, username="old"), video(2, username="other"))
    second = page(video(1, username="new"), video(3, username="new"), fetched_at=later(days=9), look=2)
    profiles = [user_page("old"), user_page("new", profile(follower_count=7), fetched_at=later(days=9))]
    load(
        writer_file,
        [
            land(landing, [first]),
            land(landing, [second], load_id=NEXT_LOOK),
            land(landing, profiles, load_id="users/2026-10-02/run-1"),
        ],
    )
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.account_coverage", account_coverage(old="not_found", new="complete", other="complete"))
    handles = "select username, creator_id, renamed_to, profile_status from marts.handles order by username"
    assert [tuple(row.values()) for row in rows(writer_file, handles)] == [
        ("new", "old", None, "complete"),
        ("old", "old", "new", "renamed"),
        ("other", "other", None, "complete"),
    ]
    creators = "select username, creator_id, handles, videos_held, follower_count from marts.creators order by username"
    assert [tuple(row.values()) for row in rows(writer_file, creators)] == [
        ("new", "old", 2, 2, 7),
        ("other", "other", 1, 1, None),
    ]
    growth = "select username, follower_growth from marts.creator_growth where creator_id = 'old' order by observed_at"
    assert [tuple(row.values()) for row in rows(writer_file, growth)] == [("old", None), ("new", 7 - 48211)]
    assert rows(writer_file, "select creators from marts.daily_volume") == [{"creators": 2}]


def test_an_account_can_take_an_earlier_handle_back(landing: Path, writer_file: Path) -> None:
    """The present handle is the one that was seen last, not the one that was first seen last."""
    files = [
        land(landing, [page(video(1, username="old"))]),
        land(landing, [page(video(1, username="new"), fetched_at=later(days=9), look=2)], load_id=NEXT_LOOK),
        land(landing, [page(video(3, username="old"), fetched_at=later(days=20), look=3)], load_id=f"{NEXT_LOOK}-3"),
    ]
    load(writer_file, files)
    handles = "select username, renamed_to, renamed_seen_at from marts.handles order by username"
    assert [tuple(row.values()) for row in rows(writer_file, handles)] == [
        ("new", "old", later(days=20)),
        ("old", None, None),
    ]
    assert rows(writer_file, "select username, videos_held from marts.creators") == [
        {"username": "old", "videos_held": 2}
    ]


def test_versions_of_a_video_are_in_the_order_in_which_they_were_seen(landing: Path, writer_file: Path) -> None:
    """A list saw the old text before a search saw the new one; the row of core.videos is that of the search."""
    listed = list_page(Dataset.LIKED, "jo", video(1, video_description="old"))
    found = page(video(1, video_description="new"), fetched_at=later(days=4))
    load(writer_file, [land(landing, [listed], load_id="liked/2026-11-05/run-1"), land(landing, [found])])
    versions = "select version, description from marts.video_versions order by version"
    assert [tuple(row.values()) for row in rows(writer_file, versions)] == [(1, "old"), (2, "new")]
    assert rows(writer_file, "select latest_description from marts.videos") == [{"latest_description": "new"}]


def test_an_edited_video_shows_both_texts_and_its_last_known_counts(landing: Path, writer_file: Path) -> None:
    """The latest answer lacks the views: view_count is NULL, and known_view_count is that of the answer before."""
    first = page(video(1, video_description="#Bees and #wax", hashtag_names=["Bees", "bees"]))
    second = page(video(1, video_description="#honey", view_count=None), fetched_at=later(days=9), look=2)
    load(writer_file, [land(landing, [first]), land(landing, [second], load_id=NEXT_LOOK)])
    columns = "description, latest_description, view_count, known_view_count, known_like_count, hashtags"
    assert [tuple(row.values()) for row in rows(writer_file, f"select {columns} from marts.videos")] == [
        ("#Bees and #wax", "#honey", None, 100, 10, "Bees")
    ]
    versions = "select version, description, hashtags from marts.video_versions order by version"
    assert [tuple(row.values()) for row in rows(writer_file, versions)] == [
        (1, "#Bees and #wax", "Bees, wax"),
        (2, "#honey", "honey"),
    ]


def test_views_are_compared_at_one_age(landing: Path, writer_file: Path) -> None:
    """The first observation 12 to 14 days after posting counts, not the latest one; younger ones may still grow."""
    looks = [(3, 50), (12, 80), (13, 85), (30, 90)]
    files = [
        land(
            landing,
            [page(video(1, view_count=views), fetched_at=OCTOBER + timedelta(days=age), look=number)],
            load_id=f"videos/climate/ffffffff/2026-10-01_2026-10-03.look-{number}",
        )
        for number, (age, views) in enumerate(looks, start=1)
    ]
    columns = "view_count, round(counts_age_days, 1), may_grow, videos_at_12_days, view_count_at_12_days"
    sql = f"select {columns} from marts.daily_volume"
    load(writer_file, files[:1])
    assert [tuple(row.values()) for row in rows(writer_file, sql)] == [(50, 3, True, 0, None)]
    load(writer_file, files)
    assert [tuple(row.values()) for row in rows(writer_file, sql)] == [(90, 30, False, 1, 80)]


def test_growth_compares_a_video_with_itself(landing: Path, writer_file: Path) -> None:
    """Videos that only one look saw do not count; 30 others gained 10 to 39 views from day 3 to day 12."""
    both = range(30)
    first = page(*(video(number, view_count=100) for number in both), fetched_at=OCTOBER + timedelta(days=3.5))
    again = [video(number, view_count=110 + number) for number in both]
    second = page(*again, video(99, view_count=10**6), fetched_at=OCTOBER + timedelta(days=12.5), look=2)
    load(writer_file, [land(landing, [first]), land(landing, [second], load_id=NEXT_LOOK)])
    ages = "round(from_age_days_min, 1) as first, round(to_age_days_max, 1) as second, days_since_median"
    columns = f"observation_number, {ages}, videos, view_count_before_median, view_growth_q1, view_growth_median"
    assert [tuple(row.values()) for row in rows(writer_file, f"select {columns} from marts.paired_growth")] == [
        (1, 3.5, 12.5, 9.0, 30, 100.0, 17.25, 24.5)
    ]


def test_growth_of_a_search_has_its_own_looks_alone(landing: Path, writer_file: Path) -> None:
    """A list saw the same videos on day 7; the search's pair stays that of days 3 and 12."""
    both = range(30)
    first = page(*(video(number, view_count=100) for number in both), fetched_at=OCTOBER + timedelta(days=3.5))
    listed = list_page(
        Dataset.LIKED,
        "jo",
        *(video(number, view_count=105) for number in both),
        fetched_at=OCTOBER + timedelta(days=7.5),
    )
    second = page(
        *(video(number, view_count=110) for number in both), fetched_at=OCTOBER + timedelta(days=12.5), look=2
    )
    load(
        writer_file,
        [
            land(landing, [first]),
            land(landing, [listed], load_id="liked/2026-10-08/run-1"),
            land(landing, [second], load_id=NEXT_LOOK),
        ],
    )
    assert rows(writer_file, "select count(*) as n from marts.video_growth where view_growth = 5") == [{"n": 60}]
    sql = "select observation_number, days_since_median, videos, view_growth_median from marts.paired_growth"
    assert [tuple(row.values()) for row in rows(writer_file, sql)] == [(1, 9.0, 30, 10.0)]
