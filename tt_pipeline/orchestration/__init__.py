"""When does it happen? Dagster's assets, partitions, jobs, schedules, sensors and checks.

The body of an asset calls one function of `ingestion/`, which runs and is tested without Dagster.
"""

from tt_pipeline.orchestration.alerting import look_for_troubles
from tt_pipeline.orchestration.build import build_definitions, without_study
from tt_pipeline.orchestration.collect_request import CollectRequest, unconfirmed_repeats
from tt_pipeline.orchestration.dagster_home import home_of
from tt_pipeline.orchestration.in_process import CollectOutcome, collect_in_process
from tt_pipeline.orchestration.instance import end_dead_runs, open_instance
from tt_pipeline.orchestration.names import LOCATION
from tt_pipeline.orchestration.study_edits import cancel_runs_without_assets, version_of
from tt_pipeline.orchestration.valve import close_valve

__all__ = [
    "LOCATION",
    "CollectOutcome",
    "CollectRequest",
    "build_definitions",
    "cancel_runs_without_assets",
    "close_valve",
    "collect_in_process",
    "end_dead_runs",
    "home_of",
    "look_for_troubles",
    "open_instance",
    "unconfirmed_repeats",
    "version_of",
    "without_study",
]
