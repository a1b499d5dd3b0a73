"""The repaired copy of a damaged file replaces all rows that were loaded from the damaged file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from tt_pipeline.landing import Envelope
from tt_pipeline.vocabulary import Dataset, StopReason
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.warehouse.builders import (
    CLIMATE,
    NEXT_LOOK,
    Landed,
    comment,
    comment_page,
    contents,
    land,
    later,
    list_page,
    load,
    page,
    profile,
    rows,
    user_page,
    video,
)

MENDED = ".mended-20261106T000000000000Z"
COMMENTS, USERS, LIKED = "comments/2026-10-02/run-1", "users/2026-10-02/run-1", "liked/2026-11-05/run-1"


def tagged(number: int, **further: Any) -> dict[str, Any]:
    """A video with a unique hashtag and a common one."""
    infos = [{"hashtag_id": f"{tag}", "hashtag_name": f"tag{tag}"} for tag in (7, 70 + number)]
    return video(number, hashtag_info_list=infos, hashtag_names=[info["hashtag_name"] for info in infos], **further)


EDITED: dict[str, Any] = {"video_description": "edited"}
FIRST = page(tagged(1), tagged(2), cursor=2, has_more=True)
LOST = page(tagged(3), tagged(4), cursor=4, fetched_at=later(seconds=1), ends=StopReason.COMPLETE)
REQUESTED_AGAIN = page(tagged(3, **EDITED), cursor=3, fetched_at=later(days=20), ends=StopReason.COMPLETE)
SECOND_LOOK = page(
    tagged(2), tagged(3, **EDITED), tagged(4), look=2, fetched_at=later(days=9), ends=StopReason.COMPLETE
)
ANSWERS = [comment_page(comment(1), comment(2)), comment_page(comment(3), under=2)]
PROFILES = [user_page("lena", profile()), user_page("jo", profile())]


def others(landing: Path) -> list[Landed]:
    """Loads that repeat some of the records that the damaged loads had first."""
    again = [
        comment_page(comment(1, like_count=9), look=2, fetched_at=later(days=8)),
        comment_page(comment(3, like_count=9), under=2, look=2, fetched_at=later(days=8)),
    ]
    shown = user_page("jo", profile(follower_count=1), fetched_at=later(days=-3))
    return [
        land(landing, [SECOND_LOOK], load_id=NEXT_LOOK),
        land(landing, again, load_id="comments/2026-10-02/run-2"),
        land(landing, [shown], load_id="users/2026-10-02/run-0"),
        land(landing, [list_page(Dataset.LIKED, "jo", video(4), fetched_at=later(days=5))], load_id=LIKED),
    ]


CASES = {
    "the rest not requested yet": (CLIMATE, [FIRST, LOST], [FIRST]),
    "the rest requested again": (CLIMATE, [FIRST, LOST], [FIRST, REQUESTED_AGAIN]),
    "no page is good": (CLIMATE, [FIRST, LOST], []),
    "no page was good, all requested again": (CLIMATE, [FIRST, LOST], [REQUESTED_AGAIN]),
    "comments": (COMMENTS, ANSWERS, ANSWERS[:1]),
    "no comments": (COMMENTS, ANSWERS, []),
    "users": (USERS, PROFILES, PROFILES[:1]),
    "no users": (USERS, PROFILES, []),
}


@pytest.mark.parametrize(("load_id", "pages", "saved"), cases(CASES, "the rest requested again"))
def test_a_mended_load_replaces_the_damaged_one(
    tmp_path: Path, load_id: str, pages: Sequence[Envelope], saved: Sequence[Envelope]
) -> None:
    """A warehouse that had loaded the damaged file becomes equal to a new one of the repaired file."""
    grown, rebuilt = tmp_path / "grown.duckdb", tmp_path / "rebuilt.duckdb"
    kept = others(tmp_path / "landing")
    load(grown, [land(tmp_path / "before", pages, load_id=load_id), *kept])
    mended = land(tmp_path / "landing", saved, load_id=f"{load_id}{MENDED}")

    load(grown, [*kept, mended])

    load(rebuilt, [*kept, mended])
    made, expected = contents(grown), contents(rebuilt)
    for name, frame in expected.items():
        assert_frame_equal(frame, made[name])
    assert load(grown, [*kept, mended]).loaded == ()


def test_a_page_of_a_mended_load_is_one_look(tmp_path: Path) -> None:
    """marts.looks has one row for the look, and marts.video_growth one observation of each video."""
    warehouse = tmp_path / "grown.duckdb"
    load(warehouse, [land(tmp_path, [FIRST])])

    load(warehouse, [land(tmp_path, [FIRST, REQUESTED_AGAIN], load_id=f"{CLIMATE}{MENDED}")])

    looks = "select look, is_complete, videos from marts.looks where day_date = '2026-10-02'"
    assert rows(warehouse, looks) == [{"look": 1, "is_complete": True, "videos": 3}]
    growth = "select count(*) as observations, count(distinct video_id) as videos from marts.video_growth"
    assert rows(warehouse, growth) == [{"observations": 3, "videos": 3}]


def test_a_file_that_is_put_back_is_loaded_again(tmp_path: Path) -> None:
    """If only the original is there it is loaded; if both are there, the mended file is."""
    warehouse = tmp_path / "grown.duckdb"
    original = land(tmp_path, [FIRST, LOST])
    mended = land(tmp_path, [FIRST], load_id=f"{CLIMATE}{MENDED}")
    loads = []
    for files in ([original], [mended, original], [original]):
        load(warehouse, files)
        loads.append(rows(warehouse, "select load_id, lines from ops.loads"))

    whole = [{"load_id": CLIMATE, "lines": 2}]
    assert loads == [whole, [{"load_id": mended.load_id, "lines": 1}], whole]
