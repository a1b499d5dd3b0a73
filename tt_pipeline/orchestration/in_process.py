"""Run collecting jobs in this process on the data dir's Dagster instance; `tt collect` uses it.

The runs are stored in the same instance as those of the UI, so the UI shows them. Dagster ignores pools here, but the
ledger and the leases still apply.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import dagster as dg

from tt_pipeline.counted import counted
from tt_pipeline.coverage import (
    Window,
    Work,
    Workspace,
    due,
    list_of,
    needs_request,
    open_workspace,
    quota_bucket,
    read_restored,
    spans_of_days,
)
from tt_pipeline.duties import price_of_checks, refresh_state
from tt_pipeline.errors import RequestLimitReached
from tt_pipeline.ingestion import (
    CollectReport,
    ProgressListener,
    check_may_spend,
    check_writer_is_free,
    deliver_if_behind,
    open_session,
)
from tt_pipeline.leases import leases_of_process
from tt_pipeline.orchestration.build import build_definitions
from tt_pipeline.orchestration.changed_days import follow_changes
from tt_pipeline.orchestration.collect_outcome import CollectOutcome
from tt_pipeline.orchestration.collect_request import (
    CollectRequest,
    again_file,
    edited_assets,
    forget_old_yes,
    includes_again,
    missing_confirmations,
)
from tt_pipeline.orchestration.instance import end_dead_runs, open_instance
from tt_pipeline.orchestration.names import BY_COMMAND, PUBLISH, REFRESH_JOB, is_paused, pools_of
from tt_pipeline.orchestration.nothing_to_do import has_nothing_to_do, note_nothing_to_do, present_state
from tt_pipeline.orchestration.pruning import prune_runs
from tt_pipeline.orchestration.requests import Batch, batches
from tt_pipeline.orchestration.sync_materializations import sync_materializations
from tt_pipeline.orchestration.valve import reconcile_valve
from tt_pipeline.planning import Repeat, confirmations, confirmed_work, forget_old_edits
from tt_pipeline.quota import RequestLimit
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Bucket, Dataset

log = logging.getLogger(__name__)

_QUIET: Final = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_INTERRUPTIONS: Final = frozenset({"DagsterExecutionInterruptedError", "KeyboardInterrupt"})
_MOST_ROUNDS: Final = 3
"""After each round the due work is computed again, because found videos have creators and comments that are due too."""


_MADE_READABLE: Final = (
    "What may be in it was not requested, because it would be requested twice: make it readable (`chmod u+rwX`), or"
    " move it out of the landing folder if its pages are to be requested again."
)


_REBUILT: Final = (
    "{file} {why}; the warehouse was built again from the landed pages, without a request. Nothing needs to be done."
)


_NOTHING_YET: Final = "Nothing was collected yet, so nothing was published."


class _StepError(Protocol):
    """An error in Dagster's events."""

    @property
    def cls_name(self) -> str | None: ...
    @property
    def message(self) -> str: ...
    @property
    def cause(self) -> "_StepError | None": ...


class ShownProgress(ProgressListener, Protocol):
    """A progress listener that also keeps the reports and shows steps between pages."""

    reports: list[CollectReport]

    def say(self, what: str) -> None:
        """Show the current step."""
        ...


