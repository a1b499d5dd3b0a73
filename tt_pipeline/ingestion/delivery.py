"""Loads new landed pages, writes the ops tables, checks the warehouse and publishes it."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import duckdb
import polars as pl

from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.counted import counted
from tt_pipeline.coverage import (
    Restored,
    Workspace,
    forget_publication_failure,
    forget_restored,
    note_publication_failure,
    note_restored,
    read_restored,
    source_of,
)
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import DeletionUnfinished, RebuildLoses, RestoredUnchecked, StorageFailed, TtPipelineError
from tt_pipeline.ingestion.completeness import check_complete
from tt_pipeline.ingestion.coverage_by_day import bring_coverage_up_to_date
from tt_pipeline.ingestion.hiding_rule import rule_of_hiding
from tt_pipeline.ingestion.ops_tables import replaced_frames
from tt_pipeline.ingestion.targets import publish_to_targets
from tt_pipeline.landing import LandedFile
from tt_pipeline.safe_files import lease, set_aside, storing
from tt_pipeline.vocabulary import Dataset
from tt_pipeline.warehouse import (
    TABLES_OF,
    Breach,
    CheckResult,
    LoadReport,
    PublishReport,
    Severity,
    Writer,
    is_unusable,
    load_new,
    outdated_loads,
    publish_file,
    run_checks,
    table_counts,
    table_losses,
    unchecked_items,
)

log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

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
    return on_writer(workspace, lambda writer: _load(workspace, writer, datasets))


def _load(workspace: Workspace, writer: Writer, datasets: Collection[Dataset]) -> LoadReport:
    landed = _with_tables(workspace.zone.index.files())
    report = load_new(writer, [file for file in landed if file.dataset in datasets])
    workspace.zone.index.replace_unread(writer.query(_REJECTED).iter_rows())
    return report


def _with_tables(landed: Iterable[LandedFile]) -> list[LandedFile]:
    """Landed files whose records have a table."""
    return [file for file in landed if DATASETS[file.dataset].table]


def stored_rows(workspace: Workspace, group: str) -> dict[str, int]:
    """The rows of each stored table of a group; DuckDB knows these numbers without reading a row."""
    names = [table.full_name for table in TABLES_OF[group] if table.is_stored]
    counts = ", ".join(f'(select count(*) from {name}) as "{name}"' for name in names)
    return on_writer(workspace, lambda writer: dict(writer.query(f"select {counts}").row(0, named=True)))


def deliver(workspace: Workspace) -> PublishReport:
    """Load everything that has landed, and publish it.

    Raises:
        WarehouseError: Nothing was published; what has landed is kept, and the next collection publishes it.
    """
    load_landed(workspace, *Dataset)
    write_ops_tables(workspace)
    return publish_warehouse(workspace)


def deliver_if_behind(workspace: Workspace) -> None:
    """The same if a landed file is not loaded to its end, for example after an interrupted command."""
    landed = _with_tables(workspace.zone.index.files())
    if on_writer(workspace, lambda writer: bool(outdated_loads(writer, landed))):
        deliver(workspace)


def write_ops_tables(workspace: Workspace) -> dict[str, int]:
    """Replace the `ops` tables about coverage, searches and requests; returns rows by table."""
    return on_writer(workspace, lambda writer: _state(workspace, writer))


def _state(workspace: Workspace, writer: Writer) -> dict[str, int]:
    frames = replaced_frames(workspace)
    for table, frame in frames.items():
        writer.replace(table, frame)
    bring_coverage_up_to_date(writer, workspace)
    return {table: frame.height for table, frame in frames.items()}


def check_warehouse(workspace: Workspace) -> list[CheckResult]:
    """Run every check of the warehouse, and check that every landed file is loaded."""
    return on_writer(workspace, lambda writer: check_writer(writer, workspace.zone.index.files()))


def check_writer(writer: Writer, landed: Iterable[LandedFile], *, is_whole: bool = False) -> list[CheckResult]:
    """Run the checks of `check_warehouse` on a writer that is open already.

    Args:
        writer: The writer whose tables are checked.
        landed: Every landed file.
        is_whole: See `run_checks`.
    """
    return [*run_checks(writer, is_whole=is_whole), _every_file_is_loaded(writer, landed)]


def _every_file_is_loaded(writer: Writer, landed: Iterable[LandedFile]) -> CheckResult:
    behind = [file.load_id for file in outdated_loads(writer, _with_tables(landed))]
    message = f"{counted(len(behind), 'landed file', 'are')} not loaded completely."
    return CheckResult(
        name=EVERY_FILE_IS_LOADED,
        severity=Severity.ERROR,
        breaches=(Breach(search=None, counted=len(behind), out_of=None, message=message),) if behind else (),
        remedy=_LOAD_THEM if behind else "",
        rows=pl.DataFrame({"load_id": behind[:20]}, schema={"load_id": pl.String}),
    )


def publish_warehouse(
    workspace: Workspace, *, accepts_loss: bool = False, finishes_deletion: bool = False
) -> PublishReport:
    """Replace the published file by a copy of the writer's file, then the copies in publish targets.

    A target that fails does not fail the publication; the report and the log say why.

    Args:
        workspace: The landed pages and the files.
        accepts_loss: Whether the landing folder may have fewer files than before, from now on.
        finishes_deletion: Whether this publication is a step of the deletion that is under way.

    Raises:
        DeletionUnfinished: A deletion was interrupted; the published file is unchanged.
        RestoredUnchecked: A backup was restored and not checked since; the published file is unchanged.
        LandingIncomplete: Landed files are missing; the published file is unchanged.
        PublicationRefused: A blocking check failed; the published file is unchanged.
        StorageFailed: The disk is full, or the folder cannot be written; the published file is unchanged.
        WriterLocked: Another program has the writer's file open.
    """
    restored = read_restored(workspace.files)
    unchecked = _unchecked(workspace, restored) if restored else 0
    if restored and unchecked and not restored.may_be_published:
        raise RestoredUnchecked
    accepts_loss = accepts_loss or bool(restored and restored.accepts_loss)
    with (
        _remembering_failure(workspace.files),
        _writer_lease(workspace.files),
        workspace.leases.held(f"{workspace.zone.identity}/publication"),  # one machine publishes at a time
        storing("Publishing", workspace.files.published),
    ):
        files, title = workspace.files, workspace.study.title
        if files.deletion.exists() and not finishes_deletion:
            raise DeletionUnfinished(files.deletion)
        zone, loads = workspace.zone.identity, workspace.zone.index.number_of_files()
        if not accepts_loss:
            check_complete(files, workspace.ledger, title, zone=zone, loads=loads)
        hides = rule_of_hiding(workspace)

        def publish() -> PublishReport:
            return publish_file(
                files.writer,
                files.published,
                workspace.clock,
                share_group=files.share_group,
                hides=hides,
                api_base_url=source_of(files),
                landing_id=zone,
                landed_files=loads,
            )

        report = _repairing(workspace, publish)
        workspace.ledger.remember_zone(title, zone, loads, is_accepted=accepts_loss)
        if restored and unchecked:
            note_restored(files, replace(restored, accepts_loss=False))
        elif restored:
            forget_restored(files)
        return replace(report, targets=publish_to_targets(workspace, report))


def _unchecked(workspace: Workspace, restored: Restored) -> int:
    """How many restored items were not checked since."""
    return on_writer(workspace, lambda writer: unchecked_items(writer.connection, restored.restored_at))


@contextmanager
def _remembering_failure(files: DataDir) -> Iterator[None]:
    """Remember why a publication failed, until one succeeds."""
    try:
        yield
    except (TtPipelineError, duckdb.Error) as error:
        with suppress(StorageFailed):  # the disk that is full now
            note_publication_failure(files, f"{error}")
        raise
    forget_publication_failure(files)


def on_writer(workspace: Workspace, act: Callable[[Writer], _Result]) -> _Result:
    """Open the writer's file and do something with it; our own processes wait for each other.

    An unusable file, for example an empty one after the disk was full, is renamed and built again from the landed
    pages; then `act` is called again.

    Raises:
        WriterLocked: Another program has it open; the message names the program.
        StorageFailed: The disk is full, or the folder cannot be written; the last transaction was rolled back.
        RebuildLoses: The file is unusable, and the landed pages give fewer rows than the published file has.
    """

    def opened() -> _Result:
        with Writer(workspace.files.writer, workspace.clock) as writer:
            return act(writer)

    with _writer_lease(workspace.files), storing("Writing the warehouse", workspace.files.writer):
        return _repairing(workspace, opened)


def _repairing(workspace: Workspace, act: Callable[[], _Result]) -> _Result:
    """Call `act`; if the writer's file turns out to be unusable, build it again and call `act` again."""
    try:
        return act()
    except duckdb.Error as error:
        if not is_unusable(workspace.files.writer):
            raise
        problem = str(error).partition("\n")[0]
    _build_anew(workspace, accepts_loss=False, problem=problem)
    return act()


