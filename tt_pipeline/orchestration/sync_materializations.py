"""Record complete days in Dagster that no run has recorded, for example because the run died first."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial

import dagster as dg

from tt_pipeline.clock import today
from tt_pipeline.coverage import StudyCoverage, Workspace, days_between
from tt_pipeline.ingestion import COLLECTIONS, DayReport, video_reports
from tt_pipeline.orchestration.names import key_of, videos_key
from tt_pipeline.orchestration.recording import day_metadata
from tt_pipeline.studies import Search

_DONE = frozenset({"complete", "capped"})
_State = Callable[[StudyCoverage, Sequence[date]], list[DayReport]]


def sync_materializations(workspace: Workspace, instance: dg.DagsterInstance) -> None:
    """Record every complete day that Dagster does not show as materialized."""
    yesterday = today(workspace.clock) - timedelta(days=1)
    last_day = min(workspace.study.last_day or yesterday, yesterday)
    if last_day < workspace.study.first_day:
        return
    days, coverage = days_between(workspace.study.first_day, last_day), workspace.coverage()
    for key, state in _states(coverage):
        marked = instance.get_materialized_partitions(key)
        unmarked = [day for day in days if f"{day}" not in marked]
        for report in state(coverage, unmarked):
            if report.status in _DONE:
                instance.report_runless_asset_event(
                    dg.AssetMaterialization(key, partition=f"{report.day}", metadata=day_metadata(report))
                )


def _states(coverage: StudyCoverage) -> Iterator[tuple[dg.AssetKey, _State]]:
    for search in coverage.study.searches:
        yield videos_key(search.name), partial(_of_search, search)
    for asset, collection in COLLECTIONS.items():
        yield key_of(asset), partial(_of_found_videos, collection.report)


def _of_found_videos(
    report: Callable[[StudyCoverage, date], DayReport], coverage: StudyCoverage, days: Sequence[date]
) -> list[DayReport]:
    return [report(coverage, day) for day in days]


def _of_search(search: Search, coverage: StudyCoverage, days: Sequence[date]) -> list[DayReport]:
    return video_reports(coverage, search, days)
