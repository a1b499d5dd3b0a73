"""Analysts always open a complete, checked file, and publishing and reading do not disturb each other."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.errors import PublicationRefused, WriterLocked
from tt_pipeline.warehouse.catalog import TABLES, Loading
from tt_pipeline.warehouse.catalog.dictionary import text_of
from tt_pipeline.warehouse.hiding import Hidden
from tt_pipeline.warehouse.migrations import migrations, present_version
from tt_pipeline.warehouse.publish import PublishReport, publish_file
from tt_pipeline.warehouse.published import open_published, published_summary, query_file
from tt_pipeline.warehouse.writer import VERSION, Writer
from tt_pipeline_tests.frozen_clock import FrozenClock
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    MORNING,
    NEXT_LOOK,
    comment,
    comment_page,
    contents,
    coverage,
    land,
    later,
    load,
    page,
    snowflake,
    user_page,
    video,
)
from tt_pipeline_tests.warehouse.other_process import OPEN_THE_FILE

pytestmark = pytest.mark.newest


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The path of the published file; its folder does not exist yet."""
    return tmp_path / "data" / "warehouse.duckdb"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A writer's file with a video, a comment and a profile, and the file published from it."""
    folder = tmp_path_factory.mktemp("delivered")
    landing, writer_file = folder / "landing", folder / "writer.duckdb"
    files = [
        land(landing, [page(video(1, hashtag_names=["bees"]))]),
        land(landing, [comment_page(comment(1))], load_id="comments/2026-10-02/run-1"),
        land(landing, [user_page("lena")], load_id="users/2026-10-02/run-1"),
    ]
    load(writer_file, files)
    published = folder / "data" / "warehouse.duckdb"
    publish_file(writer_file, published, CLOCK)
    return writer_file, published


