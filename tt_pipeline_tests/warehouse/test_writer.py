"""The writer's file is created, migrated, refused and locked; its rows do not depend on the machine's time zone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tt_pipeline.errors import NewerFile, RebuildNeeded, SchemaMismatch, WriterLocked
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.migrations import migrations, present_version
from tt_pipeline.warehouse.writer import Writer, one_row
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.warehouse.builders import CLOCK, OCTOBER, land, load, page, rows, video
from tt_pipeline_tests.warehouse.other_process import open_in_another_process

pytestmark = pytest.mark.newest

PRESENT = present_version(migrations())

PRINT_DAYS = """
import sys
from pathlib import Path
from tt_pipeline_tests.warehouse.builders import CLOCK, OCTOBER, land, load, page, video
from tt_pipeline.warehouse.writer import Writer
folder = Path(sys.argv[1])
load(folder / "writer.duckdb", [land(folder, [page(video(1, at=OCTOBER.replace(hour=23, minute=59)))])])
sql = "select created_at::varchar as at, created_date::varchar as day, first_observed_at::varchar as seen"
with Writer(folder / "writer.duckdb", CLOCK) as writer:
    print(writer.query(sql + " from core.videos").to_dicts())
"""


def test_a_locked_file_names_its_process(writer_file: Path) -> None:
    """The message has the process that has the file open, its command line, and the remedy."""
    with Writer(writer_file, CLOCK):
        pass
    with (
        open_in_another_process(writer_file) as holder,
        pytest.raises(WriterLocked) as caught,
        Writer(writer_file, CLOCK),
    ):
        pass
    assert str(caught.value.holder).startswith(f"process {holder} (")
    assert "open the published warehouse.duckdb instead" in str(caught.value)


def test_a_file_that_is_not_a_database_is_not_called_locked(writer_file: Path) -> None:
    """Only a lock is reported as a lock."""
    writer_file.write_bytes(b"no database" * 1000)
    with pytest.raises(duckdb.Error), Writer(writer_file, CLOCK):
        pass


def test_a_new_file_has_its_version(writer_file: Path) -> None:
    """The version is written once, and opening the file again changes nothing."""
    for _ in range(2):
        found = rows(writer_file, "select version, applied_at from ops.schema_versions")
        assert found == [{"version": PRESENT, "applied_at": CLOCK.now()}]


def test_an_older_file_is_migrated(writer_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Every step above the file's version runs once, in order, and the version is written down; it is said before."""
    steps = {
        PRESENT + 2: "alter table core.hashtags add column note_3 varchar; update core.hashtags set note_3 = note_2",
        PRESENT + 1: "alter table core.hashtags add column note_2 varchar",
    }
    with Writer(writer_file, CLOCK):
        pass
    for _ in range(2):
        with Writer(writer_file, CLOCK, steps=steps) as writer:
            found = writer.query("select max(version) as version, count(*) as changes from ops.schema_versions")
            columns = writer.query("select * from core.hashtags").columns
        assert (found.rows(), columns[-2:]) == ([(PRESENT + 2, 2)], ["note_2", "note_3"])
    (said,) = [record.getMessage() for record in caplog.records]
    assert re.search(r"\((\S+ MB)\) has the tables of version .*; up to \1 of rows are copied in it\.$", said)


def test_a_migration_that_fails_leaves_the_file_as_it_was(writer_file: Path) -> None:
    """All steps share one transaction, so a failing step undoes the others."""
    with Writer(writer_file, CLOCK):
        pass
    steps = {PRESENT + 1: "alter table core.hashtags add column note varchar", PRESENT + 2: "select * from nowhere"}
    with pytest.raises(duckdb.CatalogException), Writer(writer_file, CLOCK, steps=steps):
        pass
    with Writer(writer_file, CLOCK) as writer:
        assert writer.query("select * from core.hashtags").columns == list(TABLES["core.hashtags"].column_names)


