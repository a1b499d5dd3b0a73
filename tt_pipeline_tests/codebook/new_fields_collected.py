"""Collect, load and describe with the fields of `new_fields.py`, and print the results as JSON.

`test_new_field.py` runs this in a process of its own, after an import of `new_fields.py`.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from tt_pipeline.ingestion import collect_videos, load_landed
from tt_pipeline.ingestion.comments import collect_comments
from tt_pipeline.ingestion.users import collect_users
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.catalog.datapackage import warehouse_package
from tt_pipeline.warehouse.catalog.dictionary import data_dictionary
from tt_pipeline_tests.collection_lab import NOON, Lab
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.warehouse.builders import (
    comment,
    comment_page,
    land,
    load,
    page,
    profile,
    rows,
    user_page,
    video,
)

COLUMNS = (
    "core.videos.ad_length",
    "core.videos.is_from_theatre",
    "core.videos.mood",
    "core.video_snapshots.save_count",
    "core.comments.is_pinned",
    "core.user_snapshots.friend_count",
    "core.users.friend_count",
)
STUDY = """\
study: New fields
start: 2026-11-03
searches:
  climate: {hashtags: [climate, klima]}
quota: {requests_per_day: 1000}
"""
DAYS = [date(2026, 11, 10)]


def collect(folder: Path) -> dict[str, Any]:
    """Collect a day into a data dir that has a writer's file already; returns the contents of its columns."""
    clock = FrozenClock(NOON)
    world = World.until_yesterday(NOON, seed=7, days=12, videos_per_day=300)
    simulator = Simulator(world, knobs=Knobs(rate_per_minute=0), now=clock.now)
    with running(simulator) as base_url:
        lab = Lab(simulator, base_url, folder, clock, study=STUDY, runs=["made the writer's file"])
        with lab.session() as session:
            collect_videos(session, session.study.searches[0], DAYS)
            collect_comments(session, DAYS)
            collect_users(session, DAYS)
            load_landed(session, *Dataset)
            return {column: stored(session.files.writer, column) for column in COLUMNS}


def stored(writer_file: Path, column: str) -> dict[str, Any]:
    """The type, the comment and the number of values of a column."""
    table, _, name = column.rpartition(".")
    described = rows(
        writer_file,
        "select data_type, comment from duckdb_columns()"
        f" where schema_name || '.' || table_name = '{table}' and column_name = '{name}'",
    )
    is_profile = "refusal is null" if table == "core.user_snapshots" else "true"
    (counted,) = rows(writer_file, f"select count(*) as rows, count({name}) as values from {table} where {is_profile}")
    return described[0] | {"has_values": counted["values"] > 0, "empty": counted["rows"] - counted["values"]}


def load_mismatches(folder: Path) -> dict[str, Any]:
    """Load one value of another type in each new field; returns how many were counted, by dataset."""
    wrong_video = video(1, ad_length="abc", fromtheatre="maybe", mood=["sad"], save_count=1.5)
    right_video = video(2, ad_length="7", fromtheatre=True, mood="glad", save_count=3)
    files = [
        land(folder, [page(wrong_video, right_video)]),
        land(folder, [comment_page(comment(1, is_pinned="maybe"))], load_id="comments/2026-10-02/run-1"),
        land(folder, [user_page("lena", profile(friend_count=-1))], load_id="users/2026-10-02/run-1"),
    ]
    writer_file = folder / "mismatches.duckdb"
    load(writer_file, files)
    counted = rows(writer_file, "select dataset, odd_values from ops.loads order by dataset")
    videos = rows(writer_file, "select ad_length, is_from_theatre, mood from core.videos order by video_id")
    return {"counted": [tuple(row.values()) for row in counted], "videos": [tuple(row.values()) for row in videos]}


def described() -> list[str]:
    """The new columns that the data dictionary and the data package describe."""
    chapters = {chapter.split("\n", 1)[0]: chapter for chapter in data_dictionary().split("\n### ")}
    package = {resource["name"]: resource["schema"]["fields"] for resource in warehouse_package()["resources"]}
    split = ((column, *column.rpartition(".")) for column in COLUMNS)
    return [
        column
        for column, table, _, name in split
        if f"| `{name}` |" in chapters[table] and name in {field["name"] for field in package[table]}
    ]


if __name__ == "__main__":
    data_dir = Path(sys.argv[1])
    found = {"collected": collect(data_dir), "mismatches": load_mismatches(data_dir / "mismatches")}
    sys.stdout.write(json.dumps(found | {"described": described()}))
