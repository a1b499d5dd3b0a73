"""When does it happen? Dagster's assets, partitions, jobs, schedules, sensors and checks.

The body of an asset calls one function of `ingestion/`, which runs and is tested without Dagster.
"""

from tt_pipeline.orchestration.build import build_definitions, without_study
from tt_pipeline.orchestration.in_process import CollectOutcome, CollectRequest, collect_in_process
from tt_pipeline.orchestration.instance import dagster_home, end_dead_runs, open_instance

__all__ = [
    "CollectOutcome",
    "CollectRequest",
    "build_definitions",
    "collect_in_process",
    "dagster_home",
    "end_dead_runs",
    "open_instance",
    "without_study",
]
