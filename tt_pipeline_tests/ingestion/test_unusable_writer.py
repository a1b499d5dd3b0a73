"""The writer's file can be rebuilt from the landed pages, so no state of it stops a collection."""

import base64
import logging
import os
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.errors import NewerFile, RebuildLoses, StorageFailed
from tt_pipeline.ingestion.delivery import (
    check_writer_is_free,
    load_landed,
    publish_warehouse,
    rebuild_warehouse,
    write_ops_tables,
)
from tt_pipeline.ingestion.session import CollectionSession
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.counting import table_counts
from tt_pipeline.warehouse.writer import is_unusable
from tt_pipeline_tests.builders import cases
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.warehouse.builders import make_writer_file
from tt_pipeline_tests.warehouse.other_process import open_in_another_process

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 4))
HEADER, BLOCK = 12_288, 262_144

DUCKDB_2 = (
    "c-rmRuL{C&5Ww-Do5+I2E@&6FF*nqt-~?gCVp`hYN060)$)LsHgBX1Pi*KO5fWe2*Fhmd)5d;U{PdV-mE?hfKuBGewB2esc-#N+R"
    "BNIc_RsD58w9LTwqh=VtpHnF>r}3;;I&1Y#d*ti{000000QiZ0D@m%Z-7P$COZR#)3rZFStPTJG004m8*lvam@31=F^2-D9#r@C!"
    "9{>OV0D%8;1#^Kf^8"
)
"""The header of a file that DuckDB 2.0.0 made for itself alone, compressed."""

Spoil = Callable[[bytes], bytes]


def deliver(session: CollectionSession) -> None:
    """Load and publish what has landed."""
    check_writer_is_free(session)
    load_landed(session, Dataset.VIDEOS)
    write_ops_tables(session)
    publish_warehouse(session)


def collect(session: CollectionSession) -> dict[str, int]:
    """Collect and publish two days; returns the rows of the writer's file."""
    collect_videos(session, session.study.searches[0], DAYS)
    deliver(session)
    return table_counts(session.files.writer)


def block(number: int) -> Spoil:
    """Set the bytes of a block to zero."""

    def spoil(content: bytes) -> bytes:
        start = HEADER + number * BLOCK
        return content[: start + 100] + bytes(400) + content[start + 500 :] if start < len(content) else b""

    return spoil


