"""Open the data dir's Dagster instance, and recognise runs whose process has died."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from tt_pipeline.clock import real_now
from tt_pipeline.coverage import alive_folder
from tt_pipeline.data_dir import DataDir
from tt_pipeline.leases import ONE_MACHINE, Leases
from tt_pipeline.orchestration.dagster_home import prepare_home
from tt_pipeline.safe_files import is_free, keep_lease, lease_within

log = logging.getLogger(__name__)

_OUTPUT_IS_NOT_CAPTURED: Final = {
    "compute_logs": {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}
}
"""For runs in this process: Dagster would start three processes for each step to show its output in the UI too, and
these print tracebacks after Ctrl-C, which a terminal sends to all of them."""
_LONGEST_START_S: Final = 60
_WORKING: Final = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
_LONGEST_WITHOUT_LOCK: Final = timedelta(minutes=5)
"""A run locks its file when its first step begins, seconds after its start."""


def open_instance(files: DataDir, *, dagster_home: Path | None = None) -> dg.DagsterInstance:
    """The data dir's Dagster instance, for runs in this process.

    Args:
        files: The data dir.
        dagster_home: DAGSTER_HOME; None if it is not set.

    Raises:
        ForeignInstance: DAGSTER_HOME is not the instance of this data dir, or belongs to another one.
    """
    with starting(files):
        home = InstanceRef.from_dir(str(prepare_home(files, dagster_home)), overrides=_OUTPUT_IS_NOT_CAPTURED)
        return dg.DagsterInstance.from_ref(home)


@contextmanager
def starting(files: DataDir) -> Iterator[None]:
    """Let one process at a time create the files of the instance; the others wait for up to a minute, then go on.

    Dagster's storage stays unusable if two processes create it at once (seen on 1.13: two alembic heads).
    """
    with lease_within(files.internal / "starting.lock", _LONGEST_START_S) as is_alone:
        if not is_alone:
            log.warning("another process has been starting on %s for %d s; going on", files.root, _LONGEST_START_S)
        yield


def show_alive(files: DataDir, run_id: str, note: str = "", *, leases: Leases = ONE_MACHINE) -> None:
    """Hold a lock file for the run until this process ends, so that other processes see that the run still works.

    The kernel releases the lock when the process ends, however it ends; Dagster itself does not notice. The lock
    outlives the run's steps, because Dagster records the end of the run after them.

    Args:
        files: The data dir.
        run_id: The run.
        note: What `coverage.run_note` returned for the run; `tt status` shows it.
        leases: Where other machines see it.
    """
    keep_lease(alive_folder(files) / run_id, note)
    leases.keep(_name_of(run_id))


def end_dead_runs(instance: dg.DagsterInstance, files: DataDir, leases: Leases = ONE_MACHINE) -> None:
    """Mark runs whose process has died as failed; until then they occupy a slot of their pool."""
    # Listed before the runs: a lock without a run that works is then of a run that has ended.
    locks = list(alive_folder(files).glob("[!.]*"))
    working = {record.dagster_run.run_id: record for record in instance.get_run_records(_WORKING)}
    for run_id, record in working.items():
        if _has_died(record, alive_folder(files) / run_id) and not leases.is_held(_name_of(run_id)):
            # Read again: the run may have ended normally since.
            for run in instance.get_runs(dg.RunsFilter(run_ids=[run_id], statuses=_WORKING.statuses)):
                message = "The process of this run ended unexpectedly. Its landed pages are kept."
                instance.report_run_failed(run, message)
    for lock in locks:
        if lock.name not in working and is_free(lock):
            lock.unlink(missing_ok=True)


def _name_of(run_id: str) -> str:
    return f"run/{run_id}"


def _has_died(record: dg.RunRecord, lock: Path) -> bool:
    """Whether nobody on this machine holds the run's lock; a run that has just begun has no lock yet."""
    if lock.exists():
        return is_free(lock)
    return real_now() - record.update_timestamp > _LONGEST_WITHOUT_LOCK
