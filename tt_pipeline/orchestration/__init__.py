"""When? Dagster only: assets, partitions, jobs, schedule, sensors, checks.

An asset body is one sentence. What it does is in `ingestion/`, which runs and is tested without Dagster.
"""

from tt_pipeline.orchestration.build import build_definitions, without_study

__all__ = ["build_definitions", "without_study"]