SPOILT: dict[str, Spoil] = {
    "empty": lambda _: b"",
    "half": lambda content: content[: len(content) // 2],
    "without its last block": lambda content: content[:-BLOCK],
    "without its last bytes": lambda content: content[:-100],
    "its header alone": lambda content: content[:HEADER],
    "part of its header": lambda content: content[:4_096],
    "one byte": lambda _: b"D",
    "text": lambda _: b"no database " * 5_000,
    "zeros": lambda content: bytes(len(content)),
    "another database": lambda _: b"SQLite format 3\x00" + bytes(8_000),
    "a bit": lambda content: content[:HEADER] + bytes([content[HEADER] ^ 1]) + content[HEADER + 1 :],
    **{f"block {number}": block(number) for number in range(8)},
}

MAY_BE_UNUSED = (SPOILT["without its last block"], SPOILT["without its last bytes"])


def contents(file: Path) -> dict[str, str]:
    """A checksum of the rows of each table that holds what TikTok answered; their order does not matter."""
    tables = ("core.videos", "core.video_snapshots", "core.search_hits", "core.video_hashtags")
    summed = "select sum(hash(columns(* exclude (load_id))))::varchar from"
    with duckdb.connect(file, read_only=True) as connection:
        sums = {table: connection.execute(f"{summed} {table}").fetchall() for table in tables}
    return {table: f"{rows}" for table, rows in sums.items()}


@pytest.mark.parametrize("spoil", cases(SPOILT, "empty", "block 1"))
def test_an_unusable_file_is_renamed_and_built_again(lab: Lab, caplog: pytest.LogCaptureFixture, spoil: Spoil) -> None:
    """No command fails, one sentence names the file, no request is sent, and every row is stored again."""
    with lab.session() as session:
        before, writer = collect(session), session.files.writer
        rows_before = contents(writer)
        writer.write_bytes(spoil(writer.read_bytes()))
        was_unusable, sent = is_unusable(writer), lab.sent()
        # Opening the file reads few of its blocks; publication reads all of them.
        assert check_writer_is_free(session) in ({None, "was damaged and has been renamed"} if was_unusable else {None})
        caplog.clear()

        deliver(session)

        assert (table_counts(writer), table_counts(session.files.published)) == (before, before)
        assert contents(writer) == contents(session.files.published) == rows_before
        assert (is_unusable(writer), lab.sent()) == (False, sent)
    messages = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    kept = list(writer.parent.glob("writer.duckdb.damaged-*"))
    # Where only bytes of an unused block are lost, the file may be used again, and has every row.
    assert len(messages) == len(kept) <= int(was_unusable)
    assert bool(kept) == was_unusable or spoil in MAY_BE_UNUSED
    for aside in kept:
        assert (aside.name in messages[0], str(writer) in messages[0]) == (True, True)


@pytest.mark.slow
def test_the_latest_unusable_file_is_kept(lab: Lab) -> None:
    """Earlier ones are deleted, because they take room and have personal data; also by `tt rebuild`."""
    with lab.session() as session:
        before, writer = collect(session), session.files.writer
        acts: list[Callable[[CollectionSession], None]] = [deliver, rebuild_warehouse]
        for number, act in enumerate(acts):
            writer.write_bytes(f"no database {number}".encode())
            act(session)

        (kept,) = writer.parent.glob("writer.duckdb.damaged-*")
        assert (kept.read_bytes(), table_counts(writer)) == (b"no database 1", before)


def test_a_warehouse_that_would_lose_rows_is_not_rebuilt(lab: Lab) -> None:
    """If landed files are missing too, the published file stays, the message says so, and collecting works."""
    with lab.session() as session:
        before, writer = collect(session), session.files.writer
        writer.write_bytes(b"")
        for landed in (session.files.landing / "videos").rglob("*.zst"):
            landed.unlink()
        session.zone.catch_up()

        check_writer_is_free(session)
        with pytest.raises(RebuildLoses, match="--accept-loss"):
            load_landed(session, Dataset.VIDEOS)
        assert (writer.read_bytes(), table_counts(session.files.published)) == (b"", before)
        assert collect(session) == before | {"ops.requests": lab.sent()}


def test_a_writers_file_that_is_gone_is_noticed(lab: Lab) -> None:
    """Before the first publication there was none."""
    with lab.session() as session:
        collect_videos(session, session.study.searches[0], DAYS)
        session.files.writer.unlink()
        assert check_writer_is_free(session) is None
        deliver(session)
        session.files.writer.unlink()
        assert check_writer_is_free(session) == "was gone"


@pytest.mark.slow
def test_some_unusable_files_are_not_damaged(tmp_path: Path) -> None:
    """A file that a running process has open, a missing file and a folder are left unchanged."""
    file = make_writer_file(tmp_path / "writer.duckdb")
    with open_in_another_process(file):
        assert not is_unusable(file)
    assert not is_unusable(file)
    assert not is_unusable(tmp_path / "missing.duckdb")
    assert not is_unusable(tmp_path)


@pytest.mark.parametrize("problem", [duckdb.OutOfMemoryException, duckdb.InterruptException])
def test_what_says_nothing_of_the_file_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: type[duckdb.Error]
) -> None:
    """A machine without memory is no reason to rename the file and build it again: the error goes on."""
    file = make_writer_file(tmp_path / "writer.duckdb")

    def refused(*_: object, **__: object) -> None:
        raise problem("no")

    monkeypatch.setattr(duckdb, "connect", refused)
    with pytest.raises(problem):
        is_unusable(file)


def test_a_file_of_a_later_duckdb_is_not_damaged(lab: Lab) -> None:
    """It is unchanged, and the message says what to update."""
    later = zlib.decompress(base64.b85decode(DUCKDB_2))
    with lab.session() as session:
        session.files.writer.write_bytes(later)

        with pytest.raises(NewerFile, match=r"version 69 of its format; .* update DuckDB\."):
            load_landed(session, Dataset.VIDEOS)
        assert (session.files.writer.read_bytes(), is_unusable(session.files.writer)) == (later, False)


@pytest.mark.parametrize("name", ["writer.duckdb", "writer.lease"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(lab: Lab, name: str) -> None:
    """Opening a pipe waits for its other end, so a collection would never end."""
    with lab.session() as session:
        place = session.files.internal / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        os.mkfifo(place)
        is_database = name == "writer.duckdb"
        with pytest.raises(StorageFailed, match=r"is not a file\. .*Move it away") if is_database else nullcontext():
            collect(session)