def collect_in_process(settings: Settings, request: CollectRequest, progress: ShownProgress) -> CollectOutcome:
    """Collect, load and publish; landed pages are published even if the quota is used up during the collection.

    What would be requested again and is not confirmed is left as it is; everything else is collected.

    Raises:
        ConfigurationError: The study or a setting is invalid; nothing was sent and nothing changed.
        WriterLocked: Another program has the writer's file open.
    """
    study = check_may_spend(settings)
    limit = RequestLimit(request.limit) if request.limit else None
    with open_workspace(settings, study) as workspace:
        why_rebuilt = check_writer_is_free(workspace)
        forget_old_yes(workspace, request)
        forget_old_edits(workspace)
        confirmations(workspace.files).add(request.confirmed, command=f"{request}")
        unconfirmed = missing_confirmations(workspace, request)
        if unconfirmed and not why_rebuilt and not _is_anything_else(workspace, request, unconfirmed):
            deliver_if_behind(workspace)
            return CollectOutcome(reports=(), unconfirmed=unconfirmed, confirm_above=study.quota.confirm_above)
        began_at, state = workspace.clock.now().timestamp(), present_state(workspace)
        if request.is_of_everything_due and not (unconfirmed or why_rebuilt) and has_nothing_to_do(workspace, state):
            return CollectOutcome(reports=())
        definitions = build_definitions(settings, study, progress=progress, limit=limit)
        with open_instance(settings.files, dagster_home=settings.dagster_home) as instance:
            end_dead_runs(instance, settings.files, leases_of_process(settings.ledger_place))
            follow_changes(workspace, instance)
            runner = _Runner(settings, workspace, definitions, instance, progress, unconfirmed, limit)
            failed, is_interrupted = _carried_out(runner, request)
            follow_changes(workspace, instance)
            sync_materializations(workspace, instance)
            publishes = _may_publish(workspace)
            failed += runner.publish() if publishes else []
            reconcile_valve(workspace, instance, pools_of(settings))
            if not is_interrupted:
                _prune(instance, settings)
        rebuilt = [_REBUILT.format(file=settings.files.writer, why=why_rebuilt)] if why_rebuilt and not failed else []
        outcome = CollectOutcome(
            reports=progress.reports,
            failed_steps=failed,
            is_interrupted=is_interrupted,
            notices=rebuilt + ([] if publishes else [_NOTHING_YET]),
            unconfirmed=unconfirmed,
            confirm_above=study.quota.confirm_above,
            limit_reached=runner.left_out[0] if runner.left_out else None,
            paused_checks=runner.paused_checks[0] if runner.paused_checks else None,
            requests_of_checks=sum(workspace.ledger.charged(run, Dataset.VALIDATIONS) for run in runner.check_runs),
        )
        _forget_confirmations(workspace, request, outcome)
        if request.is_of_everything_due and publishes and not runner.check_runs and outcome.is_empty:
            note_nothing_to_do(workspace, state, began_at)
        return outcome


def _carried_out(runner: "_Runner", request: CollectRequest) -> tuple[list[str], bool]:
    """The messages of failed steps, and whether somebody interrupted the collection."""
    try:
        return runner.carry_out(request), False
    except KeyboardInterrupt:
        return [], True


def _is_anything_else(workspace: Workspace, request: CollectRequest, unconfirmed: Sequence[Repeat]) -> bool:
    """Whether the request has work besides what nobody agreed to, or something to say of files that cannot be read."""
    if workspace.zone.index.unreadable or (request.again and not includes_again(unconfirmed)):
        return True
    if request.window is None:
        named = request.assets if request.is_selection else None
        return any(named is None or work.asset in named for work in confirmed_work(workspace).work)
    coverage = workspace.coverage()
    others = _as_batches(request.assets, request.window, edited_assets(unconfirmed))
    return any(needs_request(coverage, batch.assets, batch.window) for batch in others)


def _may_publish(workspace: Workspace) -> bool:
    """Whether something has landed, or was published before; otherwise an empty file would be published."""
    return bool(workspace.zone.index.number_of_files()) or workspace.files.published.exists()


def _forget_confirmations(workspace: Workspace, request: CollectRequest, outcome: CollectOutcome) -> None:
    """Forget the yes to what is complete, so that the next time somebody is asked again."""
    if request.again and outcome.is_complete and not includes_again(outcome.unconfirmed):
        again_file(workspace).finished(f"{request}")
        confirmations(workspace.files).forget_command(f"{request}")
    forget_old_edits(workspace)


