"""The writer's file can be built from the landed pages at any time, so no state of it stops a collection."""

import base64
import logging
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tt_pipeline.coverage.windows import days_between
from tt_pipeline.errors import NewerDatabase, RebuildLoses
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
from tt_pipeline_tests.warehouse.holding import held_elsewhere

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
    """Collect and publish two days; gives what the writer's file then has."""
    collect_videos(session, session.study.searches[0], DAYS)
    deliver(session)
    return table_counts(session.files.writer)


def block(number: int) -> Spoil:
    """Bytes of a block are zero."""

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


@pytest.mark.parametrize("spoil", cases(SPOILT, "empty", "block 1"))
def test_an_unusable_file_is_renamed_and_built_again(lab: Lab, caplog: pytest.LogCaptureFixture, spoil: Spoil) -> None:
    """No command fails, one sentence names the file, no request is sent, and every row is there again."""
    with lab.session() as session:
        before, writer = collect(session), session.files.writer
        spoilt = spoil(writer.read_bytes())
        writer.write_bytes(spoilt)
        was_unusable, sent = is_unusable(writer), lab.sent()
        caplog.clear()

        deliver(session)

        assert (table_counts(writer), table_counts(session.files.published)) == (before, before)
        assert (is_unusable(writer), lab.sent()) == (False, sent)
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    kept = list(writer.parent.glob("writer.duckdb.damaged-*"))
    assert len(told) == len(kept) == int(was_unusable)  # bytes of an unused block are not read
    if was_unusable:
        assert (kept[0].read_bytes(), kept[0].name in told[0], str(writer) in told[0]) == (spoilt, True, True)


@pytest.mark.slow
def test_the_latest_unusable_file_is_kept(lab: Lab) -> None:
    """All of them can be built again, so that only one takes room and holds personal data; also with `tt rebuild`."""
    with lab.session() as session:
        before, writer = collect(session), session.files.writer
        acts: list[Callable[[CollectionSession], None]] = [deliver, rebuild_warehouse]
        for number, act in enumerate(acts):
            writer.write_bytes(f"no database {number}".encode())
            act(session)

        (kept,) = writer.parent.glob("writer.duckdb.damaged-*")
        assert (kept.read_bytes(), table_counts(writer)) == (b"no database 1", before)


def test_a_warehouse_that_would_lose_rows_is_not_built_by_itself(lab: Lab) -> None:
    """Landed files are missing too: the published file stays, the message says so, and collecting is possible."""
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


@pytest.mark.slow
def test_what_is_no_damage(tmp_path: Path) -> None:
    """A file that a living process holds, that is missing, or that is a folder is left as it is."""
    file = make_writer_file(tmp_path / "writer.duckdb")
    with held_elsewhere(file):
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


def test_a_file_of_a_later_duckdb_is_no_damage(lab: Lab) -> None:
    """It is left as it is, and the message says what to update."""
    later = zlib.decompress(base64.b85decode(DUCKDB_2))
    with lab.session() as session:
        session.files.writer.write_bytes(later)

        with pytest.raises(NewerDatabase, match=r"has storage version 69, .* Update DuckDB"):
            load_landed(session, Dataset.VIDEOS)
        assert (session.files.writer.read_bytes(), is_unusable(session.files.writer)) == (later, False)
