"""When does it happen? Dagster's assets, partitions, jobs, schedules, sensors and checks.

The body of an asset calls one function of `ingestion/`, which runs and is tested without Dagster.
"""

from tt_pipeline.orchestration.alerting import every_trouble, look_for_troubles
from tt_pipeline.orchestration.build import build_definitions, without_study
from tt_pipeline.orchestration.collect_outcome import CollectOutcome
from tt_pipeline.orchestration.collect_request import CollectRequest, unconfirmed_repeats
from tt_pipeline.orchestration.in_process import collect_in_process
from tt_pipeline.orchestration.instance import end_dead_runs, open_instance
from tt_pipeline.orchestration.liveness import last_run, oldest_heartbeat
from tt_pipeline.orchestration.names import pools_of
from tt_pipeline.orchestration.requests import waiting_runs
from tt_pipeline.orchestration.study_edits import cancel_runs_without_assets
from tt_pipeline.orchestration.valve import close_valve

__all__ = [
    "CollectOutcome",
    "CollectRequest",
    "build_definitions",
    "cancel_runs_without_assets",
    "close_valve",
    "collect_in_process",
    "end_dead_runs",
    "every_trouble",
    "last_run",
    "look_for_troubles",
    "oldest_heartbeat",
    "open_instance",
    "pools_of",
    "unconfirmed_repeats",
    "waiting_runs",
    "without_study",
]
