"""Landed files into the writer's tables: one file, one transaction, audited before it is committed.

Loading a file again changes nothing; a file that has grown replaces its own rows. Files may come in any order: of
what does not change the earliest observation stays, and every observation of counts is kept.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from tt_pipeline.errors import AuditFailed, CorruptLanding
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.accounts import account, loads_row
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.merging import forget, merge
from tt_pipeline.warehouse.parse import read_pages
from tt_pipeline.warehouse.shape import SHAPES
from tt_pipeline.warehouse.writer import VERSION, Writer, insert

log = logging.getLogger(__name__)

# The table in which a load's records stand one to one; a refused profile is an answer and no record.
_COUNTED_IN = {
    Dataset.VIDEOS: "select count(*) from core.video_snapshots where load_id = $1",
    Dataset.COMMENTS: "select count(*) from core.comment_snapshots where load_id = $1",
    Dataset.USERS: "select count(*) from core.user_snapshots where load_id = $1 and refusal is null",
}


class LandedFile(Protocol):
    """What the loader needs to know of a landed file."""

    @property
    def load_id(self) -> str:
        """Its path below the landing folder, without suffix."""
        ...

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def lines(self) -> int:
        """Whole lines in it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What loading did.

    Attributes:
        loaded: load_ids, in their order.
        rows: New rows by table; what was known already is not counted.
        rejected: Records that could not be read.
        duplicates: Records met again in the same file.
        strays: Videos posted outside the days that were asked.
        failures: Message by load_id; the other files are loaded all the same.
    """

    loaded: tuple[str, ...] = ()
    rows: Mapping[str, int]
    rejected: int = 0
    duplicates: int = 0
    strays: int = 0
    failures: Mapping[str, str]


def load_new(writer: Writer, files: Sequence[LandedFile]) -> LoadReport:
    """Load every file that has more whole lines than were loaded of it.

    A file that is corrupt or does not add up is left out and told in the report.
    """
    known = dict(writer.query("select load_id, lines from ops.loads").iter_rows())
    reports, failures = [], {}
    for file in files:
        if file.lines <= known.get(file.load_id, 0):
            continue
        try:
            reports.append(load_file(writer, file))
        except (AuditFailed, CorruptLanding) as error:
            log.exception("file not loaded: load=%s", file.load_id)
            failures[file.load_id] = str(error)
    return _sum(reports, failures)


def load_file(writer: Writer, file: LandedFile) -> LoadReport:
    """Load a file, whatever was loaded of it before.

    Raises:
        CorruptLanding: A whole line is no envelope.
        AuditFailed: Rows do not add up; nothing was changed.
    """
    pages = read_pages(file.path, load_id=file.load_id)
    shaped = SHAPES[pages.dataset](pages.frame.lazy(), load_id=file.load_id)
    *tables, tally, unusable = pl.collect_all([*shaped.tables.values(), shaped.tally, shaped.unusable])
    sums = account(pages, tally=tally, unusable=unusable)
    with writer.transaction() as connection:
        forget(connection, file.load_id)
        rows = {name: merge(connection, TABLES[name], frame) for name, frame in zip(shaped.tables, tables, strict=True)}
        insert(connection, "ops.rejections", sums.rejections)
        insert(connection, "ops.loads", loads_row(pages, sums, loaded_at=writer.clock.now(), made_by=VERSION))
        ((found,),) = connection.execute(_COUNTED_IN[pages.dataset], [file.load_id]).fetchall()
        sums.audit(rows_found=found)
    log.info("file loaded: load=%s pages=%d rows=%d rejected=%d", file.load_id, pages.lines, found, sums.rejected)
    return LoadReport(
        loaded=(file.load_id,),
        rows=rows,
        rejected=sums.rejected,
        duplicates=sums.duplicates,
        strays=sums.strays,
        failures={},
    )


def _sum(reports: Sequence[LoadReport], failures: Mapping[str, str]) -> LoadReport:
    rows: Counter[str] = Counter()
    for report in reports:
        rows.update(report.rows)
    return LoadReport(
        loaded=tuple(load_id for report in reports for load_id in report.loaded),
        rows=dict(rows),
        rejected=sum(report.rejected for report in reports),
        duplicates=sum(report.duplicates for report in reports),
        strays=sum(report.strays for report in reports),
        failures=failures,
    )
