"""`tt collect`: runs on the data dir's Dagster instance in this process, then the publication, then the receipt."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import dagster as dg
import typer

from tt_pipeline.cli.console import heading, problem, say
from tt_pipeline.cli.exits import Exit, exit_code
from tt_pipeline.cli.options import Asked, assets, span
from tt_pipeline.cli.progress import LiveProgress
from tt_pipeline.coverage.account_lists import bucket_of, list_of
from tt_pipeline.coverage.due import Work, due, is_missing
from tt_pipeline.coverage.windows import Window
from tt_pipeline.coverage.workspace import Books, open_books
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion.delivery import check_writer_is_free
from tt_pipeline.ingestion.desk import check_may_spend, open_desk
from tt_pipeline.ingestion.report import CollectReport, DayReport, Receipt
from tt_pipeline.landing import write_whole
from tt_pipeline.orchestration import build_definitions
from tt_pipeline.orchestration.instance import alive, end_dead_runs, open_instance
from tt_pipeline.orchestration.names import PUBLISH
from tt_pipeline.orchestration.requests import Batch, batches
from tt_pipeline.orchestration.showing import show_what_is_held
from tt_pipeline.orchestration.valve import reconcile_valve
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Study, find_search
from tt_pipeline.vocabulary import Bucket


class _Told(Protocol):
    """An error as Dagster's events tell it."""

    @property
    def cls_name(self) -> str | None: ...
    @property
    def message(self) -> str: ...
    @property
    def cause(self) -> "_Told | None": ...


_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_INTERRUPTIONS = {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}
_MOST_ROUNDS = 3
"""Looks reveal creators and comments that are due as well, so what is due is asked again after each round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a collection in this process came to.

    Attributes:
        failed_steps: Messages of steps that broke without a report: bugs.
        is_interrupted: Somebody wanted it to end.
    """

    reports: Sequence[CollectReport]
    failed_steps: Sequence[str] = ()
    is_interrupted: bool = False

    @property
    def receipt(self) -> Receipt:
        """All receipts added up."""
        return sum((report.receipt for report in self.reports), Receipt())

    @property
    def exit_code(self) -> Exit:
        """A failure wins over a pause; of a day the last word counts."""
        if self.is_interrupted:
            return Exit.INTERRUPTED
        codes = [exit_code(report.stopped_because) for report in self.reports if report.stopped_because]
        codes += [Exit.FAILED] * bool(self.failed_steps)
        for code in (Exit.WRONG_USAGE, Exit.FAILED, Exit.PAUSED):
            if code in codes:
                return code
        return Exit.COMPLETE if all(day.is_stated for day, _ in self.last_words().values()) else Exit.FAILED

    def last_words(self) -> dict[tuple[str, date], tuple[DayReport, CollectReport]]:
        """What the latest report says of each asset's day: a later round of the same command may have completed it."""
        return {(report.asset, day.day): (day, report) for report in self.reports for day in report.days}


def run_collection(settings: Settings, asked: Asked) -> None:
    """Collect, publish, tell.

    Raises:
        Exit: The exit code is not 0.
    """
    outcome = collect_and_publish(settings, asked)
    show_receipt(outcome)
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