def check_writer_is_free(workspace: Workspace) -> str | None:
    """Before requests are spent, check that the warehouse can be written.

    Returns:
        Why loading will build the writer's file again from the landed pages; None if opening the file shows no
        reason. Damage in rows is found when they are read, at the latest before publication.

    Raises:
        WriterLocked: Another program has the writer's file open; the message names the program.
    """
    writer = workspace.files.writer
    if not writer.exists():
        return "was gone" if workspace.files.published.exists() else None
    with _writer_lease(workspace.files), storing("Opening the warehouse", writer):
        try:
            with Writer(writer, workspace.clock):
                pass
        except duckdb.Error:
            if not is_unusable(writer):
                raise
            # Loading builds the file again: after this collection, which may request lost pages again.
            return "was damaged and has been renamed"
    return None


def rebuild_warehouse(workspace: Workspace, *, accepts_loss: bool = False) -> None:
    """Rebuild the writer's file from the landed answers; `publish` then replaces the published file.

    Raises:
        RebuildLoses: A table would have fewer rows than before; the file is unchanged.
        WriterLocked: Another program has it open; the message names the program.
        StorageFailed: The disk is full, or the folder cannot be written; the file is unchanged.
    """
    writer = workspace.files.writer
    with _writer_lease(workspace.files):
        problem = "DuckDB cannot read it" if writer.exists() and is_unusable(writer) else ""
        _build_anew(workspace, accepts_loss=accepts_loss, problem=problem)


