"""Show in Dagster which days are complete: those that no run has recorded, for example because the run died first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

import dagster as dg
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from tt_pipeline.clock import today
from tt_pipeline.codebook.datasets import OF_FOUND_VIDEOS
from tt_pipeline.coverage import StudyCoverage, Workspace, days_between
from tt_pipeline.ingestion import COLLECTIONS, DayReport, video_reports
from tt_pipeline.orchestration.names import key_of, videos_key
from tt_pipeline.orchestration.partitions import days_of_study
from tt_pipeline.orchestration.recording import day_metadata
from tt_pipeline.studies import Search, Study

GREEN = AssetPartitionStatus.MATERIALIZED
_UNKNOWN = frozenset({None, AssetPartitionStatus.FAILED})
_DONE = frozenset({"complete", "capped"})
DayReports = Callable[[Sequence[date]], list[DayReport]]


def sync_materializations(workspace: Workspace, instance: dg.DagsterInstance) -> None:
    """Record every complete day that Dagster shows neither as materialized nor as being worked on."""
    days, coverage = past_days(workspace), workspace.coverage()
    for key, reports in reports_by_asset(coverage):
        shown = shown_days(instance, key, coverage.study, days)
        unknown = [day for day in days if shown.get(day) in _UNKNOWN]
        for report in reports([day for day in unknown if _may_be_complete(coverage, key, day)]):
            if report.status in _DONE:
                instance.report_runless_asset_event(
                    dg.AssetMaterialization(key, partition=f"{report.day}", metadata=day_metadata(report))
                )


def _may_be_complete(coverage: StudyCoverage, key: dg.AssetKey, day: date) -> bool:
    """False for most days of found videos that are not complete, without reading their videos."""
    (asset, *_) = key.path
    if asset not in OF_FOUND_VIDEOS:
        return True
    found = coverage.of_found_videos(asset)
    return found.rules.wanted and not found.needs_request(day)


def past_days(workspace: Workspace) -> list[date]:
    """The days of the study until yesterday."""
    yesterday = today(workspace.clock) - timedelta(days=1)
    last_day = min(workspace.study.last_day or yesterday, yesterday)
    return [] if last_day < workspace.study.first_day else days_between(workspace.study.first_day, last_day)


def shown_days(
    instance: dg.DagsterInstance, key: dg.AssetKey, study: Study, days: Sequence[date]
) -> Mapping[date, AssetPartitionStatus | None]:
    """What the UI shows of each of these days; a run that failed since takes the green of a materialized day."""
    shown = instance.get_status_by_partition(key, [f"{day}" for day in days], days_of_study(study)) or {}
    return {date.fromisoformat(day): status for day, status in shown.items()}


def reports_by_asset(coverage: StudyCoverage) -> Iterator[tuple[dg.AssetKey, DayReports]]:
    """The assets whose partitions are days of videos, each with the function that reports some of its days."""
    for search in coverage.study.searches:
        yield videos_key(search.name), partial(_of_search, coverage, search)
    for asset, collection in COLLECTIONS.items():
        yield key_of(asset), partial(_of_found_videos, coverage, collection.report)


def _of_found_videos(
    coverage: StudyCoverage, report: Callable[[StudyCoverage, date], DayReport], days: Sequence[date]
) -> list[DayReport]:
    return [report(coverage, day) for day in days]


def _of_search(coverage: StudyCoverage, search: Search, days: Sequence[date]) -> list[DayReport]:
    return video_reports(coverage, search, days)
