"""A new field of TikTok's needs only a row of the codebook."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from tt_pipeline.data_dir import DataDir
from tt_pipeline_tests.codebook.new_fields_collected import COLUMNS
from tt_pipeline_tests.warehouse.builders import land, load, page, video

ADD_THE_FIELDS_FIRST = """
import runpy
import tt_pipeline_tests.codebook.new_fields
runpy.run_module("tt_pipeline_tests.codebook.new_fields_collected", run_name="__main__")
"""
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
EARLIER_ROWS = {"core.videos": 1, "core.video_snapshots": 1}
"""Rows of the file that was made before the fields existed."""
NOT_GIVEN = "the API did not give it, which is not the same as empty or zero"
NO_NUMBER = f"{NOT_GIVEN}; negative or unreadable values too"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The output of a process with more fields, for a data dir whose warehouse file was made before."""
    folder = tmp_path_factory.mktemp("data")
    load(DataDir(folder).writer, [land(folder / "earlier", [page(video(1, at=BEFORE), fetched_at=BEFORE)])])
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", ADD_THE_FIELDS_FIRST, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return read


def test_a_new_field_is_requested_served_landed_and_stored(found: dict[str, Any]) -> None:
    """Each column has its type and its comment, and a value in every row but those loaded before."""
    expected = {
        "core.videos.ad_length": ("BIGINT", f"Length of the advertisement in seconds. NULL: {NOT_GIVEN}."),
        "core.videos.is_from_theatre": ("BOOLEAN", f"It is from a theatre. NULL: {NOT_GIVEN}."),
        "core.videos.mood": ("VARCHAR", f"Mood that the creator chose. NULL: {NOT_GIVEN}."),
        "core.video_snapshots.save_count": ("BIGINT", f"Times it was saved. NULL: {NO_NUMBER}."),
        "core.comments.is_pinned": ("BOOLEAN", f"Pinned by the creator. NULL: {NOT_GIVEN}."),
    }
    friends = ("BIGINT", f"Accounts that follow it and that it follows. NULL: {NO_NUMBER}.")
    expected |= dict.fromkeys(("core.user_snapshots.friend_count", "core.users.friend_count"), friends)
    sources = {"core.videos.is_from_theatre": "fromtheatre"}
    privacy = {"core.videos.mood": " Privacy: content."}
    assert found["collected"] == {
        column: {
            "data_type": kind,
            "comment": f"{comment} API field: {sources.get(column, column.rpartition('.')[2])}."
            + privacy.get(column, ""),
            "has_values": True,
            "empty": EARLIER_ROWS.get(column.rpartition(".")[0], 0),
        }
        for column, (kind, comment) in expected.items()
    }


def test_a_value_of_another_type_is_null_and_counted(found: dict[str, Any]) -> None:
    """Four values of a video, one of a comment and one of a profile are not of their type; the others are read."""
    assert found["mismatches"] == {
        "counted": [["comments", 1], ["users", 1], ["videos", 4]],
        "videos": [[None, None, None], [7, True, "glad"]],
    }


def test_a_new_column_is_described(found: dict[str, Any]) -> None:
    """The data dictionary and the data package have each of them."""
    assert found["described"] == list(COLUMNS)