def _build_anew(workspace: Workspace, *, accepts_loss: bool, problem: str) -> None:
    """Build the writer's file from the landed pages, and put it in place of the present one.

    Args:
        workspace: The landed pages and the file.
        accepts_loss: Whether the new file may have fewer rows.
        problem: Why the present file is unusable, then it is kept under another name; "" if it is not.
    """
    files = workspace.files
    anew = files.writer.with_name("writer.anew.duckdb")
    with storing("Making the warehouse anew", anew):
        before = _counts_before(files)
        _remove(anew)
        with Writer(anew, workspace.clock) as writer:
            _load(workspace, writer, list(Dataset))
            _state(workspace, writer)
        lost = table_losses(before, table_counts(anew))
        if lost and not accepts_loss:
            _remove(anew)
            unreadable = [f"{each}" for each in workspace.zone.index.unreadable]
            raise RebuildLoses(files.writer, lost, _damaged(workspace), unreadable)
        if problem:
            _set_aside(files.writer, problem)
        _log_of(files.writer).unlink(missing_ok=True)
        anew.replace(files.writer)


def _set_aside(writer: Path, problem: str) -> None:
    """Rename the unusable file; one renamed earlier is deleted, because all of them can be built again."""
    for earlier in writer.parent.glob(f"{writer.name}.damaged-*"):
        earlier.unlink()
    aside = set_aside(writer, companions=(".wal",))
    log.error(
        "%s was unusable (%s). It was renamed to %s, and the warehouse was built again from the landed pages;"
        " no request was sent.",
        *(writer, problem, aside.name),
    )


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
