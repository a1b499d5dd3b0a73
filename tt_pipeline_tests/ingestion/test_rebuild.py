"""A rebuilt warehouse replaces the old one only if it has as many rows."""

from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.errors import RebuildLoses, WriterLocked
from tt_pipeline.ingestion.delivery import load_landed, publish_warehouse, rebuild_warehouse, write_ops_tables
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.counting import table_counts, table_losses
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.warehouse.builders import CLOCK
from tt_pipeline_tests.warehouse.other_process import open_in_another_process

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 8))


def deliver(session: CollectionSession) -> dict[str, int]:
    """Collect, load and publish; returns the number of rows."""
    for search in session.study.searches:
        collect_videos(session, search, DAYS)
    load_landed(session, *Dataset)
    write_ops_tables(session)
    publish_warehouse(session)
    return table_counts(session.files.writer)


def lose_a_file(session: CollectionSession) -> Path:
    """Make the first search's file impossible to unpack."""
    (path,) = (session.files.landing / "videos" / session.study.searches[0].name).rglob("*.zst")
    path.write_bytes(path.read_bytes()[:-100])
    session.zone.catch_up()
    return path


def left_over(session: CollectionSession) -> list[str]:
    """Files that a rebuild may have left."""
    return [path.name for path in session.files.internal.glob("writer.anew*")]


@pytest.mark.parametrize("writer_is", cases({name: name for name in ("there", "gone", "damaged")}, "there"))
def test_a_rebuild_that_would_lose_rows_changes_nothing(lab: Lab, writer_is: str) -> None:
    """The message has table, rows and damaged file; without a usable writer's file it compares the published one."""
    with lab.session() as session:
        before = deliver(session)
        path, writer = lose_a_file(session), session.files.writer
        if writer_is == "gone":
            writer.unlink()
        if writer_is == "damaged":
            writer.write_bytes(b"no database" * 1_000)
        content = writer.read_bytes() if writer.exists() else None

        with pytest.raises(RebuildLoses) as refused:
            rebuild_warehouse(session)

        assert (writer.read_bytes() if writer.exists() else None) == content
        assert (table_counts(session.files.published), left_over(session)) == (before, [])
        assert f"core.videos {before['core.videos']:,} → " in str(refused.value)
        assert f"{path.name}.damaged-" in str(refused.value)
        assert "`tt rebuild --accept-loss`" in str(refused.value)


@pytest.mark.slow
def test_a_loss_can_be_accepted(lab: Lab) -> None:
    """The writer's file then has the landed rows, and all rows after requesting again."""
    with lab.session() as session:
        before = deliver(session)
        lose_a_file(session)
        rebuild_warehouse(session, accepts_loss=True)
        assert 0 < table_counts(session.files.writer)["core.videos"] < before["core.videos"]
    lab.clock.advance(seconds=60)
    with lab.session() as session:
        deliver(session)
        rebuild_warehouse(session)
        assert table_counts(session.files.writer)["core.videos"] == before["core.videos"]


@pytest.mark.slow
def test_removing_repeated_keys_is_not_a_loss(lab: Lab) -> None:
    """A rebuild removes repeated keys without --accept-loss."""
    with lab.session() as session:
        before = deliver(session)
        with Writer(session.files.writer, CLOCK) as writer:
            writer.connection.execute("insert into core.videos select * from core.videos")
        rebuild_warehouse(session)
        assert table_counts(session.files.writer) == before


@pytest.mark.slow
def test_a_file_that_is_open_in_another_program_is_not_replaced(lab: Lab) -> None:
    """The message names the program."""
    with lab.session() as session:
        deliver(session)
        with (
            open_in_another_process(session.files.writer) as holder,
            pytest.raises(WriterLocked, match=f"process {holder}"),
        ):
            rebuild_warehouse(session)
        assert left_over(session) == []


def test_only_fewer_rows_are_a_loss() -> None:
    """More rows and new tables are not a loss; a table that an earlier version lacks is not compared."""
    before, after = {"core.videos": 601, "core.users": 5}, {"core.videos": 267, "core.users": 6, "core.follows": 1}
    assert table_losses(before, after) == ["core.videos 601 → 267"]