def collect_and_publish(settings: Settings, asked: Asked) -> Outcome:
    """Do what was asked; whatever was paid for is published, also when the quota ends half way.

    Raises:
        ConfigurationError: Something that was written cannot be meant; nothing was sent and nothing changed.
    """
    study = check_may_spend(settings)
    window = _asked_window(asked, study, settings.open_clock().now())
    named = assets(asked.only, asked.searches, study)
    with open_books(settings) as books, LiveProgress() as progress:
        check_writer_is_free(books)
        definitions = build_definitions(settings, study, progress=progress)
        with open_instance(settings.files) as instance, alive(settings.files) as tags:
            end_dead_runs(instance, settings.files)
            session = _Session(settings, books, definitions, instance, progress, tags)
            again_since = _again_since(books, f"{','.join(named)} {window or 'now'}") if asked.again else None
            failed, is_interrupted = [], False
            try:
                if window:
                    failed = session.collect(_as_batches(named, window), again_since=again_since)
                elif again_since:
                    failed = session.collect(session.now_again(named), again_since=again_since)
                else:
                    failed = session.collect_due(named if asked.only else None)
            except KeyboardInterrupt:
                is_interrupted = True
            show_what_is_held(books, instance)
            progress.say("loading and publishing")
            failed += session.publish()
            reconcile_valve(books, instance)
        outcome = Outcome(reports=progress.reports, failed_steps=failed, is_interrupted=is_interrupted)
        if outcome.exit_code == Exit.COMPLETE:
            _again_file(books).unlink(missing_ok=True)
        return outcome


def _again_file(books: Books) -> Path:
    return books.files.internal / "again.json"


def _again_since(books: Books, asked: str) -> datetime:
    """When one more look was first asked for and not yet got: the same command goes on after a pause."""
    file = _again_file(books)
    known = json.loads(file.read_text()) if file.exists() else {}
    since = str(known["since"]) if known.get("asked") == asked else books.clock.now().isoformat()
    write_whole(file, json.dumps({"asked": asked, "since": since}) + "\n")
    return datetime.fromisoformat(since)


def _asked_window(asked: Asked, study: Study, now: datetime) -> Window | None:
    """The days that were asked for; None means what is due.

    Raises:
        UsageError: The options do not fit together, or not the study.
    """
    for name in asked.searches:
        find_search(study, name)
    is_of_lists = all(map(list_of, assets(asked.only, asked.searches, study)))
    if asked.from_ is None and asked.to is None:
        if asked.searches or ((asked.only or asked.again) and not is_of_lists):
            raise UsageError(
                "--search, --only and --again go with --from and --to; without days, what is due is done. "
                "Only lists of accounts can be named without days: they are observed now."
            )
        return None
    if asked.from_ is None or asked.to is None:
        raise UsageError("--from and --to go together; for one day give it twice.")
    return span(asked.from_, asked.to, study=study, now=now, is_of_lists=is_of_lists)


def _as_batches(named: Sequence[str], window: Window) -> list[Batch]:
    """Searches with what belongs to their videos in one run; lists in runs of their own."""
    of_videos = tuple(asset for asset in named if not list_of(asset))
    of_lists = [Work(asset=asset, window=window, reason="asked for") for asset in named if list_of(asset)]
    together = [Batch(assets=of_videos, window=window)] if of_videos else []
    return together + batches(of_lists, with_users=False)


