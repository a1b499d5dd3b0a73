"""Publishing: analysts always open a whole, checked file, and nobody disturbs anybody."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.clock import FrozenClock
from tt_pipeline.errors import PublicationRefused, WriterLocked
from tt_pipeline.warehouse.migrations import migrations, present_version
from tt_pipeline.warehouse.publish import PublishReport, publish
from tt_pipeline.warehouse.published import open_published, query, summary
from tt_pipeline.warehouse.writer import VERSION, Writer
from tt_pipeline_tests.warehouse.builders import (
    CLOCK,
    MORNING,
    NEXT_LOOK,
    comment,
    comment_page,
    contents,
    land,
    later,
    load,
    page,
    snowflake,
    user_page,
    video,
)
from tt_pipeline_tests.warehouse.test_marts import coverage
from tt_pipeline_tests.warehouse.test_writer import HOLD_THE_FILE


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Where analysts open the warehouse; its folder is not there yet."""
    return tmp_path / "data" / "warehouse.duckdb"


@pytest.fixture
def loaded(landing: Path, writer_file: Path) -> Path:
    """A writer's file with a video, a comment and a profile."""
    files = [
        land(landing, [page(video(1))]),
        land(landing, [comment_page(comment(1))], load_id="comments/2026-10-02/run-1"),
        land(landing, [user_page("lena")], load_id="users/2026-10-02/run-1"),
    ]
    load(writer_file, files)
    return writer_file


def test_what_is_published_is_what_was_loaded(loaded: Path, published: Path) -> None:
    """Every table has the writer's rows, and the report tells size and rows."""
    report = publish(loaded, published, CLOCK)
    for name, frame in contents(loaded).items():
        assert query(published, f"select * from {name} order by all").equals(frame), name
    rows = {name: frame.height for name, frame in contents(loaded).items() if name != "ops.publish_info"}
    assert report == PublishReport(
        published=published,
        published_at=CLOCK.now(),
        bytes=published.stat().st_size,
        rows={**report.rows, **rows},
        checks=report.checks,
    )


def test_the_file_says_what_it_is(loaded: Path, published: Path) -> None:
    """ops.publish_info has one row, of the latest publication."""
    publish(loaded, published, FrozenClock(later(days=1)))
    publish(loaded, published, FrozenClock(later(days=2)))
    assert query(published, "select * from ops.publish_info").to_dicts() == [
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
        }
    ]


def test_a_reader_keeps_its_version_until_it_reconnects(loaded: Path, landing: Path, published: Path) -> None:
    """Publishing neither fails under an open reader nor changes what it sees; who opens anew sees the new rows."""
    publish(loaded, published, CLOCK)
    with open_published(published) as reader:
        load(loaded, [land(landing, [page(video(2))], load_id=NEXT_LOOK)])
        publish(loaded, published, CLOCK)
        assert reader.execute("select count(*) from core.videos").fetchall() == [(1,)]
    with open_published(published) as reader:
        assert reader.execute("select count(*) from core.videos").fetchall() == [(2,)]


def test_nothing_is_left_beside_the_published_file(loaded: Path, published: Path) -> None:
    """Neither an unfinished copy nor a write-ahead log lies in the analysts' folder."""
    publish(loaded, published, CLOCK)
    assert [file.name for file in published.parent.iterdir()] == ["warehouse.duckdb"]
    assert not loaded.with_name(f"{loaded.name}.wal").exists()


def test_an_unfinished_copy_of_a_crash_is_overwritten(loaded: Path, published: Path) -> None:
    """What a crash left behind does not get into the next publication."""
    published.parent.mkdir()
    published.with_name(".warehouse.duckdb.unfinished").write_bytes(b"x" * 10_000_000)
    publish(loaded, published, CLOCK)
    assert summary(published)["videos"] == 1


def test_a_blocking_check_keeps_the_published_file(loaded: Path, published: Path) -> None:
    """Wrong numbers do not reach analysts; the message names the check."""
    publish(loaded, published, CLOCK)
    before = published.read_bytes()
    with Writer(loaded, CLOCK) as writer:
        writer.connection.execute("insert into core.videos select * from core.videos")
    with pytest.raises(PublicationRefused, match="keys_are_unique: 1 keys stand more than once in their table"):
        publish(loaded, published, CLOCK)
    assert published.read_bytes() == before


def test_a_failed_check_that_does_not_block_is_published_and_told(loaded: Path, landing: Path, published: Path) -> None:
    """What was paid for is with the analysts the same day, with its flaw beside it."""
    load(loaded, [land(landing, [comment_page(comment(2, parent_comment_id=7))], load_id="comments/2026-10-02/run-2")])
    report = publish(loaded, published, CLOCK)
    assert [check.name for check in report.checks if not check.passed] == ["parents_are_known"]
    assert query(published, "select count(*) as comments from core.comments")["comments"].to_list() == [2]


def test_a_file_that_is_being_written_is_not_published(loaded: Path, published: Path) -> None:
    """While another process holds the writer's file nothing is copied."""
    command = [sys.executable, "-c", HOLD_THE_FILE, str(loaded)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(WriterLocked):
            publish(loaded, published, CLOCK)
        holder.communicate()
    assert not published.exists()


def test_the_published_file_is_opened_read_only(loaded: Path, published: Path) -> None:
    """No reader can change what others read."""
    publish(loaded, published, CLOCK)
    with open_published(published) as reader, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        reader.execute("delete from core.videos")


def test_a_query_binds_its_values(loaded: Path, published: Path) -> None:
    """Values travel beside the query, never in it."""
    publish(loaded, published, CLOCK)
    found = query(published, "select username from core.videos where video_id = $video", video=snowflake(1))
    assert found.to_dicts() == [{"username": "creator_1"}]


def test_the_summary_counts_what_is_held(loaded: Path, published: Path) -> None:
    """Videos, comments, users, and different days that some search holds to the end."""
    with Writer(loaded, CLOCK) as writer:
        day = MORNING.date()
        first, second, third = (day.replace(day=number) for number in (1, 2, 3))
        writer.replace("ops.search_coverage", coverage((first, "complete"), (second, "early"), (third, "partial")))
    publish(loaded, published, CLOCK)
    assert summary(published) == {"videos": 1, "comments": 1, "users": 1, "days": 2}
