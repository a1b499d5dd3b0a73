"""A migration turns an older warehouse into one of the present version, or leaves it unchanged."""

import os
import signal
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.errors import RebuildNeeded
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.migrations import migrations, present_version
from tt_pipeline.warehouse.publish import publish_file
from tt_pipeline.warehouse.published import published_summary
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.warehouse.builders import CLOCK, MORNING, NEXT_LOOK, land, load, page, rows, snowflake, video

pytestmark = pytest.mark.newest

VERSION_1 = Path(__file__).with_name("version_1.sql").read_text(encoding="utf-8")
SCHEMA = """
select schema_name, table_name, column_index, column_name, data_type, is_nullable, comment
from duckdb_columns() where not internal order by all
"""
DIE_BEFORE_THE_COMMIT = """
import os, signal, sys
from importlib.resources import files
from pathlib import Path
from tt_pipeline.warehouse.writer import Writer

class Deadly:
    def now(self):
        os.kill(os.getpid(), signal.SIGKILL)

with Writer(Path(sys.argv[1]), Deadly()):
    pass
"""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A file of version 1 with a video in it."""
    return file_of_version(1, tmp_path)


def file_of_version(number: int, folder: Path) -> Path:
    """A file of an earlier version with a video in it."""
    file = folder / "older.duckdb"
    with duckdb.connect(file) as connection:
        connection.execute(VERSION_1)
        for step in range(2, number + 1):
            connection.execute(migrations()[step])
        connection.execute("insert into ops.schema_versions values ($1, $2, '0.1')", [number, MORNING])
        connection.execute(
            "insert into core.videos by name"
            " select $1 as video_id, 'lena' as username, date '2026-10-02' as created_date, $2 as first_observed_at,"
            " 'videos/old' as load_id",
            [snowflake(7), MORNING],
        )
    return file


@pytest.mark.parametrize("number", range(1, present_version(migrations())))
def test_a_file_of_an_earlier_version_becomes_one_of_the_present_version(
    number: int, tmp_path: Path, fresh_file: Path, landing: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Tables, columns, views and comments are those of a new file, the rows are kept, and it is said before."""
    older, present = file_of_version(number, tmp_path), present_version(migrations())
    with Writer(fresh_file, CLOCK) as fresh:
        expected = fresh.query(SCHEMA)
    with Writer(older, CLOCK) as writer:
        assert writer.query(SCHEMA).equals(expected)
        versions = writer.query("select version from ops.schema_versions order by 1")["version"].to_list()
    assert versions == [number, present]
    (said,) = [record.getMessage() for record in caplog.records]
    assert f"{older} (" in said
    assert (
        f" MB) has the tables of version {number} and gets those of version {present}, completely or not at all" in said
    )
    assert said.endswith("no row is copied.")

    load(older, [land(landing, [page(video(1))])])
    publish_file(older, older.with_name("warehouse.duckdb"), CLOCK)
    assert published_summary(older.with_name("warehouse.duckdb"))["videos"] == 2


@pytest.mark.slow
def test_a_migration_that_is_killed_leaves_the_older_file(older: Path) -> None:
    """Kill -9 after the last step and before the commit: no table has changed, and the next try succeeds."""
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}
    died = subprocess.run([sys.executable, "-c", DIE_BEFORE_THE_COMMIT, str(older)], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL

    with duckdb.connect(older) as connection:
        found = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        versions = connection.execute("select version from ops.schema_versions").fetchall()
    assert (versions, "quarantine" in found, "videos" in found) == ([(1,)], False, True)
    assert rows(older, "select username from core.videos") == [{"username": "lena"}]


def test_an_older_file_of_before_the_release_says_what_to_do(older: Path) -> None:
    """A file that no migration covers is refused with the missing name, and stays unchanged."""
    with duckdb.connect(older) as connection:
        connection.execute("alter table core.search_hits drop column draw")
    with (
        pytest.raises(RebuildNeeded, match=r"differ from those of this tt_pipeline: core.search_hits\."),
        Writer(older, CLOCK),
    ):
        pass
    with duckdb.connect(older) as connection:
        assert connection.execute("select max(version) from ops.schema_versions").fetchall() == [(1,)]


def test_every_step_has_a_number_and_none_is_missing() -> None:
    """Versions count up from 2, each once, and migrations create every stored table that version 1 lacks."""
    names = [file.name for file in files("tt_pipeline.warehouse.migrations").iterdir() if file.name.endswith(".sql")]
    assert sorted(int(name.split("_")[0]) for name in names) == list(range(2, present_version(migrations()) + 1))
    made = VERSION_1 + "".join(migrations().values())
    stored = [name for name, table in TABLES.items() if table.is_stored]
    assert [name for name in stored if f"create table {name} (" not in made] == []


def test_a_column_of_a_field_that_an_older_file_lacks_is_added(writer_file: Path, landing: Path) -> None:
    """The new column is the last of its table, NULL in old rows, and filled in later rows and versions."""
    load(writer_file, [land(landing, [page(video(1, voice_to_text="old"))])])
    with duckdb.connect(writer_file) as connection:
        for table in ("core.videos", "core.video_versions"):
            connection.execute(f"alter table {table} drop column voice_to_text")

    edited = [page(video(2, voice_to_text="new"), video(2, voice_to_text="newer", video_description="again"))]
    load(writer_file, [land(landing, edited, load_id=NEXT_LOOK)])

    query = "select username, description, voice_to_text from {} order by video_id"
    assert [tuple(row.values()) for row in rows(writer_file, query.format("core.videos"))] == [
        ("creator_1", "Nisthilfe #wildbees", None),
        ("creator_2", "Nisthilfe #wildbees", "new"),
    ]
    assert [tuple(row.values()) for row in rows(writer_file, query.format("core.video_versions"))] == [
        ("creator_2", "again", "newer")
    ]
    comment = "select comment from duckdb_columns() where table_name = 'videos' and column_name = 'voice_to_text'"
    assert rows(writer_file, comment)[0]["comment"].startswith("Transcript made by TikTok")
