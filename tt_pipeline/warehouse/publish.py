"""Publishes: checks and closes the writer's file, copies it, and replaces the analysts' file in one step.

Readers keep the version that they opened until they reconnect, so readers and the writer do not block each other.
Copying a file that DuckDB has open in this process would release its lock (measured). Therefore the file is closed
first, and another lock keeps other writers out until the copy is in place. Slow views become tables in the copy only.
"""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import duckdb

from tt_pipeline.clock import Clock
from tt_pipeline.errors import PublicationRefused, WriterLocked
from tt_pipeline.file_modes import set_readers
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.check_results import result_rows
from tt_pipeline.warehouse.checks import CheckResult, run_checks
from tt_pipeline.warehouse.hiding import Hidden, HidingRule, hide
from tt_pipeline.warehouse.kept_marts import keep_marts
from tt_pipeline.warehouse.migrations import present_version
from tt_pipeline.warehouse.stored_marts import store_slow_views
from tt_pipeline.warehouse.writer import VERSION, Writer, describe, one_row, read_every_row

log = logging.getLogger(__name__)

_NO_ORIGIN: Final[dict[str, str | int | None]] = dict.fromkeys(("api_base_url", "landing_id", "landed_files"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """The result of a publication.

    Attributes:
        rows: Number of rows by table.
        checks: The results of all checks; the blocking ones passed.
        hidden: What was left out of the copy; `rows` counts it.
        targets: Why each publish target failed, by its address; None if it has the copy.
    """

    published: Path
    published_at: datetime
    bytes: int
    rows: Mapping[str, int]
    checks: tuple[CheckResult, ...]
    hidden: Hidden
    targets: Mapping[str, str | None] = field(default_factory=dict)


def publish_file(
    writer_file: Path,
    published: Path,
    clock: Clock,
    *,
    share_group: str | None = None,
    hides: HidingRule | None = None,
    **origin: str | int | None,
) -> PublishReport:
    """Check the writer's file and put a copy where analysts open it.

    Args:
        writer_file: The writer's file.
        published: Where the copy goes.
        clock: Gives the time of publication.
        share_group: The group that may read the copy; None for its owner alone.
        hides: When something is left out because it was not checked; None leaves nothing out for its age.
        origin: Columns of `ops.publish_info`: `api_base_url`, the server whose answers these are; `landing_id`, the
            landing folder, and `landed_files`, how many files it has.

    Raises:
        PublicationRefused: A blocking check failed; nothing was published.
        WriterLocked: Another process has the writer's file open.
        duckdb.Error: The writer's file is damaged; nothing was published.
    """
    with Writer(writer_file, clock) as writer:
        checks = tuple(run_checks(writer))
        problems = [f"{check.name}: {check.message}" for check in checks if check.is_blocking and not check.passed]
        if problems:
            raise PublicationRefused(published, problems)
        published_at = clock.now()
        writer.replace("ops.check_results", result_rows(writer, checks, published_at))
        rows = _count_rows(writer)
        _write_info(writer, rows, published_at=published_at, **_NO_ORIGIN | origin)
        writer.connection.execute("checkpoint")
    keep_marts(writer_file)
    read_every_row(writer_file)  # a damaged block that no check has read would be published too
    size, hidden = _swap_in(writer_file, published, share_group, hides, published_at)
    log.info("warehouse published: bytes=%d videos=%d comments=%d", size, rows["core.videos"], rows["core.comments"])
    return PublishReport(
        published=published, published_at=published_at, bytes=size, rows=rows, checks=checks, hidden=hidden
    )


def _count_rows(writer: Writer) -> dict[str, int]:
    stored = [name for name, table in TABLES.items() if table.is_stored]
    sql = " union all ".join(f"select '{name}' as name, count(*) as rows from {name}" for name in stored)
    return dict(writer.query(sql).iter_rows())


def _write_info(writer: Writer, rows: Mapping[str, int], **further: object) -> None:
    with writer.transaction() as connection:  # otherwise each of its hundreds of statements waits for the disk
        describe(connection)
    last = writer.query("select max(last_fetched_at) as at from ops.loads")["at"][0]
    info = {
        **further,
        "schema_version": present_version(writer.steps),
        "made_by": VERSION,
        "duckdb_version": duckdb.__version__,
        **{noun: rows[f"core.{noun}"] for noun in ("videos", "comments", "users")},
        "loads": rows["ops.loads"],
        "last_fetched_at": last,
    }
    writer.replace("ops.publish_info", one_row("ops.publish_info", info))


def _swap_in(
    writer_file: Path, published: Path, share_group: str | None, hides: HidingRule | None, now: datetime
) -> tuple[int, Hidden]:
    with writer_file.open("r+b") as source:
        _keep_writers_out(source, writer_file)
        with _emptied(published.with_name(f".{published.name}.publishing")) as folder:
            unfinished = folder / published.name
            with unfinished.open("wb") as target:
                shutil.copyfileobj(source, target, 16 * 1024 * 1024)
            hidden = hide(unfinished, hides, now)
            if hidden.missing or hidden.overdue:
                keep_marts(unfinished)
            store_slow_views(unfinished)
            set_readers(unfinished, share_group)
            size = _sync(unfinished)
            unfinished.replace(published)
    _sync(published.parent)
    return size, hidden


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """Empty the folder for the copy, so that files of a crashed publication do not disturb the next one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep_writers_out(source: BinaryIO, writer_file: Path) -> None:
    try:
        fcntl.lockf(source, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise WriterLocked(writer_file, "another process, which opened it just now") from error


def _sync(path: Path) -> int:
    """Flush a file or folder to the disk (`fsync`), and return its size in bytes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