@pytest.fixture
def loaded(delivered: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of that writer's file."""
    return Path(shutil.copy(delivered[0], tmp_path))


@pytest.fixture(scope="module")
def once_published(delivered: tuple[Path, Path]) -> Path:
    """The published file, for tests that only read it."""
    return delivered[1]


def test_the_published_rows_are_the_loaded_rows(loaded: Path, published: Path) -> None:
    """Every published table but ops.checks_due has the writer's rows, and the report has size and number of rows."""
    report = publish_file(loaded, published, CLOCK)
    writers, analysts = contents(loaded), contents(published)
    assert [name for name, frame in writers.items() if not analysts[name].equals(frame)] == ["ops.checks_due"]
    rows = {name: frame.height for name, frame in writers.items() if name != "ops.publish_info"}
    assert report == PublishReport(
        published=published,
        published_at=CLOCK.now(),
        bytes=published.stat().st_size,
        rows={**report.rows, **rows},
        checks=report.checks,
        hidden=Hidden(),
    )


@pytest.mark.slow
def test_the_file_describes_its_publication(loaded: Path, published: Path) -> None:
    """ops.publish_info has one row, that of the latest publication."""
    publish_file(loaded, published, FrozenClock(later(days=1)))
    publish_file(loaded, published, FrozenClock(later(days=2)), api_base_url="http://127.0.0.1:9")
    assert query_file(published, "select * from ops.publish_info").to_dicts() == [
        {
            "published_at": later(days=2),
            "schema_version": present_version(migrations()),
            "made_by": VERSION,
            "duckdb_version": duckdb.__version__,
            "videos": 1,
            "comments": 1,
            "users": 1,
            "loads": 3,
            "last_fetched_at": MORNING,
            "api_base_url": "http://127.0.0.1:9",
            "landing_id": None,
            "landed_files": None,
        }
    ]


def test_everything_in_the_published_file_is_explained(once_published: Path) -> None:
    """Every column of core, marts and ops has a comment and the type of the catalog."""
    sql = "select count(*) as columns from duckdb_columns() where schema_name in ('core', 'marts', 'ops')"
    assert query_file(once_published, f"{sql} and comment is null").rows() == [(0,)]
    assert query_file(once_published, sql).rows() == [(sum(len(table.columns) for table in TABLES.values()),)]
    described = query_file(
        once_published, "select schema_name || '.' || table_name, comment from duckdb_tables()"
    ).rows()
    assert {name: comment for name, comment in described if TABLES[name].loading is Loading.PUBLISHED} == {
        name: table.comment for name, table in TABLES.items() if table.loading is Loading.PUBLISHED
    }
    with open_published(once_published) as reader:
        for name, table in TABLES.items():
            assert reader.sql(f"select * from {name}").pl().schema == table.frame_schema, name


WITHOUT_ROWS = {"marts.hashtag_pairs", "marts.paired_growth", "marts.video_survival", "core.renamed_handles"}
"""They need five videos with the same hashtags, a study, or a creator with two handles."""


def test_slow_views_are_tables_of_the_published_file_alone(loaded: Path, published: Path) -> None:
    """The tables have the rows of the writer's views, and in the writer's file they stay views."""
    slow = [name for name, table in TABLES.items() if table.loading is Loading.PUBLISHED]
    publish_file(loaded, published, CLOCK)
    views = "select schema_name || '.' || view_name as name from duckdb_views() where not internal"
    assert set(slow).isdisjoint(query_file(published, views)["name"])
    with Writer(loaded, CLOCK) as writer, open_published(published) as reader:
        assert set(slow) <= set(writer.query(views)["name"])
        for name in slow:
            sql = f"select * from {name} order by all"
            assert reader.sql(sql).pl().equals(writer.query(sql)), name
            assert not writer.query(sql).is_empty() or name in WITHOUT_ROWS, name


def test_a_reader_keeps_its_version_until_it_reconnects(loaded: Path, landing: Path, published: Path) -> None:
    """Publishing does not change what an open reader sees; a new connection sees the new rows."""
    publish_file(loaded, published, CLOCK)
    with open_published(published) as reader:
        load(loaded, [land(landing, [page(video(2))], load_id=NEXT_LOOK)])
        publish_file(loaded, published, CLOCK)
        assert reader.execute("select count(*) from core.videos").fetchall() == [(1,)]
    with open_published(published) as reader:
        assert reader.execute("select count(*) from core.videos").fetchall() == [(2,)]


def test_nothing_is_left_next_to_the_published_file(loaded: Path, published: Path) -> None:
    """The analysts' folder contains no unfinished copy and no write-ahead log."""
    publish_file(loaded, published, CLOCK)
    assert [file.name for file in published.parent.iterdir()] == ["warehouse.duckdb"]
    assert not loaded.with_name(f"{loaded.name}.wal").exists()


def test_a_log_of_a_killed_copy_is_not_replayed(loaded: Path, published: Path) -> None:
    """A killed copy may leave a write-ahead log, which the next copy must not apply."""
    left = published.with_name(".warehouse.duckdb.publishing")
    left.mkdir(parents=True)
    shutil.copy(loaded, left / published.name)
    with duckdb.connect(left / published.name) as connection:
        connection.execute("insert into core.videos select * from core.videos")
        shutil.copy(left / f"{published.name}.wal", left / "kept")
    (left / "kept").rename(left / f"{published.name}.wal")
    publish_file(loaded, published, CLOCK)
    assert (published_summary(published)["videos"], left.exists()) == (1, False)


@pytest.mark.slow
def test_a_copy_that_fails_leaves_the_published_file(loaded: Path, landing: Path, published: Path) -> None:
    """If a table of the copy cannot be made, the published file stays and nothing is left in its folder."""
    load(loaded, [land(landing, [page(video(1), fetched_at=later(days=9))], load_id=NEXT_LOOK)])
    publish_file(loaded, published, CLOCK)
    before = published.read_bytes()
    with Writer(loaded, CLOCK) as writer:
        grown_too_much = "case when observed_at = max_at then 9223372036854775807 else -1 end"
        writer.connection.execute(
            f"update core.video_snapshots set view_count = {grown_too_much}"
            " from (select max(observed_at) as max_at from core.video_snapshots)"
        )
    with pytest.raises(duckdb.OutOfRangeException):
        publish_file(loaded, published, CLOCK)
    assert published.read_bytes() == before
    assert [file.name for file in published.parent.iterdir()] == ["warehouse.duckdb"]


def test_a_blocking_check_keeps_the_published_file(loaded: Path, published: Path) -> None:
    """Wrong numbers are not published; the message names the check."""
    publish_file(loaded, published, CLOCK)
    before = published.read_bytes()
    with Writer(loaded, CLOCK) as writer:
        writer.connection.execute("insert into core.videos select * from core.videos")
    with pytest.raises(PublicationRefused, match="keys_are_unique: Keys stand more than once in their table: 1"):
        publish_file(loaded, published, CLOCK)
    assert published.read_bytes() == before


def test_a_failed_check_that_does_not_block_is_published_and_reported(
    loaded: Path, landing: Path, published: Path
) -> None:
    """Analysts get the collected rows the same day, with the failed check in the file."""
    load(loaded, [land(landing, [comment_page(comment(2, parent_comment_id=7))], load_id="comments/2026-10-02/run-2")])
    report = publish_file(loaded, published, CLOCK)
    assert [check.name for check in report.checks if not check.passed] == ["parents_are_known"]
    assert query_file(published, "select count(*) as comments from core.comments")["comments"].to_list() == [2]


def test_a_file_that_is_being_written_is_not_published(loaded: Path, published: Path) -> None:
    """Nothing is copied while another process has the writer's file open for writing."""
    command = [sys.executable, "-c", OPEN_THE_FILE, str(loaded)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WriterLocked):
            publish_file(loaded, published, CLOCK)
        holder.communicate()
    assert not published.exists()


def test_the_published_file_is_opened_read_only(once_published: Path) -> None:
    """A reader cannot change the published file."""
    with open_published(once_published) as reader, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        reader.execute("delete from core.videos")


def test_a_query_binds_its_values(once_published: Path) -> None:
    """Values are bound parameters and never part of the SQL."""
    found = query_file(once_published, "select username from core.videos where video_id = $video", video=snowflake(1))
    assert found.to_dicts() == [{"username": "creator_1"}]


def test_the_summary_counts_rows_and_complete_days(loaded: Path, published: Path) -> None:
    """It counts videos, comments, users, and the days that at least one search has completely."""
    with Writer(loaded, CLOCK) as writer:
        day = MORNING.date()
        first, second, third = (day.replace(day=number) for number in (1, 2, 3))
        writer.replace("ops.search_coverage", coverage((first, "complete"), (second, "early"), (third, "partial")))
    publish_file(loaded, published, CLOCK)
    assert published_summary(published) == {"videos": 1, "comments": 1, "users": 1, "days": 2}


def test_the_oldest_duckdb_that_can_read_it(loaded: Path, published: Path) -> None:
    """The header of the file has the storage version of DuckDB 1.4; the tables and the documentation name it."""
    publish_file(loaded, published, CLOCK)

    header = published.read_bytes()[:20]
    assert (header[8:12], int.from_bytes(header[12:20], "little")) == (b"DUCK", 67)
    assert "every version from 1.4 on can read it" in str(text_of(TABLES["ops.publish_info"]))
    root = Path(__file__).parents[2]
    assert "DuckDB 1.4 or later" in (root / "README.md").read_text(encoding="utf-8")
    assert "version 1.4 or later" in (root / "docs" / "read-the-data.md").read_text(encoding="utf-8")
