"""Dagster's own storage: one instance per data dir, with the settings the product needs."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import dagster as dg
import yaml

from tt_pipeline.orchestration.names import ALIVE_TAG
from tt_pipeline.safe_files import is_free, lease, write_whole
from tt_pipeline.settings import DataDir

SETTINGS: Final[dict[str, Any]] = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},
    "concurrency": {"pools": {"default_limit": 1, "granularity": "run"}, "runs": {"max_concurrent_runs": 4}},
    # A failed step is not retried (each try costs quota), a crashed process is; a pause requests its retry by tag.
    "run_retries": {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False},
    "run_monitoring": {
        "enabled": True,
        "start_timeout_seconds": 300,
        "max_resume_run_attempts": 0,
        "poll_interval_seconds": 30,
        "free_slots_after_run_end_seconds": 300,
    },
    "retention": {
        "schedule": {"purge_after_days": 90},
        "sensor": {"purge_after_days": {"skipped": 7, "failure": 30, "success": 90}},
    },
    "python_logs": {"managed_python_loggers": ["tt_pipeline"], "python_log_level": "INFO"},
}


def instance_settings(folder: Path) -> dict[str, Any]:
    """The content of dagster.yaml for an instance in this folder."""
    return {
        **SETTINGS,
        "storage": {"sqlite": {"base_dir": f"{folder}"}},
        "local_artifact_storage": {
            "module": "dagster.core.storage.root",
            "class": "LocalArtifactStorage",
            "config": {"base_dir": f"{folder}"},
        },
        "compute_logs": {
            "module": "dagster.core.storage.local_compute_log_manager",
            "class": "LocalComputeLogManager",
            "config": {"base_dir": f"{folder / 'logs'}"},
        },
    }


def dagster_home(files: DataDir) -> Path:
    """The DAGSTER_HOME of a data dir; writes its dagster.yaml."""
    home = files.dagster.resolve()
    home.mkdir(parents=True, exist_ok=True)
    write_whole(home / "dagster.yaml", yaml.safe_dump(instance_settings(home), sort_keys=False))
    return home


@contextmanager
def alive(files: DataDir) -> Iterator[dict[str, str]]:
    """Tags for the runs of this process, by which another process detects that this one has died.

    The kernel releases the lock when the process ends, however it ends; Dagster itself does not notice.
    """
    name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
    lock = _locks(files) / name
    with lease(lock):
        try:
            yield {ALIVE_TAG: name}
        finally:
            lock.unlink(missing_ok=True)


def end_dead_runs(instance: dg.DagsterInstance, files: DataDir, *, nobody_serves: bool = False) -> None:
    """Mark runs whose process has died as failed; until then they occupy a slot of their pool.

    Args:
        nobody_serves: Whether no daemon is running, so that runs without a lock are dead too.
    """
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])):
        name = run.tags.get(ALIVE_TAG)
        if is_free(_locks(files) / name) if name else nobody_serves:
            instance.report_run_failed(run, "The process of this run ended unexpectedly. Its landed pages are kept.")


def _locks(files: DataDir) -> Path:
    return files.internal / "alive"


def open_instance(files: DataDir) -> dg.DagsterInstance:
    """The data dir's Dagster instance, for runs in this process."""
    return dg.DagsterInstance.from_config(str(dagster_home(files)))
