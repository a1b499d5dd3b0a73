"""The valve: a pool's limit is 0 while its bucket is used up, so that runs stay in the queue instead of failing.

Only `reconcile_valve` opens it. The function is idempotent; the pausing run, the sensor, the schedule and `tt collect`
call it. While the study file cannot be read, all pools are closed, because every run would fail.
"""

from datetime import datetime, time
from typing import Final

import dagster as dg

from tt_pipeline.coverage import Workspace
from tt_pipeline.errors import TtPipelineError
from tt_pipeline.orchestration.names import BACKFILL_TAG, Pools
from tt_pipeline.orchestration.priority import list_is_done, listed_runs, reserved_for_daily
from tt_pipeline.orchestration.requests import UNFINISHED, unfinished_runs
from tt_pipeline.quota import BucketUse, may_send
from tt_pipeline.studies import read_study
from tt_pipeline.vocabulary import Bucket

OPENS_AT: Final = time(0, 5)
"""After 00:02 UTC, when the schedule queues the daily run, so that this run is first. The quota sensor requests nothing
before it either."""


def reconcile_valve(workspace: Workspace, instance: dg.DagsterInstance, pools: Pools) -> None:
    """Set each pool's limit to what its bucket allows, or to 0 while the study file cannot be read.

    A run that began before an edit calls this too, and knows only the study of its beginning.
    """
    try:
        read_study(workspace.study.file)
    except (TtPipelineError, OSError):
        close_valve(instance, pools)
        return
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return
    limits = {pool.name: pool.limit for pool in storage.get_pool_limits()}
    for bucket in Bucket:
        pool = pools.of(bucket)
        kept = _kept(workspace, instance) if bucket is Bucket.MAIN else 0
        wanted = wanted_limit(workspace.use(bucket), workspace.clock.now(), is_open=limits.get(pool, 1) > 0, kept=kept)
        if bucket is Bucket.MAIN and wanted and _is_list_first(workspace, instance):
            wanted = 0
        if limits.get(pool) != wanted:
            storage.set_concurrency_slots(pool, wanted)
    if limits.get(pools.writer) == 0:
        storage.set_concurrency_slots(pools.writer, 1)


def close_valve(instance: dg.DagsterInstance, pools: Pools) -> None:
    """Keep every run in the queue, until `reconcile_valve` is called again."""
    storage = instance.event_log_storage
    if not storage.supports_global_concurrency_limits:
        return
    limits = {pool.name: pool.limit for pool in storage.get_pool_limits()}
    for pool in pools.every:
        if limits.get(pool) != 0:
            storage.set_concurrency_slots(pool, 0)


def _is_list_first(workspace: Workspace, instance: dg.DagsterInstance) -> bool:
    """Whether backfills are queued or running and today's list is due, but not queued yet."""
    if listed_runs(instance, *UNFINISHED):
        return False
    has_backfills = any(BACKFILL_TAG in run.tags for run in unfinished_runs(instance))
    return has_backfills and not list_is_done(workspace, instance)


def _kept(workspace: Workspace, instance: dg.DagsterInstance) -> int:
    """Requests that queued runs must not use: the reserve, while only backfills are queued."""
    return 0 if listed_runs(instance, *UNFINISHED) else reserved_for_daily(workspace, instance)


def wanted_limit(use: BucketUse, now: datetime, *, is_open: bool, kept: int = 0) -> int:
    """The limit for a pool: 0 closes it, 1 opens it."""
    return int(may_send(use, reserve=kept) and (is_open or now.time() >= OPENS_AT))


def is_open(instance: dg.DagsterInstance, pool: str) -> bool:
    """Whether runs that need the pool may start."""
    limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}
    return limits.get(pool, 1) > 0


def duration(seconds: float) -> str:
    """Seconds as hours and minutes, for example `3 h 12 min`."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
