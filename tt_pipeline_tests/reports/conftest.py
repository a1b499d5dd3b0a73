"""A small published warehouse with values that break spreadsheets."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    comment,
    comment_page,
    land,
    list_page,
    load,
    page,
    snowflake,
    user_page,
    video,
)

NASTY = (
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@handle",
    "\tx",
    "\rx",
    "\nx",
    "'=quoted",
    'a, b; "c"\nd\re',
    "שלום 👩‍🔬 ü",
    "",
)
THIRD = datetime(2026, 10, 3, 1, tzinfo=UTC)
EDGE = 2**63 - 1


def publish_small(folder: Path) -> Path:
    """Eleven odd videos of climate, forty plain ones of climate and bees, a maximal id, a comment, a profile."""
    landing, writer_file = folder / "landing", folder / "writer.duckdb"
    tags: dict[str, Any] = {"hashtag_names": ["wildbees", "=cmd"]}
    nasty = [video(number, video_description=text, **tags) for number, text in enumerate(NASTY, start=1)]
    plain = [video(number, at=THIRD) for number in range(100, 140)]
    edge = video(1, id=EDGE, username="edge", video_description=None)
    files = [
        land(landing, [page(*nasty, *plain[:30], edge)]),
        land(landing, [page(*plain[20:], search="bees", fingerprint="e" * 64)], load_id="videos/bees/e/w.look-1"),
        land(landing, [comment_page(comment(1, text="-1 for that"))], load_id="comments/2026-10-02/run-1"),
        land(landing, [user_page("creator_1")], load_id="users/2026-10-02/run-1"),
        land(landing, [list_page(Dataset.FOLLOWERS, "creator_1", "kim")], load_id="followers/2026-11-05/run-1"),
    ]
    load(writer_file, files)
    published = folder / "data" / "warehouse.duckdb"
    publish_file(writer_file, published, CLOCK)
    return published


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published file; no test writes to it."""
    return publish_small(tmp_path_factory.mktemp("published"))


def nasty_ids() -> dict[str, str]:
    """The odd videos' texts by their id."""
    return {str(snowflake(number)): text for number, text in enumerate(NASTY, start=1)}
