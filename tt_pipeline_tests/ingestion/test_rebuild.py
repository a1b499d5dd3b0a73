"""A warehouse made anew takes the place of the old one only when it holds as much."""

from datetime import date
from pathlib import Path

import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.errors import RebuildLoses, WriterLocked
from tt_pipeline.ingestion.collect_videos import collect_videos
from tt_pipeline.ingestion.delivery import load_landed, publish, rebuild, state_what_is_held
from tt_pipeline.ingestion.session import Desk
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.counting import counts, losses
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.warehouse.builders import CLOCK
from tt_pipeline_tests.warehouse.test_writer import held_elsewhere

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 8))


def deliver(desk: Desk) -> dict[str, int]:
    """Collect, load and publish; gives what is held."""
    for search in desk.study.searches:
        collect_videos(desk, search, DAYS)
    load_landed(desk, *Dataset)
    state_what_is_held(desk)
    publish(desk)
    return counts(desk.files.writer)


def lose_a_file(desk: Desk) -> Path:
    """What the first search found cannot be unpacked any more."""
    (path,) = (desk.zone.root / "videos" / desk.study.searches[0].name).rglob("*.zst")
    path.write_bytes(path.read_bytes()[:-100])
    desk.zone.catch_up()
    return path


def left_over(desk: Desk) -> list[str]:
    """What a rebuild may have forgotten."""
    return [path.name for path in desk.files.internal.glob("writer.anew*")]


@pytest.mark.parametrize("writer_is", ["there", "gone", "damaged"])
def test_a_rebuild_that_would_lose_rows_changes_nothing(lab: Lab, writer_is: str) -> None:
    """It names table, rows and the damaged file; where the writer's file tells nothing, the published one does."""
    with lab.desk() as desk:
        before = deliver(desk)
        path, writer = lose_a_file(desk), desk.files.writer
        if writer_is == "gone":
            writer.unlink()
        if writer_is == "damaged":
            writer.write_bytes(b"no database" * 1_000)
        content = writer.read_bytes() if writer.exists() else None

        with pytest.raises(RebuildLoses) as refused:
            rebuild(desk)

        assert (writer.read_bytes() if writer.exists() else None) == content
        assert (counts(desk.files.published), left_over(desk)) == (before, [])
        assert f"core.videos {before['core.videos']:,} → " in str(refused.value)
        assert f"{path.name}.damaged-" in str(refused.value)
        assert "`tt rebuild --accept-loss`" in str(refused.value)


def test_a_loss_can_be_accepted(lab: Lab) -> None:
    """The writer's file then holds what has landed, as after asking again it holds all."""
    with lab.desk() as desk:
        before = deliver(desk)
        lose_a_file(desk)
        rebuild(desk, accepts_loss=True)
        assert 0 < counts(desk.files.writer)["core.videos"] < before["core.videos"]
    lab.clock.advance(seconds=60)
    with lab.desk() as desk:
        deliver(desk)
        rebuild(desk)
        assert counts(desk.files.writer)["core.videos"] == before["core.videos"]


def test_repeated_keys_are_no_rows_to_lose(lab: Lab) -> None:
    """A rebuild repairs them without being told to accept a loss."""
    with lab.desk() as desk:
        before = deliver(desk)
        with Writer(desk.files.writer, CLOCK) as writer:
            writer.connection.execute("insert into core.videos select * from core.videos")
        rebuild(desk)
        assert counts(desk.files.writer) == before


def test_a_file_that_another_program_holds_is_left_to_it(lab: Lab) -> None:
    """The message names the program."""
    with lab.desk() as desk:
        deliver(desk)
        with held_elsewhere(desk.files.writer) as holder, pytest.raises(WriterLocked, match=f"process {holder}"):
            rebuild(desk)
        assert left_over(desk) == []


def test_only_less_is_a_loss() -> None:
    """More rows and new tables are none; a table that an earlier version lacks is not compared."""
    before, after = {"core.videos": 601, "core.users": 5}, {"core.videos": 267, "core.users": 6, "core.follows": 1}
    assert losses(before, after) == ["core.videos 601 → 267"]
