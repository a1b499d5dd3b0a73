"""Nothing is counted twice, and days without an answer are NULL instead of 0."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    NEXT_LOOK,
    Landed,
    coverage,
    land,
    later,
    list_page,
    load,
    page,
    rows,
    snowflake,
    video,
)
from tt_pipeline_tests.warehouse.ops_builders import searches

SECOND = date(2026, 10, 2)
WINDOW = "2026-10-01_2026-10-03"


def _complete(landing: Path, *numbers: int, look: int = 1, **override: Any) -> Landed:
    """A complete look of `climate` that found these videos."""
    search = override.get("search", "climate")
    observed = {"look": look, "ends": StopReason.COMPLETE, "fetched_at": later(days=look)} | override
    load_id = f"videos/{search}/ffffffff/{WINDOW}.look-{look}"
    return land(landing, [page(*(video(number) for number in numbers), **observed)], load_id=load_id)


def _searches(writer_file: Path, *present: dict[str, Any]) -> None:
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.searches", searches(*present))


def test_a_renamed_search_is_one(landing: Path, writer_file: Path) -> None:
    """The present name of a search has what its query found under both names, in every number."""
    load(writer_file, [_complete(landing, 1, 2), _complete(landing, 1, 2, look=2, search="klima")])
    _searches(writer_file, {"search": "klima"}, {"search": "climate", "is_current": False})
    assert rows(writer_file, "select search, videos, view_count from marts.daily_volume") == [
        {"search": "klima", "videos": 2, "view_count": 200}
    ]
    assert rows(writer_file, "select distinct searches from marts.videos") == [{"searches": "klima"}]
    assert rows(writer_file, "select search, videos, is_current from marts.label_coverage") == [
        {"search": "klima", "videos": 2, "is_current": True}
    ]


def test_searches_with_the_same_query_both_found_it(landing: Path, writer_file: Path) -> None:
    """Both searches have the videos of the query once, and both lose the same videos between looks."""
    load(writer_file, [_complete(landing, 1, 2, 3), _complete(landing, 3, look=2)])
    _searches(writer_file, {"search": "klima"}, {"search": "climate"})
    vanished = f"select search, videos_vanished from marts.looks where look = 2 and day_date = date '{SECOND}'"
    assert rows(writer_file, f"{vanished} order by search") == [
        {"search": "climate", "videos_vanished": 2},
        {"search": "klima", "videos_vanished": 2},
    ]
    found = rows(
        writer_file, "select search, count(*) as videos from core.found_videos group by search order by search"
    )
    assert found == [{"search": "climate", "videos": 3}, {"search": "klima", "videos": 3}]


def test_versions_are_counted_separately(landing: Path, writer_file: Path) -> None:
    """A video that two versions found counts for each, and once for the version that the study has now."""
    old = _complete(landing, 1, 2)
    new = land(landing, [page(video(2), fingerprint="e" * 64)], load_id=f"videos/climate/eeeeeeee/{WINDOW}.look-1")
    load(writer_file, [old, new])
    _searches(writer_file, {"search": "climate", "fingerprint": "e" * 64})
    found = rows(writer_file, "select fingerprint[1] as of, video_id, is_current from core.found_videos order by all")
    assert [tuple(row.values()) for row in found] == [
        ("e", snowflake(2), True),
        ("f", snowflake(1), False),
        ("f", snowflake(2), False),
    ]


def test_an_unread_page_lets_no_video_vanish(landing: Path, writer_file: Path) -> None:
    """A look with a page that could not be read is not complete, and is not compared with other looks."""
    unread = _complete(landing, 1, 2, look=2, body="<html>")
    load(writer_file, [_complete(landing, 1, 2, 3), unread, _complete(landing, 1, 2, look=3)])
    sql = f"select look, is_complete, videos_vanished from marts.looks where day_date = date '{SECOND}' order by look"
    assert [tuple(row.values()) for row in rows(writer_file, sql)] == [(1, True, None), (2, False, None), (3, True, 1)]
    gone = "select videos, videos_looked_for, videos_gone from marts.attrition"
    assert rows(writer_file, gone) == [{"videos": 3, "videos_looked_for": 3, "videos_gone": 1}]


def test_a_list_takes_no_favourites_away(landing: Path, writer_file: Path) -> None:
    """Lists do not return favourites: the observation of a day is its last sighting that has them."""
    seen = land(landing, [page(video(1, favorites_count=7, view_count=100))])
    listed = list_page(Dataset.LIKED, "jo", video(1, view_count=101), fetched_at=later(hours=1))
    again = page(video(1, favorites_count=9, view_count=200), look=2, fetched_at=later(days=9))
    files = [seen, land(landing, [listed], load_id="liked/2026-11-05/run-1")]
    load(writer_file, files)
    latest = rows(writer_file, "select view_count, favorites_count, observations from marts.videos")
    assert latest == [{"view_count": 100, "favorites_count": 7, "observations": 1}]
    load(writer_file, [*files, land(landing, [again], load_id=NEXT_LOOK)])
    growth = "select favorites_count, favorites_growth from marts.video_growth order by observation_number"
    assert [tuple(row.values()) for row in rows(writer_file, growth)] == [(7, None), (9, 2)]


@pytest.mark.parametrize(
    ("status", "videos"),
    [
        ("complete", 0),
        ("early", None),
        ("partial", None),
        ("suspicious", None),
        ("never_asked", None),
        ("unavailable", None),
    ],
)
def test_a_day_without_an_answer_has_no_number(writer_file: Path, status: str, videos: int | None) -> None:
    """A day that was not collected to its end and has no video: the number is NULL; 0 would be a finding."""
    answered = None if status in {"never_asked", "unavailable"} else 0
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.search_coverage", coverage((SECOND, status), records={SECOND: answered}))
    observed = rows(writer_file, "select videos, view_count, status from marts.daily_volume")
    assert observed == [{"videos": videos, "view_count": videos, "status": status}]
