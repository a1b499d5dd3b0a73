"""When Dagster's daemon and its runs last showed themselves, by the machine's clock."""

from datetime import UTC, datetime
from typing import Final

import dagster as dg

from tt_pipeline.orchestration.names import QUERY_CHANGED

_MOST_CHANGES: Final = 20


def oldest_heartbeat(instance: dg.DagsterInstance) -> datetime | None:
    """The latest sign of life of the part of the daemon that has been silent for longest; None if one never had any."""
    found = instance.get_daemon_heartbeats()
    needed = instance.get_required_daemon_types()
    if any(part not in found for part in needed):
        return None
    return datetime.fromtimestamp(min(found[part].timestamp for part in needed), UTC)


def last_run(instance: dg.DagsterInstance) -> tuple[str, str, datetime] | None:
    """Job, status and latest change of the latest run that did something; None without one."""
    for record in instance.get_run_records(limit=_MOST_CHANGES):
        run = record.dagster_run
        if run.job_name != QUERY_CHANGED:  # fails on purpose, and executes nothing
            return run.job_name, run.status.value, record.update_timestamp.astimezone(UTC)
    return None
