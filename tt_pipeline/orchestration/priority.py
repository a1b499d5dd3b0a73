"""Priority of daily runs over backfills: in the queue, in the quota, and while a backfill runs."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Final

import dagster as dg

from tt_pipeline.clock import Clock, today
from tt_pipeline.coverage import Workspace, quota_bucket
from tt_pipeline.orchestration.names import BACKFILL_TAG, DAY_TAG
from tt_pipeline.orchestration.requests import UNFINISHED
from tt_pipeline.planning import confirmed_work
from tt_pipeline.vocabulary import Bucket

_CHECK_EVERY_S: Final = 10.0
"""Seconds between two checks of the queue; each reads Dagster's database."""
_LIST_OF: Final = "tt_pipeline/list_requested"


def reserved_for_daily(workspace: Workspace, instance: dg.DagsterInstance) -> int:
    """Requests that a backfill must leave unused: the reserve, until the daily runs are done."""
    reserve = workspace.study.quota.reserve_for_daily
    return 0 if not reserve or list_is_done(workspace, instance) else reserve


def list_is_done(workspace: Workspace, instance: dg.DagsterInstance) -> bool:
    """Whether no daily run is left: all of today's have ended, today's list was empty, or nothing is due."""
    if listed_runs(instance, *UNFINISHED):
        return False
    day = today(workspace.clock)
    of_today = dg.RunsFilter(tags={DAY_TAG: f"{day}"})
    if instance.get_runs_count(of_today) > 0 or _noted_day(instance) == f"{day}":
        return True
    return all(quota_bucket(work.asset) is not Bucket.MAIN for work in confirmed_work(workspace).work)


def note_list_requested(instance: dg.DagsterInstance, day: date) -> None:
    """Note that every run of the day's list has been queued, even if there was none to queue."""
    if _noted_day(instance) != f"{day}":
        instance.daemon_cursor_storage.set_cursor_values({_LIST_OF: f"{day}"})


def _noted_day(instance: dg.DagsterInstance) -> str | None:
    return instance.daemon_cursor_storage.get_cursor_values({_LIST_OF}).get(_LIST_OF)


def listed_runs(instance: dg.DagsterInstance, *statuses: dg.DagsterRunStatus) -> list[dg.DagsterRun]:
    """Daily runs in one of these states."""
    return [run for run in instance.get_runs(dg.RunsFilter(statuses=statuses)) if DAY_TAG in run.tags]


class DailyRunWatch:
    """Tells a backfill run whether a daily run waits in the queue; for other runs always False."""

    def __init__(self, run: dg.DagsterRun, instance: dg.DagsterInstance) -> None:
        """The queue is first checked at the first call."""
        self._instance, self._is_backfill = instance, BACKFILL_TAG in run.tags
        self._checked_at, self._waits = float("-inf"), False

    def __call__(self) -> bool:
        """Whether a daily run waits, as of at most ten seconds ago."""
        if self._is_backfill and time.monotonic() - self._checked_at >= _CHECK_EVERY_S:
            self._checked_at = time.monotonic()
            self._waits = bool(listed_runs(self._instance, dg.DagsterRunStatus.QUEUED))
        return self._waits


class NewDayWatch:
    """Tells a backfill run whether the list of the present UTC day is done, so that the list uses its quota first."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        clock: Clock,
        open_workspace: Callable[[], AbstractContextManager[Workspace]],
    ) -> None:
        """The list is first checked at the first call."""
        self._instance, self._clock, self._open_workspace = instance, clock, open_workspace
        self._lock = threading.Lock()
        self._done_on: date | None = None

    def __call__(self) -> date | None:
        """The present UTC day if its list is done, else None."""
        with self._lock:
            if self._done_on != today(self._clock):
                with self._open_workspace() as workspace:
                    day = today(workspace.clock)
                    self._done_on = day if list_is_done(workspace, self._instance) else None
            return self._done_on