@dataclass(frozen=True, slots=True)
class _Session:
    settings: Settings
    books: Books
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    progress: LiveProgress
    tags: Mapping[str, str]

    def collect_due(self, named: Sequence[str] | None = None) -> list[str]:
        """Do what is due, of these assets or of all, until nothing more is; what has no quota left does not go on."""
        failed: list[str] = []
        for _ in range(_MOST_ROUNDS):
            stopped = _stopped(self.progress.reports)
            work = [work for work in due(self.books.holdings()) if named is None or work.asset in named]
            may_go_on = [work for work in work if bucket_of(work.asset) not in stopped]
            if not may_go_on or failed:
                break
            failed += self.collect(batches(may_go_on, with_users=self.books.study.users.wanted))
        return failed

    def now_again(self, named: Sequence[str]) -> list[Batch]:
        """One more observation of these lists today, and the end of those that earlier days left unfinished."""
        today = self.books.clock.now().date()
        unfinished = [
            work for work in due(self.books.holdings()) if work.asset in named and work.window.last_day < today
        ]
        now = [Work(asset=asset, window=Window(first_day=today, last_day=today), reason="again") for asset in named]
        return batches([*unfinished, *now], with_users=False)

    def collect(self, waiting: Sequence[Batch], *, again_since: datetime | None = None) -> list[str]:
        """Run the batches; gives the messages of steps that broke without a report."""
        self._check_access(waiting, is_again=again_since is not None)
        failed: list[str] = []
        for batch in waiting:
            result = self.definitions.resolve_job_def(batch.job).execute_in_process(
                instance=self.instance,
                asset_selection=batch.keys(),
                tags={**batch.tags(again_since=again_since), **self.tags},
                run_config=_QUIET,
                raise_on_error=False,
            )
            try:
                failed += _broken_steps(result)
            except KeyboardInterrupt:
                self.instance.report_run_canceled(
                    result.dagster_run, message="Interrupted by hand; what landed is kept."
                )
                raise
        return failed

    def _check_access(self, waiting: Sequence[Batch], *, is_again: bool) -> None:
        """Get a token before any run is made, so that wrong credentials change nothing; it costs no quota."""
        held = self.books.holdings()
        if is_again or any(is_missing(held, batch.assets, batch.window) for batch in waiting):
            with open_desk(self.settings, run_id="access") as desk:
                desk.api.sign_in()

    def publish(self) -> list[str]:
        """Load what has landed and publish it; gives the messages of what went wrong."""
        job = self.definitions.resolve_job_def(PUBLISH)
        result = job.execute_in_process(
            instance=self.instance, tags=dict(self.tags), run_config=_QUIET, raise_on_error=False
        )
        return _broken_steps(result)


def _stopped(reports: Sequence[CollectReport]) -> set[Bucket]:
    """Buckets with nothing more to be asked of: a quota that ends stops its own, anything else both."""
    return {
        bucket
        for report in reports
        if report.stopped_because
        for bucket in ([bucket_of(report.asset)] if report.paused else Bucket)
    }


def _broken_steps(result: dg.ExecuteInProcessResult) -> list[str]:
    """Why steps broke that have not told their story in a report.

    Raises:
        KeyboardInterrupt: Somebody wants this to end.
    """
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    errors = [_root(failure.error) for failure in failures if failure.error and not failure.user_failure_data]
    if any(error.cls_name in _INTERRUPTIONS for error in errors):
        raise KeyboardInterrupt
    return [error.message.strip() for error in errors]


def _root(error: _Told) -> _Told:
    while error.cause:
        error = error.cause
    return error


def show_receipt(outcome: Outcome) -> None:
    """The end of every collection: what it brought, what it cost, what is missing."""
    if not (outcome.reports or outcome.failed_steps or outcome.is_interrupted):
        say("Nothing is due: nothing was sent.")
        return
    heading("Receipt")
    receipt = outcome.receipt
    say(f"{receipt}.")
    days = [day for day, _ in outcome.last_words().values()]
    if not receipt.requests and days and all(day.is_complete for day in days):
        say("Everything asked for was complete already: nothing was sent.")
    if early := sorted({f"{day.day}" for day in days if day.status == "early"}):
        say(f"Early: {', '.join(early)}. Videos show up to two days late; the days are asked again when they are due.")
    for told in dict.fromkeys([*_stops(outcome), *_gaps(outcome), *outcome.failed_steps]):
        problem(told)
    if outcome.exit_code == Exit.PAUSED:
        problem("Paused, nothing is lost: run the same command after the reset, and it goes on from there.")


def _stops(outcome: Outcome) -> list[str]:
    return [str(report.stopped_because) for report in outcome.reports if report.stopped_because]


def _gaps(outcome: Outcome) -> list[str]:
    """Why days are not complete where nothing stopped the collection."""
    return [
        f"{report.asset} {day.day}: {day.status} ({day.facts.get('why', 'the server failed; it is asked again later')})"
        for day, report in outcome.last_words().values()
        if not report.stopped_because and not day.is_complete and day.status not in {"early", "capped"}
    ]
