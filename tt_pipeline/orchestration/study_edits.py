"""The study file can be edited while Dagster works with definitions of an earlier version.

Then only what both versions have can be requested, until the definitions are loaded again. A run that is still in the
queue reads the file when it starts, so it is cancelled if the file no longer has its assets or days, and it sends
nothing if somebody has to agree first to what the edit costs. While the file cannot be read, every new run would fail,
so all runs wait in the queue.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import dagster as dg

from tt_pipeline.codebook.datasets import OF_FOUND_VIDEOS
from tt_pipeline.coverage import Work, Workspace, asset_of, list_of
from tt_pipeline.orchestration.names import RANGE_END_TAG, RANGE_START_TAG
from tt_pipeline.orchestration.requests import is_collecting
from tt_pipeline.planning import unconfirmed_edits, waiting_sentence
from tt_pipeline.studies import Study

_CANCELLED: Final = (
    "The study was edited and no longer has {missing}. Nothing was sent; what is due by the edited study is requested "
    "again."
)


def is_edited(study: Study, *, loaded: Study) -> bool:
    """Whether the study differs from the one of the loaded definitions."""
    return study.version != loaded.version


def edit_notice(study: Study) -> str:
    """What to tell a person whose edit is not in force yet."""
    return (
        f"{study.file.name} was edited; reload the definitions (`tt up` does so within seconds; "
        "in the UI, click Reload under Deployment, Code locations). Until then, only what was not edited is requested."
    )


def requestable(work: Sequence[Work], *, loaded: Study, today: date) -> list[Work]:
    """The work that the loaded definitions have assets and partitions for."""
    assets = _assets_of(loaded)
    return [piece for piece in work if piece.asset in assets and _has_days(piece, loaded, today)]


def _has_days(piece: Work, loaded: Study, today: date) -> bool:
    last_day = today if list_of(piece.asset) else min(loaded.last_day or today, today)
    return loaded.first_day <= piece.window.first_day and piece.window.last_day <= last_day


def cancel_runs_without_assets(instance: dg.DagsterInstance, study: Study) -> None:
    """Cancel the queued runs that would fail, because the study has their assets or days no more.

    Args:
        study: The study as its file says now, which a run reads when it starts.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])):
        if is_collecting(run) and (missing := _missing(run, study)):
            instance.report_run_canceled(run, message=_CANCELLED.format(missing=", ".join(missing)))


def check_edits(context: dg.AssetExecutionContext, workspace: Workspace) -> None:
    """Check that the days of a run of the schedule or sensor do not wait for a yes; it was requested before the edit.

    The sensor requests afterwards what needs no yes.

    Raises:
        Failure: They do. Nothing was sent.
    """
    asset, days = "/".join(context.asset_key.path), {date.fromisoformat(key) for key in context.partition_keys}
    unconfirmed = unconfirmed_edits(workspace.files, workspace.coverage()) if asset.startswith("videos/") else []
    if any(repeat.asset == asset and days.intersection(repeat.days) for repeat in unconfirmed):
        waits = waiting_sentence(unconfirmed, limit=workspace.study.quota.confirm_above)
        raise dg.Failure(f"The query was edited after this run was requested. {waits}", allow_retries=False)


def _missing(run: dg.DagsterRun, study: Study) -> list[str]:
    """The assets of a run that the study does not have, or else its days."""
    assets = {"/".join(key.path) for key in run.asset_selection or ()}
    if removed := assets - _assets_of(study):
        return sorted(removed)
    day = run.tags.get("dagster/partition")
    first, last = run.tags.get(RANGE_START_TAG, day), run.tags.get(RANGE_END_TAG, day)
    ends = None if any(list_of(asset) for asset in assets) else study.last_day
    if not (first and last) or (f"{study.first_day}" <= first and (ends is None or last <= f"{ends}")):
        return []
    return [f"the days {first} to {last}"]


def _assets_of(study: Study) -> set[str]:
    """The collecting assets of a study."""
    of_lists = {asset_of(account_list) for account_list in (study.accounts.lists if study.accounts else ())}
    return {f"videos/{search.name}" for search in study.searches} | set(OF_FOUND_VIDEOS) | of_lists