def test_a_file_of_a_later_version_is_refused(writer_file: Path) -> None:
    """The message has both versions, and the file is unchanged."""
    with Writer(writer_file, CLOCK, steps={PRESENT + 6: ""}):
        pass
    before = writer_file.read_bytes()
    with (
        pytest.raises(
            NewerFile,
            match=rf"version {PRESENT + 6} of its format; this tt_pipeline knows versions up to {PRESENT}\)",
        ),
        Writer(writer_file, CLOCK),
    ):
        pass
    assert writer_file.read_bytes() == before


def test_a_file_of_before_the_release_says_what_to_do(writer_file: Path) -> None:
    """A file of the present version without a table or column is refused with its name, before a load."""
    with Writer(writer_file, CLOCK) as writer:
        writer.connection.execute("drop table core.follow_snapshots")
        writer.connection.execute("alter table core.search_hits drop column draw")
    problem = r"differ from those of this tt_pipeline: core.follow_snapshots, core.search_hits\. Run `tt rebuild`"
    with pytest.raises(RebuildNeeded, match=problem), Writer(writer_file, CLOCK):
        pass


def test_older_readers_can_open_the_file(writer_file: Path) -> None:
    """DuckDB 1.4 reads the file, whichever version wrote it."""
    with Writer(writer_file, CLOCK) as writer:
        tags = writer.query("select tags['storage_version'] as version from duckdb_databases() where path is not null")
    assert tags["version"].to_list() == ["v1.4.0+"]


ACCOUNT = {
    "username": "lena",
    "list": "profile",
    "status": "complete",
    "observations": 2,
    "records_held": 1,
    "last_asked_at": OCTOBER,
}


def test_replace_gives_a_table_exactly_these_rows(writer_file: Path) -> None:
    """The earlier rows are gone; columns may be in any order."""
    row = ACCOUNT
    frame = one_row("ops.account_coverage", row)
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.account_coverage", frame.with_columns(username=pl.lit("jo")))
        writer.replace("ops.account_coverage", frame.select(reversed(frame.columns)))
        assert writer.query("select * from ops.account_coverage").to_dicts() == [row]


@pytest.mark.parametrize(
    ("frame", "difference"),
    [
        (
            pl.DataFrame({"username": ["lena"]}),
            "column list is missing; column status is missing; column observations is missing",
        ),
        (
            one_row("ops.account_coverage", {}).with_columns(last_asked_at=pl.lit("today"), more=pl.lit(1)),
            "column more is not of this table; column last_asked_at is String instead of Datetime",
        ),
    ],
)
def test_a_frame_of_another_schema_is_refused(writer_file: Path, frame: pl.DataFrame, difference: str) -> None:
    """The message names each column that differs, and the table keeps its rows."""
    row = ACCOUNT
    with Writer(writer_file, CLOCK) as writer:
        writer.replace("ops.account_coverage", one_row("ops.account_coverage", row))
        with pytest.raises(SchemaMismatch, match=difference):
            writer.replace("ops.account_coverage", frame)
        assert writer.query("select * from ops.account_coverage").to_dicts() == [row]


@pytest.mark.parametrize("zone", cases({zone: zone for zone in ("Asia/Tokyo", "America/New_York")}, "Asia/Tokyo"))
def test_the_machines_time_zone_changes_nothing(tmp_path: Path, zone: str) -> None:
    """A video posted a minute before midnight UTC belongs to that UTC day on every machine."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT_DAYS, str(tmp_path)],
        env={"TZ": zone, "PATH": os.defpath, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [{"at": "2026-10-02 23:59:20+00", "day": "2026-10-02", "seen": "2026-11-05 06:00:00+00"}]
    assert done.stdout.splitlines()[-1] == str(expected)  # above it DuckDB may draw its progress: `-c` is interactive


def test_a_writer_is_used_as_a_context(writer_file: Path) -> None:
    """After the block there is no connection, and the file is not locked."""
    writer = Writer(writer_file, CLOCK)
    with pytest.raises(RuntimeError, match="with Writer"):
        writer.query("select 1")
    load(writer_file, [land(writer_file.parent / "landing", [page(video(1))])])
    assert rows(writer_file, "select count(*) as videos from core.videos") == [{"videos": 1}]