def _as_batches(named: Sequence[str], window: Window, edited: Mapping[str, Repeat]) -> list[Batch]:
    """One batch for the searches with their comments and creators, and separate batches for lists.

    Args:
        named: The assets.
        window: Their days.
        edited: Searches that are collected without these outdated days, before the others.
    """
    of_videos = tuple(asset for asset in named if not list_of(asset) and asset not in edited)
    of_lists = [Work(asset=asset, window=window, reason="requested") for asset in named if list_of(asset)]
    of_edited = [
        Batch(assets=(asset,), window=span)
        for asset, repeat in edited.items()
        for span in spans_of_days(set(window.days) - set(repeat.days))
    ]
    together = [Batch(assets=of_videos, window=window)] if of_videos else []
    return of_edited + together + batches(of_lists, with_users=False)


def _prune(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Delete old runs; whatever prevents it, the collection has ended well, and the next one tries again."""
    try:
        prune_runs(instance, settings.retention_days)
    except Exception:
        log.warning("old runs were not deleted", exc_info=True)


@dataclass(frozen=True, slots=True)
class _Runner:
    settings: Settings
    workspace: Workspace
    definitions: dg.Definitions
    instance: dg.DagsterInstance
    progress: ShownProgress
    unconfirmed: Sequence[Repeat] = ()
    limit: RequestLimit | None = None
    left_out: list[RequestLimitReached] = field(default_factory=list)
    paused_checks: list[str] = field(default_factory=list)
    check_runs: list[str] = field(default_factory=list)

    def carry_out(self, request: CollectRequest) -> list[str]:
        """Run the request; returns the messages of failed steps that produced no report."""
        is_again = request.again and not includes_again(self.unconfirmed)
        again_since = again_file(self.workspace).since(f"{request}") if is_again else None
        # Checking what is stored comes first if nothing is named: it costs few requests, and comments can use up every
        # day's quota. What was restored cannot be published before it.
        is_named = bool(request.window or again_since or request.is_selection)
        checked = [] if is_named and not read_restored(self.workspace.files) else self.refresh()
        if request.window:
            named = _as_batches(request.assets, request.window, edited_assets(self.unconfirmed))
            return checked + self.collect(named, again_since=again_since)
        if again_since:
            return checked + self.collect(self.now_again(request.assets), again_since=again_since)
        if request.is_selection:
            return checked + self.collect_due(request.assets) + self.unreadable()
        return checked + self.collect_due() + self.unreadable()

    def unreadable(self) -> list[str]:
        """Why something may be due that was not requested: landed files that cannot be read."""
        found = self.workspace.zone.index.unreadable
        return [f"{found[0]}{_and_more(len(found) - 1)}. {_MADE_READABLE}"] if found else []

    def collect_due(self, named: Sequence[str] | None = None) -> list[str]:
        """Collect what is due, of these assets or of all, until nothing is left or the quota of a bucket is used up."""
        failed: list[str] = []
        for _ in range(_MOST_ROUNDS):
            stopped = _stopped(self.progress.reports)
            work = [work for work in confirmed_work(self.workspace).work if named is None or work.asset in named]
            can_continue = [work for work in work if quota_bucket(work.asset) not in stopped]
            if not can_continue or failed or self.left_out:
                break
            failed += self.collect(batches(can_continue, with_users=self.workspace.study.users.wanted))
        return failed

    def now_again(self, named: Sequence[str]) -> list[Batch]:
        """Batches that finish unfinished observations of these lists, and batches that observe them again today."""
        today = self.workspace.clock.now().date()
        unfinished = [
            work for work in due(self.workspace.coverage()) if work.asset in named and work.window.last_day < today
        ]
        now = [Work(asset=asset, window=Window(first_day=today, last_day=today), reason="again") for asset in named]
        return batches([*unfinished, *now], with_users=False)

    def collect(self, waiting: Sequence[Batch], *, again_since: datetime | None = None) -> list[str]:
        """Run the batches; returns the messages of failed steps that produced no report."""
        self._check_access(waiting, is_again=again_since is not None)
        failed: list[str] = []
        for batch in waiting:
            if self._is_beyond_limit(batch, is_again=again_since is not None):
                continue
            result = self.definitions.resolve_job_def(batch.job).execute_in_process(
                instance=self.instance,
                asset_selection=batch.keys(),
                tags=batch.tags(again_since=again_since) | dict(BY_COMMAND),
                run_config=_QUIET,
                raise_on_error=False,
            )
            try:
                failed += _failed_steps(result)
            except KeyboardInterrupt:
                self.instance.report_run_canceled(
                    result.dagster_run, message="Interrupted by the user; landed pages are kept."
                )
                raise
        return failed

    def _is_beyond_limit(self, batch: Batch, *, is_again: bool) -> bool:
        """Whether the batch needs a request that `--limit` does not allow; then it is left to the next command."""
        if not (self.limit and self.limit.is_reached):
            return False
        if is_again or needs_request(self.workspace.coverage(), batch.assets, batch.window):
            self.left_out.append(RequestLimitReached(self.limit.most))
        return bool(self.left_out)

    def _check_access(self, waiting: Sequence[Batch], *, is_again: bool) -> None:
        """Fetch a token before any run is created, so that wrong credentials change nothing; costs no quota."""
        coverage = self.workspace.coverage()
        if is_again or any(needs_request(coverage, batch.assets, batch.window) for batch in waiting):
            with open_session(self.settings, run_id="access", study=self.workspace.study) as session:
                session.api.sign_in()

    def refresh(self) -> list[str]:
        """Check what is stored if anything is due; returns the messages of failed steps."""
        if not _may_publish(self.workspace):
            return []
        state = refresh_state(self.workspace)
        if not state.is_anything_due:
            return []
        price, limit = price_of_checks(state), self.workspace.study.quota.confirm_above
        if read_restored(self.workspace.files) and price > limit:
            is_more = f"about {price:,} requests, more than quota.confirm_above ({limit:,})"
            return [f"Checking what was restored takes {is_more}: `tt refresh` does it."]
        self.progress.say("checking what is stored")
        job = self.definitions.resolve_job_def(REFRESH_JOB)
        result = job.execute_in_process(
            instance=self.instance, tags=dict(BY_COMMAND), run_config=_QUIET, raise_on_error=False
        )
        self.check_runs.append(result.run_id)
        own = [event.step_failure_data.user_failure_data for event in result.all_events if event.is_step_failure]
        said = [f"{each.description}" for each in own if each]
        run = self.instance.get_run_by_id(result.run_id)
        if run and is_paused(run.tags):
            self.paused_checks.extend(said)
            return []
        return _failed_steps(result) + said

    def publish(self) -> list[str]:
        """Load the landed pages and publish the warehouse; returns the messages of failed steps."""
        self.progress.say("loading and publishing")
        job = self.definitions.resolve_job_def(PUBLISH)
        result = job.execute_in_process(
            instance=self.instance, tags=dict(BY_COMMAND), run_config=_QUIET, raise_on_error=False
        )
        return _failed_steps(result)


def _and_more(number: int) -> str:
    return f", and {counted(number, 'more landed file')} or folders: `tt doctor` names them" if number else ""


def _stopped(reports: Sequence[CollectReport]) -> set[Bucket]:
    """Buckets to send no more requests to: a used-up quota stops its own bucket, any other reason stops both."""
    return {
        bucket
        for report in reports
        if report.stopped_because
        for bucket in ([quota_bucket(report.asset)] if report.paused else Bucket)
    }


_OURS: Final = re.compile(r"^tt_pipeline\.errors\.\w+: ")
"""Dagster puts the class before the sentence."""


def _failed_steps(result: dg.ExecuteInProcessResult) -> list[str]:
    """Messages of failed steps that produced no report.

    Raises:
        KeyboardInterrupt: The user interrupted the run.
    """
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    errors = [_root_cause(failure.error) for failure in failures if failure.error and not failure.user_failure_data]
    if any(error.cls_name in _INTERRUPTIONS for error in errors):
        raise KeyboardInterrupt
    return [_OURS.sub("", error.message.strip()) for error in errors]


def _root_cause(error: _StepError) -> _StepError:
    while error.cause:
        error = error.cause
    return error
