"""Loads landed files into the writer's tables, and audits them before the commit.

Loading a file again changes nothing; if a file has grown, its rows are replaced. The order of files does not matter:
attributes come from the earliest observation, and all observations of counts are kept. Files share a transaction (300
small ones took 40 s one by one); if one fails, the others are loaded. `replacing.py` replaces a damaged file by its
good pages.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

from tt_pipeline.errors import AuditFailed, CorruptLanding
from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.merging import forget, merge
from tt_pipeline.warehouse.readable_file import ReadableFile
from tt_pipeline.warehouse.replacing import outdated_loads, replacing
from tt_pipeline.warehouse.rows_of_loads import rows_found
from tt_pipeline.warehouse.scratch import scratch_folder
from tt_pipeline.warehouse.writer import VERSION, Writer, insert

if TYPE_CHECKING:  # polars takes 0.1 s to import, and `tt sql` does without
    import polars as pl

log = logging.getLogger(__name__)

# 200,000 videos. Each transaction that adds to a row group (122,880 rows) makes DuckDB write it again: twice 50,000
# videos took 0.3 CPU seconds to commit, and once 100,000 took 0.17.
_LINES_TOGETHER = 2_000


_OF_ONE_FILE: Final = (
    *(AuditFailed, CorruptLanding, duckdb.DataError, duckdb.IntegrityError),
    *(ValueError, TypeError, OverflowError, RecursionError),
)
"""Errors, beside those of polars, that the content of a file causes: the other files are loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """The result of loading.

    Attributes:
        loaded: The load_ids that were loaded, in order.
        rows: Number of new rows by table, without rows that the table had before.
        rejected: Records that could not be read.
        duplicates: Records that repeat an earlier record of the same file.
        strays: Videos posted outside the days of their window.
        failures: Message by load_id of the files that were not loaded.
    """

    loaded: tuple[str, ...]
    rows: Mapping[str, int]
    rejected: int
    duplicates: int
    strays: int
    failures: Mapping[str, str]


def load_new(writer: Writer, files: Sequence[ReadableFile]) -> LoadReport:
    """Load every file with lines that are not loaded, and every file that replaces another.

    A file that is corrupt or fails the audit is not loaded, and the report names it.
    """
    report = _load_all(writer, outdated_loads(writer, files))
    # If a load also has rows of a replaced load, it is loaded again.
    again = [file for file in outdated_loads(writer, files) if file.load_id not in report.failures]
    return _sum([report, _load_all(writer, again)])


def _load_all(writer: Writer, files: Sequence[ReadableFile]) -> LoadReport:
    from tt_pipeline.warehouse.preparing import in_groups

    return _sum([_load_what_adds_up(writer, batch) for batch in in_groups(files, _LINES_TOGETHER)])


def _load_what_adds_up(writer: Writer, files: Sequence[ReadableFile]) -> LoadReport:
    """Load files together; if that fails, load each half separately, until only the bad file fails."""
    from polars.exceptions import PolarsError

    try:
        return load_files(writer, files)
    except (*_OF_ONE_FILE, PolarsError) as error:
        if len(files) > 1:
            middle = len(files) // 2
            return _sum([_load_what_adds_up(writer, half) for half in (files[:middle], files[middle:])])
        log.exception("file not loaded: load=%s", files[0].load_id)
        return _report(_no_loads(), [], failures={files[0].load_id: str(error)})


def load_files(writer: Writer, files: Sequence[ReadableFile]) -> LoadReport:
    """Load files in one transaction; earlier rows of these files, and of files that they replace, are deleted.

    Raises:
        CorruptLanding: A line is not an envelope.
        AuditFailed: The number of rows differs from the number of records; nothing was changed.
    """
    import polars as pl

    from tt_pipeline.warehouse.audit import audit
    from tt_pipeline.warehouse.preparing import prepared

    load_ids = [file.load_id for file in files]
    all_loads, gained = [_no_loads()], []
    with (
        scratch_folder(writer.file.parent) as scratch,
        writer.transaction() as connection,
        replacing(connection, load_ids),
    ):
        forget(connection, load_ids)
        for part in prepared(files, scratch, loaded_at=writer.clock.now(), made_by=VERSION):
            gained.append({name: merge(connection, TABLES[name], rows) for name, rows in part.tables.items()})
            insert(connection, "ops.rejections", part.rejected)
            insert(connection, "ops.loads", part.loads)
            all_loads.append(part.loads)
        loads = pl.concat(all_loads)
        audit(loads, writer.query(rows_found("list_contains($load_ids, load_id)"), load_ids=load_ids))
    log.info("files loaded: files=%d pages=%d records=%d", len(files), loads["lines"].sum(), loads["records_in"].sum())
    return _report(loads, gained)


def _no_loads() -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame(schema=TABLES["ops.loads"].frame_schema)


def _report(
    loads: "pl.DataFrame", rows: Sequence[Mapping[str, int]], *, failures: Mapping[str, str] | None = None
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
        failures={load_id: message for report in reports for load_id, message in report.failures.items()},
    )


def _added_up(rows: Sequence[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in rows:
        total.update(part)
    return dict(total)
