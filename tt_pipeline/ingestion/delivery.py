"""Loads new landed pages, writes the ops tables, checks the warehouse and publishes it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import duckdb
import polars as pl

from tt_pipeline.coverage import Workspace, source_of
from tt_pipeline.errors import RebuildLoses
from tt_pipeline.ingestion.ops_tables import ops_frames
from tt_pipeline.landing import LandedFile
from tt_pipeline.safe_files import lease, storing
from tt_pipeline.settings import DataDir
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse import (
    CheckResult,
    LoadReport,
    PublishReport,
    Severity,
    Writer,
    load_new,
    outdated_loads,
    publish_file,
    run_checks,
    table_counts,
    table_losses,
)

EVERY_FILE_IS_LOADED = "every_landed_file_is_loaded"
_LOAD_THEM = (
    "The next `tt collect` loads what is new; its log names what is wrong with a file that it cannot load."
    " The files are left as they were."
)
_REJECTED = "select load_id, fetched_at, log_id, records, reason from ops.rejections order by all"


def load_landed(workspace: Workspace, *datasets: Dataset) -> LoadReport:
    """Load every whole landed line of these datasets that the warehouse does not have; a second call changes nothing.

    The pages that could not be read are stored in the landing index; their days are not complete.
    """
    with writing(workspace) as writer:
        return _load(workspace, writer, datasets)


def _load(workspace: Workspace, writer: Writer, datasets: Collection[Dataset]) -> LoadReport:
    landed = _with_tables(workspace.zone.index.files())
    report = load_new(writer, [file for file in landed if file.dataset in datasets])
    workspace.zone.index.replace_unread(writer.query(_REJECTED).iter_rows())
    return report


def _with_tables(landed: Iterable[LandedFile]) -> list[LandedFile]:
    """Landed files that are loaded: all but canaries, which have no table."""
    return [file for file in landed if file.dataset is not Dataset.CANARY]


def write_ops_tables(workspace: Workspace) -> dict[str, int]:
    """Replace the `ops` tables about coverage, searches and requests; returns rows by table."""
    frames = ops_frames(workspace)
    with writing(workspace) as writer:
        _state(writer, frames)
    return {table: frame.height for table, frame in frames.items()}


def _state(writer: Writer, frames: Mapping[str, pl.DataFrame]) -> None:
    for table, frame in frames.items():
        writer.replace(table, frame)


def check_warehouse(workspace: Workspace) -> list[CheckResult]:
    """Run every check of the warehouse, and check that every landed file is loaded."""
    with writing(workspace) as writer:
        return check_writer(writer, workspace.zone.index.files())


def check_writer(writer: Writer, landed: Iterable[LandedFile]) -> list[CheckResult]:
    """Run the checks of `check_warehouse` on a writer that is open already.

    Args:
        writer: The writer whose tables are checked.
        landed: Every landed file.
    """
    return [*run_checks(writer), _every_file_is_loaded(writer, landed)]


def _every_file_is_loaded(writer: Writer, landed: Iterable[LandedFile]) -> CheckResult:
    behind = [file.load_id for file in outdated_loads(writer, _with_tables(landed))]
    return CheckResult(
        name=EVERY_FILE_IS_LOADED,
        passed=not behind,
        severity=Severity.ERROR,
        is_blocking=False,
        message=f"{len(behind):,} landed files are not loaded to their end." if behind else "Holds.",
        remedy=_LOAD_THEM if behind else "",
        rows=pl.DataFrame({"load_id": behind[:20]}, schema={"load_id": pl.String}),
    )


def publish_warehouse(workspace: Workspace) -> PublishReport:
    """Replace the published file by a copy of the writer's file.

    Raises:
        PublicationRefused: A blocking check failed; the published file is unchanged.
        StorageFailed: The disk is full, or the folder cannot be written; the published file is unchanged.
        WriterLocked: Another program has the writer's file open.
    """
    with _writer_lease(workspace.files), storing("Publishing", workspace.files.published):
        files, source = workspace.files, source_of(workspace.files)
        return publish_file(files.writer, files.published, workspace.clock, api_base_url=source)


@contextmanager
def writing(workspace: Workspace) -> Iterator[Writer]:
    """Open the writer's file; our own processes wait for each other.

    Raises:
        WriterLocked: Another program has it open; the message names the program.
        StorageFailed: The disk is full, or the folder cannot be written; the last transaction was rolled back.
    """
    with (
        _writer_lease(workspace.files),
        storing("Writing the warehouse", workspace.files.writer),
        Writer(workspace.files.writer, workspace.clock) as writer,
    ):
        yield writer


def check_writer_is_free(workspace: Workspace) -> None:
    """Before requests are spent, check that the warehouse can be written.

    Raises:
        WriterLocked: Another program has the writer's file open; the message names the program.
    """
    if workspace.files.writer.exists():
        with writing(workspace):
            pass


def rebuild_warehouse(workspace: Workspace, *, accepts_loss: bool = False) -> None:
    """Rebuild the writer's file from the landed answers; `publish` then replaces the published file.

    Raises:
        RebuildLoses: A table would have fewer rows than before; the file is unchanged.
        WriterLocked: Another program has it open; the message names the program.
        StorageFailed: The disk is full, or the folder cannot be written; the file is unchanged.
    """
    files = workspace.files
    anew = files.writer.with_name("writer.anew.duckdb")
    with _writer_lease(files), storing("Making the warehouse anew", anew):
        before = _counts_before(files)
        _remove(anew)
        with Writer(anew, workspace.clock) as writer:
            _load(workspace, writer, list(Dataset))
            _state(writer, ops_frames(workspace))
        lost = table_losses(before, table_counts(anew))
        if lost and not accepts_loss:
            _remove(anew)
            raise RebuildLoses(files.writer, lost, _damaged(workspace))
        _log_of(files.writer).unlink(missing_ok=True)
        anew.replace(files.writer)


def _counts_before(files: DataDir) -> dict[str, int]:
    """Rows by table of the writer's file, or of the published file if the writer's does not exist or is unreadable."""
    for file in (files.writer, files.published):
        with suppress(duckdb.Error):
            if file.exists():
                return table_counts(file)
    return {}


def _damaged(workspace: Workspace) -> list[str]:
    damaged = workspace.zone.inventory.damaged()
    return [f"{file.name} {problem.problem}" for file in damaged for problem in file.problems()]


def _remove(database: Path) -> None:
    for file in (database, _log_of(database)):
        file.unlink(missing_ok=True)


def _log_of(database: Path) -> Path:
    """DuckDB's write-ahead log of a database file."""
    return database.with_name(f"{database.name}.wal")


def _writer_lease(files: DataDir) -> AbstractContextManager[None]:
    return lease(files.internal / "writer.lease")
