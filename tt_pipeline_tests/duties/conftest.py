"""A data dir with every kind of data and every kind of copy, which tests of deletions take copies of."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tt_pipeline.coverage import open_workspace
from tt_pipeline.ingestion.delivery import publish_warehouse, rebuild_warehouse
from tt_pipeline.reports import export_networks, registered_copy
from tt_pipeline.reports.exports.source import Shape
from tt_pipeline.reports.exports.tables import export_tables
from tt_pipeline.safekeeping import back_up
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Dataset, ExportFormat
from tt_pipeline_tests.duties.builders import CREATOR, NUMBER, OTHER_COMMENT, STUDY, VIDEO, Stored
from tt_pipeline_tests.warehouse.builders import (
    NEXT_LOOK,
    comment,
    comment_page,
    land,
    later,
    list_page,
    packed,
    page,
    playlist_page,
    snowflake,
    user_page,
    video,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FEW_TABLES = ["core.videos", "core.comments", "core.users", "core.follow_snapshots", "marts.videos", "marts.creators"]
GREEN = "videos/green/eeeeeeee/2026-10-01_2026-10-03.look-1"
OCTOBER_3 = datetime(2026, 10, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def stored_once(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """A data dir and its copies: exports in it and elsewhere, a backup, logs, and a storage like Dagster's."""
    root = tmp_path_factory.mktemp("stored") / "made here"
    root.mkdir()
    stored = Stored(root)
    files = stored.settings.files
    _land(files.landing)
    (files.root / "study.yaml").write_text(STUDY)
    with open_workspace(stored.settings) as workspace:
        rebuild_warehouse(workspace)
        publish_warehouse(workspace)
        for place, format_, for_excel, tables in (
            (files.exports / "parquet", ExportFormat.PARQUET, False, ["core", "marts"]),
            (files.exports / "csv", ExportFormat.CSV, False, FEW_TABLES),
            (root / "elsewhere", ExportFormat.CSV, True, FEW_TABLES),
            (files.exports / "excel", ExportFormat.XLSX, False, FEW_TABLES),
            (files.exports / "stata", ExportFormat.DTA, False, FEW_TABLES),
            (files.exports / "sqlite", ExportFormat.SQLITE, False, FEW_TABLES),
        ):
            shape = Shape(format=format_, created=NOW, for_excel=for_excel)
            with registered_copy(files, place, "tables", NOW):
                export_tables(files.published, tables, place, shape)
        networks = files.exports / "networks"
        with registered_copy(files, networks, "networks", NOW):
            export_networks(files.published, [], networks, Shape(format=ExportFormat.GEXF, created=NOW))
        back_up(workspace, files.root / "study.yaml", root / "backup", NOW)
    _write_traces(stored.settings)
    # The records in backups name the copies by their first place: a test that restores one must not find them there.
    return Stored(root.rename(root.with_name("kept here")))


@pytest.fixture
def stored(stored_once: Stored, tmp_path: Path) -> Stored:
    """A copy, whose records of exports and backups name the copies of them."""
    return copied(stored_once, tmp_path / "stored")


def copied(stored_once: Stored, copy: Path) -> Stored:
    """A copy in a folder that does not exist."""
    shutil.copytree(stored_once.root, copy)
    for record in ("exported.txt", "backups.json"):
        file = copy / "data" / "internal" / record
        file.write_text(file.read_text().replace(str(stored_once.root.with_name("made here")), str(copy)))
    return Stored(copy)


