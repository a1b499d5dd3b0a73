"""Whose turn it is: the day's own list comes before backfills, in the queue, in the quota and in mid-run."""

import time
from typing import Final

import dagster as dg

from tt_pipeline.clock import today
from tt_pipeline.coverage import Workspace, bucket_of, due
from tt_pipeline.orchestration.names import BACKFILL_TAG, DAY_TAG
from tt_pipeline.orchestration.requests import UNFINISHED
from tt_pipeline.vocabulary import Bucket

_ASK_EVERY_S: Final = 10.0
"""Between two looks at the queue: each reads Dagster's database, and requests are milliseconds apart."""


def reserved_for_daily(workspace: Workspace, instance: dg.DagsterInstance) -> int:
    """Requests that a backfill must leave now: the reserve, until the day's list is done."""
    reserve = workspace.study.quota.reserve_for_daily
    return 0 if not reserve or list_is_done(workspace, instance) else reserve


def list_is_done(workspace: Workspace, instance: dg.DagsterInstance) -> bool:
    """Whether nothing of the day's own list is to come: it was requested and has ended, or there is nothing on it."""
    if listed_runs(instance, *UNFINISHED):
        return False
    of_today = dg.RunsFilter(tags={DAY_TAG: f"{today(workspace.clock)}"})
    if instance.get_runs_count(of_today) > 0:
        return True
    return all(bucket_of(work.asset) is not Bucket.MAIN for work in due(workspace.coverage()))


def listed_runs(instance: dg.DagsterInstance, *statuses: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
    """Runs of a day's own list in one of these states."""
    return [run for run in instance.get_runs(dg.RunsFilter(statuses=statuses)) if DAY_TAG in run.tags]


class DailyRunWatch:
    """Tells a backfill's run whether a run of the day's list waits for it; others are in nobody's way."""

    def __init__(self, run: dg.DagsterRun, instance: dg.DagsterInstance) -> None:
        """Nothing is asked yet."""
        self._instance, self._is_backfill = instance, BACKFILL_TAG in run.tags
        self._asked_at, self._waits = float("-inf"), False

    def __call__(self) -> bool:
        """Whether one waits, as of some seconds ago."""
        if self._is_backfill and time.monotonic() - self._asked_at >= _ASK_EVERY_S:
            self._asked_at = time.monotonic()
            self._waits = bool(listed_runs(self._instance, dg.DagsterRunStatus.QUEUED))
        return self._waits
