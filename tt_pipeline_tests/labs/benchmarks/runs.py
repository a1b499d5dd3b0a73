"""Our pieces of work that are measured, each in a separate process: `runs NAME folder arguments`."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from tt_pipeline.clock import SystemClock
from tt_pipeline.coverage import due
from tt_pipeline.coverage.workspace import open_workspace
from tt_pipeline.data_dir import DataDir
from tt_pipeline.ingestion.delivery import check_warehouse, deliver, load_landed, publish_warehouse, rebuild_warehouse
from tt_pipeline.settings import read_settings
from tt_pipeline.vocabulary import Dataset, ExportFormat
from tt_pipeline.warehouse.load import load_new
from tt_pipeline.warehouse.writer import Writer
from tt_pipeline_tests.labs.benchmarks.landed import land_comments, landed_days
from tt_pipeline_tests.labs.benchmarks.measuring import Measured, measure, print_measured

_STORAGE: dict[str, str | bool | int | float | list[str]] = {"storage_compatibility_version": "v1.4.0"}


def load(folder: Path, writer_file: str) -> Measured:
    """Load landed files into an existing warehouse, from parsing to the checkpoint and the close."""
    files = landed_days(folder)
    with Writer(folder / writer_file, SystemClock()):
        pass

    def work() -> int:
        with Writer(folder / writer_file, SystemClock()) as writer:
            report = load_new(writer, files)
        if report.failures:
            raise RuntimeError(report.failures)
        return report.rows["core.video_snapshots"]

    return measure(work)


def copy_typed(folder: Path) -> Measured:
    """Write rows of all our tables that are already parsed, shaped and matched: the limit of any loader."""
    tables = sorted(folder.glob("*.parquet"))

    def work() -> int:
        with duckdb.connect(folder / "copied.duckdb", config=_STORAGE) as connection:
            connection.begin()
            connection.execute("create schema core; create schema ops")
            for table in tables:
                connection.execute(f"create table {table.stem} as from '{table}'")
            connection.commit()
            connection.execute("checkpoint")
            ((rows,),) = connection.execute("select count(*) from core.video_snapshots").fetchall()
        return int(rows)

    return measure(work)


def read_index(_: Path) -> Measured:
    """Open a data dir whose index is missing."""

    def work() -> int:
        with open_workspace(read_settings()) as workspace:
            return sum(window.records for window in workspace.zone.index.windows())

    return measure(work)


def rebuild_all(_: Path) -> Measured:
    """Rebuild the data dir of the settings as `tt rebuild` does, without publishing."""

    def work() -> int:
        with open_workspace(read_settings()) as workspace:
            rebuild_warehouse(workspace)
            with Writer(workspace.files.writer, workspace.clock) as writer:
                return int(writer.query("select count(*) as n from core.video_snapshots")["n"].item())

    return measure(work)


def publish_all(_: Path) -> Measured:
    """Publish the rebuilt warehouse: checks, copy and stored marts."""

    def work() -> int:
        with open_workspace(read_settings()) as workspace:
            return publish_warehouse(workspace).rows["core.video_snapshots"]

    return measure(work)


def list_due(_: Path) -> Measured:
    """Decide what is due, as the sensor and `tt collect` do."""

    def work() -> int:
        with open_workspace(read_settings()) as workspace:
            return len(due(workspace.coverage()))

    return measure(work)


def check_all(_: Path) -> Measured:
    """Run every check of the warehouse."""

    def work() -> int:
        with open_workspace(read_settings()) as workspace:
            return len(check_warehouse(workspace))

    return measure(work)


def load_landed_pages(_: Path) -> Measured:
    """Load what has landed since the last load."""

    def work() -> int:
        with open_workspace(read_settings()) as workspace:
            return load_landed(workspace, *Dataset).rows.get("core.video_snapshots", 0)

    return measure(work)


def land_missing_comments(_: Path) -> Measured:
    """Land the comments that are due."""

    def work() -> int:
        with open_workspace(read_settings()) as workspace:
            return land_comments(workspace)

    return measure(work)


def deliver_all(_: Path) -> Measured:
    """Load what is new, bring the tables of coverage up to date, and publish: what follows each collection."""

    def work() -> int:
        with open_workspace(read_settings()) as workspace:
            return deliver(workspace).rows["core.video_snapshots"]

    return measure(work)


def report(folder: Path) -> Measured:
    """Make the report of a published file, with the start of what draws; returns its figures."""
    from tt_pipeline.reports import write_report  # noqa: PLC0415 — other runs are measured without it

    return measure(lambda: write_report(DataDir(folder).published, folder / "report.html").figures)


def export(folder: Path, table: str, format_: str) -> Measured:
    """Export a table of a published file in a format; returns its rows."""
    from tt_pipeline.reports import Shape, export_tables  # noqa: PLC0415 — other runs are measured without it

    exported = folder / "exported"
    shutil.rmtree(exported, ignore_errors=True)
    shape = Shape(format=ExportFormat(format_), created=SystemClock().now())

    def work() -> int:
        return sum(file.rows for file in export_tables(DataDir(folder).published, [table], exported, shape).files)

    return measure(work)


def command(_: Path, *words: str) -> Measured:
    """A command of `tt`, with the start of its process."""

    def work() -> int:
        subprocess.run([sys.executable, "-m", "tt_pipeline.cli", *words], check=True, stdout=subprocess.DEVNULL)
        return 1

    return measure(work)


_RUNS: Mapping[str, Callable[..., Measured]] = {
    run.__name__: run
    for run in (
        *(load, copy_typed, read_index, rebuild_all, publish_all),
        *(list_due, check_all, load_landed_pages, land_missing_comments, deliver_all, command, report, export),
    )
}

if __name__ == "__main__":
    print_measured(_RUNS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:]))
