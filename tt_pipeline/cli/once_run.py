"""Carry out a one-off command: say what is sent and what it costs, request it, show or write the rows, publish."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import polars as pl
import typer

from tt_pipeline.cli.console import OUT, problem, say, say_as_is
from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.cli.once_collection import OnceCollection, OnceOptions
from tt_pipeline.cli.once_price import confirm
from tt_pipeline.cli.once_rows import new_rows, rows_of, show_rows, write_to
from tt_pipeline.cli.progress import LiveProgress
from tt_pipeline.cli.query_lines import query_lines
from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.counted import counted
from tt_pipeline.coverage import Workspace, open_workspace, shown_as_running
from tt_pipeline.errors import TtPipelineError, UsageError, WriterLocked
from tt_pipeline.file_modes import tighten
from tt_pipeline.ingestion import (
    CollectionSession,
    CollectReport,
    check_may_spend,
    check_writer_is_free,
    deliver,
    deliver_if_behind,
    open_session,
)
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, study_or_empty
from tt_pipeline.vocabulary import ONCE, Dataset


def run_once(settings: Settings, once: OnceCollection, options: OnceOptions) -> None:
    """Request what has not landed, show or write all rows, and publish.

    Raises:
        ConfigurationError: Nothing was sent.
        Exit: The exit code is not 0.
    """
    study = _study(settings, options)
    if once.dataset is Dataset.USERS and not study.privacy.profiles:
        raise UsageError(
            f"{study.file} says `privacy: {{profiles: false}}`, so no profile is requested in this folder. Nothing was "
            "sent. Set TT_DATA_DIR to another folder for this command."
        )
    say(once.sentence)
    if once.query:
        say_as_is(query_lines(once.query, OUT.width))
    price = _price(settings, study, once)
    if price:
        check_may_spend(settings, _confirmed(study))  # what is wrong is shown before somebody answers
        bucket = DATASETS[once.dataset].bucket
        confirm(price, bucket, study=study, base_url=settings.api_base_url, is_confirmed=options.is_confirmed)
    code = _request(settings, study, once, options) if price else _show_landed(settings, study, once, options)
    if code:
        raise typer.Exit(code)


def _study(settings: Settings, options: OnceOptions) -> Study:
    """The study of the folder, or one without searches.

    Raises:
        UsageError: A search of the study has the reserved name.
    """
    study = study_or_empty(settings.study_file, is_named=settings.study is not None)
    if study.has_search(ONCE):
        raise UsageError(
            f"{study.file} has a search called {ONCE}, the name under which one-off collections are stored, so both "
            "would be mixed. Nothing was sent. Set TT_DATA_DIR to another folder for this command."
        )
    limit = options.requests_per_day
    return replace(study, quota=replace(study.quota, requests_per_day=limit)) if limit is not None else study


def _confirmed(study: Study) -> Study:
    """The study as if its quota were confirmed: the price of this command is."""
    return replace(study, quota=replace(study.quota, confirmed=True))


def _price(settings: Settings, study: Study, once: OnceCollection) -> int:
    if not settings.files.landing.is_dir():
        return once.price(None)
    with open_workspace(settings, study) as workspace:
        return once.price(workspace.zone.index)


def _request(settings: Settings, study: Study, once: OnceCollection, options: OnceOptions) -> int:
    run_id, reserve, progress = f"{ONCE}-{uuid4().hex[:8]}", study.quota.reserve_for_daily, _Progress()
    with (
        open_session(settings, run_id=run_id, progress=progress, reserve=reserve, study=_confirmed(study)) as session,
        shown_as_running(settings.files, f"one-off collection of {once.dataset}", session.clock.now()),
    ):
        check_writer_is_free(session)
        before = rows_of(once, session.zone.index) if once.continues else None
        with progress:
            report = once.collect(session)
        unpublished = _publish(session) if report.receipt.requests else None
        _show_collected(session, once, report, options, before=before)
    if report.receipt.requests and not unpublished:
        say(f"Stored in {settings.data_dir.absolute()} and its warehouse.duckdb. A study does not count it.")
    for error in filter(None, (report.stopped_because, unpublished)):
        problem(error)
    return _exit(report.stopped_because, unpublished)


def _show_collected(
    session: CollectionSession,
    once: OnceCollection,
    report: CollectReport,
    options: OnceOptions,
    *,
    before: pl.DataFrame | None,
) -> None:
    """Show the rows and what they cost; nothing if an error came before the first request, and nothing had landed.

    Args:
        session: The open data dir.
        once: What was collected.
        report: The report on it.
        options: Where the rows go.
        before: The rows that had landed before and are not shown again; None if all are shown.
    """
    index = session.zone.index
    rows = rows_of(once, index)
    if report.stopped_because and not report.receipt.requests and rows.is_empty():
        return
    new = rows if before is None else new_rows(rows, before)
    _put_out(session, once, rows, options.out, shown=new)
    are_new = "" if before is None else f", {new.height:,} of them new"
    sent, use = counted(report.receipt.requests, "request"), session.use(DATASETS[once.dataset].bucket)
    say(f"{counted(rows.height, 'row')}{are_new}; {sent} sent. Quota today: {use}.")
    _say_all(once.state(index))


def _show_landed(settings: Settings, study: Study, once: OnceCollection, options: OnceOptions) -> int:
    with open_workspace(settings, study) as workspace:
        index = workspace.zone.index
        rows = rows_of(once, index)
        _put_out(workspace, once, rows, options.out, shown=rows)
        say(f"{counted(rows.height, 'row')}; nothing was sent, because it had landed. --again requests it again.")
        _say_all(once.state(index))
        with suppress(WriterLocked):  # the rows are shown; the next collection loads what is missing
            deliver_if_behind(workspace)
    return Exit.COMPLETE


def _publish(session: CollectionSession) -> TtPipelineError | None:
    """Load and publish what has landed; an error is shown after the rows, which are complete."""
    try:
        with _Progress() as progress:
            progress.say("loading and publishing")
            deliver(session)
    except TtPipelineError as error:
        return error
    tighten(session.files)
    return None


def _exit(stopped: TtPipelineError | None, unpublished: TtPipelineError | None) -> Exit:
    code = exit_code(stopped) if stopped else Exit.COMPLETE
    if code is Exit.PAUSED:
        problem("Paused; landed pages are kept. Run the same command after the reset to continue.")
    return Exit.FAILED if unpublished and code in {Exit.COMPLETE, Exit.PAUSED} else code


def _say_all(sentences: Sequence[str]) -> None:
    for sentence in sentences:
        say(sentence)


def _put_out(
    workspace: Workspace, once: OnceCollection, rows: pl.DataFrame, file: Path | None, *, shown: pl.DataFrame
) -> None:
    if file:
        write_to(file, rows, workspace.files, workspace.clock.now())
    else:
        show_rows(once, shown)


class _Progress(LiveProgress):
    """The live line of a one-off collection, whose receipt is printed after its rows."""

    def finished(self, report: CollectReport) -> None:
        """Keep the report."""
        self.reports.append(report)