def _land(landing: Path) -> None:
    mentioning: dict[str, Any] = {"video_description": f"seht @{CREATOR.upper()}, 视频{VIDEO} #bees"}
    about = page(video(NUMBER, username=CREATOR), video(2, **mentioning), video(5, username=CREATOR, at=OCTOBER_3))
    packed(land(landing, [about, page(video(3), fetched_at=later(seconds=9))]))
    land(
        landing, [page(video(NUMBER, username=CREATOR), video(3), look=2, fetched_at=later(days=9))], load_id=NEXT_LOOK
    )
    green = page(video(2, **mentioning), video(4), search="green", fingerprint="e" * 64)
    land(landing, [green], load_id=GREEN, torn=page(video(NUMBER, username=CREATOR)).line()[:-20])
    reply = comment(8803, under=2, parent_comment_id=OTHER_COMMENT, text=f"@{CREATOR} ja")
    pages = [
        comment_page(comment(5077, under=NUMBER), comment(6131, under=NUMBER), under=NUMBER),
        comment_page(comment(8017, under=2), reply, comment(4, under=2), under=2, fetched_at=later(seconds=1)),
        comment_page(comment(7, under=4), under=4, fetched_at=later(seconds=2)),
    ]
    packed(land(landing, pages, load_id="comments/2026-10-02/run-1"))
    profiles = [user_page(CREATOR), user_page("creator_3", fetched_at=later(seconds=1)), user_page("jo")]
    land(landing, profiles, load_id="users/2026-10-02/run-1")
    followers = [list_page(Dataset.FOLLOWERS, "jo", CREATOR, "kim"), list_page(Dataset.FOLLOWERS, CREATOR, "jo")]
    land(landing, followers, load_id="followers/2026-11-05/run-1")
    land(
        landing,
        [list_page(Dataset.LIKED, "jo", video(NUMBER, username=CREATOR), video(6))],
        load_id="liked/2026-11-05/run-1",
    )
    land(landing, [playlist_page(9, VIDEO, snowflake(2))], load_id="playlists/2026-11-05/run-1")


def _write_traces(settings: Settings) -> None:
    dagster = settings.files.internal / "dagster"
    (dagster / "storage" / "run").mkdir(parents=True)
    (dagster / "storage" / "run" / "compute.err").write_text(
        f"error at {VIDEO}, \\u9891{VIDEO}, @{CREATOR}\nend {VIDEO + 1}\n"
    )
    with closing(sqlite3.connect(dagster / "runs.db")) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table event_logs (id integer primary key, event text, tags blob)")
        connection.execute("create table keyed (name text primary key, value text) without rowid")
        connection.execute("insert into event_logs (event) values (?)", (f'{{"x": "{VIDEO} @{CREATOR}", "y": 5}}',))
        connection.execute("insert into event_logs (event, tags) values ('other', ?)", (f"{VIDEO}".encode(),))
        connection.execute("insert into keyed values (?, 'x'), ('other', ?)", (f"run of {VIDEO}", f"{VIDEO}"))
        connection.commit()
    (settings.files.internal / ".deletion.json.12640.5cd219be.tmp").write_text(f'{{"users": ["{CREATOR}"]}}')
    settings.files.root.joinpath(".report.html.12640.5cd219be.tmp").write_text(f"<td>{CREATOR}</td><td>{VIDEO}</td>")
    (settings.files.notebook_outputs / "session").mkdir(parents=True)
    (settings.files.notebook_outputs / "session" / "notebook.py.json").write_text(f'{{"text": "{VIDEO} @{CREATOR}"}}')
    (settings.files.internal / "writer.duckdb.tmp").mkdir()
    (settings.files.internal / "writer.duckdb.tmp" / "spilled").write_bytes(VIDEO.to_bytes(8, "little"))
    (settings.files.internal / "writer.duckdb.damaged-20261101T000000000000Z").write_bytes(VIDEO.to_bytes(8, "little"))
    (settings.files.exports / ".x.unfinished").mkdir()
    (settings.files.exports / ".x.unfinished" / "a.csv").write_text(f"{VIDEO}")
    (settings.files.landing / "users" / "2026-10-02" / ".run-1.ndjson.zst.tmp").write_text(f"{VIDEO}")
    (settings.files.landing / "users" / "2026-10-02" / "r.ndjson.damaged-20261101T000000000000Z").write_text(f"{VIDEO}")
