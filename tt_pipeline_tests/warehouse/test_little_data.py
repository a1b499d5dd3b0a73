"""Marts of a warehouse with little in it have rows or none: never an error, and never a 0 that nobody knows."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tt_pipeline.landing import Envelope
from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    coverage,
    land,
    list_page,
    load,
    page,
    rows,
    snowflake,
    user_page,
    video,
)
from tt_pipeline_tests.warehouse.ops_builders import searches

MARTS = [name for name, table in TABLES.items() if not table.is_stored]
SECOND = date(2026, 10, 2)


def _load(folder: Path, writer_file: Path, look: Envelope, **covered: Any) -> None:
    load(writer_file, [land(folder, [look])])
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.searches", searches({"search": "climate"}))
        if covered:
            writer.replace("ops.search_coverage", coverage((SECOND, covered["status"]), records={SECOND: 0}))


@pytest.mark.parametrize("mart", MARTS)
def test_an_empty_warehouse_has_no_rows(fresh_file: Path, mart: str) -> None:
    """No mart fails, and none has a row."""
    assert rows(fresh_file, f"from {mart}") == []


def test_videos_of_a_list_are_found_by_no_search(landing: Path, writer_file: Path) -> None:
    """Every mart can be read; nothing counts by search."""
    load(writer_file, [land(landing, [list_page(Dataset.LIKED, "jo", video(1))], load_id="liked/1")])
    for mart in MARTS:
        rows(writer_file, f"from {mart}")
    found = "select searches, past_searches, lists, view_count_at_12_days from marts.videos"
    nothing = {"searches": None, "past_searches": None, "view_count_at_12_days": None}
    assert rows(writer_file, found) == [nothing | {"lists": "liked"}]
    for mart in ("video_searches", "daily_volume", "daily_totals", "attrition", "hashtag_pairs"):
        assert rows(writer_file, f"from marts.{mart}") == []


def test_a_sample_alone_has_no_volume(landing: Path, writer_file: Path) -> None:
    """Its days cannot be compared, it is no part of totals, and nothing is said about vanished videos."""
    draw = page(video(1), request={"is_random": True}, ends=StopReason.COMPLETE)
    _load(landing, writer_file, draw, status="complete")
    volume = "select kind, videos, is_comparable from marts.daily_volume"
    assert rows(writer_file, volume) == [{"kind": "sample", "videos": 1, "is_comparable": False}]
    for mart in ("daily_totals", "attrition", "video_survival", "looks", "paired_growth"):
        assert rows(writer_file, f"from marts.{mart}") == []
    probability = "select inclusion_probability from marts.video_searches"
    assert rows(writer_file, probability) == [{"inclusion_probability": None}]


@pytest.mark.parametrize(("region", "judged", "matching"), [("DE", 1, 1), ("FR", 1, 0), (None, 0, None)])
def test_videos_that_cannot_be_judged_do_not_count_as_misfits(
    landing: Path, writer_file: Path, region: str | None, judged: int, matching: int | None
) -> None:
    """If no field shows whether the video meets the query, the number that does is unknown, not 0."""
    german = {"query": {"and": [{"field_name": "region_code", "operation": "EQ", "field_values": ["DE"]}]}}
    _load(landing, writer_file, page(video(1, region_code=region), request=german), status="complete")
    volume = "select videos, videos_judged, videos_matching from marts.daily_volume"
    found = {"videos": 1, "videos_judged": judged, "videos_matching": matching}
    assert rows(writer_file, volume) == [found]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo"])
def test_the_day_of_an_id_does_not_follow_the_readers_clock(landing: Path, writer_file: Path, zone: str) -> None:
    """An id of 02:39 UTC that no look found belongs to the day of its look in every country."""
    uploaded = datetime(2026, 10, 2, 2, 39, tzinfo=UTC)
    query = {"and": [{"operation": "IN", "field_name": "video_id", "field_values": [f"{snowflake(7, uploaded)}"]}]}
    load(writer_file, [land(landing, [page(video(1), ends=StopReason.COMPLETE)])])
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.searches", searches({"search": "climate", "query": json.dumps(query)}))
        writer.connection.execute(f"set timezone = '{zone}'")
        assert writer.query("select is_shown from marts.asked_ids").to_dicts() == [{"is_shown": False}]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo"])
def test_an_observation_of_a_creator_is_one_utc_day(landing: Path, writer_file: Path, zone: str) -> None:
    """Two looks at a profile on one UTC day are one observation, wherever the reader is."""
    looks = [user_page(fetched_at=datetime(2026, 11, 5, hour, tzinfo=UTC)) for hour in (3, 20)]
    load(writer_file, [land(landing, looks, load_id="users/2026-11-05/run-1")])
    with Writer(writer_file, CLOCK) as writer:
        writer.connection.execute(f"set timezone = '{zone}'")
        assert writer.query("select observation_number from marts.creator_growth").height == 1


@pytest.mark.parametrize(
    ("ends", "status", "has_last_look", "is_comparable"),
    [
        (StopReason.COMPLETE, "complete", True, True),
        (StopReason.COMPLETE, "complete", False, False),
        (StopReason.VIDEO_CAP, "capped", True, False),
        (StopReason.VIDEO_CAP, "complete", True, True),
    ],
)
def test_a_day_compares_by_its_own_state(
    landing: Path,
    writer_file: Path,
    ends: StopReason,
    status: str,
    has_last_look: bool,  # noqa: FBT001 — a case
    is_comparable: bool,  # noqa: FBT001 — a case
) -> None:
    """A day that a cap cut off does not compare; one that was collected to its end later does."""
    load(writer_file, [land(landing, [page(video(1), ends=ends)])])
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.searches", searches({"search": "climate"}))
        covered = coverage((SECOND, status)).with_columns(has_last_look=pl.lit(has_last_look))
        writer.replace("ops.search_coverage", covered)
    comparable = [{"is_comparable": is_comparable}]
    assert rows(writer_file, "select is_comparable from marts.daily_volume where status is not null") == comparable
    assert rows(writer_file, "select is_comparable from marts.daily_totals") == comparable


@pytest.mark.parametrize(("kind", "days"), [("list", 1), ("sample", 0), ("ids", 0)])
def test_a_search_that_was_never_sent_has_the_kind_of_the_study(writer_file: Path, kind: str, days: int) -> None:
    """A new sample or list of ids does not make the days of all other searches incomparable."""
    with Writer(writer_file, CLOCK) as writer:
        covered = coverage((SECOND, "never_asked"), records={SECOND: None}).with_columns(kind=pl.lit(kind))
        writer.replace("ops.search_coverage", covered)
    assert rows(writer_file, "select kind from marts.daily_volume") == [{"kind": kind}]
    assert len(rows(writer_file, "from marts.daily_totals")) == days


def test_one_look_says_nothing_about_loss_or_growth(landing: Path, writer_file: Path) -> None:
    """No video was looked for again: the rate is NULL, not 0."""
    _load(landing, writer_file, page(video(1), video(2), ends=StopReason.COMPLETE), status="complete")
    lost = "select videos_looked_for, videos_gone, gone_per_100_days from marts.attrition"
    assert rows(writer_file, lost) == [{"videos_looked_for": 0, "videos_gone": 0, "gone_per_100_days": None}]
    assert rows(writer_file, "from marts.paired_growth") == []


def test_a_search_without_a_complete_day_has_no_total(landing: Path, writer_file: Path) -> None:
    """A begun day without videos has NULL: in its volume, in the total and in the labels."""
    _load(landing, writer_file, page(), status="partial")
    assert rows(writer_file, "select videos, view_count, is_comparable from marts.daily_volume") == [
        {"videos": None, "view_count": None, "is_comparable": False}
    ]
    assert rows(writer_file, "select videos, is_comparable from marts.daily_totals") == [
        {"videos": None, "is_comparable": False}
    ]
    assert rows(writer_file, "from marts.label_coverage") == []
