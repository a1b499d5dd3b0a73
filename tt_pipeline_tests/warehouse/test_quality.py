"""Marts of attrition, labels and quota return the answers that were computed by hand."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tt_pipeline.landing import Envelope
from tt_pipeline.vocabulary import StopReason
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import CLOCK, OCTOBER, land, later, load, page, rows, video
from tt_pipeline_tests.warehouse.ops_builders import requests

NOVEMBER = datetime(2026, 11, 1, 12, tzinfo=UTC)


def _look(number: int, *videos: dict[str, Any], **override: Any) -> Envelope:
    window = {"window_from": date(2026, 10, 1), "window_to": date(2026, 11, 1)}
    return page(
        *videos, **window | {"look": number, "ends": StopReason.COMPLETE, "fetched_at": later(days=number)} | override
    )


def _values(writer_file: Path, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(writer_file, sql)]


def test_attrition_counts_what_the_last_complete_look_missed(landing: Path, writer_file: Path) -> None:
    """Of 1, 2 and 4 only 2 is gone: 3 is late, 4 returned, and an unfinished look does not count."""
    november = {"window_from": date(2026, 11, 1)}
    looks = [
        _look(1, video(1), video(2), video(4), video(5, at=NOVEMBER)),
        _look(2, video(1), window_to=date(2026, 10, 31)),
        _look(3, video(1), video(3), video(4), window_to=date(2026, 10, 31)),
        _look(4, ends=None),
        _look(5, video(6, at=NOVEMBER), request={"is_random": True}, **november),
    ]
    load(writer_file, [land(landing, [look], load_id=f"videos/climate/f/w.look-{look.look}") for look in looks])
    sql = "select * exclude (fingerprint, is_current) from marts.attrition order by month_date"
    assert _values(writer_file, sql) == [
        # Looks on days 1, 2 and 3: 1 and 4 for two days, 2 for half a day, 3 for none.
        ("climate", date(2026, 10, 1), 4, 3, 1, 1 / 3, 4.5, 100 / 4.5),
        ("climate", date(2026, 11, 1), 1, 0, 0, None, 0, None),
    ]


def test_a_video_survives_until_the_look_that_missed_it(landing: Path, writer_file: Path) -> None:
    """1 stays, 2 is gone between looks 1 and 2, 3 is left out once and not gone, 4 comes with the last look."""
    looks = [_look(1, video(1), video(2), video(3)), _look(2, video(1)), _look(4, video(1), video(3), video(4))]
    load(writer_file, [land(landing, [look], load_id=f"videos/climate/f/w.look-{look.look}") for look in looks])
    columns = "first_look, last_look, missed_look, missed_at, is_gone, is_looked_for, exposure_days"
    assert _values(writer_file, f"select {columns} from marts.video_survival order by video_id") == [
        (1, 4, None, None, False, True, 3.0),
        (1, 1, 2, later(days=2), True, True, 0.5),
        (1, 4, None, None, False, True, 3.0),
        (4, 4, None, None, False, False, 0.0),
    ]


def test_labels_are_counted_by_day_and_search(landing: Path, writer_file: Path) -> None:
    """An empty transcript and a tag of paid content are not AI labels; a video of two draws counts once."""
    artificial, paid = {"type": "AIGC Type", "number": 2}, {"type": "Branded Content", "number": 1}
    videos = [
        video(1, voice_to_text="hello", video_tag=artificial, is_stem_verified=True),
        video(2, voice_to_text="", video_tag=paid, video_label={"content": "Vote"}),
        video(3, is_stem_verified=None),
    ]
    draws = [_look(number, *videos, request={"is_random": True}) for number in (1, 2)]
    load(writer_file, [land(landing, [look], load_id=f"videos/climate/f/w.look-{look.look}") for look in draws])
    assert _values(writer_file, "select * exclude (fingerprint) from marts.label_coverage") == [
        ("climate", OCTOBER.date(), False, 3, 1, 1, 2, 1, 1, 1)
    ]


@pytest.mark.parametrize("empty", [{}, [], "", None, {"content": "", "warn": None}, {"type": "", "list": [{}]}])
def test_an_empty_label_is_not_counted(landing: Path, writer_file: Path, empty: object) -> None:
    """An empty tag is not counted either: it does not mean that a video is paid content."""
    load(writer_file, [land(landing, [page(video(1, video_label=empty, video_tag=empty))])])
    columns = "videos, videos_with_label, videos_with_tag, videos_ai_tagged, videos_paid_tagged"
    assert _values(writer_file, f"select {columns} from marts.label_coverage") == [(1, 0, 0, 0, 0)]


def test_tags_are_counted_as_given_in_both_spellings(landing: Path, writer_file: Path) -> None:
    """The documents have two spellings of the keys, and numbers are counted without decoding."""
    tags: list[dict[str, Any] | None] = [
        {"type": "AIGC Type", "number": 2},
        {"video_tag_type": "AIGC Type", "video_tag_number": 2},
        {"number": 7},
        None,
    ]
    load(writer_file, [land(landing, [page(*(video(number, video_tag=tag) for number, tag in enumerate(tags)))])])
    day = OCTOBER.date()
    assert _values(writer_file, "select * from marts.video_tags order by videos desc") == [
        ("AIGC Type", "2", 2, 2, day, day),
        ("", "7", 1, 1, day, day),
    ]


def test_the_quota_is_counted_by_day_and_dataset(writer_file: Path) -> None:
    """Failed and refused requests are wasted; answers without records are empty; uncharged requests do not count."""
    first, second = date(2026, 11, 4), date(2026, 11, 5)
    answers = [
        ("videos", "ok", 90),
        ("videos", "ok", 0),
        ("videos", "", 10),
        ("videos", "internal_error", 0),
        ("users", None, 0),
    ]
    sent = [
        requests(*answers, quota_date=first),
        requests(("videos", "rate_limit_exceeded", 0), quota_date=second, is_charged=False),
        requests(("comments", "ok", 50), quota_date=second),
    ]
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.requests", pl.concat(sent))
    assert _values(writer_file, "select * from marts.quota_days order by quota_date, dataset desc") == [
        (first, "main", "videos", 4, 1, 1, 100, 4, 25.0),
        (first, "main", "users", 1, 1, 0, 0, 1, 0.0),
        (second, "main", "comments", 1, 0, 0, 50, 1, 50.0),
    ]


def test_a_request_that_was_counted_again_is_not_wasted(writer_file: Path) -> None:
    """Its page has landed; only the ledger's row was lost, so nobody knows how many records it returned."""
    day = date(2026, 11, 4)
    told = [
        requests(("videos", "ok", 90), quota_date=day),
        requests(("videos", "counted_again", None), ("users", "counted_again", None), quota_date=day, hidden=None),
    ]
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.requests", pl.concat(told))
    assert _values(writer_file, "select * from marts.quota_days order by dataset desc") == [
        (day, "main", "videos", 2, 0, 0, 90, 1, 90.0),
        (day, "main", "users", 1, 0, 0, 0, 0, None),
    ]
