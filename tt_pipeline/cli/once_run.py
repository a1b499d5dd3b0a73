"""Carry out a one-off command: say what is sent and what it costs, request it, show or write the rows, publish."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import polars as pl
import typer

from tt_pipeline.cli.console import problem, say, say_as_is
from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.cli.once_price import confirm
from tt_pipeline.cli.progress import LiveProgress
from tt_pipeline.cli.tables import show_frame
from tt_pipeline.codebook.datasets import DATASETS
from tt_pipeline.coverage import open_workspace
from tt_pipeline.errors import TtPipelineError, UsageError
from tt_pipeline.file_modes import tighten
from tt_pipeline.ingestion import CollectionSession, CollectReport, check_writer_is_free, counted, deliver, open_session
from tt_pipeline.landing import Index
from tt_pipeline.record_frames import record_frame
from tt_pipeline.reports import forget_export, remember_export, write_rows
from tt_pipeline.research_api import further_keys
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, study_or_none
from tt_pipeline.vocabulary import ONCE, Dataset

_MOST_SHOWN: Final = 20
_VIDEO: Final = ("id", "username", "video_description", "view_count", "create_time", "region_code", "like_count")
_SHOWN: Final = {
    Dataset.COMMENTS: ("id", "text", "like_count", "create_time", "reply_count"),
    Dataset.USERS: ("username", "follower_count", "following_count", "likes_count", "video_count", "display_name"),
    Dataset.FOLLOWERS: ("account", "username", "display_name"),
    Dataset.FOLLOWING: ("account", "username", "display_name"),
}
"""The columns that are shown, the most important first; of other datasets those of `_VIDEO`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceOptions:
    """The options that all one-off commands have.

    Attributes:
        out: The file for the rows; None shows them.
        requests_per_day: The most requests of a day; None for the study's limit, or the usual one without a study.
        is_confirmed: Whether the price is confirmed by `--yes`.
    """

    out: Path | None = None
    requests_per_day: int | None = None
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What a command collects once.

    Attributes:
        sentence: What is requested, in English.
        sent: The query that is sent, as JSON; "" for requests without one.
        price: The most requests that it needs, from what has landed; None for a folder without landed pages.
        state: What to say of the result: what follows, and what the API did not show.
    """

    dataset: Dataset
    sentence: str
    sent: str = ""
    price: Callable[[Index | None], int]
    collect: Callable[[CollectionSession], CollectReport]
    records: Callable[[Index], list[dict[str, Any]]]
    state: Callable[[Index], list[str]]


def run_once(settings: Settings, once: Once, options: OnceOptions) -> None:
    """Request what has not landed, show or write all rows, and publish.

    Raises:
        ConfigurationError: Nothing was sent.
        Exit: The exit code is not 0.
    """
    study = _study(settings, options)
    say(once.sentence)
    if once.sent:
        say_as_is(once.sent)
    price = _price(settings, study, once)
    if price:
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
    study = study_or_none(settings.study_file)
    if study.has_search(ONCE):
        raise UsageError(
            f"{study.file} has a search called {ONCE}, the name under which one-off collections are stored, so both "
            "would be mixed. Nothing was sent. Set TT_DATA_DIR to another folder for this command."
        )
    limit = options.requests_per_day
    return replace(study, quota=replace(study.quota, requests_per_day=limit)) if limit is not None else study


def _price(settings: Settings, study: Study, once: Once) -> int:
    if not settings.files.landing.is_dir():
        return once.price(None)
    with open_workspace(settings, study) as workspace:
        return once.price(workspace.zone.index)


def _request(settings: Settings, study: Study, once: Once, options: OnceOptions) -> int:
    confirmed = replace(study, quota=replace(study.quota, confirmed=True))
    run_id, reserve, progress = f"{ONCE}-{uuid4().hex[:8]}", study.quota.reserve_for_daily, _Progress()
    with open_session(settings, run_id=run_id, progress=progress, reserve=reserve, study=confirmed) as session:
        check_writer_is_free(session)
        with progress:
            report = once.collect(session)
        rows = _frame(once, session.zone.index)
        _put_out(settings, once, rows, options)
        sent, use = counted(report.receipt.requests, "request"), session.use(DATASETS[once.dataset].bucket)
        say(f"{counted(rows.height, 'row')}; {sent} sent. Quota today: {use}.")
        _say_all(once.state(session.zone.index))
        unpublished = _publish(session)
    if not unpublished:
        say(f"Stored in {settings.data_dir.absolute()} and its warehouse.duckdb. No search of a study counts it.")
    for error in filter(None, (report.stopped_because, unpublished)):
        problem(error)
    return _exit(report.stopped_because, unpublished)


def _show_landed(settings: Settings, study: Study, once: Once, options: OnceOptions) -> int:
    with open_workspace(settings, study) as workspace:
        index = workspace.zone.index
        rows, state = _frame(once, index), once.state(index)
    _put_out(settings, once, rows, options)
    say(f"{counted(rows.height, 'row')}; nothing was sent, because it had landed. --again requests it once more.")
    _say_all(state)
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


def _frame(once: Once, index: Index) -> pl.DataFrame:
    endpoint = DATASETS[once.dataset].endpoint
    return record_frame(once.records(index), endpoint.record, before=further_keys(endpoint))


def _put_out(settings: Settings, once: Once, rows: pl.DataFrame, options: OnceOptions) -> None:
    """Write the rows to the file, or show the first of them."""
    if options.out is None:
        columns = [name for name in _SHOWN.get(once.dataset, _VIDEO) if name in rows.columns]
        if rows.height:
            show_frame(_in_minutes(rows.select(columns).head(_MOST_SHOWN)))
        if rows.height > _MOST_SHOWN:
            say(f"These are the first of {rows.height:,}; --out rows.jsonl writes all, with every field.")
        return
    is_new = remember_export(settings.files, options.out)
    try:
        write_rows(rows, options.out)
    except BaseException:
        if is_new:
            forget_export(settings.files, options.out)
        raise
    say(f"{options.out}: {counted(rows.height, 'row')}. The same deletion duties apply to this copy.")


def _in_minutes(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.selectors.datetime().dt.strftime("%Y-%m-%d %H:%M"))


class _Progress(LiveProgress):
    """The live line of a one-off collection, whose receipt is said after its rows."""

    def finished(self, report: CollectReport) -> None:
        """Keep the report."""
        self.reports.append(report)
