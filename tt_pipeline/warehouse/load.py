"""Landed files into the writer's tables, audited before they are committed.

Loading a file again changes nothing; a file that has grown replaces its own rows. Files may come in any order: of
what does not change the earliest observation stays, and every observation of counts is kept. Small files share a
transaction (300 of them took 40 s one by one); if one of them fails, each is tried alone. A file that was damaged is
replaced by what was saved of it: `replacing.py`.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tt_pipeline.errors import AuditFailed, CorruptLanding
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse.accounts import accounts, audit, rejections, rows_found
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.merging import forget, merge
from tt_pipeline.warehouse.parse import LandedFile, read_pages
from tt_pipeline.warehouse.replacing import outdated, replacing
from tt_pipeline.warehouse.shape import SHAPES
from tt_pipeline.warehouse.writer import VERSION, Writer, insert

log = logging.getLogger(__name__)

_LINES_AT_ONCE = 500  # 50,000 videos: under 1 GB of memory


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

    loaded: tuple[str, ...]
    rows: Mapping[str, int]
    rejected: int
    duplicates: int
    strays: int
    failures: Mapping[str, str]


def load_new(writer: Writer, files: Sequence[LandedFile]) -> LoadReport:
    """Load every file that has more whole lines than were loaded of it, or that replaces one.

    A file that is corrupt or does not add up is left out and told in the report.
    """
    report = _load_all(writer, outdated(writer, files))
    # Where a load was replaced, others tell once more what it had told first.
    again = [file for file in outdated(writer, files) if file.load_id not in report.failures]
    return _sum([report, _load_all(writer, again)])


def _load_all(writer: Writer, files: Sequence[LandedFile]) -> LoadReport:
    reports: list[LoadReport] = []
    for batch in _batches(files):
        try:
            reports.append(load_files(writer, batch))
        except (AuditFailed, CorruptLanding):
            reports.extend(_load_alone(writer, file) for file in batch)
    return _sum(reports)


def load_files(writer: Writer, files: Sequence[LandedFile]) -> LoadReport:
    """Load files in one transaction, whatever was loaded of them, or of what they replace, before.

    Raises:
        CorruptLanding: A whole line is no envelope.
        AuditFailed: Rows do not add up; nothing was changed.
    """
    pages = read_pages(files)
    load_ids = [file.load_id for file in files]
    with writer.transaction() as connection, replacing(connection, load_ids):
        forget(connection, load_ids)
        parts = [_load_dataset(writer, part) for part in pages.partition_by("dataset")]
        loads = pl.concat([loads for loads, _ in parts]) if parts else _NO_LOADS
        insert(connection, "ops.loads", loads)
        audit(loads, writer.query(rows_found("list_contains($load_ids, load_id)"), load_ids=load_ids))
    log.info("files loaded: files=%d pages=%d records=%d", len(files), pages.height, loads["records_in"].sum())
    return _report(loads, [rows for _, rows in parts])


def _load_dataset(writer: Writer, pages: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Merge pages of one dataset; gives the rows of ops.loads and how many rows each table gained."""
    shaped = SHAPES[Dataset(pages["dataset"][0])](pages.lazy())
    *tables, tally, unusable = pl.collect_all([*shaped.tables.values(), shaped.tally, shaped.unusable])
    rows = {
        name: merge(writer.connection, TABLES[name], frame) for name, frame in zip(shaped.tables, tables, strict=True)
    }
    rejected = rejections(pages, unusable)
    insert(writer.connection, "ops.rejections", rejected)
    return accounts(pages, tally=tally, rejected=rejected, loaded_at=writer.clock.now(), made_by=VERSION), rows


def _load_alone(writer: Writer, file: LandedFile) -> LoadReport:
    try:
        return load_files(writer, [file])
    except (AuditFailed, CorruptLanding) as error:
        log.exception("file not loaded: load=%s", file.load_id)
        return _report(_NO_LOADS, [], failures={file.load_id: str(error)})


def _batches(files: Sequence[LandedFile]) -> Iterator[list[LandedFile]]:
    batch: list[LandedFile] = []
    for file in files:
        if batch and sum(other.lines for other in batch) + file.lines > _LINES_AT_ONCE:
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


_NO_LOADS = pl.DataFrame(schema=TABLES["ops.loads"].frame_schema)


def _report(
    loads: pl.DataFrame, rows: Sequence[Mapping[str, int]], *, failures: Mapping[str, str] | None = None
) -> LoadReport:
    return LoadReport(
        loaded=tuple(loads["load_id"]),
        rows=_added_up(rows),
        rejected=int(loads["rejected"].sum()),
        duplicates=int(loads["duplicates"].sum()),
        strays=int(loads["strays"].sum()),
        failures=failures or {},
    )


def _sum(reports: Sequence[LoadReport]) -> LoadReport:
    return LoadReport(
        loaded=tuple(load_id for report in reports for load_id in report.loaded),
        rows=_added_up([report.rows for report in reports]),
        rejected=sum(report.rejected for report in reports),
        duplicates=sum(report.duplicates for report in reports),
        strays=sum(report.strays for report in reports),
        failures={load_id: told for report in reports for load_id, told in report.failures.items()},
    )


def _added_up(rows: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in rows:
        total.update(part)
    return dict(total)
